"""What a plan says of the impossible."""

from __future__ import annotations

from tests.support.plans import kept, moves, notes, planned, problems
from tests.support.profiles import Json, Packages, repository_entry
from tests.support.rpms import Rpm
from tests.support.world import World


def policy(**keys: Json) -> dict[str, Json]:
    """Return the subtree of a profile that sets keys of the policy."""
    return {"software": {"components": {"yumbridge": {"policy": keys}}}}


def test_everything_missing_is_told_at_once(world: World) -> None:
    """Names, versions, arches and globs that nothing meets are all told at once, each with its profile path."""
    base = world.repository("base", Rpm("app", "1-1", arch="x86_64"), Rpm("app", "2-1", arch="x86_64"), Rpm("good"))
    wanted: Packages = {
        "absent": {},
        "7zip": {"*": {"x86_64": ""}},
        "app": {"3-1": {"x86_64": ""}},
        "good": {"1-1": {"x86_64": ""}},
        "none-*": {},
    }

    plan = planned(world, world.profile(wanted, [base]), world.root(), code=12)

    assert problems(plan) == [
        ("not-found", "7zip-*.x86_64", "/software/packages/_37zip/_2a/arch/x86_64"),
        ("not-found", "absent", "/software/packages/absent"),
        ("not-found", "app-3-1.x86_64", "/software/packages/app/_33_2d1/arch/x86_64"),
        ("not-found", "good-1-1.x86_64", "/software/packages/good/_31_2d1/arch/x86_64"),
        ("not-found", "none-*", "/software/packages/none_2d_2a"),
    ]
    texts = [problem["text"] for problem in plan["problems"]]
    assert texts == [
        "no package is named 7zip",
        "no package is named absent, and none provides it",
        "no app 3-1; there is 1-1, 2-1",
        "no good-1-1 for x86_64; there is noarch",
        "no package name matches none-*",
    ]


def test_problems_leave_the_rest_of_the_plan(world: World) -> None:
    """With problems the plan still says what it can, and the installed build of what is missing is not removed."""
    base = world.repository("base", Rpm("app", "2-1"))
    root = world.root(Rpm("app", "1-1"), Rpm("missing"), Rpm("gone"))

    plan = planned(world, world.profile(["app", "missing"], [base]), root, code=12)

    assert moves(plan) == ["upgrade app.noarch 1-1 -> 2-1", "remove gone.noarch 1-1"]
    assert kept(plan) == {}


def test_the_newest_build_that_cannot_be_installed_is_a_note(world: World) -> None:
    """A listed package whose newest build cannot be installed comes in an older one, with a note that says why."""
    base = world.repository("base", Rpm("app", "1-1"), Rpm("app", "2-1", requires=("nowhere",)))

    plan = planned(world, world.profile(["app"], [base]), world.root())

    assert moves(plan) == ["install app.noarch 1-1"]
    assert notes(plan) == [("not-newest", "app-2-1.noarch")]
    text = plan["notes"][0]["text"]
    assert text.startswith("app: app-2-1.noarch was passed over: ")
    assert text.endswith(": app-2-1.noarch needs nowhere, which no package provides")


def test_best_makes_an_older_build_a_problem(world: World) -> None:
    """With main_options best = 1 a newest build that cannot be installed is a problem."""
    base = world.repository("base", Rpm("app", "1-1"), Rpm("app", "2-1", requires=("nowhere",)))
    profile = world.profile(["app"], [base], spma={"main_options": {"best": True}})

    plan = planned(world, profile, world.root(), code=12)

    assert problems(plan) == [("unsolvable", "app", "/software/packages/app")]
    assert plan["problems"][0]["text"] == ("app cannot be met: app-2-1.noarch needs nowhere, which no package provides")
    assert plan["changes"] == []


def test_what_cannot_be_solved_is_told_in_plain_words(world: World) -> None:
    """Independent contradictions are all told in plain words, each with the lines of the profile that clash."""
    base = world.repository(
        "base",
        Rpm("app", requires=("missing-lib >= 3",)),
        Rpm("left", conflicts=("right",)),
        Rpm("right"),
        Rpm("fine"),
    )

    plan = planned(world, world.profile(["app", "left", "right", "fine"], [base]), world.root(), code=12)

    assert [(kind, origin) for kind, _, origin in problems(plan)] == [
        ("unsolvable", "/software/packages/app"),
        ("unsolvable", "/software/packages/left"),
    ]
    app, left = (problem["text"] for problem in plan["problems"])
    assert app == "app cannot be met: app-1-1.noarch needs missing-lib >= 3, which no package provides"
    assert left.startswith("left and right cannot both be met: left-1-1.noarch conflicts with right-1-1.noarch; ")
    assert left.endswith("right is listed at /software/packages/right")


def test_an_excluded_package_is_a_problem_of_its_own_kind(world: World) -> None:
    """A listed package that the profile also excludes is a problem that says so, whichever option excludes it."""
    base = world.repository("base", Rpm("app"), Rpm("lib"), Rpm("tool"), Rpm("fine"))
    entry = repository_entry(base, excludepkgs=["tool*"])
    profile = world.profile(
        ["app", "lib", "tool", "fine"], [entry], spma={"main_options": {"exclude": ["app"]}, "excludes": ["lib"]}
    )

    plan = planned(world, profile, world.root(), code=12)

    assert [kind for kind, _, _ in problems(plan)] == ["excluded"] * 3
    assert [problem["text"] for problem in plan["problems"]] == [
        "app is excluded",
        "lib is excluded",
        "tool is excluded",
    ]


