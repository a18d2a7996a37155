"""What runs leave behind: the log for people, and the result for programs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.plans import applied, moves, planned
from tests.support.profiles import Json
from tests.support.roots import InstallRoot
from tests.support.rpms import Rpm
from tests.support.waiting import Waiting
from tests.support.world import World


def logged(root: InstallRoot) -> list[str]:
    """Return the lines of the log without times and processes, none when there is no log."""
    path = root.path / "var/log/yumbridge.log"
    if not path.exists():
        return []
    return [line.partition("]: ")[2] for line in path.read_text(encoding="utf-8").splitlines()]


def result(root: InstallRoot) -> Any:  # noqa: ANN401 - a foreign document
    """Return the stored report."""
    return json.loads((root.path / "var/lib/yumbridge/report.json").read_text(encoding="utf-8"))


def test_a_run_that_changes_something_is_logged(world: World) -> None:
    """The log has each package before it changes, and how the run ended; the report has the packages."""
    base = world.repository("base", Rpm("app", "2-1"))
    root = world.root(Rpm("app", "1-1"), Rpm("old"))
    profile = world.profile(["app"], [base])
    plan = planned(world, profile, root)

    report = applied(world, profile, root)

    assert logged(root)[:4] == [
        f"yumbridge apply: plan {plan['id']}: 2 changes",
        *moves(plan),
        "yumbridge apply: as-planned",
    ]
    assert all(line.startswith("wrote or removed /etc/") for line in logged(root)[4:])
    assert (report["command"], report["kind"]) == ("yumbridge apply", None)
    assert report["packages"] == plan["changes"]


def test_a_run_with_nothing_to_do_is_not_logged(world: World) -> None:
    """A preview, and a run that finds all as it shall be, leave no line."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    profile = world.profile(["app"], [base])
    planned(world, profile, root)
    assert logged(root) == []
    applied(world, profile, root)
    before = logged(root)

    applied(world, profile, root)

    assert logged(root) == before


def test_a_refusal_and_a_failure_are_logged(world: World) -> None:
    """Why a run was refused, and what is not as planned, stands in the log."""
    base = world.repository("base", Rpm("bad", scriptlets={"pre": 'error("no")'}))
    root = world.root()
    applied(world, world.profile(["absent"], [base], name="absent.json"), root, code=12)
    applied(world, world.profile(["bad"], [base]), root, code=17)

    lines = logged(root)

    assert lines[0] == "yumbridge apply: refused"
    assert lines[1].startswith("not-found: ")
    assert "yumbridge apply: failed" in lines
    assert "missing: bad-1-1.noarch" in lines


@pytest.mark.parametrize(
    ("spma", "kind", "code"),
    [({"userpkgs": "perhaps"}, "profile", 10), ({}, "repository", 15)],
)
def test_a_run_that_comes_to_no_plan_leaves_a_result(world: World, spma: dict[str, Json], kind: str, code: int) -> None:
    """An invalid profile or a repository out of reach: the report does not go on saying that all is well."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    applied(world, world.profile(["app"], [base]), root)
    broken = world.profile(["app"], [("base", f"file://{world.path}/nowhere")], spma=spma, name="broken.json")

    outcome = world.run("apply", broken, "--root", root.path)

    assert outcome.code == code
    found = result(root)
    assert (found["outcome"], found["kind"], found["plan"], found["changes"]) == ("failed", kind, "unknown", 0)
    assert logged(root)[-len(found["errors"]) - 1 :] == ["yumbridge apply: failed", *found["errors"]]
    status = world.run("status", "--root", root.path)
    assert status.code == 0
    assert status.stdout.startswith("Last run failed, finished ")


def test_a_failed_run_forgets_nothing_that_waits(world: World) -> None:
    """What waits for the boot stays on the status while a repository is out of reach."""
    host = Waiting(world)
    host.apply()
    waiting = host.report()["deferred"]
    assert waiting
    (world.repositories / "base").rename(world.repositories / "away")

    host.apply(code=15)

    assert host.report()["outcome"] == "failed"
    assert host.report()["deferred"] == waiting
    assert host.record()["state"] == "staged"


def test_a_boot_run_is_logged(world: World) -> None:
    """What happens at boot, before anybody logs in, is read in the log afterwards."""
    host = Waiting(world)
    host.apply()
    host.boot()

    lines = logged(host.root)

    assert any(line.startswith("yumbridge boot run: plan sha256:") for line in lines)
    assert "upgrade lib.noarch 1-1 -> 2-1" in lines
    assert "yumbridge boot run: as-planned" in lines
    assert host.report()["command"] == "yumbridge boot run"


def test_a_log_that_cannot_be_written_spoils_no_run(world: World) -> None:
    """The run is as planned, and says why it left no line."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    (root.path / "var/log/yumbridge.log").mkdir(parents=True)

    report = applied(world, world.profile(["app"], [base]), root)

    assert report["outcome"] == "as-planned"
    assert report["errors"] == [f"cannot write {root.path}/var/log/yumbridge.log: Is a directory"]
    assert root.installed() == {"app-1-1.noarch"}
