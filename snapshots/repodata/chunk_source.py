"""Chunk sources: for each package of a repository where its chunks are taken from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import msgspec

from snapshots.content.package import StoredPackage
from snapshots.errors import StoreError
from snapshots.repodata.index import ChunkKind


class ChunkSource(Protocol):
    """Where the chunks of packages are taken from."""

    @property
    def packages(self) -> Sequence[StoredPackage]:
        """Every package it has chunks of."""

    @property
    def kinds(self) -> frozenset[ChunkKind]:
        """The files it has; primary is always among them."""

    def chunks(self, kind: ChunkKind, numbers: Sequence[int]) -> Iterator[bytes]:
        """Yield the chunk of each of these packages, by their numbers in `packages`.

        The numbers rise when `packages` is in the order of `StoredPackage.order`.
        """


@dataclass(frozen=True)
class Sourced:
    """The packages of a repository, and the sources of their chunks. `kinds` are the files there are.

    `made` has, by number, the chunks of packages whose source has not every file, `sought` what every package was
    before: its `chunks` tell it from another description of the same rpm.
    """

    packages: tuple[StoredPackage, ...]
    sought: tuple[StoredPackage, ...]
    sources: tuple[ChunkSource, ...]
    kinds: frozenset[ChunkKind] = frozenset(ChunkKind)
    made: Mapping[int, Mapping[ChunkKind, bytes]] = field(default_factory=dict)

    @cached_property
    def _known(self) -> list[dict[str, int]]:
        return [{package.chunks: number for number, package in enumerate(each.packages)} for each in self.sources]

    def place(self, number: int) -> tuple[int, int]:
        """Return the number of the first source that has a package, and its number there. Raises StoreError."""
        package = self.sought[number]
        for source, numbers in enumerate(self._known):
            there = numbers.get(package.chunks)
            if there is not None:
                return source, there
        raise StoreError(f"no source has the metadata of {package.text} ({package.pkgid})")

    def chunks(self, kind: ChunkKind, numbers: Sequence[int]) -> Iterator[bytes]:
        """Return the chunk of each of these packages, by their numbers, which rise. Raises StoreError."""
        wanted: list[list[int]] = [[] for _ in self.sources]
        turns: list[int | bytes] = []
        for number in numbers:
            if made := self.made.get(number, {}).get(kind):
                turns.append(made)
            else:
                source, place = self.place(number)
                wanted[source].append(place)
                turns.append(source)
        return in_turn(
            turns,
            [
                source.chunks(kind, places) if places else iter(())
                for source, places in zip(self.sources, wanted, strict=True)
            ],
        )


def in_turn(turns: Iterable[int | bytes], readers: Sequence[Iterator[bytes]]) -> Iterator[bytes]:
    """Yield each turn that is a chunk, and for each that is a number the next chunk of that reader."""
    return (turn if isinstance(turn, bytes) else next(readers[turn]) for turn in turns)


def sourced(packages: tuple[StoredPackage, ...], sources: tuple[ChunkSource, ...]) -> Sourced:
    """Return where the chunks of `packages` come from: the first source that says the same of each.

    A file that only some of those sources have is made whole: it names no file and no change of the other packages,
    whose chunks have another digest from then on. Raises StoreError: no source has a package.
    """
    plain = Sourced(packages, packages, sources)
    if not packages:
        return plain
    if len({source.kinds for source in sources}) == 1:
        return replace(plain, kinds=sources[0].kinds)
    places = [plain.place(number) for number in range(len(packages))]
    kinds = frozenset[ChunkKind]().union(*(sources[source].kinds for source, _ in places))
    made: dict[int, dict[ChunkKind, bytes]] = {}
    completed = list(packages)
    for number, (source, there) in enumerate(places):
        had = sources[source]
        if had.kinds != kinds:
            package = packages[number]
            made[number] = {kind: _empty_chunk(kind, package) for kind in kinds - had.kinds}
            chunks = made[number] | {kind: next(iter(had.chunks(kind, (there,)))) for kind in had.kinds}
            completed[number] = msgspec.structs.replace(package, chunks=chunks_digest(chunks))
    return Sourced(tuple(completed), packages, sources, kinds, made)


def chunks_digest(chunks: Mapping[ChunkKind, bytes]) -> str:
    """Return what `StoredPackage.chunks` is of a package with these chunks; a file that there is not has none."""
    whole = b"\0".join(chunks.get(kind, b"") for kind in ChunkKind)
    return f"sha256:{hashlib.sha256(whole).hexdigest()}"


def _empty_chunk(kind: ChunkKind, package: StoredPackage) -> bytes:
    """Return what filelists or other say of a package of which nothing is known."""
    import createrepo_c as cr

    written = cr.Package()
    written.pkgId, written.name, written.arch = package.pkgid, package.name, package.arch
    written.epoch, written.version, written.release = str(package.epoch), package.version, package.release
    dumped = cr.xml_dump_filelists if kind is ChunkKind.FILELISTS else cr.xml_dump_other
    text: str = dumped(written)
    return text.encode()
