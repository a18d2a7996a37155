"""The vendors of packages, which manifests do not have: read from the metadata where somebody asks for them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from html import unescape
from typing import Final

from snapshots.repodata.index import ChunkKind
from snapshots.storage.store import Store
from yumbridge.rpm.package import Package

_VENDOR: Final = re.compile(rb"<rpm:vendor>([^<]*)</rpm:vendor>")


def snapshot_vendors(store: Store, name: str, packages: Iterable[Package]) -> dict[str, str]:
    """Return the vendor of each of these packages of a snapshot by its checksum, empty where it names none.

    Raises NoSnapshotError, StoreError.
    """
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for package in packages:
        wanted[package.repo_id].add(package.checksum)
    found: dict[str, str] = {}
    for repo_id, checksums in wanted.items():
        repository = store.repository(name, repo_id)
        numbers = {
            number: checksum
            for number, package in enumerate(repository.packages)
            if (checksum := f"sha256:{package.pkgid}") in checksums
        }
        chunks = repository.chunks(ChunkKind.PRIMARY, [*numbers])
        found |= {checksum: _vendor(chunk) for checksum, chunk in zip(numbers.values(), chunks, strict=True)}
    return found


def _vendor(chunk: bytes) -> str:
    """Return the vendor that a chunk of primary names; createrepo_c wrote it, so that its form is known."""
    match = _VENDOR.search(chunk)
    return unescape(match[1].decode(errors="replace")) if match else ""
