"""What apply does."""

from __future__ import annotations

import json

import pytest

from tests.support.dnf import dnf
from tests.support.kernels import kernels
from tests.support.plans import applied, moves, planned
from tests.support.profiles import Json, repository_entry
from tests.support.rpms import Rpm
from tests.support.signing import SigningKey
from tests.support.terminal import run_on_terminal
from tests.support.tool import Outcome
from tests.support.trees import READERS_TRACES, Tree
from tests.support.world import World

# What a run writes of its own, and what reading an rpmdb leaves.
OWN = (*READERS_TRACES, "/var/cache/*", "/var/lib/yumbridge*")


def policy(**keys: Json) -> dict[str, Json]:
    """Return the subtree of a profile that sets keys of the policy."""
    return {"software": {"components": {"yumbridge": {"policy": keys}}}}


def test_an_empty_root_is_filled(world: World) -> None:
    """An empty root gets exactly the planned packages, and after that nothing is left to do."""
    base = world.repository("base", Rpm("app", "1:2-1", requires=("lib",), files={"/opt/app": "hello"}), Rpm("lib"))
    profile = world.profile(["app"], [base])
    root = world.root()

    report = applied(world, profile, root)

    assert (report["outcome"], report["changes"], report["errors"], report["differences"]) == ("as-planned", 2, [], [])
    assert root.installed() == {"app-1:2-1.noarch", "lib-1-1.noarch"}
    assert (root.path / "opt/app").read_text(encoding="utf-8") == "hello"
    assert root.reasons() == {"app-1:2-1.noarch": "user", "lib-1-1.noarch": "dependency"}
    planned(world, profile, root, "--check", code=0)


def test_every_kind_of_change_is_carried_out(world: World) -> None:
    """Installs, upgrades, downgrades, removals, obsoletes and changes of arch are carried out in one transaction."""
    root = world.root(
        Rpm("up", "1-1"), Rpm("down", "2-1"), Rpm("gone"), Rpm("old"), Rpm("moved", "1-1"), Rpm("twice", "1-1"),
        Rpm("twice", "2-1"),
    )  # fmt: skip
    base = world.repository(
        "base",
        Rpm("up", "2-1"),
        Rpm("down", "1-1"),
        Rpm("new", obsoletes=("old",)),
        Rpm("moved", "2-1", arch="x86_64"),
        Rpm("twice", "2-1"),
        *kernels("5.14.0-1.el9", "5.14.0-2.el9"),
    )
    wanted = {name: {"": {"": ""}} for name in ("up", "down", "new", "moved", "twice")}
    profile = world.profile({**wanted, "kernel": {"5.14.0-1.el9": {}, "5.14.0-2.el9": {}}}, [base])

    report = applied(world, profile, root)

    assert report["outcome"] == "as-planned"
    assert root.installed() == {rpm.nevra for rpm in base.rpms}
    planned(world, profile, root, "--check", code=0)


def test_packages_come_over_http(world: World) -> None:
    """Packages of an http:// repository are downloaded, verified, installed, and not kept in the cache."""
    rpm = Rpm("app")
    base = world.repository("base", rpm)
    root = world.root()

    with world.serving() as server:
        applied(world, world.profile(["app"], [base.at(server.url)]), root)
        assert f"/base/Packages/{rpm.filename}" in server.paths

    assert root.installed() == {rpm.nevra}
    assert list(root.path.rglob("*.rpm")) == []


def test_nothing_to_do_is_said_and_changes_nothing(world: World) -> None:
    """A host that is as its profile wants it is left alone: the outcome is nothing-to-do."""
    base = world.repository("base", Rpm("app"))
    profile = world.profile(["app"], [base])
    root = world.root(Rpm("app"))
    applied(world, profile, root)
    before = Tree.of(root.path, ignoring=OWN)

    assert applied(world, profile, root)["outcome"] == "nothing-to-do"
    outcome = world.run("apply", profile, "--root", root.path)

    assert (outcome.code, outcome.stdout) == (0, "Nothing to do: the host is as the profile wants it.\n")
    assert before.changes(Tree.of(root.path, ignoring=OWN)) == ()


