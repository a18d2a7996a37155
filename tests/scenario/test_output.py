"""How answers look."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Check
from tests.support.profiles import Packages
from tests.support.roots import InstallRoot
from tests.support.rpms import Rpm
from tests.support.terminal import run_on_terminal
from tests.support.world import World

DATA = Path(__file__).parent / "data"
COLUMNS = 80
LONG = "a-package-with-quite-a-long-name-of-more-than-forty-characters"


def harbour(world: World) -> tuple[Path, InstallRoot]:
    """Return a profile and a root whose plan has something of everything."""
    base = world.repository(
        "base",
        Rpm("app", "2.10.1-3", arch="x86_64", requires=("lib",), recommends=("docs",)),
        Rpm("lib", "1:1.2-1", arch="x86_64"),
        Rpm("docs", "2.10.1-3"),
        Rpm("down", "1.9-1"),
        Rpm("new", "2-1", obsoletes=("old",)),
        Rpm("vim-enhanced", "9.0-1", provides=("vim",)),
        Rpm(LONG, "20260301.git1234567-10.el9"),
    )
    root = world.root(
        Rpm("app", "2.9.4-1", arch="x86_64"),
        Rpm("down", "2.0-1"),
        Rpm("old"),
        Rpm("gone", "0.1-1"),
        Rpm("hp-tool"),
        Rpm(LONG, "20250101.git7654321-9.el9"),
    )
    names = ["app", "down", "new", "vim", LONG]
    return world.profile(names, [base], spma={"whitelist": ["hp-"]}), root


def test_a_plan_is_read_at_a_glance(world: World, matches_golden: Check) -> None:
    """A plan is grouped by action, with counts, EVRs before and after, sizes and a reason in a phrase."""
    profile, root = harbour(world)

    outcome = world.run("plan", profile, "--root", root.path)

    assert outcome.code == 0
    matches_golden(DATA / "plan", outcome.stdout)


def test_problems_come_first(world: World, matches_golden: Check) -> None:
    """Problems stand before everything else, each with its path, and the summary says that nothing will be done."""
    base = world.repository("base", Rpm("app", "1-1"), Rpm("broken", requires=("anything-that-nobody-provides >= 4",)))
    wanted: Packages = {"app": {"3.1-2": {"x86_64": ""}}, "absent": {}, "broken": {}}

    outcome = world.run("plan", world.profile(wanted, [base]), "--root", world.root().path)

    assert outcome.code == 12
    matches_golden(DATA / "problems", outcome.stdout)


@pytest.mark.parametrize("where", ["pipe", "terminal"])
def test_no_line_is_too_wide(world: World, where: str) -> None:
    """Every line of an answer fits into 80 columns, in a pipe and on a terminal of that width."""
    profile, root = harbour(world)
    verbs: list[list[str | Path]] = [
        ["plan", profile, "--root", root.path, "--explain"],
        ["apply", profile, "--root", root.path, "-y"],
        ["status", "--root", root.path],
        ["profile", "show", profile],
        ["apply", "--help"],
    ]
    for arguments in verbs:
        if where == "pipe":
            text = world.run(*arguments).stdout
        else:
            text = run_on_terminal(*arguments, columns=COLUMNS, env={"NO_COLOR": "1"}).stdout

        # One word may be wider: a name, a path or a digest is not broken.
        assert [line for line in text.splitlines() if len(line) > COLUMNS and len(line.split()) > 1] == []
        assert text.endswith("\n")


def test_colours_are_for_terminals(world: World) -> None:
    """There is colour on a terminal, and none in a pipe, with NO_COLOR, with --no-color or on a dumb terminal."""
    profile, root = harbour(world)
    arguments: list[str | Path] = ["plan", profile, "--root", root.path]

    coloured = run_on_terminal(*arguments).stdout
    plain = [
        run_on_terminal(*arguments, env={"NO_COLOR": "1"}).stdout,
        run_on_terminal(*arguments, "--no-color").stdout,
        world.run(*arguments, env={"NO_COLOR": ""}).stdout,
    ]

    assert "\x1b[" in coloured
    assert [text for text in plain if "\x1b" in text] == []
    assert plain[0] == plain[1] == plain[2]


def test_a_wide_terminal_is_used(world: World) -> None:
    """On a wide terminal a reason that would not fit on 80 columns stands on the line of its package."""
    profile, root = harbour(world)

    wide = run_on_terminal("plan", profile, "--root", root.path, columns=160, env={"NO_COLOR": "1"}).stdout

    line = next(line for line in wide.splitlines() if line.strip().startswith(LONG))
    assert line.endswith("in the profile")


def test_a_document_is_all_there_is_on_stdout(world: World) -> None:
    """With --json stdout is one document, on a terminal too, and warnings are on stderr."""
    profile, root = harbour(world)

    for arguments in (["plan", profile], ["apply", profile, "-y"], ["status"]):
        outcome = world.run(*arguments, "--root", root.path, "--json")
        assert outcome.json()["document"].startswith("yumbridge-")
        assert outcome.stdout.endswith("}\n")


def test_a_small_plan_fits_on_a_screen(world: World) -> None:
    """A plan of a few packages fits on a terminal of 24 lines."""
    base = world.repository("base", *(Rpm(f"app{n}") for n in range(8)))

    outcome = world.run("plan", world.profile(["app*"], [base]), "--root", world.root().path)

    assert len(outcome.stdout.splitlines()) <= 24
