"""What a plan asks the engine for the sake of its problems: nothing without any, and a bounded number of solves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC

import msgspec
import pytest

from tests.support.engine import Engine, spec
from tests.support.engines import RunningEngine
from tests.support.rpms import Rpm
from tests.support.world import World
from yumbridge.condition.evaluation import Facts
from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState
from yumbridge.engine.child import Starter
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import Open, ReadOffers, Request, SolveClosure
from yumbridge.plan.closure import Closure
from yumbridge.plan.composition import Solution
from yumbridge.plan.document import Plan, ProfileRef
from yumbridge.plan.offer import Offer, OfferedBuild, Offers
from yumbridge.plan.wording import plain
from yumbridge.run.host import HostFacts
from yumbridge.run.planning import make_plan
from yumbridge.run.proof import MAX_SOLVES, Prover, Question
from yumbridge.run.request import PlanRequest


class Listening(EngineClient):
    """A client that notes what it is asked."""

    def __init__(self, starter: Starter) -> None:
        super().__init__(starter)
        self.heard: list[Request] = []

    def submit(self, request: Request) -> None:
        self.heard.append(request)
        super().submit(request)


@pytest.fixture
def client_that_listens(running: RunningEngine) -> Iterator[Listening]:
    with Listening(running.starter()) as listening:
        yield listening


def request_for(world: World, *specs: Spec, offered: tuple[Rpm, ...], missing: bool = False) -> PlanRequest:
    base = world.repository("base", *offered)
    repositories = [Repository(repo_id="base", urls=(base.url,), origin="base")]
    if missing:
        gone = Repository(repo_id="gone", urls=("file:///nowhere",), skip_if_unavailable=True, origin="gone")
        repositories.append(gone)
    return PlanRequest(
        state=DesiredState(specs=specs, repositories=tuple(repositories)),
        profile=ProfileRef(source="-", digest=""),
        facts=HostFacts(root=world.root().path, arch="x86_64", releasever="9"),
        cachedir=world.path / "cache",
    )


def solutions(plan: Plan) -> list[str]:
    return [solution for problem in plan.problems for solution in problem.solutions]


BROKEN = (Rpm("a", requires=("nosuch",)), Rpm("b"))


def test_a_plan_without_problems_asks_for_nothing_more(client_that_listens: Listening, world: World) -> None:
    plan = make_plan(request_for(world, spec("b"), offered=BROKEN), client_that_listens).plan

    assert plan.problems == ()
    assert [type(each).__name__ for each in client_that_listens.heard] == [
        "Open",
        "SolveClosure",
        "ReadInstalled",
        "SolveExact",
    ]


def test_no_solutions_are_sought_for_a_boot_or_without_all_repositories(
    client_that_listens: Listening, world: World
) -> None:
    request = request_for(world, spec("a"), spec("b"), offered=BROKEN)
    moment = Facts(now=None, zone=UTC, zone_name="UTC", host="host", boot=True)
    at_boot = make_plan(replace(request, moment=moment), client_that_listens)
    degraded = request_for(world, spec("a"), spec("b"), offered=BROKEN, missing=True)
    make_plan(degraded, client_that_listens)

    assert at_boot.plan.problems
    assert solutions(at_boot.plan) == []
    assert not [each for each in client_that_listens.heard if isinstance(each, ReadOffers)]


def test_the_solves_for_problems_are_bounded_however_many_there_are(
    client_that_listens: Listening, world: World
) -> None:
    names = [f"p{number}" for number in range(40)]
    rpms = [Rpm(name, requires=(f"no-{name}",)) for name in names[:20]] + [
        Rpm(name, conflicts=(f"q-{name}",)) for name in names[20:]
    ]
    rpms += [Rpm(f"q-{name}") for name in names[20:]]
    specs = [spec(name, evr) for name in names for evr in ("1-1",)] + [spec(f"q-{name}") for name in names[20:]]
    request = request_for(world, *specs, *(spec(f"missing{n}") for n in range(20)), offered=tuple(rpms))

    plan = make_plan(request, client_that_listens).plan

    solves = [each for each in client_that_listens.heard if isinstance(each, SolveClosure)]
    assert len(plan.problems) == 60
    assert len(solves) <= 1 + MAX_SOLVES
    assert solutions(plan)


def test_the_engine_is_left_with_the_repositories_that_were_opened(
    client_that_listens: Listening, world: World
) -> None:
    request = request_for(world, spec("b"), spec("c"), offered=BROKEN)
    policy = msgspec.structs.replace(request.state.policy, excludes=("b",))
    request = replace(request, state=msgspec.structs.replace(request.state, policy=policy))

    plan = make_plan(request, client_that_listens).plan

    opened = [each for each in client_that_listens.heard if isinstance(each, Open)]
    assert "drop b from the excludes" in solutions(plan)
    assert [each.excludes for each in opened] == [("b",), (), ("b",)]


def test_lines_are_found_even_when_the_solver_names_none(client: EngineClient, engine: Engine, world: World) -> None:
    rpms = (Rpm("one", conflicts=("two",)), Rpm("two"), *(Rpm(f"fine{number}") for number in range(6)))
    specs = (*(spec(f"fine{number}") for number in range(6)), spec("one"), spec("two"))
    request = request_for(world, *specs, offered=rpms)
    basis = make_plan(request, client).basis
    engine.open(world.root(), world.repository("base", *rpms))
    closure = engine.closure(*specs)
    nameless = tuple(msgspec.structs.replace(problem, suspects=()) for problem in closure.problems)
    solution = Solution(closure=msgspec.structs.replace(closure, problems=nameless))

    (clash,) = Prover(
        Question(request=request, basis=basis, solution=solution, engine=client, attempt=lambda _: ())
    ).clashes()

    assert (sorted(clash.numbers), clash.is_least) == ([6, 7], True)


# What the engine says of each kind of problem

CONFLICTS = {
    "nothing-provides": (
        (Rpm("app", requires=("lib >= 2",)), Rpm("lib")),
        (spec("app"),),
        "app-1-1.noarch needs lib >= 2, which no package provides",
    ),
    "needs-what-cannot-come": (
        (Rpm("app", requires=("lib",)), Rpm("lib", requires=("nosuch",))),
        (spec("app"),),
        "app-1-1.noarch needs lib; lib-1-1.noarch needs nosuch, which no package provides",
    ),
    "same-name": (
        (Rpm("app", requires=("lib = 2-1",)), Rpm("lib", "1-1"), Rpm("lib", "2-1")),
        (spec("app"), spec("lib", "1-1")),
        "app-1-1.noarch needs lib = 2-1; only one of lib-2-1.noarch and lib-1-1.noarch can be installed",
    ),
    "conflicts": (
        (Rpm("a", conflicts=("cap",)), Rpm("b", provides=("cap",))),
        (spec("a"), spec("b")),
        "a-1-1.noarch conflicts with cap, which b-1-1.noarch provides",
    ),
    "obsoletes": (
        (Rpm("new", obsoletes=("old",)), Rpm("old")),
        (spec("new"), spec("old")),
        "new-1-1.noarch obsoletes old-1-1.noarch",
    ),
}


@pytest.mark.parametrize("kind", CONFLICTS)
def test_each_kind_of_conflict_is_told_in_plain_words_with_all_its_suspects(
    engine: Engine, world: World, kind: str
) -> None:
    rpms, specs, words = CONFLICTS[kind]
    engine.open(world.root(), world.repository("base", *rpms, Rpm("fine")))

    closure = engine.closure(*specs, "fine")

    (problem,) = closure.problems
    assert plain(problem.text) == words
    assert problem.suspects == tuple(range(len(specs)))
    assert problem.spec == 0


def test_many_builds_are_told_as_one(engine: Engine, world: World) -> None:
    builds = [Rpm("app", f"{number}-1", requires=("nosuch",)) for number in range(1, 6)]
    engine.open(world.root(), world.repository("base", *builds))

    (problem,) = engine.closure("app").problems

    assert plain(problem.text) == "5 builds of app (1-1 to 5-1) need nosuch, which no package provides"


def test_excluded_packages_are_told(engine: Engine, world: World) -> None:
    base = world.repository("base", Rpm("app", requires=("lib",)), Rpm("lib"))
    engine.open(world.root(), base, excludes=("lib",))

    (problem,) = engine.closure("app").problems

    assert plain(problem.text) == "app-1-1.noarch needs lib; lib-1-1.noarch is excluded"


# Offers


def test_offers_are_what_this_host_could_have(engine: Engine, world: World) -> None:
    base = world.repository(
        "base",
        *(Rpm("app", "1-1"), Rpm("app", "1:1-1", arch="x86_64"), Rpm("app", "9-1", arch="ppc64"), Rpm("app", "8-1")),
        Rpm("postfix", provides=("mail-agent",)),
        Rpm("mailagent"),
    )
    engine.open(world.root(), base, excludes=("app-8*",))

    offers = engine.client.ask(ReadOffers(names=("app", "Mail_Agent", "nosuch"), modules=("none",)), Offers)

    assert offers.of("app") == Offer(
        "app", (OfferedBuild("1:1-1", "x86_64", "base"), OfferedBuild("1-1", "noarch", "base")), (), ()
    )
    assert offers.of("Mail_Agent").similar == ("mailagent", "postfix")
    assert offers.of("nosuch") == Offer("nosuch")
    assert offers.streams_of("none") == ()


def test_offers_see_everything_after_an_exact_transaction(engine: Engine, world: World) -> None:
    base = world.repository("base", Rpm("app"), Rpm("other"))
    request = request_for(world, spec("app"), offered=(Rpm("app"), Rpm("other")))
    make_plan(request, engine.client)

    offers = engine.client.ask(ReadOffers(names=("other",), modules=()), Offers)

    assert base.repo_id == offers.of("other").builds[0].repo_id
    assert engine.client.ask(
        SolveClosure(
            specs=(spec("other"),),
            require_best=False,
            weak_deps=True,
            obsoleters_meet_names=False,
            unwanted=(),
            reasons=False,
        ),
        Closure,
    ).met == ((0,),)
