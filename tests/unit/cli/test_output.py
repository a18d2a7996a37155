"""Files that a user names for what the command writes."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import click
import pytest

from spma.cli.output import refuse_stdout, write_named
from yumbridge.errors import HostError


def test_a_new_file_is_made(tmp_path: Path) -> None:
    write_named(tmp_path / "out", b"new")

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"new"]


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"old")
    out.chmod(0o600)

    write_named(out, b"new")

    assert (out.read_bytes(), out.stat().st_mode & 0o777) == (b"new", 0o600)


@pytest.mark.parametrize("there", [True, False], ids=["file", "nothing"])
def test_a_link_is_followed(tmp_path: Path, *, there: bool) -> None:
    link, out = tmp_path / "link", tmp_path / "out"
    link.symlink_to("out")
    if there:
        out.write_bytes(b"old")

    write_named(link, b"new")

    assert link.is_symlink()
    assert out.read_bytes() == b"new"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()

    write_named(pipe, b"new")
    reader.join(timeout=10)

    assert read == [b"new"]
    assert pipe.is_fifo()


def test_a_device_is_written_to(tmp_path: Path) -> None:
    link = tmp_path / "null"
    link.symlink_to(os.devnull)

    write_named(link, b"new")

    assert link.is_symlink()
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize("name", ["full", "folder", "absent/out"])
def test_what_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "full").symlink_to("/dev/full")

    with pytest.raises(HostError, match=f"cannot write {tmp_path / name}: "):
        write_named(tmp_path / name, b"new")


def test_standard_output_has_one_answer() -> None:
    refuse_stdout("--out", None)

    with pytest.raises(click.UsageError, match=r"^--out -: "):
        refuse_stdout("--out", Path("-"))
