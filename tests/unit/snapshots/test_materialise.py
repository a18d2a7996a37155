"""Snapshots as trees that need no store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from snapshots.errors import IncompleteError, InvalidNameError, NotPublishableError, SnapshotExistsError
from snapshots.materialise import materialise
from snapshots.storage.store import Store
from tests.support.dnf import dnf
from tests.support.repositories import Repository
from tests.support.roots import InstallRoot
from tests.support.rpms import Rpm
from tests.support.stores import Frozen, frozen, new_store
from tests.support.trees import Tree
from tests.support.world import World
from yumbridge.errors import HostError

ELSEWHERE = Path("/dev/shm")  # noqa: S108 - another file system on every Linux


@pytest.fixture
def store(world: World) -> Store:
    store = new_store(world.path / "store")
    base = world.repository("base", Rpm("a"), Rpm("b"))
    extra = world.repository("extra", Rpm("c", requires=("a",)))
    frozen(store, "one", [base, extra])
    return store


@pytest.fixture
def other_device(store: Store) -> Iterator[Path]:
    if not ELSEWHERE.is_dir() or ELSEWHERE.stat().st_dev == store.path.stat().st_dev:
        pytest.skip("no other file system to write to")
    folder = ELSEWHERE / f"yumbridge-{store.path.parent.name}"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def rpms(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.rpm") if path.is_file())


def test_the_rpms_are_those_of_the_pool_and_not_copies(store: Store, tmp_path: Path) -> None:
    done = materialise(store, "one", "", tmp_path / "out")

    assert (done.path, done.copied) == (str(tmp_path / "out/one"), 0)
    inodes = {path.stat().st_ino for path in rpms(store.pool)}
    assert {path.stat().st_ino for path in rpms(Path(done.path))} == inodes
    assert len(rpms(Path(done.path))) == 3


def test_the_tree_serves_without_the_store(store: Store, tmp_path: Path) -> None:
    materialise(store, "one", "production", tmp_path / "out")
    shutil.rmtree(store.path)

    assert not [path for path in (tmp_path / "out/one").rglob("*") if path.is_symlink()]
    out = tmp_path / "out/production"
    served = [Repository(name, out / name, (out / name).as_uri(), ()) for name in ("base", "extra")]
    root = InstallRoot(tmp_path / "root")
    outcome = dnf(root.path, "install", "c", repositories=served)
    assert outcome.code == 0, outcome.stderr
    assert root.installed() == {"a-1-1.noarch", "c-1-1.noarch"}


def test_the_link_follows_and_older_trees_stay(world: World, store: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    materialise(store, "one", "production", out)
    frozen(store, "two", [world.repository("base", Rpm("a", "2-1"))])

    materialise(store, "two", "production", out)

    assert (out / "production").readlink() == Path("two")
    assert sorted(path.name for path in out.iterdir()) == ["one", "production", "two"]


def test_what_is_there_already_is_left_alone(store: Store, tmp_path: Path) -> None:
    materialise(store, "one", "production", tmp_path / "out")
    before = Tree.of(tmp_path / "out")

    again = materialise(store, "one", "production", tmp_path / "out")
    assert (again.linked, again.copied) == (0, 0)
    assert before.changes(Tree.of(tmp_path / "out")) == ()


def test_what_an_interrupted_run_left_is_replaced(store: Store, tmp_path: Path) -> None:
    (tmp_path / "out/.one.new/base").mkdir(parents=True)
    (tmp_path / "out/.one.new/base/rubbish").touch()

    materialise(store, "one", "", tmp_path / "out")

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["one"]
    assert not (tmp_path / "out/one/base/rubbish").exists()


def test_nothing_is_written_through_a_link(store: Store, tmp_path: Path) -> None:
    """The folder may be one that others write in as well."""
    (tmp_path / "victim").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/.one.new").symlink_to(tmp_path / "victim")

    with pytest.raises(HostError):
        materialise(store, "one", "", tmp_path / "out")
    assert not list((tmp_path / "victim").iterdir())


def test_another_file_system_gets_copies(store: Store, other_device: Path) -> None:
    done = materialise(store, "one", "", other_device)

    assert done.linked == 0
    assert [path.read_bytes() for path in rpms(Path(done.path))] == [
        next(other for other in rpms(store.pool) if other.name == path.name).read_bytes()
        for path in rpms(Path(done.path))
    ]


def test_a_folder_that_holds_something_else_is_not_touched(store: Store, tmp_path: Path) -> None:
    (tmp_path / "out/one").mkdir(parents=True)
    (tmp_path / "out/one/precious").touch()

    with pytest.raises(SnapshotExistsError, match="holds something else"):
        materialise(store, "one", "production", tmp_path / "out")
    assert (tmp_path / "out/one/precious").exists()
    assert not (tmp_path / "out/production").exists()


def test_a_folder_in_place_of_the_link_is_not_touched(store: Store, tmp_path: Path) -> None:
    (tmp_path / "out/production").mkdir(parents=True)

    with pytest.raises(SnapshotExistsError, match="is no link"):
        materialise(store, "one", "production", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["production"]


@pytest.mark.parametrize("place", [".", "snapshots", "new/folder"])
def test_a_folder_inside_of_the_store_is_refused(store: Store, place: str) -> None:
    with pytest.raises(NotPublishableError, match="inside of the store"):
        materialise(store, "one", "", store.path / place)


def test_a_link_cannot_be_called_like_the_tree(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InvalidNameError):
        materialise(store, "one", "one", tmp_path / "out")


def test_missing_rpms_are_all_named(store: Store, tmp_path: Path) -> None:
    gone = rpms(store.pool)[:2]
    for path in gone:
        path.unlink()

    with pytest.raises(IncompleteError, match="the pool lacks 2 rpms of one") as caught:
        materialise(store, "one", "", tmp_path / "out")
    assert {line.split("(")[1][:64] for line in caught.value.details} == {path.parent.name for path in gone}
    assert not (tmp_path / "out").exists()


def test_a_snapshot_without_rpms_is_refused(world: World, store: Store, tmp_path: Path) -> None:
    frozen(store, "metadata", [world.repository("base", Rpm("x"))], Frozen(metadata_only=True))

    with pytest.raises(NotPublishableError, match="metadata only"):
        materialise(store, "metadata", "", tmp_path / "out")
