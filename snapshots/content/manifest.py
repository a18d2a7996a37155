"""The manifest: what a snapshot holds, and its id, which two sites with the same content share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from operator import attrgetter
from typing import Final, Literal

import msgspec

from snapshots.content.package import StoredPackage
from snapshots.errors import StoreError
from yumbridge.complaint import UNDECODABLE
from yumbridge.plan.document import canonical, digest

VERSION: Final = "1.0"


class MetadataKind(StrEnum):
    """The metadata of a repository beside its packages, as repomd names them."""

    UPDATEINFO = "updateinfo"
    MODULES = "modules"
    COMPS = "group"


class ManifestPackage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One package. `location` is its place below the repository, `chunks` the digest of its metadata."""

    pkgid: str
    nevra: str
    location: str
    size_bytes: int
    chunks: str

    @property
    def text(self) -> str:
        """Its NEVRA, as `StoredPackage.text` has it."""
        return self.nevra

    @property
    def pool_name(self) -> str:
        """Its place below the pool, which is `Packages` of the repository."""
        return self.location.removeprefix("Packages/")


class MetadataDigest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Metadata that is frozen with the packages, as "sha256:<hex>" of its uncompressed bytes."""

    kind: MetadataKind
    digest: str


class RepositoryManifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One repository: its packages in the order of `StoredPackage.order`, its metadata sorted by kind."""

    repo_id: str
    packages: tuple[ManifestPackage, ...]
    metadata: tuple[MetadataDigest, ...] = ()


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a snapshot holds. `repositories` is sorted by id.

    `metadata_only`: the rpms are not in the pool. It is no part of the id, which speaks of content.
    """

    document: Literal["yumbridge-manifest"] = "yumbridge-manifest"
    version: str = VERSION
    id: str
    metadata_only: bool = False
    repositories: tuple[RepositoryManifest, ...]

    @property
    def packages(self) -> Iterator[ManifestPackage]:
        """The packages of all its repositories."""
        return (package for repository in self.repositories for package in repository.packages)


class RepositoryHead(msgspec.Struct, frozen=True, kw_only=True):
    """What a manifest says of a repository, but for its packages."""

    repo_id: str
    metadata: tuple[MetadataDigest, ...] = ()


class ManifestHead(msgspec.Struct, frozen=True, kw_only=True):
    """What a manifest says, but for packages."""

    id: str
    metadata_only: bool = False
    repositories: tuple[RepositoryHead, ...]


def manifest_id(repositories: Iterable[RepositoryManifest]) -> str:
    """Return the id of a snapshot: the digest over repository ids, sorted pkgids with locations, metadata digests.

    What two mirrors may say differently of one rpm (chunks) is no part of it.
    """
    return digest(
        [
            {
                "repo_id": repository.repo_id,
                # By the pkgid alone, which no two have: sorting pairs costs five times as much.
                "packages": [
                    (package.pkgid, package.location)
                    for package in sorted(repository.packages, key=attrgetter("pkgid"))
                ],
                "metadata": {entry.kind.value: entry.digest for entry in repository.metadata},
            }
            for repository in sorted(repositories, key=lambda repository: repository.repo_id)
        ]
    )


def manifest_of(repositories: Iterable[RepositoryManifest], *, metadata_only: bool) -> Manifest:
    """Return the manifest of these repositories, with its id."""
    listed = tuple(sorted(repositories, key=lambda repository: repository.repo_id))
    return Manifest(id=manifest_id(listed), metadata_only=metadata_only, repositories=listed)


def manifest_package(package: StoredPackage) -> ManifestPackage:
    """Return the line of a manifest about `package`."""
    return ManifestPackage(
        pkgid=package.pkgid,
        nevra=package.text,
        location=package.location,
        size_bytes=package.size_bytes,
        chunks=package.chunks,
    )


def written_manifest(manifest: Manifest) -> bytes:
    """Return a manifest as it is stored: the canonical form, and a newline."""
    return canonical(manifest) + b"\n"


def read_manifest(content: bytes, place: str) -> Manifest:
    """Read a stored manifest; `place` names it in errors. Raises StoreError: it is damaged."""
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except UNDECODABLE as error:
        raise StoreError(f"{place} is damaged: {error}") from error
    if manifest.id != manifest_id(manifest.repositories):
        raise StoreError(f"{place} is damaged: its id is not that of its content")
    return manifest


def read_manifest_head(content: bytes, place: str) -> ManifestHead:
    """Read a stored manifest without its packages, ten times as fast; its id is not verified. Raises StoreError."""
    try:
        return msgspec.json.decode(content, type=ManifestHead)
    except UNDECODABLE as error:
        raise StoreError(f"{place} is damaged: {error}") from error
