"""What a host says of itself, read from its root."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from yumbridge.root import PROTECTED_FOLDERS, leads_out, listed_names

_NEEDS_RESTARTING: Final = "etc/dnf/plugins/needs-restarting.d"
_OS_RELEASE: Final = ("etc/os-release", "usr/lib/os-release")
_ASSIGNMENT: Final = re.compile(r"""^([A-Z_]+)=(["']?)(.*)\2$""", re.MULTILINE)
_MAJOR: Final = re.compile(r"[0-9]{1,9}(?![0-9])")
_FIRST_MODULAR_FEDORA: Final = 27
_RPM_FAMILY: Final = frozenset({"rhel", "fedora", "centos"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """Facts about the host of `root`, None where it says nothing. `root` is an absolute path.

    `arch` is None for the engine to find out. `kernel_release` is `uname -r`, only where that kernel runs.
    `reboot_names` are the packages that the host adds to those which call for a reboot.
    """

    root: Path
    arch: str | None = None
    releasever: str | None = None
    kernel_release: str | None = None
    platform_id: str | None = None
    reboot_names: tuple[str, ...] = ()

    @property
    def os_major(self) -> int | None:
        """The major release of the operating system, as its releasever begins."""
        return _major(self.releasever)

    @property
    def is_running(self) -> bool:
        """True for the machine itself, where services and a kernel run."""
        return self.root == Path("/")

    @property
    def boot_id(self) -> str | None:
        """The kernel's id of this boot, None where no kernel runs."""
        return boot_id() if self.is_running else None


def read_host(
    root: Path, *, arch: str | None = None, releasever: str | None = None, kernel_release: str | None = None
) -> HostFacts:
    """Return the facts of the host at `root`. What is given beats what the root says."""
    os_release = _read_os_release(root)
    releasever = releasever or _releasever(os_release)
    if kernel_release is None and root == Path("/"):
        kernel_release = os.uname().release
    return HostFacts(
        root=root,
        arch=arch,
        releasever=releasever,
        kernel_release=kernel_release,
        platform_id=os_release.get("PLATFORM_ID") or _platform_id(releasever),
        reboot_names=_reboot_names(root),
    )


def host_name(root: Path) -> str:
    """Return the name of the host at `root`: as the kernel has it of the machine itself, else from hostname(5)."""
    if root == Path("/"):
        return os.uname().nodename
    path = root / "etc/hostname"
    if not path.is_file() or leads_out(root, path):
        return ""
    return path.read_text(encoding="utf-8", errors="replace").strip()


def protected_names(root: Path) -> frozenset[str]:
    """Return the names that packages of the host protect themselves. Source: dnf.conf(5), protected_packages."""
    return frozenset(name for folder in PROTECTED_FOLDERS for name in _names_in(root, folder))


def _reboot_names(root: Path) -> tuple[str, ...]:
    """Return the names that a site has added. Source: dnf-plugins-core, needs-restarting, get_options_from_dir()."""
    return _names_in(root, _NEEDS_RESTARTING)


def _names_in(root: Path, folder: str) -> tuple[str, ...]:
    """Return the sorted names in the files of a folder below the root, a line each."""
    names: set[str] = set()
    for path in sorted((root / folder).glob("*.conf")):
        if path.is_file() and not leads_out(root, path):
            names.update(listed_names(path.read_text(encoding="utf-8", errors="replace")))
    return tuple(sorted(names))


def _read_os_release(root: Path) -> dict[str, str]:
    """Return the assignments of os-release(5). A root without one holds no system yet."""
    for name in _OS_RELEASE:
        path = root / name
        # The link that a root holds points into that root, not into the machine that looks at it.
        if path.is_file() and not leads_out(root, path):
            text = path.read_text(encoding="utf-8", errors="replace")
            return {match[1]: match[3] for match in _ASSIGNMENT.finditer(text)}
    return {}


def _releasever(os_release: dict[str, str]) -> str | None:
    """Return what dnf calls $releasever. The rpm families use the major release, as their repositories do."""
    version = os_release.get("VERSION_ID")
    if not version:
        return None
    families = {os_release.get("ID", ""), *os_release.get("ID_LIKE", "").split()}
    return version.partition(".")[0] if families & _RPM_FAMILY else version


def _platform_id(releasever: str | None) -> str | None:
    """Return the platform that module streams are made for, of a root that does not say.

    Source: os-release of the distributions, "platform:el9" and "platform:f41". Fedora was at 27 when modules came.
    """
    major = _major(releasever)
    if major is None:
        return None
    return f"platform:{'f' if major >= _FIRST_MODULAR_FEDORA else 'el'}{major}"


def _major(releasever: str | None) -> int | None:
    """Return the number that a release begins with, None for none or one that is none of a release."""
    match = _MAJOR.match(releasever or "")
    return int(match[0]) if match else None


def boot_id() -> str:
    """Return the kernel's id of this boot. Source: proc(5), random/boot_id."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
