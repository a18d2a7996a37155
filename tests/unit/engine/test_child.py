"""How the engine's child process is started."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from yumbridge.engine.child import COMMAND_VARIABLE, INTERPRETER_VARIABLE, WORKER, EngineChoice, Starter, start_child


def test_an_interpreter_that_is_named_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INTERPRETER_VARIABLE, "/some/python")
    assert EngineChoice().commands() == (("/some/python", "-I", str(WORKER)),)


def test_a_command_takes_the_place_of_interpreters_and_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INTERPRETER_VARIABLE, "/some/python")
    command = ("docker", "exec", "-i", "c", "python3", "-I", "/worker")
    assert EngineChoice(command).commands() == (command,)


def test_the_environment_is_stronger_than_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(COMMAND_VARIABLE, "chroot '/srv/an image' python3 -I /worker")
    assert EngineChoice(("docker",)).commands() == (("chroot", "/srv/an image", "python3", "-I", "/worker"),)


@pytest.mark.parametrize("command", [(), ("chroot", "/image", "python3", "-I", "/worker")], ids=["here", "elsewhere"])
def test_the_name_of_an_engine_is_the_last_word(command: tuple[str, ...]) -> None:
    commands = EngineChoice(command, "dnf5").commands()
    assert commands
    assert {words[-1] for words in commands} == {"dnf5"}


def test_what_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INTERPRETER_VARIABLE, "/nonexistent/python")
    starter = Starter()
    assert starter.child is None
    assert starter.failures == ["/nonexistent/python: No such file or directory"]


def test_a_child_that_is_not_wanted_ends_and_no_other_is_started() -> None:
    starter = Starter(choice=EngineChoice((sys.executable, "-c", "input()")))
    child = starter.child
    assert child is not None
    starter.abandon()

    assert child.poll() is not None
    starter.next_after("")
    assert starter.child is None


def test_the_environment_of_the_child_is_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither Python's settings nor proxies reach the engine, and its messages are in one language."""
    spy = tmp_path / "python"
    spy.write_text("#!/bin/sh\nenv\n", encoding="utf-8")
    spy.chmod(0o755)
    for name in ("PYTHONPATH", "http_proxy", "HTTPS_PROXY", "LC_ALL"):
        monkeypatch.setenv(name, "de_DE.UTF-8")

    with start_child([str(spy)]) as child:
        names = dict(line.split("=", 1) for line in child.communicate()[0].decode().splitlines() if "=" in line)

    assert not {"PYTHONPATH", "http_proxy", "HTTPS_PROXY"} & names.keys()
    assert names["LC_ALL"] == "C"


def test_the_child_outlives_a_signal_to_our_group() -> None:
    with start_child([sys.executable, "-c", "input()"]) as child:
        assert Path(f"/proc/{child.pid}/stat").read_text(encoding="ascii").split()[5] == str(child.pid)
        child.kill()
