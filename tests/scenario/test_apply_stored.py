"""A stored plan is carried out exactly, or not at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.plans import applied, planned
from tests.support.roots import InstallRoot
from tests.support.rpms import Rpm
from tests.support.world import World


def stored(world: World, profile: Path, root: InstallRoot, *options: str | Path, code: int = 0) -> Path:
    """Store the plan for a profile, and return its path."""
    out = world.path / "plan.json"
    planned(world, profile, root, "--out", out, *options, code=code)
    return out


def refusal(world: World, plan: Path, *options: str | Path, code: int = 13) -> tuple[str, ...]:
    """Apply a plan that must be refused, and return the message with its details."""
    outcome = world.run("apply", plan, "--json", *options)
    assert outcome.code == code, outcome
    assert outcome.json()["document"] == "yumbridge-error"
    return (outcome.json()["message"], *outcome.json()["details"])


def test_a_stored_plan_is_carried_out_exactly(world: World) -> None:
    """A stored plan needs neither profile nor root on the command line, and the report bears its id."""
    base = world.repository("base", Rpm("app", "2-1"))
    root = world.root(Rpm("app", "1-1"), Rpm("gone"))
    plan = stored(world, world.profile(["app"], [base]), root)

    outcome = world.run("apply", plan, "--json")

    assert outcome.code == 0, outcome
    assert outcome.json()["outcome"] == "as-planned"
    assert outcome.json()["plan"] == json.loads(plan.read_text(encoding="utf-8"))["id"]
    assert root.installed() == {"app-2-1.noarch"}


def test_a_stored_plan_remembers_how_it_was_made(world: World) -> None:
    """A plan for another arch, release and kernel is carried out as such without naming them again."""
    base = world.repository("base", Rpm("lib", arch="i686"), Rpm("lib", arch="x86_64"))
    root = world.root(Rpm("old"))
    options = ("--arch", "i686", "--releasever", "7", "--kernel-release", "3.10.0-1.el7.i686")
    plan = stored(world, world.profile(["lib"], [base]), root, *options)

    outcome = world.run("apply", plan)

    assert outcome.code == 0, outcome
    assert root.installed() == {"lib-1-1.i686"}


def test_a_plan_is_carried_out_once(world: World) -> None:
    """A plan that was carried out is stale: the installed packages have changed."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    plan = stored(world, world.profile(["app"], [base]), root)

    assert world.run("apply", plan).code == 0
    assert f"the installed packages of {root.path} have changed" in refusal(world, plan)


def test_a_plan_of_a_changed_profile_is_stale(world: World) -> None:
    """A plan whose profile has changed, even by a byte, is refused with 13, and so is one whose profile is gone."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    profile = world.profile(["app"], [base])
    plan = stored(world, profile, root)

    profile.write_text(profile.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert refusal(world, plan)[1] == f"the profile {profile} has changed"
    profile.write_text("{", encoding="utf-8")
    assert refusal(world, plan)[1] == f"the profile {profile} has changed"
    profile.unlink()
    assert "No such file or directory" in refusal(world, plan)[1]

    assert root.installed() == frozenset()


def test_a_plan_for_a_changed_host_is_stale(world: World) -> None:
    """A plan is refused when anybody has installed or removed a package since, and nothing is done."""
    base = world.repository("base", Rpm("app"))
    root = world.root(Rpm("one"))
    plan = stored(world, world.profile(["app"], [base]), root)

    world.install(root, Rpm("two"))

    assert f"the installed packages of {root.path} have changed" in refusal(world, plan)
    assert root.installed() == {"one-1-1.noarch", "two-1-1.noarch"}


def test_a_plan_on_a_changed_repository_is_stale(world: World) -> None:
    """A plan is refused when a repository has changed since, even when the planned packages are still there."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    plan = stored(world, world.profile(["app"], [base]), root)

    world.repository("base", Rpm("app"), Rpm("other"))

    assert refusal(world, plan)[1].startswith("repository base has changed: revision ")
    assert root.installed() == frozenset()


def test_a_plan_for_another_root_is_refused(world: World) -> None:
    """A plan is refused on another root than its own."""
    base = world.repository("base", Rpm("app"))
    plan = stored(world, world.profile(["app"], [base]), world.root())
    other = world.root(name="other")

    message = refusal(world, plan, "--root", other.path)[0]

    assert message == f"the plan is for the root {world.root().path}, not for {other.path}"
    assert list(other.path.iterdir()) == []


def test_a_plan_for_a_root_that_is_gone_is_stale(world: World) -> None:
    """A root that is no longer there is not made again: perhaps it is only not mounted."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    stored = world.path / "plan.json"
    planned(world, world.profile(["app"], [base]), root, "--out", stored)
    shutil.rmtree(root.path)

    outcome = world.run("apply", stored)

    assert (outcome.code, root.path.exists()) == (13, False)
    assert f"the root {root.path} is gone" in outcome.stderr


def test_a_plan_of_another_policy_is_stale(world: World) -> None:
    """A plan is refused when the host's configuration has come to another policy since."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    plan = stored(world, world.profile(["app"], [base]), root)

    root.write("etc/yumbridge/config.yaml", "policy: {protected: [app]}\n")

    assert "the policy has changed" in refusal(world, plan)


def test_a_plan_with_problems_is_refused(world: World) -> None:
    """A stored plan with problems is refused as it would be without storing: a report, and exit code 12."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    plan = stored(world, world.profile(["app", "absent"], [base]), root, code=12)

    assert applied(world, plan, root, code=12)["outcome"] == "refused"
    assert root.installed() == frozenset()


def edited(plan: Path, **fields: Any) -> Path:  # noqa: ANN401 - any JSON
    """Change fields of a stored plan."""
    content = json.loads(plan.read_text(encoding="utf-8"))
    plan.write_text(json.dumps({**content, **fields}), encoding="utf-8")
    return plan


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"changes": []}, "its id does not fit its content"),
        ({"id": "sha256:0"}, "its id does not fit its content"),
        ({"version": "2.0"}, "plan version 2.0 is not supported"),
        ({"version": "2.0", "novelty": 1}, "plan version 2.0 is not supported"),
        ({"novelty": 1}, "unknown field `novelty`"),
        ({"changes": "all"}, "$.changes"),
    ],
    ids=["changes", "id", "major", "major-with-new-field", "unknown-field", "shape"],
)
def test_a_plan_that_was_touched_is_refused(world: World, fields: dict[str, Any], words: str) -> None:
    """A plan that was edited, is of a newer major version, or has fields nobody knows is refused by name."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    plan = edited(stored(world, world.profile(["app"], [base]), root), **fields)

    assert words in refusal(world, plan, code=1)[0]
    assert root.installed() == frozenset()


def test_a_truncated_plan_is_no_plan(world: World) -> None:
    """Half a plan is refused as invalid input, and so is a report in the place of a plan."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    plan = stored(world, world.profile(["app"], [base]), root)

    plan.write_bytes(plan.read_bytes()[:400])
    assert "not valid JSON" in refusal(world, plan, "--root", root.path, code=10)[0]
    plan.write_text('{"document": "yumbridge-report", "version": "1.0"}\n', encoding="utf-8")
    refusal(world, plan, "--root", root.path, code=10)
    assert root.installed() == frozenset()
