"""What the forms of /software/packages mean."""

from __future__ import annotations

import json

import pytest

from tests.support.kernels import kernels
from tests.support.plans import moves, notes, planned, problems
from tests.support.profiles import Json, Packages
from tests.support.rpms import Rpm
from tests.support.world import World

BUILDS = tuple(Rpm("app", evr) for evr in ("1.0-1", "1.0-2", "1.9-1", "1:1.5-1"))


@pytest.mark.parametrize(
    ("version", "chosen"),
    [
        ("", "1:1.5-1"),
        ("*", "1:1.5-1"),
        ("1.0", "1.0-2"),
        ("1.0-1", "1.0-1"),
        ("1.*", "1:1.5-1"),
        ("1.0-*", "1.0-2"),
        ("1.?-1", "1:1.5-1"),
        ("0:1.*", "1.9-1"),
        ("0:*", "1.9-1"),
        ("1:1.5", "1:1.5-1"),
        ("1.5-1", "1:1.5-1"),
    ],
)
def test_a_version_is_pinned(world: World, version: str, chosen: str) -> None:
    """A version may be bare, with release, with epoch or a glob, and the newest build that matches is meant."""
    base = world.repository("base", *BUILDS)
    profile = world.profile({"app": {version: {"noarch": ""}}}, [base])

    assert moves(planned(world, profile, world.root())) == [f"install app.noarch {chosen}"]


@pytest.mark.parametrize(
    "versions", [{}, {"": {}}, {"": {"": ""}}, {"*": {}}], ids=["empty", "version", "yumng", "glob"]
)
def test_every_way_to_leave_the_version_open_is_the_same(world: World, versions: dict[str, dict[str, str]]) -> None:
    """An empty entry, an empty version and the `_` forms of yumng all ask for the newest build."""
    base = world.repository("base", *BUILDS)

    plan = planned(world, world.profile({"app": versions}, [base]), world.root())

    assert moves(plan) == ["install app.noarch 1:1.5-1"]


@pytest.mark.parametrize("fields", [{}, {"arch": {}}, {"arch": {"_": ""}}], ids=["empty", "no-arch", "yumng"])
def test_a_version_without_an_arch_is_for_the_best_one(world: World, fields: Json) -> None:
    """A version without an arch, which ncm-spma drops in silence, pins the version for the host's best arch."""
    builds = (Rpm("lib", evr, arch=arch) for evr in ("1-1", "2-1") for arch in ("i686", "x86_64"))
    base = world.repository("base", *builds)
    extra: dict[str, Json] = {"software": {"packages": {"lib": {"_31_2d1": fields}}}}

    outcome = world.run("plan", world.profile([], [base], extra=extra), "--root", world.root().path, "--json")

    assert moves(outcome.json()) == ["install lib.x86_64 1-1"]
    assert ("ncm-spma drops a version without arch" in outcome.stderr) is (fields != {"arch": {"_": ""}})


def test_the_best_arch_of_the_host_is_meant(world: World) -> None:
    """Without an arch the host's best one is meant, even when another arch has a newer build."""
    base = world.repository("base", Rpm("lib", "1-1", arch="x86_64"), Rpm("lib", "2-1", arch="i686"))

    plan = planned(world, world.profile(["lib"], [base]), world.root())

    assert moves(plan) == ["install lib.x86_64 1-1"]


def test_an_arch_is_pinned(world: World) -> None:
    """An arch under a version pins it, and several arches are all wanted."""
    both = tuple(Rpm("lib", "1-1", arch=arch) for arch in ("x86_64", "i686"))
    base = world.repository("base", *both, *(Rpm("tool", "1-1", arch=arch) for arch in ("x86_64", "i686")))
    wanted: Packages = {"lib": {"1-1": {"x86_64": "", "i686": ""}}, "tool": {"1-1": {"i686": ""}}}

    plan = planned(world, world.profile(wanted, [base]), world.root())

    assert moves(plan) == ["install lib.i686 1-1", "install lib.x86_64 1-1", "install tool.i686 1-1"]