def test_a_profile_that_moves_is_followed(world: World) -> None:
    """Each edition of a profile is applied in turn, there and back, and each is converged in one run."""
    base = world.repository("base", *(Rpm("app", evr, requires=("lib",)) for evr in ("1-1", "2-1")), Rpm("lib"))
    root = world.root()

    for packages, expected in (
        ({"app": {"1-1": {}}}, {"app-1-1.noarch", "lib-1-1.noarch"}),
        ({"app": {"2-1": {}}}, {"app-2-1.noarch", "lib-1-1.noarch"}),
        ({"lib": {"": {"": ""}}}, {"lib-1-1.noarch"}),
        ({"app": {"1-1": {}}}, {"app-1-1.noarch", "lib-1-1.noarch"}),
    ):
        assert applied(world, world.profile(packages, [base]), root)["outcome"] == "as-planned"
        assert root.installed() == expected


def test_install_reasons_follow_the_profile(world: World) -> None:
    """What the profile lists is a user package for dnf and the rest a dependency, also for what was there already."""
    base = world.repository("base", Rpm("app", requires=("lib",)), Rpm("lib"), Rpm("extra"))
    root = world.root(Rpm("lib"), Rpm("extra"))
    root.mark("install", "lib")
    root.mark("remove", "extra")

    applied(world, world.profile(["app", "extra"], [base]), root)

    assert root.reasons() == {"app-1-1.noarch": "user", "extra-1-1.noarch": "user", "lib-1-1.noarch": "dependency"}


def test_wrong_reasons_alone_are_no_change(world: World) -> None:
    """Install reasons that are wrong and nothing else: the plan is empty."""
    base = world.repository("base", Rpm("app", requires=("lib",)), Rpm("lib"))
    profile = world.profile(["app"], [base])
    root = world.root()
    applied(world, profile, root)
    root.mark("install", "lib")

    assert planned(world, profile, root, "--check", code=0)["changes"] == []


def test_what_is_kept_is_left_alone(world: World) -> None:
    """Packages that the plan keeps are there after the run, and the report is as planned."""
    base = world.repository("base", Rpm("app"))
    needed = Rpm("needed")
    root = world.root(Rpm("hp-tool", requires=("needed",)), needed, Rpm("gone"))
    profile = world.profile(["app"], [base], spma={"whitelist": ["hp-"]})

    assert applied(world, profile, root)["outcome"] == "as-planned"
    assert root.installed() == {"app-1-1.noarch", "hp-tool-1-1.noarch", "needed-1-1.noarch"}
    planned(world, profile, root, "--check", code=0)


def test_a_profile_with_run_no_changes_nothing(world: World) -> None:
    """With run = no the plan is shown, nothing is changed, and the exit code is 0."""
    base = world.repository("base", Rpm("app"))
    profile = world.profile(["app"], [base], spma={"run": "no"})
    root = world.root(Rpm("old"))
    before = Tree.of(root.rpmdb)

    outcome = world.run("apply", profile, "--root", root.path)

    assert outcome.code == 0
    assert "install 1, remove 1" in outcome.stdout
    assert "the profile says run = no" in outcome.stdout
    assert root.installed() == {"old-1-1.noarch"}
    assert before.changes(Tree.of(root.rpmdb)) == ()


def test_a_plan_with_problems_is_refused(world: World) -> None:
    """A plan with problems is refused with every problem in the report and exit code 12, and nothing is done."""
    base = world.repository("base", Rpm("app"))
    root = world.root(Rpm("old"))

    report = applied(world, world.profile(["app", "absent"], [base]), root, code=12)

    assert (report["outcome"], report["changes"]) == ("refused", 0)
    assert report["errors"] == [
        "not-found: no package is named absent, and none provides it (/software/packages/absent)"
    ]
    assert root.installed() == {"old-1-1.noarch"}


