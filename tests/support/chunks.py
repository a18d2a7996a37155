"""Packages and their metadata out of nothing, for tests of what compose does with them: it never looks inside."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from snapshots.content.package import StoredPackage
from snapshots.repodata.chunk_source import chunks_digest
from snapshots.repodata.compose import Compression, Contents, compose
from snapshots.repodata.index import ChunkKind, IndexedRepository, read_index

ALL = frozenset(ChunkKind)


@dataclass(frozen=True, slots=True)
class Made:
    """A source of chunks in memory."""

    packages: tuple[StoredPackage, ...]
    rows: tuple[dict[ChunkKind, bytes], ...]
    kinds: frozenset[ChunkKind] = ALL

    def chunks(self, kind: ChunkKind, numbers: Sequence[int]) -> Iterator[bytes]:
        return (self.rows[number][kind] for number in numbers)

    def only(self, wanted: Callable[[StoredPackage], bool]) -> Made:
        """Return it with some of the packages only."""
        kept = [number for number, package in enumerate(self.packages) if wanted(package)]
        return Made(tuple(self.packages[each] for each in kept), tuple(self.rows[each] for each in kept), self.kinds)


def made(identities: Iterable[tuple[str, int]], kinds: frozenset[ChunkKind] = ALL) -> Made:
    """Return a source of packages, each a name and the number of a build, no two with the same chunks."""
    pairs = sorted((_made(*identity, kinds) for identity in set(identities)), key=lambda pair: pair[0].order)
    return Made(tuple(package for package, _ in pairs), tuple(row for _, row in pairs), kinds)


def _made(name: str, build: int, kinds: frozenset[ChunkKind]) -> tuple[StoredPackage, dict[ChunkKind, bytes]]:
    pkgid = hashlib.sha256(f"{name} {build}".encode()).hexdigest()
    row = {kind: f"<package>{kind} of {name} {build}{' ' * (build % 50)}</package>\n".encode() for kind in kinds}
    source = f"{name}-{build}-1.src.rpm"
    package = StoredPackage(
        pkgid, name, 0, str(build), "1", "noarch", 1000 + build, 100, 1000, source, chunks_digest(row)
    )
    return package, row


def composed(
    contents: Contents, folder: Path, compression: Compression = Compression.ZSTD
) -> tuple[IndexedRepository, dict[str, bytes]]:
    """Compose into an empty folder, and return the repository with every file that was written."""
    folder.mkdir(parents=True)
    compose(contents, folder / "tree", folder / "index", compression)
    written = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
    return IndexedRepository(folder / "tree", read_index(folder / "index")), written
