"""The index of a composed repository: its packages, its advisories, and where the metadata of each lies.

What compose writes is a row of frames, each a stream of the compressor that stands alone, so that a package can be
read without what is before it and an unchanged frame can be taken over as bytes. The index is ours alone: a reader
of the repository needs nothing from it.
"""

from __future__ import annotations

import hashlib
import os
import threading
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from snapshots.content.package import StoredPackage
from snapshots.errors import StoreError
from yumbridge.complaint import UNDECODABLE
from yumbridge.rpm.advisory import Advisory

if TYPE_CHECKING:
    from zstandard import ZstdDecompressor

VERSION: Final = 1
# The index is read instead of the metadata, so that a damaged byte of it must not pass for a package.
_DIGEST_BYTES: Final = 32


class ChunkKind(StrEnum):
    """The three files of repodata that have a chunk per package."""

    PRIMARY = "primary"
    FILELISTS = "filelists"
    OTHER = "other"


class Frame(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One compressed run of chunks: `count` of them from number `first` on.

    `offset` and `size_bytes` are in the file as compressed, `digest` is the sha256 of those bytes. Equal keys are equal
    chunks: the sha256 over the packages' chunk digests, or over an advisory file's bytes.
    """

    first: int
    count: int
    offset: int
    size_bytes: int
    key: bytes
    digest: bytes


class ChunkFile(msgspec.Struct, frozen=True, array_like=True):
    """One file of repodata. `path` is below the repository; `sizes` has the bytes of each chunk, uncompressed.

    `digest` is "sha256:<hex>" of the whole file, uncompressed.
    """

    path: str
    digest: str
    frames: tuple[Frame, ...]
    sizes: tuple[int, ...]


class TextFile(msgspec.Struct, frozen=True, array_like=True):
    """A file of repodata that is one frame.

    `digest` is "sha256:<hex>" of its content, `frame` the sha256 of its bytes, as hex.
    """

    path: str
    digest: str
    frame: str


class RepositoryIndex(msgspec.Struct, frozen=True, array_like=True):
    """What a composed repository holds, in the order of its metadata: `StoredPackage.order`.

    `compression` names the compressor, its version and its level, `advisory_writer` what wrote the advisories.
    `repomd` is "sha256:<hex>" of repomd.xml. `advisories` is sorted by id. `files` lacks the kinds that the repository
    does not have.
    """

    version: int
    compression: str
    packages: tuple[StoredPackage, ...]
    advisories: tuple[Advisory, ...]
    files: dict[ChunkKind, ChunkFile]
    advisory_writer: str
    repomd: str
    updateinfo: ChunkFile | None = None
    comps: TextFile | None = None
    modules: TextFile | None = None


@dataclass(frozen=True, slots=True)
class IndexedRepository:
    """A composed repository on disk: the tree that dnf reads, and its index."""

    tree: Path
    index: RepositoryIndex

    @property
    def packages(self) -> tuple[StoredPackage, ...]:
        """Every package, in the index's order."""
        return self.index.packages

    @property
    def kinds(self) -> frozenset[ChunkKind]:
        """The files that have a chunk per package."""
        return frozenset(self.index.files)

    def chunks(self, kind: ChunkKind, numbers: Sequence[int]) -> Iterator[bytes]:
        """Yield the chunk of each of these packages, by their numbers, which rise.

        Raises StoreError: the file is damaged.
        """
        return self.chunks_of(self.index.files[kind], numbers)

    def advisory_chunks(self, numbers: Sequence[int]) -> Iterator[bytes]:
        """Yield what updateinfo says of each of these advisories, by their numbers, which rise. Raises StoreError."""
        return self.chunks_of(self.index.updateinfo, numbers) if self.index.updateinfo else iter(())

    def chunks_of(self, file: ChunkFile, numbers: Sequence[int]) -> Iterator[bytes]:
        """Yield chunks of one file. Each frame is read once when the numbers rise. Raises StoreError."""
        firsts = [frame.first for frame in file.frames]
        begins = offsets(file.sizes)
        start = end = base = 0
        content = b""
        with self.opened(file.path) as descriptor:
            for number in numbers:
                if not base <= number < end:
                    frame = file.frames[bisect_right(firsts, number) - 1]
                    base, end = frame.first, frame.first + frame.count
                    content = self.content(descriptor, file, frame)[1]
                    start = begins[base]
                    if len(content) != begins[end] - start:
                        raise self.damaged(file.path)
                yield content[begins[number] - start : begins[number + 1] - start]

    def content(self, descriptor: int, file: ChunkFile, frame: Frame) -> tuple[bytes, bytes]:
        """Return a frame of an opened file, as it is and uncompressed. Raises StoreError: it is damaged."""
        stored = os.pread(descriptor, frame.size_bytes, frame.offset)
        if hashlib.sha256(stored).digest() != frame.digest:
            raise self.damaged(file.path)
        return stored, uncompressed(file.path, stored)

    @property
    def is_whole(self) -> bool:
        """True when every frame has the bytes that were written."""
        files = (*self.index.files.values(), *([self.index.updateinfo] if self.index.updateinfo else []))
        try:
            return all(self._is_whole(file) for file in files)
        except StoreError:
            return False

    def _is_whole(self, file: ChunkFile) -> bool:
        with self.opened(file.path) as descriptor:
            stored = (os.pread(descriptor, frame.size_bytes, frame.offset) for frame in file.frames)
            return all(
                hashlib.sha256(each).digest() == frame.digest for each, frame in zip(stored, file.frames, strict=True)
            )

    def text(self, file: TextFile | None) -> bytes:
        """Return comps or module metadata, uncompressed; empty for none. Raises StoreError: the file is damaged."""
        return uncompressed(file.path, self.stored_text(file)) if file else b""

    def stored_text(self, file: TextFile) -> bytes:
        """Return comps or module metadata as they are stored. Raises StoreError: the file is damaged."""
        try:
            stored = (self.tree / file.path).read_bytes()
        except OSError as error:
            raise StoreError(f"{self.tree / file.path} cannot be read: {error.strerror}") from error
        if hashlib.sha256(stored).hexdigest() != file.frame:
            raise self.damaged(file.path)
        return stored

    @property
    def comps(self) -> bytes:
        """Its comps, uncompressed; empty for none. Raises StoreError."""
        return self.text(self.index.comps)

    @property
    def modules(self) -> bytes:
        """Its module metadata, uncompressed; empty for none. Raises StoreError."""
        return self.text(self.index.modules)

    @contextmanager
    def opened(self, path: str) -> Iterator[int]:
        """Open a file of the tree, and yield its descriptor. Raises StoreError."""
        try:
            descriptor = os.open(self.tree / path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise StoreError(f"{self.tree / path} cannot be read: {error.strerror}") from error
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def damaged(self, path: str) -> StoreError:
        """Return the error of a file of the tree whose bytes are not those that were written."""
        return StoreError(f"{self.tree / path} is damaged: its bytes are not those of its index")


class _OfThread(threading.local):
    """A decompressor for each thread: it is no good for two at once."""

    decompressor: ZstdDecompressor | None = None


_KEPT: Final = _OfThread()


def uncompressed(path: str, stored: bytes) -> bytes:
    """Return the content of one frame, whose digest was compared: its sizes are ours."""
    if path.endswith(".gz"):
        return zlib.decompress(stored, wbits=zlib.MAX_WBITS | 16)
    if not path.endswith(".zst"):
        return stored
    import zstandard

    if _KEPT.decompressor is None:
        _KEPT.decompressor = zstandard.ZstdDecompressor()
    return _KEPT.decompressor.decompress(stored)


def read_index(path: Path) -> RepositoryIndex:
    """Read the index at `path`. Raises StoreError."""
    try:
        stored = memoryview(path.read_bytes())
        if hashlib.sha256(stored[_DIGEST_BYTES:]).digest() != stored[:_DIGEST_BYTES]:
            raise StoreError(f"{path} is damaged: its digest is not that of its content")
        index = msgspec.msgpack.decode(stored[_DIGEST_BYTES:], type=RepositoryIndex)
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error
    except UNDECODABLE as error:
        raise StoreError(f"{path} cannot be read: {error}") from error
    if index.version != VERSION:
        raise StoreError(f"{path} is of version {index.version}: this reads {VERSION}")
    return index


def written_index(index: RepositoryIndex) -> bytes:
    """Return an index as it is stored: the sha256 of what follows, then the values."""
    content = msgspec.msgpack.encode(index)
    return hashlib.sha256(content).digest() + content


def offsets(sizes: Sequence[int]) -> list[int]:
    """Return where each chunk begins when all stand in a row, and the end of the last.

    >>> offsets([3, 4])
    [0, 3, 7]
    """
    return [0, *accumulate(sizes)]
