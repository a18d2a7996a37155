"""What a plan changes."""

from __future__ import annotations

from tests.support.plans import applied, kept, moves, planned
from tests.support.rpms import Rpm
from tests.support.world import World


def test_an_empty_root_gets_the_profile_and_its_needs(world: World) -> None:
    """An empty root gets every listed package and what those need, each with its repository, checksum, size and why."""
    app = Rpm("app", "2:1.5-3", requires=("lib",), arch="x86_64")
    base = world.repository("base", app, Rpm("lib", provides=("lib-api",)), Rpm("unrelated"))

    plan = planned(world, world.profile(["app"], [base]), world.root())

    assert moves(plan) == ["install app.x86_64 2:1.5-3", "install lib.noarch 1-1"]
    first, second = plan["changes"]
    assert first["repo_id"] == "base"
    assert first["checksum"].startswith("sha256:")
    assert first["size_bytes"] == base.file(app).stat().st_size
    assert first["why"] == [{"kind": "profile", "ref": "/software/packages/app", "via": "app"}]
    assert second["why"] == [*first["why"], {"kind": "requires", "ref": "app-2:1.5-3.x86_64", "via": "lib"}]
    assert plan["download_bytes"] == first["size_bytes"] + second["size_bytes"]


def test_a_full_host_is_upgraded_downgraded_and_cleaned_in_one_plan(world: World) -> None:
    """One plan upgrades, downgrades and removes, with the EVRs before and after."""
    old = Rpm("up", "1-1"), Rpm("down", "3-1"), Rpm("gone", "1-1"), Rpm("same")
    base = world.repository("base", Rpm("up", "1-2"), Rpm("down", "2-1"), Rpm("same"))

    plan = planned(world, world.profile(["up", "down", "same"], [base]), world.root(*old))

    assert moves(plan) == [
        "downgrade down.noarch 3-1 -> 2-1",
        "remove gone.noarch 1-1",
        "upgrade up.noarch 1-1 -> 1-2",
    ]
    assert plan["changes"][1]["why"] == [{"kind": "not-in-profile", "ref": "", "via": ""}]
    assert (plan["changes"][1]["repo_id"], plan["changes"][1]["checksum"]) == ("", "")


def test_an_epoch_counts_more_than_a_version(world: World) -> None:
    """A smaller version with a larger epoch is an upgrade, and epoch 0 is the same as none."""
    base = world.repository("base", Rpm("app", "1:1-1"), Rpm("zero", "0:1-1"))
    root = world.root(Rpm("app", "9-1"), Rpm("zero", "1-1"))

    plan = planned(world, world.profile(["app", "zero"], [base]), root)

    assert moves(plan) == ["upgrade app.noarch 9-1 -> 1:1-1"]


def test_an_obsoleted_package_names_its_successor(world: World) -> None:
    """A package that a newcomer obsoletes goes as obsoleted, and says by which newcomer."""
    base = world.repository("base", Rpm("new", "2-1", obsoletes=("old < 2",)))

    plan = planned(world, world.profile(["new"], [base]), world.root(Rpm("old")))

    assert moves(plan) == ["install new.noarch 2-1", "obsolete old.noarch 1-1"]
    assert plan["changes"][1]["why"] == [{"kind": "obsoleted-by", "ref": "new-2-1.noarch", "via": ""}]


def test_a_change_of_arch_is_one_upgrade(world: World) -> None:
    """A package that changes from noarch to x86_64 is one upgrade, not a removal and an installation."""
    base = world.repository("base", Rpm("app", "2-1", arch="x86_64"))

    plan = planned(world, world.profile(["app"], [base]), world.root(Rpm("app", "1-1")))

    assert moves(plan) == ["upgrade app.x86_64 1-1 -> 2-1"]


def test_the_wrong_one_of_two_builds_is_removed(world: World) -> None:
    """Of two builds of one package that an interruption left behind, the wrong one goes and the right one stays."""
    base = world.repository("base", Rpm("app", "2-1"))

    plan = planned(world, world.profile(["app"], [base]), world.root(Rpm("app", "1-1"), Rpm("app", "2-1")))

    assert moves(plan) == ["remove app.noarch 1-1"]
    assert plan["changes"][0]["why"] == [{"kind": "duplicate", "ref": "app-2-1.noarch", "via": ""}]


def test_one_upgrade_replaces_two_older_builds(world: World) -> None:
    """Two older builds of one package are both replaced by one upgrade."""
    base = world.repository("base", Rpm("app", "3-1"))

    plan = planned(world, world.profile(["app"], [base]), world.root(Rpm("app", "1-1"), Rpm("app", "2-1")))

    assert moves(plan) == ["upgrade app.noarch 1-1, 2-1 -> 3-1"]


