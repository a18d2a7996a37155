"""What a plan says would solve its problems, and that it does: each told solution is carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.comps import comps, group, module
from tests.support.plans import planned, problems
from tests.support.profiles import Json, Packages, profile, repository_entry, write_profile
from tests.support.remedies import carried_out
from tests.support.repositories import Contents
from tests.support.rpms import Rpm
from tests.support.world import World


@dataclass(frozen=True, kw_only=True)
class Case:
    """A profile with problems: packages, options, two repositories; what is installed; the solutions that are told."""

    packages: Packages
    offered: tuple[Rpm, ...]
    solutions: tuple[tuple[str, ...], ...]
    elsewhere: tuple[Rpm, ...] = ()
    installed: tuple[Rpm, ...] = ()
    spma: Mapping[str, Json] = field(default_factory=dict)
    bridge: Mapping[str, Json] = field(default_factory=dict)
    modules: Mapping[str, Json] = field(default_factory=dict)
    repository: Mapping[str, Json] = field(default_factory=dict)
    streams: tuple[str, ...] = ()
    groups: str = ""

    def tree(self, world: World) -> dict[str, Json]:
        """Write the repository, and return the profile."""
        contents = Contents(rpms=self.offered, modules="".join(self.streams), comps=self.groups)
        entry = repository_entry(world.publish("base", contents), **self.repository)
        return profile(
            self.packages,
            [entry, *([world.repository("extras", *self.elsewhere)] if self.elsewhere else [])],
            spma=self.spma,
            extra={"software": {"components": {"yumbridge": self.bridge}, "modules": self.modules}},
        )


P: Final = "/software/packages"
BASE: Final = "repository base (/software/repositories/0)"
APP: Final = (Rpm("app", "1-1"), Rpm("app", "2-1"))
WANTS_NEWER: Final = (Rpm("foo", "2-1", requires=("bar >= 2",)), Rpm("bar", "1.0-1"), Rpm("bar", "2-1"))

CASES: Final = {
    "a pin in the way of a requirement": Case(
        packages={"foo": {}, "bar": {"1.0": {}}, "ok": {}},
        offered=(*WANTS_NEWER, Rpm("ok")),
        solutions=(
            (
                f"list bar without the version 1.0 ({P}/bar/_31_2e0)",
                f"take bar-1.0 off the list ({P}/bar/_31_2e0)",
                f"take foo off the list ({P}/foo)",
            ),
        ),
    ),
    "two problems apart": Case(
        packages=["app", "left", "right"],
        offered=(Rpm("app", requires=("nosuch",)), Rpm("left", conflicts=("right",)), Rpm("right")),
        solutions=(
            (f"take app off the list ({P}/app)",),
            (f"take left off the list ({P}/left)", f"take right off the list ({P}/right)"),
        ),
    ),
    "an obsoleter": Case(
        packages=["new", "old"],
        offered=(Rpm("old"), Rpm("new", obsoletes=("old",))),
        solutions=((f"take new off the list ({P}/new)", f"take old off the list ({P}/old)"),),
    ),
    "an arch": Case(
        packages={"good": {"1-1": {"x86_64": ""}}, "ok": {}},
        offered=(Rpm("good"), Rpm("ok")),
        solutions=(
            (
                f"list good without the arch x86_64 ({P}/good/_31_2d1/arch/x86_64)",
                f"take good-1-1.x86_64 off the list ({P}/good/_31_2d1/arch/x86_64)",
            ),
        ),
    ),
    "a version that is not there": Case(
        packages={"app": {"3-1": {"x86_64": ""}}, "ok": {}},
        offered=(Rpm("app", "1-1", arch="x86_64"), Rpm("app", "2-1", arch="x86_64"), Rpm("ok")),
        solutions=(
            (
                f"list app 2-1 instead of 3-1 ({P}/app/_33_2d1/arch/x86_64)",
                f"list app without the version 3-1 ({P}/app/_33_2d1/arch/x86_64)",
                f"take app-3-1.x86_64 off the list ({P}/app/_33_2d1/arch/x86_64)",
            ),
        ),
    ),
    "version and arch together": Case(
        packages={"app": {"3-1": {"x86_64": ""}}, "ok": {}},
        offered=(*APP, Rpm("ok")),
        solutions=(
            (
                f"list app without the arch x86_64 and the version 3-1 ({P}/app/_33_2d1/arch/x86_64)",
                f"take app-3-1.x86_64 off the list ({P}/app/_33_2d1/arch/x86_64)",
            ),
        ),
    ),
    "a repository": Case(
        packages={"app": {"2-1": {"_": "base"}}, "ok": {}},
        offered=(Rpm("app", "1-1"), Rpm("ok")),
        elsewhere=(Rpm("app", "2-1"),),
        solutions=(
            (
                f"list app 1-1 instead of 2-1 ({P}/app/_32_2d1)",
                f"list app without the repository base ({P}/app/_32_2d1)",
                f"list app without the version 2-1 ({P}/app/_32_2d1)",
                f"take app-2-1 off the list ({P}/app/_32_2d1)",
            ),
        ),
    ),
    "another release of the version": Case(
        packages={"app": {"1-9": {}}, "ok": {}},
        offered=(*APP, Rpm("ok")),
        solutions=(
            (
                f"list app 1-1 instead of 1-9 ({P}/app/_31_2d9)",
                f"list app without the version 1-9 ({P}/app/_31_2d9)",
                f"take app-1-9 off the list ({P}/app/_31_2d9)",
            ),
        ),
    ),
    "names that are slips": Case(
        packages=["Httpd", "python3_foo", "bsah", "postgres", "ok"],
        offered=(Rpm("httpd"), Rpm("python3-foo"), Rpm("bash"), Rpm("postgresql"), Rpm("ok")),
        solutions=(
            (f"list httpd instead of Httpd ({P}/Httpd)", f"take Httpd off the list ({P}/Httpd)"),
            (f"list bash instead of bsah ({P}/bsah)", f"take bsah off the list ({P}/bsah)"),
            (f"list postgresql instead of postgres ({P}/postgres)", f"take postgres off the list ({P}/postgres)"),
            (
                f"list python3-foo instead of python3_foo ({P}/python3_5ffoo)",
                f"take python3_foo off the list ({P}/python3_5ffoo)",
            ),
        ),
    ),
    "a capability in another spelling": Case(
        packages=["Mail_Agent", "ok"],
        offered=(Rpm("postfix", provides=("mail-agent",)), Rpm("ok")),
        solutions=(
            (
                f"list postfix instead of Mail_Agent ({P}/Mail_5fAgent)",
                f"take Mail_Agent off the list ({P}/Mail_5fAgent)",
            ),
        ),
    ),
    "a name that is not likely meant": Case(
        packages=["broken_name", "ok"],
        offered=(Rpm("broken-name", requires=("nosuch",)), Rpm("ok")),
        solutions=((f"take broken_name off the list ({P}/broken_5fname)",),),
    ),
    "two versions": Case(
        packages={"app": {"1-1": {"noarch": ""}, "2-1": {"noarch": ""}}},
        offered=APP,
        solutions=(
            (
                f"list app without the version 1-1 ({P}/app/_31_2d1/arch/noarch)",
                f"take app-1-1.noarch off the list ({P}/app/_31_2d1/arch/noarch)",
            ),
            (
                f"list app without the version 2-1 ({P}/app/_32_2d1/arch/noarch)",
                f"take app-2-1.noarch off the list ({P}/app/_32_2d1/arch/noarch)",
            ),
        ),
    ),
    "two versions of which one is broken": Case(
        packages={"app": {"1-1": {"noarch": ""}, "2-1": {"noarch": ""}}, "ok": {}},
        offered=(Rpm("app", "1-1"), Rpm("app", "2-1", conflicts=("ok",)), Rpm("ok")),
        # Without the line of the other it would be met, and clash.
        solutions=(
            (),
            (
                f"list app without the version 2-1 ({P}/app/_32_2d1/arch/noarch)",
                f"take app-2-1.noarch off the list ({P}/app/_32_2d1/arch/noarch)",
            ),
        ),
    ),
    "a version beside a name.arch": Case(
        packages={"app": {"9-1": {"noarch": ""}}, "app.noarch": {}, "ok": {}},
        offered=(Rpm("app", "1-1", conflicts=("ok",)), Rpm("ok")),
        # Without the other line app.noarch would be met, and clash.
        solutions=((), (f"take app.noarch off the list ({P}/app_2enoarch)",)),
    ),
    "excluded": Case(
        packages=["app", "ok"],
        offered=(*APP, Rpm("ok")),
        spma={"main_options": {"exclude": ["app*"]}},
        solutions=(("drop app* from the excludes", f"take app off the list ({P}/app)"),),
    ),
    "excluded twice": Case(
        packages=["app", "ok"],
        offered=(*APP, Rpm("ok")),
        spma={"excludes": ["app"]},
        repository={"excludepkgs": ["app"]},
        solutions=(
            (
                f"drop app from the excludes and drop app from excludepkgs of {BASE}",
                f"take app off the list ({P}/app)",
            ),
        ),
    ),
    "excluded beside a longer name": Case(
        packages=["lib", "ok"],
        offered=(Rpm("lib"), Rpm("lib-devel"), Rpm("ok")),
        spma={"excludes": ["lib-1-1.noarch", "lib-devel", "lib-devel-1-1.noarch", "lib.noarch"]},
        solutions=(
            (
                "drop lib-1-1.noarch and lib.noarch from the excludes",
                f"take lib off the list ({P}/lib)",
            ),
        ),
    ),
    "an exclude without which another line is in the way": Case(
        packages=["app", "tool", "ok"],
        offered=(
            Rpm("app", requires=("lib = 2",)),
            Rpm("tool", requires=("lib = 1",)),
            Rpm("lib", "1-1", provides=("lib = 1",)),
            Rpm("lib", "2-1", provides=("lib = 2",)),
            Rpm("ok"),
        ),
        spma={"excludes": ["lib"]},
        # Each could be had without the exclude, and both could not.
        solutions=((f"take app off the list ({P}/app)",), (f"take tool off the list ({P}/tool)",)),
    ),
    "what is needed is excluded": Case(
        packages=["app", "ok"],
        offered=(Rpm("app", requires=("lib",)), Rpm("lib"), Rpm("ok")),
        repository={"excludepkgs": ["li*"]},
        solutions=(
            (
                f"drop li* from excludepkgs of {BASE}",
                f"take app off the list ({P}/app)",
            ),
        ),
    ),
    "not included": Case(
        packages=["app", "ok"],
        offered=(*APP, Rpm("ok")),
        repository={"includepkgs": ["ok"]},
        solutions=(
            (
                f"add app to includepkgs of {BASE}",
                f"take app off the list ({P}/app)",
            ),
        ),
    ),
    "unwanted": Case(
        packages=["app", "rsh", "ok"],
        offered=(Rpm("app", requires=("telnet",)), Rpm("telnet"), Rpm("rsh"), Rpm("ok")),
        bridge={"policy": {"unwanted": ["telnet", "rsh"]}},
        solutions=(
            ("drop telnet from policy.unwanted", f"take app off the list ({P}/app)"),
            ("drop rsh from policy.unwanted", f"take rsh off the list ({P}/rsh)"),
        ),
    ),
    "only the newest will do": Case(
        packages=["app", "ok"],
        offered=(Rpm("app", "1-1"), Rpm("app", "2-1", requires=("nosuch",)), Rpm("ok")),
        spma={"main_options": {"best": True}},
        solutions=(("let older builds do: main_options.best = 0", f"take app off the list ({P}/app)"),),
    ),
    "a stream that is not enabled": Case(
        packages=["plain", "ok"],
        offered=(*APP, Rpm("plain", requires=("app",)), Rpm("ok")),
        streams=(module("app", "1", ["app-0:1-1.noarch"]), module("app", "2", ["app-0:2-1.noarch"])),
        solutions=(
            (
                "enable the module stream app:1",
                "enable the module stream app:2",
                f"take plain off the list ({P}/plain)",
            ),
        ),
    ),
    "a stream that another line is in": Case(
        packages=["tool", "extra", "ok"],
        offered=(*APP, Rpm("extra"), Rpm("tool", requires=("app >= 2",)), Rpm("ok")),
        streams=(
            module("app", "1", ["app-0:1-1.noarch", "extra-0:1-1.noarch"]),
            module("app", "2", ["app-0:2-1.noarch"]),
        ),
        modules={"app": {"stream": "1"}},
        # With the stream 2 nothing would meet extra any more.
        solutions=((f"take tool off the list ({P}/tool)",),),
    ),
    "a stream of which some cannot be had": Case(
        packages=["ok"],
        offered=(*APP, Rpm("ok")),
        streams=(
            module("app", "1", ["app-0:1-1.noarch"]),
            module("app", "2", ["app-0:2-1.noarch"], requires={"nowhere": "1"}),
        ),
        modules={"app": {"stream": "9"}},
        solutions=(
            (
                "enable the module stream app:1 instead of app:9 (/software/modules/app)",
                "take the module app:9 off the list (/software/modules/app)",
            ),
        ),
    ),
    "a stream that another stream needs": Case(
        packages=["tool", "ok"],
        offered=(*APP, Rpm("tool", requires=("app >= 2",)), Rpm("ok")),
        streams=(
            module("app", "1", ["app-0:1-1.noarch"]),
            module("app", "2", ["app-0:2-1.noarch"]),
            module("web", "1", ["web-0:1-1.noarch"], requires={"app": "1"}),
        ),
        modules={"app": {"stream": "1"}, "web": {"stream": "1"}},
        # With the stream 2 the stream of web could not be had any more.
        solutions=((f"take tool off the list ({P}/tool)",),),
    ),
    "a stream that is not there": Case(
        packages=["ok"],
        offered=(*APP, Rpm("ok")),
        streams=(module("app", "1", ["app-0:1-1.noarch"]), module("app", "2", ["app-0:2-1.noarch"])),
        modules={"app": {"stream": "9"}},
        solutions=(
            (
                "enable the module stream app:1 instead of app:9 (/software/modules/app)",
                "enable the module stream app:2 instead of app:9 (/software/modules/app)",
                "take the module app:9 off the list (/software/modules/app)",
            ),
        ),
    ),
    "a member of an alias": Case(
        packages=["@mail", "exim", "ok"],
        offered=(Rpm("postfix", conflicts=("exim",)), Rpm("exim"), Rpm("ok")),
        bridge={"aliases": {"mail": {"all_of": ["postfix", "ok"]}}},
        solutions=(
            (
                f"take exim off the list ({P}/exim)",
                "take postfix out of the alias mail (/software/components/yumbridge: aliases.mail)",
                f"take @mail off the list ({P}/_40mail)",
            ),
        ),
    ),
    "a member of two aliases of one line": Case(
        packages=["@base", "exim", "ok"],
        offered=(Rpm("postfix", conflicts=("exim",)), Rpm("exim"), Rpm("ok")),
        bridge={
            "aliases": {
                "base": {"all_of": ["@a", "@b"]},
                "a": {"all_of": ["postfix", "ok"]},
                "b": {"all_of": ["postfix"]},
            }
        },
        # Taken out of one alias, it is still in the other.
        solutions=((f"take exim off the list ({P}/exim)", f"take @base off the list ({P}/_40base)"),),
    ),
    "a slip in two aliases of one line": Case(
        packages=["@base", "ok"],
        offered=(Rpm("postfix"), Rpm("ok")),
        bridge={
            "aliases": {
                "base": {"all_of": ["@a", "@b"]},
                "a": {"all_of": ["Postfix", "ok"]},
                "b": {"all_of": ["Postfix"]},
            }
        },
        solutions=((f"take @base off the list ({P}/_40base)",),),
    ),
    "a slip in an alias of two lines": Case(
        packages=["@base", "@mail", "ok"],
        offered=(Rpm("postfix"), Rpm("ok")),
        bridge={"aliases": {"base": {"all_of": ["@mail", "ok"]}, "mail": {"all_of": ["Postfix", "ok"]}}},
        solutions=(
            (
                "list postfix instead of Postfix (/software/components/yumbridge: aliases.mail)",
                "take Postfix out of the alias mail (/software/components/yumbridge: aliases.mail)",
                f"take @base off the list ({P}/_40base)",
            ),
            (
                "list postfix instead of Postfix (/software/components/yumbridge: aliases.mail)",
                "take Postfix out of the alias mail (/software/components/yumbridge: aliases.mail)",
                f"take @mail off the list ({P}/_40mail)",
            ),
        ),
    ),
    "a slip in an alias": Case(
        packages=["@mail", "ok"],
        offered=(Rpm("postfix"), Rpm("ok")),
        bridge={"aliases": {"mail": {"all_of": ["Postfix"]}}},
        solutions=(
            (
                "list postfix instead of Postfix (/software/components/yumbridge: aliases.mail)",
                f"take @mail off the list ({P}/_40mail)",
            ),
        ),
    ),
    "an alias of which nothing can be had": Case(
        packages=["@mail", "ok"],
        offered=(Rpm("ok"),),
        bridge={"aliases": {"mail": {"any_of": ["postfix", "exim"]}}},
        solutions=((f"take @mail off the list ({P}/_40mail)",),),
    ),
    "a group": Case(
        packages=["@web", "exim"],
        offered=(Rpm("postfix", conflicts=("exim",)), Rpm("exim"), Rpm("nginx")),
        groups=comps(group("web", mandatory=["postfix", "nginx"])),
        solutions=((f"take @web off the list ({P}/_40web)", f"take exim off the list ({P}/exim)"),),
    ),
    "a user package": Case(
        packages=["lib"],
        offered=(Rpm("lib", "2-1"), Rpm("mine", "2-1")),
        installed=(Rpm("mine", conflicts=("lib >= 2",)),),
        spma={"userpkgs": "yes"},
        solutions=(("add mine to the list", "add mine to policy.unwanted"),),
    ),
    "a user package that another needs": Case(
        packages=["lib"],
        offered=(Rpm("lib", "2-1"),),
        installed=(Rpm("one", requires=("two",)), Rpm("two", conflicts=("lib >= 2",))),
        spma={"userpkgs": "yes"},
        # No single edit will do: whichever of both goes, the other is still in the way.
        solutions=((),),
    ),
    "the whitelist": Case(
        packages=["lib"],
        offered=(Rpm("lib", "2-1"),),
        installed=(Rpm("mine", conflicts=("lib >= 2",)),),
        spma={"whitelist": ["min"]},
        solutions=(("add mine to policy.unwanted", "drop min from the whitelist"),),
    ),
    "a rule of the whitelist that keeps others, too": Case(
        packages=["lib"],
        offered=(Rpm("lib", "2-1"),),
        installed=(Rpm("mine", conflicts=("lib >= 2",)), Rpm("min-a"), Rpm("min-b")),
        spma={"whitelist": ["min*"]},
        solutions=(("add mine to policy.unwanted", "drop min* from the whitelist, which keeps 2 more packages"),),
    ),
    "a protected package": Case(
        packages=["lib"],
        offered=(Rpm("lib", "2-1"),),
        installed=(Rpm("mine", conflicts=("lib >= 2",)),),
        bridge={"policy": {"protected": ["mine"]}},
        solutions=(("drop mine from policy.protected",),),
    ),
    "an exclude in the way of one problem and not of the other": Case(
        packages=["mineapp", "lib"],
        offered=(Rpm("lib", "2-1"), Rpm("mine", "2-1"), Rpm("mineapp")),
        installed=(Rpm("mine", conflicts=("lib >= 2",)),),
        spma={"userpkgs": "yes", "excludes": ["mine*"]},
        # With mine on the list it would be upgraded, were it not excluded, too.
        solutions=(
            ("add mine to policy.unwanted",),
            ("drop mine* from the excludes", f"take mineapp off the list ({P}/mineapp)"),
        ),
    ),
    "a filter": Case(
        packages=["lib", "other"],
        offered=(Rpm("lib", "2-1"), Rpm("other", "2-1")),
        installed=(Rpm("other", "1-1", conflicts=("lib >= 2",)), Rpm("lib", "1-1")),
        spma={"filter": "^lib$"},
        solutions=(("drop the filter",),),
    ),
    "a filter that keeps others, too": Case(
        packages=["lib", "other"],
        offered=(Rpm("lib", "2-1"), Rpm("other", "2-1")),
        installed=(Rpm("other", "1-1", conflicts=("lib >= 2",)), Rpm("lib", "1-1"), Rpm("foreign")),
        spma={"filter": "^lib$"},
        solutions=(("drop the filter, which keeps 1 more package",),),
    ),
    "another arch that stays": Case(
        packages=["lib"],
        offered=(Rpm("lib", "2-1", arch="x86_64"), Rpm("lib", "2-1", arch="i686")),
        installed=(Rpm("lib", "1-1", arch="x86_64"), Rpm("lib", "1-1", arch="i686")),
        spma={"userpkgs": "yes"},
        solutions=(("add lib.i686 to the list",),),
    ),
}


def replanned(world: World, tree: Mapping[str, Json], root: Path) -> Any:  # noqa: ANN401 - a foreign document
    path = write_profile(world.path / "edited.json", tree)
    return world.run("plan", path, "--root", root, "--releasever", "9", "--json").json()


def test_what_the_site_has_not_written_is_not_offered_for_a_change(world: World) -> None:
    """No solution drops what packages of the host protect themselves."""
    tree = CASES["a protected package"].tree(world)
    root = world.root(*CASES["a protected package"].installed)
    root.write("etc/dnf/protected.d/mine.conf", "mine\n")

    plan = planned(world, write_profile(world.path / "p.json", tree), root, code=12)

    assert [problem["solutions"] for problem in plan["problems"]] == [[]]


def test_the_place_of_the_problem_itself_is_told_once(world: World) -> None:
    """A solution for the line of the problem does not repeat its path in the text, one for another line names it."""
    path = write_profile(world.path / "p.json", CASES["a pin in the way of a requirement"].tree(world))

    text = world.run("plan", path, "--root", world.root().path).stdout

    assert "      try: take bar-1.0 off the list\n" in text
    assert f"      try: take foo off the list ({P}/foo)\n" in text


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_solution_that_is_told_works(world: World, case: Case) -> None:
    """Each solution that a plan tells, carried out in the profile, leads to a plan without that problem."""
    tree = case.tree(world)
    root = world.root(*case.installed)
    before = planned(world, write_profile(world.path / "p.json", tree), root, "--releasever", "9", code=12)

    assert tuple(tuple(problem["solutions"]) for problem in before["problems"]) == case.solutions
    for number, problem in enumerate(before["problems"]):
        for solution in problem["solutions"]:
            after = replanned(world, carried_out(tree, solution), root.path)
            assert problems(before)[number] not in problems(after), solution
            assert set(problems(after)) < set(problems(before)), solution


def test_globs_on_the_list_do_not_use_up_the_solves(world: World) -> None:
    """Names that no repository has are taken off a list without a solve, whatever stands beside them."""
    base = world.repository("base", Rpm("lib-a"), Rpm("lib-b"))
    absent = {f"nope{n}": {"1-1": {"noarch": ""}} for n in range(30)}
    profile = world.profile({"lib-*": {"": {"": ""}}, **absent}, [base])

    plan = planned(world, profile, world.root(), code=12)

    assert len(plan["problems"]) == 30
    assert all(problem["solutions"] for problem in plan["problems"])


def test_many_clashes_leave_solves_for_what_helps(world: World) -> None:
    """Where one line clashes with many, some are told what helps, and a note says that not everything was tried."""
    others = range(20)
    base = world.repository(
        "base",
        Rpm("hub", conflicts=tuple(f"other{n}" for n in others)),
        *(Rpm(f"user{n}", requires=("hub",)) for n in others),
        *(Rpm(f"other{n}") for n in others),
    )
    names = ["hub", *(f"user{n}" for n in others), *(f"other{n}" for n in others)]

    plan = planned(world, world.profile(names, [base]), world.root(), code=12)

    assert sum(bool(problem["solutions"]) for problem in plan["problems"]) >= 5
    assert [note["kind"] for note in plan["notes"]].count("untried") == 1


def test_one_rank_of_edits_does_not_use_up_the_solves(world: World) -> None:
    """Where the least intrusive edits help nobody, others that do are still tried."""
    numbers = range(12)
    base = world.repository(
        "base",
        *(Rpm(f"app{n}", "1-1", conflicts=(f"bar{n}",)) for n in numbers),
        *(Rpm(f"app{n}", "2-1", conflicts=(f"bar{n}",)) for n in numbers),
        *(Rpm(f"bar{n}") for n in numbers),
    )
    pinned = {f"app{n}": {"1-1": {"noarch": ""}} for n in numbers}

    plan = planned(world, world.profile({**pinned, **{f"bar{n}": {} for n in numbers}}, [base]), world.root(), code=12)

    assert all(problem["solutions"] for problem in plan["problems"])


def test_a_degraded_plan_seeks_no_solutions(world: World) -> None:
    """While a repository is missing nobody knows what would help, and nothing is told."""
    case = CASES["a user package"]
    gone = repository_entry(("gone", "file:///nonexistent/gone"), skip_if_unavailable=True)
    path = world.profile(case.packages, [world.repository("base", *case.offered), gone], spma=case.spma)

    plan = planned(world, path, world.root(*case.installed), code=12)

    assert plan["degraded"]
    assert [problem["solutions"] for problem in plan["problems"]] == [[]]


def test_that_not_everything_was_tried_is_told(world: World) -> None:
    """Where the bound is reached before every problem has something that helps, a note says so."""
    base = world.repository("base", *(Rpm(f"app{n}", "1-1") for n in range(30)), Rpm("lib-a"))
    pinned = {f"app{n}": {"7-1": {"noarch": ""}} for n in range(30)}
    profile = world.profile({"lib-*": {"": {"": ""}}, **pinned}, [base])

    plan = planned(world, profile, world.root(), code=12)

    assert [note["kind"] for note in plan["notes"]].count("untried") == 1
    assert sum(bool(problem["solutions"]) for problem in plan["problems"]) >= 10
