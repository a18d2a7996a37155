"""What ncm-spma gets wrong, done right."""

from __future__ import annotations

import json

from tests.support.plans import applied, moves, planned
from tests.support.profiles import Json
from tests.support.rpms import Rpm
from tests.support.trees import Tree
from tests.support.world import World


def test_what_leaves_the_profile_leaves_the_host(world: World) -> None:
    """A package that the profile once listed goes when it is dropped, although dnf has it down as a user's wish."""
    base = world.repository("base", Rpm("app", requires=("lib",)), Rpm("lib"), Rpm("other"))
    root = world.root()
    applied(world, world.profile(["app", "other"], [base]), root)
    assert root.reasons()["app-1-1.noarch"] == "user"

    report = applied(world, world.profile(["other"], [base]), root)

    assert report["outcome"] == "as-planned"
    assert root.installed() == {"other-1-1.noarch"}


def test_a_chain_of_leaves_goes_in_one_run(world: World) -> None:
    """A chain of packages that nothing wants any more goes in one run, not leaf by leaf over several."""
    chain = [Rpm(f"link{n}", requires=(f"link{n + 1}",) if n < 5 else ()) for n in range(6)]
    base = world.repository("base", Rpm("app"), *chain)
    root = world.root(Rpm("app"), *chain)

    applied(world, world.profile(["app"], [base]), root)

    assert root.installed() == {"app-1-1.noarch"}


def test_the_preview_is_the_difference(world: World) -> None:
    """The preview shows upgrades, downgrades and removals, does nothing, and is the plan that apply takes."""
    base = world.repository("base", Rpm("up", "2-1"), Rpm("down", "1-1"))
    root = world.root(Rpm("up", "1-1"), Rpm("down", "2-1"), Rpm("gone"))
    profile = world.profile(["up", "down"], [base])
    before = Tree.of(root.rpmdb)

    plan = planned(world, profile, root)

    assert [change["action"] for change in plan["changes"]] == ["downgrade", "remove", "upgrade"]
    assert before.changes(Tree.of(root.rpmdb)) == ()
    assert applied(world, profile, root)["plan"] == plan["id"]


def test_a_version_without_an_arch_counts(world: World) -> None:
    """A version without an arch is a pin, and not dropped in silence."""
    base = world.repository("base", Rpm("baz", "2.0-1"), Rpm("baz", "3.0-1"))

    plan = planned(world, world.profile({"baz": {"2.0-1": {}}}, [base]), world.root())

    assert moves(plan) == ["install baz.noarch 2.0-1"]


def test_a_name_with_an_arch_is_not_removed_and_installed_at_once(world: World) -> None:
    """A `name.arch` that is installed already is nothing to do."""
    base = world.repository("base", Rpm("example"))

    planned(world, world.profile(["example.noarch"], [base]), world.root(Rpm("example")), "--check")


def test_an_epoch_can_be_given(world: World) -> None:
    """An epoch in a version chooses between builds that differ in nothing else."""
    base = world.repository("base", Rpm("app", "1:1-1"))
    other = world.repository("other", Rpm("app", "2:1-1"))

    plan = planned(world, world.profile({"app": {"1:1-1": {"noarch": ""}}}, [base, other]), world.root())

    assert moves(plan) == ["install app.noarch 1:1-1"]


def test_only_what_is_pinned_is_locked(world: World) -> None:
    """A pin of one package does not lock its dependencies: they are the newest that fit."""
    base = world.repository("base", Rpm("app", "1-1", requires=("lib",)), Rpm("app", "2-1"), Rpm("lib", "1-1"))
    updates = world.repository("updates", Rpm("lib", "2-1"))
    root = world.root(Rpm("app", "1-1"), Rpm("lib", "1-1"))

    plan = planned(world, world.profile({"app": {"1-1": {}}}, [base, updates]), root)

    assert moves(plan) == ["upgrade lib.noarch 1-1 -> 2-1"]


def test_proxies_can_be_switched_off(world: World) -> None:
    """With proxy = no the proxies of the profile are not used."""
    base = world.repository("base", Rpm("app"))
    spma: dict[str, Json] = {"proxy": "no", "proxyhost": "127.0.0.1:9", "proxytype": "forward"}

    with world.serving() as server:
        plan = planned(world, world.profile(["app"], [base.at(server.url)], spma=spma), world.root())

    assert moves(plan) == ["install app.noarch 1-1"]


def test_broken_dependencies_are_a_failure(world: World) -> None:
    """A package that cannot be installed ends the run with 12, and is not skipped with a success."""
    base = world.repository("base", Rpm("good"), Rpm("broken", requires=("nothing",)))
    root = world.root()

    report = applied(world, world.profile(["good", "broken"], [base]), root, code=12)

    assert report["outcome"] == "refused"
    assert root.installed() == frozenset()


def test_a_profile_needs_no_groups(world: World) -> None:
    """A profile without /software/groups and with the backend yumng or dnf is planned as any other."""
    base = world.repository("base", Rpm("app"))
    for packager, run in (("yumng", "yes"), ("dnf", True)):
        spma: dict[str, Json] = {"packager": packager, "run": run}
        profile = world.profile({"app": {"": {"": ""}}}, [base], spma=spma)
        content = json.loads(profile.read_text(encoding="utf-8"))
        del content["software"]["groups"]
        profile.write_text(json.dumps(content), encoding="utf-8")

        assert moves(planned(world, profile, world.root())) == ["install app.noarch 1-1"]


def test_a_name_with_brackets_is_no_name(world: World) -> None:
    """A name with brackets is refused, and not taken for what stands before them."""
    base = world.repository("base", Rpm("foo"))

    outcome = world.run("plan", world.profile(["foo[bar"], [base]), "--root", world.root().path, "--json")

    assert outcome.code == 10
    assert outcome.json()["details"] == ["/software/packages/foo_5bbar: 'foo[bar' is no package name"]


def test_a_wildcard_may_stand_anywhere(world: World) -> None:
    """A wildcard is understood at the start and in the middle of a name too."""
    base = world.repository("base", Rpm("a-lib"), Rpm("b-lib"), Rpm("lib-devel"))

    plan = planned(world, world.profile(["?-lib", "l*l"], [base]), world.root())

    assert [change["name"] for change in plan["changes"]] == ["a-lib", "b-lib", "lib-devel"]


def test_obsoletes_of_a_newcomer_are_always_honoured(world: World) -> None:
    """Whatever process_obsoletes says, a package that a listed one obsoletes is gone afterwards."""
    base = world.repository("base", Rpm("new", obsoletes=("old",)))
    for value in (True, False):
        root = world.root(Rpm("old"), name=f"root-{value}")

        applied(world, world.profile(["new"], [base], spma={"process_obsoletes": value}), root)

        assert root.installed() == {"new-1-1.noarch"}
