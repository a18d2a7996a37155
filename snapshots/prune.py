"""Prune: delete from the store what nothing refers to, in two phases.

The first reads, and returns a value that says what would go and what keeps the rest. The second deletes what that
value names and nothing else, as far as nothing has come to refer to it since.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from snapshots.storage.retention import (
    Holding,
    Policy,
    PoolFile,
    RpmVerdict,
    SnapshotVerdict,
    Standing,
    judged,
    judged_pool,
    reasons_to_keep,
)
from snapshots.storage.store import Store, writing
from snapshots.storage.survey import Leftover, Survey, references, survey
from yumbridge.errors import HostError
from yumbridge.progress import Listener
from yumbridge.run.state import sync_folder


class Marked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What prune keeps and what it would delete. `freed_bytes` is the disk that all that goes takes."""

    document: Literal["yumbridge-prune"] = "yumbridge-prune"
    version: str = "1.0"
    policy: Policy
    kept: tuple[SnapshotVerdict, ...]
    going: tuple[SnapshotVerdict, ...]
    holdings: tuple[Holding, ...]
    rpms: tuple[RpmVerdict, ...]
    leftovers: tuple[Leftover, ...]
    freed_bytes: int

    @property
    def is_empty(self) -> bool:
        """True when nothing would go."""
        return not (self.going or self.rpms or self.leftovers)


class Swept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was deleted: snapshots by name, the rest counted. `spared` was marked and is referred to by now."""

    document: Literal["yumbridge-swept"] = "yumbridge-swept"
    version: str = "1.0"
    snapshots: tuple[str, ...]
    rpms: int
    leftovers: int
    freed_bytes: int
    spared: tuple[str, ...]


def marked(store: Store, policy: Policy) -> Marked:
    """Return what would go and why, and why the rest stays. Nothing is changed.

    What a writer has begun and not finished is marked too: it is taken only once no writer is left. Raises
    NoSnapshotError: one that is to be kept by name is not there; StoreError: something that may refer to rpms cannot be
    read; HostError.
    """
    # A name with a typing error in it would keep nothing.
    policy = msgspec.structs.replace(policy, named=tuple(sorted({store.resolve(name) for name in policy.named})))
    found = survey(store)
    kept, going = judged(found.standings, found.references, policy)
    holdings, rpms = judged_pool(found.files, found.holders(frozenset(verdict.name for verdict in going)))
    return Marked(
        policy=policy,
        kept=kept,
        going=going,
        holdings=holdings,
        rpms=rpms,
        leftovers=found.leftovers,
        freed_bytes=_total(*going, *rpms, *found.leftovers),
    )


def sweep(store: Store, planned: Marked, listener: Listener) -> Swept:
    """Delete what `planned` names, less what something refers to by now.

    Everything is read again before anything is deleted, and the references once more before each snapshot, which
    disappears at once, before any of its files does. Raises StoreError: something that may refer to rpms cannot be
    read; nothing was deleted. LockHeldError, HostError.
    """
    with writing(store, "snapshot prune"):
        found = survey(store)
        _, going = judged(found.standings, found.references, planned.policy)
        still = {(verdict.name, verdict.id) for verdict in going}
        wanted = [verdict for verdict in planned.going if (verdict.name, verdict.id) in still]
        try:
            gone = tuple(_swept_snapshots(store, wanted, listener))
            deleted = frozenset(verdict.name for verdict in gone)
            rpms = _swept_rpms(store, _free(found, planned, deleted), listener)
            leftovers = _swept_leftovers(store, _still_left(found, planned), listener)
        except OSError as error:
            raise HostError(f"cannot delete {error.filename}: {error.strerror}") from error
    return Swept(
        snapshots=tuple(sorted(deleted)),
        rpms=len(rpms),
        leftovers=len(leftovers),
        freed_bytes=_total(*gone, *rpms, *leftovers),
        spared=tuple(sorted(verdict.name for verdict in planned.going if verdict.name not in deleted)),
    )


def _free(found: Survey, planned: Marked, deleted: frozenset[str]) -> list[PoolFile]:
    """Return the rpms that were marked and that nothing needs once these snapshots are gone."""
    _, verdicts = judged_pool(found.files, found.holders(deleted))
    free = {file.path for verdict in verdicts for file in verdict.rpms}
    return [file for verdict in planned.rpms for file in verdict.rpms if file.path in free]


def _still_left(found: Survey, planned: Marked) -> list[Leftover]:
    still = {leftover.path for leftover in found.leftovers}
    return [leftover for leftover in planned.leftovers if leftover.path in still]


def _total(*parts: SnapshotVerdict | RpmVerdict | PoolFile | Leftover) -> int:
    return sum(part.size_bytes for part in parts)


def _swept_snapshots(store: Store, going: list[SnapshotVerdict], listener: Listener) -> Iterator[SnapshotVerdict]:
    for number, verdict in enumerate(going):
        listener("snapshots", number, len(going))
        folder = store.snapshot(verdict.name)
        standing = Standing(
            name=verdict.name, snapshot_id=verdict.id, cut_at=verdict.cut_at, size_bytes=verdict.size_bytes
        )
        # Refs can be moved without us, by whoever may write in the folder.
        if reasons_to_keep(standing, references(store)):
            continue
        hidden = folder.with_name(f".{verdict.name}.going")
        if hidden.exists():
            shutil.rmtree(hidden)
        folder.rename(hidden)
        # The rpms may go only when the snapshot is gone for good.
        sync_folder(hidden.parent)
        shutil.rmtree(hidden)
        yield verdict
    listener("snapshots", len(going), len(going))


def _swept_rpms(store: Store, going: list[PoolFile], listener: Listener) -> list[PoolFile]:
    for number, file in enumerate(going):
        listener("rpms", number, len(going))
        path = store.pool / file.path
        path.unlink(missing_ok=True)
        _remove_if_empty(path.parent)
    listener("rpms", len(going), len(going))
    return going


def _swept_leftovers(store: Store, going: list[Leftover], listener: Listener) -> list[Leftover]:
    """Delete what is still left over. No writer is at work on it: the lock is ours."""
    for number, leftover in enumerate(going):
        listener("leftovers", number, len(going))
        path = store.path / leftover.path
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            if path.parent.parent.parent == store.pool:
                _remove_if_empty(path.parent)
        elif path.parent.parent == store.pool and not path.name.startswith("."):
            _remove_if_empty(path)
        else:
            shutil.rmtree(path)
    listener("leftovers", len(going), len(going))
    return going


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # Something else is in it: it stays.
