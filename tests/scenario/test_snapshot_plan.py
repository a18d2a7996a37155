"""Plans on the repositories of a snapshot, in place of the profile's."""

from __future__ import annotations

from tests.support.plans import applied, moves, planned
from tests.support.profiles import repository_entry
from tests.support.rpms import Rpm
from tests.support.world import World

APP_1 = Rpm("app", "1-1")
APP_2 = Rpm("app", "2-1")


def test_a_plan_is_made_on_a_snapshot(world: World) -> None:
    """With --snapshot a plan takes packages from the snapshot, and names its id with each repository."""
    manifest = world.freeze("one", world.repository("base", APP_1))
    profile = world.profile(["app"], [world.repository("base", APP_2)])
    root = world.root()

    own = planned(world, profile, root)
    plan = planned(world, profile, root, "--snapshot", "one", "--store", world.store)

    assert moves(own) == ["install app.noarch 2-1"]
    assert moves(plan) == ["install app.noarch 1-1"]
    assert [ref["snapshot"] for ref in own["repositories"]] == [None]
    assert [(ref["repo_id"], ref["snapshot"]) for ref in plan["repositories"]] == [("base", manifest.id)]


def test_a_plan_is_made_on_a_ref(world: World) -> None:
    """A ref means the snapshot that it points to: the plan is the same as on that snapshot, id and all."""
    base = world.repository("base", APP_1)
    world.freeze("one", base)
    assert world.snapshot("publish", "testing", "one").code == 0
    profile, root = world.profile(["app"], [base]), world.root()

    by_name = planned(world, profile, root, "--snapshot", "one", "--store", world.store)
    by_ref = planned(world, profile, root, "--snapshot", "testing", "--store", world.store)

    assert by_ref == by_name


def test_the_text_names_the_snapshot(world: World) -> None:
    """The text of a plan on a ref, and of its apply, says which snapshot that is, with the first digits of its id."""
    base = world.repository("base", APP_1)
    line = f"On snapshot one ({world.freeze('one', base).id[7:19]})."
    assert world.snapshot("publish", "testing", "one").code == 0
    words = (world.profile(["app"], [base]), "--root", world.root().path)
    on_ref = ("--snapshot", "testing", "--store", world.store)

    plain = world.run("plan", *words)
    planned_on_ref = world.run("plan", *words, *on_ref)
    applied_on_ref = world.run("apply", *words, *on_ref)
    done = world.run("plan", *words, *on_ref)

    assert "On snapshot" not in plain.stdout
    for outcome in (planned_on_ref, applied_on_ref, done):
        assert line in outcome.stdout.splitlines(), outcome


def test_the_store_may_be_configured(world: World) -> None:
    """Without --store the configuration names the store: the profile's own before that of the host."""
    base = world.repository("base", APP_1)
    world.freeze("one", base)
    root = world.root()
    profile = world.profile(["app"], [base])
    configuration = world.path / "config.yaml"
    configuration.write_text(f"store: {world.store}\n", encoding="utf-8")
    stated = {"software": {"components": {"yumbridge": {"store": str(world.store)}}}}
    with_store = world.profile(["app"], [base], name="with.json", extra=stated)
    configured_elsewhere = world.path / "elsewhere.yaml"
    configured_elsewhere.write_text("store: /nonexistent\n", encoding="utf-8")

    planned(world, profile, root, "--snapshot", "one", "--config", configuration)
    planned(world, with_store, root, "--snapshot", "one", "--config", configured_elsewhere)
    nowhere = world.run("plan", profile, "--root", root.path, "--snapshot", "one")

    assert nowhere.code == 2
    assert "No store" in nowhere.stderr


