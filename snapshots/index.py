"""The index of a composed repository: its packages, its advisories, and where the metadata of each package lies.

What compose writes is a row of frames, each a stream of the compressor that stands alone, so that a package can be
read without what is before it and an unchanged frame can be taken over as bytes. The index is ours alone: a reader
of the repository needs nothing from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from pathlib import Path
from typing import Final

import msgspec

from snapshots.errors import StoreError
from snapshots.package import StoredPackage
from yumbridge.rpm.advisory import Advisory

VERSION: Final = 1


class ChunkKind(StrEnum):
    """The three files of repodata that have a chunk per package."""

    PRIMARY = "primary"
    FILELISTS = "filelists"
    OTHER = "other"


class Frame(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One compressed run of chunks: those of `count` packages from number `first` on.

    `offset` and `size_bytes` are in the file as compressed. `key` is the digest over the packages' chunk digests: equal
    keys are equal bytes, at the same compression.
    """

    first: int
    count: int
    offset: int
    size_bytes: int
    key: str


class ChunkFile(msgspec.Struct, frozen=True, array_like=True):
    """One file of repodata. `path` is below the repository; `sizes` has the bytes of each chunk, uncompressed."""

    path: str
    frames: tuple[Frame, ...]
    sizes: tuple[int, ...]


class RepositoryIndex(msgspec.Struct, frozen=True, array_like=True):
    """What a composed repository holds, in the order of its metadata: `StoredPackage.order`.

    `advisories` is sorted by id. `files` lacks the kinds that the repository does not have. `comps` and `modules` are
    paths below the repository, empty without such.
    """

    version: int
    compression: str
    packages: tuple[StoredPackage, ...]
    advisories: tuple[Advisory, ...]
    files: dict[ChunkKind, ChunkFile]
    comps: str = ""
    modules: str = ""


@dataclass(frozen=True, slots=True)
class IndexedRepository:
    """A composed repository on disk: the tree that dnf reads, and its index."""

    tree: Path
    index: RepositoryIndex

    def chunks(self, kind: ChunkKind) -> Iterator[bytes]:
        """Yield the chunk of every package, in the index's order. Raises StoreError: the file is damaged."""
        raise NotImplementedError


def read_index(path: Path) -> RepositoryIndex:
    """Read the index at `path`. Raises StoreError."""
    try:
        index = msgspec.msgpack.decode(path.read_bytes(), type=RepositoryIndex)
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise StoreError(f"{path} is damaged: {error}") from error
    if index.version != VERSION:
        raise StoreError(f"{path} is of version {index.version}: this reads {VERSION}")
    return index


def written_index(index: RepositoryIndex) -> bytes:
    """Return an index as it is stored."""
    return msgspec.msgpack.encode(index)


def offsets(sizes: Sequence[int]) -> list[int]:
    """Return where each chunk begins when all stand in a row, and the end of the last.

    >>> offsets([3, 4])
    [0, 3, 7]
    """
    return [0, *accumulate(sizes)]
