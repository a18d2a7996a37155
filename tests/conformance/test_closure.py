"""A closure is what a host that has nothing would get: a function of specs and repositories alone."""

from __future__ import annotations

import random

import pytest

from tests.support.engine import Engine, change, nevras, spec, wanted
from tests.support.rpms import Rpm
from tests.support.world import World
from yumbridge.plan.closure import Closure, Edge, EdgeKind, ProblemKind
from yumbridge.rpm.package import Package


def passed_over(closure: Closure) -> list[tuple[int, str]]:
    return [(each.spec, each.nevra) for each in closure.passed_over]


def test_the_closure_of_nothing_is_empty(engine: Engine, world: World) -> None:
    engine.open(world.root(), world.repository("base", Rpm("bash")))

    assert engine.closure().packages == ()


def test_a_package_brings_what_it_requires_and_nothing_else(engine: Engine, world: World) -> None:
    base = world.repository(
        "base",
        Rpm("bash", requires=("libc", "/usr/bin/env")),
        Rpm("glibc", provides=("libc",)),
        Rpm("coreutils", files=("/usr/bin/env",)),
        Rpm("vim"),
    )
    engine.open(world.root(), base)

    closure = engine.closure("bash")

    assert nevras(closure) == ["bash-1-1.noarch", "coreutils-1-1.noarch", "glibc-1-1.noarch"]
    assert closure.met == ((0,),)


def test_the_newest_build_is_chosen_for_a_name_and_for_a_dependency(engine: Engine, world: World) -> None:
    rpms = (Rpm(name, evr, requires=("lib",) if name == "app" else ()) for name in ("app", "lib") for evr in EVRS)
    engine.open(world.root(), world.repository("base", *rpms))

    assert nevras(engine.closure("app")) == ["app-1:1-1.noarch", "lib-1:1-1.noarch"]


EVRS = ("9-1", "10-1", "10~rc1-1", "1:1-1")

WEAK = (
    Rpm("app", recommends=("docs",), suggests=("hints",)),
    Rpm("docs"),
    Rpm("hints"),
    Rpm("plugin", supplements=("app",)),
    Rpm("theme", enhances=("app",)),
    Rpm("lang", supplements=("(app and docs)",)),
)


@pytest.mark.parametrize(
    ("weak_deps", "names"), [(True, ["app", "docs", "lang", "plugin"]), (False, ["app"])], ids=["on", "off"]
)
def test_recommends_and_supplements_count_when_weak_dependencies_do(
    engine: Engine, world: World, weak_deps: bool, names: list[str]
) -> None:
    engine.open(world.root(), world.repository("base", *WEAK))

    assert [p.name for p in engine.closure("app", weak_deps=weak_deps).packages] == names


def test_a_weak_dependency_that_conflicts_is_left_out(engine: Engine, world: World) -> None:
    base = world.repository("base", Rpm("app", recommends=("docs",)), Rpm("docs", conflicts=("vim",)), Rpm("vim"))
    engine.open(world.root(), base)

    assert [p.name for p in engine.closure("app", "vim").packages] == ["app", "vim"]


@pytest.mark.parametrize(
    ("specs", "names"),
    [
        pytest.param(["app"], ["app"], id="if-is-false"),
        pytest.param(["app", "gui"], ["app", "gui", "gui-app"], id="if-is-true"),
        pytest.param(["either"], ["either", "one"], id="or-is-met-by-what-exists"),
        pytest.param(["same"], ["multi", "same"], id="with-needs-one-package-for-both"),
    ],
)
def test_rich_dependencies_are_understood(engine: Engine, world: World, specs: list[str], names: list[str]) -> None:
    base = world.repository(
        "base",
        Rpm("app", requires=("(gui-app if gui)",)),
        Rpm("gui"),
        Rpm("gui-app"),
        Rpm("either", requires=("(one or nosuch)",)),
        Rpm("one"),
        Rpm("same", requires=("(x with y)",)),
        Rpm("only-x", "9-1", provides=("x",)),
        Rpm("only-y", "9-1", provides=("y",)),
        Rpm("multi", provides=("x", "y")),
    )
    engine.open(world.root(), base)

    assert [p.name for p in engine.closure(*specs).packages] == names


# What `best` means

NEWEST_IS_BROKEN = (
    Rpm("app", "1-1"),
    Rpm("app", "2-1", requires=("nosuch",)),
    Rpm("other", "1-1"),
)


def test_a_spec_whose_newest_build_does_not_fit_falls_back_and_says_why(engine: Engine, world: World) -> None:
    engine.open(world.root(), world.repository("base", *NEWEST_IS_BROKEN))

    closure = engine.closure("other", "app")

    assert nevras(closure) == ["app-1-1.noarch", "other-1-1.noarch"]
    assert passed_over(closure) == [(1, "app-2-1.noarch")]
    assert "nosuch" in closure.passed_over[0].text


