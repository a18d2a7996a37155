"""What a run says when it does not end as planned."""

from __future__ import annotations

import pytest

from tests.support.damage import corrupt_rpm, remove_rpm, truncate_rpm
from tests.support.plans import applied, planned
from tests.support.profiles import repository_entry
from tests.support.rpms import Rpm
from tests.support.server import UNAVAILABLE, Fault
from tests.support.signing import SigningKey
from tests.support.signing import signing_key as new_signing_key
from tests.support.trees import Tree
from tests.support.world import World

FAIL = 'error("no luck")'


def test_a_failing_pre_is_noticed(world: World) -> None:
    """A package whose %pre fails is missing, its dependents are told from it, and the exit code is 17."""
    base = world.repository("base", Rpm("bad", scriptlets={"pre": FAIL}), Rpm("good"))
    root = world.root()
    profile = world.profile(["bad", "good"], [base])

    report = applied(world, profile, root, code=17)

    assert report["outcome"] == "failed"
    assert report["differences"] == ["missing: bad-1-1.noarch"]
    assert any("bad" in error for error in report["errors"])
    assert root.installed() == {"good-1-1.noarch"}
    assert [change["name"] for change in planned(world, profile, root)["changes"]] == ["bad"]


def test_a_failing_preun_is_noticed(world: World) -> None:
    """A package whose %preun fails is still there, and the report says so."""
    base = world.repository("base", Rpm("app"), Rpm("stays", scriptlets={"preun": FAIL}))
    root = world.root()
    applied(world, world.profile(["stays"], [base]), root)

    report = applied(world, world.profile(["app"], [base]), root, code=17)

    assert report["differences"] == ["still there: stays-1-1.noarch"]
    assert root.installed() == {"app-1-1.noarch", "stays-1-1.noarch"}


@pytest.mark.parametrize("phase", ["post", "posttrans"])
def test_a_failing_post_is_told_though_everything_is_installed(world: World, phase: str) -> None:
    """A failing %post or %posttrans is an error of the report, although the packages are as planned."""
    base = world.repository("base", Rpm("bad", scriptlets={phase: FAIL}))
    root = world.root()

    report = applied(world, world.profile(["bad"], [base]), root, code=17)

    assert (report["outcome"], report["differences"]) == ("failed", [])
    assert any("bad" in error for error in report["errors"])
    assert root.installed() == {"bad-1-1.noarch"}


def test_what_scriptlets_print_is_in_the_report(world: World) -> None:
    """What scriptlets print is in the report and in its text, with nothing that a terminal would act on."""
    base = world.repository("base", Rpm("app", scriptlets={"post": 'print("hello from \\27[2J app")'}))
    profile = world.profile(["app"], [base])

    text = world.run("apply", profile, "--root", world.root().path)
    report = applied(world, profile, world.root(name="other"))

    assert text.code == 0
    assert "hello from \\x1b[2J app" in text.stdout
    assert "\x1b" not in text.stdout
    assert report["output"] == "hello from \x1b[2J app\n"


def test_a_file_conflict_stops_everything(world: World) -> None:
    """Two packages with one file are found before the transaction: nothing is done, and both are named."""
    base = world.repository("base", Rpm("one", files={"/opt/x": "1"}), Rpm("two", files={"/opt/x": "2"}), Rpm("good"))
    root = world.root(Rpm("old"))
    before = Tree.of(root.rpmdb)

    outcome = world.run("apply", world.profile(["one", "two", "good"], [base]), "--root", root.path, "--json")

    assert outcome.code == 17
    text = " ".join((outcome.json()["message"], *outcome.json()["details"]))
    assert "/opt/x" in text
    assert "one-1-1.noarch" in text
    assert "two-1-1.noarch" in text
    assert root.installed() == {"old-1-1.noarch"}
    assert before.changes(Tree.of(root.rpmdb)) == ()


@pytest.mark.parametrize("scheme", ["file", "http"])
@pytest.mark.parametrize("damage", [corrupt_rpm, truncate_rpm, remove_rpm])
def test_a_damaged_package_is_not_installed(world: World, scheme: str, damage: object) -> None:
    """A package that is damaged, cut off or gone ends the run with 15 before anything is changed, and is named."""
    bad = Rpm("bad")
    base = world.repository("base", bad, Rpm("good"))
    assert callable(damage)
    damage(base, bad)
    root = world.root()

    with world.serving() as server:
        served = base if scheme == "file" else base.at(server.url)
        spma = {"main_options": {"retries": 1}}
        profile = world.profile(["bad", "good"], [served], spma=spma)
        outcome = world.run("apply", profile, "--root", root.path, "--json")

    assert outcome.code == 15, outcome
    assert "bad-1-1.noarch" in " ".join((outcome.json()["message"], *outcome.json()["details"]))
    assert root.installed() == frozenset()


