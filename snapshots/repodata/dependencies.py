"""The dependencies of packages, read from their chunks of repodata."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from snapshots.choice.capability import Bound, Capability, Comparison
from snapshots.choice.provider import Dependencies
from snapshots.choice.requirement import Requirement, requirement_of
from snapshots.errors import StoreError
from snapshots.repodata.chunk_source import ChunkSource
from snapshots.repodata.index import ChunkKind
from yumbridge.count import counted

if TYPE_CHECKING:
    from createrepo_c import Package

# Name, flags, epoch, version, release, pre: as createrepo_c has them.
_Entry: TypeAlias = tuple[str, str | None, str | None, str | None, str | None, bool]

_BLOCK: Final = 2000
_CACHED: Final = 1 << 18
# What createrepo_c writes of a file, its name escaped.
_FILE: Final = re.compile(rb">(/[^<]*)</file>")
_COMPARISONS: Final = {
    "LT": Comparison.LESS,
    "LE": Comparison.AT_MOST,
    "EQ": Comparison.EQUAL,
    "GE": Comparison.AT_LEAST,
    "GT": Comparison.GREATER,
}


def read_dependencies(sources: Sequence[ChunkSource], pkgids: Collection[str]) -> dict[str, Dependencies]:
    """Return the dependencies of these packages by pkgid, each from the first source that has it.

    Raises StoreError: a source is damaged, or none has a package.
    """
    import createrepo_c as cr

    found: dict[str, Dependencies] = {}

    def add(package: Package) -> None:
        found[package.pkgId] = _dependencies(package)

    for source, numbers in _split(sources, pkgids, ChunkKind.PRIMARY):
        chunks = source.chunks(ChunkKind.PRIMARY, numbers)
        while block := b"".join(islice(chunks, _BLOCK)):
            try:
                cr.xml_parse_primary_snippet(block.decode(), None, add, None, True)  # noqa: FBT003 - with files
            except (cr.CreaterepoCError, UnicodeDecodeError) as error:
                raise StoreError(f"the primary metadata of a source is damaged: {error}") from error
    missing = sorted(set(pkgids) - found.keys())
    if missing:
        raise StoreError(f"no source has the primary metadata of {counted(len(missing), 'package')}", missing)
    return found


def read_owners(
    sources: Sequence[ChunkSource], pkgids: Collection[str], paths: Collection[str]
) -> dict[str, frozenset[str]]:
    """Return which of these packages own each of `paths`, by the filelists of the sources that have such.

    Raises StoreError: a source is damaged.
    """
    wanted = {escape(path, quote=False).encode(): path for path in paths}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for source, numbers in _split(sources, pkgids, ChunkKind.FILELISTS) if wanted else ():
        for number, chunk in zip(numbers, source.chunks(ChunkKind.FILELISTS, numbers), strict=True):
            for file in wanted.keys() & set(_FILE.findall(chunk)):
                found[wanted[file]].add(source.packages[number].pkgid)
    return {path: frozenset(owners) for path, owners in found.items()}


def _split(
    sources: Sequence[ChunkSource], pkgids: Collection[str], kind: ChunkKind
) -> Iterator[tuple[ChunkSource, list[int]]]:
    """Yield each source that has such a file with the packages that are read from it: those that none before it has."""
    left = set(pkgids)
    for source in sources:
        if kind not in source.kinds:
            continue
        numbers = [number for number, package in enumerate(source.packages) if package.pkgid in left]
        left.difference_update(source.packages[number].pkgid for number in numbers)
        if numbers:
            yield source, numbers


def _dependencies(package: Package) -> Dependencies:
    return Dependencies(
        provides=tuple(_capability(*entry[:5]) for entry in package.provides),
        requires=tuple(dict.fromkeys(_requirement(entry) for entry in package.requires)),
        files=tuple(f"{folder}{name}" for _, folder, name in package.files),
    )


def _requirement(entry: _Entry) -> Requirement:
    name = entry[0]
    return _expression(name) if name.startswith("(") else _capability(*entry[:5])


_expression = lru_cache(maxsize=_CACHED)(requirement_of)


@lru_cache(maxsize=_CACHED)
def _capability(
    name: str, flags: str | None, epoch: str | None, version: str | None, release: str | None
) -> Capability:
    """Return a capability. One value for each that is written: most are required by many packages."""
    comparison = _COMPARISONS.get(flags or "")
    if comparison is None or not version:
        return Capability(name)
    number = int(epoch) if epoch and epoch.isascii() and epoch.isdecimal() else 0
    return Capability(name, Bound(comparison, number, version, release or ""))
