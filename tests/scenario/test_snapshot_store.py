"""What a store has: snapshots, refs and locks, and what goes when nothing refers to it."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from snapshots.storage.store import open_store, writing
from spma.cli.text import sized
from tests.support.advisories import Advisory
from tests.support.repositories import Repository
from tests.support.rpms import Rpm
from tests.support.terminal import run_on_terminal
from tests.support.trees import Tree
from tests.support.world import World

APP_1 = Rpm("app", "1-1")
APP_2 = Rpm("app", "2-1")


def with_two(world: World) -> tuple[Repository, Repository]:
    """Make the snapshots "one" and "two" of the repositories "base" and "extra"; only "two" has advisories."""
    extra = world.repository("extra", Rpm("tool"))
    world.freeze("one", world.repository("base", APP_1), extra, cut_at="2026-11-22T08:00:00Z")
    advisories = (
        Advisory("EX-2026:1", (APP_2,), severity="Critical"),
        Advisory("EX-2026:2", (APP_2,), severity="Low"),
        Advisory("EX-2026:3", (APP_1,), kind="bugfix", severity=""),
    )
    base = world.repository("base", APP_1, APP_2, advisories=advisories)
    world.freeze("two", base, extra, cut_at="2026-11-23T09:30:00Z")
    return base, extra


def refs(world: World) -> dict[str, list[str]]:
    listed = world.snapshot("list", "--json").json()["snapshots"]
    return {each["name"]: each["refs"] for each in listed}


def test_snapshots_are_listed_with_their_refs(world: World) -> None:
    """The list has every snapshot, the latest first, with its numbers and the refs that point to it."""
    with_two(world)
    world.snapshot("publish", "production", "one")
    world.snapshot("publish", "testing", "two")

    document = world.snapshot("list", "--json").json()
    text = world.snapshot("list").stdout.splitlines()

    assert [
        (each["name"], each["cut_at"], each["packages"], each["advisories"], each["refs"])
        for each in document["snapshots"]
    ] == [("two", "2026-11-23T09:30:00Z", 3, 3, ["testing"]), ("one", "2026-11-22T08:00:00Z", 2, 0, ["production"])]
    assert [line.split() for line in text] == [
        ["NAME", "ID", "CUT", "AT", "(UTC)", "PACKAGES", "ADVISORIES", "REFS"],
        ["two", document["snapshots"][0]["id"][7:19], "2026-11-23", "09:30", "3", "3", "testing"],
        ["one", document["snapshots"][1]["id"][7:19], "2026-11-22", "08:00", "2", "0", "production"],
    ]


def test_a_list_tells_size_and_message_when_asked_for(world: World) -> None:
    """With -v the size of each snapshot, and why it was cut, stand below it."""
    world.snapshot("mirror", "base", world.repository("base", APP_1).url)
    world.snapshot("cut", "one", "-m", "The month's updates")
    size_bytes = world.snapshot("list", "--json").json()["snapshots"][0]["size_bytes"]

    short, long = (world.snapshot("list", *options).stdout.splitlines() for options in ((), ("-v",)))

    assert long == [*short, f"    {sized(size_bytes)}; The month's updates"]


def test_a_snapshot_is_shown(world: World) -> None:
    """Show tells repositories with their sizes, advisories by severity, and refs; a ref may be named in its place."""
    with_two(world)
    world.snapshot("publish", "testing", "two")

    document = world.snapshot("show", "testing", "--json").json()
    text = world.snapshot("show", "two").stdout

    assert (document["document"], document["name"], document["refs"]) == ("yumbridge-snapshot", "two", ["testing"])
    assert [(each["repo_id"], each["packages"], each["advisories"]) for each in document["repositories"]] == [
        ("base", 2, 3),
        ("extra", 1, 0),
    ]
    assert all(each["size_bytes"] > 0 and each["metadata_bytes"] > 0 for each in document["repositories"])
    assert [(each["kind"], each["severity"], each["count"]) for each in document["advisories"]] == [
        ("security", "critical", 1),
        ("security", "low", 1),
        ("bugfix", "", 1),
    ]
    assert "3 advisories: 2 security (1 critical, 1 low), 1 bugfix" in text.splitlines()


def test_a_ref_is_moved_and_removed(world: World) -> None:
    """Publish says where a ref pointed and points now; a ref may stand for a snapshot; --remove takes it away."""
    with_two(world)

    first = world.snapshot("publish", "testing", "two", "--json").json()
    again = world.snapshot("publish", "testing", "two", "--json").json()
    world.snapshot("publish", "production", "testing")
    back = world.snapshot("publish", "testing", "one", "--json").json()
    assert refs(world) == {"two": ["production"], "one": ["testing"]}
    gone = world.snapshot("publish", "testing", "--remove", "--json").json()

    assert [(each["before"], each["after"], each["is_unchanged"]) for each in (first, again, back, gone)] == [
        ("", "two", False),
        ("two", "two", True),
        ("two", "one", False),
        ("one", "", False),
    ]
    assert refs(world) == {"two": ["production"], "one": []}


def test_an_older_snapshot_is_refused_when_that_is_asked_for(world: World) -> None:
    """With --not-older a ref does not go back, and the refusal ends with 12."""
    with_two(world)
    world.snapshot("publish", "testing", "two")

    outcome = world.snapshot("publish", "testing", "one", "--not-older", "--json")

    assert (outcome.code, outcome.json()["kind"]) == (12, "not-publishable")
    assert refs(world)["two"] == ["testing"]


def test_a_ref_is_not_moved_to_where_a_profile_does_not_solve(world: World) -> None:
    """With --require-check a profile that does not solve keeps the ref where it is, and 12 comes with the reason."""
    world.freeze("one", world.repository("base", APP_1))
    base = world.repository("base", Rpm("app", "2-1", requires=("absent",)))
    world.freeze("two", base)
    profile = world.profile(["app"], [base])
    asked = ("--require-check", "--profile", profile)

    good = world.snapshot("publish", "testing", "one", *asked)
    bad = world.snapshot("publish", "testing", "two", *asked, "--json")

    assert good.code == 0, good
    assert (bad.code, bad.json()["kind"]) == (12, "not-publishable")
    assert any("needs absent, which no package provides" in line for line in bad.json()["details"])
    advice = "to hold, as testing (one) has them: app-1-1.noarch; in a recipe: base: one, packages.hold: [app]"
    assert f"{profile}: {advice}" in bad.json()["details"]
    assert refs(world) == {"one": ["testing"], "two": []}


def test_words_of_publish_that_do_not_go_together_are_usage(world: World) -> None:
    """A ref without a snapshot, a check without profiles and the reverse, and --remove with more end with 2."""
    with_two(world)

    for words in (
        ["testing"],
        ["testing", "one", "--remove"],
        ["testing", "--remove", "--not-older"],
        ["testing", "one", "--require-check"],
        ["testing", "one", "--profile", "profile.json"],
    ):
        assert world.snapshot("publish", *words).code == 2, words


def test_a_tree_without_links_is_written(world: World) -> None:
    """With --materialise a tree of plain files is written, and the ref in it leads to it, before the ref is moved."""
    with_two(world)
    folder = world.path / "www"

    document = world.snapshot("publish", "testing", "two", "--materialise", folder, "--json").json()

    assert document["materialised"]["path"] == str(folder / "two")
    assert document["materialised"]["linked"] > 0
    assert (folder / "testing").resolve() == folder / "two"
    assert [path for path in (folder / "two").rglob("*") if path.is_symlink()] == []
    assert len([*(folder / "two").rglob("*.rpm")]) == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [(["bad/name", "one"], 10), (["two", "one"], 10), (["testing", "one", "--not-older"], 12), (["plain", "one"], 1)],
    ids=["no-name", "name-of-a-snapshot", "older", "no-link"],
)
def test_a_refused_ref_leaves_no_tree(world: World, words: list[str], code: int) -> None:
    """What is against moving a ref is told before a tree is written, and before the ref is moved."""
    with_two(world)
    world.snapshot("publish", "testing", "two")
    tree = world.path / "tree"
    (tree / "plain").mkdir(parents=True)

    outcome = world.snapshot("publish", *words, "--materialise", tree)

    assert outcome.code == code, outcome
    assert [path.name for path in tree.iterdir()] == ["plain"]
    assert refs(world) == {"two": ["testing"], "one": []}


def test_prune_says_what_keeps_each_snapshot(world: World) -> None:
    """The plan of prune has a reason for every snapshot, and nothing is deleted by it."""
    with_two(world)
    world.snapshot("publish", "testing", "two")
    before = Tree.of(world.store)

    document = world.snapshot("prune", "--plan", "--keep-last", "0", "--json").json()
    text = world.snapshot("prune", "--plan", "--keep-last", "0").stdout

    assert [each["name"] for each in document["going"]] == ["one"]
    assert [(each["name"], each["because"]) for each in document["kept"]] == [
        ("two", [{"reason": "ref", "rule": "testing"}])
    ]
    assert "  two  ref: testing" in text.splitlines()
    assert before.changes(Tree.of(world.store)) == ()


def test_prune_deletes_what_nothing_refers_to(world: World) -> None:
    """Prune deletes the snapshots that nothing keeps, with the rpms that none of the others needs."""
    world.freeze("one", world.repository("base", APP_1))
    world.freeze("two", world.repository("base", APP_2))
    world.snapshot("publish", "testing", "two")

    kept = world.snapshot("prune", "--keep-last", "0", "--keep", "one", "-y", "--json").json()
    swept = world.snapshot("prune", "--keep-last", "0", "-y", "--json").json()

    assert (kept["snapshots"], kept["rpms"]) == ([], 0)
    assert (swept["snapshots"], swept["rpms"]) == (["one"], 1)
    assert [path.name for path in world.store.rglob("*.rpm")] == [APP_2.filename]


@pytest.mark.parametrize(("typed", "code", "left"), [("n\n", 1, ["one"]), ("y\n", 0, [])])
def test_prune_asks_on_a_terminal(world: World, typed: str, code: int, left: list[str]) -> None:
    """On a terminal the plan is shown, and carried out when that is confirmed."""
    world.freeze("one", world.repository("base", APP_1))

    outcome = run_on_terminal("snapshot", "prune", "--keep-last", "0", "--store", world.store, typed=typed)

    assert outcome.code == code, outcome
    assert "Delete 1 snapshot" in outcome.stdout
    assert "1 rpm goes, " in outcome.stdout
    assert [*refs(world)] == left


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
def test_prune_deletes_nothing_unasked(world: World, options: tuple[str, ...]) -> None:
    """Where nobody can be asked, prune wants -y or --plan."""
    world.freeze("one", world.repository("base", APP_1))

    outcome = world.snapshot("prune", "--keep-last", "0", *options)

    assert (outcome.code, [*refs(world)]) == (2, ["one"])
    assert "use -y or --plan" in outcome.stderr


def test_a_lock_makes_the_same_snapshot_again(world: World) -> None:
    """From a lock the snapshot is made again under another name: the same id, and the same bytes of repodata."""
    with_two(world)
    lock = world.path / "two.lock.json"

    locked = world.snapshot("lock", "two", "--out", lock, "--json").json()
    made = world.snapshot("realise", lock, "again", "--json").json()

    assert (locked["name"], locked["is_locked"]) == ("two", True)
    assert (made["name"], made["id"], made["origin"]) == ("again", locked["id"], "realise")
    assert repodata(world.store / "snapshots/again") == repodata(world.store / "snapshots/two")


def repodata(snapshot: Path) -> dict[str, bytes]:
    files = (path for path in snapshot.glob("*/repodata/*") if path.is_file())
    return {str(path.relative_to(snapshot)): path.read_bytes() for path in files}


def test_a_lock_keeps_what_it_names_until_it_is_released(world: World) -> None:
    """Prune keeps what a lock of the store names; once that is released it goes."""
    world.freeze("one", world.repository("base", APP_1))
    lock = world.path / "one.lock.json"
    world.snapshot("lock", "one", "--out", lock)

    kept = world.snapshot("prune", "--keep-last", "0", "-y", "--json").json()
    released = world.snapshot("lock", "one", "--release")
    swept = world.snapshot("prune", "--keep-last", "0", "-y", "--json").json()

    assert released.code == 0
    assert (kept["snapshots"], swept["snapshots"]) == ([], ["one"])


def test_a_lock_that_cannot_be_written_is_not_recorded(world: World) -> None:
    """A lock whose file cannot be written keeps nothing in the store."""
    world.freeze("one", world.repository("base", APP_1))

    outcome = world.snapshot("lock", "one", "--out", world.path / "absent/one.lock.json", "--json")

    assert (outcome.code, outcome.json()["kind"]) == (1, "host")
    assert world.snapshot("show", "one", "--json").json()["is_locked"] is False


def test_the_lock_of_a_snapshot_that_is_gone_is_released(world: World) -> None:
    """What is released is told by its name: there may be no more than that."""
    world.freeze("one", world.repository("base", APP_1))
    world.snapshot("lock", "one", "--out", world.path / "one.lock.json")
    (world.store / "snapshots/one").rename(world.store / "snapshots/.one")

    released = world.snapshot("lock", "one", "--release", "--json")

    assert (released.code, released.json()["document"], released.json()["snapshot"]) == (
        0,
        "yumbridge-lock-release",
        "one",
    )


def test_a_lock_goes_to_standard_output_when_that_is_asked_for(world: World) -> None:
    """With --out - the lock is all there is on stdout; beside a document of its own there is no place for it."""
    world.freeze("one", world.repository("base", APP_1))
    lock = world.path / "one.lock.json"
    world.snapshot("lock", "one", "--out", lock)

    written = world.snapshot("lock", "one", "--out", "-")
    refused = world.snapshot("lock", "one", "--out", "-", "--json")

    assert written.stdout == lock.read_text(encoding="utf-8")
    assert (refused.code, refused.json()["kind"]) == (2, "usage")


@pytest.mark.parametrize("content", [None, "", "{}", '{"document": "yumbridge-lock", "version": "1.0"}'])
def test_what_is_no_lock_is_refused(world: World, content: str | None) -> None:
    """A lock that is missing, empty, or something else is invalid input, like a recipe."""
    world.freeze("one", world.repository("base", APP_1))
    lock = world.path / "lock.json"
    if content is not None:
        lock.write_text(content, encoding="utf-8")

    outcome = world.snapshot("realise", lock, "again", "--json")

    assert (outcome.code, outcome.json()["kind"]) == (10, "lock")


def test_a_lock_whose_packages_are_missing_lists_them(world: World) -> None:
    """A store that lacks packages of a lock makes nothing of it, names each, and ends with 12."""
    world.freeze("one", world.repository("base", APP_1))
    lock = world.path / "one.lock.json"
    world.snapshot("lock", "one", "--out", lock)
    other = World(world.path / "other", world.cache)
    other.path.mkdir()
    other.freeze("unrelated", other.repository("base", APP_2))

    outcome = other.snapshot("realise", lock, "one", "--json")

    assert (outcome.code, outcome.json()["kind"]) == (12, "incomplete")
    assert any("app-1-1.noarch" in line for line in outcome.json()["details"])
    assert [*refs(other)] == ["unrelated"]


def test_words_of_lock_that_do_not_go_together_are_usage(world: World) -> None:
    """A lock is written to a file, or released: neither and both end with 2."""
    world.freeze("one", world.repository("base", APP_1))

    assert world.snapshot("lock", "one").code == 2
    assert world.snapshot("lock", "one", "--out", "lock.json", "--release").code == 2


def test_what_is_not_there_ends_with_20(world: World) -> None:
    """Every verb that is told of a snapshot or ref that the store does not have ends with 20."""
    world.freeze("one", world.repository("base", APP_1))

    for words in (
        ["show", "absent"],
        ["publish", "testing", "absent"],
        ["publish", "testing", "--remove"],
        ["lock", "absent", "--out", world.path / "lock.json"],
        ["prune", "-y", "--keep", "absent"],
    ):
        assert world.snapshot(*words).code == 20, words


def test_a_misspelt_name_is_told_what_may_be_meant(world: World) -> None:
    """A snapshot, ref or mirror that is none comes with the one that is like it, or with the few that there are."""
    world.snapshot("mirror", "harbour", world.repository("harbour", APP_1).url)
    world.snapshot("cut", "2026-11-22")
    world.snapshot("publish", "production", "2026-11-22")
    mistakes = {
        ("show", "prodution"): "; did you mean production?",
        ("diff", "production", "tesitng"): "; there are 2026-11-22, production",
        ("cut", "other", "--repository", "harbor"): "; did you mean harbour?",
        ("publish", "prodution", "--remove"): "; did you mean production?",
    }

    for words, end in mistakes.items():
        outcome = world.snapshot(*words, "--json")
        assert outcome.code == 20, outcome
        assert outcome.json()["message"].endswith(f" in {world.store}{end}"), outcome


def test_a_ref_that_leads_nowhere_says_so(world: World) -> None:
    """List tells of a ref whose snapshot is gone; every verb that would follow it ends with 20 and says so."""
    world.freeze("one", world.repository("base", APP_1))
    (world.store / "refs/production").symlink_to("../snapshots/gone")
    profile = world.profile(["app"])

    told = "ref production leads to snapshot gone, which is not there"
    for words in (
        ["show", "production"],
        ["diff", "one", "production"],
        ["verify", "production"],
        ["check", "production", "--profile", profile],
        ["cut", "two", "--base", "production"],
        ["publish", "testing", "production"],
        ["lock", "production", "--out", world.path / "lock.json"],
        ["prune", "-y", "--keep", "production"],
    ):
        outcome = world.snapshot(*words, "--json")
        assert (outcome.code, outcome.json()["message"]) == (20, told), words
    assert world.snapshot("list").stdout.splitlines()[-1] == told
    assert world.snapshot("list", "--json").json()["lost_refs"] == [{"ref": "production", "snapshot": "gone"}]


def test_names_that_cannot_be_are_refused(world: World) -> None:
    """A name that would lead elsewhere, or be hidden, is refused with 10."""
    world.freeze("one", world.repository("base", APP_1))

    for name in ("../one", ".one", "", "a b"):
        assert world.snapshot("publish", name, "one").code == 10, name
        assert world.snapshot("show", name).code == 10, name


def test_damage_ends_with_21(world: World) -> None:
    """A folder that is no store, and a manifest that was changed, end with 21."""
    world.freeze("one", world.repository("base", APP_1))
    manifest = world.store / "snapshots/one/manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"app-1-1", b"app-1-2").replace(b'"base"', b'"bass"'))

    assert world.run("snapshot", "list", "--store", world.path).code == 21
    assert world.snapshot("show", "one").code == 21


def test_one_damaged_snapshot_does_not_hide_the_others(world: World) -> None:
    """The list has what can be read, names what cannot, passes over what is no snapshot, and ends with 21."""
    base = world.repository("base", APP_1)
    world.freeze("one", base)
    world.freeze("two", base)
    (world.store / "snapshots/one/snapshot.json").write_text("damaged", encoding="utf-8")
    (world.store / "snapshots/lost+found").mkdir()
    (world.store / "snapshots/README").touch()
    (world.store / "mirrors/a b").mkdir()

    listed = world.snapshot("list", "--json")
    shown = world.snapshot("list")

    assert (listed.code, shown.code) == (21, 21)
    assert [each["name"] for each in listed.json()["snapshots"]] == ["two"]
    assert [each["name"] for each in listed.json()["damaged"]] == ["one"]
    assert re.search(r" one: \S*snapshot\.json is damaged", " ".join(shown.stdout.split()))
    assert world.snapshot("cut", "three").code == 20, "no mirrors, and none of the folder that cannot be one"


def test_the_store_is_that_of_the_configuration(world: World) -> None:
    """Without --store the configuration names it; when that does not either, it is wrong usage."""
    world.freeze("one", world.repository("base", APP_1))
    configuration = world.path / "config.yaml"
    configuration.write_text(f"store: {world.store}\n", encoding="utf-8")

    configured = world.run("snapshot", "list", "--config", configuration, "--json")
    nowhere = world.run("snapshot", "list", "--root", world.root().path, "--json")

    assert [each["name"] for each in configured.json()["snapshots"]] == ["one"]
    assert (nowhere.code, nowhere.json()["kind"]) == (2, "usage")


def test_the_store_is_that_of_the_environment(world: World) -> None:
    """YUMBRIDGE_STORE names the store: it beats the configuration, and --store beats it."""
    world.freeze("one", world.repository("base", APP_1))
    configuration = world.path / "config.yaml"
    configuration.write_text("store: /nonexistent\n", encoding="utf-8")
    words = ("snapshot", "list", "--config", configuration, "--json")

    named = world.run(*words, env={"YUMBRIDGE_STORE": str(world.store)})
    elsewhere = world.run(*words, "--store", world.store, env={"YUMBRIDGE_STORE": "/nonexistent"})

    assert [each["name"] for each in named.json()["snapshots"]] == ["one"]
    assert [each["name"] for each in elsewhere.json()["snapshots"]] == ["one"]


def test_readers_need_no_rights(world: World) -> None:
    """A user who may only read a store lists, shows, verifies and checks; to write is refused with 1."""
    base = world.repository("base", APP_1)
    world.freeze("one", base)
    profile = world.profile(["app"], [base])
    store = ("--store", world.store)

    for words in (["list"], ["show", "one"], ["verify"], ["check", "one", "--profile", profile, "--root", "/"]):
        outcome = world.run("snapshot", *words, *store, user="nobody")
        assert outcome.code == 0, outcome
    refused = world.run("snapshot", "publish", "testing", "one", *store, "--json", user="nobody")

    assert (refused.code, refused.json()["kind"]) == (1, "host")


def test_a_second_writer_is_told_who_writes(world: World) -> None:
    """While another one writes, a writer ends with 14 and says who that is; readers go on."""
    with_two(world)

    with writing(open_store(world.store), "snapshot mirror"):
        outcome = world.snapshot("publish", "testing", "one", "--json")
        listed = world.snapshot("list")

    assert (outcome.code, outcome.json()["kind"]) == (14, "locked")
    assert "snapshot mirror" in outcome.json()["message"]
    assert listed.code == 0


def test_a_second_writer_waits_when_it_is_told_to(world: World) -> None:
    """With --wait a writer goes on once the other one has ended."""
    with_two(world)

    with ThreadPoolExecutor(1) as executor:
        with writing(open_store(world.store), "snapshot mirror"):
            waiting = executor.submit(world.snapshot, "publish", "testing", "one", "--wait", "60")
            time.sleep(1)
            assert not waiting.done()
        outcome = waiting.result()

    assert outcome.code == 0, outcome
    assert refs(world)["one"] == ["testing"]


@pytest.mark.parametrize("where", ["pipe", "terminal"])
def test_no_line_about_snapshots_is_too_wide(world: World, where: str) -> None:
    """Every line fits into 80 columns, in a pipe and on a terminal of that width, whatever names are like."""
    name = "a-snapshot-with-quite-a-long-name-of-more-than-forty-characters"
    base = world.repository("base-with-a-long-name-of-its-own", APP_1, APP_2)
    world.freeze(name, base)
    world.freeze("one", base)
    for ref in ("testing-with-a-long-name", "production-with-a-long-name", "another-long-name"):
        world.snapshot("publish", ref, name)

    for words in (
        ["list"],
        ["show", name],
        ["prune", "--plan"],
        ["--help"],
        ["publish", "--help"],
        ["check", "--help"],
    ):
        arguments = ["snapshot", *words, *(() if "--help" in words else ("--store", str(world.store)))]
        if where == "pipe":
            text = world.run(*arguments).stdout
        else:
            text = run_on_terminal(*arguments, env={"NO_COLOR": "1"}).stdout
        assert text
        assert [line for line in text.splitlines() if len(line) > 80] == []
