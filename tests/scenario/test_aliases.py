"""Aliases in a profile and in the configuration: what they come to in a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.comps import comps, group
from tests.support.plans import applied, moves, notes, planned, problems
from tests.support.profiles import Json, repository_entry
from tests.support.repositories import Contents, Repository
from tests.support.rpms import Rpm
from tests.support.world import World

POSTFIX, EXIM = Rpm("postfix", conflicts=("sendmail",)), Rpm("exim")
WEB = (Rpm("nginx", requires=("libssl",)), Rpm("openssl", provides=("libssl",)))


def configuration(world: World, text: str) -> tuple[str, Path]:
    path = world.path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return "--config", path


def in_profile(**aliases: Json) -> dict[str, Json]:
    return {"software": {"components": {"yumbridge": {"aliases": aliases}}}}


def names(plan: Any) -> list[str]:  # noqa: ANN401 - a foreign document
    return [change["name"] for change in plan["changes"]]


def said(plan: Any) -> list[str]:  # noqa: ANN401 - a foreign document
    return [note["text"] for note in plan["notes"] if note["kind"] == "alias"]


def base(world: World, *rpms: Rpm) -> Repository:
    return world.repository("base", *rpms)


def test_an_alias_stands_for_all_its_members(world: World) -> None:
    here = base(world, *WEB, Rpm("curl"), Rpm("unused"))
    profile = world.profile(["@web"], [here])

    plan = planned(world, profile, world.root(), *configuration(world, "aliases: {web: {all_of: [nginx, curl]}}"))

    assert names(plan) == ["curl", "nginx", "openssl"]


def test_a_chain_leads_over_the_aliases_to_the_package(world: World) -> None:
    here = base(world, *WEB)
    extra = in_profile(site={"all_of": ["@web"]}, web={"all_of": ["nginx"]})

    plan = planned(world, world.profile(["@site"], [here], extra=extra), world.root())

    assert [(step["kind"], step["ref"], step["via"]) for step in plan["changes"][1]["why"]] == [
        ("profile", "/software/packages/_40site", "@site"),
        ("alias", "site", "@web"),
        ("alias", "web", "nginx"),
        ("requires", "nginx-1-1.noarch", "libssl"),
    ]


def test_the_first_member_that_can_be_had_is_taken(world: World) -> None:
    here = base(world, EXIM)
    text = "aliases: {mta: {any_of: [postfix, exim]}}"

    plan = planned(world, world.profile(["@mta"], [here]), world.root(), *configuration(world, text))

    assert names(plan) == ["exim"]
    assert said(plan) == [
        "@mta: exim is taken; postfix is not: no package is named postfix, and none provides it",
    ]


def test_a_member_that_does_not_solve_with_the_rest_is_passed_over(world: World) -> None:
    here = base(world, POSTFIX, EXIM, Rpm("sendmail"))
    text = "aliases: {mta: {any_of: [postfix, exim]}}"

    alone = planned(world, world.profile(["@mta"], [here]), world.root(), *configuration(world, text))
    beside = planned(world, world.profile(["@mta", "sendmail"], [here]), world.root(), *configuration(world, text))

    assert names(alone) == ["postfix"]
    assert names(beside) == ["exim", "sendmail"]
    assert "postfix" in said(beside)[0]
    assert "sendmail" in said(beside)[0]


def test_several_choices_are_made_so_that_all_can_be_met(world: World) -> None:
    here = base(world, Rpm("a1", conflicts=("b",)), Rpm("a2"), Rpm("b"), Rpm("c", conflicts=("d1",)), Rpm("d1"))
    text = "aliases: {a: {any_of: [a1, a2]}, b: {any_of: [b]}, d: {any_of: [d1, c]}}"

    plan = planned(world, world.profile(["@a", "@b", "@d"], [here]), world.root(), *configuration(world, text))

    assert names(plan) == ["a2", "b", "d1"]
    assert said(plan)[0] == "@a: a2 is taken; a1 is not: @b cannot be had with it"


def test_of_an_alias_without_any_member_all_reasons_are_told(world: World) -> None:
    here = base(world, POSTFIX, Rpm("sendmail"), Rpm("other"))
    text = "aliases: {mta: {any_of: [postfix, exim]}, site: {all_of: ['@mta', other]}}"
    profile = world.profile(["@site", "sendmail"], [here])

    plan = planned(world, profile, world.root(), *configuration(world, text), code=12)

    assert problems(plan) == [("alias", "@mta", "/software/packages/_40site")]
    told = plan["problems"][0]["text"]
    assert told.startswith("@site -> @mta: @mta: none of its members can be had; postfix is not: ")
    assert told.endswith("exim is not: no package is named exim, and none provides it")
    # All else is still said.
    assert names(plan) == ["other", "sendmail"]


def test_what_is_impossible_anyway_is_no_reason_to_pass_a_member_over(world: World) -> None:
    here = base(world, POSTFIX, EXIM, Rpm("sick", requires=("nothing",)))
    text = "aliases: {mta: {any_of: [postfix, exim]}}"

    plan = planned(world, world.profile(["@mta", "sick"], [here]), world.root(), *configuration(world, text), code=12)

    assert problems(plan) == [("unsolvable", "sick", "/software/packages/sick")]
    assert said(plan) == ["@mta: postfix is taken"]


@pytest.mark.parametrize(("release", "expected"), [("8", "java-8"), ("10", "java-21")])
def test_when_selects_by_release(world: World, release: str, expected: str) -> None:
    here = base(world, Rpm("java-8"), Rpm("java-21"))
    text = """
