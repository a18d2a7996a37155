"""Clocks that jump, between two runs or in one: nothing is judged by how old a file is, or how new.

The clock of the machine is left alone. To who compares, files that are a year ahead are what a clock that has gone back
by a year leaves behind, and files that are a year old what one leaves that has gone forward.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Final

import pytest

from tests.support.rpms import Rpm
from tests.support.tracing import Deed, Step, at_step, require_tracing
from tests.support.trial import NEW
from tests.support.trials import ready
from tests.support.waiting import APP2, LIB2
from tests.support.world import World

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

YEAR_S: Final = 365 * 24 * 3600
JUMPS: Final = {"back": YEAR_S, "forward": -YEAR_S}


def shift(folder: Path, by_s: int) -> None:
    """Let every file below a folder be of another time."""
    then = time.time() + by_s
    for path in folder.rglob("*"):
        os.utime(path, (then, then), follow_symlinks=False)


@pytest.mark.parametrize("jump", JUMPS)
def test_a_host_sees_what_is_new_whatever_its_clock_says(world: World, jump: str) -> None:
    with world.serving() as server:
        tries = ready("apply", world, server.url)
        assert tries.run().code == 0
        shift(world.path, JUMPS[jump])
        world.repository("base", LIB2, APP2, Rpm("tool", "3-1"), NEW)
        outcome = tries.run()

    assert outcome.code == 0, outcome
    assert "tool.noarch  2-1 -> 3-1" in outcome.stdout


@pytest.mark.parametrize("jump", JUMPS)
def test_a_mirror_sees_what_is_new_whatever_its_clock_says(world: World, jump: str) -> None:
    with world.serving() as server:
        tries = ready("mirror", world, server.url)
        assert tries.run().code == 0
        shift(world.path, JUMPS[jump])
        world.repository("base", Rpm("e"))
        outcome = tries.run()

    assert outcome.code == 0, outcome
    assert outcome.stdout.startswith("base: 1 package (1 new)")


@pytest.mark.parametrize("jump", JUMPS)
@pytest.mark.parametrize("name", ["apply", "boot-run", "mirror"])
def test_a_clock_may_jump_in_the_middle_of_a_run(world: World, name: str, jump: str) -> None:
    require_tracing()
    with world.serving() as server:
        tries = ready(name, world, server.url)
        half = len(tries.traced().steps) // 2
        tries.put_back()

        def jump_at_half(step: Step) -> Deed:
            if step.number == half:
                shift(world.path, JUMPS[jump])
            return Deed.GO_ON

        outcome = tries.traced(jump_at_half).outcome
        assert outcome.code == 0, outcome
        tries.trial.has_converged()


@pytest.mark.parametrize("started", ["1970-01-01T00:00:07Z", "2099-12-31T23:59:59Z"])
def test_an_interruption_of_another_time_is_one(world: World, started: str) -> None:
    require_tracing()
    with world.serving() as server:
        tries = ready("apply", world, server.url)
        steps = tries.traced().steps
        (begun,) = [step.number for step in steps if step.call.startswith("rename") and "intent" in step.path]
        tries.put_back()
        tries.traced(at_step(begun + 50, Deed.KILL_ALL))
        path = tries.trial.folder / "var/lib/yumbridge/intent.json"
        path.write_text(json.dumps(json.loads(path.read_bytes()) | {"started": started}), encoding="utf-8")

        tries.survives()