def test_an_excluded_build_is_not_planned(world: World) -> None:
    """A glob of excludes keeps single builds away, and an installed build of them goes back."""
    base = world.repository("base", Rpm("app", "1-1"), Rpm("app", "2-1"))
    profile = world.profile(["app"], [base], spma={"excludes": ["app-2*"]})

    plan = planned(world, profile, world.root(Rpm("app", "2-1")))

    assert moves(plan) == ["downgrade app.noarch 2-1 -> 1-1"]


def test_only_included_packages_of_a_repository_are_seen(world: World) -> None:
    """With includepkgs a repository offers nothing else."""
    base = world.repository("base", Rpm("app", "1-1"))
    extras = world.repository("extras", Rpm("app", "2-1"), Rpm("tool"))
    entry = repository_entry(extras, includepkgs=["tool"])

    plan = planned(world, world.profile(["app", "tool"], [base, entry]), world.root())

    assert moves(plan) == ["install app.noarch 1-1", "install tool.noarch 1-1"]


def test_an_unwanted_package_goes_whatever_brought_it(world: World) -> None:
    """An unwanted package is removed, also where user packages stay, and recommendations do not bring it back."""
    base = world.repository("base", Rpm("app", recommends=("telnet",)), Rpm("telnet"))
    root = world.root(Rpm("telnet"), Rpm("mine"))
    profile = world.profile(["app"], [base], spma={"userpkgs": "yes"}, extra=policy(unwanted=["telnet"]))

    plan = planned(world, profile, root)

    assert moves(plan) == ["install app.noarch 1-1", "remove telnet.noarch 1-1"]
    assert kept(plan) == {"mine-1-1.noarch": "user-package"}


def test_an_unwanted_package_that_is_needed_is_a_problem(world: World) -> None:
    """An unwanted package that something listed needs, or that is listed itself, is a problem."""
    base = world.repository("base", Rpm("app", requires=("telnet",)), Rpm("telnet"), Rpm("rsh"))
    profile = world.profile(["app", "rsh"], [base], extra=policy(unwanted=["telnet", "rsh"]))

    plan = planned(world, profile, world.root(), code=12)

    assert [(kind, origin) for kind, _, origin in problems(plan)] == [
        ("unsolvable", "/software/packages/app"),
        ("excluded", "/software/packages/rsh"),
    ]
    assert plan["problems"][1]["text"] == "rsh is unwanted"


def test_a_kept_package_that_conflicts_is_a_problem(world: World) -> None:
    """A user package that conflicts with the profile is a problem that names both."""
    base = world.repository("base", Rpm("lib", "2-1"))
    root = world.root(Rpm("mine", conflicts=("lib >= 2",)))
    profile = world.profile(["lib"], [base], spma={"userpkgs": "yes"})

    plan = planned(world, profile, root, code=12)

    assert [kind for kind, _, _ in problems(plan)] == ["kept-conflict"]
    assert plan["problems"][0]["text"] == (
        "mine-1-1.noarch conflicts with lib >= 2, which lib-2-1.noarch provides; mine-1-1.noarch is installed and stays"
    )


def test_a_kept_arch_of_another_version_is_a_problem(world: World) -> None:
    """A kept i686 library beside a new x86_64 one of another version is a problem: their files would conflict."""
    base = world.repository("base", Rpm("lib", "2-1", arch="x86_64"))
    root = world.root(Rpm("lib", "1-1", arch="x86_64"), Rpm("lib", "1-1", arch="i686"))
    profile = world.profile(["lib"], [base], spma={"userpkgs": "yes"})

    plan = planned(world, profile, root, code=12)

    assert "kept-conflict" in {kind for kind, _, _ in problems(plan)}


def test_an_empty_package_list_is_refused(world: World) -> None:
    """A profile that lists no package is refused: it would mean to remove everything."""
    base = world.repository("base", Rpm("app"))

    outcome = world.run("plan", world.profile([], [base]), "--root", world.root(Rpm("app")).path, "--json")

    assert outcome.code == 10
    assert outcome.json()["kind"] == "empty-package-list"
    assert outcome.stderr == "yumbridge: profile lists no packages: it would mean to remove everything\n"


def test_a_problem_outranks_pending_changes(world: World) -> None:
    """With --check a plan that has problems ends with 12, not with 100."""
    base = world.repository("base", Rpm("app"))

    planned(world, world.profile(["app", "absent"], [base]), world.root(), "--check", code=12)


def test_a_group_that_no_repository_has_is_a_problem(world: World) -> None:
    """An entry `@name` that is no group of any repository is a problem with its profile path."""
    base = world.repository("base", Rpm("app"))

    plan = planned(world, world.profile(["app", "@core"], [base]), world.root(), code=12)

    assert problems(plan) == [("not-found", "@core", "/software/packages/_40core")]