def test_best_makes_a_passed_over_build_a_problem(engine: Engine, world: World) -> None:
    engine.open(world.root(), world.repository("base", *NEWEST_IS_BROKEN))

    closure = engine.closure("other", "app", require_best=True)

    assert closure.packages == ()
    assert [(problem.spec, "nosuch" in problem.text) for problem in closure.problems] == [(1, True)]


@pytest.mark.parametrize("require_best", [True, False])
def test_best_never_binds_dependencies(engine: Engine, world: World, require_best: bool) -> None:
    base = world.repository("base", Rpm("app", requires=("lib",)), Rpm("lib"), Rpm("lib", "2-1", requires=("nosuch",)))
    engine.open(world.root(), base)

    closure = engine.closure("app", require_best=require_best)

    assert nevras(closure) == ["app-1-1.noarch", "lib-1-1.noarch"]
    assert closure.passed_over == ()


def test_two_specs_of_which_only_one_can_be_newest_say_which_was_passed_over(engine: Engine, world: World) -> None:
    base = world.repository(
        "base",
        *(Rpm("one", "1-1"), Rpm("one", "2-1", conflicts=("two >= 2",))),
        *(Rpm("two", "1-1"), Rpm("two", "2-1")),
    )
    engine.open(world.root(), base)

    closure = engine.closure("one", "two")

    assert len(closure.packages) == 2
    assert len(closure.passed_over) == 1
    assert closure.passed_over[0].nevra not in nevras(closure)
    assert "conflicts" in closure.passed_over[0].text


def test_all_independent_problems_are_told_at_once(engine: Engine, world: World) -> None:
    base = world.repository("base", Rpm("a", requires=("nosuch-a",)), Rpm("b", requires=("nosuch-b",)), Rpm("c"))
    engine.open(world.root(), base)

    closure = engine.closure("a", "c", "b")

    assert closure.packages == ()
    assert {problem.spec: problem.text.split("nothing provides ")[-1].split()[0] for problem in closure.problems} == {
        0: "nosuch-a",
        2: "nosuch-b",
    }


def test_what_is_not_found_does_not_keep_the_rest_from_being_solved(engine: Engine, world: World) -> None:
    engine.open(world.root(), world.repository("base", Rpm("bash")))

    closure = engine.closure("nosuch", "bash", "nosuch-either")

    assert nevras(closure) == ["bash-1-1.noarch"]
    assert [(unmet.spec, unmet.kind) for unmet in closure.unmet] == [
        (0, ProblemKind.NOT_FOUND),
        (2, ProblemKind.NOT_FOUND),
    ]


# Obsoletes

RENAMED = (Rpm("old", "1-1"), Rpm("new", "2-1", obsoletes=("old < 2",), provides=("old = 2-1",)))


@pytest.mark.parametrize(
    ("obsoleters_meet_names", "nevra"), [(True, "new-2-1.noarch"), (False, "old-1-1.noarch")], ids=["yes", "no"]
)
def test_an_obsoleter_meets_an_unversioned_name_only_if_it_may(
    engine: Engine, world: World, obsoleters_meet_names: bool, nevra: str
) -> None:
    engine.open(world.root(), world.repository("base", *RENAMED))

    closure = engine.closure("old", obsoleters_meet_names=obsoleters_meet_names)

    assert (nevras(closure), closure.met) == ([nevra], ((0,),))


def test_an_obsoleter_never_meets_a_versioned_spec(engine: Engine, world: World) -> None:
    engine.open(world.root(), world.repository("base", *RENAMED))

    assert nevras(engine.closure(spec("old", "1-1"), obsoleters_meet_names=True)) == ["old-1-1.noarch"]


@pytest.mark.trap("obsoletes=False does not stop obsoletes: the solver always honours them")
@pytest.mark.parametrize("obsoleters_meet_names", [True, False])
def test_a_package_and_its_obsoleter_cannot_both_be_in_a_closure(
    engine: Engine, world: World, obsoleters_meet_names: bool
) -> None:
    engine.open(world.root(), world.repository("base", *RENAMED))

    closure = engine.closure(spec("old", "1-1"), "new", obsoleters_meet_names=obsoleters_meet_names)

    assert closure.packages == ()
    assert "obsoletes old" in closure.problems[0].text


# A function of its arguments

ALTERNATIVES = (
    Rpm("app", requires=("mta", "lib >= 1")),
    Rpm("exim", provides=("mta",)),
    Rpm("postfix", provides=("mta",)),
    Rpm("tool", requires=("lib",), recommends=("extra",)),
    Rpm("lib", "1-1"),
    Rpm("lib", "2-1"),
    Rpm("extra", supplements=("postfix",)),
)


def test_the_order_of_specs_and_repositories_changes_nothing(engine: Engine, world: World) -> None:
    repositories = [world.repository("one", *ALTERNATIVES), world.repository("two", *ALTERNATIVES)]
    names = ["app", "tool", "lib", "nosuch"]
    shuffled = random.Random(1)  # noqa: S311 - an order, no secret
    answers: set[tuple[Package, ...]] = set()
    for _ in range(6):
        shuffled.shuffle(names)
        shuffled.shuffle(repositories)
        engine.open(world.root(), *repositories)
        answers.add(engine.closure(*names, reasons=True).packages)

    assert len(answers) == 1


