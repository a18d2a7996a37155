"""Plans while a repository that may be missing is missing."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.comps import module
from tests.support.plans import applied, kept, moves, notes, planned, problems
from tests.support.profiles import Json, repository_entry
from tests.support.repositories import Contents
from tests.support.rpms import Rpm
from tests.support.world import World

GONE = ("gone", "file:///nonexistent/gone")


def gone(**options: Json) -> Mapping[str, Json]:
    return repository_entry(GONE, skip_if_unavailable=True, **options)


def test_nothing_is_removed_or_downgraded(world: World) -> None:
    """While a repository is missing nothing is removed or downgraded; what can be installed and upgraded is."""
    base = world.repository("base", Rpm("app", "2-1"), Rpm("tool", "1-1"), Rpm("new"))
    root = world.root(Rpm("app", "1-1"), Rpm("tool", "2-1"), Rpm("extra"))

    plan = planned(world, world.profile(["app", "tool", "new"], [base, gone()]), root)

    assert plan["degraded"] is True
    assert moves(plan) == ["upgrade app.noarch 1-1 -> 2-1", "install new.noarch 1-1"]
    assert kept(plan) == {"tool-2-1.noarch": "degraded", "extra-1-1.noarch": "degraded"}
    assert ("degraded", "") in notes(plan)


def test_a_change_of_arch_goes_only_up(world: World) -> None:
    """While a repository is missing a package may be upgraded to a build of another arch, and not downgraded to one."""
    base = world.repository("base", Rpm("app", "2-1", arch="x86_64"), Rpm("tool", "1-1", arch="x86_64"))
    root = world.root(Rpm("app", "1-1"), Rpm("tool", "2-1"))

    plan = planned(world, world.profile(["app", "tool"], [base, gone()]), root)

    assert problems(plan) == []
    assert moves(plan) == ["upgrade app.x86_64 1-1 -> 2-1"]
    assert kept(plan) == {"tool-2-1.noarch": "degraded"}


def test_what_only_the_host_has_is_met_by_it(world: World) -> None:
    """A listed package that only the host has stays; one that nobody has is a note. Neither is a problem."""
    base = world.repository("base", Rpm("app"))
    root = world.root(Rpm("local"))

    plan = planned(world, world.profile(["app", "local", "nowhere"], [base, gone()]), root)

    assert problems(plan) == []
    assert kept(plan) == {"local-1-1.noarch": "degraded"}
    assert any(note["text"].startswith("nowhere: ") for note in plan["notes"])


def test_a_dependency_in_the_missing_repository_leaves_its_package_alone(world: World) -> None:
    """A listed package whose dependency is missing is left as it is, and the rest goes on."""
    base = world.repository("base", Rpm("app", "2-1", requires=("lib",)), Rpm("other"))
    root = world.root(Rpm("app", "1-1"))

    plan = planned(world, world.profile(["app", "other"], [base, gone()]), root)

    assert moves(plan) == ["install other.noarch 1-1"]
    assert kept(plan) == {"app-1-1.noarch": "degraded"}


def test_a_degraded_plan_can_be_applied(world: World) -> None:
    """A degraded plan is carried out as any other."""
    base = world.repository("base", Rpm("app"))
    root = world.root(Rpm("extra"))

    report = applied(world, world.profile(["app"], [base, gone()]), root)

    assert report["outcome"] == "as-planned"
    assert root.installed() == {"app-1-1.noarch", "extra-1-1.noarch"}


def test_without_the_flag_a_missing_repository_is_an_error(world: World) -> None:
    """A repository that may not be missing ends the run with exit code 15."""
    outcome = world.run("plan", world.profile(["app"], [GONE]), "--root", world.root().path)

    assert outcome.code == 15
    assert "gone" in outcome.stderr


def test_an_old_copy_in_the_cache_has_no_part(world: World) -> None:
    """A repository that has become unreachable is missing, though its metadata is still in the cache."""
    base = world.repository("base", Rpm("app"))
    with world.serving() as server:
        other = world.repository("other", Rpm("extra"))
        entry = repository_entry(other.at(server.url), skip_if_unavailable=True)
        root = world.root()
        before = planned(world, world.profile(["app", "extra"], [base, entry]), root)
    after = planned(world, world.profile(["app", "extra"], [base, entry]), root)

    assert (before["degraded"], after["degraded"]) == (False, True)
    assert moves(after) == ["install app.noarch 1-1"]


def test_module_states_stay_as_they_are(world: World) -> None:
    """While the repository of a module is missing, the file of its stream stays: nobody knows that it is unwanted."""
    contents = Contents(rpms=(Rpm("app"),), modules=module("app", "1", ["app-0:1-1.noarch"]))
    modular = repository_entry(world.publish("modular", contents), skip_if_unavailable=True)
    extra: Mapping[str, Json] = {"software": {"modules": {"app": {"enable": True, "stream": "1"}}}}
    profile = world.profile(["app"], [modular], extra=extra)
    root = world.root()
    root.write("etc/os-release", 'ID=centos\nVERSION_ID="9"\n')
    applied(world, profile, root)
    (world.repositories / "modular").rename(world.repositories / "elsewhere")

    plan = planned(world, profile, root)

    assert (plan["degraded"], plan["configuration"]) == (True, [])


def test_a_stream_of_a_missing_repository_is_not_called_meaningless(world: World) -> None:
    """While a repository is missing nobody can say that no repository has modules."""
    extra: Mapping[str, Json] = {"software": {"modules": {"app": {"enable": True, "stream": "1"}}}}
    base = world.repository("base", Rpm("app"))

    plan = planned(world, world.profile(["app"], [base, gone()], extra=extra), world.root())

    assert plan["degraded"] is True
    assert {kind for kind, _ in notes(plan)} == {"degraded"}


def test_pinned_packages_stay_in_the_list_of_versionlock(world: World) -> None:
    """While a repository is missing the list of versionlock stays as it is, pins of that repository included."""
    base = world.repository("base", Rpm("app"))
    other = repository_entry(world.repository("other", Rpm("lib")), skip_if_unavailable=True)
    profile = world.profile({"app": {"1-1": {}}, "lib": {"1-1": {}}}, [base, other])
    root = world.root()
    applied(world, profile, root)
    (world.repositories / "other").rename(world.repositories / "elsewhere")

    plan = planned(world, profile, root)

    assert (plan["degraded"], plan["configuration"]) == (True, [])


def test_a_list_of_versionlock_that_is_not_there_is_written(world: World) -> None:
    """Without its list versionlock refuses to run: a degraded plan makes one."""
    base = world.repository("base", Rpm("app"))

    plan = planned(world, world.profile({"app": {"1-1": {}}}, [base, gone()]), world.root())

    assert any("+app-0:1-1.noarch" in change["difference"] for change in plan["configuration"])
