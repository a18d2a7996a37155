"""The coverage of packages by advisories: which entries a snapshot meets, and which advisories it holds in part.

An entry is met by the package that it names, or by a later build of the same name and arch: what a client asks dnf
about an older advisory is answered by the build that came after it. An advisory stays as long as one of its entries is
met, with those entries, so that what is frozen depends on what is held and on nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from snapshots.choice.capability import evr_key
from snapshots.content.package import StoredPackage
from snapshots.content.provenance import PartialAdvisory
from yumbridge.rpm.advisory import Advisory, AdvisoryModule, AdvisoryPackage
from yumbridge.rpm.nevra import nevra_text

# Name and arch; epoch, version and release.
NameArch: TypeAlias = tuple[str, str]
Build: TypeAlias = tuple[int, str, str]
# The module streams that a package is of, by its NEVRA: of each, by name and stream, the newest version that has it.
Streams: TypeAlias = Mapping[str, Mapping[tuple[str, str], int]]


@dataclass(frozen=True, slots=True)
class Held:
    """What a snapshot holds of the packages that advisories name."""

    builds: Mapping[NameArch, frozenset[Build]]
    streams: Streams

    def has(self, entry: AdvisoryPackage) -> bool:
        """Tell whether the very package is held."""
        found = self.builds.get((entry.name, entry.arch))
        return found is not None and (entry.epoch, entry.version, entry.release) in found

    def meets(self, entry: AdvisoryPackage, module: AdvisoryModule | None) -> bool:
        """Tell whether the package is held, or one that came after it; `module` is the stream that it is of.

        What came after it is of the same stream, or of none as well: EVRs of others are not comparable.
        """
        found = self.builds.get((entry.name, entry.arch))
        if found is None:
            return False
        build = (entry.epoch, entry.version, entry.release)
        if build in found:
            return True
        if module is not None:
            stream = (module.name, module.stream)
            return any(self._streams(entry, other).get(stream, -1) >= module.version for other in found)
        wanted = evr_key(*build)
        later = [other for other in found if evr_key(*other) >= wanted]
        if not is_modular(build):
            return not all(map(is_modular, later))
        # Many advisories do not say which stream their packages are of: the metadata of modules does.
        own = self._streams(entry, build).keys()
        return any(not own.isdisjoint(self._streams(entry, other)) for other in later)

    def _streams(self, entry: AdvisoryPackage, build: Build) -> Mapping[tuple[str, str], int]:
        """Return the streams that a build of the name and arch of `entry` is of."""
        epoch, version, release = build
        return self.streams.get(nevra_text(entry.name, epoch, f"{version}-{release}", entry.arch), {})


@dataclass(frozen=True, slots=True)
class Covering:
    """Which advisories name which builds, exactly."""

    advisory_ids: Mapping[NameArch, Mapping[Build, tuple[str, ...]]]

    def ids(self, package: StoredPackage) -> tuple[str, ...]:
        """Return the ids of the advisories that name a package, sorted."""
        found = self.advisory_ids.get((package.name, package.arch))
        return found.get((package.epoch, package.version, package.release), ()) if found else ()


def covering_of(advisories: Iterable[Advisory]) -> Covering:
    """Return which of `advisories` name which builds."""
    found: defaultdict[NameArch, defaultdict[Build, set[str]]] = defaultdict(lambda: defaultdict(set))
    for advisory in advisories:
        for entry in advisory.packages:
            found[entry.name, entry.arch][entry.epoch, entry.version, entry.release].add(advisory.advisory_id)
    return Covering(
        {key: {build: tuple(sorted(ids)) for build, ids in builds.items()} for key, builds in found.items()}
    )


def held_of(packages: Iterable[StoredPackage], streams: Streams, advisories: Iterable[Advisory]) -> Held:
    """Return what is held of the packages that `advisories` name."""
    named = {entry.name for advisory in advisories for entry in advisory.packages}
    builds: defaultdict[NameArch, set[Build]] = defaultdict(set)
    for package in packages:
        if package.name in named:
            builds[package.name, package.arch].add((package.epoch, package.version, package.release))
    return Held({key: frozenset(found) for key, found in builds.items()}, streams)


def held_advisories(advisories: Iterable[Advisory], held: Held) -> tuple[Advisory, ...]:
    """Return the advisories that have an entry that is met, each with those entries alone, sorted by id."""
    kept = (_met(advisory, held) for advisory in advisories)
    return tuple(sorted((advisory for advisory in kept if advisory), key=lambda advisory: advisory.advisory_id))


def chosen_copies(offered: Sequence[Advisory], based: Sequence[Advisory], held: Held) -> tuple[Advisory, ...]:
    """Return the advisories of a repository, whole: as they are offered, but as the base has them where that is more.

    Upstream edits advisories: of one that names other builds now nothing may be met, though what the base had of it
    is held as before. The copy of the base stays unless what is offered repairs the same packages, by name and arch.
    """
    repaired: defaultdict[str, set[NameArch]] = defaultdict(set)
    for advisory in held_advisories(offered, held) if based else ():
        repaired[advisory.advisory_id] |= _repaired(advisory)
    kept = [
        advisory
        for advisory in based
        if (met := _met(advisory, held)) and not _repaired(met) <= repaired[advisory.advisory_id]
    ]
    ids = {advisory.advisory_id for advisory in kept}
    return (*kept, *(advisory for advisory in offered if advisory.advisory_id not in ids))


def _repaired(advisory: Advisory) -> set[NameArch]:
    return {(entry.name, entry.arch) for entry in advisory.packages}


def _met(advisory: Advisory, held: Held) -> Advisory | None:
    collections = []
    for collection in advisory.collections:
        entries = tuple(entry for entry in collection.packages if held.meets(entry, collection.module))
        if len(entries) == len(collection.packages):
            collections.append(collection)
        elif entries:
            collections.append(msgspec.structs.replace(collection, packages=entries))
    if not any(collection.packages for collection in collections):
        return None
    return msgspec.structs.replace(
        advisory, collections=tuple(collection for collection in collections if collection.packages)
    )


def partial_advisories(
    advisories: Iterable[Advisory], held: Iterable[Advisory], offered: Held
) -> tuple[PartialAdvisory, ...]:
    """Return the advisories that are in `held`, of which another entry is not met though the sources have it.

    `held` are the same advisories as far as they are met. Sorted by id; what several repositories say of one advisory
    is taken together.
    """
    met: defaultdict[str, set[str]] = defaultdict(set)
    for advisory in held:
        met[advisory.advisory_id].update(entry.text for entry in advisory.packages)
    missing: defaultdict[str, set[str]] = defaultdict(set)
    for advisory in advisories:
        entries = met.get(advisory.advisory_id)
        if entries is not None:
            missing[advisory.advisory_id].update(
                entry.text for entry in advisory.packages if entry.text not in entries and offered.has(entry)
            )
    return tuple(
        PartialAdvisory(advisory_id=name, held=tuple(sorted(met[name])), missing=tuple(sorted(missing[name])))
        for name in sorted(missing)
        if missing[name]
    )


def is_modular(build: Build) -> bool:
    """Tell whether a build is of a module stream, by the mark that the build system leaves in its release.

    >>> is_modular((0, "20.11.1", "1.module_el9+963+8ec25a25"))
    True
    """
    return ".module" in build[2]
