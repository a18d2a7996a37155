"""`yumbridge why`: what brings, keeps, holds or blocks a package."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.advisories import Advisory
from tests.support.plans import applied, planned
from tests.support.profiles import repository_entry
from tests.support.repositories import Repository
from tests.support.roots import InstallRoot
from tests.support.rpms import Rpm
from tests.support.world import World

APP, LIB, TOOL = Rpm("app", requires=("lib",)), Rpm("lib"), Rpm("tool", requires=("lib",))


def base(world: World, *rpms: Rpm) -> Repository:
    return world.repository("base", *rpms)


def why(world: World, package: str, profile: Path, root: InstallRoot, *options: str | Path) -> Any:  # noqa: ANN401 - a foreign document
    outcome = world.run("why", package, profile, "--root", root.path, "--json", *options)
    assert outcome.code == 0, outcome
    return outcome.json()


def text(world: World, package: str, profile: Path, root: InstallRoot, *options: str | Path) -> str:
    outcome = world.run("why", package, profile, "--root", root.path, *options)
    assert outcome.code == 0, outcome
    assert all(len(line) <= 80 for line in outcome.stdout.splitlines())
    return outcome.stdout


def test_every_way_that_brings_a_package_is_told(world: World) -> None:
    profile = world.profile(["app", "tool"], [base(world, APP, LIB, TOOL)])
    root = world.root(APP, LIB, TOOL)

    found = why(world, "lib", profile, root)

    assert found["installed"] == found["planned"] == ["lib-1-1.noarch"]
    assert [[(s["kind"], s["ref"]) for s in chain["why"]] for chain in found["chains"]] == [
        [("profile", "/software/packages/app"), ("requires", "app-1-1.noarch")],
        [("profile", "/software/packages/tool"), ("requires", "tool-1-1.noarch")],
    ]
    assert text(world, "lib", profile, root) == (
        "lib-1-1.noarch is installed, and stays.\n\n"
        "What brings lib-1-1.noarch\n"
        "  /software/packages/app\n    app requires lib\n"
        "  also: tool requires lib\n"
    )


@pytest.mark.parametrize(
    "asked", ["app", "app.noarch", "app-1", "app-1-1", "app-1-1.noarch", "app-0:1-1.noarch", "a?p"]
)
def test_a_package_may_be_named_as_people_do(world: World, asked: str) -> None:
    profile = world.profile(["app"], [base(world, APP, LIB)])

    assert why(world, asked, profile, world.root())["planned"] == ["app-1-1.noarch"]


def test_a_capability_stands_for_what_provides_it(world: World) -> None:
    lib = Rpm("lib", provides=("libfoo.so.1",))
    profile = world.profile(["app"], [base(world, Rpm("app", requires=("libfoo.so.1",)), lib)])

    found = why(world, "libfoo.so.1", profile, world.root())

    assert (found["planned"], found["if_listed"]) == (["lib-1-1.noarch"], [])
    assert [step["via"] for step in found["chains"][0]["why"]] == ["app", "libfoo.so.1"]


def test_what_goes_says_since_when_nothing_wants_it(world: World) -> None:
    here = base(world, APP, LIB, Rpm("other"))
    root = world.root()
    applied(world, world.profile(["app", "other"], [here]), root)
    world.install(root, Rpm("stray"))
    profile = world.profile(["other"], [here])

    steps = {name: why(world, name, profile, root)["changes"][0]["why"][0] for name in ("app", "lib", "stray")}

    assert {name: (step["kind"], step["via"]) for name, step in steps.items()} == {
        "app": ("not-in-profile", "listed"),
        "lib": ("not-in-profile", "unlisted"),
        "stray": ("not-in-profile", "absent"),
    }
    assert all(step["ref"].endswith("Z") for step in steps.values())
    assert "app.noarch will be removed: 1-1, not in the profile since 20" in text(world, "app", profile, root)


def test_without_history_a_removal_says_what_is_known(world: World) -> None:
    profile = world.profile(["other"], [base(world, Rpm("other"))])

    plan = planned(world, profile, world.root(APP, LIB, Rpm("other")))

    assert [change["why"] for change in plan["changes"]] == [[{"kind": "not-in-profile", "ref": "", "via": ""}]] * 2


def test_what_stays_in_spite_of_the_profile_says_what_keeps_it(world: World) -> None:
    profile = world.profile(["app"], [base(world, APP, LIB)], spma={"whitelist": ["stray"]})

    found = why(world, "stray", profile, world.root(Rpm("stray")))

    assert [(entry["reason"], entry["rule"]) for entry in found["kept_by"]] == [("whitelist", "stray")]
    assert found["planned"] == ["stray-1-1.noarch"]


def test_what_waits_says_for_what(world: World) -> None:
    config = world.path / "config.yaml"
    config.write_text("holds: [{packages: [lib], why: drained nodes}]", encoding="utf-8")
    here = base(world, Rpm("app", "2-1", requires=("lib >= 2",)), Rpm("lib", "2-1"))
    profile = world.profile(["app"], [here])
    root = world.root(APP, LIB)

    found = why(world, "app", profile, root, "--config", config)

    assert [(each["cause"], each["until"], each["chain"]) for each in found["held_by"]] == [
        ("closure", "boot", ["app-2-1.noarch requires lib >= 2", "lib-1-1.noarch is held: drained nodes"]),
    ]
    told = text(world, "app", profile, root, "--config", config)
    assert "app.noarch will be upgraded: 1-1 -> 2-1, at boot." in told
    assert "drained nodes" in told


def test_of_any_other_package_it_is_told_what_listing_it_would_bring(world: World) -> None:
    profile = world.profile(["app"], [base(world, APP, LIB, Rpm("extra", requires=("more", "lib")), Rpm("more"))])

    found = why(world, "extra", profile, world.root())

    assert (found["planned"], found["blocked_by"]) == ([], [])
    assert found["if_listed"] == ["extra-1-1.noarch", "more-1-1.noarch"]


def test_what_cannot_be_had_says_why(world: World) -> None:
    enemy = Rpm("enemy", conflicts=("app",))
    profile = world.profile(["app"], [base(world, APP, LIB, enemy, Rpm("sick", requires=("nothing",)))])
    root = world.root()

    kinds = {name: why(world, name, profile, root)["blocked_by"][0] for name in ("enemy", "sick", "nosuch", "lib-7")}

    assert {name: problem["kind"] for name, problem in kinds.items()} == {
        "enemy": "unsolvable",
        "sick": "unsolvable",
        "nosuch": "not-found",
        "lib-7": "not-found",
    }
    assert "nothing" in kinds["sick"]["text"]
    assert kinds["lib-7"]["text"] == "no lib 7; there is 1-1"
    assert "conflicts" in text(world, "enemy", profile, root)


def test_an_unwanted_and_an_excluded_package_say_so(world: World) -> None:
    profile = world.profile(["app"], [base(world, APP, LIB, Rpm("telnet"), Rpm("bad"))], spma={"excludes": ["bad"]})
    config = world.path / "config.yaml"
    config.write_text("policy: {unwanted: [telnet]}", encoding="utf-8")
    root = world.root()

    found = [why(world, name, profile, root, "--config", config)["blocked_by"] for name in ("bad", "telnet")]

    assert [[(each["kind"], each["text"]) for each in problems] for problems in found] == [
        [("excluded", "bad is excluded")],
        [("excluded", "telnet is unwanted")],
    ]


def test_while_the_profile_has_no_solution_its_problems_are_told(world: World) -> None:
    profile = world.profile(["sick", "app"], [base(world, APP, LIB, Rpm("sick", requires=("nothing",)))])

    found = why(world, "app", profile, world.root())

    assert (found["planned"], [each["spec"] for each in found["blocked_by"]]) == ([], ["sick"])


def test_what_is_listed_and_cannot_be_had_is_told_as_such(world: World) -> None:
    """The problem of the plan is told with what helps, whatever form the line or the question has."""
    here = base(world, Rpm("glibc", "1-1", arch="i686"), APP, LIB, Rpm("enemy", conflicts=("app",)))
    pinned = world.profile({"glibc": {"9-9": {"i686": ""}}, "app": {"": {"": ""}}}, [here])
    clashing = world.profile(["app", "enemy"], [here], name="clashing.json")
    root = world.root()

    for asked in ("glibc", "glibc.i686"):
        found = why(world, asked, pinned, root)
        assert found["listed"] == ["/software/packages/glibc/_39_2d9/arch/i686"]
        assert found["blocked_by"][0]["solutions"]
    assert "the profile lists it, and it cannot be had" in text(world, "app", clashing, root)
    assert "whether it is needed is not known" in text(world, "lib", clashing, root)


def test_what_a_plan_with_problems_would_do_is_told_as_what_it_does_not(world: World) -> None:
    newer = Rpm("lib", "2-1")
    profile = world.profile(["app", "nosuch"], [base(world, APP, newer)])

    told = text(world, "lib", profile, world.root(APP, LIB))

    assert "Nothing is carried out: the plan has 1 problem; yumbridge plan tells of them." in told


def test_a_file_stands_for_the_package_that_has_it(world: World) -> None:
    tool = Rpm("tool", files={"/opt/tool/run": "x"})
    profile = world.profile(["tool"], [base(world, tool)])

    assert why(world, "/opt/tool/run", profile, world.root())["planned"] == [tool.nevra]


def test_advisories_of_its_change_are_told(world: World) -> None:
    newer = Rpm("lib", "2-1")
    advisory = Advisory("A-1", (newer,))
    profile = world.profile(["app"], [world.repository("base", APP, newer, advisories=[advisory])])

    found = why(world, "lib", profile, world.root(APP, LIB))

    assert found["changes"][0]["advisories"] == ["A-1"]


def test_an_alias_is_pointed_to_its_own_verb(world: World) -> None:
    extra = {"software": {"components": {"yumbridge": {"aliases": {"web": {"all_of": ["app"]}}}}}}
    profile = world.profile(["@web"], [base(world, APP, LIB)], extra=extra)

    outcome = world.run("why", "@web", profile, "--root", world.root().path)

    assert outcome.code == 2
    assert "yumbridge alias show web" in outcome.stderr


def test_a_member_that_was_not_needed_is_told_as_one(world: World) -> None:
    extra = {"software": {"components": {"yumbridge": {"aliases": {"any": {"any_of": ["app", "tool"]}}}}}}
    profile = world.profile(["@any"], [base(world, APP, LIB, TOOL)], extra=extra)

    found = why(world, "tool", profile, world.root())

    assert [note["text"] for note in found["notes"]] == [
        "tool is a member of @any, too, but app comes first and is taken"
    ]
    assert found["if_listed"] == [TOOL.nevra]


def test_while_a_repository_is_missing_questions_are_answered(world: World) -> None:
    """Also when it was there a moment ago, and its metadata lies in the cache."""
    here = base(world, APP, LIB, Rpm("extra"))
    other = world.repository("other", Rpm("more"))
    optional = repository_entry(other, skip_if_unavailable=True)
    profile = world.profile(["app"], [here, optional])
    root = world.root()
    planned(world, profile, root)
    shutil.rmtree(world.repositories / "other")

    assert why(world, "extra", profile, root)["if_listed"] == ["extra-1-1.noarch"]


def test_what_goes_is_told_though_another_package_provides_its_name(world: World) -> None:
    newer = Rpm("new", provides=("old",), obsoletes=("old",))
    profile = world.profile(["new"], [base(world, newer)])

    found = why(world, "old", profile, world.root(Rpm("old")))

    assert found["installed"] == ["old-1-1.noarch"]
    assert {change["action"] for change in found["changes"]} == {"install", "obsolete"}


def test_hostile_names_reach_no_terminal(world: World) -> None:
    profile = world.profile(["app"], [base(world, APP, LIB)])

    told = text(world, "a\x1b[2Jb", profile, world.root())

    assert "\x1b" not in told
