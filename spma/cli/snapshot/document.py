"""The documents that describe snapshots: `yumbridge-snapshot`, of one or of all of a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from snapshots.errors import StoreError
from snapshots.index import IndexedRepository
from snapshots.manifest import RepositoryHead, RepositoryManifest
from snapshots.provenance import Addition, MirrorRecord, PartialAdvisory, RecipeTree
from snapshots.store import Store
from yumbridge.rpm.advisory import Advisory


class AdvisoryCount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many advisories there are of a kind and severity. `severity` is lower case, empty where there is none."""

    kind: str
    severity: str
    count: int


class RepositorySummary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A repository of a snapshot, in numbers."""

    repo_id: str
    packages: int
    advisories: int
    size_bytes: int
    metadata_bytes: int


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


class SnapshotList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The snapshots of a store, the latest first."""

    document: Literal["yumbridge-snapshot"] = "yumbridge-snapshot"
    version: str = "1.0"
    snapshots: tuple[SnapshotSummary, ...]


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
    manifest, provenance = store.manifest(name), store.provenance(name)
    repositories = _repositories(store, name, manifest.repositories)
    return SnapshotDocument(
        name=name,
        id=manifest.id,
        cut_at=provenance.cut_at,
        origin=provenance.origin,
        message=provenance.message,
        recipe=provenance.recipe,
        base=provenance.base,
        base_id=provenance.base_id,
        compression=provenance.compression,
        metadata_only=manifest.metadata_only,
        repositories=tuple(_summary(repo_id, repository) for repo_id, repository in repositories.items()),
        advisories=advisory_counts(a for each in repositories.values() for a in each.index.advisories),
        refs=_refs(store, name),
        is_locked=name in store.recorded_locks(),
        sources=provenance.sources,
        added=provenance.added,
        partial_advisories=provenance.partial_advisories,
        warnings=provenance.warnings,
    )


def snapshot_list(store: Store) -> SnapshotList:
    """Return the snapshots of a store. Raises StoreError."""
    listed = [_listed(store, name) for name in store.names()]
    return SnapshotList(snapshots=tuple(sorted(listed, key=lambda each: (each.cut_at, each.name), reverse=True)))


def advisory_counts(advisories: Iterable[Advisory]) -> tuple[AdvisoryCount, ...]:
    """Return how many advisories there are of each kind and severity, each id once; security first, then by kind."""
    known = {advisory.advisory_id: (advisory.kind, _severity(advisory)) for advisory in advisories}
    counts = Counter(known.values())
    ordered = sorted(counts, key=lambda each: (each[0] != "security", each[0], _rank(each[1]), each[1]))
    return tuple(
        AdvisoryCount(kind=kind, severity=severity, count=counts[kind, severity]) for kind, severity in ordered
    )


_RANKS = ("critical", "important", "moderate", "low")


def _severity(advisory: Advisory) -> str:
    severity = advisory.severity.lower()
    return "" if severity == "none" else severity


def _rank(severity: str) -> int:
    return _RANKS.index(severity) if severity in _RANKS else len(_RANKS)


def _repositories(
    store: Store, name: str, listed: Iterable[RepositoryManifest | RepositoryHead]
) -> dict[str, IndexedRepository]:
    return {each.repo_id: store.repository(name, each.repo_id) for each in listed}


def _refs(store: Store, name: str) -> tuple[str, ...]:
    return tuple(ref for ref, target in store.refs().items() if target == name)


def _summary(repo_id: str, repository: IndexedRepository) -> RepositorySummary:
    return RepositorySummary(
        repo_id=repo_id,
        packages=len(repository.packages),
        advisories=len(repository.index.advisories),
        size_bytes=_size_bytes(repository),
        metadata_bytes=_bytes_below(repository.tree / "repodata"),
    )


def _size_bytes(repository: IndexedRepository) -> int:
    return sum(package.size_bytes for package in repository.packages)


def _bytes_below(folder: Path) -> int:
    try:
        return sum(path.stat().st_size for path in folder.iterdir())
    except OSError as error:
        raise StoreError(f"{folder} cannot be read: {error.strerror}") from error


def _listed(store: Store, name: str) -> SnapshotSummary:
    # Its id is not verified here: that takes as long as all the rest.
    head, provenance = store.manifest_head(name), store.provenance(name)
    repositories = _repositories(store, name, head.repositories).values()
    return SnapshotSummary(
        name=name,
        id=head.id,
        cut_at=provenance.cut_at,
        message=provenance.message,
        metadata_only=head.metadata_only,
        packages=sum(len(each.packages) for each in repositories),
        advisories=len({advisory.advisory_id for each in repositories for advisory in each.index.advisories}),
        size_bytes=sum(map(_size_bytes, repositories)),
        refs=_refs(store, name),
    )