aliases:
  jdk:
    - {all_of: [java-8], when: {os_major: [8, 9]}}
    - {all_of: [java-21], when: {os_major: 10, basearch: x86_64}}
"""
    options = ("--releasever", release, *configuration(world, text))

    assert names(planned(world, world.profile(["@jdk"], [here]), world.root(), *options)) == [expected]


def test_an_alias_without_a_definition_for_the_host_is_a_problem(world: World) -> None:
    here = base(world, Rpm("java-8"), Rpm("other"))
    text = "aliases: {jdk: {all_of: [java-8], when: {os_major: 8}}, site: {all_of: ['@jdk', other]}}"
    options = ("--releasever", "9", *configuration(world, text))

    plan = planned(world, world.profile(["@site"], [here]), world.root(), *options, code=12)

    assert problems(plan) == [("alias", "@jdk", "/software/packages/_40site")]
    assert "@site -> @jdk: no definition is for this host (os_major 9" in plan["problems"][0]["text"]


def test_a_member_that_nothing_meets_is_told_with_the_chain(world: World) -> None:
    here = base(world, Rpm("other"))
    text = "aliases: {web: {all_of: [nginx, '@nogroup']}, site: {all_of: ['@web', other]}}"

    plan = planned(world, world.profile(["@site"], [here]), world.root(), *configuration(world, text), code=12)

    assert {problem["text"].partition(":")[0] for problem in plan["problems"]} == {
        "@site -> @web -> nginx",
        "@site -> @web -> @nogroup",
    }


def test_an_alias_beats_a_group_of_its_name_and_says_so(world: World) -> None:
    contents = Contents(rpms=(Rpm("a"), Rpm("b"), Rpm("c")), comps=comps(group("core", mandatory=("b",))))
    here = world.publish("base", contents)
    text = "aliases: {core: {all_of: [a]}, site: {all_of: ['@core']}}"
    by_list = world.profile(["@core", "c"], [here])
    extra: dict[str, Json] = {"software": {"groups": {"core": {}}}}
    by_both = world.profile(["@site"], [here], name="both.json", extra=extra)

    listed = planned(world, by_list, world.root(), *configuration(world, text))
    both = planned(world, by_both, world.root(), *configuration(world, text))

    assert (names(listed), said(listed)) == (["a", "c"], ["@core is the alias, not the group of that id"])
    assert names(both) == ["a", "b"]


def test_a_group_can_be_a_member(world: World) -> None:
    contents = Contents(rpms=(Rpm("a"), Rpm("b")), comps=comps(group("core", mandatory=("b",))))
    profile = world.profile(["@site"], [world.publish("base", contents)])

    plan = planned(world, profile, world.root(), *configuration(world, "aliases: {site: {all_of: [a, '@core']}}"))

    assert names(plan) == ["a", "b"]
    assert [step["kind"] for step in plan["changes"][1]["why"]] == ["profile", "alias", "group"]


def test_a_profile_replaces_the_definition_of_the_host(world: World) -> None:
    here = base(world, Rpm("a"), Rpm("b"), Rpm("c"))
    extra = in_profile(one={"all_of": ["b"]})
    text = "aliases: {one: {all_of: [a]}, two: {all_of: [c]}}"

    plan = planned(
        world, world.profile(["@one", "@two"], [here], extra=extra), world.root(), *configuration(world, text)
    )

    assert names(plan) == ["b", "c"]


def test_circles_and_overlaps_are_refused_with_their_chains(world: World) -> None:
    here = base(world, Rpm("a"))
    extra = in_profile(c={"all_of": ["@a"]})
    text = """
