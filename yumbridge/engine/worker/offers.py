"""What the loaded repositories have of names that are not met: builds, names that are written alike, module streams."""

from closure import evr_text
from spelling import Spellings, spellings


class Offers:
    """What one session can offer a host: nothing that is excluded, and nothing for other arches."""

    def __init__(self, session):
        self._session = session
        self._query = session.offered().filter(arch=session.arches())

    def read(self, names, modules):
        """Return [name, builds, similar names, "module:stream"s] per name, and [module, streams] per module."""
        known = {package.name for package in self._query} if names else set()
        near = None if known.issuperset(names) else Spellings(known)
        streams = self._session.modules.streams_with(names)
        return {
            "names": [
                [name, self._builds(name), [] if name in known else self._similar(name, near), streams[name]]
                for name in names
            ],
            "modules": [[name, self._session.modules.streams_of(name)] for name in modules],
        }

    def _builds(self, name):
        """Return [EVR, arch, repo id] of every build of a name, the newest first."""
        found = sorted(self._query.filter(name=name), key=lambda p: (p.arch, p.reponame))
        return [[evr_text(p), p.arch, p.reponame] for p in sorted(found, reverse=True)]

    def _similar(self, name, known):
        """Return the names that it may be a slip of; those that provide it in another spelling come last."""
        found = known.similar(name)
        others = spellings(name)
        providers = {package.name for package in self._query.filter(provides=others)} if others else set()
        return found + sorted(providers.difference(found))
