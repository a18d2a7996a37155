"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec


class Machine(msgspec.Struct, frozen=True):
    """The machine, the versions of what was measured, when, and how busy it was before and after.

    `load` are the load averages of the last minute at the beginning and at the end; `scratch` is the kind of file
    system that everything was measured on.
    """

    processor: str
    cores: int
    memory_gib: int
    kernel: str
    system: str
    versions: dict[str, str]
    day: str
    load: tuple[float, float]
    scratch: str


def machine(load_before: float) -> Machine:
    """Return what this runs on now."""
    return Machine(
        processor=_found(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8")),
        cores=os.cpu_count() or 1,
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)),
        kernel=os.uname().release.partition("-")[0],
        system=platform.freedesktop_os_release()["PRETTY_NAME"],
        versions={
            "yumbridge": version("yumbridge"),
            "dnf": _version("dnf", "--setopt=reposdir=/nonexistent", "--version"),
            "rpm": _version("rpm", "--version"),
            "createrepo_c": _version("createrepo_c", "--version"),
            "Python": platform.python_version(),
        },
        day=datetime.now(UTC).strftime("%Y-%m-%d"),
        load=(round(load_before, 1), round(os.getloadavg()[0], 1)),
        scratch=_scratch(),
    )


def _scratch() -> str:
    command = ["stat", "--file-system", "--format=%T", tempfile.gettempdir()]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def _version(*command: str) -> str:
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return _found(r"(\d+(?:\.\d+)+)", ran.stdout)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1].strip() if match else "unknown"
