"""Two runs at once: the first is held still in the middle of its work, and the second one comes.

Who would change the same thing is told who is at it, and changes nothing; who only looks is served; and the first ends
as if it had been alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

import pytest

from tests.support.tracing import Deed, Step, require_tracing
from tests.support.trial import HostTrial, StoreTrial, Tries
from tests.support.trials import ready
from tests.support.world import World

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

# Where the first is held: before the call of that name that changes a path with that end.
ON_A_HOST: Final = {
    "apply": (("rename", "intent.json"), ("pwrite64", "rpmdb.sqlite-wal"), ("rename", "boot.json")),
    "boot-run": (("rename", "boot.json"), ("rename", "report.json")),
    "component-run": (("rename", "report.json"),),
}
IN_A_STORE: Final = {
    "mirror": (("rename", "mirrors/base/current"),),
    "cut": (("rename", "snapshots/day"),),
    "publish": (("rename", "refs/production"),),
    "prune": (("unlink", ".rpm"),),
    "realise": (("rename", "snapshots/again"),),
}
LOCKED: Final = 14


def held_at(tries: Tries, call: str, end: str, meanwhile: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Return the exit codes of commands that run while the operation is held at a step."""
    codes: dict[str, int] = {}

    def hold(step: Step) -> Deed:
        if not codes and step.call.startswith(call) and step.path.endswith(end):
            codes.update({name: tries.world.run(*words).code for name, words in meanwhile.items()})
        return Deed.GO_ON

    outcome = tries.traced(hold).outcome
    assert outcome.code == 0, outcome
    assert codes, f"it never came to {call} {end}"
    return codes


@pytest.mark.parametrize(("name", "call", "end"), [(name, *at) for name, all_ in ON_A_HOST.items() for at in all_])
def test_on_a_host(world: World, name: str, call: str, end: str) -> None:
    require_tracing()
    with world.serving() as server:
        tries = ready(name, world, server.url)
        trial = tries.trial
        assert isinstance(trial, HostTrial)
        profile = str(world.path / "profile.json")
        on = ("--root", str(trial.folder), "--config", str(world.path / "config.yaml"))
        second = {
            "apply": ("apply", profile, "-y", *on),
            "boot cancel": ("boot", "cancel", *on),
            "boot run": ("boot", "run", "--assume-boot", *on),
            "plan": ("plan", profile, *on),
            "status": ("status", *on),
            "boot status": ("boot", "status", *on),
        }
        codes = held_at(tries, call, end, second)
        trial.has_converged()

    readers = {"plan", "status", "boot status"}
    assert {reader: codes[reader] for reader in readers} == dict.fromkeys(readers, 0)
    assert codes["apply"] == LOCKED
    # Without anything that waits these two have nothing to do, and need not wait for anybody to say so.
    assert {codes["boot cancel"], codes["boot run"]} <= {LOCKED, 0}
    if name == "boot-run":
        assert codes["boot cancel"] == codes["boot run"] == LOCKED


@pytest.mark.parametrize(("name", "call", "end"), [(name, *at) for name, all_ in IN_A_STORE.items() for at in all_])
def test_in_a_store(world: World, name: str, call: str, end: str) -> None:
    require_tracing()
    with world.serving() as server:
        tries = ready(name, world, server.url)
        trial = tries.trial
        assert isinstance(trial, StoreTrial)
        store = ("--store", str(trial.folder))
        writers = {
            "mirror": ("snapshot", "mirror", "base", f"{server.url}/base", *store),
            "cut": ("snapshot", "cut", "other", *store),
            "prune": ("snapshot", "prune", "-y", *store),
            "adopt": ("snapshot", "adopt", str(world.repositories), "--name", "more", *store),
        }
        if "one" in trial.store.names():
            writers["publish"] = ("snapshot", "publish", "testing", "one", *store)
        readers = {"list": ("snapshot", "list", *store), "verify": ("snapshot", "verify", "--deep", *store)}
        codes = held_at(tries, call, end, {**writers, **readers})
        trial.has_converged()

    assert {writer: codes[writer] for writer in writers} == dict.fromkeys(writers, LOCKED)
    assert {reader: codes[reader] for reader in readers} == dict.fromkeys(readers, 0)
