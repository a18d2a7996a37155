"""Compose: the repodata of a repository from repodata, without opening an rpm.

The same contents give the same bytes. Each of primary, filelists, other and updateinfo is a row of frames (see
`index`): one with the head of the document, one per run of packages, one with its end. Whether a package begins a run
depends on its pkgid alone, so that a new build changes the frame that it is in, and every other frame is taken over
from whichever repository has it, as bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from snapshots.content.manifest import MetadataDigest, MetadataKind, RepositoryManifest, manifest_package
from snapshots.content.package import StoredPackage
from snapshots.errors import SnapshotError
from snapshots.repodata.chunk_source import ChunkSource, sourced
from snapshots.repodata.frame import Encoder, FrameFile, WrittenFile, gzip_encoder, plain_encoder, zstd_encoder
from snapshots.repodata.index import (
    VERSION,
    ChunkFile,
    ChunkKind,
    IndexedRepository,
    RepositoryIndex,
    TextFile,
    written_index,
)
from snapshots.repodata.splice import Row, advisory_row, package_row, written_row
from snapshots.repodata.updateinfo import advisory_writer
from yumbridge.plan.document import digest_of_bytes
from yumbridge.rpm.advisory import Advisory
from yumbridge.run.state import sync_folder


class Compression(StrEnum):
    """How repodata is compressed. dnf reads zstd from 4.5 on, but for comps, which is never compressed."""

    ZSTD = "zstd"
    GZIP = "gzip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a repository is to hold.

    `packages` is in the order of `StoredPackage.order`; each is in one of `sources`, with the same chunks.
    `advisories` is sorted by id. `comps` and `modules` are the uncompressed bytes, empty for none. `reusable` are
    further repositories whose frames may be taken over as they are.
    """

    repo_id: str
    packages: tuple[StoredPackage, ...]
    sources: tuple[ChunkSource, ...]
    advisories: tuple[Advisory, ...] = ()
    comps: bytes = b""
    modules: bytes = b""
    reusable: tuple[IndexedRepository, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """A file of repodata as repomd names it."""

    kind: str
    file: WrittenFile


def compressor_name(compression: Compression) -> str:
    """Return the compressor with its version and level: equal names give equal bytes."""
    return _encoder(compression).name


def link_packages(tree: Path, pool: Path, final: Path) -> None:
    """Make `Packages` of a composed tree, which will lie at `final`, lead to the pool. Raises SnapshotError."""
    try:
        (tree / "Packages").symlink_to(os.path.relpath(pool, final), target_is_directory=True)
        sync_folder(tree)
    except OSError as error:
        raise SnapshotError(f"cannot write {tree}: {error.strerror}") from error


def compose(contents: Contents, tree: Path, index: Path, compression: Compression) -> RepositoryManifest:
    """Write the repodata of a repository below `tree`, its index to `index`, and return its part of the manifest.

    `tree` has no repodata yet; the folder of `index` exists. Everything is on the disk (fsync) when this returns.
    Raises StoreError: a source is damaged, or lacks a package; SnapshotError: nothing can be written there.
    """
    try:
        return _composed(contents, tree, index, _encoder(compression))
    except OSError as error:
        raise SnapshotError(f"cannot write {tree}: {error.strerror}") from error


def _composed(contents: Contents, tree: Path, index: Path, encoder: Encoder) -> RepositoryManifest:
    repodata = tree / "repodata"
    repodata.mkdir(parents=True)
    whole = sourced(contents.packages, contents.sources)
    reusable = tuple(
        repository
        for repository in (*_whole(contents.reusable), *contents.sources)
        if isinstance(repository, IndexedRepository) and repository.index.compression == encoder.name
    )
    parts: list[_Part] = []

    def written(kind: str, row: Row) -> ChunkFile:
        file, frames, sizes = written_row(row, repodata, f"{kind}.xml{encoder.suffix}", encoder)
        parts.append(_Part(kind, file))
        return ChunkFile(f"repodata/{file.path.name}", f"sha256:{file.open_digest}", frames, sizes)

    def copied(kind: MetadataKind, name: str, content: bytes, as_text: Encoder) -> TextFile | None:
        if not content:
            return None
        file = _written_text(content, repodata, f"{name}{as_text.suffix}", as_text)
        parts.append(_Part(kind.value, file))
        return TextFile(f"repodata/{file.path.name}", f"sha256:{file.open_digest}", file.digest)

    files = {kind: written(kind.value, package_row(kind, whole, reusable)) for kind in ChunkKind if kind in whole.kinds}
    updateinfo = written("updateinfo", advisory_row(contents.advisories, reusable)) if contents.advisories else None
    # dnf 4.5 decompresses everything but comps.
    comps = copied(MetadataKind.COMPS, "comps.xml", contents.comps, plain_encoder())
    modules = copied(MetadataKind.MODULES, "modules.yaml", contents.modules, encoder)
    repomd = _repomd(parts, max((package.built for package in whole.packages), default=0))
    composed = RepositoryIndex(
        version=VERSION,
        compression=encoder.name,
        packages=whole.packages,
        advisories=contents.advisories,
        files=files,
        advisory_writer=advisory_writer() if contents.advisories else "",
        repomd=digest_of_bytes(repomd),
        updateinfo=updateinfo,
        comps=comps,
        modules=modules,
    )
    (repodata / "repomd.xml").write_bytes(repomd)
    index.write_bytes(written_index(composed))
    _sync((*(part.file.path for part in parts), repodata / "repomd.xml", index))
    for folder in (repodata, tree, index.parent):
        sync_folder(folder)
    return repository_manifest(contents.repo_id, composed)


def _whole(repositories: Iterable[IndexedRepository]) -> Iterator[IndexedRepository]:
    """Yield those that are not damaged: what is only there to save work may not be in its way."""
    return (repository for repository in repositories if repository.is_whole)


def repository_manifest(repo_id: str, index: RepositoryIndex) -> RepositoryManifest:
    """Return what a manifest says of a repository with this index."""
    texts = (
        (MetadataKind.COMPS, index.comps),
        (MetadataKind.MODULES, index.modules),
        (MetadataKind.UPDATEINFO, index.updateinfo),
    )
    return RepositoryManifest(
        repo_id=repo_id,
        packages=tuple(map(manifest_package, index.packages)),
        metadata=tuple(MetadataDigest(kind=kind, digest=file.digest) for kind, file in texts if file),
    )


def _encoder(compression: Compression) -> Encoder:
    match compression:
        case Compression.ZSTD:
            return zstd_encoder()
        case Compression.GZIP:
            return gzip_encoder()
        case unreachable:
            assert_never(unreachable)


def _written_text(content: bytes, repodata: Path, name: str, encoder: Encoder) -> WrittenFile:
    with FrameFile(repodata, name) as file:
        file.add(encoder.encoded(content), content)
        return file.finish()


def _repomd(parts: Iterable[_Part], built: int) -> bytes:
    """Return repomd.xml. Every time in it is when the newest package was built, so that it says nothing of us."""
    import createrepo_c as cr

    repomd = cr.Repomd()
    repomd.set_revision(str(built))
    for part in parts:
        record = cr.RepomdRecord(part.kind)
        record.location_href = f"repodata/{part.file.path.name}"
        record.checksum_type = record.checksum_open_type = "sha256"
        record.checksum, record.checksum_open = part.file.digest, part.file.open_digest
        record.size, record.size_open = part.file.size_bytes, part.file.open_size_bytes
        record.timestamp = built
        repomd.set_record(record)
    repomd.sort_records()
    text: str = repomd.xml_dump()
    return text.encode()


def _sync(paths: Sequence[Path]) -> None:
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
