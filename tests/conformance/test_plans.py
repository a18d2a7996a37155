"""A plan is the same whichever engine made it, but for the engine's name and the wording of problems."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from tests.support.advisories import Advisory
from tests.support.engine import offer, spec
from tests.support.engines import LOCAL, Bindings, RunningEngine
from tests.support.kernels import kernels
from tests.support.rpms import Rpm
from tests.support.world import World
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState
from yumbridge.engine.client import EngineClient
from yumbridge.plan.document import Plan, ProfileRef
from yumbridge.run.host import HostFacts
from yumbridge.run.planning import make_plan
from yumbridge.run.request import PlanRequest

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

OLD, NEW = "5.14.0-1.el9", "5.14.0-2.el9"
FIX = Rpm("lib", "2-1")
INSTALLED = (Rpm("lib", "1-1"), Rpm("old", "1-1"), Rpm("gone"), Rpm("low", "2-1"), *kernels(OLD))
OFFERED = (
    Rpm("app", requires=("lib >= 2", "mta"), recommends=("docs",)),
    *(Rpm("docs"), Rpm("plugin", supplements=("app",)), FIX, Rpm("low", "1-1")),
    *(Rpm("exim", provides=("mta",)), Rpm("postfix", provides=("mta",))),
    Rpm("new", "2-1", obsoletes=("old < 2",), provides=("old = 2-1",)),
    *(Rpm("dual", "1-1", arch=arch) for arch in ("i686", "x86_64")),
    *kernels(OLD, NEW),
)
SPECS: tuple[str | Spec, ...] = ("app", "new", spec("low", "1"), "dual", "kernel", "nosuch", spec("lib", "9"))
BROKEN = (Rpm("one", conflicts=("two",)), Rpm("two"), Rpm("three", requires=("nothing-has-this",)))


def planned(world: World, client: EngineClient, request: PlanRequest) -> Plan:
    """Return a plan made with a cache for each engine: they keep different things there."""
    cachedir = world.path / f"cache-of-{client.hello.name}-{client.hello.version}"
    return make_plan(replace(request, cachedir=cachedir), client).plan


def told(plan: Plan) -> Plan:
    """Return a plan without what may differ: rpms of different ages have different cookies of one rpmdb as well."""
    problems = tuple(msgspec.structs.replace(problem, text="", solutions=()) for problem in plan.problems)
    notes = tuple(msgspec.structs.replace(note, text="") for note in plan.notes)
    engine = msgspec.structs.replace(plan.engine, name="", version="")
    return msgspec.structs.replace(plan, id="", engine=engine, rpmdb_cookie="", problems=problems, notes=notes)


@pytest.mark.parametrize("names", [(), tuple(rpm.name for rpm in BROKEN)], ids=["solvable", "unsolvable"])
def test_plans_are_equal_but_for_the_engine_and_the_wording_of_problems(
    running: RunningEngine,
    running_engines: Callable[[Bindings], RunningEngine],
    world: World,
    names: tuple[str, ...],
) -> None:
    base = world.repository("base", *OFFERED, *BROKEN, advisories=[Advisory("A-1", (FIX,))])
    specs = tuple(each if isinstance(each, Spec) else spec(each) for each in (*SPECS, *names))
    request = PlanRequest(
        state=DesiredState(specs=specs, repositories=(offer(base),)),
        profile=ProfileRef(source="-", digest=""),
        facts=HostFacts(root=world.root(*INSTALLED).path, arch="x86_64", releasever="9"),
        cachedir=world.path / "cache",
    )
    expected = planned(world, running_engines(LOCAL).client, request)
    found = planned(world, running.client, request)

    assert found.engine.name == running.bindings.name
    assert {problem.kind for problem in found.problems} > ({"unsolvable"} if names else set())
    assert bool(found.changes) == (not names)
    assert told(found) == told(expected)
