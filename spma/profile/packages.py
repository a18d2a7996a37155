"""The package list of a profile, /software/packages, as specs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Final

from spma.errors import ProfileError
from spma.profile.escape import unescape
from spma.profile.finding import Finding, problem, warning
from spma.profile.tree import Tree, below, described
from yumbridge.desired.spec import PACKAGE_NAME, REFERENCE, Spec

PACKAGES: Final = "/software/packages"

_ARCHES: Final = """
    aarch64 alpha alphaev5 alphaev56 alphaev6 alphaev67 alphapca56 amd64 armv3l armv4b armv4l
    armv4tl armv5tejl armv5tel armv5tl armv6hl armv6l armv7hl armv7hnl armv7l armv8hl armv8l
    athlon geode i386 i486 i586 i686 ia32e ia64 loongarch64 m68k mips mips64 mips64el mips64r6
    mips64r6el mipsel mipsisa32r6 mipsisa32r6el mipsisa64r6 mipsisa64r6el mipsr6 mipsr6el
    noarch pentium3 pentium4 ppc ppc32dy4 ppc64 ppc64iseries ppc64le ppc64p7 ppc64pseries
    ppc8260 ppc8560 ppciseries ppcpseries riscv64 s390 s390x sh3 sh4 sh4a sparc sparc64
    sparc64v sparcv8 sparcv9 sparcv9v x86_64 x86_64_v2 x86_64_v3 x86_64_v4
