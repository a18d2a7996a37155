"""The log of what was first seen when outlives crashes, and only grows."""

from __future__ import annotations

from pathlib import Path

import pytest

from snapshots.content.package import StoredPackage
from snapshots.errors import SnapshotError
from snapshots.storage.first_seen import first_seen, record_first_seen, seen_pkgids
from snapshots.storage.store import Store, create_store

MONDAY, TUESDAY = "2026-11-16T08:00:00Z", "2026-11-17T08:00:00Z"


def package(name: str, digit: str) -> StoredPackage:
    return StoredPackage(digit * 64, name, 1, "1", "1", "noarch", 0, 1, 1, "", "")


A, B, C = package("a", "a"), package("b", "b"), package("c", "c")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = create_store(tmp_path / "store")
    store.mirror("base").mkdir()
    return store


def test_a_mirror_without_a_log_has_seen_nothing(store: Store) -> None:
    assert first_seen(store, "base") == {}


def test_only_what_is_new_is_written(store: Store) -> None:
    assert record_first_seen(store, "base", (A, B), MONDAY) == 2
    assert record_first_seen(store, "base", (A, B, C), TUESDAY) == 1
    assert record_first_seen(store, "base", (A,), TUESDAY) == 0
    assert first_seen(store, "base") == {A.pkgid: MONDAY, B.pkgid: MONDAY, C.pkgid: TUESDAY}
    assert store.first_seen("base").read_text().splitlines()[2] == f"{TUESDAY} {C.pkgid} c-1:1-1.noarch"


def test_every_build_of_a_nevra_is_remembered(store: Store) -> None:
    record_first_seen(store, "base", (A,), MONDAY)
    record_first_seen(store, "base", (package("a", "f"),), TUESDAY)
    assert seen_pkgids(store, "base") == {"a-1:1-1.noarch": {"a" * 64, "f" * 64}}


def test_a_line_torn_at_any_byte_is_passed_over_and_written_again(store: Store) -> None:
    record_first_seen(store, "base", (A, B), MONDAY)
    whole = store.first_seen("base").read_bytes()
    first = whole.index(b"\n") + 1
    for end in range(first, len(whole)):
        store.first_seen("base").write_bytes(whole[:end])
        assert first_seen(store, "base") == {A.pkgid: MONDAY}
        assert record_first_seen(store, "base", (A, B), TUESDAY) == 1
        assert first_seen(store, "base") == {A.pkgid: MONDAY, B.pkgid: TUESDAY}


def test_what_is_no_line_of_ours_is_passed_over(store: Store) -> None:
    record_first_seen(store, "base", (A,), MONDAY)
    with store.first_seen("base").open("ab") as log:
        log.write(b"\0\0\0\xff\nyesterday x y\n")
    record_first_seen(store, "base", (B,), TUESDAY)
    assert first_seen(store, "base") == {A.pkgid: MONDAY, B.pkgid: TUESDAY}


def test_a_log_that_is_a_link_is_not_written_through(store: Store, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    store.first_seen("base").symlink_to(victim)
    with pytest.raises(SnapshotError, match="cannot write"):
        record_first_seen(store, "base", (A,), MONDAY)
    assert victim.read_bytes() == b"mine"
