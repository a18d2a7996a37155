"""What distinguishes the packages of two repositories: the builds of each name and arch, before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias

import msgspec

from snapshots.choice.capability import evr_key
from snapshots.choice.coverage import NameArch
from snapshots.content.package import StoredPackage
from yumbridge.rpm.evr import VersionKey

Identity: TypeAlias = tuple[str, int, str, str, str]
EVRKey: TypeAlias = tuple[int, VersionKey, VersionKey]
BuildsByName: TypeAlias = Mapping[NameArch, Sequence[StoredPackage]]


class Direction(StrEnum):
    """How the builds of a name and arch change. `up` and `down` speak of the newest build, the one that dnf takes."""

    ADDED = "added"
    REMOVED = "removed"
    UP = "up"
    DOWN = "down"
    BUILDS_ADDED = "builds-added"
    BUILDS_DROPPED = "builds-dropped"
    BUILDS_EXCHANGED = "builds-exchanged"
    REBUILT = "rebuilt"


# What a host follows: it arrives there, as an upgrade, a downgrade or an install does.
ARRIVING = frozenset({Direction.ADDED, Direction.UP, Direction.DOWN})
MOVING = frozenset({Direction.UP, Direction.DOWN})


class PackageChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The builds of one name and arch that differ. `before` and `after` are EVRs, oldest first.

    `rebuilt` are the EVRs on both sides whose rpms differ. `advisories` are those of the later snapshot that name one
    of the new builds, sorted.
    """

    name: str
    arch: str
    direction: Direction
    before: tuple[str, ...]
    after: tuple[str, ...]
    rebuilt: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()


class Builds(msgspec.Struct, frozen=True, gc=False):
    """The builds of one name and arch on either side, oldest first. At least one side is not empty.

    `dropped` and `gained` are the rpms that only one side has.
    """

    name: str
    arch: str
    before: tuple[StoredPackage, ...]
    after: tuple[StoredPackage, ...]
    dropped: tuple[StoredPackage, ...]
    gained: tuple[StoredPackage, ...]
    direction: Direction


def builds_by_name(packages: Iterable[StoredPackage]) -> BuildsByName:
    """Return packages by name and arch, in the order they come in."""
    found: defaultdict[NameArch, list[StoredPackage]] = defaultdict(list)
    for package in packages:
        found[package.name, package.arch].append(package)
    return found


def changed_builds(before: BuildsByName, after: BuildsByName) -> tuple[Builds, ...]:
    """Return the builds of each name and arch whose rpms differ, sorted by name and arch.

    EVRs are compared of those alone: their keys are what costs.
    """
    dropped, gained = _without(before, after), _without(after, before)
    return tuple(
        Builds(
            *key,
            was := _sorted(before.get(key, ())),
            now := _sorted(after.get(key, ())),
            tuple(dropped.get(key, ())),
            tuple(gained.get(key, ())),
            _direction(was, now),
        )
        for key in sorted(dropped.keys() | gained.keys())
    )


def package_change(builds: Builds, advisories: Iterable[str]) -> PackageChange:
    """Return the line of a difference about `builds`."""
    before, after = tuple(map(evr_text, builds.before)), tuple(map(evr_text, builds.after))
    return PackageChange(
        name=builds.name,
        arch=builds.arch,
        direction=builds.direction,
        before=before,
        after=after,
        rebuilt=_rebuilt(builds, before, after),
        advisories=tuple(sorted(advisories)),
    )


def _rebuilt(builds: Builds, before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of the EVRs that both sides have are of other rpms now, oldest first."""
    if len({*before, *after}) == len(before) + len(builds.gained):
        # As many EVRs as rpms: none has two.
        return ()
    exchanged = set(map(evr_text, (*builds.dropped, *builds.gained)))
    return tuple(evr for evr in dict.fromkeys(after) if evr in exchanged and evr in before)


def newest_builds(repositories: Iterable[BuildsByName]) -> dict[NameArch, StoredPackage]:
    """Return the newest build of each name and arch."""
    newest: dict[NameArch, StoredPackage] = {}
    for repository in repositories:
        for key, builds in repository.items():
            rivals = [*builds, newest[key]] if key in newest else builds
            newest[key] = rivals[0] if len(rivals) == 1 else max(rivals, key=package_key)
    return newest


def package_key(package: StoredPackage) -> EVRKey:
    """Return the sort key of a package's EVR."""
    return evr_key(package.epoch, package.version, package.release)


def evr_text(package: StoredPackage) -> str:
    """Return the EVR of a package as it is written."""
    return str(package.evr)


def _without(own: BuildsByName, other: BuildsByName) -> BuildsByName:
    """Return the packages of `own` whose rpms `other` does not have."""
    known = {package.pkgid for builds in other.values() for package in builds}
    return builds_by_name(package for builds in own.values() for package in builds if package.pkgid not in known)


def _sorted(builds: Sequence[StoredPackage]) -> tuple[StoredPackage, ...]:
    """Return the builds of one name and arch, oldest first; those of equal EVRs in the order they come in."""
    return tuple(sorted(builds, key=package_key) if len(builds) > 1 else builds)


def _direction(before: tuple[StoredPackage, ...], after: tuple[StoredPackage, ...]) -> Direction:
    if not before:
        return Direction.ADDED
    if not after:
        return Direction.REMOVED
    was, now = package_key(before[-1]), package_key(after[-1])
    if was == now:
        return _direction_of_older(before, after)
    return Direction.UP if was < now else Direction.DOWN


def _direction_of_older(before: Iterable[StoredPackage], after: Iterable[StoredPackage]) -> Direction:
    """Return how builds change of which the newest stays."""
    old, new = set(map(evr_text, before)), set(map(evr_text, after))
    if old == new:
        return Direction.REBUILT
    if old < new:
        return Direction.BUILDS_ADDED
    return Direction.BUILDS_DROPPED if old > new else Direction.BUILDS_EXCHANGED
