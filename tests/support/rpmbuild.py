"""Real rpms, built with rpmbuild, each once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from tests.support import tool
from tests.support.cache import Cache, digest
from tests.support.rpms import Rpm
from tests.support.spec import specfile

SOURCE_DATE_EPOCH = 1_700_000_000

# Raise it when the same `Rpm` is to become other bytes.
_FORMAT = "1"

_MACROS = {
    "_buildhost": "build.example.org",
    "_build_name_fmt": "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
    "_binary_payload": "w1.gzdio",
    "use_source_date_epoch_as_buildtime": "1",
    "clamp_mtime_to_source_date_epoch": "1",
    "source_date_epoch_from_changelog": "0",
    "debug_package": "%{nil}",
    "_unpackaged_files_terminate_build": "0",
    # Each of these is otherwise a shell that rpmbuild starts for every spec.
    "__check_files": "%{nil}",
    "_smp_build_ncpus": "1",
    "_smp_build_nthreads": "1",
    "_smp_nthreads_max": "1",
}


def build(rpms: Iterable[Rpm], directory: Path, cache: Cache) -> tuple[Path, ...]:
    """Write an rpm file for each of `rpms` into a directory and return their paths.

    Equal packages are equal bytes, whatever else is built with them. What the cache lacks is built
    with one process per arch, all specs in one go: about 6 ms a source rpm, 1 ms a package.

    Raises:
        ValueError: two of them would have the same file name, or packages of one source have the
            same path with different contents.
        tool.ToolError: rpmbuild refused one.
    """
    wanted = tuple(rpms)
    _refuse_equal_names(wanted)
    directory.mkdir(parents=True, exist_ok=True)
    missing = [rpm for rpm in wanted if cache.find(_key(rpm)) is None]
    for arch, group in groupby(sorted(missing, key=_grouping), key=lambda rpm: rpm.arch):
        _build_arch(arch, tuple(group), cache)
    return tuple(_copy(rpm, directory, cache) for rpm in wanted)


def _refuse_equal_names(rpms: Sequence[Rpm]) -> None:
    names = [rpm.filename for rpm in rpms]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"more than one package for {', '.join(twice)}")


def _key(rpm: Rpm) -> str:
    return digest(_FORMAT, tool.mark("rpmbuild"), repr(rpm))


def _grouping(rpm: Rpm) -> tuple[str, str, str, str]:
    """Return what packages of one spec have in common, the arch first."""
    return rpm.arch, rpm.source_nvr, rpm.epoch or "", rpm.vendor


def _copy(rpm: Rpm, directory: Path, cache: Cache) -> Path:
    kept = cache.find(_key(rpm))
    if kept is None:
        raise FileNotFoundError(f"rpmbuild made no {rpm.filename}")
    # A copy and no link: tests damage and sign what they get.
    return Path(shutil.copy2(kept, directory / rpm.filename))


def _build_arch(arch: str, rpms: Sequence[Rpm], cache: Cache) -> None:
    """Build packages of one arch and put them into the cache."""
    with cache.workplace() as work:
        specs: list[Path] = []
        for _, group in groupby(rpms, key=_grouping):
            members = tuple(group)
            _fill_buildroot(work / "BUILDROOT", members)
            specs.append(work / f"{len(specs)}.spec")
            specs[-1].write_text(specfile(members), encoding="utf-8")
        _rpmbuild(arch, specs, work)
        for rpm in rpms:
            made = work / "RPMS" / rpm.filename
            # The file's time is part of a repository's metadata.
            os.utime(made, (SOURCE_DATE_EPOCH, SOURCE_DATE_EPOCH))
            cache.put(_key(rpm), made)


def _fill_buildroot(buildroots: Path, rpms: Sequence[Rpm]) -> None:
    """Write the files of one source's packages where rpmbuild looks for them.

    Written from here and not by an %install section, which would be a shell for every spec.
    """
    first = rpms[0]
    # rpm's %_arch, by which it names the buildroot, is i386 for every 32 bit x86.
    cpu = "i386" if first.arch in {"i486", "i586", "i686"} else first.arch
    buildroot = buildroots / f"{first.source_nvr}.{cpu}"
    for rpm in rpms:
        for path, content in rpm.contents.items():
            file = buildroot / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            if path.endswith("/"):
                file.mkdir(exist_ok=True)
            elif file.exists() and file.read_text(encoding="utf-8") != content:
                raise ValueError(f"{first.source_nvr}: {path} has two contents in one source")
            else:
                file.write_text(content, encoding="utf-8")


def _rpmbuild(arch: str, specs: Sequence[Path], work: Path) -> None:
    macros = {
        **_MACROS,
        "_topdir": str(work),
        "_tmppath": str(work / "tmp"),
        "_dbpath": str(work / "db"),
    }
    (work / "tmp").mkdir()
    defines = [word for name, body in macros.items() for word in ("--define", f"{name} {body}")]
    # rpm's threads spin while they wait, which costs more than such small packages.
    env = {**os.environ, "SOURCE_DATE_EPOCH": str(SOURCE_DATE_EPOCH), "OMP_NUM_THREADS": "1"}
    phases = ("--noprep", "--noclean", "-bb")
    tool.run("rpmbuild", "--quiet", "--target", arch, *phases, *defines, *specs, env=env)
