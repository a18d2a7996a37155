"""Install roots: directories that hold a system, or nothing yet."""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support import tool
from tests.support.dnf import dnf

_NEVRA = "%{NAME}-%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}%|ARCH?{.%{ARCH}}:{}|\\n"


@dataclass(frozen=True, slots=True)
class InstallRoot:
    """A directory in the place of `/`; making one does not make an rpmdb."""

    path: Path

    @property
    def rpmdb(self) -> Path:
        """Where rpm and dnf keep the database of this root on this platform."""
        return self.path / _dbpath().lstrip("/")

    def installed(self) -> frozenset[str]:
        """Return the NEVRAs in the rpmdb, the epoch only when it is not 0.

        Without a database there are none, and none is created by asking.
        """
        return frozenset(self._query(_NEVRA).replace("-0:", "-").splitlines())

    def tags(self, name: str, queryformat: str) -> tuple[str, ...]:
        """Return a query format (rpm's, such as "%{VENDOR}") of every installed build of a name."""
        return tuple(sorted(self._query(f"{queryformat}\\n", name).splitlines()))

    def install(self, rpms: Iterable[Path]) -> None:
        """Install rpm files, needs and scriptlets ignored, beside what is there."""
        self.path.mkdir(parents=True, exist_ok=True)
        heedless = ("--nodeps", "--noscripts", "--nosignature", "--ignorearch", "--oldpackage")
        self._rpm("--install", *heedless, *rpms)

    def erase(self, *names: str) -> None:
        """Remove packages by name or NEVRA, needs and scriptlets ignored."""
        self._rpm("--erase", "--nodeps", "--noscripts", *names)

    def mark(self, reason: str, *names: str) -> None:
        """Set the install reason in dnf's history: "install" for user, "remove" for dependency."""
        outcome = dnf(self.path, "mark", reason, *names)
        if outcome.code != 0:
            raise tool.ToolError(("dnf", "mark", reason, *names), outcome)

    def reasons(self) -> dict[str, str]:
        """Return the install reason of each package as dnf tells it, by NEVRA."""
        queryformat = "%{name}-%{evr}.%{arch} %{reason}"
        outcome = dnf(self.path, "repoquery", "--quiet", "--installed", "--qf", queryformat)
        words = (line.split() for line in outcome.stdout.splitlines())
        return {nevra.replace("-0:", "-"): reason for nevra, reason in words}

    def write(self, name: str, text: str) -> Path:
        """Write a file of the root, such as `etc/os-release`, and return its path."""
        file = self.path / name.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold rpm's own lock, as another transaction does."""
        self.rpmdb.mkdir(parents=True, exist_ok=True)
        with (self.rpmdb / ".rpm.lock").open("w", encoding="ascii") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            yield

    def _query(self, queryformat: str, *names: str) -> str:
        # rpm would create an empty database to look into.
        if not self.rpmdb.is_dir():
            return ""
        which = ("--query", *names) if names else ("--query", "--all")
        outcome = tool.attempt("rpm", "--root", self.path, *which, "--queryformat", queryformat)
        if outcome.code != 0 and not names:
            raise tool.ToolError(("rpm", *which), outcome)
        return outcome.stdout if outcome.code == 0 else ""

    def _rpm(self, *args: str | Path) -> None:
        tool.run("rpm", "--root", self.path, *args)


@cache
def _dbpath() -> str:
    """Return rpm's `_dbpath`; Debian's depends on HOME."""
    return tool.run("rpm", "--eval", "%{_dbpath}").strip()
