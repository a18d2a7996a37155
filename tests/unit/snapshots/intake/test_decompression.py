"""Metadata is unpacked within bounds, and is what repomd.xml says."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from snapshots.errors import UpstreamError
from snapshots.intake.decompression import FLOOR_BYTES, spooled
from snapshots.intake.repomd import Checksum, MetadataFile

CONTENT = bytes(range(256)) * 9000
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gzip": gzip.compress,
    "two gzip members": lambda content: gzip.compress(content[:1000]) + gzip.compress(content[1000:]),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "two xz streams": lambda content: lzma.compress(content[:1000]) + lzma.compress(content[1000:]),
    "zstd": zstandard.compress,
    "two zstd frames": lambda content: zstandard.compress(content[:1000]) + zstandard.compress(content[1000:]),
}


def sha256(content: bytes) -> Checksum:
    return Checksum("sha256", hashlib.sha256(content).hexdigest())


def written(tmp_path: Path, packed: bytes, opened: bytes | None = CONTENT) -> MetadataFile:
    (tmp_path / "packed").write_bytes(packed)
    return MetadataFile(
        kind="primary",
        href="repodata/primary.xml",
        checksum=sha256(packed),
        size_bytes=len(packed),
        open_checksum=None if opened is None else sha256(opened),
        open_bytes=None if opened is None else len(opened),
    )


@pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS)
def test_every_compression_of_metadata_is_read(tmp_path: Path, packer: Callable[[bytes], bytes]) -> None:
    file = written(tmp_path, packer(CONTENT))
    assert spooled(file, tmp_path / "packed", tmp_path / "plain") == len(CONTENT)
    assert (tmp_path / "plain").read_bytes() == CONTENT


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz"])
def test_what_ends_too_early_is_damaged(tmp_path: Path, packer: str) -> None:
    file = written(tmp_path, PACKERS[packer](CONTENT)[:-20], None)
    with pytest.raises(UpstreamError, match="damaged"):
        spooled(file, tmp_path / "packed", tmp_path / "plain")


@pytest.mark.parametrize("head", [b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"], ids=repr)
def test_what_only_looks_compressed_is_damaged(tmp_path: Path, head: bytes) -> None:
    file = written(tmp_path, head + b"nonsense" * 100, None)
    with pytest.raises(UpstreamError, match="damaged"):
        spooled(file, tmp_path / "packed", tmp_path / "plain")


@pytest.mark.parametrize("packer", ["gzip", "zstd", "xz", "bzip2"])
def test_a_bomb_is_stopped_early(tmp_path: Path, packer: str) -> None:
    bomb = bytes(3 * FLOOR_BYTES)
    file = written(tmp_path, PACKERS[packer](bomb), None)
    with pytest.raises(UpstreamError, match="holds more than"):
        spooled(file, tmp_path / "packed", tmp_path / "plain")
    assert (tmp_path / "plain").stat().st_size < len(bomb) // 2


def test_a_file_that_holds_more_than_is_said_is_stopped_early(tmp_path: Path) -> None:
    file = written(tmp_path, gzip.compress(CONTENT * 4), CONTENT[:100])
    with pytest.raises(UpstreamError, match="more than the 100 bytes"):
        spooled(file, tmp_path / "packed", tmp_path / "plain")
    assert (tmp_path / "plain").stat().st_size <= 100


def test_a_file_that_holds_less_than_is_said_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, gzip.compress(CONTENT[:-1]))
    with pytest.raises(UpstreamError, match=f"holds {len(CONTENT) - 1} bytes"):
        spooled(file, tmp_path / "packed", tmp_path / "plain")


def test_a_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, gzip.compress(CONTENT[::-1]))
    with pytest.raises(UpstreamError, match="holds something else"):
        spooled(file, tmp_path / "packed", tmp_path / "plain")


def test_a_file_of_another_checksum_or_size_is_not_unpacked(tmp_path: Path) -> None:
    file = written(tmp_path, gzip.compress(CONTENT))
    packed = bytearray((tmp_path / "packed").read_bytes())
    packed[-1] ^= 1
    (tmp_path / "packed").write_bytes(packed)
    with pytest.raises(UpstreamError, match=r"not what repomd\.xml says"):
        spooled(file, tmp_path / "packed", tmp_path / "plain")
    (tmp_path / "packed").write_bytes(packed[:-1])
    with pytest.raises(UpstreamError, match=r"repomd\.xml says"):
        spooled(file, tmp_path / "packed", tmp_path / "other")
    assert (tmp_path / "plain").read_bytes() == b""
