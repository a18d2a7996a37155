"""Realise: a snapshot made again from its lock, the same to the byte; and the locks that a store knows of.

What repodata says of the packages is taken from any mirror or snapshot of the store, the rest from the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from snapshots.content.lockfile import (
    FrozenMetadata,
    Lock,
    LockedRepository,
    frozen_metadata,
    lock_of,
    locked_id,
    written_lock,
)
from snapshots.content.manifest import (
    Manifest,
    ManifestPackage,
    MetadataDigest,
    MetadataKind,
    RepositoryManifest,
    manifest_id,
    manifest_package,
)
from snapshots.content.package import StoredPackage
from snapshots.content.provenance import Provenance
from snapshots.errors import IncompleteError, NoSnapshotError, SnapshotExistsError, StoreError, UpstreamError
from snapshots.repodata.compose import Compression, Contents, compressor_name
from snapshots.repodata.comps import held_comps
from snapshots.repodata.index import IndexedRepository
from snapshots.repodata.modules import streams
from snapshots.repodata.updateinfo import written_updateinfo
from snapshots.storage.freeze import FreezeRequest, freeze
from snapshots.storage.pool import Pool
from snapshots.storage.store import Store, writing
from yumbridge.count import counted
from yumbridge.errors import DocumentError
from yumbridge.plan.document import digest_of_bytes
from yumbridge.run.state import remove_durably, write_durably


def lock_snapshot(store: Store, name: str, keep: Callable[[Lock], None] | None = None) -> Lock:
    """Return the lock of a snapshot, and record it in the store, so that prune keeps what it names.

    Before that it is handed to `keep`: a lock that could not be written anywhere is not recorded. Raises what `keep`
    does, NoSnapshotError, StoreError, SnapshotExistsError, DocumentError, LockHeldError.
    """
    with writing(store, "snapshot lock"):
        snapshot = store.resolve(name)
        manifest = store.manifest(snapshot)
        repositories = (store.repository(snapshot, repository.repo_id) for repository in manifest.repositories)
        lock = lock_of(manifest, store.provenance(snapshot), map(_metadata_of, repositories))
        _refuse_other_record(store, snapshot, lock.id)
        if keep:
            keep(lock)
        _record(store, snapshot, lock)
    return lock


def release(store: Store, name: str) -> str:
    """Forget the lock of the snapshot that `name`, itself a snapshot or a ref, means, and return what that is called.

    The snapshot may be gone. Raises NoSnapshotError: there is no such lock, with those that there are;
    InvalidNameError.
    """
    with writing(store, "snapshot lock"):
        locks = store.recorded_locks()
        snapshot = name if name in locks or store.snapshot(name).exists() else store.refs().get(name, name)
        path = store.recorded_lock(snapshot)
        if not path.is_file():
            details = [f"there are locks of {', '.join(locks)}"] if locks else []
            raise NoSnapshotError(f"no lock of {snapshot} was written from {store.path}", details)
        remove_durably(path)
    return snapshot


def realise(store: Store, lock: Lock, name: str, *, accept_differences: bool = False) -> Manifest:
    """Make the snapshot of `lock`, as `name`, and record the lock; one that is there already is returned.

    With `accept_differences`, packages of which the store has other metadata than the lock was made of are taken as
    they are: the content and the id are the same, the bytes are not. Raises IncompleteError: packages or their
    metadata are missing, or differ; `details` has each. SnapshotExistsError, InvalidNameError, DocumentError,
    StoreError, LockHeldError.
    """
    with writing(store, "snapshot realise"):
        compression = _compression(lock)
        search = _search(store, lock)
        _refuse_missing(store, lock, search)
        differing = tuple(search.differing())
        if differing and not accept_differences:
            count = counted(len(differing), "package")
            raise IncompleteError(f"the store has other metadata of {count} than {lock.name} was made of", differing)
        contents = tuple(_contents(part) for part in search.parts)
        _refuse_other_content(lock, contents)
        provenance = Provenance(
            name=name,
            id=lock.id,
            cut_at=lock.cut_at,
            origin="realise",
            message=lock.message,
            compression=compressor_name(compression),
            warnings=tuple(_warnings(lock, compression, differing)),
        )
        _refuse_other_record(store, name, lock.id)
        manifest = freeze(
            store,
            FreezeRequest(
                name=name,
                repositories=contents,
                provenance=provenance,
                metadata_only=lock.metadata_only,
                compression=compression,
            ),
        )
        _record(store, name, lock)
    return manifest


def _metadata_of(repository: IndexedRepository) -> FrozenMetadata:
    return FrozenMetadata(advisories=repository.index.advisories, comps=repository.comps, modules=repository.modules)


def _record(store: Store, name: str, lock: Lock) -> None:
    _refuse_other_record(store, name, lock.id)
    write_durably(store.recorded_lock(name), written_lock(lock))


def _refuse_other_record(store: Store, name: str, wanted: str) -> None:
    path = store.recorded_lock(name)
    if not path.is_file():
        return
    try:
        recorded = locked_id(path.read_bytes(), str(path))
    except DocumentError as error:
        raise StoreError(error.message) from error
    if recorded != wanted:
        raise SnapshotExistsError(f"{path} is the lock of another snapshot that was called {name}")


@dataclass(slots=True)
class _Part:
    """A repository of the lock, and what was found for it by pkgid: the same metadata, or other."""

    locked: LockedRepository
    wanted: Mapping[str, ManifestPackage]
    same: dict[str, StoredPackage] = field(default_factory=dict)
    other: dict[str, StoredPackage] = field(default_factory=dict)
    sources: list[IndexedRepository] = field(default_factory=list)

    def look_in(self, repository: IndexedRepository) -> None:
        """Take what `repository` has of what is wanted."""
        is_used = False
        for package in repository.packages:
            wanted = self.wanted.get(package.pkgid)
            if wanted is None or package.pkgid in self.same or not _is_of(package, wanted):
                continue
            if package.chunks == wanted.chunks:
                self.same[package.pkgid] = package
                is_used = True
            elif package.pkgid not in self.other:
                self.other[package.pkgid] = package
                is_used = True
        if is_used:
            self.sources.append(repository)

    @property
    def packages(self) -> tuple[StoredPackage, ...]:
        """What was found, in the order of the lock, which is that of every list of packages."""
        found = self.other | self.same
        return tuple(found[pkgid] for pkgid in self.wanted if pkgid in found)


@dataclass(frozen=True, slots=True)
class _Search:
    """The parts of a lock after a look at what the store has, and where the look went."""

    parts: tuple[_Part, ...]
    places: tuple[str, ...]

    def missing(self) -> Iterator[str]:
        """Yield a line for each package of which nothing is known."""
        for part in self.parts:
            for pkgid, package in part.wanted.items():
                if pkgid not in part.same and pkgid not in part.other:
                    yield f"{pkgid} {package.nevra} ({part.locked.repo_id}): no metadata"

    def differing(self) -> Iterator[str]:
        """Yield a line for each package of which only other metadata is known."""
        for part in self.parts:
            for pkgid, package in part.other.items():
                if pkgid not in part.same:
                    text = part.wanted[pkgid].chunks
                    yield f"{pkgid} {package.text} ({part.locked.repo_id}): {package.chunks} instead of {text}"


def _search(store: Store, lock: Lock) -> _Search:
    parts = tuple(_Part(each, {package.pkgid: package for package in each.packages}) for each in lock.repositories)
    places: list[str] = []
    for place, repository in _candidates(store):
        if all(len(part.same) == len(part.wanted) for part in parts):
            break
        places.append(place)
        if repository is None:
            continue
        for part in parts:
            part.look_in(repository)
    return _Search(parts, tuple(places))


def _candidates(store: Store) -> Iterator[tuple[str, IndexedRepository | None]]:
    """Yield every repository of the store, None for a damaged one, with what it is called: mirrors have the most."""
    for repo_id in store.mirrors():
        yield _read(f"mirror {repo_id}", partial(store.mirrored, repo_id))
    for name in store.names():
        try:
            repositories = store.manifest(name).repositories
        except StoreError:
            yield f"snapshot {name} (damaged)", None
            continue
        for repository in repositories:
            yield _read(f"snapshot {name}/{repository.repo_id}", partial(store.repository, name, repository.repo_id))


def _read(place: str, read: Callable[[], IndexedRepository]) -> tuple[str, IndexedRepository | None]:
    """Return what is at a place: that another snapshot is damaged is no reason to stop, but one to tell."""
    try:
        return place, read()
    except StoreError:
        return f"{place} (damaged)", None


def _is_of(package: StoredPackage, wanted: ManifestPackage) -> bool:
    """Return whether the metadata says the same of a pkgid as the lock does: what it is called, how large it is."""
    said = manifest_package(package)
    return (said.nevra, said.location, said.size_bytes) == (wanted.nevra, wanted.location, wanted.size_bytes)


def _refuse_missing(store: Store, lock: Lock, search: _Search) -> None:
    missing = [*search.missing()]
    if not lock.metadata_only:
        pool = Pool(store)
        missing += [
            f"{package.pkgid} {package.text} ({part.locked.repo_id}): no rpm in the pool"
            for part in search.parts
            for package in part.packages
            if not pool.has(package)
        ]
    if missing:
        places = ", ".join(search.places) or "nothing: the store is empty"
        count = counted(len(missing), "package")
        raise IncompleteError(f"the store lacks {count} of {lock.name}; looked in {places}", missing)


def _contents(part: _Part) -> Contents:
    frozen = frozen_metadata(part.locked)
    _refuse_other_updateinfo(part.locked, frozen)
    try:
        # What no upstream may have, no lock may bring.
        held_comps(frozen.comps, ())
        streams(frozen.modules)
    except UpstreamError as error:
        raise DocumentError(f"{part.locked.repo_id}: {error.message}") from error
    return Contents(
        repo_id=part.locked.repo_id,
        packages=part.packages,
        sources=tuple(part.sources),
        advisories=frozen.advisories,
        comps=frozen.comps,
        modules=frozen.modules,
    )


def _refuse_other_content(lock: Lock, contents: Iterable[Contents]) -> None:
    """Raise IncompleteError unless what will be frozen has the id of the lock."""
    found = manifest_id(
        RepositoryManifest(
            repo_id=part.repo_id,
            packages=tuple(map(manifest_package, part.packages)),
            metadata=tuple(_metadata_digests(locked, part)),
        )
        for locked, part in zip(lock.repositories, contents, strict=True)
    )
    if found != lock.id:
        raise IncompleteError(f"what the store has of {lock.name} is the snapshot {found} instead of {lock.id}")


def _metadata_digests(locked: LockedRepository, part: Contents) -> Iterator[MetadataDigest]:
    """Yield the digests of what is frozen beside packages; that of the advisories was compared."""
    yield from (entry for entry in locked.metadata if entry.kind is MetadataKind.UPDATEINFO)
    for kind, content in ((MetadataKind.COMPS, part.comps), (MetadataKind.MODULES, part.modules)):
        if content:
            yield MetadataDigest(kind=kind, digest=digest_of_bytes(content))


def _refuse_other_updateinfo(locked: LockedRepository, frozen: FrozenMetadata) -> None:
    """Raise IncompleteError unless the advisories give the bytes that the lock has the digest of."""
    for entry in locked.metadata:
        if entry.kind is MetadataKind.UPDATEINFO:
            written = digest_of_bytes(written_updateinfo(frozen.advisories))
            if written != entry.digest:
                raise IncompleteError(
                    f"the advisories of {locked.repo_id} are written as {written}, and the lock says {entry.digest}: "
                    "they were changed, or createrepo_c writes them differently by now"
                )


def _compression(lock: Lock) -> Compression:
    for compression in Compression:
        if lock.compression.partition(" ")[0] == compressor_name(compression).partition(" ")[0]:
            return compression
    raise DocumentError(f"the lock of {lock.name} was compressed by {lock.compression!r}, which this cannot do")


def _warnings(lock: Lock, compression: Compression, differing: Sequence[str]) -> Iterable[str]:
    name = compressor_name(compression)
    if name != lock.compression:
        yield f"compressed by {name}, the lock's snapshot by {lock.compression}: the bytes of the repodata differ"
    if differing:
        yield f"the metadata of {counted(len(differing), 'package')} is not that of the lock's snapshot"
