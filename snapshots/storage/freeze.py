"""Freezing: a snapshot is written in a hidden folder, manifest last, and appears by one rename."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from snapshots.content.manifest import Manifest, manifest_of, read_manifest, written_manifest
from snapshots.content.name import checked_name
from snapshots.content.provenance import Provenance, RepositorySummary, advisory_counts
from snapshots.errors import IncompleteError, InvalidNameError, SnapshotError, SnapshotExistsError, StoreError
from snapshots.repodata.compose import Compression, Contents, compose, compressor_name, link_packages
from snapshots.storage.pool import missing_rpms
from snapshots.storage.store import INDEX_FOLDER, Store
from yumbridge.count import counted
from yumbridge.plan.document import digest_of_bytes, printed
from yumbridge.run.state import replace_file, sync_folder

# The id says nothing of how a snapshot came to be: a damaged byte of that is found by a digest of its own.
PROVENANCE_DIGEST: Final = f"{INDEX_FOLDER}/snapshot.json.sha256"
_MAKING: Final = "new"
_OTHER: Final = "choose another name: a snapshot never changes"


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeRequest:
    """A snapshot that is to be. `metadata_only`: without rpms.

    `provenance` says what led to it; name, id, compression and what it holds are written into it here.
    """

    name: str
    repositories: tuple[Contents, ...]
    provenance: Provenance
    metadata_only: bool = False
    compression: Compression = Compression.ZSTD


def freeze(store: Store, request: FreezeRequest) -> Manifest:
    """Write a snapshot and return its manifest; the caller holds the lock of the store.

    One of that name with the same content is returned as it is. Raises IncompleteError: rpms are not in the pool;
    SnapshotExistsError, InvalidNameError, StoreError: a source is damaged; SnapshotError: nothing can be written.
    """
    final = store.snapshot(request.name)
    if request.name in store.refs():
        raise InvalidNameError(f"{request.name} is a ref: a snapshot of that name would be taken for it")
    if not request.metadata_only:
        _require_rpms(store, request)
    try:
        hidden = _hidden_folder(final)
        try:
            return _frozen(store, request, hidden, final)
        finally:
            # Nothing of a failed attempt stays: the disk may be full.
            shutil.rmtree(hidden, ignore_errors=True)
    except OSError as error:
        raise SnapshotError(f"cannot write {final}: {error.strerror}") from error


def _frozen(store: Store, request: FreezeRequest, hidden: Path, final: Path) -> Manifest:
    manifest = _written(store, request, hidden)
    if final.exists():
        return _existing(final, manifest)
    hidden.rename(final)
    sync_folder(final.parent)
    return manifest


def _hidden_folder(final: Path) -> Path:
    """Return the folder to write in, without whatever an interrupted writer left beside it."""
    for left in final.parent.glob(".*"):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
    hidden = final.with_name(f".{final.name}.{_MAKING}")
    (hidden / INDEX_FOLDER).mkdir(parents=True)
    return hidden


def _written(store: Store, request: FreezeRequest, hidden: Path) -> Manifest:
    final = store.snapshot(request.name)
    repositories, summaries = [], []
    for contents in request.repositories:
        repo_id = checked_name("repository", contents.repo_id)
        tree = hidden / repo_id
        index = hidden / INDEX_FOLDER / f"{repo_id}.msgpack"
        repositories.append(compose(contents, tree, index, request.compression))
        link_packages(tree, store.pool, final / repo_id)
        summaries.append(_summary(contents, tree))
    manifest = manifest_of(repositories, metadata_only=request.metadata_only)
    provenance = msgspec.structs.replace(
        request.provenance,
        name=request.name,
        id=manifest.id,
        compression=compressor_name(request.compression),
        metadata_only=request.metadata_only,
        repositories=tuple(sorted(summaries, key=lambda summary: summary.repo_id)),
        advisories=advisory_counts(advisory for contents in request.repositories for advisory in contents.advisories),
    )
    how = printed(provenance)
    replace_file(hidden / "snapshot.json", how)
    replace_file(hidden / PROVENANCE_DIGEST, digest_of_bytes(how).encode())
    replace_file(hidden / "manifest.json", written_manifest(manifest))
    return manifest


def _summary(contents: Contents, tree: Path) -> RepositorySummary:
    return RepositorySummary(
        repo_id=contents.repo_id,
        packages=len(contents.packages),
        advisories=len(contents.advisories),
        size_bytes=sum(package.size_bytes for package in contents.packages),
        metadata_bytes=sum(path.stat().st_size for path in (tree / "repodata").iterdir()),
    )


def _existing(final: Path, wanted: Manifest) -> Manifest:
    """Return the manifest of the snapshot that is there already. Raises SnapshotExistsError, StoreError."""
    path = final / "manifest.json"
    try:
        there = read_manifest(path.read_bytes(), str(path))
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error
    if there.id != wanted.id:
        raise SnapshotExistsError(f"snapshot {final.name} exists and holds something else; {_OTHER}", [there.id])
    if there.metadata_only != wanted.metadata_only:
        raise SnapshotExistsError(
            f"snapshot {final.name} is there already, {'without' if there.metadata_only else 'with'} rpms; {_OTHER}"
        )
    return there


def _require_rpms(store: Store, request: FreezeRequest) -> None:
    packages = (package for contents in request.repositories for package in contents.packages)
    missing = tuple(missing_rpms(store, packages))
    if missing:
        raise IncompleteError(f"the pool lacks {counted(len(missing), 'rpm')} of snapshot {request.name}", missing)
