"""Compose: the repodata of a repository from repodata, without opening an rpm.

The same contents give the same bytes. Each of primary, filelists and other is a row of frames (see `index`): one with
the head of the document, one per run of packages, one with its end. A run ends where the name of a package changes
and the new name's digest says so, so that runs depend on names alone: a new build of one package changes the one
frame that it is in, and every other frame is taken over from whichever source has it, as bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from snapshots.index import ChunkKind, IndexedRepository
from snapshots.manifest import RepositoryManifest
from snapshots.package import StoredPackage
from yumbridge.rpm.advisory import Advisory


class Compression(StrEnum):
    """How repodata is compressed. dnf reads zstd from 4.5 on."""

    ZSTD = "zstd"
    GZIP = "gzip"


class ChunkSource(Protocol):
    """Where the chunks of packages are taken from."""

    @property
    def packages(self) -> Sequence[StoredPackage]:
        """Every package it has chunks of."""

    @property
    def kinds(self) -> frozenset[ChunkKind]:
        """The files it has; primary is always among them."""

    def chunks(self, kind: ChunkKind, numbers: Sequence[int]) -> Iterator[bytes]:
        """Yield the chunk of each of these packages, by their numbers in `packages`, which rise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a repository is to hold.

    `packages` is in the order of `StoredPackage.order`; each is in one of `sources`, and the first that has it is
    taken. `advisories` is sorted by id. `comps` and `modules` are the uncompressed bytes, empty for none. `reusable`
    are repositories whose frames may be taken over as they are.
    """

    repo_id: str
    packages: tuple[StoredPackage, ...]
    sources: tuple[ChunkSource, ...]
    advisories: tuple[Advisory, ...] = ()
    comps: bytes = b""
    modules: bytes = b""
    reusable: tuple[IndexedRepository, ...] = ()


def compose(contents: Contents, tree: Path, index: Path, compression: Compression) -> RepositoryManifest:
    """Write the repodata of a repository below `tree`, its index to `index`, and return its part of the manifest.

    Everything is on the disk (fsync) when this returns. Raises StoreError: a source is damaged, or lacks a package.
    """
    raise NotImplementedError
