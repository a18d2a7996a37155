"""Plain files, and nothing else, are read."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from snapshots.intake.plain_file import link_or_copy, opened


def test_a_plain_file_is_opened_through_links_or_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    with opened(tmp_path / "link") as file:
        assert file.read() == b"x"
    with pytest.raises(OSError, match="symbolic"):
        opened(tmp_path / "link", follows_links=False)


def test_anything_else_is_not(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("pipe", "zero", "."):
        with pytest.raises(OSError, match="it is no plain file") as caught:
            opened(tmp_path / name)
        assert caught.value.filename == str(tmp_path / name)


def test_a_copy_ends_where_it_has_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(errno.EXDEV, "another device")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "file").write_bytes(b"x" * 100)
    assert link_or_copy(tmp_path / "file", tmp_path / "copy", 10)
    assert (tmp_path / "copy").read_bytes() == b"x" * 10


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_a_disk_that_fails_is_told_and_not_written_around(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(OSError, match=os.strerror(code)):
        link_or_copy(tmp_path / "file", tmp_path / "copy", 10)
    assert not (tmp_path / "copy").exists()
