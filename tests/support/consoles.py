"""The console blocks of a page: what a reader types, what is printed, and a shell that tries it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_BLOCK: Final = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ABRIDGED: Final = "..."
# What differs from run to run, or from one rpm to another, says nothing about us.
_VARIABLE: Final = (
    (re.compile(r"sha256:[0-9a-f]{64}"), "DIGEST"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d\b"), "TIME"),
    (re.compile(r"\b(since|came after|there on) \d{4}-\d\d-\d\d\b"), r"\1 DATE"),
    (re.compile(r"\d+(\.\d)? [kM]?B\b"), "SIZE"),
    (re.compile(r"file://[^\s\"]*/"), "file://DIRECTORY/"),
    (re.compile(r"(?<!\S)/[\w./-]*/"), "DIRECTORY/"),
    (re.compile(r"(?<=\S)  +(?=\S)"), "  "),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One command as it was typed, and the lines that a page says it prints. "..." stands for any lines."""

    command: str
    printed: tuple[str, ...]


def steps(page: str) -> Iterator[Step]:
    """Yield the commands of all console blocks of a page, in order."""
    for block in _BLOCK.findall(page):
        command: list[str] = []
        printed: list[str] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                if command:
                    yield Step("\n".join(command), tuple(printed))
                command, printed = [line[2:]], []
            elif line.startswith("> ") or line == ">":
                command.append(line[2:])
            else:
                printed.append(line)
        if command:
            yield Step("\n".join(command), tuple(printed))


class Shell:
    """One bash that runs command after command, so that a reader's directory and variables last."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=dict(environment),
            encoding="utf-8",
        )

    def run(self, command: str) -> tuple[str, ...]:
        """Return the lines that a command prints, errors among them."""
        end = "--- end of the step ---"
        if self._process.stdin is None or self._process.stdout is None:
            return ()
        self._process.stdin.write(f"{command}\necho; echo '{end}'\n")
        self._process.stdin.flush()
        lines: list[str] = []
        for line in self._process.stdout:
            if line.rstrip("\n") == end:
                break
            lines.append(line.rstrip("\n"))
        return tuple(lines[:-1] if lines and not lines[-1] else lines)

    def close(self) -> None:
        """End the shell."""
        self._process.communicate("")


def agrees(said: tuple[str, ...], printed: tuple[str, ...]) -> bool:
    """Tell whether a command printed what a page says, without digests, times, sizes and directories.

    >>> agrees(("a", "...", "d"), ("a", "b", "c", "d")), agrees(("a",), ("a", "b"))
    (True, False)
    """
    wanted, got = _comparable(said), _comparable(printed)
    pattern = "".join(r"(?:.*\n)*?" if line == _ABRIDGED else re.escape(line) + r"\n" for line in wanted)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in got)) is not None


def _comparable(lines: tuple[str, ...]) -> list[str]:
    return [_without_variables(line.rstrip()) for line in lines]


def _without_variables(line: str) -> str:
    for pattern, word in _VARIABLE:
        line = pattern.sub(word, line)
    return line