aliases:
  a: {all_of: ["@b"]}
  b: {any_of: [x, "@c"]}
"""
    circle = world.run(
        "plan", world.profile(["@a"], [here], extra=extra), "--root", world.root().path, *configuration(world, text)
    )
    text = "aliases: {j: [{all_of: [a], when: {os_major: [8, 9]}}, {all_of: [b], when: {os_major: 9, arch: x86_64}}]}"
    overlap = world.run("plan", world.profile(["a"], [here]), "--root", world.root().path, *configuration(world, text))

    assert circle.code == overlap.code == 10
    assert "goes round in a circle: a -> b -> c -> a" in circle.stderr
    assert "aliases.j[1].when: overlaps with" in overlap.stderr
    assert "os_major 8 or 9; os_major 9, arch x86_64" in overlap.stderr


def test_a_choice_is_not_changed_because_a_repository_is_missing(world: World) -> None:
    """While an optional repository cannot be reached, that its member cannot be found says nothing."""
    here = base(world, EXIM)
    gone = repository_entry(("gone", (world.path / "nowhere").as_uri()), skip_if_unavailable=True)
    text = "aliases: {mta: {any_of: [postfix, exim]}}"

    plan = planned(world, world.profile(["@mta"], [here, gone]), world.root(POSTFIX), *configuration(world, text))

    assert plan["degraded"]
    assert moves(plan) == []
    assert ("degraded", "") in notes(plan)


def test_many_ways_to_a_member_are_one(world: World) -> None:
    """Sixty aliases of two members each, all of the next one, are not two to the power of sixty specs."""
    here = base(world, Rpm("end"))
    levels = {
        f"a{n}x{side}": {"all_of": [f"@a{n + 1}x0", f"@a{n + 1}x1"] if n < 60 else ["end"]}
        for n in range(61)
        for side in (0, 1)
    }
    profile = world.profile(["@a0x0"], [here], extra=in_profile(**levels))

    assert names(planned(world, profile, world.root())) == ["end"]


def test_what_an_alias_brings_counts_as_listed(world: World) -> None:
    here = base(world, *WEB)
    profile = world.profile(["@web"], [here], extra=in_profile(web={"all_of": ["nginx"]}))
    root = world.root()

    applied(world, profile, root)

    inventory = (root.path / "var/lib/yumbridge/inventory.json").read_text(encoding="utf-8")
    assert '"nevra": "nginx-1-1.noarch",\n      "reason": "user"' in inventory
    assert '"nevra": "openssl-1-1.noarch",\n      "reason": "dependency"' in inventory


def test_the_filter_of_a_staged_install_knows_aliases(world: World) -> None:
    here = base(world, *WEB, Rpm("other"))
    extra = in_profile(web={"all_of": ["nginx"]})
    profile = world.profile(["@web", "other"], [here], extra=extra, spma={"filter": "^@web$"})

    assert names(planned(world, profile, world.root())) == ["nginx", "openssl"]


def test_a_stored_plan_makes_the_choice_again_and_is_carried_out(world: World) -> None:
    here = base(world, EXIM, Rpm("other"))
    extra = in_profile(mta={"any_of": ["postfix", "exim"]})
    profile = world.profile(["@mta", "other"], [here], extra=extra)
    root, stored = world.root(Rpm("stray")), world.path / "plan.json"
    planned(world, profile, root, "--out", stored)

    report = applied(world, stored, root)

    assert report["outcome"] == "as-planned"
    assert root.installed() == {EXIM.nevra, "other-1-1.noarch"}


def test_a_better_choice_makes_a_stored_plan_stale(world: World) -> None:
    extra = in_profile(mta={"any_of": ["postfix", "exim"]})
    profile = world.profile(["@mta"], [base(world, EXIM)], extra=extra)
    root, stored = world.root(), world.path / "plan.json"
    planned(world, profile, root, "--out", stored)
    base(world, EXIM, POSTFIX)

    applied(world, stored, root, code=13)

    assert root.installed() == set()


def test_a_snapshot_is_checked_with_what_aliases_come_to_on_it(world: World) -> None:
    """Whether a profile solves on a snapshot is asked of the members that can be had there."""
    world.freeze("good", base(world, EXIM))
    world.freeze("bad", base(world, Rpm("other")))
    extra = in_profile(mta={"any_of": ["postfix", "exim"]})
    profile = world.profile(["@mta"], extra=extra)

    good = world.snapshot("check", "good", "--profile", profile, "--json")
    bad = world.snapshot("check", "bad", "--profile", profile, "--json")

    assert (good.code, good.json()["profiles"][0]["packages"]) == (0, 1)
    assert (bad.code, bad.json()["profiles"][0]["problems"][0]["kind"]) == (12, "alias")


def test_what_an_alias_with_a_problem_may_stand_for_is_not_said_to_go(world: World) -> None:
    """Whether it may go is not known, as of a listed package that no repository has."""
    here = base(world, Rpm("other"), Rpm("java-8"))
    text = """
