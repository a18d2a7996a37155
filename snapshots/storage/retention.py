"""Retention: what prune keeps, what it deletes, and because of what. The rule alone: nothing is looked up here.

A snapshot is kept by a ref, by a lock that was written from the store, by being among the newest, or by being named. An
rpm is kept by the snapshots that stay, by locks, and by what the mirrors last saw.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

# A month of daily cuts. A snapshot costs its repodata and the rpms that no other one has.
KEEP_LAST: Final = 30

PoolFiles: TypeAlias = "Mapping[str, tuple[PoolFile, ...]]"


class SnapshotReason(StrEnum):
    """Why a snapshot is kept; `unreferenced` is why one goes."""

    REF = "ref"
    LOCK = "lock"
    RECENT = "recent"
    NAMED = "named"
    UNREFERENCED = "unreferenced"


class RpmReason(StrEnum):
    """Why rpms go: the snapshots that had them go, or nothing ever did or does any more."""

    PRUNED = "pruned"
    UNREFERENCED = "unreferenced"


class HolderKind(StrEnum):
    """What keeps rpms."""

    SNAPSHOT = "snapshot"
    LOCK = "lock"
    MIRROR = "mirror"


class Because(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reason. `rule` names the ref or the lock, or says how many of the newest are kept."""

    reason: SnapshotReason
    rule: str


class SnapshotVerdict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of a snapshot. `because` is never empty; `size_bytes` is that of its own files, without rpms."""

    name: str
    id: str
    cut_at: str
    size_bytes: int
    because: tuple[Because, ...]


class Holding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rpms that something keeps, and those of them that nothing else keeps."""

    kind: HolderKind
    name: str
    rpms: int
    size_bytes: int
    alone_rpms: int
    alone_bytes: int


class PoolFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A file of the pool. `path` is below the pool."""

    path: str
    size_bytes: int


class RpmVerdict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rpms that go for one reason, sorted."""

    reason: RpmReason
    rpms: tuple[PoolFile, ...]
    size_bytes: int


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the caller wants kept: the `keep_last` newest snapshots, and those that are named."""

    keep_last: int = KEEP_LAST
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a snapshot before it is judged."""

    name: str
    snapshot_id: str
    cut_at: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What may keep snapshots: the snapshot of each ref, the id in each lock."""

    refs: Mapping[str, str]
    locks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Holder:
    """Something with the pkgids of the rpms that it needs. `is_kept`: it stays, and keeps them."""

    kind: HolderKind
    name: str
    pkgids: frozenset[str]
    is_kept: bool = True


def reasons_to_keep(standing: Standing, references: References) -> tuple[Because, ...]:
    """Return which refs and locks keep a snapshot, sorted; empty when none does.

    A lock keeps every snapshot of its content: each has the metadata that the lock does not carry.
    """
    refs = (
        Because(reason=SnapshotReason.REF, rule=ref) for ref, name in references.refs.items() if name == standing.name
    )
    locks = (
        Because(reason=SnapshotReason.LOCK, rule=lock)
        for lock, wanted in references.locks.items()
        if wanted == standing.snapshot_id
    )
    return tuple(sorted((*refs, *locks), key=lambda because: (because.reason, because.rule)))


def judged(
    standings: Sequence[Standing], references: References, policy: Policy
) -> tuple[tuple[SnapshotVerdict, ...], tuple[SnapshotVerdict, ...]]:
    """Return the snapshots that are kept and those that go, each newest first. The newest are those cut last."""
    newest_first = sorted(standings, key=lambda standing: (standing.cut_at, standing.name), reverse=True)
    kept: list[SnapshotVerdict] = []
    going: list[SnapshotVerdict] = []
    for place, standing in enumerate(newest_first):
        because = (*reasons_to_keep(standing, references), *_by_policy(standing, place, policy))
        if because:
            kept.append(_verdict(standing, because))
        else:
            rule = f"no ref, no lock, not among the last {policy.keep_last}"
            going.append(_verdict(standing, (Because(reason=SnapshotReason.UNREFERENCED, rule=rule),)))
    return tuple(kept), tuple(going)


def judged_pool(files: PoolFiles, holders: Iterable[Holder]) -> tuple[tuple[Holding, ...], tuple[RpmVerdict, ...]]:
    """Return what each of the holders that stay keeps of the pool, and the rpms that go by reason.

    `files` has the files of each pkgid.
    """
    known = tuple(holders)
    staying = [holder for holder in known if holder.is_kept]
    keepers: dict[str, int] = {}
    for holder in staying:
        for pkgid in holder.pkgids & files.keys():
            keepers[pkgid] = keepers.get(pkgid, 0) + 1
    sizes = {pkgid: sum(file.size_bytes for file in found) for pkgid, found in files.items()}
    holdings = tuple(_holding(holder, sizes, keepers) for holder in staying)
    pruned = frozenset[str]().union(*(holder.pkgids for holder in known if not holder.is_kept))
    going = [pkgid for pkgid in files if pkgid not in keepers]
    groups = {
        RpmReason.PRUNED: [pkgid for pkgid in going if pkgid in pruned],
        RpmReason.UNREFERENCED: [pkgid for pkgid in going if pkgid not in pruned],
    }
    return holdings, tuple(_rpm_verdict(reason, files, pkgids) for reason, pkgids in groups.items() if pkgids)


def _by_policy(standing: Standing, place: int, policy: Policy) -> Iterable[Because]:
    if place < policy.keep_last:
        yield Because(reason=SnapshotReason.RECENT, rule=f"among the last {policy.keep_last}")
    if standing.name in policy.named:
        yield Because(reason=SnapshotReason.NAMED, rule=standing.name)


def _verdict(standing: Standing, because: tuple[Because, ...]) -> SnapshotVerdict:
    return SnapshotVerdict(
        name=standing.name,
        id=standing.snapshot_id,
        cut_at=standing.cut_at,
        size_bytes=standing.size_bytes,
        because=because,
    )


def _holding(holder: Holder, sizes: Mapping[str, int], keepers: Mapping[str, int]) -> Holding:
    present = holder.pkgids & sizes.keys()
    alone = [pkgid for pkgid in present if keepers[pkgid] == 1]
    return Holding(
        kind=holder.kind,
        name=holder.name,
        rpms=len(present),
        size_bytes=sum(sizes[pkgid] for pkgid in present),
        alone_rpms=len(alone),
        alone_bytes=sum(sizes[pkgid] for pkgid in alone),
    )


def _rpm_verdict(reason: RpmReason, files: PoolFiles, pkgids: Iterable[str]) -> RpmVerdict:
    found = sorted((file for pkgid in pkgids for file in files[pkgid]), key=lambda file: file.path)
    return RpmVerdict(reason=reason, rpms=tuple(found), size_bytes=sum(file.size_bytes for file in found))
