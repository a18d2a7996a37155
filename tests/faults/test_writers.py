"""Two writers of one store."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from snapshots.adopt import AdoptRequest, adopt
from snapshots.content.lockfile import read_lock, written_lock
from snapshots.materialise import materialise
from snapshots.mirror import mirror_repositories
from snapshots.mirror_repository import MirrorOptions, MirrorSource
from snapshots.prune import marked, sweep
from snapshots.publish import publish, retire
from snapshots.realise import lock_snapshot, realise, release
from snapshots.storage.retention import Policy
from snapshots.storage.store import Store, writing
from tests.support.crash import in_child
from tests.support.rpms import Rpm
from tests.support.stores import frozen, new_store
from tests.support.trees import Tree
from tests.support.world import World
from yumbridge.errors import LockHeldError


@pytest.fixture
def store(world: World) -> Store:
    store = new_store(world.path / "store")
    frozen(store, "one", [world.repository("base", Rpm("a"))])
    publish(store, "production", "one")
    (world.path / "one.json").write_bytes(written_lock(lock_snapshot(store, "one")))
    return store


@contextmanager
def another_writer(store: Store, *, for_s: float = 60) -> Iterator[int]:
    """Let another process write for a while, and yield its pid."""
    ready, is_ready = os.pipe()

    def write() -> None:
        with writing(store, "snapshot mirror"):
            os.write(is_ready, b"x")
            time.sleep(for_s)

    pid = in_child(write)
    try:
        os.read(ready, 1)
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ready)
        os.close(is_ready)


def quiet(_phase: str, _done: int, _total: int) -> None:
    """Hear nothing."""


def do_realise(world: World, store: Store) -> None:
    realise(store, read_lock((world.path / "one.json").read_bytes(), "one.json"), "two")


def do_mirror(world: World, store: Store) -> None:
    source = MirrorSource("base", (world.repositories / "base").as_uri())
    mirror_repositories(store, [source], MirrorOptions(), quiet)


WRITERS: dict[str, Callable[[World, Store], object]] = {
    "publish": lambda _world, store: publish(store, "testing", "one"),
    "retire": lambda _world, store: retire(store, "production"),
    "materialise": lambda world, store: materialise(store, "one", "", world.path / "out"),
    "lock": lambda _world, store: lock_snapshot(store, "one"),
    "release": lambda _world, store: release(store, "one"),
    "realise": do_realise,
    "adopt": lambda world, store: adopt(store, AdoptRequest(folder=world.repositories, name="two"), quiet),
    "prune": lambda _world, store: sweep(store, marked(store, Policy(keep_last=0)), quiet),
    "mirror": do_mirror,
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_second_writer_is_told_who_holds_the_lock_and_changes_nothing(world: World, store: Store, name: str) -> None:
    with another_writer(store) as pid:
        before = Tree.of(store.path)
        with pytest.raises(LockHeldError, match=rf"snapshot mirror \(pid {pid}\) since 20\d\d-"):
            WRITERS[name](world, store)
        assert before.changes(Tree.of(store.path)) == ()


def test_a_second_writer_may_wait(store: Store) -> None:
    with another_writer(store, for_s=0.5):
        assert publish(replace(store, wait_s=30), "testing", "one").after == "one"


def test_a_writer_that_was_killed_holds_nothing(store: Store) -> None:
    with another_writer(store) as pid:
        os.kill(pid, signal.SIGKILL)
        assert publish(replace(store, wait_s=30), "testing", "one").after == "one"


def test_readers_do_not_wait(store: Store) -> None:
    with another_writer(store):
        assert store.resolve("production") == "one"
        assert store.manifest("one").repositories[0].repo_id == "base"
        assert [verdict.name for verdict in marked(store, Policy()).kept] == ["one"]
