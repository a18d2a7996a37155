"""Faults: what is wrong with a repository of a snapshot, and how a fault is told."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from snapshots.content.manifest import RepositoryManifest
from snapshots.content.package import StoredPackage
from snapshots.errors import StoreError
from snapshots.intake.chunk import described
from snapshots.repodata.chunk_source import chunks_digest
from snapshots.repodata.compose import repository_manifest
from snapshots.repodata.index import ChunkFile, ChunkKind, IndexedRepository, TextFile, read_index
from snapshots.storage.store import INDEX_FOLDER, Store
from yumbridge.plan.document import digest_of_bytes

if TYPE_CHECKING:
    from createrepo_c import Package

_PIECE: Final = 1 << 20


class FaultKind(StrEnum):
    """What is wrong with a snapshot."""

    MANIFEST = "manifest"
    PROVENANCE = "provenance"
    METADATA = "metadata"
    PACKAGES = "packages"
    INDEX = "index"
    LINK = "link"
    POOL = "pool"
    STRAY = "stray"
    REF = "ref"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong: with which file, relative to the store, and how."""

    kind: FaultKind
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """A repository of a snapshot, and where it lies."""

    store: Store
    folder: Path
    repo_id: str

    @property
    def tree(self) -> Path:
        """The repository as dnf reads it."""
        return self.folder / self.repo_id

    @property
    def index(self) -> Path:
        """Its index."""
        return self.folder / INDEX_FOLDER / f"{self.repo_id}.msgpack"

    def fault(self, kind: FaultKind, path: Path, text: str) -> Fault:
        """Return what is wrong with a file of it."""
        return fault(self.store, kind, path, text)


def fault(store: Store, kind: FaultKind, path: Path, text: str) -> Fault:
    """Return what is wrong with a file of the store; in `text` too its path is relative to the store, if it is there.

    Errors of readers begin with the whole path, which is told already.
    """
    place = os.path.relpath(path, store.path)
    told = text.removeprefix(f"{path} ").replace(f"{store.path}/", "")
    return Fault(kind=kind, path=place, text=told)


def names_in(folder: Path) -> list[str]:
    """Return the names in a folder, sorted, none when it cannot be read."""
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError:
        return []


def link_faults(place: Place) -> Iterator[Fault]:
    """Yield it when `Packages` does not lead to the pool."""
    link = place.tree / "Packages"
    expected = os.path.relpath(place.store.pool, place.tree)
    if not link.is_symlink():
        yield place.fault(FaultKind.LINK, link, "is no symbolic link")
    elif str(link.readlink()) != expected:
        yield place.fault(FaultKind.LINK, link, f"points to {link.readlink()} instead of {expected}")


def repository_faults(
    place: Place, stated: RepositoryManifest | None, faults: list[Fault]
) -> tuple[StoredPackage, ...]:
    """Note what is wrong with a repository, and return the packages of its index."""
    try:
        repository = IndexedRepository(place.tree, read_index(place.index))
    except StoreError as error:
        faults.append(place.fault(FaultKind.INDEX, place.index, error.message))
        return ()
    if stated:
        faults += _manifest_faults(place, stated, repository)
    sound = set()
    for file in _repodata(repository):
        fault = _file_fault(place, file)
        if fault:
            faults.append(fault)
        else:
            sound.add(file.path)
    faults += _repomd_faults(place, repository)
    faults += _chunk_faults(place, repository, sound)
    return repository.packages


def _manifest_faults(place: Place, stated: RepositoryManifest, repository: IndexedRepository) -> Iterator[Fault]:
    path = place.folder / "manifest.json"
    composed = repository_manifest(place.repo_id, repository.index)
    if stated.metadata != composed.metadata:
        yield place.fault(FaultKind.MANIFEST, path, f"has other metadata of {place.repo_id} than the index")
    mine = {package.pkgid: package for package in composed.packages}
    for package in stated.packages:
        there = mine.pop(package.pkgid, None)
        if there is None:
            yield place.fault(FaultKind.MANIFEST, path, f"has {package.nevra}, which is not in {place.repo_id}")
        elif there != package:
            yield place.fault(FaultKind.MANIFEST, path, f"says something else of {there.nevra} than {place.repo_id}")
    for package in mine.values():
        yield place.fault(FaultKind.MANIFEST, path, f"lacks {package.nevra} of {place.repo_id}")


def _repodata(repository: IndexedRepository) -> tuple[ChunkFile | TextFile, ...]:
    index = repository.index
    texts = (index.updateinfo, index.comps, index.modules)
    return (*index.files.values(), *(file for file in texts if file))


def _file_fault(place: Place, file: ChunkFile | TextFile) -> Fault | None:
    path = place.tree / file.path
    try:
        with path.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        return place.fault(FaultKind.METADATA, path, f"cannot be read: {error.strerror}")
    if not path.name.startswith(f"{found}-"):
        return place.fault(FaultKind.METADATA, path, f"is damaged: its sha256 is {found}")
    return None


