"""Disks that are full from the n-th write on, or read-only: it is told in words, and the next run converges."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.support.cache import Cache
from tests.support.disks import fill, free, make_read_only, make_writable, on_a_small_disk
from tests.support.tool import Outcome
from tests.support.tracing import Deed, Step, require_tracing
from tests.support.trial import Tries
from tests.support.trials import OPERATIONS, ready
from tests.support.world import World

SIZE: Final = "64m"
# How many writes of each operation are looked at as a rule; --every-step looks at all.
SOME: Final = {"apply": 5, "boot-run": 2, "mirror": 2}
FEW: Final = 1
WRITING: Final = ("write", "pwrite", "mkdir", "open", "ftruncate", "fallocate", "symlink", "link", "copy_file_range")
# As the kernel says it, and as SQLite, librepo and rpm do.
WORDS: Final = ("No space left on device", "disk is full", "needs", "more space", "Read-only file system")


def is_said_in_words(outcome: Outcome) -> None:
    """An end that is no good one says so: what of, and as an error of the host and not of ours."""
    told = f"{outcome.stdout}{outcome.stderr}"
    assert "Traceback" not in told, told
    assert "internal error" not in told, told
    if outcome.code != 0:
        assert any(words in told for words in WORDS), outcome


def chosen(steps: Sequence[Step], count: int) -> list[Step]:
    """Return some of the writes, the same in every run, spread over all."""
    writes = [step for step in steps if step.call.startswith(WRITING)]
    if len(writes) <= count:
        return writes
    return [writes[(2 * each + 1) * len(writes) // (2 * count)] for each in range(count)]


def full_from(tries: Tries, number: int) -> Outcome:
    """Return how an operation ends when the disk is full right before its n-th step."""

    def fill_up(step: Step) -> Deed:
        if step.number == number:
            fill(tries.world.path)
        return Deed.GO_ON

    return tries.traced(fill_up).outcome


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_disk_may_be_full_at_any_write(tmp_path: Path, rpm_cache: Cache, name: str, *, every_step: bool) -> None:
    require_tracing()

    def body() -> None:
        world = World(tmp_path, rpm_cache)
        with world.serving() as server:
            tries = ready(name, world, server.url)
            steps = tries.traced().steps
            for step in chosen(steps, len(steps) if every_step else SOME.get(name, FEW)):
                tries.put_back()
                print(f"full from {step} on")  # noqa: T201 - seen when it fails
                outcome = full_from(tries, step.number)
                is_said_in_words(outcome)
                free(world.path)
                tries.survives()

    on_a_small_disk(tmp_path, SIZE, body)


@pytest.mark.parametrize("name", OPERATIONS)
def test_nothing_is_done_on_a_read_only_disk(tmp_path: Path, rpm_cache: Cache, name: str) -> None:
    def body() -> None:
        world = World(tmp_path, rpm_cache)
        with world.serving() as server:
            tries = ready(name, world, server.url)
            make_read_only(world.path)
            outcome = tries.run()
            make_writable(world.path)

            assert outcome.code != 0, outcome
            is_said_in_words(outcome)
            tries.survives()

    on_a_small_disk(tmp_path, SIZE, body)
