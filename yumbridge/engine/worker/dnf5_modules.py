"""Module streams, as the desired state wants them: nothing of the root's own module state has a part in it."""

import json
import os

import libdnf5.base
import libdnf5.rpm

import dnf5_modulemd
from metadata import content

_ENABLED, _DISABLED = "enabled", "disabled"
_STATE = "usr/lib/sysimage/libdnf5/modules.toml"


def write_state(root, states):
    """Write the module state of a root, {module: stream or None for a disabled one}, as libdnf5 keeps it."""
    path = os.path.join(root, _STATE)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    lines = ['version = "1.0"', "[modules]"]
    for name, stream in sorted(states.items()):
        state = "Disabled" if stream is None else "Enabled"
        # A text in JSON is one in TOML.
        lines += ["[modules.%s]" % json.dumps(name), "enabled_stream = %s" % json.dumps(stream or "")]
        lines += ["state = %s" % json.dumps(state), "installed_profiles = []"]
    with open(path, "w", encoding="utf-8") as handle:
        handle.write("\n".join(lines) + "\n")


class Modules:
    """The module streams of some repositories. Without module metadata in any there is nothing to do.

    `states` is what is asked for and can be had: {module: stream or None for a disabled one}.
    """

    def __init__(self, repos, wanted):
        paths = [path for path in (repo.get_metadata_path("modules") for _, repo in sorted(repos.items())) if path]
        self._present = bool(paths)
        self._streams, self._defaults = dnf5_modulemd.read(map(content, paths)) if paths else ([], {})
        self._wanted = wanted
        self._numbers = {}
        self.problems = []
        self.states = {}
        for number, stream in enumerate(wanted if self._present else ()):
            self._add(number, stream)

    def _add(self, number, stream):
        why = self._why_not(stream)
        name = stream["name"]
        found = stream["stream"] or self._stream_of(name) if stream["enabled"] else None
        if not why and name in self.states and self.states[name] != found:
            why = "module %s is asked for in two ways" % name
        if why:
            self.problems.append([number, why])
        else:
            self.states[name] = found
            self._numbers[name] = number

    def _why_not(self, stream):
        streams = self.streams_of(stream["name"])
        if not streams:
            return "no repository has a module %s" % stream["name"]
        if stream["stream"] and stream["stream"] not in streams:
            return "module %s has no stream %s; there is %s" % (stream["name"], stream["stream"], ", ".join(streams))
        if stream["enabled"] and not stream["stream"] and not self._stream_of(stream["name"]):
            return "module %s has no default stream; there is %s" % (stream["name"], ", ".join(streams))
        return ""

    def _stream_of(self, name):
        """Return the stream that a module without any stands for: its default, or the only one."""
        streams = self.streams_of(name)
        return self._defaults.get(name) or (streams[0] if len(streams) == 1 else "")

    def solve(self, base):
        """Find out whether what is enabled can be had together: `base` has it in its state."""
        transaction = libdnf5.base.Goal(base).resolve()
        problems = transaction.get_problems()
        if problems:
            told = " ".join(" ".join(transaction.get_resolve_logs_as_strings()).split())
            blamed = [name for name in sorted(self._numbers) if "module %s:" % name in told] or sorted(self._numbers)
            self.problems += [[self._numbers[name], "module %s: %s" % (name, told)] for name in blamed]
            self.problems.sort()
        self._add_required(base)

    @property
    def unused(self):
        """The numbers of the streams that no repository can have, for want of any module metadata."""
        return [] if self._present else list(range(len(self._wanted)))

    def _add_required(self, base):
        """Enable what the enabled streams need, as dnf does: the stream of which libdnf5 lets packages be seen."""
        requirable = {module for stream in self._streams for module in stream.requires}
        artifacts = [each for stream in self._streams if stream.module in requirable for each in stream.artifacts]
        modular = libdnf5.rpm.PackageQuery(base)
        modular.filter_name(sorted({artifact.rsplit("-", 2)[0] for artifact in artifacts}))
        seen = {package.get_full_nevra() for package in modular}
        waiting = [name for name, stream in self.states.items() if stream is not None]
        while waiting:
            name = waiting.pop()
            needed = set()
            for stream in self._streams:
                if (stream.module, stream.name) == (name, self.states[name]):
                    needed.update(stream.requires)
            for stream in self._streams:
                is_active = stream.module in needed and not seen.isdisjoint(stream.artifacts)
                if is_active and stream.module not in self.states:
                    self.states[stream.module] = stream.name
                    waiting.append(stream.module)

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
        states = {n: ("", _DISABLED) if s is None else (s, _ENABLED) for n, s in self.states.items()}
        present = {package.of.get_full_nevra() for package in packages} if self._defaults else set()
        for stream in self._streams:
            is_default = self._defaults.get(stream.module) == stream.name and stream.module not in states
            if is_default and not present.isdisjoint(stream.artifacts):
                states[stream.module] = (stream.name, _ENABLED)
        return sorted([name, stream, state] for name, (stream, state) in states.items())
