"""Sub-packages that stay behind their source: dnf would install python of one build beside python-libs of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from snapshots.choice.capability import evr_key
from snapshots.choice.coverage import Build, NameArch, is_modular
from snapshots.comparison.package_difference import EVRKey
from snapshots.content.package import StoredPackage
from yumbridge.rpm.package import source_name

Newest: TypeAlias = Mapping[NameArch, StoredPackage]
_Behind: TypeAlias = dict[str, tuple[StoredPackage, ...]]
_NOARCH = "noarch"


class TornSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source of which some sub-packages stay behind. `newest` is its newest source rpm, `behind` are NEVRAs."""

    source: str
    newest: str
    behind: tuple[str, ...]


def torn_sources(before: Newest, after: Newest) -> tuple[TornSource, ...]:
    """Return the sources that are torn in the later snapshot, sorted by name.

    `before` and `after` have the newest build of every name and arch. A sub-package is behind when its newest build is
    of an older build of its source than the newest of another sub-package. Not behind is what was so before, at the
    same build: mostly a name that its source no longer builds. Nor is a name that moved to another source, or between
    noarch and an arch, or a build of a module stream.
    """
    known = {package.pkgid for packages in _behind(before).values() for package in packages}
    torn = []
    for newest, packages in sorted(_behind(after).items()):
        behind = tuple(package.text for package in packages if package.pkgid not in known)
        if behind:
            torn.append(TornSource(source=source_name(newest), newest=newest, behind=tuple(sorted(behind))))
    return tuple(torn)


def _behind(newest: Newest) -> _Behind:
    """Return the packages that are behind, by the newest source rpm of their source."""
    built: defaultdict[str, list[StoredPackage]] = defaultdict(list)
    for package in newest.values():
        built[package.source_rpm].append(package)
    sources: defaultdict[str, list[str]] = defaultdict(list)
    for source_rpm in built:
        if source_rpm and not is_modular(_build(source_rpm)):
            sources[source_name(source_rpm)].append(source_rpm)
    behind: _Behind = {}
    for source_rpms in sources.values():
        if len(source_rpms) > 1:
            *older, last = sorted(source_rpms, key=_source_key)
            late = tuple(package for each in older for package in built[each] if not _moved(package, built[last]))
            if late:
                behind[last] = late
    return behind


def _source_key(source_rpm: str) -> tuple[EVRKey, str]:
    """Return the order of the builds of one source."""
    return (evr_key(*_build(source_rpm)), source_rpm)


def _build(source_rpm: str) -> Build:
    """Return the build that the file name of a source rpm tells; it has no epoch."""
    nvr = source_rpm.removesuffix(".rpm").rpartition(".")[0]
    version, _, release = nvr.removeprefix(f"{source_name(source_rpm)}-").partition("-")
    return (0, version, release)


def _moved(package: StoredPackage, newer: list[StoredPackage]) -> bool:
    """Return whether `newer` has the package as noarch where it was of an arch, or the other way round."""
    return any(other.name == package.name and _NOARCH in {other.arch, package.arch} for other in newer)
