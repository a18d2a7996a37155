"""Snapshot stores with real content: repositories of a world, frozen as they are."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from snapshots.content.manifest import Manifest
from snapshots.content.provenance import Provenance
from snapshots.intake.upstream import Upstream, read_upstream
from snapshots.repodata.compose import Compression, Contents
from snapshots.storage.freeze import FreezeRequest, freeze
from snapshots.storage.pool import Pool
from snapshots.storage.store import Store, create_store, writing
from tests.support.repositories import Repository

CUT_AT = "2026-11-22T08:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """How repositories are frozen."""

    cut_at: str = CUT_AT
    message: str = ""
    metadata_only: bool = False
    compression: Compression = Compression.ZSTD


def new_store(path: Path) -> Store:
    """Make an empty store."""
    return create_store(path)


def frozen(store: Store, name: str, repositories: Iterable[Repository], how: Frozen | None = None) -> Manifest:
    """Freeze whole repositories as the snapshot `name`, rpms and all."""
    how = how or Frozen()
    with ExitStack() as stack:
        stack.enter_context(writing(store, "a test"))
        contents = []
        for repository in repositories:
            work = stack.enter_context(tempfile.TemporaryDirectory())
            upstream = read_upstream(repository.path / "repodata", Path(work))
            if not how.metadata_only:
                _add_rpms(store, repository, upstream)
            contents.append(_contents(repository.repo_id, upstream))
        provenance = Provenance(name=name, id="", cut_at=how.cut_at, message=how.message)
        request = FreezeRequest(
            name=name,
            repositories=tuple(contents),
            provenance=provenance,
            metadata_only=how.metadata_only,
            compression=how.compression,
        )
        return freeze(store, request)


def _add_rpms(store: Store, repository: Repository, upstream: Upstream) -> None:
    pool = Pool(store)
    for package in upstream.packages:
        pool.add(repository.path / upstream.origins[package.pkgid].href, package)


def _contents(repo_id: str, upstream: Upstream) -> Contents:
    return Contents(
        repo_id=repo_id,
        packages=upstream.packages,
        sources=(upstream.source,),
        advisories=upstream.advisories,
        comps=upstream.comps,
        modules=upstream.modules,
    )