aliases:
  mta: {any_of: [postfix, exim]}
  jdk: {all_of: [java-8], when: {os_major: 8}}
"""
    profile = world.profile(["@mta", "@jdk", "other"], [here])
    root = world.root(POSTFIX, Rpm("java-8"), Rpm("stray"))

    plan = planned(world, profile, root, "--releasever", "9", *configuration(world, text), code=12)

    assert [spec for _, spec, _ in problems(plan)] == ["@jdk", "@mta"]
    assert moves(plan) == ["install other.noarch 1-1", "remove stray.noarch 1-1"]


def test_an_alias_without_a_member_changes_no_other_choice(world: World) -> None:
    """However many aliases there are: what is in no repository is the fault of no choice."""
    here = base(world, *(Rpm(f"m{n}{letter}") for n in range(6) for letter in "ab"))
    aliases: dict[str, Json] = {f"a{n}": {"any_of": [f"m{n}a", f"m{n}b"]} for n in range(6)}
    extra = in_profile(**aliases, z={"any_of": ["nosuch", "nosuch2"]})
    profile = world.profile([*(f"@a{n}" for n in range(6)), "@z"], [here], extra=extra)

    plan = planned(world, profile, world.root(), code=12)

    assert problems(plan) == [("alias", "@z", "/software/packages/_40z")]
    assert names(plan) == [f"m{n}a" for n in range(6)]


def test_many_aliases_that_solve_are_no_problem(world: World) -> None:
    here = base(world, *(Rpm(f"m{n:03}") for n in range(110)))
    aliases: dict[str, Json] = {f"a{n:03}": {"any_of": [f"m{n:03}"]} for n in range(110)}
    profile = world.profile([f"@{name}" for name in aliases], [here], extra=in_profile(**aliases))

    assert len(names(planned(world, profile, world.root()))) == 110


def test_a_member_that_is_an_alias_without_any_gives_way_to_the_next(world: World) -> None:
    here = base(world, Rpm("fallback"))
    extra = in_profile(top={"any_of": ["@z", "fallback"]}, z={"any_of": ["nosuch"]}, y={"any_of": ["nosuch2"]})

    plan = planned(world, world.profile(["@top", "@y"], [here], extra=extra), world.root(), code=12)

    assert (names(plan), problems(plan)) == (["fallback"], [("alias", "@y", "/software/packages/_40y")])


def test_beside_another_problem_a_member_that_clashes_is_passed_over(world: World) -> None:
    here = base(world, POSTFIX, EXIM, Rpm("sendmail"), Rpm("sick", requires=("nothing",)))
    extra = in_profile(mta={"any_of": ["postfix", "exim"]})
    profile = world.profile(["@mta", "sendmail", "sick"], [here], extra=extra)

    plan = planned(world, profile, world.root(), code=12)

    assert problems(plan) == [("unsolvable", "sick", "/software/packages/sick")]
    assert said(plan)[0].startswith("@mta: exim is taken")


def test_while_a_repository_is_missing_the_installed_member_stays_the_chosen_one(world: World) -> None:
    """What made another member impossible may be in the repository that is away."""
    here = base(world, POSTFIX, EXIM)
    gone = repository_entry(("gone", (world.path / "nowhere").as_uri()), skip_if_unavailable=True)
    profile = world.profile(["@mta"], [here, gone], extra=in_profile(mta={"any_of": ["postfix", "exim"]}))

    plan = planned(world, profile, world.root(EXIM))

    assert plan["degraded"]
    assert moves(plan) == []
    assert said(plan) == ["@mta: exim is taken"]


def test_a_set_of_yaml_is_refused_for_want_of_an_order(world: World) -> None:
    text = "aliases: {mta: {any_of: !!set {postfix, exim}}}"
    profile = world.profile(["@mta"], [base(world, EXIM)])

    outcome = world.run("plan", profile, "--root", world.root().path, *configuration(world, text))

    assert outcome.code == 10
    assert "a set has no order" in outcome.stderr
