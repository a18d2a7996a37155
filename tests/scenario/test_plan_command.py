"""How the plan command behaves."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.plans import applied, moves, notes, planned
from tests.support.profiles import Packages
from tests.support.rpms import Rpm
from tests.support.trees import Tree
from tests.support.world import World

CACHE = ("/var/cache/yumbridge*", "/var/cache", "/var")


def test_two_runs_give_the_same_bytes(world: World) -> None:
    """Two runs on the same input give the same bytes, whatever the order of the keys in the profile."""
    base = world.repository("base", Rpm("app", requires=("lib",)), Rpm("lib"), *(Rpm(f"p{n}") for n in range(9)))
    wanted: Packages = {f"p{n}": {} for n in range(9)} | {"app": {}}
    profile = world.profile(wanted, [base])
    root = world.root(Rpm("gone"), Rpm("lib", "0-1"))

    first = world.run("plan", profile, "--root", root.path, "--json")
    second = world.run("plan", profile, "--root", root.path, "--json", env={"PYTHONHASHSEED": "7"})
    content = json.loads(profile.read_text(encoding="utf-8"))
    packages = content["software"]["packages"]
    content["software"]["packages"] = dict(sorted(packages.items(), reverse=True))
    profile.write_text(json.dumps(content), encoding="utf-8")
    shuffled = planned(world, profile, root)

    assert first.stdout == second.stdout
    assert first.stdout.endswith("}\n")
    same = {key: value for key, value in first.json().items() if key not in {"id", "profile"}}
    assert {key: value for key, value in shuffled.items() if key not in {"id", "profile"}} == same


def test_a_stored_plan_is_the_printed_one(world: World) -> None:
    """With --out the plan is stored, byte for byte what --json prints, and only when it is complete."""
    base = world.repository("base", Rpm("app"))
    out = world.path / "plan.json"

    outcome = world.run("plan", world.profile(["app"], [base]), "--root", world.root().path, "--json", "--out", out)

    assert out.read_text(encoding="utf-8") == outcome.stdout
    assert outcome.json()["document"] == "yumbridge-plan"
    assert outcome.json()["version"] == "1.0"
    assert sorted(outcome.json()) == list(outcome.json())


def test_a_plan_that_cannot_be_stored_is_an_error(world: World) -> None:
    """A plan that cannot be stored ends with an error that names the file."""
    base = world.repository("base", Rpm("app"))
    out = world.path / "absent" / "plan.json"

    outcome = world.run("plan", world.profile(["app"], [base]), "--root", world.root().path, "--out", out)

    assert outcome.code == 1
    assert outcome.stderr == f"yumbridge: cannot write {out}: No such file or directory\n"


def test_a_plan_goes_to_standard_output_once(world: World) -> None:
    """With --out - there would be two answers on stdout: that is wrong usage."""
    outcome = world.run("plan", world.profile(["app"]), "--root", world.root().path, "--out", "-")

    assert (outcome.code, outcome.stdout) == (2, "")
    assert "--out -: standard output has the answer" in outcome.stderr


def test_check_tells_whether_anything_would_change(world: World) -> None:
    """With --check the exit code is 100 when something would change and 0 when nothing would."""
    base = world.repository("base", Rpm("app"))
    profile = world.profile(["app"], [base])

    done = world.root(name="done")
    applied(world, profile, done)

    planned(world, profile, world.root(), "--check", code=100)
    planned(world, profile, done, "--check", code=0)
    planned(world, profile, world.root(name="unchecked"), code=0)


def test_explain_prints_every_step_of_every_chain(world: World) -> None:
    """With --explain every step from the profile to the package is printed."""
    base = world.repository("base", Rpm("app", requires=("lib",)), Rpm("lib", requires=("/etc/deep",)))
    base = world.repository("base", *base.rpms, Rpm("deep", files=("/etc/deep",)))

    outcome = world.run("plan", world.profile(["app"], [base]), "--root", world.root().path, "--explain")

    lines = [line.strip() for line in outcome.stdout.splitlines()]
    start = next(number for number, line in enumerate(lines) if line.startswith("deep.noarch"))
    assert lines[start + 1 : start + 4] == [
        "/software/packages/app",
        "app requires lib",
        "lib requires /etc/deep",
    ]


def test_planning_writes_nothing_but_its_cache(world: World) -> None:
    """A plan writes nothing but its cache: not to the root, not to HOME, and it creates no rpmdb."""
    base = world.repository("base", Rpm("app", "2-1"))
    profile = world.profile(["app"], [base])
    home = world.path / "home"
    home.mkdir()
    empty, full = world.root(), world.root(Rpm("app", "1-1"), name="full")
    full.write("etc/yum.repos.d/other.repo", "[other]\nname=other\nbaseurl=http://127.0.0.1:9/\n")
    before = {root.path: Tree.of(root.path) for root in (empty, full)}

    for root in (empty, full):
        assert len(planned(world, profile, root)["changes"]) == 1

    for root in (empty, full):
        changes = before[root.path].changes(Tree.of(root.path))
        touched = {change[2:].split("/")[0] for change in changes}
        assert touched <= {".", "var"}, changes
        assert all(change[2:] in {".", "var", "var/cache"} or "var/cache/yumbridge" in change for change in changes)
    assert not empty.rpmdb.exists()
    assert list(home.iterdir()) == []


def test_the_configuration_of_dnf_is_not_read(world: World) -> None:
    """Neither dnf.conf nor repository files nor variables of the root take part in a plan."""
    base = world.repository("base", Rpm("app", "1-1"), Rpm("app", "2-1"))
    other = world.repository("other", Rpm("app", "9-1"))
    root = world.root()
    root.write("etc/dnf/dnf.conf", "[main]\nexclude=app\ninstallroot=/nowhere\n")
    root.write("etc/yum.repos.d/other.repo", f"[other]\nname=other\nbaseurl={other.url}\nenabled=1\n")
    root.write("etc/dnf/vars/releasever", "7")

    plan = planned(world, world.profile(["app"], [base]), root)

    assert (moves(plan), plan["host"]["releasever"]) == (["install app.noarch 2-1"], None)


def test_planning_needs_no_root(world: World) -> None:
    """Another user than root can plan, with the same changes, and its cache is in its own XDG_CACHE_HOME."""
    base = world.repository("base", Rpm("app", "2-1"))
    profile = world.profile(["app"], [base])
    root = world.root(Rpm("app", "1-1"), Rpm("gone"))
    own = planned(world, profile, root)
    before = Tree.of(root.path)

    outcome = world.run("plan", profile, "--root", root.path, "--json", user="nobody")

    assert outcome.code == 0, outcome.stderr
    assert outcome.json()["changes"] == own["changes"]
    assert outcome.json()["id"] == own["id"]
    assert before.changes(Tree.of(root.path)) == ()
    cache = world.path / "cache-of-nobody" / "yumbridge"
    assert cache.is_dir()
    assert cache.stat().st_mode & 0o077 == 0


def test_a_private_file_does_not_stop_who_may_not_read_it(world: World) -> None:
    """A file of dnf's that the user may not read is a note of the plan: whether it changes is not known."""
    base = world.repository("base", Rpm("app", "2-1"))
    profile = world.profile(["app"], [base])
    root = world.root(Rpm("app", "1-1"))
    private = root.write("etc/yum.repos.d/base.repo", "[base]\npassword=secret\n")
    private.chmod(0o600)

    outcome = world.run("plan", profile, "--root", root.path, "--json", user="nobody")

    assert outcome.code == 0, outcome.stderr
    assert ("unreadable-file", "") in notes(outcome.json())
    assert "/etc/yum.repos.d/base.repo" not in [change["path"] for change in outcome.json()["configuration"]]
    assert moves(outcome.json()) == ["upgrade app.noarch 1-1 -> 2-1"]