def test_the_same_request_gets_the_same_answer_again(engine: Engine, world: World) -> None:
    engine.open(world.root(), world.repository("base", *ALTERNATIVES))
    first = engine.closure("app", "tool", reasons=True)
    engine.closure("postfix", "nosuch", unwanted=("lib",))

    assert engine.closure("app", "tool", reasons=True) == first


ROOT_HAS = (Rpm("postfix", provides=("mta",)), Rpm("lib", "1-1"), Rpm("old", "3-1", conflicts=("app",)))


def test_what_is_installed_does_not_matter(engine: Engine, world: World) -> None:
    base = world.repository("base", *ALTERNATIVES)
    engine.open(world.root(name="empty"), base)
    expected = engine.closure("app", "tool", reasons=True)

    engine.open(world.root(*ROOT_HAS), base)

    assert engine.closure("app", "tool", reasons=True) == expected


def test_a_closure_after_the_installed_set_was_read_is_the_same(engine: Engine, world: World) -> None:
    base = world.repository("base", *ALTERNATIVES)
    engine.open(world.root(*ROOT_HAS), base)
    expected = engine.closure("app", "tool")
    engine.installed()
    after_reading = engine.closure("app", "tool")
    engine.exact(change([wanted(base, ALTERNATIVES[-1])]))

    assert engine.closure("app", "tool") == after_reading == expected


def test_nothing_below_etc_of_the_root_matters(engine: Engine, world: World) -> None:
    base = world.repository("base", *ALTERNATIVES)
    other = world.repository("other", Rpm("app", "9-1"))
    root = world.root()
    engine.open(root, base)
    expected = engine.closure("app", "tool")
    root.write("etc/dnf/dnf.conf", "[main]\nexcludepkgs=lib*\ninstall_weak_deps=0\npluginpath=/nonexistent\n")
    root.write("etc/yum.repos.d/other.repo", f"[other]\nname=other\nbaseurl={other.url}\nenabled=1\n")
    root.write("etc/dnf/vars/releasever", "1\n")
    root.write("etc/dnf/protected.d/all.conf", "*\n")

    opened = engine.open(root, base)

    assert [state.repo_id for state in opened.repositories] == ["base"]
    assert engine.closure("app", "tool") == expected


def test_a_closure_touches_nothing_of_the_root(engine: Engine, world: World) -> None:
    root = world.root()
    engine.open(root, world.repository("base", *ALTERNATIVES))
    engine.closure("app", "tool", reasons=True)

    assert list(root.path.iterdir()) == []


# Reasons


def test_edges_say_which_package_brings_which_and_by_what(engine: Engine, world: World) -> None:
    base = world.repository(
        "base",
        Rpm("app", requires=("libc >= 1", "libm"), recommends=("docs",)),
        Rpm("docs"),
        Rpm("glibc", provides=("libc = 2", "libm")),
        Rpm("plugin", supplements=("app",)),
    )
    engine.open(world.root(), base)

    closure = engine.closure("app", reasons=True)

    app, docs, glibc, plugin = range(4)
    assert [p.name for p in closure.packages] == ["app", "docs", "glibc", "plugin"]
    assert closure.edges == (
        Edge(EdgeKind.RECOMMENDS, app, docs, "docs"),
        Edge(EdgeKind.REQUIRES, app, glibc, "libc >= 1"),
        Edge(EdgeKind.SUPPLEMENTS, app, plugin, "app"),
    )
    assert engine.closure("app").edges == ()


def test_a_row_has_what_a_plan_says_of_a_package(engine: Engine, world: World) -> None:
    bash = Rpm("bash", "2:5.1-3", arch="x86_64", files={"/usr/bin/bash": "x" * 1000}, source="shells")
    base = world.repository("base", bash)
    engine.open(world.root(), base)

    (row,) = engine.closure("bash").packages

    assert (row.name, row.epoch, row.version, row.release, row.arch) == ("bash", 2, "5.1", "3", "x86_64")
    assert (row.repo_id, row.checksum) == ("base", wanted(base, bash).checksum)
    assert row.size_bytes == base.file(bash).stat().st_size
    assert row.installed_bytes >= 1000
    assert (row.source_rpm, row.installonly) == ("shells-5.1-3.src.rpm", False)


def test_a_closure_after_an_exact_transaction_sees_everything_again(engine: Engine, world: World) -> None:
    """Also on a root without rpmdb: what was excluded for the transaction is there for the next closure."""
    app, other = Rpm("app"), Rpm("other")
    base = world.repository("base", app, other)
    engine.open(world.root(), base)
    engine.exact(change([wanted(base, app)]))

    assert nevras(engine.closure("other")) == ["other-1-1.noarch"]
