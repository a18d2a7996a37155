"""Verification: whether manifest, metadata, index and pool of snapshots say the same, down to the byte."""

from __future__ import annotations

import hashlib
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec

from snapshots.content.manifest import Manifest, RepositoryManifest, read_manifest, written_manifest
from snapshots.content.package import StoredPackage
from snapshots.content.provenance import Provenance
from snapshots.errors import StoreError
from snapshots.fault import Fault, FaultKind, Place, fault, link_faults, names_in, repository_faults
from snapshots.storage.freeze import PROVENANCE_DIGEST
from snapshots.storage.store import INDEX_FOLDER, Store
from yumbridge.complaint import UNDECODABLE
from yumbridge.plan.document import digest_of_bytes
from yumbridge.progress import Listener

_FILES: Final = frozenset({"manifest.json", "snapshot.json", INDEX_FOLDER})


class VerifiedSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of one snapshot, but for its rpms."""

    name: str
    packages: int
    faults: tuple[Fault, ...]


class PoolFault(Fault, frozen=True, kw_only=True):
    """What is wrong with an rpm. `snapshots` is how many of those that were looked at have it."""

    snapshots: int


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `rpms` files were looked at, and hashed when it was to be deep; `pool` is what is wrong there."""

    snapshots: tuple[VerifiedSnapshot, ...]
    rpms: int
    pool: tuple[PoolFault, ...]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults."""
        return (*(fault for each in self.snapshots for fault in each.faults), *self.pool)


def verify(store: Store, names: Iterable[str], *, deep: bool, listener: Listener) -> Verified:
    """Compare all that these snapshots, or refs, consist of; with `deep` every rpm is hashed again.

    Every fault is found at once, and each rpm is looked at once. Raises NoSnapshotError, InvalidNameError.
    """
    needs = _Needs()
    snapshots = tuple(_verified(store, name, needs, listener) for name in names)
    pool = tuple(_pool_faults(store, needs, deep=deep, listener=listener))
    return Verified(snapshots=snapshots, rpms=len(needs.rpms), pool=pool)


class _Needs:
    """The rpms that snapshots need, and how many snapshots need each. What two say otherwise is looked at twice."""

    def __init__(self) -> None:
        self.rpms: dict[tuple[str, int], StoredPackage] = {}
        self.snapshots: Counter[tuple[str, int]] = Counter()

    def add(self, packages: Iterable[StoredPackage]) -> None:
        """Note what one snapshot needs."""
        found = {(package.pool_name, package.size_bytes): package for package in packages}
        self.rpms |= found
        self.snapshots.update(found.keys())


def _verified(store: Store, name: str, needs: _Needs, listener: Listener) -> VerifiedSnapshot:
    folder = store.snapshot(name)
    if not folder.is_dir():
        folder = store.snapshot(store.resolve(name))
    faults: list[Fault] = []
    manifest = _manifest(store, folder, faults)
    repositories = {entry.repo_id: entry for entry in manifest.repositories} if manifest else {}
    faults += _provenance_faults(store, folder, manifest)
    faults += _stray_faults(store, folder, repositories if manifest else None)
    packages: list[StoredPackage] = []
    repo_ids = sorted(repositories.keys() | _indexed(folder))
    for number, repo_id in enumerate(repo_ids):
        listener("metadata", number, len(repo_ids))
        place = Place(store, folder, repo_id)
        faults += link_faults(place)
        packages += repository_faults(place, repositories.get(repo_id), faults)
    listener("metadata", len(repo_ids), len(repo_ids))
    if manifest and not manifest.metadata_only:
        needs.add(packages)
    return VerifiedSnapshot(name=folder.name, packages=len(packages), faults=tuple(faults))


def ref_faults(store: Store) -> tuple[Fault, ...]:
    """Return the refs of a store that point to no snapshot."""
    return tuple(
        fault(store, FaultKind.REF, store.ref(ref), f"points to {name}, which is no snapshot")
        for ref, name in store.lost_refs().items()
    )


def _manifest(store: Store, folder: Path, faults: list[Fault]) -> Manifest | None:
    path = folder / "manifest.json"
    try:
        content = path.read_bytes()
        manifest = read_manifest(content, "it")
    except OSError as error:
        faults.append(fault(store, FaultKind.MANIFEST, path, f"cannot be read: {error.strerror}"))
        return None
    except StoreError as error:
        faults.append(fault(store, FaultKind.MANIFEST, path, error.message))
        return None
    if written_manifest(manifest) != content:
        faults.append(fault(store, FaultKind.MANIFEST, path, "is not in the form that it was written in"))
    return manifest


def _provenance_faults(store: Store, folder: Path, manifest: Manifest | None) -> Iterator[Fault]:
    path = folder / "snapshot.json"
    try:
        content = path.read_bytes()
        provenance = msgspec.json.decode(content, type=Provenance)
        is_as_written = (folder / PROVENANCE_DIGEST).read_bytes() == digest_of_bytes(content).encode()
    except OSError as error:
        yield fault(store, FaultKind.PROVENANCE, path, f"cannot be read: {error.strerror}")
        return
    except UNDECODABLE as error:
        yield fault(store, FaultKind.PROVENANCE, path, f"cannot be read: {error}")
        return
    if not is_as_written:
        yield fault(store, FaultKind.PROVENANCE, path, "is not what was written")
    if provenance.name != folder.name:
        yield fault(store, FaultKind.PROVENANCE, path, f"is about a snapshot {provenance.name}")
    if manifest and provenance.id != manifest.id:
        yield fault(store, FaultKind.PROVENANCE, path, f"is about a snapshot with the id {provenance.id}")


def _stray_faults(store: Store, folder: Path, repositories: Mapping[str, RepositoryManifest] | None) -> Iterator[Fault]:
    """Yield what lies there without being part of the snapshot; nothing is known of that without a manifest."""
    if repositories is None:
        return
    expected = {*_FILES, *repositories}
    for repo_id in repositories:
        expected |= {f"{repo_id}/repodata", f"{repo_id}/Packages", f"{INDEX_FOLDER}/{repo_id}.msgpack"}
    expected.add(PROVENANCE_DIGEST)
    for inside in (Path(), Path(INDEX_FOLDER), *map(Path, repositories)):
        for name in names_in(folder / inside):
            if str(inside / name) not in expected:
                yield fault(store, FaultKind.STRAY, folder / inside / name, "is no part of the snapshot")


def _indexed(folder: Path) -> set[str]:
    return {name.removesuffix(".msgpack") for name in names_in(folder / INDEX_FOLDER) if name.endswith(".msgpack")}


def _pool_faults(store: Store, needs: _Needs, *, deep: bool, listener: Listener) -> Iterator[PoolFault]:
    rpms = needs.rpms

    def judged(package: StoredPackage) -> str:
        return _rpm_fault(store.rpm(package), package, deep=deep)

    # Two threads, because hashing lets others work, and a disk that reads two files at once is hardly slower.
    with ThreadPoolExecutor(max_workers=2) as workers:
        for number, (key, text) in enumerate(zip(rpms, workers.map(judged, rpms.values()), strict=True)):
            listener("rpms", number, len(rpms))
            if text:
                found = fault(store, FaultKind.POOL, store.rpm(rpms[key]), text)
                yield PoolFault(**msgspec.structs.asdict(found), snapshots=needs.snapshots[key])
    listener("rpms", len(rpms), len(rpms))


def _rpm_fault(path: Path, package: StoredPackage, *, deep: bool) -> str:
    """Return what is wrong with an rpm, nothing when it is as it should be."""
    try:
        found = path.stat(follow_symlinks=False)
        if not stat.S_ISREG(found.st_mode):
            return "is no regular file"
        if found.st_size != package.size_bytes:
            return f"has {found.st_size} bytes instead of {package.size_bytes}"
        if deep:
            with path.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
            if digest != package.pkgid:
                return f"is damaged: its sha256 is {digest}"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return ""
