"""Packages and advisories of a store as values, for tests of what a recipe chooses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from snapshots.choice.date import last_moment, seconds
from snapshots.content.package import StoredPackage
from yumbridge.rpm.advisory import Advisory, AdvisoryModule, AdvisoryPackage, Collection
from yumbridge.rpm.nevra import NEVRA

BUILT = "2026-01-01"


def stored(nevra: str, built: str = BUILT) -> StoredPackage:
    """Return a package that was built at the end of a day; its pkgid depends on its NEVRA alone."""
    it = NEVRA.parse(nevra)
    return StoredPackage(
        pkgid=hashlib.sha256(nevra.encode()).hexdigest(),
        name=it.name,
        epoch=it.evr.epoch,
        version=it.evr.version,
        release=it.evr.release,
        arch=it.arch,
        built=seconds(last_moment(built)),
        size_bytes=100,
        installed_bytes=1000,
        source_rpm=f"{it.name}-{it.evr.version}-{it.evr.release}.src.rpm",
        chunks=f"sha256:{hashlib.sha256(b'chunks of ' + nevra.encode()).hexdigest()}",
    )


def in_order(packages: Iterable[StoredPackage]) -> tuple[StoredPackage, ...]:
    """Return packages as a repository lists them, each once."""
    return tuple(sorted(set(packages), key=lambda package: package.order))


def advisory(
    advisory_id: str,
    *nevras: str,
    issued: str = "2026-01-02",
    module: AdvisoryModule | None = None,
    **fields: str,
) -> Advisory:
    """Return a security advisory with these packages; `fields` are kind, severity, updated and the like."""
    packages = []
    for nevra in nevras:
        it = NEVRA.parse(nevra)
        packages.append(AdvisoryPackage(it.name, it.evr.epoch, it.evr.version, it.evr.release, it.arch))
    texts = dict.fromkeys(
        ("title", "updated", "status", "version", "sender", "rights", "release", "push_count", "summary"), ""
    )
    texts |= {"kind": "security", "severity": "Important", "description": "", "solution": ""} | fields
    return Advisory(
        advisory_id=advisory_id,
        issued=f"{issued}T00:00:00Z" if issued else "",
        reboot_suggested=False,
        references=(),
        collections=(Collection("", "", tuple(packages), module),),
        **texts,
    )
