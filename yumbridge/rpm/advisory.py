"""An advisory as a repository publishes it in updateinfo."""

from __future__ import annotations

import msgspec

from yumbridge.rpm.evr import EVR
from yumbridge.rpm.nevra import NEVRA, nevra_text


class AdvisoryPackage(msgspec.Struct, frozen=True, array_like=True):
    """A package that carries the repair. `checksum` is "type:<hex>" of the rpm, mostly empty."""

    name: str
    epoch: int
    version: str
    release: str
    arch: str
    source_rpm: str = ""
    file_name: str = ""
    checksum: str = ""
    reboot_suggested: bool = False
    restart_suggested: bool = False
    relogin_suggested: bool = False

    @property
    def evr(self) -> EVR:
        """Its EVR."""
        return EVR(self.epoch, self.version, self.release)

    @property
    def nevra(self) -> NEVRA:
        """Its identity."""
        return NEVRA(self.name, self.evr, self.arch)

    @property
    def text(self) -> str:
        """Its NEVRA as it is written."""
        return nevra_text(self.name, self.epoch, f"{self.version}-{self.release}", self.arch)


class AdvisoryModule(msgspec.Struct, frozen=True, array_like=True):
    """The module stream that a collection belongs to. `version` is the number of its build."""

    name: str
    stream: str
    version: int
    context: str
    arch: str


class Collection(msgspec.Struct, frozen=True, array_like=True):
    """Packages of one advisory that belong together: those of one product, or of one module stream."""

    name: str
    short_name: str
    packages: tuple[AdvisoryPackage, ...]
    module: AdvisoryModule | None = None


class Reference(msgspec.Struct, frozen=True, array_like=True):
    """Where an advisory points to. `kind` is "cve", "bugzilla", "self" or what else upstream writes."""

    kind: str
    ref_id: str
    href: str
    title: str


class Advisory(msgspec.Struct, frozen=True, array_like=True):
    """One advisory, whole: it can be written again as it was read.

    `kind` is "security", "bugfix", "enhancement", "newpackage" or what else upstream writes. `issued` and `updated`
    are RFC 3339 in UTC, or empty. Texts that upstream does not have are empty.
    """

    advisory_id: str
    kind: str
    severity: str
    title: str
    issued: str
    updated: str
    status: str
    version: str
    sender: str
    rights: str
    release: str
    push_count: str
    summary: str
    description: str
    solution: str
    reboot_suggested: bool
    references: tuple[Reference, ...]
    collections: tuple[Collection, ...]

    @property
    def packages(self) -> tuple[AdvisoryPackage, ...]:
        """The packages of all its collections."""
        return tuple(package for collection in self.collections for package in collection.packages)

    @property
    def cves(self) -> tuple[str, ...]:
        """The CVEs that it closes, sorted."""
        return tuple(sorted({ref.ref_id for ref in self.references if ref.kind == "cve" and ref.ref_id}))
