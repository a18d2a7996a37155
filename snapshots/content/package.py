"""A package as the metadata of a store has it: what selects it, names it and finds its rpm."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

import msgspec

from yumbridge.rpm.evr import EVR
from yumbridge.rpm.nevra import NEVRA, nevra_text

Order: TypeAlias = tuple[str, str, int, str, str, str]

# Source: rpm, build/parsePreamble.c, ALLOWED_CHARS_NAME and ALLOWED_CHARS_VERREL, less what macros would expand.
_WORD: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+~^-]*")
_PKGID: Final = re.compile(r"[0-9a-f]{64}")


class StoredPackage(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A package of a mirrored or composed repository.

    `pkgid` is the sha256 of the rpm in 64 hex digits. `built` is in seconds since 1970. `source_rpm` is the file name
    of its source, empty for a source package. `chunks` is "sha256:<hex>" over what the metadata says of it, in the
    form that compose writes.
    """

    pkgid: str
    name: str
    epoch: int
    version: str
    release: str
    arch: str
    built: int
    size_bytes: int
    installed_bytes: int
    source_rpm: str
    chunks: str

    @property
    def evr(self) -> EVR:
        """Its EVR."""
        return EVR(self.epoch, self.version, self.release)

    @property
    def nevra(self) -> NEVRA:
        """Its identity as RPM sees it."""
        return NEVRA(self.name, self.evr, self.arch)

    @property
    def text(self) -> str:
        """Its NEVRA as it is written."""
        return nevra_text(self.name, self.epoch, f"{self.version}-{self.release}", self.arch)

    @property
    def file_name(self) -> str:
        """The name of its rpm in the pool, made from its identity: upstream may call the file anything."""
        return f"{self.name}-{self.version}-{self.release}.{self.arch}.rpm"

    @property
    def pool_name(self) -> str:
        """Its place below the pool."""
        return f"{self.pkgid[:2]}/{self.pkgid}/{self.file_name}"

    @property
    def location(self) -> str:
        """Its place below a repository of ours, where `Packages` is the pool."""
        return f"Packages/{self.pool_name}"

    @property
    def order(self) -> Order:
        """The order of packages in everything that we write: of plain strings, so that it depends on no rule of RPM's.

        All builds of a name stand together.
        """
        return (self.name, self.arch, self.epoch, self.version, self.release, self.pkgid)


def unfit_words(package: StoredPackage) -> tuple[str, ...]:
    """Return what of `package` may not become part of a file name, empty when all may. Metadata is hostile input."""
    words = (package.name, package.version, package.release, package.arch)
    bad = [word for word in words if not _WORD.fullmatch(word)]
    return (*bad, *([] if _PKGID.fullmatch(package.pkgid) else [package.pkgid]))
