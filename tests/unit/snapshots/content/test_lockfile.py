"""Locks as files: what is written, what is read, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from snapshots.content.lockfile import (
    FrozenMetadata,
    Lock,
    frozen_metadata,
    lock_of,
    locked_id,
    locked_manifest,
    read_lock,
    written_lock,
)
from snapshots.content.manifest import (
    Manifest,
    MetadataDigest,
    MetadataKind,
    RepositoryManifest,
    manifest_of,
    manifest_package,
)
from snapshots.content.package import StoredPackage
from snapshots.content.provenance import Provenance
from tests.support.advisories import STORED_ADVISORY
from yumbridge.errors import DocumentError
from yumbridge.plan.document import digest_of_bytes

COMPS = b'<?xml version="1.0"?>\n<comps>\n <group/>\n</comps>\n'
MODULES = "---\ndocument: modulemd\n# \u00e9\n...\n".encode()


def package(name: str, evr: tuple[int, str, str] = (0, "1", "1")) -> StoredPackage:
    pkgid = digest_of_bytes(f"{name}{evr}".encode()).removeprefix("sha256:")
    return StoredPackage(
        pkgid, name, *evr, "noarch", 1_700_000_000, 100, 200, f"{name}.src.rpm", digest_of_bytes(name.encode())
    )


def manifest(*, metadata_only: bool = False) -> Manifest:
    packages = sorted([package("a", (1, "2", "3")), package("b"), package("c")], key=lambda each: each.order)
    listed = tuple(manifest_package(each) for each in packages)
    metadata = (
        MetadataDigest(kind=MetadataKind.COMPS, digest=digest_of_bytes(COMPS)),
        MetadataDigest(kind=MetadataKind.MODULES, digest=digest_of_bytes(MODULES)),
        MetadataDigest(kind=MetadataKind.UPDATEINFO, digest=digest_of_bytes(b"as composed")),
    )
    return manifest_of(
        [
            RepositoryManifest(repo_id="base", packages=listed, metadata=metadata),
            RepositoryManifest(repo_id="extra", packages=listed[:1]),
        ],
        metadata_only=metadata_only,
    )


def a_lock(*, metadata_only: bool = False) -> Lock:
    made = manifest(metadata_only=metadata_only)
    provenance = Provenance(
        name="2026-11", id=made.id, cut_at="2026-11-22T08:05:00Z", message="m", compression="zstd 1.5.7 level 3"
    )
    full = FrozenMetadata(advisories=(STORED_ADVISORY,), comps=COMPS, modules=MODULES)
    return lock_of(made, provenance, [full, FrozenMetadata()])


def test_a_lock_is_read_as_it_was_written() -> None:
    lock = a_lock()

    assert read_lock(written_lock(lock), "x") == lock
    assert locked_id(written_lock(lock), "x") == lock.id


@pytest.mark.parametrize("metadata_only", [False, True])
def test_a_lock_has_the_manifest_in_it(*, metadata_only: bool) -> None:
    assert locked_manifest(a_lock(metadata_only=metadata_only)) == manifest(metadata_only=metadata_only)


def test_a_lock_carries_the_other_metadata_whole() -> None:
    base, extra = read_lock(written_lock(a_lock()), "x").repositories

    assert frozen_metadata(base) == FrozenMetadata(advisories=(STORED_ADVISORY,), comps=COMPS, modules=MODULES)
    assert frozen_metadata(extra) == FrozenMetadata()


def test_a_lock_is_json_with_sorted_keys() -> None:
    text = written_lock(a_lock()).decode()
    tree = json.loads(text)

    assert list(tree) == sorted(tree)
    assert list(tree["repositories"][0]) == sorted(tree["repositories"][0])
    assert tree["repositories"][0]["advisories"][0]["collections"][0]["packages"][0]["name"] == "a"
    assert text.endswith("}\n")


def test_every_package_advisory_and_line_of_text_has_a_line() -> None:
    lines = written_lock(a_lock()).decode().splitlines()

    for nevra in ("a-1:2-3.noarch", "b-1-1.noarch", "c-1-1.noarch"):
        assert any(f'"nevra":"{nevra}"' in line for line in lines)
    assert len([line for line in lines if '"pkgid"' in line]) == 4
    assert len([line for line in lines if '"advisory_id"' in line]) == 1
    assert '    "<comps>",' in lines


def test_comps_that_are_no_text_fit_in_no_lock() -> None:
    made = manifest()
    provenance = Provenance(name="x", id=made.id, cut_at="2026-11-22T08:05:00Z")

    with pytest.raises(DocumentError, match="no UTF-8"):
        lock_of(made, provenance, [FrozenMetadata(comps=b"\xff"), FrozenMetadata()])


# --- hostile locks -----------------------------------------------------------------------------

Tree = dict[str, Any]


def first(tree: Tree) -> Tree:
    found: Tree = tree["repositories"][0]["packages"][0]
    return found


def set_in(place: Callable[[Tree], Tree], key: str, value: object) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        place(tree)[key] = value

    return change


def whole(tree: Tree) -> Tree:
    return tree


def base(tree: Tree) -> Tree:
    found: Tree = tree["repositories"][0]
    return found


def advisory(tree: Tree) -> Tree:
    found: Tree = base(tree)["advisories"][0]
    return found


def its_package(tree: Tree) -> Tree:
    found: Tree = advisory(tree)["collections"][0]["packages"][0]
    return found


def its_module(tree: Tree) -> Tree:
    found: Tree = advisory(tree)["collections"][0]["module"]
    return found


def twice(tree: Tree) -> None:
    base(tree)["packages"].append(base(tree)["packages"][-1])


def under_another_name(tree: Tree) -> None:
    """List the last package again, as a later one of the same bytes."""
    last = base(tree)["packages"][-1]
    again = last | {
        "nevra": last["nevra"].replace("c-1-", "c-2-"),
        "location": last["location"].replace("c-1-", "c-2-"),
    }
    base(tree)["packages"].append(again)


def reversed_repositories(tree: Tree) -> None:
    tree["repositories"].reverse()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        pytest.param(set_in(first, "location", "Packages/../../etc/passwd"), "location", id="location-out"),
        pytest.param(set_in(first, "location", "/etc/passwd"), "location", id="location-absolute"),
        pytest.param(set_in(first, "location", "Packages/b-1-1.noarch.rpm"), "location", id="location-other"),
        pytest.param(set_in(first, "pkgid", "../" + "0" * 61), "not a pkgid", id="pkgid"),
        pytest.param(set_in(first, "pkgid", "A" * 64), "not a pkgid", id="pkgid-case"),
        pytest.param(set_in(first, "nevra", "../../x-1-1.noarch"), "not a pkgid", id="name-out"),
        pytest.param(set_in(first, "nevra", "a-01:2-3.noarch"), "not a pkgid", id="nevra-spelling"),
        pytest.param(set_in(first, "nevra", "nonsense"), "not a pkgid", id="nevra"),
        pytest.param(set_in(first, "size_bytes", -1), "-1 bytes", id="size"),
        pytest.param(set_in(first, "chunks", "md5:0"), "no digest", id="chunks"),
        pytest.param(twice, "out of order, or twice", id="package-twice"),
        pytest.param(under_another_name, "the pkgid of another package", id="pkgid-twice"),
        pytest.param(set_in(whole, "name", "../x"), "name", id="name"),
        pytest.param(set_in(whole, "cut_at", "yesterday"), "cut_at", id="time"),
        pytest.param(set_in(whole, "cut_at", "2026-11-22T08:05:00+01:00"), "cut_at", id="time-zone"),
        pytest.param(set_in(base, "repo_id", ".hidden"), "repo_id", id="repo-id"),
        pytest.param(set_in(base, "repo_id", "extra"), "each once", id="repo-id-twice"),
        pytest.param(reversed_repositories, "sorted", id="repositories-order"),
        pytest.param(set_in(base, "comps", ["<comps/>"]), "digest of group", id="comps"),
        pytest.param(set_in(base, "modules", []), "does not name what the lock carries", id="modules"),
        pytest.param(set_in(advisory, "issued", "not a date"), "issued", id="issued"),
        pytest.param(set_in(advisory, "updated", "2026-11-22"), "updated", id="updated"),
        pytest.param(set_in(its_module, "version", -1), "'RHSA-2026:1'): -1 is no version", id="module-version"),
        pytest.param(set_in(its_module, "version", 2**70), "no version of a module", id="module-version-large"),
        pytest.param(set_in(its_package, "epoch", -1), "-1 is no epoch", id="epoch"),
        pytest.param(set_in(its_package, "epoch", 10**25), "no epoch", id="epoch-large"),
        pytest.param(set_in(its_package, "name", "a\0"), "XML", id="text"),
        pytest.param(set_in(first, "nevra", f"a-{'1' * 5000}:2-3.noarch"), "not a pkgid", id="nevra-epoch"),
        pytest.param(set_in(base, "advisories", []), "does not name what the lock carries", id="advisories"),
    ],
)
def test_a_hostile_lock_is_refused(change: Callable[[Tree], None], word: str) -> None:
    tree = json.loads(written_lock(a_lock()))
    change(tree)

    with pytest.raises(DocumentError, match=r"x\.json is no lock of a snapshot") as caught:
        read_lock(json.dumps(tree).encode(), "x.json")
    assert any(word in line for line in caught.value.details), caught.value.details


def test_every_fault_is_told() -> None:
    tree = json.loads(written_lock(a_lock()))
    first(tree)["size_bytes"] = -1
    tree["cut_at"] = ""

    with pytest.raises(DocumentError, match="2 faults") as caught:
        read_lock(json.dumps(tree).encode(), "x")
    assert [line.partition(":")[0] for line in caught.value.details] == ["cut_at", "repositories[0].packages[0]"]


def test_a_changed_lock_is_refused() -> None:
    tree = json.loads(written_lock(a_lock()))
    del base(tree)["packages"][0]

    with pytest.raises(DocumentError, match="its id does not fit its content"):
        read_lock(json.dumps(tree).encode(), "x")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no lock"),
        (b"[]", "no lock"),
        (b'{"document": "yumbridge-plan", "version": "1.0", "id": ""}', "is a yumbridge-plan"),
        (b'{"document": "yumbridge-lock", "version": "2.0", "id": ""}', "is a yumbridge-lock 2.0"),
        (b'{"document": "yumbridge-lock", "version": "1.0", "id": "", "x": 1}', "no lock"),
        (b'[{"document": ' + b"[" * 200_000, "no lock"),
        (b'{"x": ' + b"9" * 5000 + b"}", "no lock"),
    ],
)
def test_what_is_no_lock_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        read_lock(content, "x")
    if b'"id"' not in content:
        with pytest.raises(DocumentError):
            locked_id(content, "x")
