"""Module streams, as the desired state wants them: nothing of the root's own module state has a part in it."""

import libdnf5.base

import dnf5_modulemd
from metadata import content

_ENABLED, _DISABLED = "enabled", "disabled"


class Modules:
    """The module streams of one Base. Without module metadata in any repository there is nothing to do."""

    def __init__(self, base, repos, wanted):
        paths = [path for path in (repo.get_metadata_path("modules") for _, repo in sorted(repos.items())) if path]
        self._present = bool(paths)
        self._streams, self._defaults = dnf5_modulemd.read(map(content, paths)) if paths else ([], {})
        self._wanted = wanted
        self._base = base
        self.problems = []
        if self._present:
            self._apply()

    def _apply(self):
        """Enable and disable what is asked for, one after the other, so that each problem has its stream."""
        for number, stream in enumerate(self._wanted):
            goal = libdnf5.base.Goal(self._base)
            spec = stream["name"] + (":" + stream["stream"] if stream["stream"] else "")
            add = goal.add_module_enable if stream["enabled"] else goal.add_module_disable
            missing = self._missing(stream)
            if missing:
                self.problems.append([number, missing])
                continue
            add(spec, libdnf5.base.GoalJobSettings())
            transaction = goal.resolve()
            if transaction.get_problems():
                told = " ".join(" ".join(transaction.get_resolve_logs_as_strings()).split())
                self.problems.append([number, "module %s: %s" % (stream["name"], told)])

    @property
    def unused(self):
        """The numbers of the streams that no repository can have, for want of any module metadata."""
        return [] if self._present else list(range(len(self._wanted)))

    def _missing(self, stream):
        streams = self.streams_of(stream["name"])
        if not streams:
            return "no repository has a module %s" % stream["name"]
        if stream["stream"] and stream["stream"] not in streams:
            return "module %s has no stream %s; there is %s" % (stream["name"], stream["stream"], ", ".join(streams))
        return ""

    def streams_of(self, name):
        """Return the sorted streams of a module."""
        return sorted({stream.name for stream in self._streams if stream.module == name})

    def streams_with(self, names):
        """Return the sorted "module:stream" that have packages of each of some names, by that name."""
        found = {name: set() for name in names}
        for stream in self._streams:
            for artifact in stream.artifacts:
                name = artifact.rsplit("-", 2)[0]
                if name in found:
                    found[name].add(stream.module + ":" + stream.name)
        return {name: sorted(streams) for name, streams in found.items()}

    def states_with(self, packages):
        """Return sorted [name, stream, state] of every module that is enabled or disabled once `packages` are in.

        Packages of a default stream enable it, as they do when dnf installs them.
        """
        states = {}
        failed = {number for number, _ in self.problems}
        for number, stream in enumerate(self._wanted if self._present else ()):
            if number not in failed:
                name = stream["stream"] or self._defaults.get(stream["name"], "")
                states[stream["name"]] = (name, _ENABLED) if stream["enabled"] else ("", _DISABLED)
        present = {package.of.get_full_nevra() for package in packages} if self._defaults else set()
        for stream in self._streams:
            is_default = self._defaults.get(stream.module) == stream.name and stream.module not in states
            if is_default and not present.isdisjoint(stream.artifacts):
                states[stream.module] = (stream.name, _ENABLED)
        return sorted([name, stream, state] for name, (stream, state) in states.items())
