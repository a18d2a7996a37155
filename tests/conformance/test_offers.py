"""Which packages of which repositories a closure may take."""

from __future__ import annotations

import pytest

from tests.support.engine import Engine, nevras, offer, spec
from tests.support.rpms import Rpm
from tests.support.world import World
from yumbridge.plan.closure import ProblemKind

LOCAL_AND_BASE = (Rpm("bash", "1-1"), Rpm("bash", "2-1"))


def test_a_stronger_repository_wins_over_a_newer_build(engine: Engine, world: World) -> None:
    old, new = LOCAL_AND_BASE
    local, base = world.repository("local", old), world.repository("base", new)
    engine.open(world.root(), offer(local, priority=1), base)

    closure = engine.closure("bash")

    assert [(str(p.nevra), p.repo_id) for p in closure.packages] == [("bash-1-1.noarch", "local")]


def test_a_version_that_only_a_weaker_repository_has_is_taken_from_there(engine: Engine, world: World) -> None:
    old, new = LOCAL_AND_BASE
    local, base = world.repository("local", old), world.repository("base", new)
    engine.open(world.root(), offer(local, priority=1), base)

    assert nevras(engine.closure(spec("bash", "2"))) == ["bash-2-1.noarch"]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        pytest.param({"excludepkgs": ("b*",)}, ["app", "c"], id="excluded-glob"),
        pytest.param({"excludepkgs": ("c",)}, ["app", "b"], id="excluded-name"),
        pytest.param({"includepkgs": ("a*", "c")}, ["app", "c"], id="included"),
        pytest.param({"includepkgs": ("*",), "excludepkgs": ("c",)}, ["app", "b"], id="excluded-beats-included"),
    ],
)
def test_a_repository_offers_only_what_its_options_let_through(
    engine: Engine, world: World, options: dict[str, object], names: list[str]
) -> None:
    base = world.repository("base", Rpm("app", requires=("x",)), Rpm("b", provides=("x",)), Rpm("c", provides=("x",)))
    engine.open(world.root(), offer(base, **options))

    assert [p.name for p in engine.closure("app").packages] == names


def test_an_option_of_one_repository_does_not_bind_another(engine: Engine, world: World) -> None:
    one, two = world.repository("one", Rpm("bash", "2-1")), world.repository("two", Rpm("bash", "1-1"))
    engine.open(world.root(), offer(one, excludepkgs=("bash",)), two)

    assert [(p.repo_id, p.version) for p in engine.closure("bash").packages] == [("two", "1")]


def test_excludes_bind_every_repository_and_are_told_from_what_does_not_exist(engine: Engine, world: World) -> None:
    one, two = world.repository("one", Rpm("bash"), Rpm("vim")), world.repository("two", Rpm("bash", "2-1"))
    engine.open(world.root(), one, two, excludes=("bas*",))

    closure = engine.closure("bash", "vim", spec("bash", "2-1"), "nosuch")

    assert nevras(closure) == ["vim-1-1.noarch"]
    assert [(unmet.spec, unmet.kind) for unmet in closure.unmet] == [
        (0, ProblemKind.EXCLUDED),
        (2, ProblemKind.EXCLUDED),
        (3, ProblemKind.NOT_FOUND),
    ]


def test_an_exclude_of_one_version_leaves_the_others(engine: Engine, world: World) -> None:
    engine.open(world.root(), world.repository("base", *LOCAL_AND_BASE), excludes=("bash-2-1.noarch",))

    assert nevras(engine.closure("bash")) == ["bash-1-1.noarch"]


def test_what_is_unwanted_is_a_problem_only_of_what_needs_it(engine: Engine, world: World) -> None:
    base = world.repository(
        "base", Rpm("app", requires=("telnet",)), Rpm("mail", recommends=("telnet",)), Rpm("telnet")
    )
    engine.open(world.root(), base)

    recommended = engine.closure("mail", unwanted=("tel*",))
    needed = engine.closure("app", unwanted=("tel*",))

    assert (nevras(recommended), recommended.problems) == (["mail-1-1.noarch"], ())
    assert (needed.packages, [problem.spec for problem in needed.problems]) == ((), [0])


def test_what_was_unwanted_in_one_request_is_back_in_the_next(engine: Engine, world: World) -> None:
    base = world.repository("base", Rpm("mail", recommends=("telnet",)), Rpm("telnet"))
    engine.open(world.root(), base, excludes=("nothing-such",))
    engine.closure("mail", unwanted=("telnet",))

    assert nevras(engine.closure("mail")) == ["mail-1-1.noarch", "telnet-1-1.noarch"]


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")], ids="-".join)
def test_one_package_in_two_repositories_comes_from_the_same_in_any_order(
    engine: Engine, world: World, order: tuple[str, str]
) -> None:
    app, lib = Rpm("app", requires=("lib",)), Rpm("lib")
    repositories = {name: world.repository(name, app, lib) for name in order}
    engine.open(world.root(), *(repositories[name] for name in order))

    assert [p.repo_id for p in engine.closure("app").packages] == ["one", "one"]


def test_source_packages_are_never_candidates(engine: Engine, world: World) -> None:
    base = world.repository("base", Rpm("bash", "1-1"))
    engine.open(world.root(), base)

    assert [p.arch for p in engine.closure("*").packages] == ["noarch"]
