"""Small valid documents of repositories and of a store: what mutation begins with."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import Final

import msgspec
import zstandard

from snapshots.content.lockfile import FrozenMetadata, lock_of, written_lock
from snapshots.content.manifest import (
    MetadataDigest,
    MetadataKind,
    RepositoryManifest,
    manifest_of,
    manifest_package,
    written_manifest,
)
from snapshots.content.package import StoredPackage
from snapshots.content.provenance import MirrorRecord, Provenance
from snapshots.repodata.updateinfo import written_updateinfo
from tests.support.advisories import STORED_ADVISORY
from tests.support.comps import comps, default_stream, environment, group, module
from tests.support.repodata import Entry, File, filelists, primary, repomd
from yumbridge.plan.document import digest_of_bytes, printed

_PKGID: Final = "0123456789abcdef" * 4
COMPS: Final = comps(
    group("core", mandatory=("a",), optional=("b",)),
    group("more", mandatory=("b",)),
    environment("e", ["core"], {"more": True}),
).encode()
MODULES: Final = (module("app", "1", ["a-0:1-1.noarch"], requires={"b": "2"}) + default_stream("app", "1")).encode()
_ADVISORY: Final = msgspec.structs.replace(
    STORED_ADVISORY, description="first line\nsecond", collections=STORED_ADVISORY.collections[:1]
)


def _stored(name: str) -> StoredPackage:
    pkgid = digest_of_bytes(name.encode()).removeprefix("sha256:")
    return StoredPackage(
        pkgid, name, 1, "1", "1", "noarch", 1_700_000_000, 100, 200, f"{name}.src.rpm", f"sha256:{pkgid}"
    )


def _snapshot_documents() -> tuple[bytes, bytes, bytes]:
    packages = sorted((_stored("a"), _stored("b")), key=lambda each: each.order)
    listed = tuple(map(manifest_package, packages))
    made = manifest_of([RepositoryManifest(repo_id="base", packages=listed)], metadata_only=False)
    came = Provenance(
        name="one", id=made.id, cut_at="2026-11-22T08:05:00Z", message="m", recipe={"repositories": ["base"]}
    )
    return written_manifest(made), written_lock(lock_of(made, came, [FrozenMetadata()])), printed(came)


def manifests() -> tuple[bytes, ...]:
    """Return manifests."""
    return _snapshot_documents()[:1]


def locks() -> tuple[bytes, ...]:
    """Return locks of snapshots: one of packages, one that carries comps, modules and advisories."""
    texts = {MetadataKind.COMPS: COMPS, MetadataKind.MODULES: MODULES, MetadataKind.UPDATEINFO: b"x"}
    metadata = tuple(MetadataDigest(kind=kind, digest=digest_of_bytes(text)) for kind, text in texts.items())
    metadata = tuple(sorted(metadata, key=lambda each: each.kind.value))
    full = manifest_of(
        [RepositoryManifest(repo_id="base", packages=(manifest_package(_stored("a")),), metadata=metadata)],
        metadata_only=True,
    )
    came = Provenance(name="two", id=full.id, cut_at="2026-11-22T08:05:00Z")
    frozen = FrozenMetadata(advisories=(_ADVISORY,), comps=COMPS, modules=MODULES)
    return (_snapshot_documents()[1], written_lock(lock_of(full, came, [frozen])))


def provenances() -> tuple[bytes, ...]:
    """Return what a store says of how a snapshot came to be."""
    return _snapshot_documents()[2:]


def mirror_records() -> tuple[bytes, ...]:
    """Return what a store says of a mirror."""
    record = MirrorRecord(
        repo_id="base",
        url="http://host/os",
        revision="1",
        repomd="sha256:00",
        read_at="t",
        passed="p",
        metadata_only=True,
    )
    return (printed(record),)


def first_seen_logs() -> tuple[bytes, ...]:
    """Return logs of when packages were first seen."""
    line = f"2026-11-22T08:05:00Z {_PKGID} a-1-1.noarch\n"
    return ((line * 2 + line[:50]).encode(),)


@dataclass(frozen=True, slots=True)
class Metadata:
    """The files of a repository that is whole: which of them is to be replaced is up to the reader."""

    entries: tuple[Entry, ...] = (
        Entry(name="a"),
        Entry(name="b", pkgid="fedcba9876543210" * 4, href="b.rpm", summary="s"),
    )

    def files(self) -> dict[str, bytes]:
        """Return the content of each file by its kind."""
        other = filelists(*self.entries).replace(b"filelists", b"otherdata").replace(b"/otherdata", b"/other", 1)
        return {
            "primary": primary(*self.entries),
            "filelists": filelists(*self.entries, paths=("/usr/bin/a", "/etc/a")),
            "other": other,
            "updateinfo": written_updateinfo([_ADVISORY]),
            "group": COMPS,
            "modules": MODULES,
        }


def of_metadata(kind: str) -> tuple[bytes, ...]:
    """Return a file of repodata, plain and packed."""
    plain = Metadata().files()[kind]
    return (plain, gzip.compress(plain, mtime=0), zstandard.ZstdCompressor().compress(plain))


def indexes() -> tuple[bytes, ...]:
    """Return a repomd.xml."""
    files = [File(kind, content, opened=content) for kind, content in Metadata().files().items()]
    return (repomd(*files),)
