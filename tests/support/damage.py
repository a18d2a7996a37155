"""Repositories that are broken in the ways mirrors break them."""

from __future__ import annotations

from pathlib import Path

from tests.support.repositories import Repository
from tests.support.rpms import Rpm


def truncate_repomd(repository: Repository) -> None:
    """Leave the first half of repomd.xml, as an interrupted copy does."""
    whole = repository.repomd.read_bytes()
    repository.repomd.write_bytes(whole[: len(whole) // 2])


def remove_repomd(repository: Repository) -> None:
    """Leave a directory that is no repository."""
    repository.repomd.unlink()


def corrupt_primary(repository: Repository) -> None:
    """Change a byte in the package list, so that its checksum is not the one in repomd.xml."""
    flip_last_byte(repository.path / "repodata/primary.xml.gz")


def corrupt_rpm(repository: Repository, rpm: Rpm) -> None:
    """Change the content of an rpm and leave its size."""
    flip_last_byte(repository.file(rpm))


def truncate_rpm(repository: Repository, rpm: Rpm) -> None:
    """Leave the first half of an rpm."""
    file = repository.file(rpm)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])


def remove_rpm(repository: Repository, rpm: Rpm) -> None:
    """Remove an rpm that the metadata lists."""
    repository.file(rpm).unlink()


def flip_last_byte(file: Path) -> None:
    """Change the content of a file and leave its size."""
    content = bytearray(file.read_bytes())
    content[-1] ^= 0xFF
    file.write_bytes(content)
