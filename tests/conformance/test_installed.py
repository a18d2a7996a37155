"""What is installed in a root is read without leaving a trace, or the host is told to be at fault."""

from __future__ import annotations

import hashlib
import os

import pytest

from tests.support import tool
from tests.support.engine import Engine, change, nevras, wanted
from tests.support.kernels import kernels
from tests.support.roots import InstallRoot
from tests.support.rpms import Rpm
from tests.support.signing import SigningKey
from tests.support.trees import Tree
from tests.support.world import World
from yumbridge.errors import HostError

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

COOKIE_OF_NOTHING = hashlib.sha256(b"").hexdigest()
BASH = Rpm("bash", "2:5.1-3", arch="x86_64", files={"/usr/bin/bash": "x" * 1000}, source="shells")
LIBC = Rpm("glibc", "0:2.34-1", arch="i686")


def test_rows_have_what_a_plan_asks_of_an_installed_package(engine: Engine, world: World) -> None:
    engine.open(world.root(LIBC, BASH))

    bash, libc = engine.installed().packages

    assert (bash.name, bash.epoch, bash.version, bash.release, bash.arch) == ("bash", 2, "5.1", "3", "x86_64")
    assert bash.installed_bytes >= 1000
    assert (bash.source_rpm, bash.installonly, bash.kernel_releases) == ("shells-5.1-3.src.rpm", False, ())
    assert (str(libc.nevra), libc.source_rpm) == ("glibc-2.34-1.i686", "glibc-2.34-1.src.rpm")


def test_an_installed_package_needs_no_repository(engine: Engine, world: World) -> None:
    engine.open(world.root(BASH))

    assert nevras(engine.installed()) == [BASH.nevra]


def test_rows_are_sorted_by_name(engine: Engine, world: World) -> None:
    engine.open(world.root(*(Rpm(name) for name in ("c", "a-b", "B", "a"))))

    assert [p.name for p in engine.installed().packages] == ["B", "a", "a-b", "c"]


def test_kernels_are_installonly_and_tell_their_release(engine: Engine, world: World) -> None:
    driver = Rpm("kmod-x", arch="x86_64", requires=("kernel-uname-r = 5.14.0-1.el9.x86_64",))
    engine.open(world.root(*kernels("5.14.0-1.el9"), driver))

    releases = {p.name: (p.installonly, p.kernel_releases) for p in engine.installed().packages}

    assert releases == {
        "kernel": (True, ()),
        "kernel-core": (True, ("5.14.0-1.el9.x86_64",)),
        "kernel-modules": (True, ("5.14.0-1.el9.x86_64",)),
        "kmod-x": (False, ("5.14.0-1.el9.x86_64",)),
    }


def test_a_package_that_serves_any_kernel_names_no_release(engine: Engine, world: World) -> None:
    engine.open(world.root(Rpm("any", requires=("kernel-uname-r",)), Rpm("new", requires=("kernel-uname-r >= 5",))))

    assert [p.kernel_releases for p in engine.installed().packages] == [(), ()]


def test_imported_keys_are_told_and_never_verified_as_packages(
    engine: Engine, world: World, signing_key: SigningKey
) -> None:
    root = world.root(BASH)
    tool.run("rpm", "--root", root.path, "--import", signing_key.public_key)
    engine.open(root)

    bash, key = engine.installed().packages
    assert (str(bash.nevra), key.name, key.arch) == (BASH.nevra, "gpg-pubkey", "(none)")
    assert engine.verify().nevras == (BASH.nevra,)


# The cookie


@pytest.mark.trap("dbCookie() answers None unless openDB() was called")
def test_the_cookie_changes_when_the_rpmdb_does_and_not_otherwise(engine: Engine, world: World) -> None:
    root = world.root(BASH)
    engine.open(root)
    first, again = engine.installed().cookie, engine.installed().cookie
    world.install(root, LIBC)
    engine.open(root)
    later = engine.installed().cookie

    assert first == again != later
    # rpm before 4.17 takes SHA-1.
    assert {len(first), len(later)} in ({40}, {64})
    assert COOKIE_OF_NOTHING not in {first, later}


