"""Boot runs that are killed, meet each other, or come to nothing too often."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from tests.support.command import started
from tests.support.gate import WAITING, Gate, children, wait_for_end
from tests.support.rpms import Rpm
from tests.support.waiting import APP2, LIB2, TOOL2, Waiting
from tests.support.world import World

DONE = {APP2.nevra, LIB2.nevra, TOOL2.nevra}


def killed_in_the_middle(host: Waiting) -> None:
    """Make a boot run, and kill it with everything it started while a package is being installed."""
    gate = Gate(host.root)
    with started(*arguments(host)) as process:
        gate.wait()
        for pid in (*children(process.pid), process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait()
        gate.remove()


def arguments(host: Waiting) -> tuple[str, ...]:
    return ("boot", "run", "--assume-boot", "--root", str(host.root.path))


def slow(world: World) -> Waiting:
    host = Waiting(world, lib=Rpm("lib", "2-1", scriptlets=WAITING))
    host.apply()
    return host


def test_an_interrupted_boot_run_is_taken_up_again(world: World) -> None:
    """After kill -9 in the middle the next boot says so, plans from what is installed, and converges."""
    host = slow(world)
    killed_in_the_middle(host)
    assert (host.record()["state"], host.record()["tries"]) == ("running", 1)

    outcome = host.world.run(*arguments(host))

    assert outcome.code == 0, outcome
    assert "a boot run was interrupted" in outcome.stderr
    assert (host.record()["state"], host.record()["tries"]) == ("done", 2)
    assert host.root.installed() == DONE
    assert host.report()["resumed_after"] is not None


def test_a_boot_plan_that_is_interrupted_again_and_again_is_given_up(world: World) -> None:
    """After three interrupted tries nothing is tried any more: not at boot, and it is not staged again by itself."""
    host = slow(world)
    record = host.root.path / "var/lib/yumbridge/boot.json"
    tree = json.loads(record.read_text(encoding="utf-8")) | {"state": "running", "tries": 3}
    record.write_text(json.dumps(tree), encoding="utf-8")

    ended = host.boot(code=17)

    assert ended["state"] == "failed"
    assert ended["why"] == "gave up after 3 tries"
    assert host.root.installed() == {"app-1-1.noarch", "lib-1-1.noarch", TOOL2.nevra}
    host.apply()
    assert (host.record()["state"], host.record()["tries"]) == ("failed", 3)
    host.apply("--stage-again")
    assert (host.record()["state"], host.record()["tries"]) == ("staged", 0)


def test_an_apply_after_an_interrupted_boot_run_stages_what_is_left(world: World) -> None:
    """An apply that comes before the next boot finds the interruption, and what waits is staged as it is now."""
    host = slow(world)
    killed_in_the_middle(host)

    host.apply()

    assert host.record()["state"] in {"staged", "none"}
    assert host.run("boot", "run", "--assume-boot").code == 0
    assert host.root.installed() == DONE


def test_a_run_at_work_is_not_disturbed(world: World) -> None:
    """While a boot run is at work, another one, an apply and a cancellation are told to wait; a preview is not."""
    host = slow(world)
    gate = Gate(host.root)

    with started(*arguments(host)) as first:
        gate.wait()
        codes = [
            host.world.run(*arguments(host)).code,
            host.run("boot", "cancel").code,
            host.run("apply", host.profile).code,
        ]
        state = host.record()["state"]
        gate.remove()
        first.communicate()

    assert codes == [14, 14, 14]
    assert state == "running"
    assert first.returncode == 0
    assert host.root.installed() == DONE


def test_a_killed_staging_is_begun_anew(world: World) -> None:
    """A run that was killed while it staged leaves nothing that a boot would run, and the next one stages."""
    host = Waiting(world)
    host.apply()
    (folder,) = host.staging
    record = host.root.path / "var/lib/yumbridge/boot.json"
    tree = json.loads(record.read_text(encoding="utf-8")) | {"state": "planned", "staged": [], "plan": None}
    record.write_text(json.dumps(tree), encoding="utf-8")
    (folder / "request.json").unlink()

    assert host.run("boot", "run", "--assume-boot").stdout.startswith("Nothing is staged for the boot. 2 changes")
    host.apply()

    assert host.boot()["state"] == "done"


def test_leftovers_of_staging_are_removed(world: World) -> None:
    """A folder of which no record tells is dropped by the next staging."""
    host = Waiting(world)
    stale: Path = host.root.path / "var/lib/yumbridge/boot/0123456789abcdef"
    (stale / "repositories").mkdir(parents=True)

    host.apply()

    assert not stale.exists()
    assert len(host.staging) == 1


def test_the_killed_child_is_gone_before_another_run(world: World) -> None:
    """The engine holds the lock as long as it lives: a run that lost its parent is not overtaken."""
    host = slow(world)
    gate = Gate(host.root)
    with started(*arguments(host)) as process:
        gate.wait()
        (engine,) = children(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        meanwhile = host.world.run(*arguments(host)).code
        gate.remove()
        wait_for_end(engine)

    assert meanwhile == 14
    assert host.world.run(*arguments(host)).code == 0
    assert host.root.installed() == DONE
