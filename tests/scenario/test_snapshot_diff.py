"""What distinguishes two snapshots."""

from __future__ import annotations

from tests.support.advisories import Advisory
from tests.support.comps import comps, group
from tests.support.holding import holding
from tests.support.repositories import Contents
from tests.support.rpms import Rpm
from tests.support.world import World

APP_1 = Rpm("app", "1-1")
APP_2 = Rpm("app", "2-1")
GLIBC_1 = Rpm("glibc", "1-1", arch="x86_64")
GLIBC_2 = Rpm("glibc", "2-1", arch="x86_64")
TOOL_1 = Rpm("tool", "1-1")
TOOL_2 = Rpm("tool", "2-1")


def with_two(world: World) -> None:
    """Make the snapshots "one" and "two"; a ref points to each."""
    world.freeze("one", world.repository("base", APP_1, GLIBC_1, TOOL_1, Rpm("gone")))
    advisories = (
        Advisory("EX-2026:1", (APP_2,), severity="Critical", title="app security update", cves=("CVE-2026-1",)),
        Advisory("EX-2026:2", (GLIBC_2,), severity="Low", cves=("CVE-2026-2", "CVE-2026-3")),
    )
    base = world.repository("base", APP_2, GLIBC_2, TOOL_2, Rpm("new"), advisories=advisories)
    world.freeze("two", base, cut_at="2026-11-23T09:30:00Z")
    world.snapshot("publish", "production", "one")
    world.snapshot("publish", "testing", "two")


def test_a_difference_is_a_document(world: World) -> None:
    """Packages, advisories, CVEs, what no advisory names, what needs a reboot and what waits for boot, as JSON."""
    with_two(world)

    outcome = world.snapshot("diff", "production", "testing", "--hold", "glib*", "--json")

    document = outcome.json()
    (base,) = document["repositories"]
    assert outcome.code == 0
    assert (document["document"], document["version"]) == ("yumbridge-snapshot-diff", "1.0")
    assert [document[which]["name"] for which in ("before", "after")] == ["one", "two"]
    assert document["after"]["id"] == world.snapshot("show", "two", "--json").json()["id"]
    assert [(each["name"], each["before"], each["after"]) for each in base["changed"]] == [
        ("app", ["1-1"], ["2-1"]),
        ("glibc", ["1-1"], ["2-1"]),
        ("tool", ["1-1"], ["2-1"]),
    ]
    assert [[each["name"] for each in base[which]] for which in ("added", "removed")] == [["new"], ["gone"]]
    assert [each["advisory_id"] for each in document["advisories"]["gained"]] == ["EX-2026:1", "EX-2026:2"]
    assert document["cves"] == {"gained": ["CVE-2026-1", "CVE-2026-2", "CVE-2026-3"], "lost": []}
    assert [each["name"] for each in document["without_advisory"]] == ["new", "tool"]
    assert [each["nevra"] for each in document["reboot"]["because"]] == ["glibc-2-1.x86_64"]
    assert [(each["nevra"], each["rule"]) for each in document["held"]] == [("glibc-2-1.x86_64", "glib*")]


def test_a_hold_that_matches_nothing_is_warned_of(world: World) -> None:
    """A glob of --hold that no package of either snapshot matches is told on stderr, one that one has is not."""
    with_two(world)

    outcome = world.snapshot("diff", "one", "two", "--hold", "krenel*", "--hold", "gone", "--hold", "new", "--json")

    assert outcome.code == 0
    assert outcome.stderr == "warning: --hold krenel*: no package of either snapshot is called so\n"
    assert outcome.json()["held"] == []