"""

RPM_ARCHES: Final = frozenset(_ARCHES.split())
"""The arches of installable packages. Source: rpm, rpmrc, of rpm 4.14 to 4.20."""

# What rpmbuild allows, and globs. Source: rpm, build/parsePreamble.c, ALLOWED_CHARS_EVR.
_EVR: Final = re.compile(r"(?:[0-9]{1,10}:)?[A-Za-z0-9._+~^*?]+(?:-[A-Za-z0-9._+~^*?]+)?")
_GLOB_BEFORE_THE_END: Final = re.compile(r"[*?].")

_UNNAMED: Final = frozenset({"", "_"})
_ANY_EVR: Final = frozenset({None, "*"})
_IGNORE_EMPTY_DICTS: Final = frozenset({"yumng", "dnf"})

_EMPTY_DICT: Final = "any version is wanted; ncm-spma's {} backend ignores this form"
_NO_ARCH: Final = "the version is wanted for the host's best arch; ncm-spma drops a version without arch"
_NAME_ARCH: Final = "ncm-spma removes and installs a name.arch in one transaction: give the arch as such"
_EARLY_GLOB: Final = "ncm-spma reads a name with a wildcard before its end only up to there"


@dataclass(frozen=True, slots=True)
class _Profile:
    """What the rest of the profile says: the names of its repositories, and which backend it was written for."""

    repo_ids: Collection[str]
    packager: str


@dataclass(frozen=True, slots=True)
class _Version:
    """One version of a package in the list: `evr` is None for any."""

    name: str
    evr: str | None
    path: str


def read_packages(
    packages: Tree, repo_ids: Collection[str], packager: str
) -> tuple[tuple[Spec, ...], tuple[Finding, ...]]:
    """Return the specs that the tree of /software/packages asks for, sorted by origin, and what is wrong with it.

    `repo_ids` are the profile's repositories: only those can pin a spec. `packager` is the backend of ncm-spma that
    the profile was written for. With a problem among the findings, the specs are of no use.
    Source: ncm-spma, yum.pm wanted_pkgs() and prepare_lock_lists(), yumng.pm Configure().
    """
    if not isinstance(packages, dict):
        return (), (problem(PACKAGES, f"want a dict, got {described(packages)}"),)
    profile = _Profile(repo_ids, packager)
    found = [each for key in packages for each in _package(key, packages[key], profile)]
    specs, conflicts = _settled([each for each in found if isinstance(each, Spec)])
    return specs, (*(each for each in found if isinstance(each, Finding)), *conflicts)


def _package(key: str, versions: Tree, profile: _Profile) -> Iterator[Spec | Finding]:
    path = below(PACKAGES, key)
    name = _unescaped(key)
    if isinstance(name, ProfileError):
        yield problem(path, name.message)
        return
    yield from _name_findings(name, path)
    if not isinstance(versions, dict):
        yield problem(path, f"want a dict of versions, got {described(versions)}")
    elif versions:
        yield from _versions(name, path, versions, profile)
    else:
        yield Spec(name=name, origin=path)
        if profile.packager in _IGNORE_EMPTY_DICTS:
            yield warning(path, _EMPTY_DICT.format(profile.packager))


def _unescaped(key: str) -> str | ProfileError:
    try:
        return unescape(key)
    except ProfileError as error:
        return error


def _name_findings(name: str, path: str) -> Iterator[Finding]:
    if name.startswith("@"):
        if not REFERENCE.fullmatch(name):
            yield problem(path, f"{described(name)} is no name of an alias or group")
    elif not PACKAGE_NAME.fullmatch(name):
        yield problem(path, f"{described(name)} is no package name")
    elif _GLOB_BEFORE_THE_END.search(name):
        yield warning(path, _EARLY_GLOB)
    elif "." in name and name.rpartition(".")[2] in RPM_ARCHES:
        yield warning(path, _NAME_ARCH)


def _versions(name: str, path: str, versions: dict[str, Tree], profile: _Profile) -> Iterator[Spec | Finding]:
    for key, fields in versions.items():
        version = _version_of(name, key, below(path, key))
        if isinstance(version, Finding):
            yield version
        elif not isinstance(fields, dict):
            yield problem(version.path, f"want a dict with arch, got {described(fields)}")
        else:
            yield from _arches(version, fields.get("arch", {}), profile)
            for unknown in fields.keys() - {"arch"}:
                yield warning(below(version.path, unknown), "unknown field, ignored")


def _version_of(name: str, key: str, path: str) -> _Version | Finding:
    evr = _unescaped(key)
    if isinstance(evr, ProfileError):
        return problem(path, evr.message)
    if not evr:
        return _Version(name, None, path)
    if not _EVR.fullmatch(evr):
        return problem(path, f"{described(evr)} is no version: want [epoch:]version[-release]")
    if name.startswith("@"):
        if evr != "*":
            return problem(path, "an alias or group has no version")
        return _Version(name, None, path)
    return _Version(name, evr, path)


def _arches(version: _Version, arches: Tree, profile: _Profile) -> Iterator[Spec | Finding]:
    path = below(version.path, "arch")
    if not isinstance(arches, dict):
        yield problem(path, f"want a dict of arches, got {described(arches)}")
        return
    if not arches:
        yield Spec(name=version.name, evr=version.evr, origin=version.path)
        if version.evr is not None:
            yield warning(version.path, _NO_ARCH)
    for arch, repository in arches.items():
        yield from _arch(version, arch, repository, profile)


def _arch(version: _Version, arch: str, repository: Tree, profile: _Profile) -> Iterator[Spec | Finding]:
    path = below(below(version.path, "arch"), arch)
    is_pinned = arch not in _UNNAMED
    if is_pinned and arch not in RPM_ARCHES:
        yield problem(path, f"{described(arch)} is no rpm arch")
        return
    if not isinstance(repository, str):
        yield problem(path, f"want a repository name or an empty string, got {described(repository)}")
        return
    is_known = repository in profile.repo_ids
    if version.name.startswith("@") and (is_pinned or is_known):
        yield problem(path, "an alias or group has neither arch nor repository")
        return
    if repository and not is_known:
        yield warning(path, f"no repository {described(repository)}: any may serve the package")
    yield Spec(
        name=version.name,
        evr=version.evr,
        arch=arch if is_pinned else None,
        repo_id=repository if is_known else None,
        origin=path if is_pinned else version.path,
    )


def _settled(specs: list[Spec]) -> tuple[tuple[Spec, ...], list[Finding]]:
    """Return `specs` without those that another of the same name replaces, sorted by origin, and why."""
    kept: list[Spec] = []
    findings: list[Finding] = []
    for _, group in groupby(sorted(specs, key=attrgetter("name", "origin")), key=attrgetter("name")):
        rivals = list(group)
        for position, spec in enumerate(rivals):
            verdict = _beaten(spec, rivals) or _repeated(spec, rivals[:position])
            if verdict is None:
                kept.append(spec)
            else:
                findings.append(verdict)
    return tuple(sorted(kept, key=attrgetter("origin"))), findings


def _beaten(spec: Spec, rivals: list[Spec]) -> Finding | None:
    """Return which of `rivals` gives the version that `spec` leaves open. Two different arches are both wanted."""
    if spec.evr not in _ANY_EVR:
        return None
    for rival in rivals:
        is_other_arch = None not in {spec.arch, rival.arch} and spec.arch != rival.arch
        if rival.evr not in _ANY_EVR and not is_other_arch:
            return warning(spec.origin, f"ignored: {rival.origin} gives a version")
    return None


def _repeated(spec: Spec, earlier: list[Spec]) -> Finding | None:
    """Return which of the `earlier` specs says the same, or contradicts it in the repository alone."""
    for other in earlier:
        if (other.evr, other.arch) != (spec.evr, spec.arch):
            continue
        if other.repo_id != spec.repo_id:
            return problem(spec.origin, f"names another repository than {other.origin}")
        return warning(spec.origin, f"says the same as {other.origin}")
    return None