def test_a_host_as_the_profile_wants_it_has_nothing_to_do(world: World) -> None:
    """A host that is as its profile wants it has an empty plan, and `--check` ends with 0."""
    app = Rpm("app", requires=("lib",))
    base = world.repository("base", app, Rpm("lib"))

    profile, root = world.profile(["app"], [base]), world.root(app, Rpm("lib"))
    applied(world, profile, root)

    plan = planned(world, profile, root, "--check")

    assert (plan["changes"], plan["problems"], plan["download_bytes"]) == ([], [], 0)


def test_a_dependency_nobody_needs_any_more_goes(world: World) -> None:
    """A dependency that the new build no longer needs is removed, however it came there."""
    base = world.repository("base", Rpm("app", "2-1"), Rpm("lib"))
    root = world.root(Rpm("app", "1-1", requires=("lib",)), Rpm("lib"))

    plan = planned(world, world.profile(["app"], [base]), root)

    assert moves(plan) == ["upgrade app.noarch 1-1 -> 2-1", "remove lib.noarch 1-1"]


def test_the_installed_provider_does_not_decide(world: World) -> None:
    """The packages are a function of profile and repositories: what is installed does not decide on a provider."""
    alpha = Rpm("alpha-mta", provides=("mta",))
    zeta = Rpm("zeta-mta", provides=("mta",))
    base = world.repository("base", Rpm("app", requires=("mta",)), alpha, zeta)
    profile = world.profile(["app"], [base])

    empty = planned(world, profile, world.root())
    full = planned(world, profile, world.root(zeta, name="full"))

    chosen = {change["name"] for change in empty["changes"]} - {"app"}
    assert chosen == {"alpha-mta"}
    assert moves(full) == ["install alpha-mta.noarch 1-1", "install app.noarch 1-1", "remove zeta-mta.noarch 1-1"]


def test_weak_dependencies_come_unless_switched_off(world: World) -> None:
    """Recommended packages come with the reason, and stay away with policy.weak_deps off."""
    base = world.repository(
        "base",
        Rpm("app", recommends=("nice",), suggests=("never",)),
        Rpm("nice"),
        Rpm("never"),
        Rpm("plugin", supplements=("app",)),
    )
    root = world.root()
    off = {"software": {"components": {"yumbridge": {"policy": {"weak_deps": False}}}}}

    plan = planned(world, world.profile(["app"], [base]), root)
    without = planned(world, world.profile(["app"], [base], extra=off), root)

    assert [change["name"] for change in plan["changes"]] == ["app", "nice", "plugin"]
    assert plan["changes"][1]["why"][-1]["kind"] == "recommends"
    assert plan["changes"][2]["why"][-1] == {"kind": "supplements", "ref": "app-1-1.noarch", "via": "app"}
    assert [change["name"] for change in without["changes"]] == ["app"]


def test_a_rich_dependency_is_followed(world: World) -> None:
    """A conditional dependency counts when its condition is in the package list."""
    base = world.repository("base", Rpm("app", requires=("(glue if desktop)",)), Rpm("glue"), Rpm("desktop"))
    root = world.root()

    alone = planned(world, world.profile(["app"], [base]), root)
    both = planned(world, world.profile(["app", "desktop"], [base]), root)

    assert [change["name"] for change in alone["changes"]] == ["app"]
    assert [change["name"] for change in both["changes"]] == ["app", "desktop", "glue"]


def test_the_advertised_sizes_add_up(world: World) -> None:
    """The plan says how many bytes will be downloaded and how the disk will fill or empty."""
    base = world.repository("base", Rpm("app", "2-1", files={"/opt/app": "x" * 5000}))
    root = world.root(Rpm("app", files={"/opt/app": "x" * 2000}), Rpm("gone", files={"/opt/gone": "x" * 1000}))

    plan = planned(world, world.profile(["app"], [base]), root)

    assert plan["installed_bytes_change"] == 2000
    assert plan["download_bytes"] == plan["changes"][0]["size_bytes"]


def test_a_reboot_is_told_where_a_kernel_runs(world: World) -> None:
    """A change of glibc calls for a reboot of a host with a running kernel, and not of an image."""
    base = world.repository("base", Rpm("glibc", "2-1", arch="x86_64"))
    root = world.root(Rpm("glibc", "1-1", arch="x86_64"))
    profile = world.profile(["glibc"], [base])

    image = planned(world, profile, root)
    host = planned(world, profile, root, "--kernel-release", "5.14.0-1.el9.x86_64")

    assert image["reboot"] == {"needed_after": False, "because": []}
    assert host["reboot"] == {"needed_after": True, "because": ["glibc-2-1.x86_64"]}
    assert kept(host) == {}
