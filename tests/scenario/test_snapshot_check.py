"""Whether profiles solve on a snapshot, before hosts are sent there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.advisories import Advisory
from tests.support.profiles import Json, repository_entry
from tests.support.rpms import Rpm
from tests.support.world import World
from yumbridge.engine.child import INTERPRETERS

APP_1 = Rpm("app", "1-1", requires=("lib",))
APP_2 = Rpm("app", "2-1", requires=("lib >= 2",))
LIB_1 = Rpm("lib", "1-1")
LIB_2 = Rpm("lib", "2-1")
TOOL = Rpm("tool")


def checked(world: World, name: str, *profiles: Path, options: tuple[str, ...] = (), code: int = 0) -> Any:  # noqa: ANN401 - a foreign document
    """Return the document of a check with these profiles. The command must end with `code`."""
    named = [word for profile in profiles for word in ("--profile", str(profile))]
    outcome = world.snapshot("check", name, *named, *options, "--json")
    assert outcome.code == code, outcome
    return outcome.json()


def nevras(remedies: list[dict[str, str]]) -> list[str]:
    return [remedy["nevra"] for remedy in remedies]


def test_a_profile_that_solves_is_good(world: World) -> None:
    """A profile is solved from an empty root on the snapshot's repositories, whatever its own are, and ends with 0."""
    manifest = world.freeze("one", world.repository("base", APP_1, LIB_1, TOOL))
    profile = world.profile(["app"], [("base", "file:///nonexistent")])

    document = checked(world, "one", profile)

    assert (document["document"], document["snapshot"], document["id"]) == (
        "yumbridge-snapshot-check",
        "one",
        manifest.id,
    )
    (verdict,) = document["profiles"]
    assert (verdict["profile"], verdict["solves"], verdict["packages"]) == (str(profile), True, 2)
    assert (verdict["problems"], verdict["add"], verdict["hold"], verdict["from_ref"]) == ([], [], [], None)


def test_options_of_a_repository_are_lent(world: World) -> None:
    """A repository of the profile lends its options to that of the snapshot that bears the same id."""
    base = world.repository("base", APP_1, LIB_1)
    world.freeze("one", base)
    excluding = repository_entry(base, excludepkgs=["lib"])

    document = checked(world, "one", world.profile(["app"], [excluding]), code=12)

    assert document["profiles"][0]["solves"] is False


def test_a_repository_that_the_snapshot_lacks_is_noted(world: World) -> None:
    """A repository of the profile that the snapshot does not have is a note, for nothing of it is seen."""
    base, extra = world.repository("base", TOOL), world.repository("extra", APP_1)
    world.freeze("one", base)

    (verdict,) = checked(world, "one", world.profile(["tool"], [base, extra]))["profiles"]

    assert verdict["notes"] == ["the profile's repository extra is not in the snapshot"]


def test_what_does_not_solve_comes_with_the_packages_to_hold(world: World) -> None:
    """A profile that does not solve ends the check with 12, the solver's words, and builds of the ref that would do."""
    world.freeze("one", world.repository("base", APP_1, LIB_1))
    base = world.repository("base", APP_2)
    world.freeze("two", base)
    assert world.snapshot("publish", "production", "one").code == 0

    document = checked(world, "two", world.profile(["app"], [base]), options=("--ref", "production"), code=12)

    (verdict,) = document["profiles"]
    assert (document["ref"], document["ref_snapshot"]) == ("production", "one")
    assert verdict["solves"] is False
    (problem,) = verdict["problems"]
    assert (problem["kind"], problem["spec"], problem["origin"]) == ("unsolvable", "app", "/software/packages/app")
    assert problem["text"] == "app-2-1.noarch needs lib >= 2, which no package provides"
    assert nevras(verdict["hold"]) == ["app-1-1.noarch", "lib-1-1.noarch"]
    assert verdict["add"] == []
    assert verdict["from_ref"]["solves"] is False
    assert verdict["from_ref"]["notes"] == ["it does not solve on two"]
    assert document["hold_from"] == "one"


