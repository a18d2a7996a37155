"""Snapshots that appear whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from snapshots.content.manifest import Manifest
from snapshots.content.provenance import Provenance, RepositorySummary
from snapshots.errors import (
    IncompleteError,
    InvalidNameError,
    SnapshotError,
    SnapshotExistsError,
    StoreError,
)
from snapshots.repodata.compose import Compression, Contents, compressor_name
from snapshots.storage.freeze import FreezeRequest, freeze
from snapshots.storage.store import Store, create_store
from tests.support.chunks import Made, composed, made

SOURCE = made((name, build) for name in "abc" for build in range(1, 40))
FEWER = SOURCE.only(lambda package: package.name < "c")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return create_store(tmp_path / "store")


def request(*sources: Made, name: str = "one", metadata_only: bool = True) -> FreezeRequest:
    """Return what asks for a snapshot of repositories r0, r1 and so on."""
    return FreezeRequest(
        name=name,
        repositories=tuple(
            Contents(repo_id=f"r{number}", packages=source.packages, sources=(source,))
            for number, source in enumerate(sources)
        ),
        provenance=Provenance(name="", id="", cut_at="2026-11-22T08:00:00Z", message="why"),
        metadata_only=metadata_only,
    )


def in_store(store: Store) -> list[str]:
    """Return what lies in the folder of snapshots, hidden or not."""
    return sorted(path.name for path in (store.path / "snapshots").iterdir())


def add_rpms(store: Store, source: Made) -> None:
    for package in source.packages:
        path = store.rpm(package)
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x" * package.size_bytes)


def test_a_snapshot_can_be_read_once_it_is_frozen(store: Store) -> None:
    manifest = freeze(store, request(SOURCE, FEWER))
    assert store.manifest("one") == manifest
    assert [repository.repo_id for repository in manifest.repositories] == ["r0", "r1"]
    assert store.repository("one", "r1").packages == FEWER.packages
    assert in_store(store) == ["one"]


def test_provenance_gets_the_name_the_id_and_the_compressor(store: Store) -> None:
    manifest = freeze(store, request(SOURCE))
    assert store.provenance("one") == Provenance(
        name="one",
        id=manifest.id,
        cut_at="2026-11-22T08:00:00Z",
        message="why",
        compression=compressor_name(Compression.ZSTD),
        metadata_only=True,
        repositories=(
            RepositorySummary(
                repo_id="r0",
                packages=len(SOURCE.packages),
                advisories=0,
                size_bytes=sum(package.size_bytes for package in SOURCE.packages),
                metadata_bytes=sum(path.stat().st_size for path in (store.snapshot("one") / "r0/repodata").iterdir()),
            ),
        ),
    )


def test_the_same_content_under_the_same_name_is_what_is_there_already(store: Store) -> None:
    first = freeze(store, request(SOURCE))
    before = (store.snapshot("one") / "manifest.json").stat().st_ino
    assert freeze(store, request(SOURCE)) == first
    assert (store.snapshot("one") / "manifest.json").stat().st_ino == before
    assert in_store(store) == ["one"]


def test_the_same_content_under_another_name_has_the_same_id(store: Store) -> None:
    assert freeze(store, request(SOURCE)).id == freeze(store, request(SOURCE, name="two")).id


def test_other_content_under_the_same_name_is_refused(store: Store) -> None:
    first = freeze(store, request(SOURCE))
    with pytest.raises(SnapshotExistsError, match=r"something else; choose another name: a snapshot never changes$"):
        freeze(store, request(FEWER))
    assert store.manifest("one") == first
    assert in_store(store) == ["one"]


def test_a_snapshot_without_rpms_does_not_become_one_with_them(store: Store) -> None:
    add_rpms(store, SOURCE)
    freeze(store, request(SOURCE))
    with pytest.raises(SnapshotExistsError, match="without rpms"):
        freeze(store, request(SOURCE, metadata_only=False))


def test_a_folder_in_the_way_that_is_no_snapshot_is_not_touched(store: Store) -> None:
    there = store.snapshot("one")
    there.mkdir()
    (there / "mine").touch()
    with pytest.raises(StoreError, match=r"manifest\.json cannot be read"):
        freeze(store, request(SOURCE))
    assert [path.name for path in there.iterdir()] == ["mine"]


def test_the_name_of_a_ref_is_refused(store: Store) -> None:
    freeze(store, request(SOURCE))
    store.ref("production").symlink_to("../snapshots/one")
    with pytest.raises(InvalidNameError, match="production is a ref"):
        freeze(store, request(SOURCE, name="production"))


@pytest.mark.parametrize("name", ["../one", ".one", "", "a/b"])
def test_a_name_that_leads_elsewhere_is_refused(store: Store, name: str) -> None:
    with pytest.raises(InvalidNameError):
        freeze(store, request(SOURCE, name=name))
    [contents] = request(SOURCE).repositories
    hostile = Contents(repo_id=name, packages=contents.packages, sources=contents.sources)
    with pytest.raises(InvalidNameError):
        freeze(store, replace(request(), repositories=(hostile,)))
    assert store.names() == ()


# --- rpms ---------------------------------------------------------------------------------------


def test_with_all_rpms_in_the_pool_it_is_no_metadata_only_snapshot(store: Store) -> None:
    add_rpms(store, SOURCE)
    assert not freeze(store, request(SOURCE, metadata_only=False)).metadata_only


def test_every_rpm_that_is_missing_or_has_another_size_is_told(store: Store) -> None:
    add_rpms(store, SOURCE)
    gone, short = SOURCE.packages[3], SOURCE.packages[50]
    store.rpm(gone).unlink()
    store.rpm(short).write_bytes(b"x")
    with pytest.raises(IncompleteError) as caught:
        freeze(store, request(SOURCE, metadata_only=False))
    assert caught.value.details == (
        f"{gone.text} ({gone.pkgid}) is missing",
        f"{short.text} ({short.pkgid}) has 1 bytes instead of 100",
    )
    assert in_store(store) == []


# --- interruptions ------------------------------------------------------------------------------


def test_what_an_interrupted_writer_left_is_removed(store: Store) -> None:
    left = store.path / "snapshots/.other.new/r0/repodata"
    left.mkdir(parents=True)
    (left / "repomd.xml").touch()
    freeze(store, request(SOURCE))
    assert in_store(store) == ["one"]


def test_a_failure_half_way_leaves_nothing_to_be_seen(store: Store, tmp_path: Path) -> None:
    plain = Contents(repo_id="r1", packages=SOURCE.packages, sources=(SOURCE,))
    source, _ = composed(plain, tmp_path / "source")
    for path in (source.tree / "repodata").glob("*-other.xml.zst"):
        path.write_bytes(path.read_bytes()[:100])
    damaged = Contents(repo_id="r1", packages=SOURCE.packages, sources=(source,))
    half = replace(request(), repositories=(*request(SOURCE).repositories, damaged))
    with pytest.raises(StoreError, match="is damaged"):
        freeze(store, half)
    assert in_store(store) == []
    assert isinstance(freeze(store, request(SOURCE, SOURCE)), Manifest)
    assert in_store(store) == ["one"]


def test_a_store_that_cannot_be_written_is_refused(store: Store) -> None:
    (store.path / "snapshots").rmdir()
    (store.path / "snapshots").touch()
    with pytest.raises(SnapshotError, match="cannot write"):
        freeze(store, request(SOURCE))
