"""Chunk sources: for each package of a repository where its chunks are taken from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from snapshots.errors import StoreError
from snapshots.index import ChunkKind
from snapshots.package import StoredPackage


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


@dataclass(frozen=True, slots=True)
class Sourced:
    """The packages of a repository, and where their chunks are: the number of the source, and the number in it.

    `made` has, by number, the chunks of packages whose source has not every file. `kinds` are the files there are.
    """

    packages: tuple[StoredPackage, ...]
    sources: tuple[ChunkSource, ...]
    places: tuple[tuple[int, int], ...]
    kinds: frozenset[ChunkKind]
    made: Mapping[int, Mapping[ChunkKind, bytes]] = field(default_factory=dict)

    def chunks(self, kind: ChunkKind, numbers: Sequence[int]) -> Iterator[bytes]:
        """Yield the chunk of each of these packages, by their numbers, which rise. Raises StoreError."""
        wanted: list[list[int]] = [[] for _ in self.sources]
        for number in numbers:
            if kind not in self.made.get(number, ()):
                source, place = self.places[number]
                wanted[source].append(place)
        readers = [
            source.chunks(kind, places) if places else iter(())
            for source, places in zip(self.sources, wanted, strict=True)
        ]
        for number in numbers:
            made = self.made.get(number)
            yield made[kind] if made and kind in made else next(readers[self.places[number][0]])


def sourced(packages: tuple[StoredPackage, ...], sources: tuple[ChunkSource, ...]) -> Sourced:
    """Return where the chunks of `packages` are: in the first source that says the same of each.

    A file that only some of those sources have is made whole: it names no file and no change of the other packages,
    whose chunks have another digest from then on. Raises StoreError: no source has a package.
    """
    known = [{package.chunks: number for number, package in enumerate(source.packages)} for source in sources]
    places = tuple(_place(package, known) for package in packages)
    used = {source for source, _ in places}
    kinds = frozenset[ChunkKind]().union(*(sources[number].kinds for number in used)) or frozenset(ChunkKind)
    found = Sourced(packages, sources, places, kinds)
    short = [number for number, (source, _) in enumerate(places) if sources[source].kinds != kinds]
    return _made_whole(found, short) if short else found


def _place(package: StoredPackage, known: Sequence[Mapping[str, int]]) -> tuple[int, int]:
    for source, numbers in enumerate(known):
        number = numbers.get(package.chunks)
        if number is not None:
            return source, number
    raise StoreError(f"no source has the metadata of {package.text} ({package.pkgid})")


def _made_whole(found: Sourced, short: Sequence[int]) -> Sourced:
    made: dict[int, dict[ChunkKind, bytes]] = {}
    packages = list(found.packages)
    for number in short:
        source, place = found.places[number]
        had = found.sources[source]
        package = packages[number]
        made[number] = {kind: _empty_chunk(kind, package) for kind in found.kinds - had.kinds}
        chunks = {kind: next(iter(had.chunks(kind, (place,)))) for kind in had.kinds} | made[number]
        packages[number] = msgspec.structs.replace(package, chunks=chunks_digest(chunks))
    return Sourced(tuple(packages), found.sources, found.places, found.kinds, made)


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