def test_caches_are_not_shared_between_users(world: World) -> None:
    """A cache folder that belongs to somebody else is refused, for its owner decides what a plan would see."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    foreign = root.path / "var/cache/yumbridge"
    foreign.mkdir(parents=True)
    os.chown(foreign, 65534, 65534)

    outcome = world.run("plan", world.profile(["app"], [base]), "--root", root.path)

    assert outcome.code == 1
    assert str(foreign) in outcome.stderr


def test_two_plans_share_one_cache_at_once(world: World) -> None:
    """Plans that run at once on one empty cache all succeed and are the same."""
    base = world.repository("base", *(Rpm(f"app{n}") for n in range(20)))
    root = world.root()

    with world.serving() as server:
        profile = world.profile(["app*"], [base.at(server.url)])
        with ThreadPoolExecutor() as pool:
            runs = [pool.submit(world.run, "plan", profile, "--root", root.path, "--json") for _ in range(3)]
            outcomes = [run.result() for run in runs]

    assert [outcome.code for outcome in outcomes] == [0, 0, 0], outcomes
    assert len({outcome.stdout for outcome in outcomes}) == 1


@pytest.mark.parametrize("name", ["root", "./root", "profile-in-root"])
def test_relative_paths_begin_where_the_command_is_run(world: World, name: str) -> None:
    """Relative paths of profile and root are those of the directory in which the command was run."""
    base = world.repository("base", Rpm("app"))
    world.profile(["app"], [base])
    root = world.root()

    outcome = world.run("plan", "profile.json", "--root", "root" if name == "profile-in-root" else name, "--json")

    assert outcome.code == 0
    assert outcome.json()["profile"]["source"] == str(world.path / "profile.json")
    assert outcome.json()["host"]["root"].rstrip("/").endswith(str(root.path.name))
