"""What a spec stands for, among what the repositories of an x86_64 host offer."""

from __future__ import annotations

import pytest

from tests.support.engine import Engine, nevras, spec
from tests.support.kernels import kernels
from tests.support.rpms import Rpm
from tests.support.world import World
from yumbridge.desired.spec import Spec
from yumbridge.plan.closure import Closure, ProblemKind

BASE = (
    *(Rpm("bash", evr, arch=arch) for evr in ("5.1-1", "5.1-2", "5.2-1") for arch in ("x86_64", "i686")),
    *(Rpm("dbus", evr, arch="x86_64") for evr in ("1:1.12-1", "2:1.14-1")),
    Rpm("compat", "1-1", arch="i686"),
    Rpm("moved", "1-1", arch="x86_64"),
    Rpm("moved", "2-1"),
    Rpm("unmoved", "1-1"),
    Rpm("unmoved", "2-1", arch="x86_64"),
    Rpm("foreign", "1-1", arch="aarch64"),
    Rpm("foreign-doc", "1-1"),
    Rpm("java.x86_64", "1-1"),
    Rpm("java", "2-1", arch="x86_64"),
    Rpm("python3.11", "3-1", arch="x86_64"),
    Rpm("perl-A", "1-1"),
    Rpm("perl-A", "2-1"),
    Rpm("perl-B", "2-1"),
    Rpm("perl-C", "3-1"),
    Rpm("postfix", "3-1", provides=("mta = 3", "smtpd")),
    Rpm("libstdc++", "11-1", arch="x86_64"),
)
EXTRA = (Rpm("bash", "4-1", arch="x86_64"), Rpm("dbus", "1.12-1", arch="x86_64"), Rpm("only-extra"))

FROM_EXTRA = [rpm.nevra for rpm in EXTRA]


def solve(engine: Engine, world: World, *specs: str | Spec) -> Closure:
    engine.open(world.root(), world.repository("base", *BASE), world.repository("extra", *EXTRA))
    return engine.closure(*specs)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(spec("bash"), ["bash-5.2-1.x86_64"], id="name"),
        pytest.param(spec("compat"), ["compat-1-1.i686"], id="name-of-a-lesser-arch-only"),
        pytest.param(spec("moved"), ["moved-2-1.noarch"], id="noarch-newer-than-native"),
        pytest.param(spec("unmoved"), ["unmoved-2-1.x86_64"], id="native-newer-than-noarch"),
        pytest.param(spec("libstdc++"), ["libstdc++-11-1.x86_64"], id="name-with-regex-characters"),
        pytest.param(spec("bash", "5.1"), ["bash-5.1-2.x86_64"], id="version"),
        pytest.param(spec("bash", "5.1-1"), ["bash-5.1-1.x86_64"], id="version-release"),
        pytest.param(spec("bash", "0:5.1-1"), ["bash-5.1-1.x86_64"], id="epoch-of-nought"),
        pytest.param(spec("dbus", "1.12"), ["dbus-1:1.12-1.x86_64"], id="any-epoch"),
        pytest.param(spec("dbus", "0:1.12-1"), ["dbus-1.12-1.x86_64"], id="no-epoch-by-name"),
        pytest.param(spec("dbus", "1:1.12"), ["dbus-1:1.12-1.x86_64"], id="epoch-and-version"),
        pytest.param(spec("dbus", "1:*"), ["dbus-1:1.12-1.x86_64"], id="epoch-and-glob"),
        pytest.param(spec("bash", "5.1", "i686"), ["bash-5.1-2.i686"], id="version-and-arch"),
        pytest.param(spec("bash", None, "i686"), ["bash-5.2-1.i686"], id="arch"),
        pytest.param(spec("bash.i686"), ["bash-5.2-1.i686"], id="name.arch"),
        pytest.param(spec("moved.noarch"), ["moved-2-1.noarch"], id="name.noarch"),
        pytest.param(spec("java.x86_64"), ["java.x86_64-1-1.noarch"], id="a-name-that-looks-like-name.arch"),
        pytest.param(spec("python3.11"), ["python3.11-3-1.x86_64"], id="a-name-with-a-dot"),
        pytest.param(spec("bash", None, None, "extra"), ["bash-4-1.x86_64"], id="repository"),
        pytest.param(spec("bash", "*"), ["bash-5.2-1.x86_64"], id="any-version"),
        pytest.param(spec("bash", "5.1*"), ["bash-5.1-2.x86_64"], id="glob-of-version"),
        pytest.param(spec("bash", "5.?-1"), ["bash-5.2-1.x86_64"], id="glob-of-version-release"),
        pytest.param(spec("bash", "5.1-*", "i686"), ["bash-5.1-2.i686"], id="glob-of-release-and-arch"),
        pytest.param(
            spec("perl-*"), ["perl-A-2-1.noarch", "perl-B-2-1.noarch", "perl-C-3-1.noarch"], id="glob-of-names"
        ),
        pytest.param(spec("perl-*", "2"), ["perl-A-2-1.noarch", "perl-B-2-1.noarch"], id="glob-of-names-one-version"),
        pytest.param(spec("perl-?", "1*"), ["perl-A-1-1.noarch"], id="globs-of-name-and-version"),
        pytest.param(spec("ba*", None, "i686"), ["bash-5.2-1.i686"], id="glob-of-names-of-an-arch"),
        pytest.param(spec("*", None, None, "extra"), FROM_EXTRA, id="glob-of-a-repository"),
        pytest.param(spec("foreign*"), ["foreign-doc-1-1.noarch"], id="glob-of-names-and-arches"),
        pytest.param(spec("smtpd"), ["postfix-3-1.noarch"], id="provider"),
    ],
)
def test_a_spec_stands_for(engine: Engine, world: World, wanted: Spec, expected: list[str]) -> None:
    closure = solve(engine, world, wanted)

    assert nevras(closure) == expected
    assert (closure.met, closure.unmet) == ((tuple(range(len(expected))),), ())
    assert closure.providers == ((0,) if wanted.name == "smtpd" else ())


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        pytest.param(spec("nosuch"), "no package is named nosuch", id="name"),
        pytest.param(spec("nosuch.x86_64"), "nosuch.x86_64", id="name.arch"),
        pytest.param(spec("bash", "9"), "no bash 9; there is 5.1-1, 5.1-2, 5.2-1 and 1 more", id="version"),
        pytest.param(spec("bash", "1:5.1"), "no bash 1:5.1", id="epoch"),
        pytest.param(spec("bash", "5.1", "aarch64"), "bash is wanted for aarch64", id="arch"),
        pytest.param(spec("foreign"), "no foreign for this host; there is aarch64", id="foreign-arch-only"),
        pytest.param(spec("foreign", None, "aarch64"), "this host has no such packages", id="foreign-arch-by-name"),
        pytest.param(spec("?oreign"), "no package that matches ?oreign is for this host", id="glob-of-foreign-arches"),
        pytest.param(spec("bash", None, None, "nosuch"), "it is in base, extra", id="repository"),
        pytest.param(spec("perl-B", None, None, "extra"), "it is in base", id="other-repository"),
        pytest.param(spec("nosuch*"), "no package name matches nosuch*", id="glob"),
        pytest.param(spec("perl-*", "9"), "version 9", id="glob-and-version"),
        pytest.param(spec("smtpd", "3"), "no package is named smtpd", id="versioned-capability"),
        pytest.param(spec("[b]ash"), "no package is named [b]ash", id="brackets-are-no-glob"),
        pytest.param(spec("BASH"), "no package is named BASH", id="case-counts"),
        pytest.param(spec("bash-5.2"), "no package is named bash-5.2", id="a-name-is-not-a-nevr"),
    ],
)
def test_a_spec_that_nothing_meets_is_told_with_what_there_is(
    engine: Engine, world: World, wanted: Spec, words: str
) -> None:
    closure = solve(engine, world, wanted, "only-extra")

    assert [(unmet.spec, unmet.kind) for unmet in closure.unmet] == [(0, ProblemKind.NOT_FOUND)]
    assert words in closure.unmet[0].text
    assert nevras(closure) == ["only-extra-1-1.noarch"]