def test_what_does_not_solve_comes_with_the_packages_to_add(world: World) -> None:
    """The packages to add are few of the mirror, and each comes with the advisories that bring it."""
    base = world.repository("base", APP_2, LIB_2, TOOL, Rpm("tool", "2-1"))
    advisories = [Advisory("EX-2026:1", (LIB_2,)), Advisory("EX-2026:2", (TOOL,))]
    mirrored = world.repository("base", APP_2, LIB_2, TOOL, Rpm("tool", "2-1"), advisories=advisories)
    assert world.snapshot("mirror", "base", mirrored.url).code == 0
    world.freeze("two", world.repository("base", APP_2, TOOL))

    (verdict,) = checked(world, "two", world.profile(["app", "tool"], [base]), code=12)["profiles"]

    assert verdict["add"] == [{"nevra": "lib-2-1.noarch", "repo_id": "base", "advisories": ["EX-2026:1"]}]
    assert verdict["hold"] == []
    lines = world.snapshot("check", "two", "--profile", world.profile(["app", "tool"], [base])).stdout.splitlines()
    assert "  to add, from the mirrors:" in lines
    assert " ".join(line.strip() for line in lines).endswith(
        "in a recipe: packages.include: [lib], or advisories.include: [EX-2026:1]"
        "  Snapshot two: 1 of 1 profile cannot go there."
    )


def test_a_name_that_is_missing_is_found_in_the_mirror(world: World) -> None:
    """A package that nothing of the snapshot meets is a problem of its own, and the mirror has the remedy."""
    base = world.repository("base", TOOL, APP_1, LIB_1)
    assert world.snapshot("mirror", "base", base.url).code == 0
    world.freeze("one", world.repository("base", TOOL))

    (verdict,) = checked(world, "one", world.profile(["tool", "lib", "absent"], [base]), code=12)["profiles"]

    assert [problem["spec"] for problem in verdict["problems"]] == ["absent", "lib"]
    assert nevras(verdict["add"]) == ["lib-1-1.noarch"]


def test_a_newest_build_that_cannot_be_installed_is_noted(world: World) -> None:
    """A profile that solves with an older build than the snapshot has comes with a note of what stands in the way."""
    base = world.repository("base", APP_1, APP_2, LIB_1)
    world.freeze("one", base)
    lenient = world.profile(["app"], [base])

    (verdict,) = checked(world, "one", lenient)["profiles"]

    assert verdict["solves"] is True
    (note,) = verdict["notes"]
    assert note.startswith("app-2-1.noarch is there but cannot be installed: ")
    assert note.endswith("app-2-1.noarch needs lib >= 2, which no package provides")
    text = " ".join(world.snapshot("check", "one", "--profile", lenient).stdout.split())
    assert "app-2-1.noarch is there but cannot be installed: " in text


def test_a_profile_is_called_as_it_was_given(world: World) -> None:
    """The text has the words of the command line, the document the place where the profile was read."""
    base = world.repository("base", TOOL)
    world.freeze("one", base)
    profile = world.profile(["tool"], [base])
    words = ("snapshot", "check", "one", "--profile", profile.name, "--store", world.store)

    text = world.run(*words).stdout
    document = world.run(*words, "--json").json()

    assert text.startswith(f"{profile.name}: solves, 1 package\n")
    assert document["profiles"][0]["profile"] == str(profile)


def test_hosts_that_are_at_the_ref_are_looked_at(world: World) -> None:
    """With --ref the document counts what comes, goes and changes on a host that is there, and notes downgrades."""
    world.freeze("one", world.repository("base", APP_1, LIB_1, Rpm("down", "2-1"), Rpm("dep"), Rpm("old")))
    base = world.repository("base", APP_2, LIB_2, Rpm("down", "1-1"), Rpm("new"))
    world.freeze("two", base)
    profile = world.profile(["app", "down", "*"], [base])

    (verdict,) = checked(world, "two", profile, options=("--ref", "one"))["profiles"]

    assert verdict["from_ref"] == {
        "solves": True,
        "installs": 1,
        "upgrades": 2,
        "downgrades": 1,
        "removals": 2,
        "problems": [],
        "notes": ["down.noarch is downgraded: 2-1 -> 1-1"],
    }


