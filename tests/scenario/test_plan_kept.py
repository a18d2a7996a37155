"""What stays in spite of the profile, and why."""

from __future__ import annotations

from tests.support import tool
from tests.support.kernels import kernels
from tests.support.plans import kept, moves, planned
from tests.support.profiles import Json
from tests.support.rpms import Rpm
from tests.support.signing import SigningKey
from tests.support.world import World

OLD, RUNNING, NEWER, NEWEST = (f"5.14.0-{release}.el9" for release in (1, 2, 3, 4))


def policy(**keys: Json) -> dict[str, Json]:
    """Return the subtree of a profile that sets keys of the policy."""
    return {"software": {"components": {"yumbridge": {"policy": keys}}}}


def test_the_running_kernel_stays(world: World) -> None:
    """The kernel that --kernel-release names stays with everything made for it, though the profile is without it."""
    base = world.repository("base", *kernels(NEWEST), Rpm("app"))
    drivers = Rpm("kmod-net", requires=(f"kernel-uname-r = {RUNNING}.x86_64",))
    root = world.root(*kernels(OLD, RUNNING), drivers)

    plan = planned(world, world.profile(["app"], [base]), root, "--kernel-release", f"{RUNNING}.x86_64")

    running = {f"{name}-{RUNNING}.x86_64" for name in ("kernel", "kernel-core", "kernel-modules")}
    assert kept(plan) == dict.fromkeys({*running, drivers.nevra}, "running-kernel")
    assert [entry["rule"] for entry in plan["kept"]] == [f"{RUNNING}.x86_64"] * 4
    assert {change["before"][0] for change in plan["changes"] if change["action"] == "remove"} == {OLD}


def test_imported_keys_stay(world: World, signing_key: SigningKey) -> None:
    """A public key in the rpmdb stays: no profile lists keys. The text does not speak of it."""
    base = world.repository("base", Rpm("app"))
    root = world.root(Rpm("app"))
    tool.run("rpm", "--root", str(root.path), "--import", str(signing_key.public_key))
    profile = world.profile(["app"], [base])

    ((nevra, reason),) = kept(planned(world, profile, root)).items()

    assert (nevra.startswith("gpg-pubkey-"), reason) == (True, "gpg-pubkey")
    assert "gpg-pubkey" not in world.run("plan", profile, "--root", root.path).stdout


def test_no_kernel_runs_in_an_image(world: World) -> None:
    """A root that is not / has no running kernel unless one is named: an unlisted kernel goes."""
    base = world.repository("base", Rpm("app"))

    plan = planned(world, world.profile(["app"], [base]), world.root(*kernels(RUNNING)))

    assert kept(plan) == {}
    assert len([change for change in plan["changes"] if change["action"] == "remove"]) == 3


def test_older_kernels_stay_within_the_limit(world: World) -> None:
    """Older kernels stay beside the new one, the newest first, as many as installonly_limit allows."""
    base = world.repository("base", *kernels(NEWEST))
    root = world.root(*kernels(OLD, RUNNING, NEWER))

    three = planned(world, world.profile(["kernel"], [base]), root)
    two = planned(world, world.profile(["kernel"], [base], spma={"main_options": {"installonly_limit": 2}}), root)
    any_number = planned(
        world, world.profile(["kernel"], [base], spma={"main_options": {"installonly_limit": 0}}), root
    )

    def cores(plan: object) -> dict[str, str]:
        return {nevra: reason for nevra, reason in kept(plan).items() if nevra.startswith("kernel-core")}

    assert cores(three) == {f"kernel-core-{evr}.x86_64": "installonly-limit" for evr in (RUNNING, NEWER)}
    assert cores(two) == {f"kernel-core-{NEWER}.x86_64": "installonly-limit"}
    assert len(cores(any_number)) == 3
    assert three["kept"][0]["rule"] == "installonly_limit 3"


def test_a_listed_kernel_is_not_a_victim_of_the_limit(world: World) -> None:
    """Kernels that the profile lists are all installed, though they are more than installonly_limit."""
    builds = (OLD, RUNNING, NEWER, NEWEST)
    base = world.repository("base", *kernels(*builds))
    profile = world.profile(
        {"kernel": {evr: {"x86_64": ""} for evr in builds}}, [base], spma={"main_options": {"installonly_limit": 2}}
    )

    plan = planned(world, profile, world.root(*kernels(OLD)))

    assert {change["action"] for change in plan["changes"]} == {"install"}
    assert len(plan["changes"]) == 9


def test_protected_packages_stay(world: World) -> None:
    """Packages that configuration, profile or the root's protected.d protect stay, and so do dnf and the bridge."""
    base = world.repository("base", Rpm("app"))
    names = ("by-config", "by-profile-1", "by-root", "dnf", "yumbridge", "nobody")
    root = world.root(*(Rpm(name) for name in names))
    root.write("etc/dnf/protected.d/site.conf", "# ours\nby-root\n")
    config = world.path / "config.yaml"
    config.write_text("policy: {protected: [by-config]}\n", encoding="utf-8")
    profile = world.profile(["app"], [base], extra=policy(protected=["by-profile-*"]))

    plan = planned(world, profile, root, "--config", config)

    assert {entry["nevra"]: (entry["reason"], entry["rule"]) for entry in plan["kept"]} == {
        "by-config-1-1.noarch": ("protected", "by-config"),
        "by-profile-1-1-1.noarch": ("protected", "by-profile-*"),
        "by-root-1-1.noarch": ("protected", "by-root"),
        "dnf-1-1.noarch": ("protected", "dnf"),
        "yumbridge-1-1.noarch": ("protected", "yumbridge"),
    }
    assert moves(plan) == ["install app.noarch 1-1", "remove nobody.noarch 1-1"]


