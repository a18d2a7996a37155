"""The documents that describe snapshots: `yumbridge-snapshot`, of one or of all of a store."""

from __future__ import annotations

from typing import Literal

import msgspec

from snapshots.content.provenance import (
    Addition,
    AdvisoryCount,
    MirrorRecord,
    PartialAdvisory,
    RecipeTree,
    RepositorySummary,
)
from snapshots.errors import SnapshotError
from snapshots.storage.store import Store


class SnapshotSummary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A snapshot as a list has it."""

    name: str
    id: str
    cut_at: str
    message: str
    metadata_only: bool
    packages: int
    advisories: int
    size_bytes: int
    refs: tuple[str, ...]


class LostRef(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ref that leads to a snapshot that is not there."""

    ref: str
    snapshot: str


class DamagedSnapshot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A snapshot that cannot be read."""

    name: str
    why: str


class SnapshotList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The snapshots of a store, the latest first, those that cannot be read, and the refs that lead to none."""

    document: Literal["yumbridge-snapshot"] = "yumbridge-snapshot"
    version: str = "1.0"
    snapshots: tuple[SnapshotSummary, ...]
    damaged: tuple[DamagedSnapshot, ...]
    lost_refs: tuple[LostRef, ...]


class SnapshotDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a snapshot holds, and how it came to be."""

    document: Literal["yumbridge-snapshot"] = "yumbridge-snapshot"
    version: str = "1.0"
    name: str
    id: str
    cut_at: str
    origin: Literal["cut", "realise", "adopt"]
    message: str
    recipe: RecipeTree
    base: str
    base_id: str
    compression: str
    metadata_only: bool
    repositories: tuple[RepositorySummary, ...]
    advisories: tuple[AdvisoryCount, ...]
    refs: tuple[str, ...]
    is_locked: bool
    sources: tuple[MirrorRecord, ...]
    added: tuple[Addition, ...]
    partial_advisories: tuple[PartialAdvisory, ...]
    warnings: tuple[str, ...]


def snapshot_document(store: Store, name: str) -> SnapshotDocument:
    """Return the snapshot, or ref, `name` as a document. Raises NoSnapshotError, StoreError."""
    name = store.resolve(name)
    provenance = store.provenance(name)
    return SnapshotDocument(
        name=name,
        id=provenance.id,
        cut_at=provenance.cut_at,
        origin=provenance.origin,
        message=provenance.message,
        recipe=provenance.recipe,
        base=provenance.base,
        base_id=provenance.base_id,
        compression=provenance.compression,
        metadata_only=provenance.metadata_only,
        repositories=provenance.repositories,
        advisories=provenance.advisories,
        refs=_refs(store, name),
        is_locked=name in store.recorded_locks(),
        sources=provenance.sources,
        added=provenance.added,
        partial_advisories=provenance.partial_advisories,
        warnings=provenance.warnings,
    )


def snapshot_list(store: Store) -> SnapshotList:
    """Return the snapshots of a store; what cannot be read is told, and what is gone by then is not."""
    listed: list[SnapshotSummary] = []
    damaged: list[DamagedSnapshot] = []
    for name in store.names():
        try:
            listed.append(_listed(store, name))
        except SnapshotError as error:
            if name in store.names():
                damaged.append(DamagedSnapshot(name=name, why=error.message))
    return SnapshotList(
        snapshots=tuple(sorted(listed, key=lambda each: (each.cut_at, each.name), reverse=True)),
        damaged=tuple(damaged),
        lost_refs=tuple(LostRef(ref=ref, snapshot=name) for ref, name in store.lost_refs().items()),
    )


def _listed(store: Store, name: str) -> SnapshotSummary:
    provenance = store.provenance(name)
    return SnapshotSummary(
        name=name,
        id=provenance.id,
        cut_at=provenance.cut_at,
        message=provenance.message,
        metadata_only=provenance.metadata_only,
        packages=sum(each.packages for each in provenance.repositories),
        advisories=sum(each.count for each in provenance.advisories),
        size_bytes=sum(each.size_bytes for each in provenance.repositories),
        refs=_refs(store, name),
    )


def _refs(store: Store, name: str) -> tuple[str, ...]:
    return tuple(ref for ref, target in store.refs().items() if target == name)
