"""What holds divide, on random worlds: real dnf on real rpms, judged by brute force.

Specification: "`now + boot` equals the closure, `now` alone is valid, and no deferred change could be added to `now`".
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.support.cache import shared_cache
from tests.support.divided import Case, Change, cases, subsets
from tests.support.world import World
from yumbridge.condition.evaluation import Facts
from yumbridge.desired.hold import Hold
from yumbridge.desired.policy import Policy
from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState
from yumbridge.engine.child import Starter
from yumbridge.engine.client import EngineClient
from yumbridge.plan.document import Change as PlanChange
from yumbridge.plan.document import Plan, ProfileRef
from yumbridge.run.host import HostFacts
from yumbridge.run.planning import make_plan
from yumbridge.run.request import PlanRequest

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

MOMENT = Facts(now=None, zone=UTC, zone_name="UTC", host="host")


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineClient]:
    with EngineClient(Starter()) as running:
        yield running


def planned(case: Case, engine: EngineClient, folder: Path) -> Plan:
    world = World(folder, shared_cache())
    base = world.repository("base", *(build.rpm for build in case.wanted))
    root = world.root(*(build.rpm for build in case.installed))
    state = DesiredState(
        specs=tuple(
            Spec(name=build.name, evr=f"{build.version}-1", origin=f"/software/packages/{build.name}")
            for build in sorted(case.wanted, key=lambda build: build.name)
        ),
        repositories=(Repository(repo_id="base", urls=(base.url,), origin="test"),),
        policy=Policy(holds=(Hold(packages=tuple(sorted(case.held)), origin="test"),), weak_deps=False),
    )
    request = PlanRequest(
        state=state,
        profile=ProfileRef(source="-", digest=""),
        facts=HostFacts(root=root.path, arch="x86_64", releasever="9"),
        moment=MOMENT,
        cachedir=folder / "cache",
    )
    return make_plan(request, engine).plan


def in_the_model(case: Case, changes: tuple[PlanChange, ...]) -> frozenset[Change]:
    """Return the changes of a plan as those of the case; what is obsoleted is part of its obsoleter's."""
    names = {change.name for change in changes}
    return frozenset(change for change in case.changes if _name(change) in names)


def _name(change: Change) -> str:
    build = change.after or change.before
    assert build is not None
    return build.name


@given(case=cases())
@settings(max_examples=40)
def test_now_is_valid_and_nothing_that_waits_could_be_added(engine: EngineClient, case: Case) -> None:
    with tempfile.TemporaryDirectory(prefix="yumbridge.") as folder:
        plan = planned(case, engine, Path(folder))

    assert plan.problems == ()
    now, later = in_the_model(case, plan.changes), in_the_model(case, plan.deferred)
    assert now | later == frozenset(case.changes)
    assert not now & later
    assert case.is_possible(now), "what goes now is valid, and leaves the held packages alone"
    assert case.result((*now, *later)) == case.wanted
    for more in subsets(sorted(later, key=_name)):
        assert not case.is_possible((*now, *more)), "nothing that waits could go now"


@given(case=cases())
@settings(max_examples=15)
def test_every_change_that_waits_says_why(engine: EngineClient, case: Case) -> None:
    with tempfile.TemporaryDirectory(prefix="yumbridge.") as folder:
        plan = planned(case, engine, Path(folder))

    for change in plan.deferred:
        assert change.chain
        assert change.until == "boot"
        assert (change.cause == "hold") is (change.name in case.held and bool(change.before))
