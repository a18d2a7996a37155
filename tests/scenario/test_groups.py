"""Comps groups and environments in a profile."""

from __future__ import annotations

from tests.support.comps import comps, environment, group
from tests.support.plans import moves, notes, planned, problems
from tests.support.profiles import Json
from tests.support.repositories import Contents, Repository
from tests.support.rpms import Rpm
from tests.support.world import World

RPMS = (Rpm("must"), Rpm("usual"), Rpm("maybe"), Rpm("speller"), Rpm("writer"), Rpm("usual", "2-1"))
CORE = group("core", mandatory=("must",), default=("usual",), optional=("maybe",), conditional={"speller": "writer"})


def base(world: World, *parts: str) -> Repository:
    return world.publish("base", Contents(rpms=RPMS, comps=comps(*(parts or (CORE,)))))


def groups(**named: Json) -> dict[str, Json]:
    return {"software": {"groups": named}}


def names(plan: dict[str, list[dict[str, str]]]) -> list[str]:
    return [change["name"] for change in plan["changes"]]


def test_a_group_brings_its_mandatory_and_default_members(world: World) -> None:
    """@core in the package list brings the mandatory and the default members of the group, not the optional ones."""
    plan = planned(world, world.profile(["@core"], [base(world)]), world.root())

    assert moves(plan) == ["install must.noarch 1-1", "install usual.noarch 2-1"]
    assert [(step["kind"], step["ref"], step["via"]) for step in plan["changes"][0]["why"]] == [
        ("profile", "/software/packages/_40core", "@core"),
        ("group", "core", "must"),
    ]


def test_a_profile_says_which_members_count(world: World) -> None:
    """/software/groups switches mandatory, default and optional members on and off."""
    extra = groups(core={"mandatory": False, "default": False, "optional": True})

    plan = planned(world, world.profile(["writer"], [base(world)], extra=extra), world.root())

    assert names(plan) == ["maybe", "speller", "writer"]


def test_a_conditional_member_comes_with_its_condition(world: World) -> None:
    """A conditional member counts when its condition is in the closure, also when only another member brings it."""
    chain = group("more", conditional={"writer": "must", "speller": "writer"})

    alone = planned(world, world.profile(["@core"], [base(world)]), world.root(name="alone"))
    with_it = planned(world, world.profile(["@core", "writer"], [base(world)]), world.root(name="with"))
    chained = planned(world, world.profile(["@core", "@more"], [base(world, CORE, chain)]), world.root(name="chain"))

    assert "speller" not in names(alone)
    assert "speller" in names(with_it)
    assert {"writer", "speller"} <= set(names(chained))


def test_a_member_that_no_repository_has_is_a_note(world: World) -> None:
    """A member that is in no repository is a note, not a problem."""
    here = base(world, group("core", mandatory=("must", "gone")))

    plan = planned(world, world.profile(["@core"], [here]), world.root())

    assert (names(plan), notes(plan)) == (["must"], [("missing-member", "")])


def test_an_entry_of_its_own_beats_the_group(world: World) -> None:
    """A member that the profile lists itself comes in the version that is listed."""
    plan = planned(world, world.profile({"@core": {}, "usual": {"1-1": {}}}, [base(world)]), world.root())

    assert moves(plan) == ["install must.noarch 1-1", "install usual.noarch 1-1"]


def test_an_environment_brings_its_groups(world: World) -> None:
    """An environment brings its groups and those optional ones that are on by default."""
    parts = (
        environment("server", ["one"], {"two": True, "three": False}),
        group("one", mandatory=("must",)),
        group("two", mandatory=("usual",)),
        group("three", mandatory=("maybe",)),
    )

    plan = planned(world, world.profile(["@server"], [base(world, *parts)]), world.root())

    assert names(plan) == ["must", "usual"]


def test_an_unknown_group_is_a_problem(world: World) -> None:
    """A group that no repository defines is a problem with its profile path."""
    plan = planned(world, world.profile(["must"], [base(world)], extra=groups(nosuch={})), world.root(), code=12)

    assert problems(plan) == [("not-found", "@nosuch", "/software/groups/nosuch")]


def test_a_profile_of_groups_alone_is_not_empty(world: World) -> None:
    """A profile that lists groups and no packages is planned."""
    extra = groups(core={"mandatory": True})

    assert names(planned(world, world.profile([], [base(world)], extra=extra), world.root())) == ["must", "usual"]
