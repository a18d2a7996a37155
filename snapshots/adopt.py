"""Adopt: a tree of repositories that other tools made, taken over as a snapshot, by content.

The tree stays as it is, and so does its address. Its rpms become links of the pool. What its metadata lacks is taken
from where it still is: yum_snapshot loses advisories, comps and module metadata.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from snapshots.content.manifest import Manifest
from snapshots.content.name import checked_name
from snapshots.content.package import StoredPackage
from snapshots.content.provenance import Provenance
from snapshots.errors import IncompleteError, UpstreamError
from snapshots.holding import holding_of
from snapshots.intake.plain_file import opened
from snapshots.intake.upstream import Upstream, read_upstream
from snapshots.repodata.compose import Compression, Contents
from snapshots.storage.freeze import FreezeRequest, freeze
from snapshots.storage.pool import Pool
from snapshots.storage.store import Store, writing
from yumbridge.count import counted
from yumbridge.errors import HostError
from yumbridge.progress import Listener
from yumbridge.rpm.advisory import Advisory
from yumbridge.run.state import rfc3339

# A revision that is a time, as createrepo_c has it.
_SECONDS: Final = re.compile(r"[0-9]{9,10}")
_REPOMD: Final = "repodata/repomd.xml"
# Hashing lets go of the interpreter: two at once keep a disk busy.
_WORKERS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptRequest:
    """What is to be taken over.

    `folder` is one repository, or has one in each of its folders. `metadata_from` has repodata for what the tree lacks:
    in a folder for each repository id, or, for one repository, its own.
    """

    folder: Path
    name: str
    metadata_from: Path | None = None
    compression: Compression = Compression.ZSTD


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What was taken over. `added` rpms are new in the pool; `unlisted` are those of the tree that no metadata lists.

    `unlisted` are paths below the tree, sorted.
    """

    manifest: Manifest
    added: int
    unlisted: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Repository:
    """One repository of the tree, and what was found elsewhere for it."""

    repo_id: str
    path: Path
    upstream: Upstream
    other: Upstream | None

    @property
    def advisories(self) -> tuple[Advisory, ...]:
        """The advisories of the tree, or those from elsewhere when it has none. What hosts saw goes first."""
        return self.upstream.advisories or (self.other.advisories if self.other else ())

    @property
    def comps(self) -> bytes:
        """The comps of the tree, or that from elsewhere."""
        return self.upstream.comps or (self.other.comps if self.other else b"")

    @property
    def modules(self) -> bytes:
        """The module metadata of the tree, or that from elsewhere."""
        return self.upstream.modules or (self.other.modules if self.other else b"")

    @property
    def offered(self) -> tuple[StoredPackage, ...]:
        """The packages that there were to hold."""
        return (*self.upstream.packages, *(self.other.packages if self.other else ()))


def adopt(store: Store, request: AdoptRequest, listener: Listener) -> Adopted:
    """Make a snapshot of a tree, and return it. Nothing of the tree is changed.

    Raises UpstreamError: there is no repository, its metadata is damaged, or its rpms are not what it says;
    IncompleteError: rpms are missing. InvalidNameError, SnapshotExistsError, StoreError, LockHeldError, HostError.
    """
    checked_name("snapshot", request.name)
    with writing(store, "snapshot adopt"), _workplace(store, request.name) as work:
        try:
            repositories = tuple(_repositories(request, work))
            unlisted = tuple(name for repository in repositories for name in _unlisted(request.folder, repository))
            added = _add_rpms(store, repositories, listener)
        except OSError as error:
            raise HostError(f"cannot read {error.filename}: {error.strerror}") from error
        warnings = (*_warnings(request, repositories), *(f"{name} is in no metadata" for name in unlisted))
        manifest = _frozen(store, request, repositories, warnings)
    return Adopted(manifest=manifest, added=added, unlisted=unlisted, warnings=warnings)


@contextmanager
def _workplace(store: Store, name: str) -> Iterator[Path]:
    """Yield an empty folder in the store, which may be large, and remove it afterwards."""
    work = store.path / "mirrors" / f".{name}.adopt"
    shutil.rmtree(work, ignore_errors=True)
    try:
        work.mkdir(parents=True)
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _repositories(request: AdoptRequest, work: Path) -> Iterator[_Repository]:
    folders = _folders(request.folder)
    for path in folders:
        repo_id = checked_name("repository", path.name)
        (work / repo_id / "tree").mkdir(parents=True)
        (work / repo_id / "other").mkdir()
        upstream = read_upstream(path / "repodata", work / repo_id / "tree")
        elsewhere = _metadata_folder(request.metadata_from, repo_id, is_single=len(folders) == 1)
        other = read_upstream(elsewhere, work / repo_id / "other") if elsewhere else None
        yield _Repository(repo_id, path, upstream, other)


def _folders(folder: Path) -> tuple[Path, ...]:
    """Return the folders that are repositories, sorted. Raises UpstreamError: there is none."""
    path = folder.absolute()
    if (path / _REPOMD).is_file():
        return (path,)
    found = tuple(sorted(each for each in path.iterdir() if (each / _REPOMD).is_file())) if path.is_dir() else ()
    if not found:
        raise UpstreamError(f"{folder} has no repository in it: want {_REPOMD}, in it or in its folders")
    return found


