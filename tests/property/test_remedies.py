"""What would solve the problems of a plan, on random worlds of real rpms."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spma.profile.reading import read_profile
from tests.support.cache import shared_cache
from tests.support.profiles import Json, profile
from tests.support.remedies import carried_out
from tests.support.rpms import Rpm
from tests.support.world import World
from yumbridge.condition.evaluation import Facts
from yumbridge.desired.policy import Policy
from yumbridge.engine.child import Starter
from yumbridge.engine.client import EngineClient
from yumbridge.plan.document import Plan, ProfileRef
from yumbridge.run.host import HostFacts
from yumbridge.run.planning import make_plan
from yumbridge.run.request import PlanRequest

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

NAMES = "abcdef"
VERSIONS = ("1-1", "2-1")


@dataclass(frozen=True, slots=True)
class Case:
    """Builds in one repository, what is listed of them, names that are excluded, and aliases."""

    rpms: tuple[Rpm, ...]
    packages: Mapping[str, Mapping[str, Mapping[str, str]]]
    excludes: tuple[str, ...]
    aliases: Mapping[str, Json] = field(default_factory=dict)


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineClient]:
    with EngineClient(Starter()) as running:
        yield running


@st.composite
def cases(draw: st.DrawFn) -> Case:
    relations = st.sampled_from([*NAMES, *(f"{name} = {evr}" for name in NAMES for evr in VERSIONS), "nowhere"])
    rpms: list[Rpm] = []
    for name in NAMES:
        for evr in draw(st.lists(st.sampled_from(VERSIONS), min_size=1, unique=True)):
            needs = draw(st.lists(relations, max_size=2, unique=True))
            bars = draw(st.lists(relations, max_size=1))
            others = tuple(bar for bar in bars if bar.partition(" ")[0] != name)
            rpms.append(Rpm(name, evr, requires=tuple(needs), conflicts=others))
    pins = [{evr: {"noarch": ""}} for evr in (*VERSIONS, "3-1")]
    versions = st.sampled_from([{}, *pins, {evr: {"noarch": ""} for evr in VERSIONS}])
    listed = draw(st.dictionaries(st.sampled_from([*NAMES, "g", "@x", "@y"]), versions, min_size=2, max_size=5))
    # One line may lead to a member by both.
    members = st.lists(st.sampled_from([*NAMES, "g", "B"]), min_size=1, max_size=3, unique=True)
    aliases = {"x": {"all_of": [*draw(members), *draw(st.sampled_from([[], ["@y"]]))]}, "y": {"all_of": draw(members)}}
    bare = {name: {} if name.startswith("@") else versions for name, versions in listed.items()}
    return Case(tuple(rpms), bare, tuple(draw(st.lists(st.sampled_from(NAMES), max_size=1))), aliases)


class Planner:
    """Plans profiles on one repository and an empty root."""

    def __init__(self, case: Case, engine: EngineClient, folder: Path) -> None:
        world = World(folder, shared_cache())
        base = world.repository("base", *case.rpms)
        self.tree: Mapping[str, Json] = profile(
            case.packages,
            [base],
            spma={"excludes": list(case.excludes)},
            extra={"software": {"components": {"yumbridge": {"aliases": case.aliases}}}},
        )
        self._engine = engine
        self._folder = folder
        self._root = world.root()

    def plan(self, tree: Mapping[str, Json], moment: Facts | None = None) -> Plan:
        state = read_profile(json.dumps(tree).encode()).desired_state(Policy())
        request = PlanRequest(
            state=state,
            profile=ProfileRef(source="-", digest=""),
            facts=HostFacts(root=self._root.path, arch="x86_64", releasever="9"),
            moment=moment,
            cachedir=self._folder / "cache",
        )
        return make_plan(request, self._engine).plan

    def lines(self) -> Iterator[str]:
        """Yield the removal of each line of the list, in the words of a solution."""
        for spec in read_profile(json.dumps(self.tree).encode()).specs:
            yield f"take {spec} off the list ({spec.origin})"


@given(case=cases())
@settings(max_examples=15)
def test_each_told_solution_works_and_one_is_told_where_a_line_can_go(engine: EngineClient, case: Case) -> None:
    # "solutions as edits of the profile, each proved by solving again"
    with tempfile.TemporaryDirectory(prefix="yumbridge.") as folder:
        planner = Planner(case, engine, Path(folder))
        before = planner.plan(planner.tree)
        keys = {(each.kind, each.spec, each.origin) for each in before.problems}
        for problem in before.problems:
            for solution in problem.solutions:
                after = planner.plan(carried_out(planner.tree, solution))
                left = {(each.kind, each.spec, each.origin) for each in after.problems}
                assert (problem.kind, problem.spec, problem.origin) not in left, solution
                if len(keys) == 1:
                    assert not left, solution
        if before.problems and not any(problem.solutions for problem in before.problems):
            for line in planner.lines():
                assert planner.plan(carried_out(planner.tree, line)).problems, f"{line}, but nothing was told"


@pytest.mark.parametrize(("boot", "told"), [(False, 1), (True, 0)])
def test_no_solutions_are_sought_at_boot(engine: EngineClient, tmp_path: Path, boot: bool, told: int) -> None:
    """Nobody is there to read them, and the host waits."""
    planner = Planner(Case((Rpm("a"),), {"a": {}, "g": {}}, ()), engine, tmp_path)
    moment = Facts(now=None, zone=None, zone_name="", host="host", boot=boot)

    problems = planner.plan(planner.tree, moment).problems

    assert [len(problem.solutions) for problem in problems] == [told]
