"""The spec file that makes some packages of one source rpm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.support.rpms import Rpm


def specfile(rpms: Sequence[Rpm]) -> str:
    """Return a spec whose sub-packages are `rpms`.

    They must have one source rpm, epoch and vendor. A package of the source's own name becomes the
    main package; without one the main package has no %files and is not built.
    """
    first = rpms[0]
    name, version, release = first.source_nvr.rsplit("-", 2)
    preamble = [f"Name: {name}", f"Version: {version}", f"Release: {release}"]
    if first.epoch is not None:
        preamble.append(f"Epoch: {first.epoch}")
    preamble += [f"Vendor: {_escaped(first.vendor)}", "License: MIT", "URL: https://example.org/"]
    main = next((rpm for rpm in rpms if rpm.name == name), None)
    if main is None:
        preamble += [f"Summary: Source of {name}", "%description", "Nothing of its own."]
    elif (main.version, main.release) != (version, release):
        raise ValueError(f"{main.nevra} bears its source's name, but not its version")
    ordered = [main] if main else []
    ordered += [rpm for rpm in rpms if rpm is not main]
    packages = [line for rpm in ordered for line in _package(rpm, main=rpm is main)]
    return "\n".join([*preamble, *packages]) + "\n"


def _package(rpm: Rpm, *, main: bool) -> Iterator[str]:
    """Yield the lines of one sub-package."""
    this = "" if main else f" -n {rpm.name}"
    if not main:
        yield f"%package{this}"
        yield f"Version: {rpm.version}"
        yield f"Release: {rpm.release}"
    yield f"Summary: The package {rpm.name}"
    # Or rpm would look for what the files need, and start a program for each kind.
    yield "AutoReqProv: no"
    yield from _relations(rpm)
    yield f"%description{this}"
    yield f"The package {rpm.name}."
    for phase, lua in rpm.scriptlets.items():
        yield f"%{phase}{this} -p <lua>"
        yield _escaped(lua)
    yield f"%files{this}"
    yield "%defattr(0644, root, root, 0755)"
    for path in rpm.contents:
        kind = "%dir " if path.endswith("/") else ""
        yield f'{kind}"{_escaped(path)}"'


def _relations(rpm: Rpm) -> Iterator[str]:
    """Yield one tag per relation; rich dependencies may stand in any of them but Provides."""
    for tag, reldeps in (
        ("Requires", rpm.requires),
        ("Provides", rpm.provides),
        ("Conflicts", rpm.conflicts),
        ("Obsoletes", rpm.obsoletes),
        ("Recommends", rpm.recommends),
        ("Supplements", rpm.supplements),
        ("Suggests", rpm.suggests),
        ("Enhances", rpm.enhances),
    ):
        for reldep in reldeps:
            yield f"{tag}: {_escaped(reldep)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%%")
