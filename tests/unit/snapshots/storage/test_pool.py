"""An rpm is in the pool whole and verified, or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import msgspec
import pytest

from snapshots.content.package import StoredPackage
from snapshots.errors import SnapshotError, StoreError, UpstreamError
from snapshots.storage.pool import Pool
from snapshots.storage.store import Store, create_store

CONTENT = b"an rpm" * 1000
PKGID = hashlib.sha256(CONTENT).hexdigest()
PACKAGE = StoredPackage(PKGID, "a", 0, "1", "1", "noarch", 0, len(CONTENT), 0, "a-1-1.src.rpm", "")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return create_store(tmp_path / "store")


@pytest.fixture
def rpm(tmp_path: Path) -> Path:
    path = tmp_path / "a.rpm"
    path.write_bytes(CONTENT)
    return path


def files(store: Store) -> list[str]:
    return sorted(path.relative_to(store.pool).as_posix() for path in store.pool.rglob("*") if not path.is_dir())


def test_an_rpm_is_kept_by_its_sha256_under_its_own_name(store: Store, rpm: Path) -> None:
    pool = Pool(store)
    assert not pool.has(PACKAGE)
    assert pool.add(rpm, PACKAGE)
    assert pool.has(PACKAGE)
    assert files(store) == [f"{PKGID[:2]}/{PKGID}/a-1-1.noarch.rpm"]
    assert store.rpm(PACKAGE).read_bytes() == CONTENT
    assert rpm.read_bytes() == CONTENT


def test_an_rpm_that_is_there_is_not_added_again(store: Store, rpm: Path) -> None:
    Pool(store).add(rpm, PACKAGE)
    before = store.rpm(PACKAGE).stat()
    assert not Pool(store).add(rpm, PACKAGE)
    assert store.rpm(PACKAGE).stat().st_mtime_ns == before.st_mtime_ns


def test_a_damaged_rpm_is_there_and_not_sound(store: Store, rpm: Path) -> None:
    pool = Pool(store)
    assert not pool.is_sound(PACKAGE)
    pool.add(rpm, PACKAGE)
    assert pool.is_sound(PACKAGE)
    store.rpm(PACKAGE).write_bytes(CONTENT[::-1])
    assert pool.has(PACKAGE)
    assert not pool.is_sound(PACKAGE)


def test_an_rpm_costs_no_space_where_a_link_can_be_made(store: Store, rpm: Path) -> None:
    Pool(store).add(rpm, PACKAGE)
    assert store.rpm(PACKAGE).samefile(rpm)


@pytest.mark.parametrize("code", [errno.EXDEV, errno.EPERM])
def test_an_rpm_is_copied_where_no_link_can_be_made(
    store: Store, rpm: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", refuse)
    Pool(store).add(rpm, PACKAGE)
    assert store.rpm(PACKAGE).read_bytes() == CONTENT
    assert not store.rpm(PACKAGE).samefile(rpm)


@pytest.mark.parametrize(("umask", "is_linked"), [(0o022, False), (0o077, True)])
def test_an_rpm_is_linked_when_all_may_read_it_who_may_read_the_pool(
    store: Store, rpm: Path, umask: int, *, is_linked: bool
) -> None:
    rpm.chmod(0o600)
    before = os.umask(umask)
    try:
        Pool(store).add(rpm, PACKAGE)
    finally:
        os.umask(before)
    assert store.rpm(PACKAGE).samefile(rpm) is is_linked
    assert store.rpm(PACKAGE).stat().st_mode & 0o777 == 0o666 & ~umask & 0o755


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT + b"x", CONTENT[::-1], b""])
def test_other_bytes_are_never_in_the_pool(store: Store, rpm: Path, content: bytes) -> None:
    rpm.write_bytes(content)
    with pytest.raises(UpstreamError, match=r"is not a-1-1\.noarch"):
        Pool(store).add(rpm, PACKAGE)
    assert list(store.pool.iterdir()) == []


@pytest.mark.parametrize("content", [CONTENT[:-1], b""])
def test_a_truncated_rpm_in_the_pool_is_none_and_is_replaced(store: Store, rpm: Path, content: bytes) -> None:
    store.rpm(PACKAGE).parent.mkdir(parents=True)
    store.rpm(PACKAGE).write_bytes(content)
    assert not Pool(store).has(PACKAGE)
    assert Pool(store).add(rpm, PACKAGE)
    assert store.rpm(PACKAGE).read_bytes() == CONTENT


def test_a_link_in_the_pool_is_no_rpm_and_is_not_written_through(store: Store, rpm: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(CONTENT[::-1])
    store.rpm(PACKAGE).parent.mkdir(parents=True)
    store.rpm(PACKAGE).symlink_to(victim)
    assert not Pool(store).has(PACKAGE)
    assert Pool(store).add(rpm, PACKAGE)
    assert not store.rpm(PACKAGE).is_symlink()
    assert victim.read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("depth", [0, 1, 2], ids=["pool", "pool/ab", "pool/ab/abcd"])
def test_nothing_is_written_through_a_folder_that_is_a_link(
    store: Store, rpm: Path, tmp_path: Path, depth: int
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = (store.pool, store.rpm(PACKAGE).parent.parent, store.rpm(PACKAGE).parent)[depth]
    if depth == 0:
        folder.rmdir()
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.symlink_to(outside)
    with pytest.raises(StoreError, match="is a link"):
        Pool(store).add(rpm, PACKAGE)
    assert list(outside.iterdir()) == []


def test_a_temporary_name_that_is_a_link_is_not_written_through(store: Store, rpm: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    (store.pool / f".{PKGID}.new").symlink_to(victim)
    Pool(store).add(rpm, PACKAGE)
    assert victim.read_bytes() == b"mine"
    assert files(store) == [f"{PKGID[:2]}/{PKGID}/a-1-1.noarch.rpm"]


def test_a_link_or_a_pipe_is_no_rpm_to_add(store: Store, rpm: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(rpm)
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "nothing"):
        with pytest.raises(SnapshotError, match="cannot put"):
            Pool(store).add(tmp_path / name, PACKAGE)
    assert files(store) == []


@pytest.mark.parametrize("name", ["../a", "a/b", ".a", "", "a\n"])
def test_a_name_that_leads_elsewhere_is_refused(store: Store, rpm: Path, name: str) -> None:
    with pytest.raises(UpstreamError, match="file name"):
        Pool(store).add(rpm, msgspec.structs.replace(PACKAGE, name=name))
    assert files(store) == []


def test_leftovers_of_an_interrupted_run_are_removed(store: Store, rpm: Path) -> None:
    Pool(store).add(rpm, PACKAGE)
    (store.pool / f".{'0' * 64}.new").write_bytes(b"half")
    Pool(store).remove_leftovers()
    assert files(store) == [f"{PKGID[:2]}/{PKGID}/a-1-1.noarch.rpm"]
