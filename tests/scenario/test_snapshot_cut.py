"""Snapshots cut from mirrors, by recipe and by options."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.advisories import Advisory
from tests.support.rpms import Rpm
from tests.support.trees import Tree
from tests.support.world import World

APP = [Rpm("app", f"{version}-1", requires=("lib",)) for version in (1, 2, 3)]
LIB = [Rpm("lib", f"{version}-1") for version in (1, 2)]
TOOL = Rpm("tool")
SECURITY = Advisory("EX-2026:1", (APP[1],), severity="Critical", issued="2026-10-01 00:00:00", cves=("CVE-2026-1",))
BUGFIX = Advisory("EX-2026:2", (APP[2],), kind="bugfix", severity="", issued="2026-11-20 00:00:00")


def mirrored(world: World) -> None:
    """Mirror a repository with three builds of app, two of lib, and an advisory for each but the first app."""
    base = world.repository("base", *APP, *LIB, TOOL, advisories=(SECURITY, BUGFIX))
    assert world.snapshot("mirror", "base", base.url).code == 0


def held(world: World, name: str) -> list[str]:
    """Return the NEVRAs of a snapshot of one repository."""
    manifest = json.loads((world.store / "snapshots" / name / "manifest.json").read_text(encoding="utf-8"))
    (repository,) = manifest["repositories"]
    return [package["nevra"] for package in repository["packages"]]


def cut(world: World, name: str, *options: str | Path) -> list[str]:
    """Cut a snapshot of one repository and return its NEVRAs."""
    outcome = world.snapshot("cut", name, *options)
    assert outcome.code == 0, outcome
    return held(world, name)


def nevras(*rpms: Rpm) -> list[str]:
    return [rpm.nevra for rpm in rpms]


def test_a_cut_has_all_that_the_mirrors_have(world: World) -> None:
    """Without recipe and options a snapshot has every package and advisory, and the answer tells of them."""
    mirrored(world)

    document = world.snapshot("cut", "one", "--message", "all of it", "--json").json()
    text = world.snapshot("cut", "two").stdout.splitlines()

    assert held(world, "one") == nevras(*APP, *LIB, TOOL)
    assert (document["document"], document["name"], document["message"]) == ("yumbridge-snapshot", "one", "all of it")
    assert [(each["kind"], each["severity"], each["count"]) for each in document["advisories"]] == [
        ("security", "critical", 1),
        ("bugfix", "", 1),
    ]
    assert [source["repo_id"] for source in document["sources"]] == ["base"]
    assert text[0] == "Snapshot two"
    assert text[1].strip() == document["id"]
    assert "  2 advisories: 1 security (1 critical), 1 bugfix" in text


def test_advisories_are_chosen_by_type_severity_and_date(world: World) -> None:
    """Packages of advisories that are not selected are left out, and so are these; what none covers stays or goes."""
    mirrored(world)

    by_type = cut(world, "by-type", "--type", "security")
    by_date = cut(world, "by-date", "--until", "2026-11-01", "--without-advisory", "drop")
    by_severity = cut(world, "by-severity", "--severity", "low")

    assert by_type == nevras(APP[0], APP[1], *LIB, TOOL)
    assert by_date == nevras(APP[1])
    assert by_severity == nevras(APP[0], *LIB, TOOL)
    shown = world.snapshot("show", "by-type", "--json").json()
    assert [each["kind"] for each in shown["advisories"]] == ["security"]


def test_a_cut_starts_from_a_base(world: World) -> None:
    """From a base, here a ref, comes what an advisory brings; held names stay where they are, whatever it says."""
    base = world.repository("base", APP[0], LIB[0])
    world.snapshot("mirror", "base", base.url)
    cut(world, "one")
    world.snapshot("publish", "production", "one")
    mirrored(world)
    rest = ("--base", "production", "--without-advisory", "drop")

    security = cut(world, "security", *rest, "--type", "security")
    holding = cut(world, "holding", *rest, "--type", "security", "--hold", "app")
    named = cut(world, "named", *rest, "--advisory", "EX-2026:2", "--hold", "app")

    assert security == nevras(APP[0], APP[1], LIB[0])
    assert holding == nevras(APP[0], LIB[0])
    assert named == nevras(APP[0], APP[2], LIB[0])
    assert world.snapshot("show", "security", "--json").json()["base"] == "one"


def test_packages_are_included_and_excluded(world: World) -> None:
    """An exclusion drops by glob, an inclusion with a range of EVRs beats it, and an advisory may be left out."""
    mirrored(world)

    outcome = cut(world, "one", "--exclude", "a*", "--include", "app>=2, < 3", "--exclude-advisory", "EX-2026:1")

    assert outcome == nevras(APP[1], *LIB, TOOL)
    shown = world.snapshot("show", "one", "--json").json()
    assert shown["advisories"] == []


def test_a_day_that_is_long_past_has_nothing(world: World) -> None:
    """As of a day before anything was built or seen nothing is left: that is refused with 12, and only planned."""
    mirrored(world)

    planned = world.snapshot("cut", "--plan", "--as-of", "2001-01-01")
    outcome = world.snapshot("cut", "one", "--as-of", "2001-01-01", "--json")

    assert planned.code == 0
    assert "  nothing of base is selected" in planned.stdout.splitlines()
    assert (outcome.code, outcome.json()["kind"]) == (12, "incomplete")
    assert outcome.json()["details"] == ["base: 6 packages: as_of: 2001-01-01"]
    assert world.snapshot("show", "one").code == 20


def test_the_newest_build_alone_is_kept_when_asked_for(world: World) -> None:
    """With --newest-only older builds are left out."""
    mirrored(world)

    assert cut(world, "one", "--newest-only") == nevras(APP[2], LIB[1], TOOL)


def test_what_is_needed_is_added(world: World) -> None:
    """With --closure the oldest package that satisfies a need is added, and the document says what for."""
    mirrored(world)
    options = ("--advisory", "EX-2026:1", "--without-advisory", "drop")

    without = cut(world, "without", *options)
    document = world.snapshot("cut", "with", *options, "--closure", "--json").json()

    assert without == nevras(APP[1])
    assert held(world, "with") == nevras(APP[1], LIB[0])
    assert [(each["nevra"], each["needed_by"], each["capability"]) for each in document["added"]] == [
        (LIB[0].nevra, APP[1].nevra, "lib")
    ]


def test_a_recipe_is_read_and_options_say_more(world: World) -> None:
    """A recipe is a file; options add to its lists and replace its single values; what was asked is on record."""
    mirrored(world)
    recipe = world.path / "recipe.yaml"
    recipe.write_text(
        "repositories: [base]\nadvisories: {types: [security]}\npackages: {exclude: [tool]}\nmessage: as written\n",
        encoding="utf-8",
    )

    alone = cut(world, "alone", "--recipe", recipe)
    more = cut(world, "more", "--recipe", recipe, "--type", "bugfix", "--exclude", "lib", "-m", "by hand")

    assert alone == nevras(APP[0], APP[1], *LIB)
    assert more == nevras(*APP)
    shown = world.snapshot("show", "more", "--json").json()
    assert shown["message"] == "by hand"
    assert shown["recipe"]["advisories"]["types"] == ["security", "bugfix"]
    assert shown["recipe"]["packages"]["exclude"] == ["tool", "lib"]


def test_a_plan_of_a_cut_writes_nothing(world: World) -> None:
    """With --plan the selection is told, with the number of packages of each reason, and the store stays as it is."""
    mirrored(world)
    before = Tree.of(world.store)
    options = ("--plan", "--type", "security", "--exclude", "tool", "--closure")

    document = world.snapshot("cut", *options, "--json").json()
    text = world.snapshot("cut", "named", *options).stdout

    assert document["document"] == "yumbridge-cut-plan"
    (plan,) = document["repositories"]
    assert (plan["kept"], plan["dropped"]) == (4, 2)
    assert [(each["reason"], each["rule"], each["packages"]) for each in plan["reasons"]] == [
        ("advisory", "advisories", 1),
        ("without-advisory", "packages.without_advisory: keep", 3),
        ("excluded", "packages.exclude: tool", 1),
        ("advisory-not-selected", "advisories", 1),
    ]
    assert (plan["advisories_in"], plan["advisories_out"]) == (["EX-2026:1"], ["EX-2026:2"])
    assert [line for line in text.splitlines() if line.startswith("         ")] == [
        "         1  an advisory of it is selected",
        "         3  no advisory covers it",
        "         1  excluded by name (packages.exclude: tool)",
        "         1  its advisories are not selected",
    ]
    assert max(map(len, text.splitlines())) <= 80
    assert before.changes(Tree.of(world.store)) == ()


def test_an_advisory_that_is_not_there_is_an_error(world: World) -> None:
    """A hotfix without its advisory would be none: a misspelt id is refused; one that is kept out is warned of."""
    mirrored(world)

    refused = world.snapshot("cut", "hotfix", "--advisory", "EX-2026:1", "--advisory", "EX-2026:", "--json")
    warned = world.snapshot("cut", "other", "--exclude-advisory", "EX-2026:9", "--json")

    assert (refused.code, refused.json()["kind"]) == (10, "recipe")
    (told,) = refused.json()["details"]
    assert told.startswith("advisories.include: no repository has EX-2026:; did you mean EX-2026:")
    assert "advisories.exclude: no repository has EX-2026:9" in warned.json()["warnings"]


def test_a_plan_of_a_cut_says_that_its_name_is_taken(world: World) -> None:
    """A plan under a name that is taken comes with a warning on stderr, that of a new one with none."""
    mirrored(world)
    cut(world, "one")

    taken = world.snapshot("cut", "one", "--plan")
    free = world.snapshot("cut", "two", "--plan")

    assert (taken.code, free.code, free.stderr) == (0, 0, "")
    assert taken.stderr == "warning: one is there already: a cut that holds anything else will be refused\n"


def test_a_snapshot_never_changes(world: World) -> None:
    """A name that holds something else is refused with 1; the same content again is the snapshot that is there."""
    mirrored(world)
    cut(world, "one")
    before = Tree.of(world.store / "snapshots/one")

    other = world.snapshot("cut", "one", "--exclude", "tool", "--json")
    same = world.snapshot("cut", "one")

    assert (other.code, other.json()["kind"]) == (1, "snapshot-exists")
    assert same.code == 0
    assert before.changes(Tree.of(world.store / "snapshots/one")) == ()


def test_a_cut_of_metadata_alone_cannot_be_published(world: World) -> None:
    """A cut of mirrors without rpms is marked so in every answer, and no ref may point to it."""
    base = world.repository("base", *APP)
    world.snapshot("mirror", "--metadata-only", "base", base.url)

    text = world.snapshot("cut", "one").stdout
    listed = world.snapshot("list").stdout
    outcome = world.snapshot("publish", "testing", "one", "--json")

    assert "metadata only" in text
    assert "(metadata only)" in listed
    assert (outcome.code, outcome.json()["kind"]) == (12, "not-publishable")


@pytest.mark.parametrize("options", [["--as-of", "soon"], ["--hold", "x"], ["--type", "worry"], ["--include", "a b"]])
def test_options_that_mean_nothing_are_refused(world: World, options: list[str]) -> None:
    """A recipe, or options, that mean nothing end with 10 and the place of every problem; nothing is cut."""
    mirrored(world)

    outcome = world.snapshot("cut", "one", *options, "--json")

    assert (outcome.code, outcome.json()["kind"]) == (10, "recipe")
    assert outcome.json()["details"][0].startswith("options: ")
    assert world.snapshot("list", "--json").json()["snapshots"] == []


def test_what_cannot_be_cut_is_told(world: World) -> None:
    """No name is usage (2), a name that cannot be one ends with 10, an unknown base or repository with 20."""
    mirrored(world)

    assert world.snapshot("cut").code == 2
    assert world.snapshot("cut", "../one").code == 10
    assert world.snapshot("cut", "one", "--base", "absent").code == 20
    assert world.snapshot("cut", "one", "--repository", "absent").code == 20
    assert world.snapshot("cut", "one", "--recipe", world.path / "absent.yaml").code == 10


def test_two_snapshots_are_compared(world: World) -> None:
    """The difference names packages, advisories and CVEs; a difference of the same content is empty."""
    world.snapshot("mirror", "base", world.repository("base", APP[0], TOOL).url)
    cut(world, "one")
    world.snapshot("mirror", "base", world.repository("base", APP[1], LIB[0], advisories=(SECURITY,)).url)
    cut(world, "two")
    world.snapshot("publish", "testing", "two")

    document = world.snapshot("diff", "one", "testing", "--json").json()
    text = world.snapshot("diff", "one", "two").stdout
    same = world.snapshot("diff", "two", "testing", "--json").json()

    assert document["document"] == "yumbridge-snapshot-diff"
    (repository,) = document["repositories"]
    assert [each["name"] for each in repository["changed"]] == ["app"]
    assert [each["name"] for each in repository["added"]] == ["lib"]
    assert [each["name"] for each in repository["removed"]] == ["tool"]
    assert [each["advisory_id"] for each in document["advisories"]["gained"]] == ["EX-2026:1"]
    assert document["cves"]["gained"] == ["CVE-2026-1"]
    assert "EX-2026:1" in text
    assert same["repositories"] == []
    assert world.snapshot("diff", "one", "absent").code == 20
