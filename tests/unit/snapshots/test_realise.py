"""Snapshots made again from their locks."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from snapshots.content.lockfile import Lock, locked_manifest, read_lock, written_lock
from snapshots.content.manifest import manifest_id
from snapshots.errors import IncompleteError, InvalidNameError, NoSnapshotError, SnapshotExistsError
from snapshots.publish import publish
from snapshots.realise import lock_snapshot, realise, release
from snapshots.repodata.compose import Compression
from snapshots.storage.store import Store
from tests.support.advisories import Advisory
from tests.support.comps import comps, group, module
from tests.support.mirrors import replace_metadata, unpacked, write_otherwise
from tests.support.repositories import Contents
from tests.support.rpms import Rpm
from tests.support.stores import Frozen, frozen, new_store
from tests.support.world import World
from yumbridge.errors import DocumentError

A = Rpm("a", "1:2-3", files={"/usr/share/a": "a"})
B = Rpm("b", requires=("a",), files=("/usr/bin/b",))
C = Rpm("c", "7-1", arch="x86_64")
FIX = Advisory("RHSA-2026:1", packages=(A, C), severity="Critical", cves=("CVE-2026-1",))


def contents(*more: Rpm) -> Contents:
    return Contents(
        rpms=(A, B, C, *more),
        advisories=(FIX,),
        comps=comps(group("tools", mandatory=("a", "b"))),
        modules=module("app", "1", ["c-0:7-1.x86_64"]),
    )


@pytest.fixture
def store(world: World) -> Store:
    """Return a store with a snapshot of one repository with everything in it."""
    store = new_store(world.path / "store")
    frozen(store, "one", [world.publish("base", contents())], Frozen(message="the first"))
    return store


def as_committed(store: Store, name: str) -> Lock:
    """Return a lock as somebody has it from version control."""
    return read_lock(written_lock(lock_snapshot(store, name)), "lock.json")


def files(folder: Path) -> dict[str, bytes]:
    """Return every file of a snapshot with its bytes, and every link with its target, but not how it came to be."""
    return {
        path.relative_to(folder).as_posix(): path.readlink().as_posix().encode()
        if path.is_symlink()
        else path.read_bytes()
        for path in folder.rglob("*")
        if (path.is_symlink() or path.is_file()) and not path.name.startswith("snapshot.json")
    }


def test_the_same_store_makes_the_same_bytes(store: Store) -> None:
    lock = as_committed(store, "one")

    manifest = realise(store, lock, "again")

    assert manifest == store.manifest("one")
    there, again = files(store.snapshot("one")), files(store.snapshot("again"))
    assert there == again


def test_another_store_with_another_mirror_makes_the_same_bytes(world: World, store: Store) -> None:
    """Same id, same bytes: one mirror has gzip, the other zstd, another order, times, names and base."""
    lock = as_committed(store, "one")
    other = new_store(world.path / "other")
    mirror = World(world.path / "mirror", world.cache).publish("base", contents(Rpm("newer")))
    write_otherwise(mirror, "http://other.example/")
    frozen(other, "all", [mirror], Frozen(compression=Compression.GZIP))

    manifest = realise(other, lock, "here")

    assert manifest.id == lock.id == store.manifest("one").id
    there, here = files(store.snapshot("one")), files(other.snapshot("here"))
    assert "base/repodata/repomd.xml" in here
    assert there == here


def test_time_message_and_origin_are_told(store: Store) -> None:
    realise(store, as_committed(store, "one"), "again")

    provenance = store.provenance("again")
    assert (provenance.cut_at, provenance.message, provenance.origin) == (
        "2026-11-22T08:00:00Z",
        "the first",
        "realise",
    )
    assert provenance.warnings == ()


def test_advisories_come_from_the_lock_and_not_from_a_mirror(world: World, store: Store) -> None:
    lock = as_committed(store, "one")
    other = new_store(world.path / "other")
    frozen(other, "all", [world.publish("base", Contents(rpms=(A, B, C)))])

    realise(other, lock, "here")

    here = other.repository("here", "base")
    assert [advisory.advisory_id for advisory in here.index.advisories] == ["RHSA-2026:1"]
    assert here.comps
    assert here.modules


def test_a_recorded_lock_keeps_what_was_realised(store: Store) -> None:
    lock = as_committed(store, "one")

    realise(store, lock, "again")

    assert store.recorded_locks() == ("again", "one")
    assert read_lock(store.recorded_lock("again").read_bytes(), "x") == lock


def test_what_is_realised_twice_is_there_once(store: Store) -> None:
    lock = as_committed(store, "one")

    assert realise(store, lock, "again") == realise(store, lock, "again")
    assert store.names() == ("again", "one")


def test_missing_packages_are_all_named_with_where_was_looked(world: World, store: Store) -> None:
    lock = as_committed(store, "one")
    other = new_store(world.path / "other")
    frozen(other, "part", [world.repository("base", A)])

    with pytest.raises(IncompleteError, match="lacks 2 packages of one; looked in snapshot part/base") as caught:
        realise(other, lock, "here")
    assert [line.split(" ", 1)[1] for line in caught.value.details] == [
        "b-1-1.noarch (base): no metadata",
        "c-7-1.x86_64 (base): no metadata",
    ]
    assert other.names() == ("part",)
    assert other.recorded_locks() == ()


@pytest.mark.parametrize("name", ["manifest.json", ".index/base.msgpack"])
def test_a_damaged_snapshot_is_passed_over_and_told(world: World, store: Store, name: str) -> None:
    lock = as_committed(store, "one")
    frozen(store, "another", [world.publish("base", contents())])
    (store.snapshot("another") / name).write_bytes(b"damaged")

    assert realise(store, lock, "again").id == lock.id

    other = new_store(world.path / "other")
    frozen(other, "another", [world.publish("base", Contents(rpms=(A,)))])
    (other.snapshot("another") / name).write_bytes(b"damaged")
    with pytest.raises(IncompleteError, match=r"snapshot another\S* \(damaged\)"):
        realise(other, lock, "again")


def test_an_empty_store_says_that_it_is_empty(world: World, store: Store) -> None:
    with pytest.raises(IncompleteError, match="the store lacks 3 packages of one; looked in nothing"):
        realise(new_store(world.path / "other"), as_committed(store, "one"), "here")


def test_missing_rpms_are_all_named(world: World, store: Store) -> None:
    lock = as_committed(store, "one")
    other = new_store(world.path / "other")
    frozen(other, "metadata", [world.publish("base", contents())], Frozen(metadata_only=True))

    with pytest.raises(IncompleteError, match="the store lacks 3 packages of one") as caught:
        realise(other, lock, "here")
    assert [line.split(": ")[1] for line in caught.value.details] == ["no rpm in the pool"] * 3


def test_a_lock_without_rpms_needs_none(world: World) -> None:
    store = new_store(world.path / "store")
    frozen(store, "one", [world.publish("base", contents())], Frozen(metadata_only=True))

    assert realise(store, as_committed(store, "one"), "again").metadata_only


def other_chunks(lock: Lock) -> Lock:
    """Return a lock of a snapshot whose mirror said other things of one package."""
    base = lock.repositories[0]
    first = msgspec.structs.replace(base.packages[0], chunks=f"sha256:{'0' * 64}")
    changed = msgspec.structs.replace(base, packages=(first, *base.packages[1:]))
    return msgspec.structs.replace(lock, repositories=(changed,))


def test_metadata_that_differs_is_refused_and_told(store: Store) -> None:
    lock = other_chunks(as_committed(store, "one"))

    with pytest.raises(IncompleteError, match="other metadata of 1 package ") as caught:
        realise(store, lock, "again")
    assert re.search(r"a-1:2-3\.noarch \(base\): sha256:\w+ instead of sha256:0+$", caught.value.details[0])
    assert store.names() == ("one",)


def test_metadata_that_differs_may_be_accepted(store: Store) -> None:
    lock = other_chunks(as_committed(store, "one"))

    assert realise(store, lock, "again", accept_differences=True).id == lock.id
    assert store.provenance("again").warnings == ("the metadata of 1 package is not that of the lock's snapshot",)


def test_the_same_metadata_goes_before_other(world: World, store: Store) -> None:
    """A mirror that says less of a package is no hindrance when another source says the same as the lock."""
    lock = as_committed(store, "one")
    poorer = world.publish("base", contents())
    primary = unpacked(poorer.path, "primary.xml")
    replace_metadata(poorer.path, "primary.xml", primary.replace("<summary>", "<summary>other words for "))
    other = new_store(world.path / "other")
    frozen(other, "first", [poorer])
    with pytest.raises(IncompleteError, match="other metadata of 3 packages"):
        realise(other, lock, "here")
    frozen(other, "second", [world.publish("base", contents())])

    assert realise(other, lock, "here") == store.manifest("one")


def test_metadata_that_calls_an_rpm_something_else_is_not_used(world: World, store: Store) -> None:
    lock = as_committed(store, "one")
    liar = world.publish("base", contents())
    replace_metadata(
        liar.path, "primary.xml", unpacked(liar.path, "primary.xml").replace("<name>a</name>", "<name>x</name>")
    )
    for name in ("filelists.xml", "other.xml"):
        replace_metadata(liar.path, name, unpacked(liar.path, name).replace('name="a"', 'name="x"'))
    other = new_store(world.path / "other")
    frozen(other, "lies", [liar])

    with pytest.raises(IncompleteError, match="the store lacks 1 package of one") as caught:
        realise(other, lock, "here", accept_differences=True)
    assert caught.value.details[0].endswith("a-1:2-3.noarch (base): no metadata")


def test_advisories_that_were_changed_are_refused(store: Store) -> None:
    lock = as_committed(store, "one")
    base = lock.repositories[0]
    told = msgspec.structs.replace(base.advisories[0], severity="Low")
    changed = msgspec.structs.replace(lock, repositories=(msgspec.structs.replace(base, advisories=(told,)),))

    with pytest.raises(IncompleteError, match="the advisories of base are written as"):
        realise(store, read_lock(written_lock(changed), "x"), "again")
    assert store.names() == ("one",)


def test_a_lock_that_would_make_another_snapshot_is_refused(store: Store) -> None:
    """Of two names of one rpm only one is in a repository."""
    lock = as_committed(store, "one")
    base = lock.repositories[0]
    twice = msgspec.structs.replace(base, packages=(*base.packages, base.packages[-1]))
    wanted = manifest_id(locked_manifest(msgspec.structs.replace(lock, repositories=(twice,))).repositories)
    with pytest.raises(IncompleteError, match=f"is the snapshot {lock.id} instead of {wanted}"):
        realise(store, msgspec.structs.replace(lock, id=wanted, repositories=(twice,)), "again")

    other = msgspec.structs.replace(base, comps=("<comps></comps>",))
    with pytest.raises(IncompleteError, match=f"instead of {lock.id}"):
        realise(store, msgspec.structs.replace(lock, repositories=(other,)), "again")
    assert store.names() == ("one",)


def test_comps_that_no_reader_could_read_are_refused(store: Store) -> None:
    lock = as_committed(store, "one")
    broken = msgspec.structs.replace(lock.repositories[0], comps=("<comps>",))
    with pytest.raises(DocumentError, match="base: comps cannot be read"):
        realise(store, msgspec.structs.replace(lock, repositories=(broken,)), "again")


def test_another_compressor_is_told(store: Store) -> None:
    lock = msgspec.structs.replace(as_committed(store, "one"), compression="zstd 1.3.0 level 9")

    realise(store, lock, "again")

    assert store.provenance("again").warnings[0].endswith("the bytes of the repodata differ")


def test_a_compressor_that_is_not_ours_is_refused(store: Store) -> None:
    lock = msgspec.structs.replace(as_committed(store, "one"), compression="bzip2 1")

    with pytest.raises(DocumentError, match="bzip2"):
        realise(store, lock, "again")


def test_a_name_that_is_taken_is_refused(world: World, store: Store) -> None:
    lock = as_committed(store, "one")
    frozen(store, "two", [world.repository("base", A)])
    publish(store, "production", "two")

    with pytest.raises(SnapshotExistsError):
        realise(store, lock, "two")
    with pytest.raises(InvalidNameError):
        realise(store, lock, "production")
    with pytest.raises(InvalidNameError):
        realise(store, lock, "../x")


def test_a_recorded_lock_of_other_content_is_not_replaced(world: World, store: Store) -> None:
    """It may be all that keeps the rpms of a snapshot that is gone."""
    lock = as_committed(store, "one")
    frozen(store, "two", [world.repository("base", A)])
    store.recorded_lock("again").write_bytes(written_lock(lock_snapshot(store, "two")))

    with pytest.raises(SnapshotExistsError, match="another snapshot that was called again"):
        realise(store, lock, "again")
    assert store.names() == ("one", "two")


def test_only_recorded_locks_are_released(world: World, store: Store) -> None:
    with pytest.raises(NoSnapshotError) as none:
        release(store, "one")
    frozen(store, "two", [world.repository("base", Rpm("x"))])
    lock_snapshot(store, "two")
    with pytest.raises(NoSnapshotError, match="no lock of one was written") as another:
        release(store, "one")
    assert (none.value.details, another.value.details) == ((), ("there are locks of two",))


@pytest.mark.parametrize("is_gone", [False, True])
def test_the_lock_of_a_ref_is_that_of_its_snapshot(store: Store, *, is_gone: bool) -> None:
    publish(store, "production", "one")
    lock_snapshot(store, "production")
    if is_gone:
        store.snapshot("one").rename(store.path / "elsewhere")
    assert release(store, "production") == "one"
    assert store.recorded_locks() == ()


def test_the_id_of_a_lock_is_that_of_its_content(store: Store) -> None:
    lock = as_committed(store, "one")

    assert lock.id == manifest_id(locked_manifest(lock).repositories) == store.manifest("one").id
