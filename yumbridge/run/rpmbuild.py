"""Build rpms with the platform's rpmbuild, and put them where somebody wants them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from yumbridge.errors import HostError
from yumbridge.rpm.metapackage import ARCH, Metapackage, specfile, without_signature
from yumbridge.run.state import replace_file

_PROGRAM: Final = "rpmbuild"
_MADE: Final = "package.rpm"
_TIMEOUT_S: Final = 120

# 1980-01-01. Whatever it is, it has to be the same tomorrow: an rpm of the same definition is the same file.
_BUILT_AT: Final = "315532800"

_MACROS: Final = {
    "_buildhost": "localhost",
    "_build_name_fmt": _MADE,
    "use_source_date_epoch_as_buildtime": "1",
    "clamp_mtime_to_source_date_epoch": "1",
    "source_date_epoch_from_changelog": "0",
    "debug_package": "%{nil}",
}


def build(package: Metapackage) -> bytes:
    """Return a metapackage as an rpm, unsigned. The same rpmbuild makes the same bytes of the same package.

    Its time is SOURCE_DATE_EPOCH of the environment, where that is a number. Macros of the user take no part. Raises
    HostError: rpmbuild is missing, or fails.
    """
    program = shutil.which(_PROGRAM)
    if program is None:
        raise HostError(f"{_PROGRAM} is missing: install the package rpm-build, or rpm on Debian")
    with tempfile.TemporaryDirectory(prefix="yumbridge-") as folder:
        work = Path(folder)
        spec = work / "package.spec"
        spec.write_text(specfile(package), encoding="utf-8")
        (work / "tmp").mkdir()
        _run([program, "--quiet", "--target", ARCH, "-bb", *_defines(work), str(spec)], work)
        return (work / _MADE).read_bytes()


def put(package: Metapackage, content: bytes, folder: Path) -> Path:
    """Write an rpm into a folder, which is made if need be, and return its path.

    A file that differs in its signature alone stays as it is. Raises HostError: it cannot be written, or would replace
    an rpm of the same version and release with another content, which those who have that would never notice. An epoch
    is not in the name of a file.
    """
    path = folder / package.file_name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            replace_file(path, content)
        elif without_signature(path.read_bytes()) != without_signature(content):
            raise HostError(f"{path} is there, with another content: raise version or release, or remove it")
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror}") from error
    return path


def _defines(work: Path) -> list[str]:
    places = {"_topdir": work, "_rpmdir": work, "_tmppath": work / "tmp", "_dbpath": work / "db"}
    macros = _MACROS | {name: str(path) for name, path in places.items()}
    return [word for name, body in macros.items() for word in ("--define", f"{name} {body}")]


def _run(command: list[str], home: Path) -> None:
    """Run rpmbuild, with nothing of the user's but the path. Raises HostError with what it says."""
    stated = os.environ.get("SOURCE_DATE_EPOCH", "")
    built_at = stated if stated.isascii() and stated.isdecimal() else _BUILT_AT
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603 - the platform's rpmbuild, no shell, a fixed argument list
            command,
            capture_output=True,
            check=False,
            cwd=home,
            encoding="utf-8",
            env=environment | {"SOURCE_DATE_EPOCH": built_at},
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise HostError(f"{_PROGRAM} did not end within {_TIMEOUT_S} s") from error
    if done.returncode:
        raise HostError(f"{_PROGRAM} failed with exit code {done.returncode}", done.stderr.splitlines()[-10:])
