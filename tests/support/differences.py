"""Snapshots as values, for tests of what distinguishes two of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from snapshots.comparison.difference import Content, Side
from snapshots.content.package import StoredPackage
from snapshots.content.provenance import PartialAdvisory
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


def closing(
    advisory_id: str,
    cves: Iterable[str],
    *nevras: str,
    severity: str = "Important",
    title: str = "",
    issued: str = "2026-01-02",
) -> Advisory:
    """Return an advisory that closes CVEs."""
    references = tuple(Reference("cve", cve, f"https://example.org/{cve}", cve) for cve in cves)
    it = advisory(advisory_id, *nevras, severity=severity, title=title, issued=issued)
    return msgspec.structs.replace(it, references=references)


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


def month() -> tuple[Side, Side]:
    """Return two snapshots whose difference has something of everything."""
    old = [
        build("kernel-5.14.0-427.el9.x86_64"),
        build("kernel-core-5.14.0-427.el9.x86_64", "kernel-5.14.0-427.el9"),
        build("openssl-1:3.0.7-27.el9.x86_64"),
        build("python3.11-3.11.7-1.el9.x86_64"),
        build("python3.11-libs-3.11.7-1.el9.x86_64", "python3.11-3.11.7-1.el9"),
        build("bind-32:9.16.23-18.el9.x86_64"),
        build("tool-1.0-1.el9.noarch"),
        build("retired-1.0-1.el9.noarch"),
        build("rebuilt-2.0-1.el9.noarch"),
    ]
    new = [
        build("kernel-5.14.0-430.el9.x86_64"),
        build("kernel-core-5.14.0-430.el9.x86_64", "kernel-5.14.0-430.el9"),
        build("openssl-1:3.0.7-27.el9.x86_64"),
        build("openssl-1:3.0.7-28.el9.x86_64"),
        build("python3.11-3.11.9-1.el9.x86_64"),
        build("python3.11-libs-3.11.7-1.el9.x86_64", "python3.11-3.11.7-1.el9"),
        build("bind-32:9.16.23-15.el9.x86_64"),
        build("tool-1.0-1.el9.noarch"),
        build("arrived-1.0-1.el9.noarch"),
        build("rebuilt-2.0-1.el9.noarch", rpm="other"),
    ]
    kernel = closing(
        "RHSA-2026:1001",
        ["CVE-2026-1", "CVE-2026-2"],
        "kernel-5.14.0-430.el9.x86_64",
        "kernel-core-5.14.0-430.el9.x86_64",
        severity="Critical",
        title="Critical: kernel security update",
        issued="2026-11-03",
    )
    python = closing(
        "RHSA-2026:1002",
        ["CVE-2026-3"],
        "python3.11-3.11.9-1.el9.x86_64",
        "python3.11-libs-3.11.9-1.el9.x86_64",
        title="Important: python3.11 security, bug fix, and enhancement update of more than a line",
        issued="2026-11-10",
    )
    bug = advisory(
        "RHBA-2026:1003", "tool-1.0-1.el9.noarch", kind="bugfix", severity="None", title="tool bug fix update"
    )
    bind = closing(
        "RHSA-2026:0900", ["CVE-2025-9"], "bind-32:9.16.23-18.el9.x86_64", severity="Moderate", title="bind security"
    )
    before = side("2026-10", old, [bind, bug])
    after = side("2026-11", new, [kernel, python, msgspec.structs.replace(bug, description="Read this first.")])
    return before, after
