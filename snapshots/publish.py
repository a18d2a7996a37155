"""Publish: move a ref to a snapshot, in one step that no reader can see the middle of.

A ref is a symbolic link, and a move is a rename over it. Whoever opens a folder through the ref keeps the snapshot
that it led to. Whoever asks for each file through the ref anew may get repomd.xml of one snapshot and then ask the
next one for a file that it does not have: a miss, never other content, because metadata files are named by their
digest. A reader that is to be spared the miss uses the snapshot's own address, which never changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from snapshots.content.name import suggestion
from snapshots.errors import InvalidNameError, NoSnapshotError, NotPublishableError, StoreError
from snapshots.storage.pool import missing_rpms
from snapshots.storage.store import Store, writing
from yumbridge.count import counted
from yumbridge.errors import HostError
from yumbridge.run.state import sync_folder

_SNAPSHOTS: Final = "snapshots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Where a ref points: `before` and `after` are snapshots, empty for none. `is_unchanged` when they are the same."""

    ref: str
    before: str
    after: str
    is_unchanged: bool


def publish(store: Store, ref: str, name: str, *, not_older: bool = False, expected: str | None = None) -> Published:
    """Point `ref` to the snapshot that `name`, itself a snapshot or a ref, means.

    With `not_older` the snapshot must have been cut no earlier than the one that the ref points to now. `expected` is
    what the ref has to point to still, empty for nothing: what was checked was the way from there.
    Raises NotPublishableError, NoSnapshotError, InvalidNameError, StoreError, LockHeldError.
    """
    with writing(store, "snapshot publish"):
        after = store.resolve(name)
        before = refuse(store, ref, after, not_older=not_older)
        if expected is not None and before != expected:
            raise NotPublishableError(f"{ref} points to {before or 'nothing'} by now: check again")
        if before != after:
            point(store.ref(ref), f"../{_SNAPSHOTS}/{after}")
    return Published(ref=ref, before=before, after=after, is_unchanged=before == after)


def refuse(store: Store, ref: str, snapshot: str, *, not_older: bool = False) -> str:
    """Raise what `publish` does when `ref` may not be pointed to `snapshot`; return where it points to now.

    Whoever does work for it first may ask before; who publishes asks again, under the store's lock.
    """
    before = target(store, ref)
    _refuse_unfit(store, ref, snapshot)
    if not_older and before:
        _refuse_older(store, ref, before, snapshot)
    return before


def retire(store: Store, ref: str) -> Published:
    """Remove `ref`; the snapshot stays. Raises NoSnapshotError, InvalidNameError, StoreError, LockHeldError."""
    with writing(store, "snapshot publish"):
        before = target(store, ref)
        if not before:
            raise NoSnapshotError(f"no ref {ref} in {store.path}{suggestion(ref, store.refs())}")
        path = store.ref(ref)
        try:
            path.unlink()
            sync_folder(path.parent)
        except OSError as error:
            raise HostError(f"cannot remove {path}: {error.strerror}") from error
    return Published(ref=ref, before=before, after="", is_unchanged=False)


def target(store: Store, ref: str) -> str:
    """Return the name that `ref` points to, be there such a snapshot or not; empty without such a ref.

    Raises StoreError: what is there is no link into the store's snapshots.
    """
    path = store.ref(ref)
    if not path.is_symlink():
        if path.exists():
            raise StoreError(f"{path} is no link, as a ref has to be")
        return ""
    link = path.readlink()
    if link.parts[:-1] != ("..", _SNAPSHOTS):
        raise StoreError(f"{path} points to {link}, which is no snapshot of the store")
    return link.name


def point(path: Path, link: str) -> None:
    """Let the symbolic link at `path` lead to `link`, at once and for good. Raises HostError."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(link)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror}") from error


def _refuse_unfit(store: Store, ref: str, after: str) -> None:
    if store.snapshot(ref).exists():
        # A name means a snapshot before it means a ref: nobody could ask for this one.
        raise InvalidNameError(f"{ref} is the name of a snapshot: a ref needs another one")
    manifest = store.manifest(after)
    if manifest.metadata_only:
        raise NotPublishableError(f"{after} has metadata only: its rpms are not in the store")
    missing = tuple(missing_rpms(store, manifest.packages))
    if missing:
        raise NotPublishableError(f"{counted(len(missing), 'rpm')} of {after} not in the pool", missing)


def _refuse_older(store: Store, ref: str, before: str, after: str) -> None:
    try:
        last = store.provenance(before).cut_at
    except NoSnapshotError:
        return  # The ref leads nowhere: anything is better.
    cut_at = store.provenance(after).cut_at
    # Both are RFC 3339 in UTC to the second: text is in the order of time.
    if cut_at < last:
        reasons = (f"{after} was cut at {cut_at}", f"{before}, where {ref} points to, was cut at {last}")
        raise NotPublishableError(f"{after} is older than what {ref} points to", reasons)
