"""kill -9 at every step of staging, of the boot run and of a cancellation: the next run says so and converges.

The step is one of the command's own: what it writes, renames, removes or brings to the disk. Its engine, which goes on
for a moment, holds the lock until it has ended.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from spma.cli.verbs import command
from tests.support.crash import killed_at
from tests.support.holding import holding
from tests.support.rpms import Rpm
from tests.support.waiting import APP2, LIB2, LIB_HELD, NAMES, TOOL2, Waiting
from tests.support.world import World

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

DONE = {APP2.nevra, LIB2.nevra, TOOL2.nevra}
MOST_STEPS = 500


class Told(Waiting):
    """The host, with verbs that run in this very process, so that they can be killed at a step."""

    def verb(self, *words: str | Path) -> None:
        """Run a verb; it must end well, and prints to nobody."""
        sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as it lives
        arguments = [*words, "--root", self.root.path, "--config", self.config]
        try:
            command([str(word) for word in arguments], standalone_mode=False)
        except SystemExit as end:
            if end.code:
                raise RuntimeError(f"it ended with {end.code}") from end


def restore(host: Told, prepared: Path) -> None:
    shutil.rmtree(host.root.path)
    shutil.copytree(prepared, host.root.path, symlinks=True)


def converges(host: Told) -> None:
    """Boot whatever is there to be booted, apply, boot again: the host is as its profile wants it."""
    first = host.run("boot", "run", "--assume-boot", "--wait", "30")
    assert first.code == 0, first
    host.apply("--wait", "30", "--stage-again")
    if host.record()["state"] == "staged":
        host.boot()
    assert host.root.installed() - {"more-1-1.noarch"} == DONE
    assert host.staging == []
    assert not (host.root.path / "var/lib/yumbridge/intent.json").exists()


def killed_everywhere(host: Told, words: tuple[str | Path, ...], *, stride: int) -> int:
    """Kill a verb at one step after the other, each time on the same root, and see that the host converges.

    Every step costs some runs of the command: with a `stride` a few are looked at, from the first to the last.
    """
    prepared = host.world.path / "prepared"
    shutil.copytree(host.root.path, prepared, symlinks=True)
    for step in range(1, MOST_STEPS, stride):
        restore(host, prepared)
        killed = killed_at(step, lambda: host.verb(*words))
        converges(host)
        if not killed:
            return step
    raise AssertionError(f"{words} did not end in {MOST_STEPS} steps")


def test_an_apply_that_stages_may_be_killed_at_any_step(world: World, *, every_step: bool) -> None:
    host = Told(world)

    assert killed_everywhere(host, ("apply", host.profile, "-y"), stride=1 if every_step else 31) > 100


def test_a_staging_of_another_closure_may_be_killed_at_any_step(world: World, *, every_step: bool) -> None:
    host = Told(world)
    host.apply()
    base = world.repository("base", LIB2, APP2, TOOL2, Rpm("more"))
    host.profile = world.profile([*NAMES, "more"], [base])
    host.config = holding(world, LIB_HELD, {"packages": ["more"], "install": True}, name="more.json")

    assert killed_everywhere(host, ("apply", host.profile, "-y"), stride=1 if every_step else 31) > 50


def test_a_boot_run_may_be_killed_at_any_step(world: World, *, every_step: bool) -> None:
    host = Told(world)
    host.apply()

    assert killed_everywhere(host, ("boot", "run", "--assume-boot"), stride=1 if every_step else 17) > 40


def test_a_cancellation_may_be_killed_at_any_step(world: World, *, every_step: bool) -> None:
    host = Told(world)
    host.apply()

    assert killed_everywhere(host, ("boot", "cancel"), stride=1 if every_step else 7) > 10
