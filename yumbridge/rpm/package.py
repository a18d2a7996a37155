"""A package as a repository offers it, and as a host has it."""

from __future__ import annotations

from functools import cached_property

import msgspec

from yumbridge.rpm.evr import EVR
from yumbridge.rpm.nevra import NEVRA


class Package(msgspec.Struct, frozen=True, array_like=True, dict=True):
    """A package of a repository.

    `checksum` is "type:<hex>" of the rpm, `source_rpm` the file name of its source. `installonly`: it is installed
    beside older builds, as kernels are.
    """

    name: str
    epoch: int
    version: str
    release: str
    arch: str
    repo_id: str
    checksum: str
    size_bytes: int
    installed_bytes: int
    source_rpm: str
    installonly: bool = False

    @cached_property
    def evr(self) -> EVR:
        """Its EVR."""
        return EVR(self.epoch, self.version, self.release)

    @cached_property
    def nevra(self) -> NEVRA:
        """Its identity."""
        return NEVRA(self.name, self.evr, self.arch)


class InstalledPackage(msgspec.Struct, frozen=True, array_like=True, dict=True):
    """A package of a host's rpmdb.

    `kernel_releases`: each `uname -r` that it provides or requires as `kernel-uname-r`; mostly empty.
    """

    name: str
    epoch: int
    version: str
    release: str
    arch: str
    installed_bytes: int
    source_rpm: str
    installonly: bool = False
    kernel_releases: tuple[str, ...] = ()

    @cached_property
    def evr(self) -> EVR:
        """Its EVR."""
        return EVR(self.epoch, self.version, self.release)

    @cached_property
    def nevra(self) -> NEVRA:
        """Its identity."""
        return NEVRA(self.name, self.evr, self.arch)


def installed_package(package: Package) -> InstalledPackage:
    """Return a package of a repository as a host has it once it is installed there."""
    return InstalledPackage(
        package.name,
        package.epoch,
        package.version,
        package.release,
        package.arch,
        package.installed_bytes,
        package.source_rpm,
        package.installonly,
    )


def source_name(source_rpm: str) -> str:
    """Return the name of a source, given the file name of its rpm.

    >>> source_name("python3.11-3.11.9-2.el9.src.rpm")
    'python3.11'
    """
    return source_rpm.rsplit("-", 2)[0]


class InstalledSet(msgspec.Struct, frozen=True):
    """The rpmdb at one moment: packages sorted by name, and rpm's cookie, which changes whenever the rpmdb does."""

    cookie: str
    packages: tuple[InstalledPackage, ...]
