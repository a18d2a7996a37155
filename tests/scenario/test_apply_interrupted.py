"""Runs that meet each other, are killed, or are told to end."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.command import started
from tests.support.gate import WAITING, Gate, children, wait_for_end
from tests.support.plans import applied, moves, planned
from tests.support.roots import InstallRoot
from tests.support.rpms import Rpm
from tests.support.server import Fault
from tests.support.world import World


@pytest.fixture(autouse=True)
def _default_signals() -> Iterator[None]:
    """A shell may have started us with SIGINT ignored, which every child would inherit."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def half_way(world: World) -> tuple[InstallRoot, list[str], Gate]:
    """Return a root that is being upgraded, the arguments to do it, and the gate at which the transaction waits."""
    names = ("alpha", "beta", "gamma")
    root = world.root(*(Rpm(name, "1-1") for name in names), Rpm("gone"))
    base = world.repository("base", *(Rpm(name, "2-1", scriptlets=WAITING) for name in names))
    profile = world.profile(list(names), [base])
    return root, ["apply", str(profile), "--root", str(root.path)], Gate(root)


def test_a_second_run_is_told_who_holds_the_lock(world: World) -> None:
    """While one run is at work a second one ends with 14 and says who holds the lock and since when."""
    root, arguments, gate = half_way(world)

    with started(*arguments) as first:
        gate.wait()
        second = world.run(*arguments, "--json")
        waiting = world.run(*arguments, "--json", "--wait", "0.3")
        gate.remove()
        first.communicate()

    assert (second.code, waiting.code, first.returncode) == (14, 14, 0)
    assert second.json()["kind"] == "locked"
    message = second.json()["message"]
    assert message.startswith(f"another run holds the lock of this root: yumbridge apply (pid {first.pid}) since 20")
    assert root.installed() == {"alpha-2-1.noarch", "beta-2-1.noarch", "gamma-2-1.noarch"}


def test_a_run_that_waits_finds_the_work_done(world: World) -> None:
    """With --wait a second run waits for the first, plans from what that left, and has nothing to do."""
    _, arguments, gate = half_way(world)

    with started(*arguments) as first, ThreadPoolExecutor() as pool:
        gate.wait()
        second = pool.submit(world.run, *arguments, "--json", "--wait", "60")
        time.sleep(0.5)
        assert not second.done()
        gate.remove()
        first.communicate()
        outcome = second.result()

    assert (first.returncode, outcome.code) == (0, 0)
    assert outcome.json()["outcome"] == "nothing-to-do"


def test_a_killed_run_is_told_and_taken_to_its_end(world: World) -> None:
    """After kill -9 in the middle of a transaction the next run says so and converges, without duplicates."""
    root, arguments, gate = half_way(world)
    with started(*arguments) as process:
        gate.wait()
        for pid in (*children(process.pid), process.pid):
            os.kill(pid, signal.SIGKILL)
        process.communicate()
    gate.remove()
    assert len(root.installed()) > 4, "the kill came too late to show anything"
    status = world.run("status", "--root", root.path, "--json").json()
    interrupted = status["interrupted"]["plan"]

    healed = world.repository("base", *(Rpm(name, "2-1") for name in ("alpha", "beta", "gamma")))
    profile = world.profile(["alpha", "beta", "gamma"], [healed])
    outcome = world.run("apply", profile, "--root", root.path, "--json")

    assert outcome.code == 0, outcome
    assert outcome.stderr.startswith(f"a run was interrupted: plan {interrupted}, started 20")
    assert outcome.json()["resumed_after"] == interrupted
    assert root.installed() == {"alpha-2-1.noarch", "beta-2-1.noarch", "gamma-2-1.noarch"}
    assert world.run("status", "--root", root.path, "--json").json()["interrupted"] is None
    planned(world, profile, root, "--check", code=0)


