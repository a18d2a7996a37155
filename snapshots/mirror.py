"""Mirroring: upstream's metadata and missing rpms brought into the store, several repositories as one set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import msgspec

from snapshots.content.provenance import MirrorRecord
from snapshots.errors import InvalidNameError, NoSnapshotError, UpstreamError
from snapshots.intake.fetch import Fetcher, FetchOptions
from snapshots.intake.location import below, refused_url, source_fault, without_credentials
from snapshots.intake.repomd import LIMIT_BYTES, read_repomd
from snapshots.mirror_repository import Mirrored, MirrorOptions, MirrorSource, Preparation, Prepared
from snapshots.storage.first_seen import record_first_seen
from snapshots.storage.pool import Pool
from snapshots.storage.store import Store, writing
from yumbridge.plan.document import digest, digest_of_bytes
from yumbridge.progress import Listener
from yumbridge.run.state import rfc3339

# How often a set is read before it is given up: an upstream that changes as fast is still being written.
_PASSES: Final = 5


def mirror_repositories(
    store: Store, wanted: Sequence[MirrorSource], options: MirrorOptions, listener: Listener
) -> tuple[Mirrored, ...]:
    """Mirror repositories as one set, or without any named every mirror of the store again, as it was asked for last.

    Readers see the new states when all are whole, and every repomd.xml is still the one that was read. Raises
    UpstreamError, MutatedPackageError, InvalidNameError, LockHeldError, NoSnapshotError: nothing to refresh;
    SnapshotError. What was fetched stays for the next time.
    """
    with writing(store, "snapshot mirror"):
        sources = _checked(store, wanted or _known(store))
        if options.metadata_only:
            sources = tuple(replace(source, wants_rpms=False) for source in sources)
        Pool(store).remove_leftovers()
        fetch = FetchOptions(workers=options.workers, retries=options.retries, pause_s=options.pause_s)
        with Fetcher(fetch) as fetcher:
            ready = _Set(sources, fetcher, Preparation(store, options, fetcher, listener)).prepared()
        return _switched(store, sources, ready, rfc3339(options.at))


def _known(store: Store) -> tuple[MirrorSource, ...]:
    records = map(store.mirror_record, store.mirrors())
    return tuple(MirrorSource(record.repo_id, record.url, record.wants_rpms) for record in records)


def _checked(store: Store, sources: Sequence[MirrorSource]) -> tuple[MirrorSource, ...]:
    if not sources:
        raise NoSnapshotError(f"no mirrors in {store.path}: the first time, a repository and its URL have to be given")
    names = [source.repo_id for source in sources]
    for source in sources:
        store.mirror(source.repo_id)
        if names.count(source.repo_id) > 1:
            raise InvalidNameError(f"{source.repo_id} is given twice")
        if fault := source_fault(source.url):
            raise UpstreamError(f"{source.repo_id}: {refused_url(source.url)} {fault}")
    return tuple(sources)


class _Set:
    """Repositories that are read together, under the store's lock."""

    def __init__(self, sources: Sequence[MirrorSource], fetcher: Fetcher, preparation: Preparation) -> None:
        self._sources = sources
        self._fetcher = fetcher
        self._preparation = preparation

    def prepared(self) -> dict[str, Prepared]:
        """Return every repository with its new state, of a moment when all of them were as they are there."""
        ready: dict[str, Prepared] = {}
        found = self._repomds()
        moved: list[str] = []
        for _ in range(_PASSES):
            for source in self._sources:
                if source.repo_id not in ready or ready[source.repo_id].repomd != found[source.repo_id]:
                    self._prepare(source, found[source.repo_id], ready)
            again = self._repomds()
            moved = [name for name, repomd in again.items() if name not in ready or ready[name].repomd != repomd]
            if not moved:
                return ready
            found = again
        raise UpstreamError(f"{', '.join(moved)}: upstream changed in each of {_PASSES} readings: it is not quiet")

    def _prepare(self, source: MirrorSource, repomd: bytes, ready: dict[str, Prepared]) -> None:
        try:
            ready[source.repo_id] = self._preparation.prepared(source, repomd)
        except UpstreamError:
            # Files vanish when upstream moves on: then they are of no repository any more, and it is read again.
            if self._repomd(source) == repomd:
                raise
            ready.pop(source.repo_id, None)

    def _repomds(self) -> dict[str, bytes]:
        return {source.repo_id: self._repomd(source) for source in self._sources}

    def _repomd(self, source: MirrorSource) -> bytes:
        return self._fetcher.content(below(source.url, "repodata/repomd.xml"), LIMIT_BYTES)


def _switched(
    store: Store, sources: Sequence[MirrorSource], ready: Mapping[str, Prepared], read_at: str
) -> tuple[Mirrored, ...]:
    """Make the new states what readers see, one after the other, and return what became of each repository.

    What is new is recorded first: only what becomes part of a state was ever seen.
    """
    digests = {name: digest_of_bytes(prepared.repomd) for name, prepared in sorted(ready.items())}
    mirrored = []
    for source in sources:
        prepared = ready[source.repo_id]
        record = MirrorRecord(
            repo_id=source.repo_id,
            url=without_credentials(source.url),
            revision=read_repomd(prepared.repomd, source.repo_id).revision,
            repomd=digests[source.repo_id],
            read_at=read_at,
            passed=digest([read_at, digests]),
            metadata_only=bool(prepared.result.missing),
            wants_rpms=source.wants_rpms,
        )
        new = record_first_seen(store, source.repo_id, prepared.packages, read_at)
        prepared.folder.switch(prepared.state, record)
        mirrored.append(msgspec.structs.replace(prepared.result, new_packages=new))
    return tuple(mirrored)
