"""The repositories of a store as a host is told of them, in place of those that its profile names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from snapshots.storage.store import Store
from yumbridge.desired.repository import Repository, lent


def snapshot_repositories(store: Store, name: str, stated: Sequence[Repository]) -> tuple[Repository, ...]:
    """Return the repositories of the snapshot, or ref, `name`, sorted by id.

    One of `stated` that bears the same id lends its options. Raises NoSnapshotError, StoreError.
    """
    folder = store.snapshot(store.resolve(name))
    repo_ids = (repository.repo_id for repository in store.manifest(name).repositories)
    return tuple(_repository(repo_id, folder / repo_id, stated) for repo_id in repo_ids)


def mirror_repositories(store: Store, repo_ids: Iterable[str], stated: Sequence[Repository]) -> tuple[Repository, ...]:
    """Return those of these repositories that are mirrored, as they are now, with options as above."""
    wanted = set(repo_ids)
    return tuple(
        _repository(repo_id, store.mirrored(repo_id).tree, stated) for repo_id in store.mirrors() if repo_id in wanted
    )


def _repository(repo_id: str, tree: Path, stated: Sequence[Repository]) -> Repository:
    repository = lent(repo_id, tree.as_uri(), stated, f"{tree}")
    # What upstream signed is not what compose wrote, and what is missing from a store is damage.
    return msgspec.structs.replace(repository, repo_gpgcheck=False, skip_if_unavailable=False)