def test_an_intent_that_cannot_be_read_stops_nobody(world: World) -> None:
    """An intent that is damaged tells of an unknown plan, in status too, and the next run that ends clears it."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    root.write("var/lib/yumbridge/intent.json", '{"document": "yumbridge-int')

    status = world.run("status", "--root", root.path)
    outcome = world.run("apply", world.profile(["app"], [base]), "--root", root.path, "--json")

    assert status.code == 0
    assert "Interrupted: plan unknown, started 20" in status.stdout
    assert outcome.code == 0, outcome
    assert outcome.stderr.startswith("a run was interrupted: an unknown plan, started 20")
    assert outcome.json()["resumed_after"] == "unknown"
    assert world.run("status", "--root", root.path, "--json").json()["interrupted"] is None


def test_the_same_profile_converges_after_a_kill(world: World) -> None:
    """After a kill the same profile removes what was left over and installs what is missing."""
    root, arguments, gate = half_way(world)
    with started(*arguments) as process:
        gate.wait()
        for pid in (*children(process.pid), process.pid):
            os.kill(pid, signal.SIGKILL)
        process.communicate()
    gate.remove()

    assert world.run(*arguments).code == 0
    assert root.installed() == {"alpha-2-1.noarch", "beta-2-1.noarch", "gamma-2-1.noarch"}


def test_a_transaction_outlives_the_command(world: World) -> None:
    """When only the command is killed the transaction goes on under the lock, and the next run finds it done."""
    root, arguments, gate = half_way(world)
    with started(*arguments) as process:
        gate.wait()
        (engine,) = children(process.pid)
        process.kill()
        process.wait()
    locked = world.run(*arguments)
    gate.remove()
    wait_for_end(engine)
    outcome = world.run(*arguments, "--json")

    assert (locked.code, outcome.code) == (14, 0)
    assert outcome.json()["changes"] == 0
    assert outcome.json()["configuration"] != []
    assert outcome.json()["resumed_after"].startswith("sha256:")
    assert root.installed() == {"alpha-2-1.noarch", "beta-2-1.noarch", "gamma-2-1.noarch"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_waits_for_the_transaction(world: World, number: signal.Signals) -> None:
    """SIGTERM, SIGINT and SIGHUP during the transaction are heard after it: it ends as planned and is recorded."""
    root, arguments, gate = half_way(world)
    with started(*arguments) as process:
        gate.wait()
        process.send_signal(number)
        time.sleep(0.2)
        assert process.poll() is None
        gate.remove()
        process.communicate()

    assert process.returncode == 130
    assert root.installed() == {"alpha-2-1.noarch", "beta-2-1.noarch", "gamma-2-1.noarch"}
    report = json.loads((root.path / "var/lib/yumbridge/report.json").read_text(encoding="utf-8"))
    assert report["outcome"] == "as-planned"
    assert not (root.path / "var/lib/yumbridge/intent.json").exists()


@pytest.mark.parametrize(
    ("verb", "number"),
    [("plan", signal.SIGINT), ("plan", signal.SIGTERM), ("apply", signal.SIGINT), ("apply", signal.SIGTERM)],
)
def test_an_interrupt_while_planning_ends_at_once(world: World, verb: str, number: signal.Signals) -> None:
    """A signal while metadata is on its way ends the command with 130, and leaves nothing behind."""
    base = world.repository("base", Rpm("app"))
    root = world.root(Rpm("old"))
    with world.serving() as server:
        server.fail("/base/repodata/*", Fault(delay_s=60))
        profile = world.profile(["app"], [base.at(server.url)])
        with started(verb, profile, "--root", root.path, "--json") as process:
            while not server.paths:
                time.sleep(0.02)
            (engine,) = children(process.pid)
            process.send_signal(number)
            stdout, stderr = process.communicate()

    assert process.returncode == 130
    assert json.loads(stdout)["kind"] == "interrupted"
    assert "Traceback" not in stderr
    wait_for_end(engine)
    assert root.installed() == {"old-1-1.noarch"}


def test_a_killed_engine_is_said(world: World) -> None:
    """An engine that is killed while it plans ends the command with 16, and the message says by what."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    with world.serving() as server:
        server.fail("/base/repodata/*", Fault(delay_s=60))
        profile = world.profile(["app"], [base.at(server.url)])
        with started("plan", profile, "--root", root.path, "--json") as process:
            while not server.paths:
                time.sleep(0.02)
            (engine,) = children(process.pid)
            os.kill(engine, signal.SIGKILL)
            stdout, stderr = process.communicate()

    assert process.returncode == 16
    assert json.loads(stdout)["message"] == "the engine stopped: killed by signal 9"
    assert stderr == "yumbridge: the engine stopped: killed by signal 9\n"


def test_an_engine_killed_in_the_transaction_is_a_failed_run(world: World) -> None:
    """An engine that is killed in a transaction leaves a report that says so, and the next run converges."""
    root, arguments, gate = half_way(world)
    with started(*arguments, "--json") as process:
        gate.wait()
        (engine,) = children(process.pid)
        os.kill(engine, signal.SIGKILL)
        stdout, _ = process.communicate()
    gate.remove()

    assert process.returncode in {16, 17}
    assert "killed by signal 9" in stdout
    assert "Traceback" not in stdout

    assert world.run(*arguments).code == 0
    assert root.installed() == {"alpha-2-1.noarch", "beta-2-1.noarch", "gamma-2-1.noarch"}


def test_a_lock_that_a_dead_run_left_is_free(world: World) -> None:
    """The lock of a run that died is free: the file that names it stands in nobody's way."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    holder = '{"pid": 1, "command": "yumbridge apply", "since": "2020-01-01T00:00:00Z"}\n'
    root.write("var/lib/yumbridge/lock", holder)

    assert applied(world, world.profile(["app"], [base]), root)["outcome"] == "as-planned"


def test_plans_go_on_beside_a_run(world: World) -> None:
    """While a run is at work a plan waits for nobody: it shows what is installed at that moment."""
    root, arguments, gate = half_way(world)
    with started(*arguments) as process:
        gate.wait()
        plan = planned(world, world.path / "profile.json", root)
        gate.remove()
        process.communicate()

    assert process.returncode == 0
    assert "remove gone.noarch 1-1" in moves(plan)
