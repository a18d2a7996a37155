"""What a person sees of verbs of `snapshot` that take long."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from snapshots.storage.store import open_store, writing
from tests.support.rpms import Rpm
from tests.support.terminal import run_on_terminal
from tests.support.tool import Outcome
from tests.support.world import World
from yumbridge.engine.child import INTERPRETERS

APP = Rpm("app")
# Longer than a verb takes to start, and then to lose its patience.
_LONG_S = 3


def ready(world: World) -> None:
    """Make a store with a mirror, a snapshot and its lock, and a tree to adopt."""
    base = world.repository("base", APP)
    assert world.snapshot("mirror", "base", base.url).code == 0
    world.freeze("one", base)
    assert world.snapshot("lock", "one", "--out", world.path / "one.json").code == 0


def delayed(world: World, *runs: Callable[[], Outcome]) -> list[Outcome]:
    """Run what has to wait for another writer of the store, and then for each other."""
    with ThreadPoolExecutor(len(runs)) as executor:
        with writing(open_store(world.store), "another"):
            found = [executor.submit(run) for run in runs]
            time.sleep(_LONG_S)
        return [each.result() for each in found]


@pytest.mark.parametrize(
    ("words", "phase"),
    [
        (("mirror",), "Mirroring"),
        (("cut", "two"), "Cutting"),
        (("prune", "-y"), "Pruning"),
        (("realise", "one.json", "again"), "Realising"),
        (("adopt", "repositories", "--name", "adopted"), "Adopting"),
    ],
)
def test_a_verb_that_takes_long_says_so_on_a_terminal_alone(world: World, words: tuple[str, ...], phase: str) -> None:
    """A verb that has taken a second shows what it does on a terminal, and nothing on a pipe."""
    ready(world)
    places = {"one.json": world.path / "one.json", "repositories": world.repositories}
    asked = ("snapshot", *(places.get(word, word) for word in words), "--store", world.store, "--wait", "60")

    on_terminal, on_pipe = delayed(world, lambda: run_on_terminal(*asked), lambda: world.run(*asked))

    assert (on_terminal.code, on_pipe.code) == (0, 0), (on_terminal, on_pipe)
    assert phase in on_terminal.stdout
    assert (phase in on_pipe.stdout, on_pipe.stderr) == (False, "")


def test_a_check_that_takes_long_counts_profiles(world: World) -> None:
    """A check shows how many of the profiles it has solved, on a terminal alone."""
    ready(world)
    engine = world.path / "python"
    interpreter = next(path for path in INTERPRETERS if Path(path).exists())
    engine.write_text(f'#!/bin/sh\nsleep 2\nexec {interpreter} "$@"\n', encoding="utf-8")
    engine.chmod(0o755)
    profile = world.profile(["app"], [("base", "file:///nonexistent")])
    asked = ("snapshot", "check", "one", "--profile", profile, "--profile", profile, "--store", world.store)
    env = {"YUMBRIDGE_PYTHON": str(engine), "XDG_CACHE_HOME": str(world.path / "cache")}

    on_terminal = run_on_terminal(*asked, env=env)
    on_pipe = world.run(*asked, env=env)

    assert (on_terminal.code, on_pipe.code) == (0, 0), (on_terminal, on_pipe)
    assert "Checking" in on_terminal.stdout
    assert "Profiles" in on_terminal.stdout
    assert on_pipe.stderr == ""