def test_verifying_sees_what_happened_since_the_installed_set_was_read(engine: Engine, world: World) -> None:
    root = world.root(BASH)
    engine.open(root)
    before = engine.installed()
    world.install(root, LIBC)
    found = engine.verify()

    assert found.nevras == (BASH.nevra, LIBC.nevra)
    assert found.cookie != before.cookie


@pytest.mark.trap("openDB() creates a database where there is none")
@pytest.mark.parametrize("folder", [False, True], ids=["no-folder", "empty-folder"])
def test_a_root_without_an_rpmdb_has_the_cookie_of_nothing_and_gets_no_rpmdb(
    engine: Engine, world: World, folder: bool
) -> None:
    root = world.root()
    if folder:
        root.rpmdb.mkdir(parents=True)
    base = world.repository("base", BASH)
    before = Tree.of(root.path)
    engine.open(root, base)

    installed, verified = engine.installed(), engine.verify()
    engine.exact(change([wanted(base, BASH)]))

    assert (installed.cookie, installed.packages) == (COOKIE_OF_NOTHING, ())
    assert (verified.cookie, verified.nevras) == (COOKIE_OF_NOTHING, ())
    assert before.changes(Tree.of(root.path)) == ()


def test_a_root_that_was_emptied_is_like_one_that_never_had_anything(engine: Engine, world: World) -> None:
    root = world.root(BASH)
    root.erase("bash")
    engine.open(root)

    assert engine.installed().packages == ()
    assert len(engine.installed().cookie) == len(COOKIE_OF_NOTHING)


def test_reading_changes_nothing_below_the_root(engine: Engine, world: World) -> None:
    root = world.root(BASH)
    engine.open(root, world.repository("base", BASH))
    before = Tree.of(root.path)

    engine.installed()
    engine.verify()
    engine.exact(change(erase=[BASH]))

    assert before.changes(Tree.of(root.path)) == ()


def test_two_packages_of_one_name_and_arch_are_both_told(engine: Engine, world: World) -> None:
    root = world.root(Rpm("bash", "1-1"))
    world.install(root, Rpm("bash", "2-1"))
    engine.open(root)

    assert nevras(engine.installed()) == ["bash-1-1.noarch", "bash-2-1.noarch"]
    assert engine.verify().nevras == ("bash-1-1.noarch", "bash-2-1.noarch")


# A host at fault


def damage_rpmdb(root: InstallRoot) -> None:
    for name in ("rpmdb.sqlite", "Packages.db", "Packages"):
        if (file := root.rpmdb / name).exists():
            file.write_bytes(b"This is no database.\n" * 500)
    for file in root.rpmdb.glob("*-wal"):
        file.unlink()


def test_a_damaged_rpmdb_is_the_hosts_fault(engine: Engine, world: World) -> None:
    root = world.root(BASH)
    damage_rpmdb(root)
    engine.open(root, world.repository("base", BASH))

    with pytest.raises(HostError, match="rpm database") as caught:
        engine.installed()
    assert str(root.path) in caught.value.message
    with pytest.raises(HostError):
        engine.verify()


def test_closures_are_solved_although_the_rpmdb_is_damaged(engine: Engine, world: World) -> None:
    root = world.root(BASH)
    damage_rpmdb(root)
    engine.open(root, world.repository("base", BASH))
    with pytest.raises(HostError):
        engine.installed()

    assert nevras(engine.closure("bash")) == [BASH.nevra]


def test_an_rpmdb_that_another_transaction_locks_can_be_read(engine: Engine, world: World) -> None:
    root = world.root(BASH)
    engine.open(root)

    with root.locked():
        assert nevras(engine.installed()) == [BASH.nevra]
        assert engine.verify().nevras == (BASH.nevra,)