def test_an_interrupted_download_is_taken_up_again(world: World) -> None:
    """A download that is cut off is an error of its repository, and the next run succeeds."""
    rpm = Rpm("app", files={"/opt/app": "x" * 100_000})
    base = world.repository("base", rpm)
    root = world.root()

    with world.serving() as server:
        profile = world.profile(["app"], [base.at(server.url)], spma={"main_options": {"retries": 1}})
        server.fail("*.rpm", Fault(cut_at=100))
        assert world.run("apply", profile, "--root", root.path).code == 15
        server.fail("*.rpm", UNAVAILABLE)
        assert world.run("apply", profile, "--root", root.path).code == 15
        server.heal()
        assert applied(world, profile, root)["outcome"] == "as-planned"


def test_an_unsigned_package_is_refused(world: World, signing_key: SigningKey) -> None:
    """With gpgcheck a package without a signature is refused by name before anything is changed."""
    base = world.repository("base", Rpm("app"))
    entry = repository_entry(base, gpgcheck=True, gpgkey=[signing_key.url])
    root = world.root()

    outcome = world.run("apply", world.profile(["app"], [entry]), "--root", root.path, "--json")

    assert outcome.code == 17
    assert "app-1-1.noarch" in " ".join(outcome.json()["details"])
    assert "app-1-1.noarch" not in root.installed()


def test_a_package_signed_by_another_key_is_refused(world: World, signing_key: SigningKey) -> None:
    """With gpgcheck a package that somebody else signed is refused, although it has a signature."""
    with new_signing_key("Somebody else") as other:
        base = world.repository("base", Rpm("app"), key=other)
        entry = repository_entry(base, gpgcheck=True, gpgkey=[signing_key.url])
        root = world.root()
        outcome = world.run("apply", world.profile(["app"], [entry]), "--root", root.path, "--json")

    assert outcome.code == 17
    assert "app-1-1.noarch" not in root.installed()


def test_a_key_that_cannot_be_trusted_is_a_problem(world: World, signing_key: SigningKey) -> None:
    """A key over plain http, a key that is not there and a repository without any are problems of the plan."""
    bases = [world.repository(name, Rpm(f"of-{name}"), key=signing_key) for name in ("http", "gone", "none")]
    keys = [["http://127.0.0.1:9/key"], ["file:///nowhere/key"], []]
    entries = [repository_entry(base, gpgcheck=True, gpgkey=key) for base, key in zip(bases, keys, strict=True)]

    plan = planned(world, world.profile(["of-http", "of-gone", "of-none"], entries), world.root(), code=12)

    assert [problem["kind"] for problem in plan["problems"]] == ["signature"] * 3
    texts = " ".join(problem["text"] for problem in plan["problems"])
    assert "its key is neither at https:// nor at file://" in texts
    assert "its key cannot be read: file:///nowhere/key" in texts
    assert "it names no key" in texts


def test_the_rpmdb_locked_by_another_program_is_said(world: World) -> None:
    """While another program holds rpm's own lock nothing is done, and the message says what is locked."""
    base = world.repository("base", Rpm("app"))
    root = world.root(Rpm("old"))

    with root.locked():
        outcome = world.run("apply", world.profile(["app"], [base]), "--root", root.path, "--json")

    assert outcome.code == 1, outcome
    assert outcome.json()["message"] == (
        f"the rpm database of {root.path} is locked by another program; nothing was done"
    )
    assert root.installed() == {"old-1-1.noarch"}


def test_a_failed_run_is_repeated_to_success(world: World) -> None:
    """After a run that failed the next one plans from what is there and converges."""
    base = world.repository("base", Rpm("app", "2-1", scriptlets={"pre": FAIL}), Rpm("lib", "2-1"))
    root = world.root(Rpm("app", "1-1"), Rpm("lib", "1-1"))
    profile = world.profile(["app", "lib"], [base])
    assert applied(world, profile, root, code=17)["outcome"] == "failed"

    repaired = world.repository("base", Rpm("app", "2-1"), Rpm("lib", "2-1"))
    report = applied(world, world.profile(["app", "lib"], [repaired]), root)

    assert report["outcome"] == "as-planned"
    assert report["resumed_after"] is None
    assert root.installed() == {"app-2-1.noarch", "lib-2-1.noarch"}
