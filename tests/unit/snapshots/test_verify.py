"""Damage of every kind, found."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from snapshots.content.manifest import manifest_of, written_manifest
from snapshots.errors import NoSnapshotError
from snapshots.fault import FaultKind
from snapshots.repodata.compose import Compression
from snapshots.storage.store import Store
from snapshots.verify import Verified, VerifiedSnapshot, ref_faults, verify
from tests.support.advisories import Advisory
from tests.support.comps import comps, group, module
from tests.support.repositories import Contents
from tests.support.rpms import Rpm
from tests.support.stores import Frozen, frozen, new_store
from tests.support.world import World

A = Rpm("a", "1:2-3", files={"/usr/share/a": "a"})
B = Rpm("b", requires=("a",), files=("/usr/bin/b",))
CONTENTS = Contents(
    rpms=(A, B),
    advisories=(Advisory("RHSA-2026:1", packages=(A,)),),
    comps=comps(group("tools", mandatory=("a", "b"))),
    modules=module("app", "1", ["a-1:2-3.noarch"]),
)

WHOLE = VerifiedSnapshot(name="one", packages=2, faults=())


@pytest.fixture
def store(world: World) -> Store:
    """Return a store with one snapshot, of one repository with everything in it."""
    store = new_store(world.path / "store")
    frozen(store, "one", [world.publish("base", CONTENTS)], Frozen(message="the first"))
    return store


def silent(phase: str, done: int, total: int) -> None:
    assert phase
    assert done <= total


def verified(store: Store, *, deep: bool = False) -> Verified:
    return verify(store, ["one"], deep=deep, listener=silent)


def found(store: Store, *, deep: bool = False) -> set[tuple[FaultKind, str]]:
    """Return the kind and the path of every fault, the path below the snapshot if it is there."""
    return {(fault.kind, fault.path.removeprefix("snapshots/one/")) for fault in verified(store, deep=deep).faults}


def files(store: Store) -> list[Path]:
    return sorted(path for path in store.snapshot("one").rglob("*") if path.is_file() and "Packages" not in path.parts)


def flipped(path: Path, position: int) -> Callable[[], int]:
    """Change one bit of a file, and return what changes it back."""
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)

    def back() -> int:
        content[position] ^= 1
        return path.write_bytes(content)

    return back


@pytest.mark.parametrize("compression", list(Compression))
def test_a_snapshot_as_it_was_frozen_has_no_fault(world: World, compression: Compression) -> None:
    store = new_store(world.path / "store")
    frozen(store, "one", [world.publish("base", CONTENTS)], Frozen(compression=compression))
    assert verified(store, deep=True) == Verified(snapshots=(WHOLE,), rpms=2, pool=())


def test_a_damaged_bit_of_any_file_is_found(store: Store) -> None:
    missed = []
    for path in files(store):
        size = path.stat().st_size
        for position in sorted({*range(0, size, max(1, size // 40)), size - 1}):
            back = flipped(path, position)
            if not verified(store).faults:
                missed.append((path.name, position))
            back()
    assert missed == []
    assert verified(store).faults == ()


def test_every_fault_is_told_at_once(store: Store) -> None:
    for path in files(store):
        flipped(path, path.stat().st_size // 2)
    paths = {path for _, path in found(store)}
    assert {"manifest.json", "snapshot.json", ".index/base.msgpack"} <= paths


def test_a_damaged_file_of_repodata_is_named(store: Store) -> None:
    repodata = sorted((store.snapshot("one") / "base/repodata").iterdir())
    for path in repodata:
        back = flipped(path, 10)
        assert found(store) == {(FaultKind.METADATA, f"base/repodata/{path.name}")}
        back()
    assert len(repodata) == 7


def test_a_missing_file_is_found(store: Store) -> None:
    for path in files(store):
        content = path.read_bytes()
        path.unlink()
        assert verified(store).faults, path
        path.write_bytes(content)
    assert verified(store).faults == ()


def test_a_path_is_told_once_and_relative_to_the_store(store: Store) -> None:
    index = store.snapshot("one") / ".index/base.msgpack"
    index.write_bytes(index.read_bytes()[:-1])
    texts = [fault.text for fault in verified(store).faults if fault.path == "snapshots/one/.index/base.msgpack"]
    assert texts == ["is damaged: its digest is not that of its content"]
    index.unlink()
    assert not [fault for fault in verified(store).faults if str(store.path) in fault.text]


def test_what_is_no_part_of_the_snapshot_is_found(store: Store) -> None:
    folder = store.snapshot("one")
    for name in ("x", "base/x", "base/repodata/x", ".index/x", "base/repodata/.primary.xml.zst"):
        (folder / name).touch()
        assert found(store) == {(FaultKind.STRAY, name)}
        (folder / name).unlink()


def test_a_link_that_leads_elsewhere_is_found(store: Store) -> None:
    link = store.snapshot("one") / "base/Packages"
    link.unlink()
    assert found(store) == {(FaultKind.LINK, "base/Packages")}
    link.symlink_to("../../pool")
    assert found(store) == {(FaultKind.LINK, "base/Packages")}


def test_an_rpm_that_is_missing_short_or_a_link_is_found(store: Store) -> None:
    rpm = next(store.pool.rglob("a-2-3.noarch.rpm"))
    content = rpm.read_bytes()
    path = str(rpm.relative_to(store.path))
    rpm.unlink()
    assert found(store) == {(FaultKind.POOL, path)}
    rpm.write_bytes(content[:-1])
    assert found(store) == {(FaultKind.POOL, path)}
    rpm.unlink()
    other = store.path.parent / "elsewhere.rpm"
    other.write_bytes(content)
    rpm.symlink_to(other)
    assert found(store) == {(FaultKind.POOL, path)}


def test_a_damaged_rpm_of_the_right_size_is_found_when_it_is_hashed(store: Store) -> None:
    rpm = next(store.pool.rglob("a-2-3.noarch.rpm"))
    flipped(rpm, 100)
    assert found(store) == set()
    assert found(store, deep=True) == {(FaultKind.POOL, str(rpm.relative_to(store.path)))}


@pytest.mark.parametrize("deep", [False, True])
def test_an_rpm_of_several_snapshots_is_told_and_counted_once(world: World, store: Store, *, deep: bool) -> None:
    frozen(store, "two", [world.repository("base", A, Rpm("c")), world.repository("copy", A)])
    frozen(store, "three", [world.repository("base", Rpm("c"))])
    for rpm in store.pool.rglob("*.rpm"):
        if deep:
            flipped(rpm, 100)
        else:
            rpm.unlink()

    everything = verify(store, store.names(), deep=deep, listener=silent)

    assert everything.rpms == 3
    told = {fault.path.rpartition("/")[2]: fault.snapshots for fault in everything.pool}
    assert told == {"a-2-3.noarch.rpm": 2, "b-1-1.noarch.rpm": 1, "c-1-1.noarch.rpm": 2}
    assert len(everything.faults) == len(everything.pool) == 3


def test_without_rpms_the_pool_is_not_looked_at(world: World) -> None:
    store = new_store(world.path / "store")
    frozen(store, "one", [world.publish("base", CONTENTS)], Frozen(metadata_only=True))
    assert verified(store, deep=True) == Verified(snapshots=(WHOLE,), rpms=0, pool=())


def test_a_manifest_of_other_content_is_found_though_its_id_is_right(store: Store) -> None:
    manifest = store.manifest("one")
    base = manifest.repositories[0]
    fewer = type(base)(repo_id="base", packages=base.packages[:1], metadata=base.metadata)
    (store.snapshot("one") / "manifest.json").write_bytes(written_manifest(manifest_of([fewer], metadata_only=False)))
    texts = {fault.text for fault in verified(store).faults}
    assert "lacks b-1-1.noarch of base" in texts
    assert any(text.startswith("is about a snapshot with the id sha256:") for text in texts)


def test_provenance_of_another_name_is_found(store: Store) -> None:
    store.snapshot("one").rename(store.snapshot("two"))
    [fault] = verify(store, ["two"], deep=False, listener=silent).faults
    assert (fault.kind, fault.text) == (FaultKind.PROVENANCE, "is about a snapshot one")


def test_a_repository_of_another_snapshot_is_found(world: World, store: Store) -> None:
    frozen(store, "two", [world.publish("base", Contents(rpms=(B,)))])
    one, two = store.snapshot("one"), store.snapshot("two")
    for name in ("base", ".index/base.msgpack"):
        (one / name).rename(one / f"{name}.old")
        (two / name).rename(one / name)
    assert (FaultKind.MANIFEST, "manifest.json") in found(store)


def test_a_snapshot_that_is_not_there_is_no_fault(store: Store) -> None:
    with pytest.raises(NoSnapshotError):
        verify(store, ["two"], deep=False, listener=silent)


def test_a_ref_is_verified_as_what_it_points_to_and_found_when_that_is_gone(store: Store) -> None:
    store.ref("production").symlink_to("../snapshots/one")
    assert verify(store, ["production"], deep=False, listener=silent).snapshots[0].name == "one"
    assert ref_faults(store) == ()
    store.ref("testing").symlink_to("../snapshots/two")
    [fault] = ref_faults(store)
    assert (fault.kind, fault.path) == (FaultKind.REF, "refs/testing")


def test_metadata_that_was_compressed_again_is_found(world: World) -> None:
    store = new_store(world.path / "store")
    frozen(store, "one", [world.publish("base", CONTENTS)], Frozen(compression=Compression.GZIP))
    [primary] = (store.snapshot("one") / "base/repodata").glob("*-primary.xml.gz")
    primary.write_bytes(gzip.compress(gzip.decompress(primary.read_bytes())))
    assert found(store) == {(FaultKind.METADATA, f"base/repodata/{primary.name}")}
