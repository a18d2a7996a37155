"""One repository of a mirror: the state that it is to have, made whole before any reader sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from snapshots.content.package import StoredPackage
from snapshots.errors import SnapshotError, UpstreamError
from snapshots.intake.fetch import Download, Fetcher
from snapshots.intake.location import below
from snapshots.intake.repomd import Checksum, MetadataFile, read_repomd
from snapshots.intake.upstream import Upstream, read_upstream
from snapshots.repodata.compose import Compression, Contents, compose, compressor_name, link_packages
from snapshots.storage.mirror_state import LastState, MirrorFolder
from snapshots.storage.mutation import refuse_mutations
from snapshots.storage.pool import Pool
from snapshots.storage.store import Store
from yumbridge.count import counted
from yumbridge.plan.document import digest_of_bytes
from yumbridge.progress import Listener


@dataclass(frozen=True, slots=True)
class MirrorSource:
    """A repository to mirror, and its URL: http, https or file, perhaps with credentials, which are never stored.

    Without `wants_rpms` these stay where they are.
    """

    repo_id: str
    url: str
    wants_rpms: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorOptions:
    """How to mirror. `at` is what the log and the record call now.

    `metadata_only`: no source wants its rpms, whatever it says itself. `verifies`: the rpms of the pool are hashed,
    and damaged ones fetched again.
    `retries` are after failures that may pass, the first after `pause_s` and each later one twice as late.
    """

    metadata_only: bool = False
    allow_mutated: bool = False
    verifies: bool = False
    compression: Compression = Compression.ZSTD
    workers: int = 4
    retries: int = 4
    pause_s: float = 0.5
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Mirrored(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a mirror has by now, and what came for it.

    `new_packages` were never seen in this mirror before; `missing` are not in the pool, because the source did not
    want them. `is_unchanged`: upstream is as it was, and nothing was fetched.
    """

    repo_id: str
    packages: int
    new_packages: int
    advisories: int
    missing: int
    downloaded: int
    downloaded_bytes: int
    is_unchanged: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A repository whose state is whole, and not yet what readers see.

    `packages` are those that may be new to the log of when packages were first seen.
    """

    folder: MirrorFolder
    repomd: bytes
    state: str
    result: Mirrored
    packages: tuple[StoredPackage, ...] = ()


class Preparation:
    """Prepares repositories, one after the other, under the store's lock."""

    def __init__(self, store: Store, options: MirrorOptions, fetcher: Fetcher, listener: Listener) -> None:
        self._store = store
        self._pool = Pool(store)
        self._options = options
        self._fetcher = fetcher
        self._listener = listener

    def prepared(self, source: MirrorSource, repomd: bytes) -> Prepared:
        """Bring what this repomd.xml describes into the store. Raises UpstreamError, SnapshotError."""
        folder = MirrorFolder(self._store, source.repo_id)
        folder.open()
        last = folder.last()
        if last is None or not self._is_current(last, repomd):
            return self._renewed(source, folder, repomd, last)
        completed = self._completed(source, folder, repomd, last) if last.is_whole else None
        return completed or self._remade(source, folder, repomd, last)

    def _is_current(self, last: LastState, repomd: bytes) -> bool:
        is_same = last.record.repomd == digest_of_bytes(repomd)
        return is_same and last.repository.index.compression == compressor_name(self._options.compression)

    def _completed(self, source: MirrorSource, folder: MirrorFolder, repomd: bytes, last: LastState) -> Prepared | None:
        """Fetch the rpms that the present state lacks: upstream has nothing new. None: its copy of that is damaged."""
        packages = last.repository.packages
        missing = self._missing(source, packages)
        if missing and source.wants_rpms:
            with folder.workplace() as work:
                try:
                    upstream = read_upstream(last.path / "upstream", work)
                except SnapshotError:
                    return None
                self._fetch_rpms(source, folder, upstream, missing)
        fetched = missing if source.wants_rpms else ()
        result = Mirrored(
            repo_id=source.repo_id,
            packages=len(packages),
            new_packages=0,
            advisories=len(last.repository.index.advisories),
            missing=len(missing) - len(fetched),
            downloaded=len(fetched),
            downloaded_bytes=sum(package.size_bytes for package in fetched),
            is_unchanged=not fetched,
        )
        return Prepared(folder, repomd, last.path.name, result)

    def _remade(self, source: MirrorSource, folder: MirrorFolder, repomd: bytes, last: LastState) -> Prepared:
        """Make a damaged state anew, and say so."""
        renewed = self._renewed(source, folder, repomd, last)
        warnings = (f"{last.path} was damaged: it is made anew", *renewed.result.warnings)
        return replace(renewed, result=msgspec.structs.replace(renewed.result, warnings=warnings))

    def _renewed(self, source: MirrorSource, folder: MirrorFolder, repomd: bytes, last: LastState | None) -> Prepared:
        """Make a new state."""
        said = read_repomd(repomd, f"repomd.xml of {source.repo_id}")
        files = said.files
        self._fetch_repodata(source, folder, files, last)
        checksums = {file.name: file.checksum for file in files}
        state = folder.free_name(f"{digest_of_bytes(repomd).removeprefix('sha256:')[:16]}-{self._options.compression}")
        try:
            with folder.workplace() as work:
                upstream = self._read(folder, repomd, checksums, work)
                if not self._options.allow_mutated:
                    refuse_mutations(self._store, source.repo_id, upstream.packages)
                missing = self._missing(source, upstream.packages)
                fetched = missing if source.wants_rpms else ()
                self._fetch_rpms(source, folder, upstream, fetched)
                self._compose(source, folder, upstream, state, last)
            folder.finish(state)
        finally:
            folder.abandon()
        result = Mirrored(
            repo_id=source.repo_id,
            packages=len(upstream.packages),
            new_packages=0,
            advisories=len(upstream.advisories),
            missing=len(missing) - len(fetched),
            downloaded=len(fetched),
            downloaded_bytes=sum(package.size_bytes for package in fetched),
            is_unchanged=False,
            warnings=(*_stale(said.revision, last), *_gone(upstream, last)),
        )
        return Prepared(folder, repomd, state, result, upstream.packages)

    def _read(self, folder: MirrorFolder, repomd: bytes, checksums: dict[str, Checksum], work: Path) -> Upstream:
        upstream = folder.begin(repomd, checksums)
        try:
            return read_upstream(upstream, work)
        except UpstreamError:
            # What is refused once is refused again: it is not worth its place.
            folder.forget(checksums.values())
            raise

    def _compose(
        self, source: MirrorSource, folder: MirrorFolder, upstream: Upstream, state: str, last: LastState | None
    ) -> None:
        tree = folder.new / "tree"
        contents = Contents(
            repo_id=source.repo_id,
            packages=upstream.packages,
            sources=(upstream.source,),
            advisories=upstream.advisories,
            comps=upstream.comps,
            modules=upstream.modules,
            reusable=() if last is None else (last.repository,),
        )
        compose(contents, tree, folder.new / "index.msgpack", self._options.compression)
        link_packages(tree, self._store.pool, folder.state(state) / "tree")

    def _missing(self, source: MirrorSource, packages: Sequence[StoredPackage]) -> tuple[StoredPackage, ...]:
        """Return the packages whose rpms are not in the pool, or damaged there if that is looked at."""
        if not self._options.verifies:
            return tuple(package for package in packages if not self._pool.has(package))
        missing = []
        for number, package in enumerate(packages):
            self._listener(f"{source.repo_id} rpms", number, len(packages))
            if not self._pool.is_sound(package):
                missing.append(package)
        return tuple(missing)

    def _fetch_repodata(
        self, source: MirrorSource, folder: MirrorFolder, files: Sequence[MetadataFile], last: LastState | None
    ) -> None:
        for file in files:
            folder.offer(last, file.name, file.checksum)
        downloads = [
            Download(
                what=f"{source.repo_id}: {file.href}",
                url=below(source.url, file.href),
                target=folder.partial(file.checksum),
                checksum=file.checksum,
                size_bytes=file.size_bytes,
            )
            for file in files
        ]
        self._fetch(f"{source.repo_id} metadata", downloads, lambda _download: None)

    def _fetch_rpms(
        self, source: MirrorSource, folder: MirrorFolder, upstream: Upstream, wanted: Sequence[StoredPackage]
    ) -> None:
        packages = {package.pkgid: package for package in wanted}

        def deliver(download: Download) -> None:
            self._pool.place(download.target, packages[download.checksum.digest])
            download.target.unlink()

        downloads = []
        for package in wanted:
            origin = upstream.origins[package.pkgid]
            checksum = Checksum("sha256", package.pkgid)
            downloads.append(
                Download(
                    what=package.text,
                    url=below(origin.base or source.url, origin.href),
                    target=folder.partial(checksum),
                    checksum=checksum,
                    size_bytes=package.size_bytes,
                )
            )
        self._fetch(f"{source.repo_id} packages", downloads, deliver)

    def _fetch(self, phase: str, downloads: Sequence[Download], deliver: Callable[[Download], None]) -> None:
        """Fetch files. Raises the error of one, or an UpstreamError of all that failed."""
        if not downloads:
            return
        failures = self._fetcher.fetch(downloads, deliver, lambda done, total: self._listener(phase, done, total))
        ours = [failure for failure in failures if not isinstance(failure, UpstreamError)]
        if len(failures) == 1 or ours:
            raise (ours or failures)[0]
        if failures:
            raise UpstreamError(
                f"{phase}: {len(failures)} of {len(downloads)} files could not be fetched",
                [failure.message for failure in failures],
            )


def _gone(upstream: Upstream, last: LastState | None) -> Iterator[str]:
    """Yield what upstream has no more, as lines for a person."""
    if last is None:
        return
    had = last.repository
    pkgids = {package.pkgid for package in upstream.packages}
    gone = sum(package.pkgid not in pkgids for package in had.packages)
    if gone:
        yield f"{counted(gone, 'package')} gone from upstream: only snapshots that hold such have them still"
    for what, was, now in (
        ("advisories", had.index.advisories, upstream.advisories),
        ("groups", had.index.comps, upstream.comps),
        ("module metadata", had.index.modules, upstream.modules),
    ):
        if was and not now:
            yield f"upstream has no {what} any more"


def _stale(revision: str, last: LastState | None) -> tuple[str, ...]:
    """Return a warning when upstream, by its revisions, is older than it was: a mirror that lags, or another one."""
    if last is None or not (revision.isdecimal() and last.record.revision.isdecimal()):
        return ()
    if int(revision) >= int(last.record.revision):
        return ()
    return (f"upstream went back: its revision is {revision} and was {last.record.revision}",)
