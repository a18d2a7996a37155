"""Materialise: a snapshot as a tree that needs no store, for readers that do not follow links out of it.

The rpms are hard links to the pool where the file system lets them be, and copies elsewhere.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from snapshots.content.manifest import Manifest, read_manifest
from snapshots.content.name import checked_name
from snapshots.errors import (
    IncompleteError,
    InvalidNameError,
    NotPublishableError,
    SnapshotExistsError,
    StoreError,
)
from snapshots.publish import point
from snapshots.storage.pool import missing_rpms
from snapshots.storage.store import Store, writing
from yumbridge.count import counted
from yumbridge.errors import HostError

# Another file system, too many links to one file, a kernel that lets only the owner link: the bytes are copied.
_UNLINKABLE: Final = frozenset({errno.EXDEV, errno.EMLINK, errno.EPERM, errno.EOPNOTSUPP})
_DOCUMENTS: Final = ("manifest.json", "snapshot.json")


class Materialised(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A self-contained tree of a snapshot. `linked` and `copied` count files, both 0 when it was there already."""

    path: str
    linked: int
    copied: int


def materialise(store: Store, name: str, ref: str, folder: Path) -> Materialised:
    """Write FOLDER/NAME/REPO_ID with metadata and rpms, and let FOLDER/REF lead to FOLDER/NAME unless `ref` is empty.

    A tree that is already there stays as it is, and so do those of other snapshots. The tree gets its name when it is
    whole and on the disk. Raises NotPublishableError, IncompleteError (rpms are missing), SnapshotExistsError (a
    folder of that name holds something else), InvalidNameError, NoSnapshotError, StoreError, HostError, LockHeldError.
    """
    with writing(store, "snapshot publish"):
        snapshot = store.resolve(name)
        manifest = store.manifest(snapshot)
        _refuse_unfit(store, snapshot, manifest, folder)
        link = None if not ref else fit_link(folder, ref, snapshot)
        tree = folder / snapshot
        try:
            linked, copied = (0, 0) if _is_there(tree, manifest) else _write(store, snapshot, manifest, folder)
        except OSError as error:
            raise HostError(f"cannot write {error.filename2 or error.filename or tree}: {error.strerror}") from error
        if link is not None and not (link.is_symlink() and link.readlink() == Path(snapshot)):
            point(link, snapshot)
    return Materialised(path=str(tree), linked=linked, copied=copied)


def _refuse_unfit(store: Store, name: str, manifest: Manifest, folder: Path) -> None:
    if folder.resolve().is_relative_to(store.path.resolve()):
        raise NotPublishableError(f"{folder} is inside of the store {store.path}: want a folder of its own")
    if manifest.metadata_only:
        raise NotPublishableError(f"{name} has metadata only: its rpms are not in the store")
    missing = tuple(missing_rpms(store, manifest.packages))
    if missing:
        raise IncompleteError(f"the pool lacks {counted(len(missing), 'rpm')} of {name}", missing)


def fit_link(folder: Path, ref: str, snapshot: str) -> Path:
    """Return the link in `folder` that is to lead to a tree. Raises InvalidNameError, SnapshotExistsError."""
    link = folder / checked_name("ref", ref)
    if ref == snapshot:
        raise InvalidNameError(f"{ref} is the name of a snapshot: a ref needs another one")
    if link.exists() and not link.is_symlink():
        raise SnapshotExistsError(f"{link} is there, and is no link")
    return link


def _is_there(tree: Path, manifest: Manifest) -> bool:
    if not os.path.lexists(tree):
        return False
    path = tree / _DOCUMENTS[0]
    try:
        found = read_manifest(path.read_bytes(), str(path))
    except (OSError, StoreError):
        found = None
    if found != manifest:
        raise SnapshotExistsError(f"{tree} is there, and holds something else")
    return True


def _write(store: Store, name: str, manifest: Manifest, folder: Path) -> tuple[int, int]:
    """Write the tree below a hidden name, then give it its own. Returns how many files were linked and copied."""
    folder.mkdir(parents=True, exist_ok=True)
    hidden = folder / f".{name}.new"
    if hidden.is_dir() and not hidden.is_symlink():
        shutil.rmtree(hidden)
    # It is made here and now: nothing is written through a link of another's.
    hidden.mkdir()
    source = store.snapshot(name)
    copied = 0
    files = 0
    for path, place in _wanted(store, source, manifest):
        target = hidden / place
        target.parent.mkdir(parents=True, exist_ok=True)
        files += 1
        copied += not _linked(path, target)
    # What a tree of many thousand folders needs to be on the disk before it may be seen: one call and not a fsync each.
    os.sync()
    hidden.rename(folder / name)
    os.sync()
    return files - copied, copied


def _wanted(store: Store, source: Path, manifest: Manifest) -> Iterable[tuple[Path, str]]:
    """Yield each file of the tree: where it is, and its place in the tree. The manifest is the last."""
    for repository in manifest.repositories:
        for found in sorted((source / repository.repo_id / "repodata").iterdir()):
            yield found, f"{repository.repo_id}/repodata/{found.name}"
        for package in repository.packages:
            yield store.pool / package.pool_name, f"{repository.repo_id}/{package.location}"
    for document in reversed(_DOCUMENTS):
        yield source / document, document


def _linked(path: Path, target: Path) -> bool:
    """Bring a file to its place; false when its bytes had to be written again."""
    try:
        target.hardlink_to(path)
    except OSError as error:
        if error.errno not in _UNLINKABLE:
            raise
        shutil.copy2(path, target)
        return False
    return True