def test_a_name_with_an_arch_is_an_arch_pin(world: World) -> None:
    """A `name.arch` pins the arch, unless a package bears the whole as its name."""
    base = world.repository(
        "base",
        Rpm("lib", arch="i686"),
        Rpm("lib", arch="x86_64"),
        Rpm("odd.i686", arch="x86_64"),
        Rpm("odd", arch="i686"),
    )

    plan = planned(world, world.profile(["lib.i686", "odd.i686"], [base]), world.root())

    assert moves(plan) == ["install lib.i686 1-1", "install odd.i686.x86_64 1-1"]


def test_one_version_is_the_same_for_every_arch(world: World) -> None:
    """A name wanted for two arches comes in one EVR for both, the newest that both have."""
    base = world.repository(
        "base", Rpm("lib", "1-1", arch="x86_64"), Rpm("lib", "2-1", arch="x86_64"), Rpm("lib", "1-1", arch="i686")
    )
    wanted: Packages = {"lib": {"*": {"x86_64": "", "i686": ""}}}

    plan = planned(world, world.profile(wanted, [base]), world.root())

    assert moves(plan) == ["install lib.i686 1-1", "install lib.x86_64 1-1"]


def test_arches_that_would_differ_are_a_problem(world: World) -> None:
    """A dependency on another version of a listed library, for the second arch, is a problem."""
    base = world.repository(
        "base",
        Rpm("lib", "1-1", arch="i686", provides=("lib-of-old",)),
        Rpm("lib", "2-1", arch="x86_64"),
        Rpm("old", requires=("lib-of-old",), arch="i686"),
    )

    plan = planned(world, world.profile(["lib", "old.i686"], [base]), world.root(), code=12)

    assert problems(plan) == [("unsolvable", "old.i686", "/software/packages/old_2ei686")]


def test_both_arches_of_a_library_have_a_reason(world: World) -> None:
    """A library that comes for the second arch brings its other arch along, and each of them says why it comes."""
    base = world.repository(
        "base",
        Rpm("lib", arch="i686", provides=("lib-32",)),
        Rpm("lib", arch="x86_64", requires=("deep",)),
        Rpm("deep"),
        Rpm("old", requires=("lib-32",), arch="i686"),
    )

    plan = planned(world, world.profile({"old": {"*": {"i686": ""}}}, [base]), world.root())

    assert moves(plan) == [
        "install deep.noarch 1-1",
        "install lib.i686 1-1",
        "install lib.x86_64 1-1",
        "install old.i686 1-1",
    ]
    assert [change["why"][-1]["kind"] for change in plan["changes"]] == [
        "requires",
        "requires",
        "same-name",
        "profile",
    ]


@pytest.mark.parametrize(
    ("version", "arch", "chosen"), [("*", "i686", "2-1"), ("1-*", "i686", "1-1"), ("", "i686", "2-1")]
)
def test_a_glob_of_versions_may_be_for_one_arch(world: World, version: str, arch: str, chosen: str) -> None:
    """A version that is a glob, or open, takes the newest build of the arch below it, also beside the best arch."""
    base = world.repository("base", *(Rpm("lib", evr, arch=a) for evr in ("1-1", "2-1") for a in ("i686", "x86_64")))
    wanted: Packages = {"lib": {version: {arch: ""}}}

    assert moves(planned(world, world.profile(wanted, [base]), world.root())) == [f"install lib.i686 {chosen}"]


def test_a_glob_of_names_takes_every_match(world: World) -> None:
    """A name with a glob asks for every package that matches, and passes over those without the version."""
    base = world.repository(
        "base", Rpm("app-one"), Rpm("app-two", "2-1"), Rpm("app-two", "1-1"), Rpm("app-three", "3-1"), Rpm("lib")
    )
    root = world.root()

    every = planned(world, world.profile(["app-*"], [base]), root)
    versioned = planned(world, world.profile({"app-*": {"1-1": {}}}, [base]), root)

    assert moves(every) == ["install app-one.noarch 1-1", "install app-three.noarch 3-1", "install app-two.noarch 2-1"]
    assert moves(versioned) == ["install app-one.noarch 1-1", "install app-two.noarch 1-1"]


