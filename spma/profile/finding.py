"""What is found wrong with a profile, and where."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Severity(StrEnum):
    """Whether the profile can still be used."""

    PROBLEM = "problem"
    WARNING = "warning"


class Finding(msgspec.Struct, frozen=True, order=True):
    """One thing wrong with a profile: its path as the profile writes it, and one line of text."""

    path: str
    text: str
    severity: Severity

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


def problem(path: str, text: str) -> Finding:
    """Return a finding that makes the profile invalid."""
    return Finding(path, text, Severity.PROBLEM)


def warning(path: str, text: str) -> Finding:
    """Return a finding that a person should look at."""
    return Finding(path, text, Severity.WARNING)