def test_a_protected_package_is_still_upgraded(world: World) -> None:
    """Protection is from removal: a listed package is upgraded as any other."""
    base = world.repository("base", Rpm("ssh", "2-1"))
    profile = world.profile(["ssh"], [base], extra=policy(protected=["ssh"]))

    assert moves(planned(world, profile, world.root(Rpm("ssh", "1-1")))) == ["upgrade ssh.noarch 1-1 -> 2-1"]


def test_the_whitelist_matches_by_prefix_and_by_glob(world: World) -> None:
    """Entries of the whitelist are prefixes or globs of name-version-release.arch, in the profile and the policy."""
    base = world.repository("base", Rpm("app"))
    root = world.root(Rpm("hp-tool"), Rpm("tool-hp", "3-1"), Rpm("exact", "1-1"), Rpm("exact-not", "2-1"), Rpm("gone"))
    profile = world.profile(
        ["app"], [base], spma={"whitelist": ["hp-", "*-hp-3-*"]}, extra=policy(whitelist=["exact-1-1.noarch"])
    )

    plan = planned(world, profile, root)

    assert {entry["nevra"]: entry["rule"] for entry in plan["kept"]} == {
        "exact-1-1.noarch": "exact-1-1.noarch",
        "hp-tool-1-1.noarch": "hp-",
        "tool-hp-3-1.noarch": "*-hp-3-*",
    }
    assert {entry["reason"] for entry in plan["kept"]} == {"whitelist"}


def test_user_packages_stay_only_when_told(world: World) -> None:
    """With userpkgs what the profile does not list stays, without it goes."""
    base = world.repository("base", Rpm("app"))
    root = world.root(Rpm("mine"), Rpm("mine-too", "1:2-1"))

    with_them = planned(world, world.profile(["app"], [base], spma={"userpkgs": "yes"}), root)
    without = planned(world, world.profile(["app"], [base]), root)

    assert kept(with_them) == dict.fromkeys(("mine-1-1.noarch", "mine-too-1:2-1.noarch"), "user-package")
    assert kept(without) == {}
    assert moves(without)[1:] == ["remove mine.noarch 1-1", "remove mine-too.noarch 1:2-1"]


def test_what_a_kept_package_needs_stays(world: World) -> None:
    """What a kept package needs, directly or not, stays as required-by-kept, and the rule names who needs it."""
    base = world.repository("base", Rpm("app"))
    root = world.root(
        Rpm("hp-tool", requires=("hidden-lib",)),
        Rpm("lib", provides=("hidden-lib",), requires=("deep",)),
        Rpm("deep"),
        Rpm("free"),
    )
    profile = world.profile(["app"], [base], spma={"whitelist": ["hp-"]})

    plan = planned(world, profile, root)

    assert kept(plan) == {
        "deep-1-1.noarch": "required-by-kept",
        "hp-tool-1-1.noarch": "whitelist",
        "lib-1-1.noarch": "required-by-kept",
    }
    assert moves(plan) == ["install app.noarch 1-1", "remove free.noarch 1-1"]
    assert "hp-tool-1-1.noarch" in next(entry["rule"] for entry in plan["kept"] if entry["nevra"].startswith("lib"))


def test_a_kept_package_does_not_hold_what_the_profile_replaces(world: World) -> None:
    """A kept package that needs an old build which the profile upgrades is a problem, not a silent removal."""
    base = world.repository("base", Rpm("lib", "2-1"))
    root = world.root(Rpm("hp-tool", requires=("lib = 1",)), Rpm("lib", "1-1"))
    profile = world.profile(["lib"], [base], spma={"whitelist": ["hp-"]})

    plan = planned(world, profile, root, code=12)

    assert [problem["kind"] for problem in plan["problems"]] == ["kept-conflict"]
    assert "hp-tool-1-1.noarch" in plan["problems"][0]["text"]


def test_the_first_reason_is_the_one_told(world: World) -> None:
    """Of several reasons to keep a package the one that stands first in the documentation is told."""
    base = world.repository("base", Rpm("app"))
    profile = world.profile(["app"], [base], spma={"userpkgs": "yes", "whitelist": ["mine"]})
    protecting = world.profile(
        ["app"], [base], spma={"whitelist": ["mine"]}, extra=policy(protected=["mine"]), name="p.json"
    )
    root = world.root(Rpm("mine"))

    assert kept(planned(world, profile, root)) == {"mine-1-1.noarch": "whitelist"}
    assert kept(planned(world, protecting, root)) == {"mine-1-1.noarch": "protected"}


def test_a_protected_package_may_be_obsoleted_only_with_a_problem(world: World) -> None:
    """A newcomer that obsoletes a protected package is a problem that names both."""
    base = world.repository("base", Rpm("new", obsoletes=("ssh",)))
    profile = world.profile(["new"], [base], extra=policy(protected=["ssh"]))

    plan = planned(world, profile, world.root(Rpm("ssh")), code=12)

    assert [problem["kind"] for problem in plan["problems"]] == ["kept-conflict"]
    assert "new-1-1.noarch obsoletes ssh-1-1.noarch" in plan["problems"][0]["text"]