def _metadata_folder(elsewhere: Path | None, repo_id: str, *, is_single: bool) -> Path | None:
    """Return the folder of the repodata that is for a repository, None when there is none."""
    if elsewhere is None:
        return None
    places = [elsewhere / repo_id / "repodata", elsewhere / repo_id]
    if is_single:
        places += [elsewhere / "repodata", elsewhere]
    return next((place for place in places if (place / "repomd.xml").is_file()), None)


def _unlisted(folder: Path, repository: _Repository) -> Iterator[str]:
    listed = {repository.path / repository.upstream.origins[each.pkgid].href for each in repository.upstream.packages}
    for path in sorted(repository.path.rglob("*.rpm")):
        if path not in listed:
            yield path.relative_to(folder.absolute()).as_posix()


def _warnings(request: AdoptRequest, repositories: Sequence[_Repository]) -> Iterator[str]:
    if request.metadata_from is not None:
        for repository in repositories:
            if repository.other is None:
                yield f"{request.metadata_from} has no repodata for {repository.repo_id}"
    for repository in repositories:
        if not repository.advisories:
            yield f"{repository.repo_id} has no advisories: hosts will not be told of security updates"


def _add_rpms(store: Store, repositories: Sequence[_Repository], listener: Listener) -> int:
    """Put the rpms of the tree into the pool, each verified, and return how many were not there before."""
    wanted: dict[str, tuple[Path, StoredPackage]] = {}
    missing: list[str] = []
    for repository in repositories:
        for package in repository.upstream.packages:
            path = repository.path / repository.upstream.origins[package.pkgid].href
            wanted.setdefault(package.pkgid, (path, package))
            if not path.is_file():
                missing.append(f"{package.pkgid} {package.text}: {path}")
    if missing:
        raise IncompleteError(f"{counted(len(missing), 'rpm is', 'rpms are')} not where the metadata has them", missing)
    added = 0
    faults: list[str] = []
    pool = Pool(store)
    with ThreadPoolExecutor(_WORKERS) as executor:
        results = executor.map(lambda pair: _added(pool, *pair), wanted.values())
        for number, result in enumerate(results, 1):
            if isinstance(result, str):
                faults.append(result)
            else:
                added += result
            listener("rpms", number, len(wanted))
    if faults:
        raise UpstreamError(f"{counted(len(faults), 'rpm is', 'rpms are')} not what the metadata says", faults)
    return added


def _added(pool: Pool, path: Path, package: StoredPackage) -> bool | str:
    """Bring an rpm into the pool; return whether it was not there before, or what is wrong with it."""
    # Some trees are of symbolic links into a folder of rpms.
    real = path.resolve()
    try:
        if pool.add(real, package):
            return True
    except UpstreamError as error:
        return error.message
    there = pool.store.rpm(package)
    if not real.samefile(there) and _pkgid(real, package.size_bytes) != package.pkgid:
        return f"{path} is not {package.text}: its sha256 is another one"
    return False


def _pkgid(path: Path, size_bytes: int) -> str:
    """Return the pkgid of an rpm, empty when it is of another size."""
    with opened(path) as file:
        if os.fstat(file.fileno()).st_size != size_bytes:
            return ""
        return hashlib.file_digest(file, "sha256").hexdigest()


def _frozen(
    store: Store, request: AdoptRequest, repositories: Sequence[_Repository], warnings: Sequence[str]
) -> Manifest:
    whole = [
        Contents(
            repo_id=repository.repo_id,
            packages=repository.upstream.packages,
            sources=(repository.upstream.source,),
            advisories=repository.advisories,
            comps=repository.comps,
            modules=repository.modules,
        )
        for repository in repositories
    ]
    holding = holding_of(whole, (each for repository in repositories for each in repository.offered), {})
    provenance = Provenance(
        name=request.name,
        id="",
        cut_at=_cut_at(request.folder, repositories),
        origin="adopt",
        message=f"adopted from {request.folder.absolute()}",
        partial_advisories=holding.partial,
        warnings=tuple(warnings),
    )
    wanted = FreezeRequest(
        name=request.name, repositories=holding.contents, provenance=provenance, compression=request.compression
    )
    return freeze(store, wanted)


def _cut_at(folder: Path, repositories: Sequence[_Repository]) -> str:
    """Return when the tree was made: the day that it is called by, else what its metadata says, RFC 3339."""
    path = folder.absolute()
    for name in (path.name, path.parent.name):
        if day := _day(name):
            return rfc3339(day)
    revisions = [repository.upstream.revision for repository in repositories]
    times = [int(text) for text in revisions if _SECONDS.fullmatch(text)]
    built = [package.built for repository in repositories for package in repository.upstream.packages]
    return rfc3339(datetime.fromtimestamp(max(times or built, default=0), UTC))


def _day(name: str) -> datetime | None:
    for form in ("%Y%m%d", "%Y-%m-%d"):
        try:
            return datetime.strptime(name, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
