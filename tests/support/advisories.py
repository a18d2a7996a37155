"""Advisories, as a repository publishes them in updateinfo.xml."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from typing import Final
from xml.etree import ElementTree as ET

from tests.support.rpms import Rpm
from yumbridge.rpm.advisory import Advisory as ReadAdvisory
from yumbridge.rpm.advisory import AdvisoryModule, AdvisoryPackage, Collection, Reference

STORED_ADVISORY: Final = ReadAdvisory(
    advisory_id="RHSA-2026:1",
    kind="security",
    severity="Critical",
    title="a",
    issued="2026-11-01T00:00:00Z",
    updated="",
    status="final",
    version="3",
    sender="security@example.org",
    rights="",
    release="",
    push_count="2",
    summary="",
    description="first line\nsecond \u201cline\u201d",
    solution="",
    reboot_suggested=True,
    references=(Reference("cve", "CVE-2026-1", "https://example.org/", ""),),
    collections=(
        Collection(
            "base",
            "b",
            (AdvisoryPackage("a", 1, "2", "3", "noarch", reboot_suggested=True, checksum="sha256:00"),),
            AdvisoryModule("app", "1", 20261101, "c0ffee", "x86_64"),
        ),
        Collection("", "", ()),
    ),
)
"""An advisory as the product has read it, with something in most of its fields."""


@dataclass(frozen=True, slots=True)
class Advisory:
    """One erratum: what it repairs, and the packages that carry the repair."""

    advisory_id: str
    packages: tuple[Rpm, ...]
    _: KW_ONLY
    kind: str = "security"
    severity: str = "Important"
    issued: str = "2024-01-02 00:00:00"
    title: str = ""
    cves: tuple[str, ...] = ()
    reboot_suggested: bool = False


def updateinfo(advisories: Iterable[Advisory]) -> str:
    """Return the text of an updateinfo.xml."""
    root = ET.Element("updates")
    for advisory in advisories:
        _add_advisory(root, advisory)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add_advisory(root: ET.Element, advisory: Advisory) -> None:
    update = ET.SubElement(root, "update", {"from": "security@example.org", "status": "final", "version": "1"})
    update.set("type", advisory.kind)
    for tag, text in (
        ("id", advisory.advisory_id),
        ("title", advisory.title or advisory.advisory_id),
        ("severity", advisory.severity),
        ("description", f"About {advisory.advisory_id}."),
    ):
        ET.SubElement(update, tag).text = text
    for tag in ("issued", "updated"):
        ET.SubElement(update, tag, {"date": advisory.issued})
    references = ET.SubElement(update, "references")
    for cve in advisory.cves:
        href = f"https://example.org/{cve}"
        ET.SubElement(references, "reference", {"href": href, "id": cve, "type": "cve"})
    collection = ET.SubElement(ET.SubElement(update, "pkglist"), "collection", {"short": "base"})
    for rpm in advisory.packages:
        _add_package(collection, rpm, reboot_suggested=advisory.reboot_suggested)


def _add_package(collection: ET.Element, rpm: Rpm, *, reboot_suggested: bool) -> None:
    package = ET.SubElement(
        collection,
        "package",
        {
            "name": rpm.name,
            "epoch": rpm.epoch or "0",
            "version": rpm.version,
            "release": rpm.release,
            "arch": rpm.arch,
            "src": f"{rpm.source_nvr}.src.rpm",
        },
    )
    ET.SubElement(package, "filename").text = rpm.filename
    if reboot_suggested:
        ET.SubElement(package, "reboot_suggested").text = "True"
