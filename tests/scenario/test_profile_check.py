"""Checking a profile without planning for a host."""

from __future__ import annotations

from tests.support.rpms import Rpm
from tests.support.world import World


def test_names_are_looked_up_when_asked_for(world: World) -> None:
    """With --look-up a package, version or glob that no repository has is a warning; without it none is read."""
    base = world.repository("base", Rpm("app"))
    wanted = {"app": {}, "absent": {}, "app-*": {}, "other": {"9": {"noarch": ""}}}
    profile = world.profile(wanted, [base])

    plain = world.run("profile", "check", profile, "--json")
    looked_up = world.run("profile", "check", profile, "--look-up", "--json")

    assert (plain.code, looked_up.code) == (0, 0)
    assert plain.json()["warnings"] == []
    assert [warning["path"] for warning in looked_up.json()["warnings"]] == [
        "/software/packages/absent",
        "/software/packages/app_2d_2a",
        "/software/packages/other/_39/arch/noarch",
    ]


def test_names_are_looked_up_in_other_repositories(world: World) -> None:
    """With --repos-from names are looked up there, whatever repositories the profile has."""
    world.repository("base", Rpm("app"))
    profile = world.profile(["app", "absent"], [("gone", "file:///nonexistent")])

    outcome = world.run("profile", "check", profile, "--repos-from", world.repositories)

    assert outcome.code == 0
    assert outcome.stdout.splitlines() == [
        "warning: /software/packages/absent: no package is named absent, and none provides it",
        "Good: 2 packages, 1 repository.",
    ]


def test_a_repository_that_cannot_be_read_is_told(world: World) -> None:
    """With --look-up an unreachable repository ends the check with 15."""
    profile = world.profile(["app"], [("gone", "file:///nonexistent")])

    assert world.run("profile", "check", profile, "--look-up").code == 15
