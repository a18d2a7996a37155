"""A reader of repositories, as simple as can be: it believes nothing that it has not hashed."""

from __future__ import annotations

import hashlib
import os
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from snapshots.storage.store import Store
from snapshots.verify import verify

_REPO: Final = "{http://linux.duke.edu/metadata/repo}"
_PRIMARY: Final = re.compile(rb'<data type="primary">.*?</data>', re.DOTALL)
_CHECKSUM: Final = re.compile(rb'<checksum type="sha256">([0-9a-f]{64})</checksum>')
_HREF: Final = re.compile(rb'<location href="([^"]+)"')


class UnsoundError(Exception):
    """A reader would fail, or get something that it was not promised."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at a repository saw: the sha256 of its repomd.xml and of its primary."""

    repomd: str
    primary: str


def look(repository: Path) -> Seen:
    """Open a repository and read what dnf reads first: repomd.xml, and the primary that it names, in the same folder.

    Raises OSError, UnsoundError.
    """
    folder = os.open(repository, os.O_RDONLY | os.O_DIRECTORY)
    try:
        repomd = _content(folder, "repodata/repomd.xml")
        found = _PRIMARY.search(repomd)
        if not found or not (checksum := _CHECKSUM.search(found[0])) or not (href := _HREF.search(found[0])):
            raise UnsoundError("repomd.xml names no primary")
        primary = hashlib.sha256(_content(folder, href[1].decode())).hexdigest()
        if primary != checksum[1].decode():
            raise UnsoundError("primary is not that of repomd.xml")
        return Seen(hashlib.sha256(repomd).hexdigest(), primary)
    finally:
        os.close(folder)


def _content(folder: int, name: str) -> bytes:
    descriptor = os.open(name, os.O_RDONLY, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def check_repository(repository: Path) -> None:
    """Check every file that repomd.xml names: its size and checksum. Raises OSError, UnsoundError."""
    for record in ET.parse(repository / "repodata/repomd.xml").getroot().iter(f"{_REPO}data"):  # noqa: S314 - our own
        location, checksum, size = (record.find(f"{_REPO}{tag}") for tag in ("location", "checksum", "size"))
        assert location is not None
        assert checksum is not None
        assert size is not None
        content = (repository / location.get("href", "")).read_bytes()
        if len(content) != int(size.text or "") or hashlib.sha256(content).hexdigest() != checksum.text:
            raise UnsoundError(f"{location.get('href')} is not what repomd.xml says")


def check_store(store: Store) -> None:
    """Check whatever a reader of the store can see: snapshots with their rpms, refs, mirrors. Raises UnsoundError."""
    for name in store.names():
        check_snapshot(store, name)
    for ref, name in store.refs().items():
        if not (store.path / "refs" / ref / "manifest.json").is_file():
            raise UnsoundError(f"{ref} leads to {name}, which is not there")
    for repo_id in store.mirrors():
        check_repository(store.mirrored(repo_id).tree)
        store.mirror_record(repo_id)
    for lock in store.recorded_locks():
        store.recorded_lock(lock).read_bytes()


def check_snapshot(store: Store, name: str) -> None:
    """Check one snapshot: documents, metadata, and that every rpm is there in its size."""
    faults = verify(store, [name], deep=True, listener=lambda _phase, _done, _total: None).faults
    if faults:
        raise UnsoundError(f"{name}: {faults}")
    manifest = store.manifest(name)
    if store.provenance(name).id != manifest.id:
        raise UnsoundError(f"{name} is not what its provenance is of")
    for repository in manifest.repositories:
        folder = store.snapshot(name) / repository.repo_id
        check_repository(folder)
        indexed = store.repository(name, repository.repo_id)
        if [package.pkgid for package in indexed.packages] != [package.pkgid for package in repository.packages]:
            raise UnsoundError(f"{name}/{repository.repo_id} is indexed as something else")
        if manifest.metadata_only:
            continue
        for package in repository.packages:
            if (folder / package.location).stat().st_size != package.size_bytes:
                raise UnsoundError(f"{package.location} is not whole")