@pytest.mark.parametrize("how", ["option", "policy", "config"])
def test_too_many_removals_are_refused(world: World, how: str) -> None:
    """An unattended run that would remove more than the limit is refused; option, policy and configuration insist."""
    base = world.repository("base", Rpm("app"))
    root = world.root(*(Rpm(f"old{n:02}") for n in range(21)))
    thin = world.profile(["app"], [base])

    if how == "option":
        report = applied(world, thin, root, code=1)
        assert report["errors"] == [
            "the plan removes 21 packages; unasked, at most 20 may go",
            "if that is meant: --removal-limit, or policy.removal_limit",
        ]
        assert len(root.installed()) == 21

    root.write("etc/yumbridge/config.yaml", "policy: {removal_limit: 21}\n" if how == "config" else "")
    insisting = world.profile(["app"], [base], extra=policy(removal_limit=21)) if how == "policy" else thin
    options = ["--removal-limit", "21"] if how == "option" else []

    assert applied(world, insisting, root, *options)["outcome"] == "as-planned"
    assert root.installed() == {"app-1-1.noarch"}


def test_signed_packages_are_verified_with_the_key_of_the_profile(world: World, signing_key: SigningKey) -> None:
    """With gpgcheck the key of the profile is part of the plan, is imported once, and signed packages are installed."""
    base = world.repository("base", Rpm("app"), Rpm("more"), key=signing_key)
    entry = repository_entry(base, gpgcheck=True, gpgkey=[signing_key.url])
    root = world.root()
    profile = world.profile(["app"], [entry])

    plan = planned(world, profile, root)
    assert plan["keys"] == [{"fingerprint": signing_key.fingerprint, "url": signing_key.url}]
    assert plan["notes"] == []
    assert applied(world, profile, root)["outcome"] == "as-planned"

    assert [name for name in root.installed() if not name.startswith("gpg-pubkey")] == ["app-1-1.noarch"]
    assert planned(world, profile, root, "--check", code=0)["keys"] == []
    more = world.profile(["app", "more"], [entry])
    assert planned(world, more, root)["keys"] == []
    assert applied(world, more, root)["outcome"] == "as-planned"


def test_a_repository_without_signatures_is_a_note(world: World) -> None:
    """A repository whose signatures are not checked is a note of the plan, for the schema switches them off."""
    base = world.repository("base", Rpm("app"))

    plan = planned(world, world.profile(["app"], [base]), world.root())

    assert plan["notes"] == [
        {
            "kind": "unsigned-repository",
            "nevra": "",
            "text": "packages of repository base are not checked for signatures",
        }
    ]


def on_terminal(world: World, profile: str, *options: str, typed: str = "") -> Outcome:
    """Run apply on a terminal."""
    return run_on_terminal("apply", profile, "--root", str(world.path / "root"), *options, typed=typed)


