"""Decompression of metadata that is not trusted: in pieces, within bounds, against what repomd.xml states of it."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Final, Protocol

from snapshots.errors import UpstreamError
from snapshots.intake.plain_file import opened
from snapshots.intake.repomd import FILE_LIMIT_BYTES, MetadataFile

OPEN_LIMIT_BYTES: Final = 16 << 30
# Metadata shrinks to a tenth or twentieth; what is made to do harm, to a thousandth and less.
RATIO: Final = 400
FLOOR_BYTES: Final = 16 << 20

_PIECE: Final = 1 << 20
_XZ_MEMORY: Final = 256 << 20
_ZSTD_WINDOW: Final = 128 << 20


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


def spooled(file: MetadataFile, path: Path, target: Path) -> int:
    """Write what is in `path`, uncompressed, to the new file `target`, and return how many bytes that are.

    Whatever repomd.xml states of the file is checked: size, checksum, and both of its content. Raises UpstreamError:
    one is not so, it is damaged, or it grows beyond `RATIO` times its size; OSError.
    """
    with opened(path) as packed, target.open("xb") as plain:
        limit = _limit(file, _checked_size(file, packed))
        content = None if file.open_checksum is None else file.open_checksum.new()
        done = 0
        for piece in _pieces(file, packed):
            done += len(piece)
            if done > limit:
                raise UpstreamError(f"refused: {file.name} holds more than the {limit} bytes that it may")
            if content is not None:
                content.update(piece)
            plain.write(piece)
    if file.open_bytes not in {None, done}:
        raise UpstreamError(f"{file.name} holds {done} bytes: repomd.xml says {file.open_bytes}")
    if file.open_checksum is not None and content is not None and content.hexdigest() != file.open_checksum.digest:
        raise UpstreamError(
            f"{file.name} holds something else than repomd.xml says: it is not {file.open_checksum.text}"
        )
    return done


def _checked_size(file: MetadataFile, packed: BufferedReader) -> int:
    size = packed.seek(0, 2)
    packed.seek(0)
    if size > FILE_LIMIT_BYTES:
        raise UpstreamError(f"{file.name} is of {size} bytes: more than {FILE_LIMIT_BYTES} are not read")
    if file.size_bytes not in {None, size}:
        raise UpstreamError(f"{file.name} is of {size} bytes: repomd.xml says {file.size_bytes}")
    if hashlib.file_digest(packed, file.checksum.new).hexdigest() != file.checksum.digest:
        raise UpstreamError(f"{file.name} is not what repomd.xml says: it is not {file.checksum.text}")
    packed.seek(0)
    return size


def _limit(file: MetadataFile, size: int) -> int:
    said = OPEN_LIMIT_BYTES if file.open_bytes is None else file.open_bytes
    return min(said, OPEN_LIMIT_BYTES, max(FLOOR_BYTES, RATIO * size))


def _pieces(file: MetadataFile, packed: BufferedReader) -> Iterator[bytes]:
    """Yield the content of a file. Its first bytes tell how it is compressed: names are only names."""
    import zstandard

    head = packed.read(8)
    packed.seek(0)
    try:
        if head.startswith(b"\x1f\x8b"):
            yield from _read(gzip.GzipFile(fileobj=packed))
        elif head.startswith(b"BZh"):
            yield from _read(bz2.BZ2File(packed))
        elif head.startswith(b"\xfd7zXZ\0"):
            yield from _xz(packed)
        elif head.startswith(b"\x28\xb5\x2f\xfd"):
            unpacker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
            yield from _read(unpacker.stream_reader(packed, read_across_frames=True, closefd=False))
        else:
            yield from _read(packed)
    except (EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
        raise UpstreamError(f"{file.name} is damaged: {error}") from error
    except OSError as error:
        # What a disk reports has a number; what a decompressor does has none.
        if error.errno is not None:
            raise
        raise UpstreamError(f"{file.name} is damaged: {error}") from error


def _read(stream: _Stream) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece


def _xz(packed: BufferedReader) -> Iterator[bytes]:
    """Yield the content of xz streams in a row; the module's own file object knows no bound of memory."""
    rest = packed.read(_PIECE)
    while rest:
        unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
        while not unpacker.eof:
            if unpacker.needs_input and not rest:
                rest = packed.read(_PIECE)
                if not rest:
                    raise EOFError("it ends too early")
            yield unpacker.decompress(rest, _PIECE)
            rest = b""
        # Streams are padded with zeros to four bytes, and nothing else may follow.
        rest = (unpacker.unused_data or packed.read(_PIECE)).lstrip(b"\0")