def test_hosts_that_may_not_go_there_fail_the_check(world: World) -> None:
    """More removals than the policy allows, or of a protected package, end the check with 12 although it solves."""
    world.freeze("one", world.repository("base", TOOL, Rpm("keeper"), Rpm("gone")))
    base = world.repository("base", TOOL)
    world.freeze("two", base)
    policy: Json = {"protected": ["keeper"], "removal_limit": 0}
    profile = world.profile(["*"], [base], extra={"software": {"components": {"yumbridge": {"policy": policy}}}})

    document = checked(world, "two", profile, options=("--ref", "one"), code=12)

    (verdict,) = document["profiles"]
    assert verdict["solves"] is True
    assert verdict["from_ref"]["problems"] == [
        "keeper-1-1.noarch is protected (keeper), and the profile brings it no more",
        "removes 1 package; an unattended apply may remove 0",
    ]


def test_hosts_that_cannot_be_are_not_looked_at(world: World) -> None:
    """Where a profile has problems there are no hosts, though the rest of its packages could be installed."""
    world.freeze("one", world.repository("base", TOOL))
    base = world.repository("base", APP_1, LIB_1, TOOL)
    world.freeze("two", base)
    profile = world.profile(["app", "tool"], [base])

    from_ref = {
        name: checked(world, name, profile, options=("--ref", ref), code=code)["profiles"][0]["from_ref"]
        for name, ref, code in (("two", "one", 0), ("one", "two", 12))
    }

    for told in from_ref.values():
        assert (told["solves"], told["installs"], told["notes"]) == (False, 0, ["it does not solve on one"])


def test_notes_are_told_from_problems(world: World) -> None:
    """In the text of a check a note says that it is one; what stands beside it keeps hosts away."""
    world.freeze("one", world.repository("base", Rpm("app", "2-1"), Rpm("gone")))
    base = world.repository("base", Rpm("app", "1-1"))
    world.freeze("two", base)
    policy: Json = {"removal_limit": 0}
    profile = world.profile(["*"], [base], extra={"software": {"components": {"yumbridge": {"policy": policy}}}})

    lines = world.snapshot("check", "two", "--ref", "one", "--profile", profile).stdout.splitlines()

    assert "      removes 1 package; an unattended apply may remove 0" in lines
    assert "      note: app.noarch is downgraded: 2-1 -> 1-1" in lines


@pytest.mark.parametrize("allowed", [True, False])
def test_another_vendor_is_told(world: World, *, allowed: bool) -> None:
    """A build of another vendor is a note, and keeps hosts away where the policy does not allow the change."""
    world.freeze("one", world.repository("base", Rpm("app", "1-1", vendor="Ours & Co"), TOOL))
    base = world.repository("base", Rpm("app", "2-1", vendor="Theirs"), TOOL)
    world.freeze("two", base)
    policy: Json = {"allow_vendor_change": allowed}
    profile = world.profile(["*"], [base], extra={"software": {"components": {"yumbridge": {"policy": policy}}}})

    document = checked(world, "two", profile, options=("--ref", "one"), code=0 if allowed else 12)

    told = ["app.noarch is of another vendor: Ours & Co -> Theirs"]
    from_ref = document["profiles"][0]["from_ref"]
    assert (from_ref["notes"], from_ref["problems"]) == ((told, []) if allowed else ([], told))


def test_many_profiles_are_checked_in_one_go(world: World) -> None:
    """Profiles with other repositories and options are solved by one child of the engine, each on its own terms."""
    base, extra = world.repository("base", APP_1, LIB_1), world.repository("extra", TOOL)
    world.freeze("one", base, extra)
    excluding = repository_entry(base, excludepkgs=["lib"])
    good = world.profile(["app", "tool"], [base], name="good.json")
    bad = world.profile(["app"], [excluding], name="bad.json")
    same = world.profile(["lib"], [base], name="same.json")

    document = checked(world, "one", good, bad, same, code=12)

    assert [(Path(each["profile"]).name, each["solves"]) for each in document["profiles"]] == [
        ("good.json", True),
        ("bad.json", False),
        ("same.json", True),
    ]


