"""Packages that a hold keeps back: what waits with them, what goes all the same, and the reasons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.advisories import Advisory
from tests.support.holding import chains, holding, waits
from tests.support.kernels import kernels
from tests.support.plans import applied, kept, moves, notes, planned
from tests.support.profiles import Json
from tests.support.roots import InstallRoot
from tests.support.rpms import Rpm
from tests.support.world import World

GLIBC, GLIBC2 = (Rpm("glibc", f"{n}-1") for n in (1, 2))
COMMON, COMMON2 = (Rpm("glibc-common", f"{n}-1", source="glibc") for n in (1, 2))
APP, APP2 = Rpm("app", "1-1", requires=("glibc",)), Rpm("app", "2-1", requires=("glibc >= 2",))
TOOL, TOOL2 = (Rpm("tool", f"{n}-1") for n in (1, 2))
NEW = Rpm("new", requires=("app >= 2",))
GLIBC_HELD: Json = {"packages": ["glibc"], "why": "drained nodes only"}


class Host:
    """A root with old builds, a repository with new ones, and a profile that names these."""

    def __init__(self, world: World, installed: list[Rpm], offered: list[Rpm], *names: str) -> None:
        self.world = world
        self.base = world.repository("base", *offered)
        self.root: InstallRoot = world.root(*installed)
        self.profile = world.profile([*(names or {rpm.name for rpm in offered})], [self.base])

    def plan(self, *holds: Json, code: int = 0) -> Any:  # noqa: ANN401 - a foreign document
        return planned(self.world, self.profile, self.root, "--config", holding(self.world, *holds), code=code)


@pytest.fixture
def host(world: World) -> Host:
    return Host(world, [GLIBC, COMMON, APP, TOOL], [GLIBC2, COMMON2, APP2, TOOL2, NEW])


def test_a_hold_defers_its_source_and_what_cannot_go_without_it(host: Host) -> None:
    """What a hold names waits, with its source and with what needs the new build; all else goes now."""
    plan = host.plan(GLIBC_HELD)

    assert moves(plan) == ["upgrade tool.noarch 1-1 -> 2-1"]
    assert waits(plan) == {"glibc": "hold", "glibc-common": "hold", "app": "closure", "new": "closure"}
    assert chains(plan) == {
        "glibc": ["glibc-1-1.noarch is held: drained nodes only"],
        "glibc-common": ["glibc-common-1-1.noarch is held with glibc, which is of the same source: drained nodes only"],
        "app": ["app-2-1.noarch requires glibc >= 2", "glibc-1-1.noarch is held: drained nodes only"],
        "new": [
            "new-1-1.noarch requires app >= 2",
            "app-2-1.noarch requires glibc >= 2",
            "glibc-1-1.noarch is held: drained nodes only",
        ],
    }


def test_without_a_hold_nothing_waits(host: Host) -> None:
    """A configuration without holds defers nothing."""
    plan = host.plan()

    assert waits(plan) == {}
    assert len(moves(plan)) == 5


def test_a_hold_without_source_leaves_the_other_packages_alone(host: Host) -> None:
    """With `source: false` a hold is on the named packages only."""
    assert waits(host.plan({"packages": ["glibc"], "source": False})) == {
        "glibc": "hold",
        "app": "closure",
        "new": "closure",
    }


def test_a_hold_of_the_profile_counts_beside_that_of_the_host(host: Host) -> None:
    """Holds of the configuration and of the profile add up."""
    extra: dict[str, Json] = {"software": {"components": {"yumbridge": {"holds": [{"packages": ["tool"]}]}}}}
    profile = host.world.profile(["glibc", "tool"], [host.base], extra=extra, name="held.json")

    plan = planned(host.world, profile, host.root, "--config", holding(host.world, GLIBC_HELD))

    assert {"glibc", "tool"} <= waits(plan).keys()


def test_a_held_package_that_the_profile_does_not_list_is_removed_at_boot(world: World) -> None:
    """A removal is a change like another; what the held package needs stays with it."""
    old = [Rpm("db", requires=("db-libs",)), Rpm("db-libs"), Rpm("junk")]
    host = Host(world, [*old, TOOL], [TOOL2])

    plan = host.plan({"packages": ["db"]})

    assert moves(plan) == ["remove junk.noarch 1-1", "upgrade tool.noarch 1-1 -> 2-1"]
    assert waits(plan) == {"db": "hold", "db-libs": "closure"}
    assert chains(plan)["db-libs"] == ["db-1-1.noarch requires db-libs", "db-1-1.noarch is held"]


def test_a_held_package_is_safe_from_obsoletes_and_conflicts(world: World) -> None:
    """What would obsolete a held package, or conflicts with it, waits."""
    old, ng = Rpm("mta"), Rpm("mta-ng", "2-1", obsoletes=("mta < 2",))
    rival = Rpm("rival", conflicts=("mta < 2",))
    plan = Host(world, [old], [ng, rival]).plan({"packages": ["mta"]})

    assert moves(plan) == []
    assert waits(plan) == {"mta": "hold", "mta-ng": "closure", "rival": "closure"}
    assert chains(plan)["mta-ng"] == ["mta-1-1.noarch is held"]
    assert chains(plan)["rival"] == ["rival-1-1.noarch conflicts mta < 2", "mta-1-1.noarch is held"]


def test_a_first_install_is_no_change_of_a_package_unless_the_hold_says_so(world: World) -> None:
    """A package that is not there yet is installed, unless the hold has `install: true`."""
    host = Host(world, [TOOL], [GLIBC2, TOOL2])

    assert waits(host.plan({"packages": ["glibc"]})) == {}
    assert waits(host.plan({"packages": ["glibc"], "install": True})) == {"glibc": "hold"}


def test_a_new_kernel_comes_beside_the_held_one_and_the_old_one_goes_at_boot(world: World) -> None:
    """A new kernel is no change of the old one; to remove that is one."""
    host = Host(world, [*kernels("5-1")], [*kernels("6-1"), TOOL], "kernel", "tool")
    config = holding(host.world, {"packages": ["kernel*"]}, policy={"installonly_limit": 0})
    limit = holding(host.world, {"packages": ["kernel*"]}, policy={"installonly_limit": 2}, name="two.yaml")
    also = holding(host.world, {"packages": ["kernel*"], "install": True}, name="install.yaml")

    plain, two, install = (planned(world, host.profile, host.root, "--config", each) for each in (config, limit, also))

    for plan in (plain, two):
        assert [change["action"] for change in plan["changes"]] == ["install"] * 4
        assert waits(plan) == {}
    assert moves(install) == ["install tool.noarch 1-1"]
    assert set(waits(install)) == {"kernel", "kernel-core", "kernel-modules"}


def test_the_arches_of_a_name_do_not_split(world: World) -> None:
    """A library whose one arch waits waits with all its arches: they would share files of different builds."""
    old = [Rpm("lib", "1-1", arch=arch) for arch in ("x86_64", "i686")]
    new = [
        Rpm("lib", "2-1", arch="x86_64"),
        Rpm("lib", "2-1", arch="i686", requires=("glibc >= 2",)),
    ]
    host = Host(world, [*old, GLIBC], [*new, GLIBC2])
    profile = world.profile({"lib": {"2-1": {"x86_64": "", "i686": ""}}, "glibc": {}}, [host.base], name="multi.json")

    plan = planned(world, profile, host.root, "--config", holding(world, GLIBC_HELD))

    assert moves(plan) == []
    assert [(c["name"], c["arch"], c["cause"]) for c in plan["deferred"]] == [
        ("glibc", "noarch", "hold"),
        ("lib", "i686", "closure"),
        ("lib", "x86_64", "closure"),
    ]
    (chain,) = (c["chain"] for c in plan["deferred"] if c["arch"] == "x86_64")
    assert chain[0] == "lib-1-1.i686 stays, and all arches of a name are of one build"


def test_a_source_does_not_split_over_a_hold(world: World) -> None:
    """A sub-package that comes new waits with its source, though nothing it needs is held."""
    extra = Rpm("glibc-extra", "2-1", source="glibc")
    plan = Host(world, [GLIBC], [GLIBC2, extra, TOOL]).plan(GLIBC_HELD)

    assert moves(plan) == ["install tool.noarch 1-1"]
    assert waits(plan) == {"glibc": "hold", "glibc-extra": "hold"}


def test_a_package_is_not_taken_away_before_its_own_next_build_can_come(world: World) -> None:
    """A package that is split beside a hold stays whole: its other part would obsolete it, and leave nothing."""
    foo = Rpm("foo", "2-1", requires=("foo-libs", "glibc >= 2"))
    libs = Rpm("foo-libs", "2-1", obsoletes=("foo < 2",))
    plan = Host(world, [GLIBC, Rpm("foo")], [GLIBC2, foo, libs]).plan(GLIBC_HELD)

    assert moves(plan) == []
    assert waits(plan) == {"glibc": "hold", "foo": "closure", "foo-libs": "closure"}
    assert chains(plan)["foo-libs"][0] == "foo-libs-2-1.noarch obsoletes foo < 2"


def test_of_two_arches_in_place_of_noarch_one_may_have_to_wait(world: World) -> None:
    """Where a package of no arch becomes one of two arches, both come together."""
    new = [Rpm("w", "2-1", arch="x86_64"), Rpm("w", "2-1", arch="i686", requires=("glibc >= 2",))]
    host = Host(world, [GLIBC, Rpm("w")], [GLIBC2, *new])
    profile = world.profile({"w": {"2-1": {"x86_64": "", "i686": ""}}, "glibc": {}}, [host.base], name="arches.json")

    plan = planned(world, profile, host.root, "--config", holding(world, GLIBC_HELD))

    assert "glibc" in waits(plan)
    now, later = ({(c["name"], c["arch"]) for c in plan[which]} for which in ("changes", "deferred"))
    assert now | later == {("glibc", "noarch"), ("w", "i686"), ("w", "x86_64")}
    assert not now & later


def test_of_two_holds_on_a_source_the_second_one_keeps_it_whole(world: World) -> None:
    """A hold without `source` beside one with it does not let a new sub-package slip in."""
    extra = Rpm("glibc-extra", "2-1", source="glibc")
    host = Host(world, [GLIBC], [GLIBC2, extra])

    assert waits(host.plan({"packages": ["glibc"], "source": False}, {"packages": ["glibc"]})) == {
        "glibc": "hold",
        "glibc-extra": "hold",
    }


def test_what_the_solver_refuses_is_a_reason_for_all_that_needs_it(world: World) -> None:
    """Where no chain is found, the words of the solver stand in its place, and chains go on from there."""
    rich = Rpm("rich", "2-1", requires=("(glibc >= 2 if tool)",))
    top = Rpm("top", "2-1", requires=("rich >= 2",))
    plan = Host(world, [GLIBC, TOOL, Rpm("rich"), Rpm("top")], [GLIBC2, TOOL2, rich, top]).plan(GLIBC_HELD)

    assert waits(plan) == {"glibc": "hold", "rich": "closure", "top": "closure"}
    assert "glibc" in chains(plan)["rich"][0]
    assert chains(plan)["top"][0] == "top-2-1.noarch requires rich >= 2"
    assert chains(plan)["top"][1:] == chains(plan)["rich"]


def test_the_arguments_of_a_command_are_in_no_document(world: World) -> None:
    """What a hold waits for is shown without the arguments of its command: documents are for all to read."""
    hold: Json = {"packages": ["glibc"], "until": {"any_of": [{"boot": True}, {"command": ["/bin/x", "s3cret"]}]}}
    host = Host(world, [GLIBC], [GLIBC2])
    config = holding(world, hold)

    plan = world.run("plan", host.profile, "--root", host.root.path, "--config", config, "--json")
    report = world.run("apply", host.profile, "--root", host.root.path, "--config", config, "--json")

    assert "s3cret" not in plan.stdout + report.stdout
    assert {"command": ["/bin/x", "***"]} in plan.json()["deferred"][0]["until"]["any_of"]


def test_alternatives_are_tried_before_a_change_waits(world: World) -> None:
    """What either of two packages makes possible goes now when the other one is not held."""
    one, two = (Rpm(name, "2-1", provides=("codec",)) for name in ("one", "two"))
    player = Rpm("player", requires=("codec",))
    plan = Host(world, [Rpm("one", "1-1")], [one, two, player]).plan({"packages": ["one"]})

    assert moves(plan) == ["install player.noarch 1-1", "install two.noarch 2-1"]
    assert waits(plan) == {"one": "hold"}


def test_a_swap_of_packages_goes_now_though_other_packages_are_held(world: World) -> None:
    """What is in the way of a newcomer and leaves anyway leaves with it, beside a hold on something else."""
    old, new = Rpm("mta-a", provides=("mta",)), Rpm("mta-b", provides=("mta",), conflicts=("mta-a",))
    mailer = Rpm("mailer", requires=("mta",))
    plan = Host(world, [old, mailer, GLIBC], [new, mailer, GLIBC2]).plan(GLIBC_HELD)

    assert moves(plan) == ["remove mta-a.noarch 1-1", "install mta-b.noarch 1-1"] or moves(plan) == [
        "install mta-b.noarch 1-1",
        "remove mta-a.noarch 1-1",
    ]


# Exceptions


def advised(world: World, severity: str) -> Host:
    advisory = Advisory("EX-2026:1", severity=severity, packages=(GLIBC2,))
    base = world.repository("base", GLIBC2, COMMON2, TOOL2, advisories=[advisory])
    host = Host.__new__(Host)
    host.world, host.base, host.root = world, base, world.root(GLIBC, COMMON, TOOL)
    host.profile = world.profile(["glibc", "glibc-common", "tool"], [base])
    return host


@pytest.mark.parametrize(
    "exception",
    [
        pytest.param({"severity": ["CRITICAL"]}, id="severity"),
        pytest.param({"types": ["Security"]}, id="type"),
        pytest.param({"advisories": ["EX-2026:1"]}, id="id"),
    ],
)
def test_an_advisory_breaks_a_hold_that_says_so(world: World, exception: Json) -> None:
    """By severity, type or id an advisory lets the whole source go, and the plan says which one."""
    host = advised(world, "Critical")

    plan = host.plan({"packages": ["glibc"], "except": exception})

    assert waits(plan) == {}
    assert ("hold-broken", GLIBC2.nevra) in notes(plan)
    (text,) = (note["text"] for note in plan["notes"] if note["kind"] == "hold-broken")
    assert text == "glibc goes in spite of the hold: EX-2026:1 (Critical)"


@pytest.mark.parametrize("exception", [{}, {"severity": ["critical"]}, {"advisories": ["EX-2026:2"]}])
def test_an_advisory_breaks_no_hold_that_does_not_say_so(world: World, exception: Json) -> None:
    """An advisory of another severity or id, or without a rule, leaves the hold in force."""
    plan = advised(world, "Important").plan({"packages": ["glibc"], "except": exception})

    assert set(waits(plan)) == {"glibc", "glibc-common"}


# What is impossible, kept or misspelled


def test_what_is_impossible_is_a_problem_and_does_not_wait(host: Host) -> None:
    """A package that no repository has is a problem of the plan, held or not; nothing of it is deferred."""
    profile = host.world.profile(["glibc", "nowhere"], [host.base], name="impossible.json")

    plan = planned(
        host.world, profile, host.root, "--config", holding(host.world, {"packages": ["nowhere", "glibc"]}), code=12
    )

    assert [problem["kind"] for problem in plan["problems"]] == ["not-found"]
    assert "nowhere" not in waits(plan)


def test_a_hold_on_nothing_is_a_note(host: Host) -> None:
    """An entry that names no package, installed or wanted, is a note: it may be misspelled."""
    plan = host.plan({"packages": ["glibcc*", "tool"]})

    (text,) = (note["text"] for note in plan["notes"] if note["kind"] == "hold")
    assert text.startswith("glibcc* is held, but no such package is installed or wanted (")
    assert text.endswith("config.yaml: holds[0])")


def test_kept_packages_stay_kept_beside_held_ones(world: World) -> None:
    """A whitelisted package is kept, not deferred: no boot will remove it."""
    host = Host(world, [GLIBC, Rpm("hp-health")], [GLIBC2])
    config = holding(world, {"packages": ["glibc"]}, policy={"whitelist": ["hp-*"]})

    plan = planned(world, host.profile, host.root, "--config", config)

    assert kept(plan) == {"hp-health-1-1.noarch": "whitelist"}
    assert waits(plan) == {"glibc": "hold"}


# The verbs


def test_check_counts_what_happens_now(host: Host) -> None:
    """`plan --check` exits 100 for changes of now, and 0 when all waits."""
    some, none = (
        host.world.run("plan", host.profile, "--root", host.root.path, "--config", config, "--check", "--json")
        for config in (
            holding(host.world, GLIBC_HELD),
            holding(host.world, {"packages": ["*"], "install": True}, name="all.json"),
        )
    )

    assert some.code == 100
    assert (none.code, moves(none.json())) == (100, [])
    assert none.json()["configuration"]


def test_the_same_inputs_give_the_same_bytes(host: Host) -> None:
    """A plan with holds is deterministic to the byte, whatever the time of day."""
    first, second = (
        host.world.run(
            "plan", host.profile, "--root", host.root.path, "--config", holding(host.world, GLIBC_HELD), "--json"
        ).stdout
        for _ in range(2)
    )

    assert first == second


def test_a_stored_plan_is_stale_once_a_condition_has_become_true(host: Host) -> None:
    """A plan of before the window is no plan for the window: it is refused, and says what waits no more."""
    flag = host.root.write("etc/may-go", "")
    flag.unlink()
    config = holding(host.world, {"packages": ["tool"], "until": {"file_exists": "/etc/may-go"}})
    out = host.world.path / "plan.json"
    planned(host.world, host.profile, host.root, "--config", config, "--out", out)
    flag.write_text("", encoding="utf-8")

    outcome = host.world.run("apply", out, "--root", host.root.path, "--config", config)

    assert outcome.code == 13
    assert "waits no more: tool.noarch" in outcome.stderr


def test_text_has_three_blocks_with_their_reasons(world: World) -> None:
    """The plan as text has what goes now, what waits, what is kept, each with its reason, on 80 columns."""
    host = Host(world, [GLIBC, COMMON, APP, TOOL, Rpm("hp-health")], [GLIBC2, COMMON2, APP2, TOOL2])
    config = holding(world, GLIBC_HELD, policy={"whitelist": ["hp-*"]})

    text = world.run("plan", host.profile, "--root", host.root.path, "--config", config).stdout
    lines = text.splitlines()

    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line.isupper()] == ["NOW", "AT BOOT", "KEPT"]
    assert "  app.noarch           1-1 -> 2-1  5.6 kB  requires glibc >= 2" in lines
    assert "Waiting: 3 packages at boot" in lines


def test_a_window_is_named_in_the_text_and_has_a_block_of_its_own(host: Host) -> None:
    """What waits for a condition stands in a block that names the condition."""
    config = holding(host.world, GLIBC_HELD, {"packages": ["tool"], "until": {"file_exists": "/etc/may-go"}})

    lines = host.world.run("plan", host.profile, "--root", host.root.path, "--config", config).stdout.splitlines()

    assert "AT BOOT" in lines
    assert any(line.startswith("WHEN ") and "/etc/may-go" in line for line in lines)
    report = applied(host.world, host.profile, host.root, "--config", config)
    assert [(c["name"], c["until"]) for c in report["deferred"] if c["name"] == "tool"] == [
        ("tool", {"file_exists": "/etc/may-go"})
    ]
    assert json.loads(Path(host.root.path / "var/lib/yumbridge/report.json").read_text(encoding="utf-8")) == report