def test_a_glob_of_names_may_be_for_one_arch(world: World) -> None:
    """A name with a glob and an arch asks for that arch of every match, and passes over names that lack it."""
    both = (Rpm(f"lib-{name}", arch=arch) for name in ("a", "b") for arch in ("i686", "x86_64"))
    base = world.repository("base", *both, Rpm("lib-c", arch="x86_64"))

    plan = planned(world, world.profile({"lib-*": {"*": {"i686": ""}}}, [base]), world.root())

    assert moves(plan) == ["install lib-a.i686 1-1", "install lib-b.i686 1-1"]


def test_a_specific_entry_beats_a_glob(world: World) -> None:
    """A name with a version is left alone by a glob that covers it too."""
    base = world.repository("base", *(Rpm(f"app-{name}", evr) for name in ("one", "two") for evr in ("1-1", "2-1")))
    wanted: Packages = {"app-*": {}, "app-one": {"1-1": {}}}

    plan = planned(world, world.profile(wanted, [base]), world.root())

    assert moves(plan) == ["install app-one.noarch 1-1", "install app-two.noarch 2-1"]


def test_a_versioned_entry_beats_an_unversioned_one(world: World) -> None:
    """Of an entry with a version and one without, for the same name, the version counts."""
    base = world.repository("base", *BUILDS)
    wanted: Packages = {"app": {"": {"": ""}, "1.0-1": {"noarch": ""}}}

    assert moves(planned(world, world.profile(wanted, [base]), world.root())) == ["install app.noarch 1.0-1"]


def test_two_versions_of_one_package_are_a_problem(world: World) -> None:
    """Two versions of a package of which a host holds one are a problem of both entries."""
    base = world.repository("base", *BUILDS)
    wanted: Packages = {"app": {"1.0-1": {}, "1.9-1": {}}}

    plan = planned(world, world.profile(wanted, [base]), world.root(), code=12)

    assert problems(plan) == [
        ("conflicting-versions", "app-1.0-1", "/software/packages/app/_31_2e0_2d1"),
        ("conflicting-versions", "app-1.9-1", "/software/packages/app/_31_2e9_2d1"),
    ]


def test_two_kernels_are_wanted_side_by_side(world: World) -> None:
    """Two versions of an installonly package are both installed, with everything made for each of them."""
    base = world.repository("base", *kernels("5.14.0-1.el9", "5.14.0-2.el9", "5.14.0-3.el9"))
    wanted: Packages = {"kernel": {"5.14.0-1.el9": {"x86_64": ""}, "5.14.0-2.el9": {"x86_64": ""}}}

    plan = planned(world, world.profile(wanted, [base]), world.root())

    assert len(plan["changes"]) == 6
    assert {change["after"][0] for change in plan["changes"]} == {"5.14.0-1.el9", "5.14.0-2.el9"}


def test_a_package_comes_from_the_repository_it_names(world: World) -> None:
    """An entry that names a repository of the profile is served by that one, though another has a newer build."""
    stable = world.repository("stable", Rpm("app", "1-1"))
    testing = world.repository("testing", Rpm("app", "2-1"))
    wanted: Packages = {"app": {"*": {"noarch": "stable"}}}

    plan = planned(world, world.profile(wanted, [stable, testing]), world.root())

    assert [(change["name"], change["repo_id"]) for change in plan["changes"]] == [("app", "stable")]


