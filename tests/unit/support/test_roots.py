"""Looking at an install root, and seeing whether somebody changed it."""

from __future__ import annotations

import os

import pytest

from tests.support import tool
from tests.support.dnf import dnf
from tests.support.rpmbuild import build
from tests.support.rpms import Rpm
from tests.support.trees import Tree
from tests.support.world import World

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")


def test_a_root_without_an_rpmdb_has_no_packages_and_gets_no_rpmdb(world: World) -> None:
    root = world.root()

    assert root.installed() == frozenset()
    assert list(root.path.iterdir()) == []


def test_installed_packages_have_an_epoch_only_when_it_is_not_0(world: World) -> None:
    root = world.root(Rpm("a", "0:1-1"), Rpm("b", "2:1-1", arch="i686"), Rpm("c", "1-1"))

    assert root.installed() == {"a-1-1.noarch", "b-2:1-1.i686", "c-1-1.noarch"}
    root.erase("b")
    assert root.installed() == {"a-1-1.noarch", "c-1-1.noarch"}


def test_dnf_sees_what_was_installed_and_why(world: World) -> None:
    base = world.repository("base", Rpm("bash", requires=("libc",)), Rpm("libc"))
    root = world.root(Rpm("vim"))
    dnf(root.path, "install", "bash", repositories=[base])
    root.mark("remove", "vim")

    assert root.reasons() == {
        "bash-1-1.noarch": "user",
        "libc-1-1.noarch": "dependency",
        "vim-1-1.noarch": "dependency",
    }


def test_reading_a_root_leaves_no_trace(world: World) -> None:
    root = world.root(Rpm("bash"))
    before = Tree.of(root.path)

    root.installed()

    assert before.changes(Tree.of(root.path)) == ()


def test_every_kind_of_change_in_a_tree_is_named(world: World) -> None:
    root = world.root()
    for name in ("kept", "changed", "removed"):
        root.write(name, "before")
    before = Tree.of(root.path)
    root.write("changed", "after")
    root.write("added", "")
    (root.path / "removed").unlink()

    assert before.changes(Tree.of(root.path)) == ("~ .", "+ added", "~ changed", "- removed")


def test_a_locked_rpmdb_turns_rpm_away(world: World) -> None:
    root = world.root(Rpm("bash"))
    (vim,) = build([Rpm("vim")], world.path, world.cache)
    install = ("rpm", "--root", root.path, "--install", vim)

    with root.locked():
        assert "can't create transaction lock" in tool.attempt(*install).stderr
    assert root.installed() == {"bash-1-1.noarch"}
    tool.run(*install)
    assert root.installed() == {"bash-1-1.noarch", "vim-1-1.noarch"}
