"""Refs: a name that points to a snapshot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from snapshots.errors import InvalidNameError, NoSnapshotError, NotPublishableError, StoreError
from snapshots.publish import Published, publish, retire
from snapshots.storage.store import Store, writing
from tests.support.rpms import Rpm
from tests.support.stores import Frozen, frozen, new_store
from tests.support.world import World
from yumbridge.errors import LockHeldError


@pytest.fixture
def store(world: World) -> Store:
    """Return a store with a snapshot of each of two days."""
    store = new_store(world.path / "store")
    frozen(store, "monday", [world.repository("base", Rpm("a", "1-1"))], Frozen(cut_at="2026-11-16T08:00:00Z"))
    frozen(store, "tuesday", [world.repository("base", Rpm("a", "2-1"))], Frozen(cut_at="2026-11-17T08:00:00Z"))
    return store


def test_a_ref_is_a_relative_link_to_the_snapshot(store: Store) -> None:
    published = publish(store, "production", "monday")

    assert published == Published(ref="production", before="", after="monday", is_unchanged=False)
    assert (store.path / "refs/production").readlink() == Path("../snapshots/monday")
    assert (store.path / "refs/production/base/repodata/repomd.xml").is_file()
    assert store.resolve("production") == "monday"


def test_a_store_that_was_moved_keeps_its_refs(store: Store) -> None:
    publish(store, "production", "monday")
    moved = store.path.rename(store.path.with_name("elsewhere"))

    assert (moved / "refs/production/manifest.json").is_file()


def test_moving_a_ref_says_where_it_was(store: Store) -> None:
    publish(store, "production", "monday")

    assert publish(store, "production", "tuesday").before == "monday"
    assert [entry.name for entry in (store.path / "refs").iterdir()] == ["production"]


def test_a_ref_that_points_there_already_is_left_alone(store: Store) -> None:
    publish(store, "production", "monday")
    inode = (store.path / "refs/production").lstat().st_ino

    assert publish(store, "production", "monday").is_unchanged
    assert (store.path / "refs/production").lstat().st_ino == inode


def test_a_ref_is_promoted_from_another_ref(store: Store) -> None:
    publish(store, "testing", "tuesday")

    assert publish(store, "production", "testing").after == "tuesday"
    # It is the snapshot that was published: production does not follow testing.
    publish(store, "testing", "monday")
    assert store.resolve("production") == "tuesday"


def test_an_older_snapshot_is_refused_on_demand_only(store: Store) -> None:
    publish(store, "production", "tuesday")

    with pytest.raises(NotPublishableError, match="monday is older than what production points to") as caught:
        publish(store, "production", "monday", not_older=True)
    assert caught.value.details == (
        "monday was cut at 2026-11-16T08:00:00Z",
        "tuesday, where production points to, was cut at 2026-11-17T08:00:00Z",
    )
    assert store.resolve("production") == "tuesday"
    assert publish(store, "production", "monday").after == "monday"


def test_a_newer_snapshot_is_not_older(store: Store) -> None:
    publish(store, "production", "monday", not_older=True)

    assert publish(store, "production", "tuesday", not_older=True).after == "tuesday"
    assert publish(store, "production", "tuesday", not_older=True).is_unchanged


def test_a_ref_that_moved_since_it_was_checked_stays(store: Store) -> None:
    publish(store, "production", "monday")
    with pytest.raises(NotPublishableError, match="production points to monday by now: check again"):
        publish(store, "production", "tuesday", expected="")
    assert store.refs() == {"production": "monday"}
    assert publish(store, "production", "tuesday", expected="monday").after == "tuesday"


def test_a_ref_that_leads_nowhere_can_be_repaired(store: Store) -> None:
    (store.path / "refs/production").symlink_to("../snapshots/gone")

    assert publish(store, "production", "monday", not_older=True).before == "gone"


def test_a_snapshot_without_rpms_is_not_published(world: World, store: Store) -> None:
    repository = world.repository("base", Rpm("b"))
    frozen(store, "metadata", [repository], Frozen(metadata_only=True))

    with pytest.raises(NotPublishableError, match="metadata only"):
        publish(store, "production", "metadata")
    assert store.refs() == {}


@pytest.mark.parametrize("left", [None, b"cut short"])
def test_a_snapshot_whose_rpms_are_gone_or_short_is_not_published(store: Store, left: bytes | None) -> None:
    publish(store, "production", "monday")
    (package,) = store.manifest("tuesday").packages
    rpm = store.pool / package.pool_name
    rpm.unlink()
    if left is not None:
        rpm.write_bytes(left)

    with pytest.raises(NotPublishableError, match="1 rpm of tuesday not in the pool") as caught:
        publish(store, "production", "tuesday")
    what = "is missing" if left is None else f"has {len(left)} bytes instead of {package.size_bytes}"
    assert caught.value.details == (f"a-2-1.noarch ({package.pkgid}) {what}",)
    assert store.resolve("production") == "monday"


def test_a_ref_cannot_be_called_like_a_snapshot(store: Store) -> None:
    with pytest.raises(InvalidNameError, match="tuesday is the name of a snapshot"):
        publish(store, "tuesday", "monday")


@pytest.mark.parametrize("name", ["../x", ".hidden", "", "a/b", "a b"])
def test_a_ref_needs_a_name_that_is_one(store: Store, name: str) -> None:
    with pytest.raises(InvalidNameError):
        publish(store, name, "monday")


def test_what_does_not_exist_is_not_published(store: Store) -> None:
    with pytest.raises(NoSnapshotError):
        publish(store, "production", "sunday")


@pytest.mark.parametrize("link", ["/etc", "../pool", "../snapshots/monday/base"])
def test_a_link_out_of_the_snapshots_is_damage(store: Store, link: str) -> None:
    (store.path / "refs/production").symlink_to(link)

    with pytest.raises(StoreError, match="no snapshot of the store"):
        publish(store, "production", "monday")
    assert (store.path / "refs/production").readlink() == Path(link)


def test_a_folder_in_place_of_a_ref_is_damage(store: Store) -> None:
    (store.path / "refs/production").mkdir()

    with pytest.raises(StoreError, match="is no link"):
        publish(store, "production", "monday")


def test_what_an_interrupted_move_left_is_no_hindrance(store: Store) -> None:
    (store.path / "refs/.production.new").symlink_to("../snapshots/tuesday")

    publish(store, "production", "monday")

    assert os.listdir(store.path / "refs") == ["production"]  # noqa: PTH208 - hidden names as well
    assert store.resolve("production") == "monday"


def test_a_ref_is_retired_and_the_snapshot_stays(store: Store) -> None:
    publish(store, "production", "monday")

    assert retire(store, "production") == Published(ref="production", before="monday", after="", is_unchanged=False)
    assert store.refs() == {}
    assert store.names() == ("monday", "tuesday")


def test_a_ref_that_is_not_there_cannot_be_retired(store: Store) -> None:
    with pytest.raises(NoSnapshotError):
        retire(store, "production")
    with pytest.raises(NoSnapshotError):
        retire(store, "monday")


def test_a_second_writer_is_told_who_is_at_work(store: Store) -> None:
    with (
        writing(store, "snapshot mirror"),
        pytest.raises(LockHeldError, match=rf"snapshot mirror \(pid {os.getpid()}\)"),
    ):
        publish(store, "production", "monday")
    assert store.refs() == {}