@pytest.mark.parametrize(("typed", "options", "code"), [("y\n", [], 0), ("n\n", [], 1), ("\n", [], 1), ("", ["-y"], 0)])
def test_a_person_is_asked(world: World, typed: str, options: list[str], code: int) -> None:
    """On a terminal apply shows the plan and asks, takes anything but yes for no, and does not ask with -y."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    profile = world.profile(["app"], [base])

    outcome = on_terminal(world, str(profile), *options, typed=typed)

    assert outcome.code == code, outcome
    assert "app.noarch" in outcome.stdout
    assert ("Carry out this plan?" in outcome.stdout) is (options == [])
    assert root.installed() == ({"app-1-1.noarch"} if code == 0 else set())


def test_a_person_may_remove_what_nobody_may_unasked(world: World) -> None:
    """A person who says yes on a terminal may remove more than an unattended run may, and -y may not."""
    base = world.repository("base", Rpm("app"))
    profile = world.profile(["app"], [base], extra=policy(removal_limit=0))
    root = world.root(Rpm("old"))

    assert on_terminal(world, str(profile), "-y").code == 1
    assert root.installed() == {"old-1-1.noarch"}
    assert on_terminal(world, str(profile), typed="y\n").code == 0
    assert root.installed() == {"app-1-1.noarch"}


def test_the_report_is_printed_and_stored(world: World) -> None:
    """The report that is printed is the one in the root's state, beside an inventory of everything installed."""
    base = world.repository("base", Rpm("app", requires=("lib",)), Rpm("lib"))
    root = world.root()
    profile = world.profile(["app"], [base])
    plan = planned(world, profile, root)

    report = applied(world, profile, root)

    state = root.path / "var/lib/yumbridge"
    assert json.loads((state / "report.json").read_text(encoding="utf-8")) == report
    assert (report["document"], report["version"], report["plan"]) == ("yumbridge-report", "1.0", plan["id"])
    assert report["started"] <= report["finished"]
    inventory = json.loads((state / "inventory.json").read_text(encoding="utf-8"))
    assert inventory["document"] == "yumbridge-inventory"
    assert inventory["packages"] == [
        {"nevra": "app-1-1.noarch", "reason": "user"},
        {"nevra": "lib-1-1.noarch", "reason": "dependency"},
    ]
    assert inventory["rpmdb_cookie"] == planned(world, profile, root)["rpmdb_cookie"]
    assert sorted(path.name for path in state.iterdir()) == ["inventory.json", "lock", "report.json"]


def test_the_history_of_dnf_names_the_plan(world: World) -> None:
    """The transaction is in dnf's history of the root, with the id of the plan as its comment."""
    base = world.repository("base", Rpm("app"))
    root = world.root()

    report = applied(world, world.profile(["app"], [base]), root)

    assert report["plan"] in dnf(root.path, "history", "info").stdout


def test_nothing_outside_root_and_cache_is_written(world: World) -> None:
    """Apply writes below the root alone: not to HOME, and nothing beside the root."""
    base = world.repository("base", Rpm("app"))
    profile = world.profile(["app"], [base])
    root = world.root()
    before = Tree.of(world.path)

    applied(world, profile, root)

    changes = before.changes(Tree.of(world.path))
    assert [change for change in changes if change[2:].split("/")[0] not in {".", "root"}] == []


def test_apply_does_what_the_plan_shows(world: World) -> None:
    """What plan shows is what apply does: the difference of the installed packages is the plan's, entry by entry."""
    base = world.repository("base", Rpm("app", "2-1", requires=("lib",)), Rpm("lib"), Rpm("weak"))
    root = world.root(Rpm("app", "1-1"), Rpm("gone"))
    before = root.installed()
    profile = world.profile(["app"], [base])

    plan = planned(world, profile, root)
    applied(world, profile, root)

    assert moves(plan) == ["upgrade app.noarch 1-1 -> 2-1", "remove gone.noarch 1-1", "install lib.noarch 1-1"]
    assert root.installed() - before == {"app-2-1.noarch", "lib-1-1.noarch"}
    assert before - root.installed() == {"app-1-1.noarch", "gone-1-1.noarch"}


def test_an_earlier_report_that_cannot_be_read_is_replaced(world: World) -> None:
    """A damaged report, or one of a newer version, does not keep the next run from its end."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    file = root.write("var/lib/yumbridge/report.json", '{"document": "yumbridge-report", "newer": true}')

    report = applied(world, world.profile(["app"], [base]), root)

    assert report["outcome"] == "as-planned"
    assert json.loads(file.read_text(encoding="utf-8")) == report
    assert sorted(path.name for path in file.parent.iterdir()) == ["inventory.json", "lock", "report.json"]
