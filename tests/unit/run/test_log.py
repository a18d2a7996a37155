"""The log for people."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from yumbridge.errors import HostError
from yumbridge.run.log import log
from yumbridge.run.state import StateFolder

AT = "2026-11-28T08:00:00Z"


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path)


def lines(folder: StateFolder) -> list[str]:
    return folder.log.read_text(encoding="utf-8").splitlines()


def test_each_text_is_a_line_with_its_time_and_process(folder: StateFolder) -> None:
    log(folder, AT, ["one", "two"])
    log(folder, AT, ["three"])
    assert lines(folder) == [f"{AT} yumbridge[{os.getpid()}]: {text}" for text in ("one", "two", "three")]


def test_nothing_to_say_makes_no_file(folder: StateFolder) -> None:
    log(folder, AT, [])
    assert not folder.log.exists()


def test_it_is_closed_to_others(folder: StateFolder) -> None:
    before = os.umask(0)
    try:
        log(folder, AT, ["x"])
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.log.stat().st_mode) == 0o640


def test_no_text_makes_a_line_of_its_own_or_acts_on_a_terminal(folder: StateFolder) -> None:
    log(folder, AT, ["a\nb\x1b[2J", "c\u202ed"])
    assert [line.partition("]: ")[2] for line in lines(folder)] == ["a b\\x1b[2J", "c\\u202ed"]


def test_passwords_are_masked(folder: StateFolder) -> None:
    log(folder, AT, ["http://user:secret@host/ is out of reach"])
    assert "secret" not in lines(folder)[0]


def test_a_file_that_was_rotated_away_is_made_anew(folder: StateFolder) -> None:
    log(folder, AT, ["old"])
    folder.log.rename(folder.log.with_suffix(".log.1"))
    log(folder, AT, ["new"])
    assert len(lines(folder)) == 1


def test_a_link_is_not_followed(folder: StateFolder, tmp_path: Path) -> None:
    folder.log.parent.mkdir(parents=True)
    (tmp_path / "victim").touch()
    folder.log.symlink_to(tmp_path / "victim")
    with pytest.raises(HostError, match="cannot write"):
        log(folder, AT, ["x"])
    assert (tmp_path / "victim").read_bytes() == b""


def test_a_folder_that_leads_out_of_the_root_is_not_used(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "var").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (root / "var/log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HostError, match="leads out of"):
        log(StateFolder(root), AT, ["x"])
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_pipe_in_its_place_makes_nobody_wait(folder: StateFolder) -> None:
    folder.log.parent.mkdir(parents=True)
    os.mkfifo(folder.log)
    with pytest.raises(HostError, match=re.escape(str(folder.log))):
        log(folder, AT, ["x"])
    reader = os.open(folder.log, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(HostError, match="it is no file"):
            log(folder, AT, ["x"])
    finally:
        os.close(reader)