def test_an_unknown_repository_name_is_a_warning(world: World) -> None:
    """An entry that names a repository which the profile lacks is served by any, with a warning."""
    base = world.repository("base", Rpm("app"))
    profile = world.profile({"app": {"1-1": {"noarch": "leftover"}}}, [base])

    outcome = world.run("plan", profile, "--root", world.root().path)

    assert outcome.code == 0
    assert outcome.stderr == (
        "warning: /software/packages/app/_31_2d1/arch/noarch: no repository 'leftover': any may serve the package\n"
    )


def test_a_name_nobody_bears_is_met_by_a_provider(world: World) -> None:
    """A name that no package bears is met by a package that provides it, with a note."""
    base = world.repository("base", Rpm("vim-enhanced", provides=("vim",)))

    plan = planned(world, world.profile(["vim"], [base]), world.root())

    assert moves(plan) == ["install vim-enhanced.noarch 1-1"]
    assert plan["changes"][0]["why"] == [{"kind": "profile", "ref": "/software/packages/vim", "via": "vim-enhanced"}]
    assert notes(plan) == [("provided-by", "vim-enhanced-1-1.noarch")]
    assert plan["notes"][0]["text"] == "vim is provided by vim-enhanced"


def test_a_package_of_the_name_is_preferred_to_a_provider(world: World) -> None:
    """A package of the listed name is taken although others provide that name too."""
    base = world.repository("base", Rpm("aaa", "9-1", provides=("vim",)), Rpm("vim"))

    plan = planned(world, world.profile(["vim"], [base]), world.root())

    assert (moves(plan), notes(plan)) == (["install vim.noarch 1-1"], [])


@pytest.mark.parametrize(("process_obsoletes", "chosen"), [(False, "old"), (True, "new")])
def test_an_obsoleter_meets_a_name_only_when_asked(world: World, process_obsoletes: bool, chosen: str) -> None:
    """An obsoleter meets the name that it obsoletes only with process_obsoletes, as `dnf install` does."""
    base = world.repository("base", Rpm("old"), Rpm("new", "2-1", obsoletes=("old < 2",)))
    profile = world.profile(["old"], [base], spma={"process_obsoletes": process_obsoletes})

    plan = planned(world, profile, world.root())

    assert [change["name"] for change in plan["changes"]] == [chosen]


def test_a_plan_for_another_arch(world: World) -> None:
    """With --arch the plan is for another machine: i686 packages on an x86_64 planner."""
    base = world.repository("base", Rpm("lib", arch="i686"), Rpm("lib", arch="x86_64"), Rpm("doc"))

    plan = planned(world, world.profile(["lib", "doc"], [base]), world.root(), "--arch", "i686")

    assert moves(plan) == ["install doc.noarch 1-1", "install lib.i686 1-1"]
    assert (plan["host"]["arch"], plan["host"]["basearch"]) == ("i686", "i386")


@pytest.mark.parametrize("suffix", ["json.gz", "xml"])
def test_every_form_of_a_profile_gives_the_same_plan(world: World, suffix: str) -> None:
    """A gzipped profile and pan's XML give the changes that the plain JSON gives."""
    base = world.repository("base", *BUILDS, Rpm("libstdc++", "11.2-1"))
    wanted: Packages = {"app": {"1.0": {"noarch": ""}}, "libstdc++": {}}
    root = world.root()

    plain = planned(world, world.profile(wanted, [base]), root)
    other = planned(world, world.profile(wanted, [base], name=f"profile.{suffix}"), root)

    assert other["changes"] == plain["changes"]
    assert len(plain["changes"]) == 2


def test_the_software_part_alone_is_a_profile(world: World) -> None:
    """The /software subtree of a profile, with or without its own key, gives the plan of the whole."""
    base = world.repository("base", Rpm("app"))
    whole = world.profile(["app"], [base], extra={"hardware": {"ram": []}, "system": {"network": {}}})
    part = world.path / "part.json"
    part.write_text(json.dumps(json.loads(whole.read_text(encoding="utf-8"))["software"]), encoding="utf-8")
    root = world.root()

    assert planned(world, part, root)["changes"] == planned(world, whole, root)["changes"]
