"""Repositories of any size as metadata alone: no rpm lies behind them, and each has an answer to every question.

As dense as CentOS Stream 9's AppStream, where a package has 11 requirements and 12 capabilities, and a name 3.6 builds.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import createrepo_c as cr

# createrepo_c's wheel has no types.
Package: TypeAlias = Any

SIZES: Final = (1_000, 5_000, 18_000, 60_000)
BUILDS: Final = 3
REQUIREMENTS: Final = 11
LIBRARIES: Final = 10
# What nearly everything needs in the end, as of glibc and what is below it.
GROUND: Final = 150
# How often a package needs the ground rather than its family, as of one source or one desktop.
GROUNDED: Final = 0.8
FAMILY: Final = 20
FIRST_BUILD_S: Final = 1_700_000_000
DAYS: Final = 100
DAY_S: Final = 86_400


def write_synthetic(folder: Path, count: int) -> Path:
    """Write the metadata of a repository with `count` packages, the same in every run, and return its folder."""
    return write_metadata(folder, packages(count))


def names(count: int) -> list[str]:
    """Return the names of such a repository, each with three builds."""
    return [_name(number) for number in range(max(1, count // BUILDS))]


def packages(count: int) -> Iterator[Package]:
    """Yield packages: the first build of each name, then the second, and so on; each day saw 1% of them built."""
    chosen = random.Random(count)  # noqa: S311 - the same metadata in every run
    different = len(names(count))
    needed = [_needed(number, different, chosen) for number in range(different)]
    for number in range(count):
        name = number % different
        package = _package(name, number // different, needed[name], chosen)
        package.time_build = package.time_file = FIRST_BUILD_S + number * DAYS // count * DAY_S
        yield package


def _needed(number: int, different: int, chosen: random.Random) -> tuple[int, ...]:
    """Return which other names one needs: lower ones, so that something is at the bottom."""
    ground = min(GROUND, different // 4)
    if number == 0:
        return ()
    if number < ground:
        return tuple(chosen.randrange(number) for _ in range(REQUIREMENTS - 1))
    first = number - number % FAMILY
    return tuple(
        chosen.randrange(first, number) if first < number and chosen.random() > GROUNDED else chosen.randrange(ground)
        for _ in range(REQUIREMENTS - 1)
    )


def _package(number: int, build: int, needed: tuple[int, ...], chosen: random.Random) -> Package:
    package = bare_package(_name(number), f"1.{build}", chosen)
    evr = (package.epoch, package.version, package.release)
    package.provides = [
        (package.name, "EQ", *evr, False),
        (f"{package.name}(x86-64)", "EQ", *evr, False),
        *((f"{_library(number, which)}", None, None, None, None, False) for which in range(LIBRARIES)),
    ]
    package.requires = [
        ("/usr/bin/sh", None, None, None, None, False),
        *((_library(other, place % LIBRARIES), None, None, None, None, False) for place, other in enumerate(needed)),
    ]
    package.files = [("", "/usr/bin/", "sh" if number == 0 else package.name), ("", "/usr/share/doc/", package.name)]
    return package


def bare_package(name: str, version: str, chosen: random.Random) -> Package:
    """Return a package with all that metadata has to say, and with nothing that it needs or has."""
    package = cr.Package()
    package.name, package.arch, package.epoch, package.version, package.release = name, "x86_64", "0", version, "1.el9"
    package.pkgId, package.checksum_type = chosen.randbytes(32).hex(), "sha256"
    package.summary = f"The package {name}"
    package.description = f"{name} is a package that has a description of some length, as most packages have.\n" * 4
    package.location_href = f"Packages/{name}-{version}-1.el9.x86_64.rpm"
    package.rpm_license, package.rpm_vendor = "Apache-2.0", "Example"
    package.rpm_sourcerpm = f"{name}-{version}-1.el9.src.rpm"
    package.size_package = package.size_installed = package.size_archive = 1_000_000
    return package


def _name(number: int) -> str:
    return f"package{number:05}"


def _library(number: int, which: int) -> str:
    return f"lib{_name(number)}-{which}.so.1()(64bit)"


def write_metadata(folder: Path, found: Iterable[Package]) -> Path:
    """Write primary, filelists and other of some packages below a folder, and return the folder."""
    found = list(found)
    repodata = folder / "repodata"
    repodata.mkdir(parents=True)
    repomd = cr.Repomd()
    for kind, make, dump in (
        ("primary", cr.PrimaryXmlFile, cr.xml_dump_primary),
        ("filelists", cr.FilelistsXmlFile, cr.xml_dump_filelists),
        ("other", cr.OtherXmlFile, cr.xml_dump_other),
    ):
        path = repodata / f"{kind}.xml.gz"
        file = make(str(path), cr.GZ_COMPRESSION)
        file.set_num_of_pkgs(len(found))
        for package in found:
            file.add_chunk(dump(package))
        file.close()
        record = cr.RepomdRecord(kind, str(path))
        record.fill(cr.SHA256)
        repomd.set_record(record)
    (repodata / "repomd.xml").write_text(repomd.xml_dump(), encoding="utf-8")
    return folder