@pytest.mark.parametrize(
    ("specs", "expected"),
    [
        pytest.param(
            [spec("bash", "5.1-1", "x86_64"), spec("bash", "5.1-1", "i686")],
            ["bash-5.1-1.i686", "bash-5.1-1.x86_64"],
            id="several-arches-of-one-version",
        ),
        pytest.param(
            [spec("bash", "5.1-1"), spec("bash.i686")],
            ["bash-5.1-1.i686", "bash-5.1-1.x86_64"],
            id="a-version-of-one-arch-binds-the-others",
        ),
        pytest.param(
            [spec("perl-*"), spec("perl-A", "1")],
            ["perl-A-1-1.noarch", "perl-B-2-1.noarch", "perl-C-3-1.noarch"],
            id="specific-beats-glob",
        ),
        pytest.param([spec("bash"), spec("bash", "5.1-1")], ["bash-5.1-1.x86_64"], id="versioned-beats-unversioned"),
        pytest.param([spec("bash", "5.1"), spec("bash", "5.1-1")], ["bash-5.1-1.x86_64"], id="versions-that-agree"),
        pytest.param([spec("bash"), spec("bash")], ["bash-5.2-1.x86_64"], id="twice"),
        pytest.param(
            [spec("perl-*", "2"), spec("perl-[C]"), spec("perl-?")],
            ["perl-A-2-1.noarch", "perl-B-2-1.noarch", "perl-C-3-1.noarch"],
            id="globs-that-agree",
        ),
        pytest.param([spec("mta"), spec("smtpd")], ["postfix-3-1.noarch"], id="one-provider-for-two"),
        pytest.param([spec("smtpd"), spec("postfix")], ["postfix-3-1.noarch"], id="provider-and-its-name"),
    ],
)
@pytest.mark.parametrize("order", [1, -1], ids=["as-written", "reversed"])
def test_specs_together_stand_for(
    engine: Engine, world: World, specs: list[Spec], expected: list[str], order: int
) -> None:
    closure = solve(engine, world, *specs[::order])

    assert nevras(closure) == expected
    assert [unmet.spec for unmet in closure.unmet] == [
        number for number, each in enumerate(specs[::order]) if "[" in each.name
    ]