def _repomd_faults(place: Place, repository: IndexedRepository) -> Iterator[Fault]:
    path = place.tree / "repodata" / "repomd.xml"
    try:
        content = path.read_bytes()
    except OSError as error:
        yield place.fault(FaultKind.METADATA, path, f"cannot be read: {error.strerror}")
    else:
        if digest_of_bytes(content) != repository.index.repomd:
            yield place.fault(FaultKind.METADATA, path, "is not what was written")
        else:
            yield from _record_faults(place, path, repository)
    expected = {"repomd.xml", *(Path(file.path).name for file in _repodata(repository))}
    for name in names_in(path.parent):
        if name not in expected:
            yield place.fault(FaultKind.STRAY, path.parent / name, "is no part of the repository")


def _record_faults(place: Place, path: Path, repository: IndexedRepository) -> Iterator[Fault]:
    """Compare repomd.xml, as createrepo_c reads it, with the files that are there."""
    import createrepo_c as cr

    records = {record.location_href: record for record in cr.Repomd(str(path)).records}
    for file in _repodata(repository):
        record = records.pop(file.path, None)
        if record is None:
            yield place.fault(FaultKind.METADATA, path, f"does not name {file.path}")
        elif (record.checksum, f"sha256:{record.checksum_open}") != (Path(file.path).name[:64], file.digest):
            yield place.fault(FaultKind.METADATA, path, f"says something else of {file.path}")
    for href in records:
        yield place.fault(FaultKind.METADATA, path, f"names {href}, which is not there")


def _chunk_faults(place: Place, repository: IndexedRepository, sound: set[str]) -> Iterator[Fault]:
    """Compare what primary, filelists, other and updateinfo say, in files whose bytes are right, with the index."""
    index = repository.index
    files = index.files
    try:
        if sound.issuperset(file.path for file in files.values()):
            yield from _digest_faults(place, repository)
        if files[ChunkKind.PRIMARY].path in sound:
            yield from _primary_faults(place, repository)
        for file in (*files.values(), *([index.updateinfo] if index.updateinfo else [])):
            if file.path in sound and _content_digest(place.tree / file.path) != file.digest:
                yield place.fault(FaultKind.INDEX, place.tree / file.path, "does not hold what its index says")
        for text in (index.comps, index.modules):
            if text and text.path in sound and digest_of_bytes(repository.text(text)) != text.digest:
                yield place.fault(FaultKind.INDEX, place.tree / text.path, "does not hold what its index says")
    except StoreError as error:
        yield place.fault(FaultKind.INDEX, place.index, error.message)


def _digest_faults(place: Place, repository: IndexedRepository) -> Iterator[Fault]:
    """Compare the digest of each package's chunks with them."""
    kinds = [kind for kind in ChunkKind if kind in repository.kinds]
    everything = range(len(repository.packages))
    rows = zip(*(repository.chunks(kind, everything) for kind in kinds), strict=True)
    for package, row in zip(repository.packages, rows, strict=True):
        if chunks_digest(dict(zip(kinds, row, strict=True))) != package.chunks:
            yield place.fault(FaultKind.INDEX, place.index, f"has another digest of the metadata of {package.text}")


def _primary_faults(place: Place, repository: IndexedRepository) -> Iterator[Fault]:
    """Compare primary, as createrepo_c reads it, with the index."""
    import createrepo_c as cr

    path = place.tree / repository.index.files[ChunkKind.PRIMARY].path
    found: list[tuple[StoredPackage, str]] = []

    def taken(package: Package) -> None:
        found.append((described(package), package.location_href))

    try:
        cr.xml_parse_primary(str(path), pkgcb=taken, do_files=False)
    except cr.CreaterepoCError as error:
        yield place.fault(FaultKind.PACKAGES, path, f"cannot be read: {error}")
        return
    for there, package in zip_longest(found, repository.packages):
        if package is None:
            yield place.fault(FaultKind.PACKAGES, path, f"has {there[0].text}, which is not in the index")
        elif there != (msgspec.structs.replace(package, chunks=""), package.location):
            yield place.fault(FaultKind.PACKAGES, path, f"says something else of {package.text} than the index")


def _content_digest(path: Path) -> str:
    """Return the digest of a file of repodata as a reader sees it, all frames in a row."""
    import zstandard

    digest = hashlib.sha256()
    with path.open("rb") as stored:
        plain = (
            gzip.GzipFile(fileobj=stored)
            if path.suffix == ".gz"
            else zstandard.ZstdDecompressor().stream_reader(stored, read_across_frames=True)
        )
        while piece := plain.read(_PIECE):
            digest.update(piece)
    return f"sha256:{digest.hexdigest()}"
