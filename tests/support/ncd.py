"""ncm-ncd, played by a small Perl program that loads our module in process and runs the command, or another one."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.command import environment
from tests.support.project import ROOT
from tests.support.world import World

MODULE: Final = ROOT / "spma/quattor/NCM/Component/yumbridge.pm"
_STAND_INS: Final = ROOT / "tests/support/perl"
_MODULES: Final = ROOT / "spma/quattor"
_LONG_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class Reported:
    """What a component reported: pairs of level and text, and how many errors and warnings ncm-ncd counted."""

    lines: tuple[tuple[str, str], ...]
    errors: int
    warnings: int

    def at(self, level: str) -> list[str]:
        """Return the texts of one level."""
        return [text for each, text in self.lines if each == level]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ncd:
    """How ncm-ncd runs the component: under which name, with which patience, and by which command.

    `says` is the package of Perl whose variable says that there is to be no action.
    """

    command: Sequence[str | Path] = ()
    name: str = "spma"
    noaction: bool = False
    says: str = "CAF::Object"
    limit_s: float = _LONG_S
    grace_s: float = _LONG_S

    def configure(self, profile: Path, *, timeout_s: float = 120) -> Reported:
        """Run the component on a profile and return what it reported."""
        with self.configuring(profile) as process:
            try:
                stdout, stderr = process.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        assert process.returncode == 0, stderr
        assert stderr == "", stderr
        return reported(stdout)

    @contextmanager
    def configuring(self, profile: Path) -> Iterator[subprocess.Popen[str]]:
        """Start it; what still runs in the end is killed."""
        # As ncm-ncd is: with warnings, and with taint checks that end it where those of ncm-ncd only warn.
        perl = ("perl", "-wT", f"-I{_STAND_INS}", f"-I{_MODULES}", str(_STAND_INS / "ncd.pl"))
        words = (self.name, profile, self.says if self.noaction else "", self.limit_s, self.grace_s, *self.command)
        with subprocess.Popen(
            [*perl, *map(str, words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment(),
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)


def reported(stdout: str) -> Reported:
    """Return what the program printed."""
    *lines, counts = map(json.loads, stdout.splitlines())
    return Reported(tuple((level, text) for level, text in lines), **counts)


def script(path: Path, text: str) -> Path:
    """Write a program of a shell and return its path."""
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def command_on(world: World, root: Path, *options: str | Path) -> Path:
    """Return a program that is the real command on a root, as the installed one is on a host."""
    variables = {**environment(), "XDG_CACHE_HOME": str(world.path / "cache-of-ncd")}
    exports = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())
    words = shlex.join([sys.executable, "-m", "spma", "component", "run"])
    more = shlex.join(["--root", str(root), *map(str, options)])
    return script(world.path / "yumbridge", f"{exports}\ncd /\nexec {words} {more}")


def messages(stdout: str) -> list[dict[str, Any]]:
    """Return the messages that the command wrote, each checked to be one."""
    found = [json.loads(line) for line in stdout.splitlines()]
    assert all({"level", "kind", "msg"} <= message.keys() for message in found)
    return found
