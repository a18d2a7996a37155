"""A transaction runs as it was prepared, and says how it ended."""

from __future__ import annotations

import os

import pytest

from tests.support.engine import Engine, change, offer, wanted
from tests.support.engines import RunningEngine
from tests.support.kernels import kernels
from tests.support.rpms import Rpm
from tests.support.world import World

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

BASH = Rpm("bash", "5.1-1", files={"/usr/bin/bash": "5.1"})
NEWER = Rpm("bash", "5.2-1", files={"/usr/bin/bash": "5.2"})


# From prepared to done


def test_a_transaction_does_what_was_asked_and_nothing_else(engine: Engine, world: World) -> None:
    base = world.repository("base", NEWER, Rpm("vim"), Rpm("emacs"))
    root = world.root(BASH, Rpm("old"), Rpm("other"))
    engine.open(root, base)

    outcome = engine.carry_out(change([wanted(base, NEWER), wanted(base, Rpm("vim"))], erase=[Rpm("old")]))

    assert (outcome.return_code, outcome.failed, outcome.errors, outcome.output) == (0, (), (), "")
    assert root.installed() == {NEWER.nevra, "vim-1-1.noarch", "other-1-1.noarch"}
    assert (root.path / "usr/bin/bash").read_text() == "5.2"
    assert engine.verify().nevras == tuple(sorted(root.installed()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(NEWER, BASH, id="downgrade"),
        pytest.param(Rpm("a", "1:1-1"), Rpm("a", "2-1"), id="epoch-drop"),
        pytest.param(Rpm("a", "1-1"), Rpm("a", "2-1", arch="x86_64"), id="arch-change"),
        pytest.param(Rpm("old", "1-1"), Rpm("new", "2-1", obsoletes=("old",)), id="obsolete"),
    ],
)
def test_one_package_takes_the_place_of_another(engine: Engine, world: World, old: Rpm, new: Rpm) -> None:
    base = world.repository("base", new)
    root = world.root(old)
    engine.open(root, base)

    outcome = engine.carry_out(change([wanted(base, new)]))

    assert (outcome.return_code, outcome.failed) == (0, ())
    assert root.installed() == {new.nevra}


@pytest.mark.trap("installonly_limit erases listed kernels when a transaction is resolved")
def test_a_sixth_kernel_leaves_the_other_five(engine: Engine, world: World) -> None:
    there = [rpm for number in range(1, 6) for rpm in kernels(f"5.14.0-{number}.el9")]
    new = kernels("5.14.0-6.el9")
    base = world.repository("base", *new)
    root = world.root(*there)
    engine.open(root, base)

    engine.carry_out(change([wanted(base, rpm) for rpm in new]))

    assert root.installed() == {rpm.nevra for rpm in (*there, *new)}


# Scriptlets


def failing(phase: str) -> Rpm:
    return Rpm("bad", scriptlets={phase: 'error("not today")'})


@pytest.mark.trap("a failing %pre raises nothing, and what needs the package is installed all the same")
@pytest.mark.parametrize("phase", ["pretrans", "pre"])
def test_a_package_that_refuses_to_be_installed_is_no_success(engine: Engine, world: World, phase: str) -> None:
    bad, user = failing(phase), Rpm("user", requires=("bad",))
    base = world.repository("base", bad, user)
    root = world.root()
    engine.open(root, base)

    outcome = engine.carry_out(change([wanted(base, bad), wanted(base, user)]))

    assert (outcome.return_code != 0, outcome.failed) == (True, (bad.nevra,))
    assert any("bad" in line for line in outcome.errors)
    assert "not today" in outcome.output
    assert bad.nevra not in engine.verify().nevras


@pytest.mark.trap("a failing %pre of an upgrade raises nothing, and the old build stays")
def test_a_package_that_refuses_to_be_upgraded_is_no_success(engine: Engine, world: World) -> None:
    bad = Rpm("bash", "5.2-1", scriptlets={"pre": 'error("not today")'})
    base = world.repository("base", bad)
    root = world.root(BASH)
    engine.open(root, base)

    outcome = engine.carry_out(change([wanted(base, bad)]))

    assert (outcome.return_code != 0, bad.nevra in outcome.failed) == (True, True)
    assert root.installed() == {BASH.nevra}


@pytest.mark.trap("a failing %preun raises nothing, and the package stays")
def test_a_package_that_refuses_to_be_removed_is_no_success(engine: Engine, world: World) -> None:
    bad = failing("preun")
    root = world.root(bad)
    engine.open(root)

    outcome = engine.carry_out(change(erase=[bad]))

    assert (outcome.return_code != 0, outcome.failed) == (True, (bad.nevra,))
    assert root.installed() == {bad.nevra}


