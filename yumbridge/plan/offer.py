"""What repositories have of names that are not met, as the engine answers it."""

from __future__ import annotations

from typing import Final

import msgspec


class OfferedBuild(msgspec.Struct, frozen=True, array_like=True):
    """A build that this host could have."""

    evr: str
    arch: str
    repo_id: str


class Offer(msgspec.Struct, frozen=True, array_like=True):
    """What there is of a name.

    `builds` are those that can be seen, the newest first; `similar` the names that it may be a slip of, the nearest
    first, when there is no build; `streams` the module streams, "module:stream", that have packages of that name.
    """

    name: str
    builds: tuple[OfferedBuild, ...] = ()
    similar: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()


class OfferedStreams(msgspec.Struct, frozen=True, array_like=True):
    """The sorted streams of a module."""

    module: str
    streams: tuple[str, ...]


class Offers(msgspec.Struct, frozen=True):
    """What there is of every name and module that was asked for, in their order."""

    names: tuple[Offer, ...] = ()
    modules: tuple[OfferedStreams, ...] = ()

    def of(self, name: str) -> Offer:
        """Return what there is of a name."""
        return next((offer for offer in self.names if offer.name == name), Offer(name))

    def streams_of(self, module: str) -> tuple[str, ...]:
        """Return the streams of a module."""
        return next((offered.streams for offered in self.modules if offered.module == module), ())


NO_OFFERS: Final = Offers()
