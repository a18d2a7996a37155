"""Deleting what nothing refers to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from snapshots.content.lockfile import written_lock
from snapshots.errors import NoSnapshotError, StoreError
from snapshots.prune import Marked, Swept, marked, sweep
from snapshots.publish import publish
from snapshots.realise import lock_snapshot, release
from snapshots.repodata.index import written_index
from snapshots.storage.retention import Policy, RpmReason, SnapshotReason
from snapshots.storage.store import Store, writing
from tests.support.rpms import Rpm
from tests.support.stores import Frozen, frozen, new_store
from tests.support.trees import Tree
from tests.support.world import World
from yumbridge.errors import LockHeldError

NONE = Policy(keep_last=0)


@pytest.fixture
def store(world: World) -> Store:
    """Return a store with three days: "common" is in all, "a" in another build each day."""
    store = new_store(world.path / "store")
    for day, name in enumerate(("monday", "tuesday", "wednesday"), 1):
        repository = world.repository("base", Rpm("common"), Rpm("a", f"{day}-1"))
        frozen(store, name, [repository], Frozen(cut_at=f"2026-11-{day:02}T08:00:00Z"))
    return store


def quiet(_phase: str, _done: int, _total: int) -> None:
    """Hear nothing."""


def swept(store: Store, policy: Policy) -> Swept:
    return sweep(store, marked(store, policy), quiet)


def rpms(store: Store) -> list[str]:
    return sorted(path.name for path in store.pool.rglob("*.rpm"))


def going(found: Marked) -> dict[RpmReason, list[str]]:
    return {verdict.reason: sorted(Path(file.path).name for file in verdict.rpms) for verdict in found.rpms}


def test_marking_changes_nothing(store: Store) -> None:
    before = Tree.of(store.path)

    found = marked(store, Policy(keep_last=1))

    assert before.changes(Tree.of(store.path)) == ()
    assert [verdict.name for verdict in found.kept] == ["wednesday"]
    assert [verdict.name for verdict in found.going] == ["tuesday", "monday"]
    assert going(found) == {RpmReason.PRUNED: ["a-1-1.noarch.rpm", "a-2-1.noarch.rpm"]}


def test_the_disk_that_is_freed_is_what_goes(store: Store) -> None:
    def used() -> int:
        return sum(path.lstat().st_size for path in store.path.rglob("*") if path.is_symlink() or path.is_file())

    before = used()
    found = marked(store, Policy(keep_last=1))
    done = sweep(store, found, quiet)

    assert done.freed_bytes == found.freed_bytes == before - used()


def test_what_goes_is_gone_and_the_rest_is_whole(store: Store) -> None:
    done = swept(store, Policy(keep_last=1))

    assert done.snapshots == ("monday", "tuesday")
    assert (done.rpms, done.spared) == (2, ())
    assert store.names() == ("wednesday",)
    assert rpms(store) == ["a-3-1.noarch.rpm", "common-1-1.noarch.rpm"]
    assert not [path for path in store.pool.glob("*/*") if not any(path.iterdir())]
    assert marked(store, Policy(keep_last=1)).is_empty


def test_nothing_goes_by_default_before_there_is_a_month_of_snapshots(store: Store) -> None:
    assert marked(store, Policy()).is_empty


def test_a_ref_keeps_a_snapshot_and_its_rpms(store: Store) -> None:
    publish(store, "production", "monday")

    swept(store, Policy(keep_last=1))

    assert store.names() == ("monday", "wednesday")
    assert rpms(store) == ["a-1-1.noarch.rpm", "a-3-1.noarch.rpm", "common-1-1.noarch.rpm"]


def test_snapshots_are_kept_by_name_or_by_what_a_ref_means(store: Store) -> None:
    publish(store, "production", "monday")

    found = marked(store, Policy(keep_last=0, named=("production", "tuesday")))

    assert found.policy.named == ("monday", "tuesday")
    assert [verdict.name for verdict in found.going] == ["wednesday"]


def test_a_name_to_keep_that_is_not_there_is_refused(store: Store) -> None:
    """Whoever mistyped it would lose what it was to keep."""
    with pytest.raises(NoSnapshotError, match="mondya"):
        marked(store, Policy(keep_last=0, named=("mondya",)))


def test_a_recorded_lock_keeps_a_snapshot_until_it_is_released(store: Store) -> None:
    lock_snapshot(store, "monday")
    assert [verdict.name for verdict in marked(store, NONE).kept] == ["monday"]

    release(store, "monday")

    assert marked(store, NONE).kept == ()


def test_a_recorded_lock_keeps_rpms_without_a_snapshot(store: Store) -> None:
    lock_snapshot(store, "monday")
    shutil.rmtree(store.snapshot("monday"))

    swept(store, NONE)

    assert store.names() == ()
    assert rpms(store) == ["a-1-1.noarch.rpm", "common-1-1.noarch.rpm"]


def test_a_lock_that_came_after_the_marks_wins(store: Store) -> None:
    lock = lock_snapshot(store, "monday")
    release(store, "monday")
    planned = marked(store, NONE)
    # As whoever restores a store from the locks in version control does.
    store.recorded_lock("monday").write_bytes(written_lock(lock))

    assert sweep(store, planned, quiet).spared == ("monday",)

    assert store.names() == ("monday",)
    assert rpms(store) == ["a-1-1.noarch.rpm", "common-1-1.noarch.rpm"]


def test_an_rpm_that_came_after_the_marks_is_not_deleted(store: Store) -> None:
    """An interrupted mirror has brought it, and will go on where it was."""
    planned = marked(store, NONE)
    folder = store.pool / "ab" / ("ab" * 32)
    folder.mkdir(parents=True)
    (folder / "new-1-1.noarch.rpm").write_bytes(b"x")

    sweep(store, planned, quiet)

    assert rpms(store) == ["new-1-1.noarch.rpm"]


def test_a_ref_that_came_after_the_marks_wins(store: Store) -> None:
    planned = marked(store, NONE)
    publish(store, "production", "tuesday")

    done = sweep(store, planned, quiet)

    assert done.spared == ("tuesday",)
    assert store.names() == ("tuesday",)
    assert rpms(store) == ["a-2-1.noarch.rpm", "common-1-1.noarch.rpm"]


def test_a_ref_that_comes_while_snapshots_are_deleted_wins(store: Store) -> None:
    """Whoever may write in refs/ can move a link without asking for the lock."""

    def link(phase: str, done: int, _total: int) -> None:
        if (phase, done) == ("snapshots", 1):
            (store.path / "refs/production").symlink_to("../snapshots/tuesday")

    done = sweep(store, marked(store, NONE), link)

    assert done.spared == ("tuesday",)
    assert (store.path / "refs/production/manifest.json").is_file()
    assert rpms(store) == ["a-2-1.noarch.rpm", "common-1-1.noarch.rpm"]


def test_a_snapshot_that_came_after_the_marks_keeps_its_rpms(world: World, store: Store) -> None:
    planned = marked(store, NONE)
    frozen(store, "thursday", [world.repository("base", Rpm("a", "1-1"), Rpm("new"))])

    sweep(store, planned, quiet)

    assert store.names() == ("thursday",)
    assert rpms(store) == ["a-1-1.noarch.rpm", "new-1-1.noarch.rpm"]


def test_a_name_that_has_other_content_by_now_is_spared(world: World, store: Store) -> None:
    planned = marked(store, NONE)
    swept(store, Policy(keep_last=2))
    frozen(store, "monday", [world.repository("base", Rpm("new"))])

    done = sweep(store, planned, quiet)

    assert store.names() == ("monday",)
    assert done.spared == ("monday",)


def test_what_a_mirror_last_saw_is_kept(store: Store) -> None:
    state = store.mirror("base") / ".states/0123456789abcdef"
    repository = store.repository("monday", "base")
    (state / "tree").mkdir(parents=True)
    (state / "index.msgpack").write_bytes(written_index(repository.index))
    (store.mirror("base") / "current").symlink_to(".states/0123456789abcdef")

    swept(store, NONE)

    assert rpms(store) == ["a-1-1.noarch.rpm", "common-1-1.noarch.rpm"]
    assert store.mirrors() == ("base",)


def test_rpms_that_nothing_ever_referred_to_are_told_apart(store: Store) -> None:
    pkgid = "ab" * 32
    (store.pool / "ab" / pkgid).mkdir(parents=True)
    (store.pool / "ab" / pkgid / "stray-1-1.noarch.rpm").write_bytes(b"x")

    found = marked(store, Policy())

    assert going(found) == {RpmReason.UNREFERENCED: ["stray-1-1.noarch.rpm"]}
    sweep(store, found, quiet)
    assert not (store.pool / "ab" / pkgid).exists()


def test_what_interrupted_work_left_is_deleted(store: Store) -> None:
    pkgid = "cd" * 32
    (store.path / "snapshots/.new.making/base").mkdir(parents=True)
    (store.path / "snapshots/.new.making/base/file").write_bytes(b"12345")
    (store.path / "refs/.production.new").symlink_to("../snapshots/monday")
    (store.path / "locks/.monday.json.new").touch()
    (store.path / "mirrors/base/.states/0000").mkdir(parents=True)
    (store.path / "mirrors/.work").mkdir()
    (store.pool / ".x.new").touch()
    (store.pool / "cd" / pkgid).mkdir(parents=True)

    found = marked(store, Policy())

    assert {leftover.path for leftover in found.leftovers} == {
        "snapshots/.new.making",
        "refs/.production.new",
        "locks/.monday.json.new",
        "mirrors/base/.states/0000",
        "mirrors/.work",
        "pool/.x.new",
        f"pool/cd/{pkgid}",
    }
    assert sweep(store, found, quiet).leftovers == 7
    assert marked(store, Policy()).is_empty
    assert all((store.path / name).is_dir() for name in ("snapshots", "refs", "locks", "mirrors", "pool"))


def test_links_in_the_pool_are_not_followed(store: Store, tmp_path: Path) -> None:
    pkgid = "ef" * 32
    outside = tmp_path / "outside"
    (outside / pkgid).mkdir(parents=True)
    (outside / pkgid / "precious.rpm").touch()
    (store.pool / "ef").symlink_to(outside)
    (store.pool / ".left").symlink_to(outside)

    swept(store, NONE)

    assert (outside / pkgid / "precious.rpm").exists()
    assert not (store.pool / ".left").is_symlink()


def damaged_manifest(store: Store) -> None:
    (store.path / "snapshots/wednesday/manifest.json").write_bytes(b"{}")


def missing_manifest(store: Store) -> None:
    (store.path / "snapshots/wednesday/manifest.json").unlink()


def damaged_provenance(store: Store) -> None:
    (store.path / "snapshots/wednesday/snapshot.json").write_bytes(b"{")


def damaged_lock(store: Store) -> None:
    (store.path / "locks/x.json").write_bytes(b"{")


def damaged_mirror(store: Store) -> None:
    (store.path / "mirrors/base").mkdir()
    (store.path / "mirrors/base/current").symlink_to(".states/gone")


@pytest.mark.parametrize(
    "damage", [damaged_manifest, missing_manifest, damaged_provenance, damaged_lock, damaged_mirror]
)
def test_nothing_is_deleted_while_something_cannot_be_read(store: Store, damage: Callable[[Store], None]) -> None:
    planned = marked(store, NONE)
    damage(store)
    before = Tree.of(store.path)

    with pytest.raises(StoreError):
        marked(store, NONE)
    with pytest.raises(StoreError):
        sweep(store, planned, quiet)
    assert [line for line in before.changes(Tree.of(store.path)) if line not in {"~ .", "~ .lock"}] == []


def test_a_sweep_waits_for_no_other_writer(store: Store) -> None:
    planned = marked(store, NONE)

    with writing(store, "snapshot mirror"), pytest.raises(LockHeldError, match=str(os.getpid())):
        sweep(store, planned, quiet)
    assert len(store.names()) == 3


def test_marks_are_a_document(store: Store) -> None:
    publish(store, "production", "monday")

    document = msgspec.json.decode(msgspec.json.encode(marked(store, Policy(keep_last=1))))

    assert document["document"] == "yumbridge-prune"
    assert [(each["name"], each["because"]) for each in document["kept"]] == [
        ("wednesday", [{"reason": SnapshotReason.RECENT, "rule": "among the last 1"}]),
        ("monday", [{"reason": SnapshotReason.REF, "rule": "production"}]),
    ]
    assert [holding["name"] for holding in document["holdings"]] == ["monday", "wednesday"]