@pytest.mark.trap("a failing %post leaves state and return code good: only the display hears of it")
@pytest.mark.parametrize("phase", ["post", "posttrans", "postun"])
def test_a_scriptlet_that_fails_too_late_to_refuse_is_told(engine: Engine, world: World, phase: str) -> None:
    bad = failing(phase)
    base = world.repository("base", bad)
    root = world.root(*[bad] if phase == "postun" else [])
    engine.open(root, base)

    outcome = engine.carry_out(change(erase=[bad]) if phase == "postun" else change([wanted(base, bad)]))

    assert outcome.failed == ()
    assert root.installed() == (frozenset() if phase == "postun" else {bad.nevra})
    assert len([line for line in outcome.errors if "bad" in line]) == 1
    assert "not today" in outcome.output


def test_what_scriptlets_print_is_kept(engine: Engine, world: World) -> None:
    """Lua prints to another place than programs do; both are kept."""
    base = world.repository("base", Rpm("speaks", scriptlets={"pre": 'print("grüezi 100%")', "post": 'print("ade")'}))
    engine.open(world.root(), base)

    outcome = engine.carry_out(change([wanted(base, base.rpms[0])]))

    assert (outcome.return_code, outcome.errors) == (0, ())
    assert outcome.output.split("\n") == ["grüezi 100%", "ade", ""]


# History


def test_the_history_has_the_given_comment(running: RunningEngine, engine: Engine, world: World) -> None:
    base = world.repository("base", BASH)
    root = world.root()
    engine.open(root, base)
    engine.carry_out(change([wanted(base, BASH)]), comment="sha256:c0ffee")

    assert running.comment(root) == "sha256:c0ffee"


def test_preparing_leaves_no_history(running: RunningEngine, engine: Engine, world: World) -> None:
    base = world.repository("base", BASH)
    root = world.root()
    engine.open(root, base)
    engine.prepare(change([wanted(base, BASH)]), comment="sha256:c0ffee")

    assert running.comment(root) == ""


def test_install_reasons_are_set_also_of_what_the_transaction_does_not_touch(
    running: RunningEngine, engine: Engine, world: World
) -> None:
    base = world.repository("base", BASH, NEWER, Rpm("lib"), Rpm("was-user"), Rpm("was-dependency"))
    root = world.root()
    running.dnf(root, "install", "bash-5.1-1", "was-user", "was-dependency", repositories=[base])
    running.mark_dependency(root, "was-dependency")
    engine.open(root, base)

    engine.carry_out(
        change([wanted(base, NEWER), wanted(base, Rpm("lib"))]),
        user=(NEWER.nevra, "was-dependency-1-1.noarch"),
    )

    assert running.reasons(root) == {
        NEWER.nevra: "user",
        "lib-1-1.noarch": "dependency",
        "was-user-1-1.noarch": "dependency",
        "was-dependency-1-1.noarch": "user",
    }


@pytest.mark.trap("entries of a transaction that only change a reason have no package")
def test_a_transaction_that_changes_reasons_beside_packages_ends_well(
    running: RunningEngine, engine: Engine, world: World
) -> None:
    base = world.repository("base", BASH)
    root = world.root(*(Rpm(f"there-{number}") for number in range(3)))
    engine.open(root, base)

    outcome = engine.carry_out(change([wanted(base, BASH)]), user=("there-1-1-1.noarch",))

    assert (outcome.return_code, outcome.failed, outcome.errors) == (0, (), ())
    assert running.reasons(root)["there-1-1-1.noarch"] == "user"


def test_a_second_transaction_follows_the_first_in_one_child(engine: Engine, world: World) -> None:
    base = world.repository("base", BASH, NEWER)
    root = world.root()
    engine.open(root, base)
    engine.carry_out(change([wanted(base, BASH)]))
    engine.open(root, base)
    engine.carry_out(change([wanted(base, NEWER)]))

    assert root.installed() == {NEWER.nevra}


@pytest.mark.parametrize("checks", [True, False])
def test_nothing_to_download_needs_no_repository_at_all(engine: Engine, world: World, checks: bool) -> None:
    root = world.root(BASH, Rpm("vim"))
    base = world.repository("base", BASH)
    engine.open(root, offer(base, gpgcheck=checks))

    assert engine.carry_out(change(erase=[Rpm("vim")])).return_code == 0
    assert root.installed() == {BASH.nevra}