def test_a_difference_ends_with_one_sentence(world: World) -> None:
    """The text of a difference ends with all of it in one sentence; back again CVEs are reopened."""
    with_two(world)

    there = world.snapshot("diff", "one", "two")
    back = world.snapshot("diff", "two", "one")

    assert (there.code, back.code) == (0, 0)
    assert " ".join(there.stdout.split("\n\n")[-1].split()) == (
        "+2 advisories (1 critical), 3 CVEs closed; 5 packages: 1 gone, 3 up, 1 new;"
        " 2 packages change with no advisory; a reboot is needed: glibc."
    )
    assert "-2 advisories, 3 CVEs reopened; 5 packages: 3 down, 1 gone, 1 new;" in " ".join(back.stdout.split())


def test_snapshots_that_hold_the_same_are_one_line(world: World) -> None:
    """A snapshot of the same content under another name, and a ref to it, differ in nothing, and exit 0."""
    base = world.repository("base", APP_1)
    world.freeze("one", base)
    world.freeze("two", base, cut_at="2026-11-23T09:30:00Z")
    world.snapshot("publish", "production", "one")

    for before, after in (("one", "two"), ("production", "one")):
        outcome = world.snapshot("diff", before, after)
        assert (outcome.code, outcome.stdout) == (0, "The snapshots hold the same.\n")


def test_a_difference_of_groups_alone_is_told(world: World) -> None:
    """What differs in comps alone is a difference."""
    world.freeze("one", world.publish("base", Contents(rpms=(APP_1,), comps=comps(group("g", mandatory=["app"])))))
    world.freeze("two", world.publish("base", Contents(rpms=(APP_1,), comps=comps(group("h", mandatory=["app"])))))

    outcome = world.snapshot("diff", "one", "two")

    assert outcome.code == 0
    assert "base: other groups (comps)\n" in outcome.stdout


def test_a_difference_is_written_as_a_page(world: World) -> None:
    """--html writes the page, the same bytes each time, and the answer is printed as ever."""
    with_two(world)
    page = world.path / "diff.html"

    outcome = world.snapshot("diff", "one", "two", "--html", page)
    first = page.read_bytes()
    document = world.snapshot("diff", "one", "two", "--html", page, "--json").json()

    assert outcome.stdout == world.snapshot("diff", "one", "two").stdout
    assert first == page.read_bytes()
    assert first.startswith(b"<!DOCTYPE html>")
    assert document["after"]["id"] in first.decode()
    assert "app security update" in first.decode()


def test_a_page_goes_to_what_was_named(world: World) -> None:
    """A link is followed and stays; standard output has the answer already, and is refused."""
    with_two(world)
    link = world.path / "diff.html"
    link.symlink_to("published.html")

    written = world.snapshot("diff", "one", "two", "--html", link)
    refused = world.snapshot("diff", "one", "two", "--html", "-")

    assert (written.code, refused.code, refused.stdout) == (0, 2, "")
    assert link.is_symlink()
    assert (world.path / "published.html").read_bytes().startswith(b"<!DOCTYPE html>")


def test_a_page_that_cannot_be_written_is_an_error(world: World) -> None:
    """A folder that is not there ends the run with a message and no answer."""
    with_two(world)

    outcome = world.snapshot("diff", "one", "two", "--html", world.path / "nowhere" / "diff.html")

    assert (outcome.code, outcome.stdout) == (1, "")
    assert "nowhere/diff.html" in outcome.stderr


def test_a_snapshot_that_is_not_there_has_no_difference(world: World) -> None:
    """A name that is neither snapshot nor ref ends with 20."""
    world.freeze("one", world.repository("base", APP_1))

    outcome = world.snapshot("diff", "one", "two", "--json")

    assert outcome.code == 20
    assert outcome.json()["kind"] == "no-snapshot"


def test_holds_of_the_configuration_are_told_beside_those_of_the_command(world: World) -> None:
    """What the configuration holds until boot waits in the difference, too; what waits for a window alone does not."""
    with_two(world)
    config = holding(world, {"packages": ["glibc"]}, {"packages": ["tool"], "until": {"between": "02:00-04:00"}})

    document = world.snapshot("diff", "one", "two", "--hold", "app", "--config", config, "--json").json()

    assert [change["name"] for change in document["held"]] == ["app", "glibc"]
