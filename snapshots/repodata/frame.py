"""Frames as they are written: a file of repodata, frame by frame, and the compressors that make them."""

from __future__ import annotations

import hashlib
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from zstandard import ZstdCompressor

ZSTD_LEVEL: Final = 9
GZIP_LEVEL: Final = 6


@dataclass(frozen=True, slots=True)
class Encoder:
    """A compressor. `name` says which bytes come out: equal names give equal bytes. `suffix` begins with a dot."""

    name: str
    suffix: str
    encoded: Callable[[bytes], bytes]


class _OfThread(threading.local):
    """A compressor for each thread: it is no good for two at once, and making one costs more than a frame."""

    compressor: ZstdCompressor | None = None


def zstd_encoder() -> Encoder:
    """Return the encoder of zstd: one frame a call, with its size in it."""
    import zstandard

    kept = _OfThread()

    def encoded(content: bytes) -> bytes:
        if kept.compressor is None:
            kept.compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
        return kept.compressor.compress(content)

    version = ".".join(map(str, zstandard.ZSTD_VERSION))
    return Encoder(f"zstd {version} level {ZSTD_LEVEL}", ".zst", encoded)


def gzip_encoder() -> Encoder:
    """Return the encoder of gzip: one member a call, without a name or a time in it."""
    return Encoder(
        f"zlib {zlib.ZLIB_RUNTIME_VERSION} level {GZIP_LEVEL}",
        ".gz",
        lambda content: zlib.compress(content, GZIP_LEVEL, wbits=zlib.MAX_WBITS | 16),
    )


def plain_encoder() -> Encoder:
    """Return the encoder that leaves everything as it is."""
    return Encoder("plain", "", lambda content: content)


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file of repodata that was written. `path` is its final place; both digests are sha256, as hex."""

    path: Path
    digest: str
    size_bytes: int
    open_digest: str
    open_size_bytes: int


class FrameFile:
    """A file of repodata in the making. It gets its name, which has its digest in it, when it is finished."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._making = folder / f".{name}"
        self._handle = self._making.open("wb")
        self._digest = hashlib.sha256()
        self._open_digest = hashlib.sha256()
        self._open_size_bytes = 0
        self.size_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._handle.close()

    def add(self, stored: bytes, content: bytes) -> int:
        """Add a frame, compressed and not, and return where it begins."""
        begin = self.size_bytes
        self._handle.write(stored)
        self._digest.update(stored)
        self._open_digest.update(content)
        self.size_bytes += len(stored)
        self._open_size_bytes += len(content)
        return begin

    def finish(self) -> WrittenFile:
        """Close the file, and give it its name."""
        self._handle.close()
        path = self._folder / f"{self._digest.hexdigest()}-{self._name}"
        self._making.rename(path)
        return WrittenFile(
            path, self._digest.hexdigest(), self.size_bytes, self._open_digest.hexdigest(), self._open_size_bytes
        )
