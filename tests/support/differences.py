"""Snapshots as values, for tests of what distinguishes two of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from snapshots.difference import Content, Side
from snapshots.package import StoredPackage
from snapshots.provenance import PartialAdvisory
from tests.support.offers import advisory, in_order, stored
from yumbridge.rpm.advisory import Advisory, Reference


def build(nevra: str, source: str = "", rpm: str = "") -> StoredPackage:
    """Return a build; `source` is its source as name-version-release, `rpm` tells rpms of one NEVRA apart."""
    package = stored(nevra)
    if source:
        package = msgspec.structs.replace(package, source_rpm=f"{source}.src.rpm")
    return msgspec.structs.replace(package, pkgid=hashlib.sha256(f"{nevra}{rpm}".encode()).hexdigest())


def builds(*nevras: str) -> tuple[StoredPackage, ...]:
    """Return builds, each of a source of its own name, as a repository lists them."""
    return in_order(map(build, nevras))


def closing(advisory_id: str, cves: Iterable[str], *nevras: str, **fields: str) -> Advisory:
    """Return an advisory that closes CVEs."""
    references = tuple(Reference("cve", cve, f"https://example.org/{cve}", cve) for cve in cves)
    return msgspec.structs.replace(advisory(advisory_id, *nevras, **fields), references=references)


def rebooting(advisory_id: str, *nevras: str) -> Advisory:
    """Return an advisory of which every package suggests a reboot."""
    it = advisory(advisory_id, *nevras)
    (collection,) = it.collections
    packages = tuple(msgspec.structs.replace(entry, reboot_suggested=True) for entry in collection.packages)
    return msgspec.structs.replace(it, collections=(msgspec.structs.replace(collection, packages=packages),))


def side(
    name: str,
    packages: Iterable[StoredPackage] = (),
    advisories: Iterable[Advisory] = (),
    partial: Iterable[PartialAdvisory] = (),
) -> Side:
    """Return a snapshot of one repository, `base`."""
    content = Content(in_order(packages), tuple(sorted(advisories, key=lambda each: each.advisory_id)))
    return side_of(name, {"base": content}, partial)


def side_of(name: str, contents: dict[str, Content], partial: Iterable[PartialAdvisory] = ()) -> Side:
    """Return a snapshot of these repositories; its id tells its name."""
    return Side(name, f"sha256:{hashlib.sha256(name.encode()).hexdigest()}", contents, tuple(partial))
