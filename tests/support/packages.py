"""Packages as values, for tests of rules that need no rpm."""

from __future__ import annotations

import msgspec

from yumbridge.plan.closure import Closure
from yumbridge.plan.document import EngineRef, Host, Plan, ProfileRef
from yumbridge.rpm.nevra import NEVRA
from yumbridge.rpm.package import InstalledPackage, Package


def offered(nevra: str, *, installonly: bool = False, repo_id: str = "base") -> Package:
    """Return a package of a repository; its checksum tells its NEVRA."""
    it = NEVRA.parse(nevra)
    evr = it.evr
    return Package(
        it.name,
        evr.epoch,
        evr.version,
        evr.release,
        it.arch,
        repo_id,
        f"sha256:{nevra}",
        100,
        1000,
        f"{it.name}-{evr.version}-{evr.release}.src.rpm",
        installonly,
    )


def installed(nevra: str, *, installonly: bool = False, kernel_releases: tuple[str, ...] = ()) -> InstalledPackage:
    """Return a package of a host."""
    it = NEVRA.parse(nevra)
    evr = it.evr
    source = f"{it.name}-{evr.version}-{evr.release}.src.rpm"
    return InstalledPackage(
        it.name, evr.epoch, evr.version, evr.release, it.arch, 1000, source, installonly, kernel_releases
    )


_NOTHING = Closure(
    packages=(), met=(), providers=(), unmet=(), problems=(), passed_over=(), missing_members=(), modules=(), edges=()
)


def closure(*packages: Package, **parts: object) -> Closure:
    """Return a closure of packages, in their order; `parts` are its other fields."""
    return msgspec.structs.replace(_NOTHING, packages=packages, **parts)


HOST = Host(arch="x86_64", basearch="x86_64", os_major=9, releasever="9", kernel_release=None, root="/")


def empty_plan() -> Plan:
    """Return a plan of nothing, without its id."""
    return Plan(
        host=HOST,
        profile=ProfileRef(source="/p.json", digest="sha256:00"),
        repositories=(),
        rpmdb_cookie="cookie",
        engine=EngineRef(name="dnf4", version="4.14.0"),
        policy="sha256:11",
    )
