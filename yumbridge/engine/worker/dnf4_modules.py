"""Module streams, as the desired state wants them: nothing of the root's own module state has a part in it."""

import os

import dnf.exceptions
import dnf.module.module_base
import libdnf.module


class Modules:
    """The module streams of one session. Without module metadata in any repository there is nothing to do."""

    def __init__(self, base, streams):
        self._base = base
        self._streams = streams
        self._present = any(repo.get_metadata_path("modules") for repo in base.repos.iter_enabled())
        self.problems = []
        if self._present:
            self._reset()

    def _reset(self):
        """Start from no state at all, then enable and disable what is asked for."""
        base = self._base
        # The container that fill_sack() makes reads modules.d and the defaults of the root.
        nowhere = os.path.join(base.conf.persistdir, "no-modules")
        os.makedirs(nowhere, mode=0o700, exist_ok=True)
        base.sack._moduleContainer = libdnf.module.ModulePackageContainer(  # noqa: SLF001 - it takes no other
            False,  # noqa: FBT003 - not all arches
            nowhere,
            base.conf.substitutions["arch"],
            base.conf.persistdir,
        )
        base.sack.reset_module_excludes()
        base._setup_modular_excludes()  # noqa: SLF001 - its arguments differ from release to release
        self.problems = []
        wanted = dnf.module.module_base.ModuleBase(base)
        for number, stream in enumerate(self._streams):
            spec = stream["name"] + (":" + stream["stream"] if stream["stream"] else "")
            try:
                (wanted.enable if stream["enabled"] else wanted.disable)([spec])
            except dnf.exceptions.Error as error:
                self.problems.append([number, self._why_not(stream, error)])

    @property
    def unused(self):
        """The numbers of the streams that no repository can have, for want of any module metadata."""
        return [] if self._present else list(range(len(self._streams)))

    def _why_not(self, stream, error):
        streams = self.streams_of(stream["name"])
        if not streams:
            return "no repository has a module %s" % stream["name"]
        if stream["stream"] and stream["stream"] not in streams:
            return "module %s has no stream %s; there is %s" % (stream["name"], stream["stream"], ", ".join(streams))
        return "module %s: %s" % (stream["name"], " ".join(str(error).split()))

    def streams_of(self, name):
        """Return the sorted streams of a module."""
        if not self._present:
            return []
        return sorted({module.getStream() for module in self._container.query(name, "", "", "", "")})

    def streams_with(self, names):
        """Return the sorted "module:stream" that have packages of each of some names, by that name."""
        found = {name: set() for name in names}
        for module in self._container.getModulePackages() if self._present else ():
            for artifact in module.getArtifacts():
                name = artifact.rsplit("-", 2)[0]
                if name in found:
                    found[name].add(module.getName() + ":" + module.getStream())
        return {name: sorted(streams) for name, streams in found.items()}

    @property
    def _container(self):
        return self._base._moduleContainer  # noqa: SLF001 - the only way to it

    def states_with(self, packages):
        """Return sorted [name, stream, state] of every module that is enabled or disabled once `packages` are in.

        Packages of a default stream enable it, as they do when dnf installs them. The next closure starts anew.
        """
        if not self._present:
            return []
        container = self._container
        self._base.sack.set_modules_enabled_by_pkgset(container, packages)
        names = sorted({module.getName() for module in container.getModulePackages()})
        states = []
        for name in names:
            if container.isEnabled(name, container.getEnabledStream(name)):
                states.append([name, container.getEnabledStream(name), "enabled"])
            elif container.isDisabled(name):
                states.append([name, "", "disabled"])
        self._reset()
        return states
