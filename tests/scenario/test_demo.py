"""The demo, as a newcomer runs it. It judges every step itself."""

from __future__ import annotations

import os

import pytest

from tests.support.project import ROOT
from tests.support.tool import run

COLUMNS = 80


@pytest.mark.skipif(os.getuid() != 0, reason="rpm changes an install root only as root")
def test_the_demo_behaves_as_it_tells_on_a_terminal_of_80_columns() -> None:
    told = run(ROOT / "demo/run").splitlines()
    assert any(line.startswith("That was all.") for line in told)
    # A digest is one word of 71 characters, and nothing is gained by breaking it.
    prose = [line for line in told if "sha256:" not in line]
    assert [line for line in prose if len(line) > COLUMNS] == []
