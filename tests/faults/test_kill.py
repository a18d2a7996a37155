"""kill -9 at every step of whatever writes to a store.

A reader never sees anything half-written, and the same operation, run again, ends as if nothing had happened.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from snapshots.adopt import AdoptRequest, adopt
from snapshots.choice.recipe import Recipe
from snapshots.content.lockfile import read_lock, written_lock
from snapshots.cut import carry_out, plan_cut
from snapshots.materialise import materialise
from snapshots.mirror import mirror_repositories
from snapshots.mirror_repository import MirrorOptions, MirrorSource
from snapshots.prune import marked, sweep
from snapshots.publish import publish, retire
from snapshots.realise import lock_snapshot, realise
from snapshots.storage.retention import Policy
from snapshots.storage.store import Store, writing
from tests.support.advisories import Advisory
from tests.support.comps import comps, group
from tests.support.crash import killed_at
from tests.support.reader import check_repository, check_store
from tests.support.repositories import Contents
from tests.support.rpms import Rpm
from tests.support.store_content import files, nouns, tidy, visible
from tests.support.stores import Frozen, frozen, new_store
from tests.support.world import World

A = Rpm("a", "1-1")
B = Rpm("b", "2-1")
C = Rpm("c", "3-1")
FIX = Advisory("RHSA-2026:1", packages=(A,))
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
MOST_STEPS = 2000


@dataclass(frozen=True, slots=True)
class Operation:
    """What is killed: how a store gets ready for it, and what is then done to the store."""

    prepare: Callable[[World, Store], object]
    run: Callable[[World, Store], object]


def quiet(_phase: str, _done: int, _total: int) -> None:
    """Hear nothing."""


def two_snapshots(world: World, store: Store) -> None:
    """Freeze two days, and publish the older one."""
    contents = Contents(rpms=(A, B), advisories=(FIX,), comps=comps(group("core", mandatory=("a",))))
    frozen(store, "one", [world.publish("base", contents)], Frozen(cut_at="2026-11-01T00:00:00Z"))
    frozen(store, "two", [world.repository("base", B, C)], Frozen(cut_at="2026-11-02T00:00:00Z"))
    publish(store, "production", "one")


def an_upstream(world: World, _store: Store) -> None:
    contents = Contents(rpms=(A, B), advisories=(FIX,), comps=comps(group("core", mandatory=("a",))))
    world.publish("base", contents)


def an_older_mirror(world: World, store: Store) -> None:
    world.repository("base", A, C)
    do_mirror(world, store)
    an_upstream(world, store)


def a_mirror(world: World, store: Store) -> None:
    an_older_mirror(world, store)
    do_mirror(world, store)


def a_lock(world: World, store: Store) -> None:
    two_snapshots(world, store)
    (world.path / "one.json").write_bytes(written_lock(lock_snapshot(store, "one")))


def do_adopt(world: World, store: Store) -> None:
    adopt(store, AdoptRequest(folder=world.repositories, name="day"), quiet)


def do_freeze(world: World, store: Store) -> None:
    """Freeze a third snapshot, its rpms being new."""
    frozen(store, "three", [world.publish("base", Contents(rpms=(A, Rpm("d"))))])


def do_cut(_world: World, store: Store) -> None:
    with writing(store, "snapshot cut"):
        carry_out(store, "cut", plan_cut(store, Recipe()))


def do_prune(_world: World, store: Store) -> None:
    sweep(store, marked(store, Policy(keep_last=0)), quiet)


def do_mirror(world: World, store: Store) -> None:
    source = MirrorSource("base", (world.repositories / "base").as_uri())
    mirror_repositories(store, [source], MirrorOptions(workers=1, at=NOW), quiet)


def do_realise(world: World, store: Store) -> None:
    realise(store, read_lock((world.path / "one.json").read_bytes(), "one.json"), "again")


OPERATIONS = {
    "publish": Operation(two_snapshots, lambda _world, store: publish(store, "production", "two")),
    "publish-first": Operation(two_snapshots, lambda _world, store: publish(store, "testing", "two")),
    "retire": Operation(two_snapshots, lambda _world, store: store.refs() and retire(store, "production")),
    "freeze": Operation(two_snapshots, do_freeze),
    "cut": Operation(a_mirror, do_cut),
    "prune": Operation(two_snapshots, do_prune),
    "lock": Operation(two_snapshots, lambda _world, store: lock_snapshot(store, "one")),
    "realise": Operation(a_lock, do_realise),
    "adopt": Operation(an_upstream, do_adopt),
    "mirror": Operation(an_upstream, do_mirror),
    "mirror-again": Operation(an_older_mirror, do_mirror),
}


def restored(store: Store, origin: Path) -> None:
    shutil.rmtree(store.path)
    shutil.copytree(origin, store.path, symlinks=True)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_kill_at_any_step_is_survived(world: World, name: str) -> None:
    operation = OPERATIONS[name]
    store = new_store(world.path / "store")
    operation.prepare(world, store)
    origin = world.path / "origin"
    shutil.copytree(store.path, origin, symlinks=True)
    operation.run(world, store)
    tidy(store)
    undisturbed = files(store)
    assert undisturbed != files(Store(origin)), "the operation does nothing"
    before, after = visible(Store(origin)), visible(store)

    step = 0
    is_killed = True
    while is_killed:
        step += 1
        assert step < MOST_STEPS
        restored(store, origin)
        is_killed = killed_at(step, lambda: operation.run(world, store))
        check_store(store)
        assert visible(store) <= before | after, f"killed at step {step}"
        assert nouns(before) & nouns(after) <= nouns(visible(store)), f"killed at step {step}"
        operation.run(world, store)
        tidy(store)
        assert files(store) == undisturbed, f"killed at step {step}"
    assert step > 3, "a step before the last one is what this is about"


def test_a_tree_is_materialised_whole_or_not_at_all(world: World) -> None:
    store = new_store(world.path / "store")
    two_snapshots(world, store)
    out = world.path / "out"
    materialise(store, "one", "production", out)
    origin = world.path / "origin"
    shutil.copytree(out, origin, symlinks=True)

    step = 0
    is_killed = True
    while is_killed:
        step += 1
        shutil.rmtree(out)
        shutil.copytree(origin, out, symlinks=True)
        is_killed = killed_at(step, lambda: materialise(store, "two", "production", out))
        assert (out / "production").readlink().name in {"one", "two"}
        check_repository(out / "production/base")
        visible = {path.name for path in out.iterdir() if not path.name.startswith(".")}
        assert visible <= {"one", "two", "production"}
        if "two" in visible:
            check_repository(out / "two/base")
            assert len(list((out / "two").rglob("*.rpm"))) == 2
        materialise(store, "two", "production", out)
        assert sorted(path.name for path in out.iterdir()) == ["one", "production", "two"]
    assert step > 10


def test_a_prune_that_is_killed_never_breaks_what_stays(world: World) -> None:
    """The rpms go after the snapshots that had them, and what a ref keeps is never touched."""
    store = new_store(world.path / "store")
    two_snapshots(world, store)
    shutil.copytree(store.path, world.path / "origin", symlinks=True)

    step = 0
    is_killed = True
    while is_killed:
        step += 1
        restored(store, world.path / "origin")
        is_killed = killed_at(step, lambda: do_prune(world, store))
        check_store(store)
        assert "one" in store.names()
    assert store.names() == ("one",)
    assert sorted(path.name for path in store.pool.rglob("*.rpm")) == [A.filename, B.filename]


def test_steps_are_counted(tmp_path: Path) -> None:
    """Otherwise nothing would ever be killed here."""

    def three_steps() -> None:
        (tmp_path / "file").write_bytes(b"x")
        (tmp_path / "file").rename(tmp_path / "other")
        (tmp_path / "other").unlink()

    seen = []
    for step in range(1, 5):
        seen.append((killed_at(step, three_steps), sorted(path.name for path in tmp_path.iterdir())))
        for path in tmp_path.iterdir():
            path.unlink()
    assert seen == [(True, []), (True, ["file"]), (True, ["other"]), (False, [])]
