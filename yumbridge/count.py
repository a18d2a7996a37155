"""Counts in sentences."""

from __future__ import annotations


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun.

    >>> counted(2, "package"), counted(1, "rpm goes", "rpms go")
    ('2 packages', '1 rpm goes')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {plural or noun + 's'}"
