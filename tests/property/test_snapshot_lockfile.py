"""Laws of locks."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapshots.content.lockfile import FrozenMetadata, Lock, frozen_metadata, lock_of, read_lock, written_lock
from snapshots.content.manifest import MetadataDigest, MetadataKind, RepositoryManifest, manifest_of, manifest_package
from snapshots.content.package import StoredPackage
from snapshots.content.provenance import Provenance
from yumbridge.errors import DocumentError
from yumbridge.plan.document import digest_of_bytes
from yumbridge.rpm.advisory import Advisory, AdvisoryModule, AdvisoryPackage, Collection, Reference

TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=12)
MOMENTS = st.sampled_from(["", "2026-11-22T08:05:00Z", "0001-01-01T00:00:00Z"])
WORDS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._+~^]{0,6}", fullmatch=True)
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)

ADVISORY_PACKAGES = st.builds(AdvisoryPackage, TEXT, st.integers(0, 9), TEXT, TEXT, TEXT, TEXT, TEXT, TEXT)
MODULES = st.builds(AdvisoryModule, TEXT, TEXT, st.integers(0, 2**63 - 1), TEXT, TEXT)
COLLECTIONS = st.builds(Collection, TEXT, TEXT, st.lists(ADVISORY_PACKAGES, max_size=2).map(tuple), st.none() | MODULES)
ADVISORIES = st.builds(
    Advisory,
    *[TEXT] * 4,
    MOMENTS,
    MOMENTS,
    *[TEXT] * 9,
    st.booleans(),
    st.lists(st.builds(Reference, TEXT, TEXT, TEXT, TEXT), max_size=2).map(tuple),
    st.lists(COLLECTIONS, max_size=2).map(tuple),
)
PACKAGES = st.builds(
    StoredPackage,
    HEX,
    WORDS,
    st.integers(0, 2**31),
    WORDS,
    WORDS,
    st.sampled_from(["noarch", "x86_64"]),
    st.integers(0, 2**31),
    st.integers(0, 2**40),
    st.integers(0, 2**40),
    TEXT,
    HEX.map("sha256:{}".format),
)


@st.composite
def locks(draw: st.DrawFn) -> tuple[Lock, FrozenMetadata]:
    """Return a lock of a snapshot with one repository, and what it carries."""
    packages = sorted(draw(st.lists(PACKAGES, max_size=4, unique_by=lambda package: package.pkgid)), key=order)
    metadata = FrozenMetadata(
        advisories=tuple(sorted(draw(st.lists(ADVISORIES, max_size=3)), key=lambda each: each.advisory_id)),
        comps=draw(TEXT).encode(),
        modules=draw(TEXT).encode(),
    )
    digests = {
        MetadataKind.COMPS: metadata.comps,
        MetadataKind.MODULES: metadata.modules,
        MetadataKind.UPDATEINFO: msgspec.json.encode(metadata.advisories) if metadata.advisories else b"",
    }
    repository = RepositoryManifest(
        repo_id="base",
        packages=tuple(map(manifest_package, packages)),
        metadata=tuple(
            MetadataDigest(kind=kind, digest=digest_of_bytes(content)) for kind, content in digests.items() if content
        ),
    )
    manifest = manifest_of([repository], metadata_only=draw(st.booleans()))
    provenance = Provenance(name="x", id=manifest.id, cut_at="2026-11-22T00:00:00Z", message=draw(TEXT))
    return lock_of(manifest, provenance, [metadata]), metadata


def order(package: StoredPackage) -> tuple[str, str, int, str, str, str]:
    return package.order


@given(locks())
def test_a_lock_is_read_as_it_was_written(made: tuple[Lock, FrozenMetadata]) -> None:
    lock, metadata = made

    again = read_lock(written_lock(lock), "x")

    assert again == lock
    assert frozen_metadata(again.repositories[0]) == metadata
    assert written_lock(again) == written_lock(lock)


@given(locks())
def test_a_lock_is_plain_json_whatever_is_in_its_texts(made: tuple[Lock, FrozenMetadata]) -> None:
    lock, _ = made

    assert json.loads(written_lock(lock)) == json.loads(msgspec.json.encode(lock))


@given(st.binary(max_size=200))
def test_no_bytes_are_read_as_a_lock_by_chance(content: bytes) -> None:
    with pytest.raises(DocumentError):
        read_lock(content, "x")
