"""kill -9 of the command and of all it started, at every step that any of them makes: the next run converges.

Steps are system calls, so that those of rpm, dnf and SQLite count as well. What has to be true after each kill is in
tests/support/trial.py.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Sequence
from typing import Final

import pytest

from tests.support.tracing import Deed, Role, Step, at_step, require_tracing
from tests.support.trials import OPERATIONS, ready
from tests.support.world import World

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

# How many steps of each operation are looked at as a rule; --every-step looks at all.
SOME: Final = {"apply": 8, "boot-run": 5, "mirror": 4, "cut": 3}
FEW: Final = 2


def chosen(steps: Sequence[Step], count: int) -> list[int]:
    """Return the numbers of some steps, the same in every run: half of them of those that put something in its place.

    The others are spread over all, the first and the last among them.
    """
    turning = [step.number for step in steps if step.call.startswith(("rename", "unlink", "symlink"))]
    return sorted({*spread([step.number for step in steps], count - count // 2), *spread(turning, count // 2)})


def spread(numbers: Sequence[int], count: int) -> list[int]:
    if count == 1 or len(numbers) <= 1:
        return list(numbers[len(numbers) // 2 :][:1])
    return [numbers[round(each * (len(numbers) - 1) / (count - 1))] for each in range(count)] if count else []


def test_the_steps_of_all_processes_are_seen(world: World) -> None:
    """Otherwise nothing would be killed here where it matters."""
    require_tracing()
    with world.serving() as server:
        tries = ready("apply", world, server.url)
        steps = tries.traced().steps
        rpmdb = [step for step in steps if step.role is Role.ENGINE and "rpmdb.sqlite" in step.path]
        intent = [step.call for step in steps if step.path.endswith("/var/lib/yumbridge/intent.json")]
        tries.put_back()
        killed = tries.traced(at_step(rpmdb[-1].number, Deed.KILL_ALL))

    assert len(rpmdb) > 20
    assert [call.rstrip("at2") for call in intent] == ["rename", "unlink"]
    assert killed.was_killed
    assert killed.outcome.code == -signal.SIGKILL
    assert str(killed.steps[-1].path) == rpmdb[-1].path


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_kill_at_any_step_is_survived(world: World, name: str, *, every_step: bool) -> None:
    require_tracing()
    with world.serving() as server:
        tries = ready(name, world, server.url)
        undisturbed = tries.traced()
        assert undisturbed.outcome.code == 0, undisturbed
        assert undisturbed.steps, "it does nothing"
        steps = undisturbed.steps
        numbers = [step.number for step in steps] if every_step else chosen(steps, SOME.get(name, FEW))
        failed = []
        for number in numbers:
            tries.put_back()
            killed = tries.traced(at_step(number, Deed.KILL_ALL))
            # Processes that work side by side may come to the last step earlier.
            assert killed.was_killed or number > len(steps) - 3
            try:
                tries.survives()
            except AssertionError as error:
                where = traceback.extract_tb(error.__traceback__)[-1]
                failed.append(f"{killed.steps[-1]}: {where.name}: {error}")
        assert not failed, "\n".join(failed)
