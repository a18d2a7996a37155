"""What the package is built from: the files that git tracks, and the wheels that `requirements/` pins."""

from __future__ import annotations

import gzip
import os
import platform
import re
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

ROOT: Final = Path(__file__).resolve().parents[2]

# The oldest glibc that has a Python we run on is that of EL8; wheels for older ones do there, too.
_GLIBC: Final = ("2_28", "2_17")
_PINS: Final = ROOT / "requirements/run.txt"


@dataclass(frozen=True, slots=True)
class Target:
    """What the package is for: a minor version of Python ("3.12") and an arch ("x86_64")."""

    python: str
    arch: str

    @property
    def wheel_options(self) -> tuple[str, ...]:
        """What pip has to be told to choose wheels for it, whatever pip itself runs on."""
        tag = f"cp{self.python.replace('.', '')}"
        abis = (f"--abi={abi}" for abi in (tag, "abi3", "none"))
        platforms = (f"--platform=manylinux_{glibc}_{self.arch}" for glibc in _GLIBC)
        only = ("--only-binary=:all:", "--implementation=cp", f"--python-version={self.python}")
        return (*only, *abis, *platforms, f"--platform=manylinux2014_{self.arch}", "--platform=any")


def target(python: str) -> Target:
    """Return the target of a Python on this machine's arch."""
    return Target(python, platform.machine())


def version() -> str:
    """Return the version of the project."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def epoch(checkout: Path = ROOT) -> int:
    """Return the time of the last commit, in seconds: everything is as old as that. Raises CalledProcessError."""
    return int(_git(checkout, "log", "--max-count=1", "--format=%ct"))


def tracked_files(checkout: Path = ROOT) -> tuple[str, ...]:
    """Return the files that git tracks and that are there, as paths below the checkout, sorted."""
    names = _git(checkout, "ls-files", "-z").split("\0")
    return tuple(sorted(name for name in names if name and (checkout / name).is_file()))


def write_checkout(folder: Path, checkout: Path = ROOT) -> Path:
    """Write the tracked files as one archive, equal bytes for equal files of one commit; return its path.

    Raises:
        subprocess.CalledProcessError: this is no checkout.
    """
    time = epoch(checkout)
    name = f"yumbridge-{version()}"
    # Without its name and time in the header of gzip.
    with (folder / f"{name}.tar.gz").open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, time) as packed:
        _write_tar(packed, ((f"{name}/{path}", checkout / path) for path in tracked_files(checkout)), time)
    return folder / f"{name}.tar.gz"


def write_wheels(wanted: Target, folder: Path) -> None:
    """Write the wheels of the pinned libraries as one archive. Raises CalledProcessError: one cannot be had."""
    wheels = sorted(_download(wanted, folder / "wheels"))
    with (folder / "wheels.tar").open("wb") as plain:
        _write_tar(plain, ((f"wheels/{wheel.name}", wheel) for wheel in wheels), epoch())


def pins() -> tuple[tuple[str, str], ...]:
    """Return name and version of every library that is pinned for a run."""
    return tuple(re.findall(r"^([\w-]+)==(\S+)", _PINS.read_text(encoding="utf-8"), re.MULTILINE))


def _download(wanted: Target, folder: Path) -> Iterable[Path]:
    hashes = ("--require-hashes", "--no-deps", "--requirement", str(_PINS))
    quiet = ("--quiet", "--quiet", "--disable-pip-version-check")
    command = (sys.executable, "-m", "pip", "download", *quiet, *hashes, *wanted.wheel_options, "--dest", str(folder))
    subprocess.run(command, check=True)
    return folder.iterdir()


def _write_tar(target: IO[bytes] | gzip.GzipFile, members: Iterable[tuple[str, Path]], time: int) -> None:
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, path in members:
            entry = archive.gettarinfo(path, name)
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = "root"
            entry.mtime = time
            # What git keeps of a mode.
            entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            with path.open("rb") as content:
                archive.addfile(entry, content)


def _git(checkout: Path, *words: str) -> str:
    # Also where the checkout is another user's, as it is in a container that has it mounted.
    command = ("git", "-C", str(checkout), "-c", f"safe.directory={checkout}", *words)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8", env=clean).stdout
