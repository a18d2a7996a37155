"""What status says of a host."""

from __future__ import annotations

from tests.support.plans import applied
from tests.support.rpms import Rpm
from tests.support.trees import Tree
from tests.support.world import World


def test_a_host_without_a_run(world: World) -> None:
    """Where nothing was ever applied the status says so, and writes nothing."""
    root = world.root(Rpm("old"))
    before = Tree.of(root.path)

    text = world.run("status", "--root", root.path)
    status = world.run("status", "--root", root.path, "--json").json()

    assert (text.code, text.stdout.splitlines()[0]) == (0, "No run is recorded.")
    assert (status["document"], status["version"]) == ("yumbridge-status", "1.0")
    assert (status["last_report"], status["drift"], status["interrupted"]) == (None, None, None)
    assert before.changes(Tree.of(root.path)) == ()


def test_a_host_that_was_left_alone(world: World) -> None:
    """After a run the status has its report, and no drift while nobody touches the packages."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    report = applied(world, world.profile(["app"], [base]), root)

    status = world.run("status", "--root", root.path, "--json").json()

    assert status["last_report"] == report
    assert status["drift"] == {"added": [], "removed": []}
    assert "nothing was installed or removed by others" in world.run("status", "--root", root.path).stdout


def test_drift_is_told(world: World) -> None:
    """What others installed, removed or upgraded since the last run is told by NEVRA."""
    base = world.repository("base", Rpm("app"), Rpm("lib"), Rpm("tool"))
    root = world.root()
    applied(world, world.profile(["app", "lib", "tool"], [base]), root)
    root.erase("lib", "tool")
    world.install(root, Rpm("telnet"), Rpm("tool", "2-1"))

    status = world.run("status", "--root", root.path, "--json").json()
    text = world.run("status", "--root", root.path).stdout

    assert status["drift"] == {
        "added": ["telnet-1-1.noarch", "tool-2-1.noarch"],
        "removed": ["lib-1-1.noarch", "tool-1-1.noarch"],
    }
    assert "  + telnet-1-1.noarch" in text
    assert "  - lib-1-1.noarch" in text


def test_a_failed_run_stays_visible(world: World) -> None:
    """The last run that failed is told with its differences, and the drift counts from what it left."""
    base = world.repository("base", Rpm("bad", scriptlets={"pre": 'error("no")'}), Rpm("good"))
    root = world.root()
    applied(world, world.profile(["bad", "good"], [base]), root, code=17)

    text = world.run("status", "--root", root.path).stdout
    status = world.run("status", "--root", root.path, "--json").json()

    assert "failed" in text
    assert "missing: bad-1-1.noarch" in text
    assert status["drift"] == {"added": [], "removed": []}


def test_a_refusal_does_not_hide_what_was_left(world: World) -> None:
    """A run that was refused is the last report, and the drift still counts from the last one that changed anything."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    applied(world, world.profile(["app"], [base]), root)
    world.install(root, Rpm("telnet"))
    applied(world, world.profile(["absent"], [base], name="bad.json"), root, code=12)

    status = world.run("status", "--root", root.path, "--json").json()

    assert status["last_report"]["outcome"] == "refused"
    assert status["drift"]["added"] == ["telnet-1-1.noarch"]


def test_a_damaged_state_is_named(world: World) -> None:
    """A report that cannot be read is named, with exit code 1 and no traceback."""
    root = world.root()
    file = root.write("var/lib/yumbridge/report.json", '{"document": "yumbridge-rep')

    outcome = world.run("status", "--root", root.path)

    assert outcome.code == 1
    assert outcome.stderr.startswith(f"yumbridge: {file} cannot be read: ")
    assert "Traceback" not in outcome.stderr


def test_the_status_needs_no_root(world: World) -> None:
    """Another user than root can see the status, drift included."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    applied(world, world.profile(["app"], [base]), root)

    own = world.run("status", "--root", root.path, "--json").json()
    outcome = world.run("status", "--root", root.path, "--json", user="nobody")

    assert outcome.code == 0, outcome
    assert outcome.json() == own