def test_a_glob_whose_every_name_has_an_entry_of_its_own_is_no_problem(engine: Engine, world: World) -> None:
    closure = solve(engine, world, spec("bas*"), spec("bash", "5.1-1"))

    assert (nevras(closure), closure.unmet) == (["bash-5.1-1.x86_64"], ())


@pytest.mark.parametrize(
    "specs",
    [
        [spec("bash", "5.1-1"), spec("bash", "5.2-1")],
        [spec("bash", "5.1-1", "x86_64"), spec("bash", "5.2-1", "i686")],
        [spec("bash", "5.1-1"), spec("bash", "*", None, "extra")],
    ],
    ids=["one-arch", "two-arches", "version-and-repository"],
)
def test_two_versions_of_an_ordinary_package_are_a_problem_of_both_specs(
    engine: Engine, world: World, specs: list[Spec]
) -> None:
    closure = solve(engine, world, *specs, "only-extra")

    assert [(unmet.spec, unmet.kind) for unmet in closure.unmet] == [
        (0, ProblemKind.CONFLICTING_VERSIONS),
        (1, ProblemKind.CONFLICTING_VERSIONS),
    ]
    assert nevras(closure) == ["only-extra-1-1.noarch"]


OLD, NEW, NEWEST = "5.14.0-1.el9", "5.14.0-2.el9", "5.14.0-3.el9"


@pytest.mark.parametrize(
    ("specs", "evrs"),
    [
        pytest.param([spec("kernel-core", OLD), spec("kernel-core", NEW)], [OLD, NEW], id="two-versions"),
        pytest.param([spec("kernel-core"), spec("kernel-core", OLD)], [OLD], id="versioned-beats-unversioned"),
        pytest.param([spec("kernel-core")], [NEWEST], id="the-newest-alone"),
        pytest.param([spec("kernel-core", OLD), spec("kernel-core", "*")], [OLD, NEWEST], id="one-and-the-newest"),
    ],
)
def test_installonly_packages_stand_side_by_side(
    engine: Engine, world: World, specs: list[Spec], evrs: list[str]
) -> None:
    engine.open(world.root(), world.repository("base", *kernels(OLD, NEW, NEWEST)))

    closure = engine.closure(*specs)

    assert closure.unmet == ()
    assert [f"{p.version}-{p.release}" for p in closure.packages if p.name == "kernel-core"] == evrs
    assert all(p.installonly for p in closure.packages if p.name == "kernel-core")


@pytest.mark.trap("installonly_limit erases listed kernels: a closure has none")
def test_more_kernels_than_any_limit_are_all_in_the_closure(engine: Engine, world: World) -> None:
    evrs = [f"5.14.0-{number}.el9" for number in range(1, 7)]
    engine.open(world.root(), world.repository("base", *kernels(*evrs)))

    closure = engine.closure(*(spec("kernel", evr) for evr in evrs))

    assert len(closure.packages) == 3 * len(evrs)
    assert (closure.problems, closure.unmet) == ((), ())
    assert all(len(numbers) == 1 for numbers in closure.met)


def test_a_provider_is_of_the_best_arch_and_the_solver_chooses_among_names(engine: Engine, world: World) -> None:
    base = world.repository(
        "base",
        *(Rpm("exim", arch=arch, provides=("mta",)) for arch in ("i686", "x86_64")),
        Rpm("postfix", arch="x86_64", provides=("mta",), requires=("nosuch",)),
    )
    engine.open(world.root(), base)

    closure = engine.closure("mta")

    assert (nevras(closure), closure.providers) == (["exim-1-1.x86_64"], (0,))


def test_a_name_that_a_package_bears_is_not_met_by_a_provider(engine: Engine, world: World) -> None:
    base = world.repository("base", Rpm("mta", "1-1"), Rpm("postfix", "3-1", provides=("mta = 9",)))
    engine.open(world.root(), base)

    assert (nevras(engine.closure("mta")), engine.closure("mta").providers) == (["mta-1-1.noarch"], ())


@pytest.mark.parametrize(("arch", "expected"), [("x86_64", "x86_64"), ("i686", "i686")])
def test_the_best_arch_is_the_hosts(engine: Engine, world: World, arch: str, expected: str) -> None:
    base = world.repository("base", *(Rpm("bash", arch=each) for each in ("i686", "x86_64")))
    opened = engine.open(world.root(), base, arch=arch)

    assert opened.arch == arch
    assert [p.arch for p in engine.closure("bash").packages] == [expected]


def test_an_arch_of_an_older_build_does_not_win_over_the_best_arch(engine: Engine, world: World) -> None:
    base = world.repository("base", Rpm("bash", "1-1", arch="x86_64"), Rpm("bash", "2-1", arch="i686"))
    engine.open(world.root(), base)

    assert nevras(engine.closure("bash")) == ["bash-1-1.x86_64"]
