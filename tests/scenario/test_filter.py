"""Staged installs: the filter option."""

from __future__ import annotations

from tests.support.plans import applied, kept, moves, planned
from tests.support.rpms import Rpm
from tests.support.world import World

RPMS = (
    Rpm("accounts", "2-1", requires=("lib >= 2",)),
    Rpm("lib", "2-1"),
    Rpm("app", "2-1"),
    Rpm("new"),
)


def test_only_what_matches_and_what_it_requires_changes(world: World) -> None:
    """With a filter only matching names and what they require change; all else stays as it is."""
    base = world.repository("base", *RPMS)
    root = world.root(Rpm("accounts", "1-1"), Rpm("lib", "1-1"), Rpm("app", "1-1"), Rpm("old"))
    profile = world.profile(["accounts", "app", "new"], [base], spma={"filter": "^accounts$"})

    plan = planned(world, profile, root)

    assert moves(plan) == ["upgrade accounts.noarch 1-1 -> 2-1", "upgrade lib.noarch 1-1 -> 2-1"]
    assert kept(plan) == {"app-1-1.noarch": "outside-filter", "old-1-1.noarch": "outside-filter"}
    assert {entry["rule"] for entry in plan["kept"]} == {"^accounts$"}


def test_the_second_stage_finds_nothing_to_undo(world: World) -> None:
    """What the first stage installed is what the whole profile wants: the second stage only adds and removes."""
    base = world.repository("base", *RPMS)
    root = world.root(Rpm("app", "1-1"), Rpm("old"))
    first = world.profile(["accounts", "app"], [base], spma={"filter": "^accounts$"}, name="first.json")
    second = world.profile(["accounts", "app"], [base], name="second.json")

    applied(world, first, root)

    assert moves(planned(world, second, root)) == ["upgrade app.noarch 1-1 -> 2-1", "remove old.noarch 1-1"]


def test_a_filter_that_matches_nothing_changes_nothing(world: World) -> None:
    """A filter that no listed name matches plans nothing, and removes nothing."""
    base = world.repository("base", *RPMS)
    profile = world.profile(["app"], [base], spma={"filter": "^nothing$"})

    assert moves(planned(world, profile, world.root(Rpm("old")))) == []
