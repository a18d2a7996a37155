"""`--version` tells which engine the command would use, and on which bindings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import tool
from tests.support.command import run_yumbridge
from yumbridge.engine.child import INTERPRETERS


def test_the_engine_and_its_bindings_are_told() -> None:
    outcome = run_yumbridge("--version")

    assert (outcome.code, outcome.stderr) == (0, "")
    ours, engine, bindings = outcome.stdout.splitlines()
    assert re.fullmatch(r"yumbridge \d+\.\d+\.\d+ on Python 3\.\d+\.\d+", ours)
    interpreter = bindings.removeprefix("bindings: ").partition(",")[0]
    assert interpreter in INTERPRETERS
    ask = "import sys, dnf, rpm; print(dnf.VERSION, rpm.__version__, sys.version.split()[0])"
    dnf, rpm, python = tool.run(interpreter, "-c", ask).split()
    assert engine == f"engine: dnf4 {dnf}"
    assert bindings == f"bindings: {interpreter}, rpm {rpm}, Python {python}"


@pytest.mark.parametrize(
    ("script", "why"),
    [(None, "No such file or directory"), ("exit 3", "it exited with code 3"), ("kill -9 $$", "killed by signal 9")],
    ids=["missing", "no-bindings", "killed"],
)
def test_no_engine_is_no_failure(tmp_path: Path, script: str | None, why: str) -> None:
    python = tmp_path / "python"
    if script is not None:
        python.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        python.chmod(0o755)

    outcome = run_yumbridge("--version", env={"YUMBRIDGE_PYTHON": str(python)})

    assert (outcome.code, outcome.stderr) == (0, "")
    _, engine, told, detail = outcome.stdout.splitlines()
    assert engine == "engine: none"
    assert "no Python interpreter has the bindings of dnf" in told
    assert detail == f"  {python}: {why}"
