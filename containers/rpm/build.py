"""The package, built from the checkout: sources first, then rpmbuild, which needs no network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from containers.rpm.sources import Target, epoch, pins, version, write_checkout, write_wheels

_SPEC: Final = Path(__file__).with_name("yumbridge.spec")


def build(wanted: Target, output: Path, release: str = "1") -> Path:
    """Build the package into a folder, and return its path: equal bytes for equal commits and pins.

    Raises:
        subprocess.CalledProcessError: a source cannot be had, or rpmbuild failed.
    """
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="yumbridge-rpm-") as name:
        work = Path(name)
        (work / "SOURCES").mkdir()
        (work / "tmp").mkdir()
        write_checkout(work / "SOURCES")
        write_wheels(wanted, work / "SOURCES")
        macros = {**_macros(wanted, work), "release": release}
        defines = [word for macro, body in macros.items() for word in ("--define", f"{macro} {body}")]
        # The platform's rpm knows nothing of what builds, where the platform is no rpm distribution.
        command = ("rpmbuild", "-bb", "--nodeps", "--quiet", "--target", wanted.arch, *defines, str(_SPEC))
        env = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch()), "LC_ALL": "C.UTF-8"}
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, check=False, encoding="utf-8", env=env
        )
        if ended.returncode:
            sys.stderr.write(ended.stdout[-2000:] + ended.stderr[-4000:])
            ended.check_returncode()
        (made,) = (work / "RPMS").glob("*.rpm")
        return Path(shutil.move(made, output / made.name))


def _macros(wanted: Target, work: Path) -> dict[str, str]:
    return {
        "_topdir": str(work),
        "_tmppath": str(work / "tmp"),
        "_rpmdir": str(work / "RPMS"),
        "_rpmfilename": "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
        "_buildhost": "localhost",
        "version": version(),
        "bundled": " ".join(f"{name}=={pinned}" for name, pinned in pins()),
        "python_version": wanted.python,
        "build_python": sys.executable,
        "wheel_options": " ".join(wanted.wheel_options),
    }
