"""The spool: the chunks of upstream's packages, uncompressed and in our form, in a file each for as long as needed."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from snapshots.content.package import StoredPackage
from snapshots.repodata.index import ChunkKind


@dataclass(frozen=True, slots=True)
class ChunkSpool:
    """Chunks in a file: where that of each package begins, and how many bytes it has."""

    path: Path
    offsets: Sequence[int]
    sizes: Sequence[int]


@dataclass(frozen=True, slots=True)
class SpooledChunks:
    """The chunks of an upstream repository, a source for compose. `packages` is in `StoredPackage.order`."""

    packages: tuple[StoredPackage, ...]
    spools: Mapping[ChunkKind, ChunkSpool]

    @property
    def kinds(self) -> frozenset[ChunkKind]:
        """The files that upstream has."""
        return frozenset(self.spools)

    def chunks(self, kind: ChunkKind, numbers: Sequence[int]) -> Iterator[bytes]:
        """Yield the chunk of each of these packages, by their numbers in `packages`."""
        spool = self.spools[kind]
        with spool.path.open("rb", buffering=0) as file:
            for number in numbers:
                yield os.pread(file.fileno(), spool.sizes[number], spool.offsets[number])


class SpoolWriter:
    """Writes chunks one behind the other, each known by a key, and reads them again until it is closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("x+b")
        self._end = 0
        self._places: dict[str, tuple[int, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def keys(self) -> frozenset[str]:
        """Return the keys of all chunks."""
        return frozenset(self._places)

    def add(self, key: str, chunk: bytes) -> None:
        """Write the chunk of a key that has none yet."""
        self._file.write(chunk)
        self._places[key] = (self._end, len(chunk))
        self._end += len(chunk)

    def chunk(self, key: str) -> bytes:
        """Return a chunk that was written."""
        self._file.flush()
        offset, size = self._places[key]
        return os.pread(self._file.fileno(), size, offset)

    def spool(self, keys: Sequence[str]) -> ChunkSpool:
        """Return the chunks of `keys`, in their order, for when this is closed."""
        places = [self._places[key] for key in keys]
        return ChunkSpool(
            self._path, array("q", [offset for offset, _ in places]), array("q", [size for _, size in places])
        )
