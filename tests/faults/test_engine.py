"""An engine that is killed: at each request that it is asked, and in the middle of a download and of a transaction."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.tool import Outcome
from tests.support.tracing import Deed, Role, Step, require_tracing
from tests.support.trial import HostTrial
from tests.support.trials import ready
from tests.support.world import World

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

# What an apply asks for, in its order: metadata, solving, keys and downloads, the transaction, what came of it.
REQUESTS: Final = ("open", "closure", "installed", "exact", "prepare", "commit", "verify", "stage")
INTERPRETER: Final = "/usr/bin/python3"
# It hands on what is asked and answered, and kills the real engine and itself instead of handing on one request. That
# there is an engine at all is told before.
HANDING_ON: Final = f"""#!{sys.executable}
import json, os, signal, subprocess, sys, threading
has_answered = threading.Event()
def answer(lines):
    for line in lines:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
        has_answered.set()
pipe = subprocess.PIPE
with subprocess.Popen(["{INTERPRETER}", *sys.argv[1:]], stdin=pipe, stdout=pipe) as engine:
    answers = threading.Thread(target=answer, args=(engine.stdout,))
    answers.start()
    for line in sys.stdin.buffer:
        if json.loads(line)["request"] == "REQUEST":
            has_answered.wait()
            engine.kill()
            engine.wait()
            os.kill(os.getpid(), signal.SIGKILL)
        engine.stdin.write(line)
        engine.stdin.flush()
    engine.stdin.close()
    answers.join()
"""


def dies_at(world: World, request: str) -> dict[str, str]:
    """Return the environment in which the engine is killed when it is asked for something."""
    path = world.path / "interpreter"
    path.write_text(HANDING_ON.replace("REQUEST", request), encoding="utf-8")
    path.chmod(0o755)
    return {"YUMBRIDGE_PYTHON": str(path)}


def is_told(outcome: Outcome, codes: frozenset[int]) -> None:
    assert outcome.code in codes, outcome
    assert "the engine stopped: killed by signal 9" in f"{outcome.stdout}{outcome.stderr}", outcome
    assert "Traceback" not in outcome.stderr


@pytest.mark.parametrize("request_name", REQUESTS)
@pytest.mark.parametrize("name", ["apply"])
def test_an_engine_may_be_killed_at_any_request(world: World, name: str, request_name: str) -> None:
    with world.serving() as server:
        tries = ready(name, world, server.url)
        outcome = tries.run(env=dies_at(world, request_name))

        is_told(outcome, frozenset({16, 17}))
        report_is_told(tries.trial.folder)
        tries.survives()


def report_is_told(root: Path) -> None:
    """The last report says that the engine was killed, whatever else happened: an older one would say all is well."""
    report = json.loads((root / "var/lib/yumbridge/report.json").read_bytes())
    if report["outcome"] == "as-planned":
        # What could not be staged is told in the record of the boot plan.
        record = json.loads((root / "var/lib/yumbridge/boot.json").read_bytes())
        assert (record["state"], record["why"]) == ("planned", "the engine stopped: killed by signal 9")
        return
    assert report["outcome"] == "failed"
    assert any("killed by signal 9" in text for text in report["errors"]), report["errors"]


@pytest.mark.parametrize("part", ["packages/", "rpmdb.sqlite-wal", "repodata/", "var/lib/dnf/history.sqlite"])
def test_an_engine_may_be_killed_in_the_middle_of_its_work(world: World, part: str) -> None:
    """In the middle of a download, of a transaction, of reading metadata, and of writing dnf's history."""
    require_tracing()
    with world.serving() as server:
        tries = ready("apply", world, server.url)
        trial = tries.trial
        assert isinstance(trial, HostTrial)
        steps = [step for step in tries.traced().steps if step.role is Role.ENGINE and part in step.path]
        middle = steps[len(steps) // 2].number
        tries.put_back()

        def kill(step: Step) -> Deed:
            return Deed.KILL_ONE if step.number == middle else Deed.GO_ON

        outcome = tries.traced(kill).outcome

        is_told(outcome, frozenset({16, 17}))
        report_is_told(trial.folder)
        tries.survives()
