"""What is said of an error: lines for a person that a terminal does not act on, and that do not fill it."""

from __future__ import annotations

import re

import pytest

from spma.cli.failure import Form, exit_after
from yumbridge.errors import ConfigError

HOSTILE = "a\x1b[2J\nb\u202e\x9b\x00"
ACTED_ON = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")


@pytest.mark.parametrize("form", list(Form))
def test_an_error_moves_no_cursor(capfd: pytest.CaptureFixture[str], form: Form) -> None:
    assert exit_after(ConfigError(HOSTILE, (HOSTILE, HOSTILE)), form=form, verbose=False) == 10

    told = capfd.readouterr()
    assert not ACTED_ON.search(told.err)
    assert len(told.err.splitlines()) == (0 if form is Form.MESSAGES else 3)
    assert "\x1b" not in told.out


def test_a_line_of_an_error_has_an_end(capfd: pytest.CaptureFixture[str]) -> None:
    exit_after(ConfigError("x" * 100_000, ("y" * 100_000,)), form=Form.TEXT, verbose=False)

    assert [len(line) < 4100 and line.endswith("...") for line in capfd.readouterr().err.splitlines()] == [True, True]


def test_a_traceback_that_was_asked_for_moves_no_cursor(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="a") as caught:
        int(HOSTILE)

    assert exit_after(caught.value, form=Form.TEXT, verbose=True) == 1

    told = capfd.readouterr().err
    assert "Traceback" in told
    assert not ACTED_ON.search(told)