def test_one_child_solves_for_all_profiles(world: World) -> None:
    """However many profiles there are, and whatever is looked for, the engine is started once."""
    world.freeze("one", world.repository("base", APP_1, LIB_1))
    base = world.repository("base", APP_2)
    world.freeze("two", base)
    started = world.path / "started"
    engine = world.path / "python"
    engine.write_text(f'#!/bin/sh\necho once >> {started}\nexec {_interpreter()} "$@"\n', encoding="utf-8")
    engine.chmod(0o755)
    profiles = [world.profile([name], [base], name=f"{name}.json") for name in ("app", "absent", "*")]
    named = [word for profile in profiles for word in ("--profile", profile)]

    outcome = world.run(
        "snapshot",
        "check",
        "two",
        "--ref",
        "one",
        "--store",
        world.store,
        *named,
        env={"YUMBRIDGE_PYTHON": str(engine)},
    )

    assert outcome.code == 12, outcome
    assert started.read_text(encoding="utf-8") == "once\n"


def _interpreter() -> str:
    """Return the platform's interpreter, as the engine is started with it."""
    return next(path for path in INTERPRETERS if Path(path).exists())


def test_the_text_of_a_check_names_what_would_help(world: World) -> None:
    """The text has the solver's words, the packages to hold, and a verdict, on 80 columns."""
    world.freeze("one", world.repository("base", APP_1, LIB_1))
    base = world.repository("base", APP_2)
    world.freeze("two", base)
    profile = world.profile(["app"], [base])

    outcome = world.snapshot("check", "two", "--profile", profile, "--ref", "one")

    assert outcome.code == 12
    lines = outcome.stdout.splitlines()
    assert "  to hold, as one has them:" in lines
    assert "      app-1-1.noarch (base)" in lines
    assert "      in a recipe: base: one, packages.hold: [app, lib]" in lines
    assert "  from one: nothing to compare: it does not solve on two" in lines
    assert lines[-1] == "Snapshot two: 1 of 1 profile cannot go there."
    assert max(len(line) for line in lines if str(world.path) not in line) <= 80


def test_what_cannot_be_checked_is_told(world: World) -> None:
    """No profile is wrong usage (2), an unknown snapshot or ref ends with 20, a bad profile with 10."""
    world.freeze("one", world.repository("base", TOOL))
    profile = world.profile(["tool"])
    broken = world.path / "broken.json"
    broken.write_text("{", encoding="utf-8")

    assert world.snapshot("check", "one").code == 2
    assert world.snapshot("check", "absent", "--profile", profile).code == 20
    assert world.snapshot("check", "one", "--profile", profile, "--ref", "absent").code == 20
    assert world.snapshot("check", "one", "--profile", broken).code == 10


def test_every_invalid_profile_is_named(world: World) -> None:
    """Of several profiles all that are invalid are told at once, each problem behind the file that has it."""
    world.freeze("one", world.repository("base", TOOL))
    good = world.profile(["tool"])
    broken, empty, absent = (world.path / name for name in ("broken.json", "empty.json", "absent.json"))
    broken.write_text("{", encoding="utf-8")
    empty.write_text('{"software": {"packages": {}}}', encoding="utf-8")
    asked = [word for path in (broken, good, empty, absent) for word in ("--profile", path)]

    for words in (["check", "one"], ["publish", "testing", "one", "--require-check"]):
        outcome = world.snapshot(*words, *asked, "--json")
        error = outcome.json()
        assert (outcome.code, error["kind"], error["message"]) == (10, "profile", "3 profiles of 4 cannot be checked")
        assert [line.partition(": ")[0] for line in error["details"]] == [str(broken), str(empty), str(absent)]


def test_a_damaged_repository_of_a_snapshot_is_not_passed_over(world: World) -> None:
    """A repository that may be missing elsewhere may not be in a snapshot: damage ends the check with 15."""
    base = world.repository("base", TOOL)
    world.freeze("one", base)
    (world.store / "snapshots/one/base/repodata/repomd.xml").write_text("<repomd", encoding="utf-8")
    optional = repository_entry(base, skip_if_unavailable=True)

    assert world.snapshot("check", "one", "--profile", world.profile(["tool"], [optional])).code == 15
