"""Disks that are small, full, or cannot be written to: file systems in memory that nobody but one test sees."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.support.crash import in_child

_LIBC: Final = ctypes.CDLL(None, use_errno=True)
# Source: unshare(2).
_NEW_MOUNTS: Final = 0x00020000
_BALLAST: Final = ".ballast"
_PIECE: Final = 1 << 12


def on_a_small_disk(place: Path, size: str, body: Callable[[], object]) -> None:
    """Run `body` where a file system of a size (as "32m") lies on `place`, which ends with it, whatever happens.

    It runs in a child with mounts of its own: assert there as anywhere, but nothing that it learns comes back.
    """
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system")

    def mounted() -> None:
        if _LIBC.unshare(_NEW_MOUNTS):
            raise OSError(ctypes.get_errno(), "no mounts of our own")
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=True)
        body()

    _, status = os.waitpid(in_child(mounted), 0)
    assert os.waitstatus_to_exitcode(status) == 0, "what failed is on standard error"


def fill(place: Path) -> None:
    """Leave no byte on the disk of a folder."""
    free = os.statvfs(place)
    with (place / _BALLAST).open("wb", buffering=0) as ballast:
        try:
            os.posix_fallocate(ballast.fileno(), 0, max(free.f_bavail * free.f_bsize, 1))
            ballast.seek(0, os.SEEK_END)
            while ballast.write(b"\0" * _PIECE):
                pass
        except OSError:
            return


def free(place: Path) -> None:
    """Give back what `fill` took."""
    (place / _BALLAST).unlink(missing_ok=True)


def make_read_only(place: Path) -> None:
    """Let nothing be written any more to the file system on `place`."""
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)


def make_writable(place: Path) -> None:
    """Let the file system on `place` be written to again."""
    subprocess.run(["mount", "-o", "remount,rw", place], check=True)
