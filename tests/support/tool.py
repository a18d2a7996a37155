"""Programs that the tests run: rpm, dnf, createrepo_c, gpg and the command itself."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a program that has ended left behind."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> Any:  # noqa: ANN401 - a foreign document, judged by the assertions of a test
        """Return standard output as one JSON document."""
        return json.loads(self.stdout)


class ToolError(Exception):
    """A program that had to succeed did not."""

    def __init__(self, argv: tuple[str, ...], outcome: Outcome) -> None:
        self.argv = argv
        self.outcome = outcome
        text = f"{outcome.stdout}{outcome.stderr}"[-4000:]
        super().__init__(f"{' '.join(argv)} exited {outcome.code}:\n{text}")


def attempt(*argv: str | Path, env: Mapping[str, str] | None = None) -> Outcome:
    """Run a program and return how it ended, whatever that is."""
    done = subprocess.run(
        [str(word) for word in argv],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=env,
        stdin=subprocess.DEVNULL,
        timeout=300,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def run(*argv: str | Path, env: Mapping[str, str] | None = None) -> str:
    """Return the standard output of a program that must succeed.

    Raises:
        ToolError: it exited with another code than 0.
    """
    outcome = attempt(*argv, env=env)
    if outcome.code != 0:
        raise ToolError(tuple(str(word) for word in argv), outcome)
    return outcome.stdout


def mark(program: str) -> str:
    """Return what tells one build of an installed program from another, without running it."""
    path = shutil.which(program)
    if path is None:
        raise FileNotFoundError(f"{program} is not installed")
    found = Path(path).stat()
    return f"{path} {found.st_size} {found.st_mtime_ns}"