def test_the_store_may_be_that_of_the_environment(world: World) -> None:
    """YUMBRIDGE_STORE names the store of a plan with --snapshot, and means nothing to one without."""
    base = world.repository("base", APP_1)
    world.freeze("one", base)
    profile, root = world.profile(["app"], [base]), world.root()
    words = ("plan", profile, "--root", root.path, "--json")
    env = {"YUMBRIDGE_STORE": str(world.store)}

    on_snapshot = world.run(*words, "--snapshot", "one", env=env)
    without = world.run(*words, env=env)

    assert (on_snapshot.code, without.code) == (0, 0), (on_snapshot, without)
    assert on_snapshot.json()["repositories"][0]["snapshot"] is not None
    assert without.json()["repositories"][0]["snapshot"] is None


def test_a_stored_plan_is_applied_on_the_snapshot_that_is_named_again(world: World) -> None:
    """A plan on a snapshot is applied when that is named again; without it, or on another one, the plan is stale."""
    world.freeze("one", world.repository("base", APP_1))
    base = world.repository("base", APP_2)
    world.freeze("two", base)
    profile, root = world.profile(["app"], [base]), world.root()
    stored = world.path / "plan.json"
    on_one = ("--snapshot", "one", "--store", world.store)
    planned(world, profile, root, "--out", stored, *on_one)

    without = world.run("apply", stored, "-y")
    on_other = world.run("apply", stored, "-y", "--snapshot", "two", "--store", world.store)
    report = applied(world, stored, root, "-y", *on_one)

    assert (without.code, on_other.code) == (13, 13)
    assert "the snapshot of repository base was sha256:" in on_other.stderr
    assert "yumbridge: the plan was made on a snapshot, nothing was done: give --snapshot NAME again" in without.stderr
    assert report["outcome"] == "as-planned"
    assert root.installed() == {APP_1.nevra}


def test_a_profile_is_applied_on_a_snapshot(world: World) -> None:
    """Apply takes --snapshot as plan does, and installs rpms from the pool by way of the snapshot's one link."""
    world.freeze("one", world.repository("base", APP_1))
    profile, root = world.profile(["app"], [world.repository("base", APP_2)]), world.root()

    applied(world, profile, root, "-y", "--snapshot", "one", "--store", world.store)

    assert root.installed() == {APP_1.nevra}


def test_the_signature_of_upstream_is_not_asked_of_a_snapshot(world: World) -> None:
    """A repository whose metadata has to be signed can be planned on: a snapshot's metadata is not upstream's."""
    base = world.repository("base", APP_1)
    world.freeze("one", base)
    signed = repository_entry(base, repo_gpgcheck=True, gpgkey=["file:///nonexistent"])

    plan = planned(world, world.profile(["app"], [signed]), world.root(), "--snapshot", "one", "--store", world.store)

    assert moves(plan) == ["install app.noarch 1-1"]


def test_names_are_looked_up_in_a_snapshot(world: World) -> None:
    """Profile check looks names up in a snapshot that is named."""
    world.freeze("one", world.repository("base", APP_1))
    profile = world.profile(["app", "absent"], [("base", "file:///nonexistent")])

    outcome = world.run("profile", "check", profile, "--snapshot", "one", "--store", world.store, "--json")

    assert outcome.code == 0
    assert [warning["path"] for warning in outcome.json()["warnings"]] == ["/software/packages/absent"]


def test_what_cannot_be_planned_on_is_told(world: World) -> None:
    """An unknown snapshot ends with 20, a folder that is no store with 21, options that exclude each other with 2."""
    base = world.repository("base", APP_1)
    world.freeze("one", base)
    plan = ("plan", world.profile(["app"], [base]), "--root", world.root().path)
    on_store = ("--store", world.store)

    unknown = world.run(*plan, "--snapshot", "absent", *on_store, "--json")
    no_store = world.run(*plan, "--snapshot", "one", "--store", world.path)
    both = world.run(*plan, "--snapshot", "one", *on_store, "--repos-from", world.repositories)
    alone = world.run(*plan, *on_store)

    assert (unknown.code, no_store.code, both.code, alone.code) == (20, 21, 2, 2)
    assert unknown.json()["kind"] == "no-snapshot"
