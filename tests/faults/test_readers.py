"""Readers that look while refs move and snapshots go. They hold no lock."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from snapshots.prune import marked, sweep
from snapshots.publish import publish
from snapshots.storage.retention import Policy
from snapshots.storage.store import Store
from tests.support.crash import in_child
from tests.support.reader import Seen, UnsoundError, look
from tests.support.rpms import Rpm
from tests.support.stores import Frozen, frozen, new_store
from tests.support.world import World

MOVES = 3000


@dataclass(slots=True)
class Watch:
    """What a reader in another process saw until it was told to stop."""

    looks: int = 0
    seen: set[tuple[str, str]] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


@pytest.fixture
def store(world: World) -> Store:
    """Return a store with two snapshots of a repository."""
    store = new_store(world.path / "store")
    frozen(store, "one", [world.repository("base", Rpm("a", "1-1"))], Frozen(cut_at="2026-11-01T00:00:00Z"))
    frozen(store, "two", [world.repository("base", Rpm("a", "2-1"))], Frozen(cut_at="2026-11-02T00:00:00Z"))
    return store


@contextmanager
def watching(repository: Path, report: Path) -> Iterator[Watch]:
    """Look at a repository without a pause, in another process, and fill in what was seen at the end."""
    watch = Watch()
    ready, is_ready = os.pipe()

    def read() -> None:
        go_on = True

        def stop(_number: int, _frame: object) -> None:
            nonlocal go_on
            go_on = False

        signal.signal(signal.SIGTERM, stop)
        os.write(is_ready, b"x")
        looks, seen, faults = 0, set(), []
        while go_on:
            looks += 1
            try:
                found = look(repository)
                seen.add((found.repomd, found.primary))
            except (OSError, UnsoundError) as error:
                faults.append(repr(error))
        report.write_text(json.dumps([looks, sorted(seen), faults]), encoding="utf-8")

    pid = in_child(read)
    try:
        os.read(ready, 1)
        yield watch
    finally:
        os.kill(pid, signal.SIGTERM)
        _, status = os.waitpid(pid, 0)
        os.close(ready)
        os.close(is_ready)
    assert os.waitstatus_to_exitcode(status) == 0
    looks, seen, watch.faults = json.loads(report.read_text(encoding="utf-8"))
    watch.looks = looks
    watch.seen = {(repomd, primary) for repomd, primary in seen}


def both(store: Store) -> set[tuple[str, str]]:
    found: list[Seen] = [look(store.snapshot(name) / "base") for name in ("one", "two")]
    return {(seen.repomd, seen.primary) for seen in found}


def test_a_reader_of_a_moving_ref_never_misses_and_never_sees_a_mix(world: World, store: Store) -> None:
    publish(store, "production", "one")

    with watching(store.path / "refs/production/base", world.path / "report") as watch:
        for number in range(MOVES):
            publish(store, "production", ("two", "one")[number % 2])

    assert watch.faults == []
    assert watch.seen == both(store)
    assert watch.looks > 100


def test_the_reader_would_notice_a_gap(world: World, store: Store) -> None:
    """Otherwise the test above could not fail: a link that is removed and made again is missed."""
    publish(store, "production", "one")
    ref = store.path / "refs/production"

    with watching(ref / "base", world.path / "report") as watch:
        for number in range(5 * MOVES):
            ref.unlink()
            ref.symlink_to(f"../snapshots/{('two', 'one')[number % 2]}")

    assert watch.faults


def test_a_reader_of_a_snapshot_is_not_disturbed_by_a_prune(world: World, store: Store) -> None:
    publish(store, "production", "one")

    with watching(store.path / "refs/production/base", world.path / "report") as watch:
        for number in range(20):
            repository = world.repository("base", Rpm("b", f"{number}-1"), Rpm("a", "1-1"))
            frozen(store, "passing", [repository], Frozen(cut_at="2026-11-03T00:00:00Z"))
            sweep(store, marked(store, Policy(keep_last=0)), lambda _phase, _done, _total: None)

    assert store.names() == ("one",)
    assert watch.faults == []
    assert len(watch.seen) == 1
