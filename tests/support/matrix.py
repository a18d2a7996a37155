"""The support matrix: what is tested on which distribution, and with which versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.booted import BOOTED_DISTRIBUTION
from tests.support.clients import DISTRIBUTIONS
from tests.support.containers import Container, Containers, Place
from tests.support.engines import EVERY_ENGINE, Bindings
from tests.support.project import ROOT
from tests.support.readers import EVERY_DNF, Dnf

PAGE: Final = ROOT / "docs/reference/support.md"

_MACHINE: Final = "the machine that tests, in CI Debian 12"
_HEAD: Final = """\
# Support matrix

Written by the tests in containers: a test fails while it is out of date, and
`./dev test tests/container/test_support_matrix.py --update-golden` writes it again. A *yes* stands for tests that pass.

| where | dnf | rpm | Python | [engine](configuration.md#engine) | command from the rpm | boot run | reads snapshots |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""
_TAIL: Final = """
- **engine**: every test of `tests/conformance`, with the engine driven from outside: closures, exact transactions,
  modules, groups, signatures, scriptlets that fail, staging, damaged repositories.
- **command from the rpm**: installed by dnf, plans, applies on the host's own root, finds nothing to do the second
  time, is erased without leaving anything. It needs a Python from 3.11 on: that of Debian 11 is older.
- **boot run**: under systemd, with the power cut at times.
- **reads snapshots**: clients of a store that is served over HTTP, and on the disk.

Versions are those of the images at hand; those of Debian unstable move. AlmaLinux 8, 9 and 10, CentOS Stream 10 and
Fedora have Containerfiles, and have not been tested: see [hacking](../HACKING.md#test-in-a-container).
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One dnf of one distribution."""

    dnf: Dnf
    versions: tuple[str, str, str]

    @property
    def text(self) -> str:
        """The line of the table."""
        name, engine = self.dnf.distribution, "dnf5" if self.dnf.is_5 else "dnf4"
        booted = BOOTED_DISTRIBUTION.removesuffix("-systemd")
        cells = (
            Bindings(engine, name) in EVERY_ENGINE,
            # Where there are two engines, the platform's is chosen: what `dnf` leads to.
            name in DISTRIBUTIONS and not self.dnf.is_5,
            name == booted and not self.dnf.is_5,
            self.dnf in EVERY_DNF,
        )
        title = name.replace("-", " ").capitalize()
        return f"| {' | '.join((title, *self.versions, *('yes' if each else '-' for each in cells)))} |"


def page(containers: Containers) -> str:
    """Return the page, with the versions that the images have."""
    machine = next(engine for engine in EVERY_ENGINE if engine.distribution is None)
    first = f"| {_MACHINE} | its own | its own | its own | yes, {machine} | - | - | - |"
    return f"{_HEAD}{first}\n{''.join(f'{row.text}{chr(10)}' for row in _rows(containers))}{_TAIL}"


def _rows(containers: Containers) -> Iterator[Row]:
    for dnf in EVERY_DNF:
        with containers.started(dnf.distribution, Place()) as container:
            yield Row(dnf, _versions(container, dnf))


def _versions(container: Container, dnf: Dnf) -> tuple[str, str, str]:
    """Return the minor versions of dnf, rpm and Python."""
    script = {
        True: "dnf5 --version | sed -n 's/^dnf5 version //p'",
        False: "python3 -c 'import dnf; print(dnf.VERSION)'",
    }
    found = (
        container.run("sh", "-c", script[dnf.is_5]),
        container.run("python3", "-c", "import rpm; print(rpm.__version__)"),
        container.run("python3", "-c", "import platform; print(platform.python_version())"),
    )
    return tuple(".".join(each.strip().split(".")[:2]) for each in found)  # type: ignore[return-value]


def comparable(text: str) -> list[str]:
    """Return the lines of the page without the versions of the suite that moves."""
    return [
        "|".join(part for n, part in enumerate(line.split("|")) if n not in {2, 3, 4}) if "unstable |" in line else line
        for line in text.splitlines()
    ]


def stored(path: Path = PAGE) -> str:
    """Return the page as it is, nothing where there is none."""
    return path.read_text(encoding="utf-8") if path.exists() else ""
