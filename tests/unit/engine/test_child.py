"""How the engine's child process is started."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from yumbridge.engine.child import INTERPRETER_VARIABLE, Starter, interpreters, start_child


def test_an_interpreter_that_is_named_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INTERPRETER_VARIABLE, "/some/python")
    assert interpreters() == ("/some/python",)


def test_what_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INTERPRETER_VARIABLE, "/nonexistent/python")
    starter = Starter()
    assert starter.child is None
    assert starter.failures == ["/nonexistent/python: No such file or directory"]


def test_the_environment_of_the_child_is_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither Python's settings nor proxies reach the engine, and its messages are in one language."""
    spy = tmp_path / "python"
    spy.write_text("#!/bin/sh\nenv\n", encoding="utf-8")
    spy.chmod(0o755)
    for name in ("PYTHONPATH", "http_proxy", "HTTPS_PROXY", "LC_ALL"):
        monkeypatch.setenv(name, "de_DE.UTF-8")

    with start_child(str(spy)) as child:
        names = dict(line.split("=", 1) for line in child.communicate()[0].decode().splitlines() if "=" in line)

    assert not {"PYTHONPATH", "http_proxy", "HTTPS_PROXY"} & names.keys()
    assert names["LC_ALL"] == "C"


def test_the_child_outlives_a_signal_to_our_group() -> None:
    with start_child(sys.executable) as child:
        assert Path(f"/proc/{child.pid}/stat").read_text(encoding="ascii").split()[5] == str(child.pid)
        child.kill()
