"""Text for people, on 80 columns and more: sizes, lists, lines of the width of a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from spma.cli.console import Console, printable

_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_BREAK: Final = re.compile(rf" (?!(?:{'|'.join(_UNITS)})\b)")
_STEP: Final = 1000
_ID_DIGITS: Final = 12
LISTED: Final = 8
"""How much of a list is shown without -v."""
_NAMES: Final = 4
# A document may say any number; nothing is so large.
_MOST_BYTES: Final = 10**24

Member = TypeVar("Member")


def sized(size_bytes: int) -> str:
    """Return a size in three digits and a unit.

    >>> sized(1_440_000)
    '1.4 MB'
    """
    size, unit = float(max(-_MOST_BYTES, min(size_bytes, _MOST_BYTES))), 0
    while abs(size) >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 or abs(size) >= 10 else f"{size:.1f} {_UNITS[unit]}"  # noqa: PLR2004


def short_id(snapshot_id: str) -> str:
    """Return as much of an id as tells snapshots of one store apart.

    >>> short_id("sha256:0123456789abcdef")
    '0123456789ab'
    """
    return snapshot_id.removeprefix("sha256:")[:_ID_DIGITS]


def shortened(members: Sequence[Member], limit: int, *, whole: bool = False) -> tuple[Sequence[Member], int]:
    """Return the first of a list, or the `whole` list, and how many are left out: never a single one."""
    if whole or len(members) <= limit + 1:
        return members, 0
    return members[:limit], len(members) - limit


def more(count: int, indent: str, console: Console) -> Iterator[str]:
    """Yield a line that says how many are left out."""
    if count:
        yield console.dim(f"{indent}and {count} more: -v lists them")


def named(names: Sequence[str], *, whole: bool = False) -> str:
    """Return the first few names, and how many more there are; or the `whole` list."""
    shown, left = shortened(names, _NAMES, whole=whole)
    return f"{', '.join(shown)}{f' and {left} more' if left else ''}"


def entitled(title: str, texts: Sequence[str], console: Console) -> Iterator[str]:
    """Yield a heading with texts below it, and an empty line; nothing when there are none."""
    if texts:
        yield console.bold(title)
        shown, left = shortened(texts, LISTED, whole=console.verbose)
        for text in shown:
            yield from wrapped(text, "  ", console)
        yield from more(left, "  ", console)
        yield ""


def wrapped(text: str, indent: str, console: Console) -> Iterator[str]:
    """Yield `text` on lines of the console's width, words whole, the second and later ones further in."""
    line = indent
    for word in _words(printable(text)):
        if len(line) + 1 + len(word) > console.width and line.strip():
            yield line
            line = f"{indent}    {word}"
        else:
            line = f"{line} {word}" if line.strip() else f"{line}{word}"
    yield line


def _words(text: str) -> list[str]:
    """Return what `text` may be broken into; a size stays with its unit.

    >>> _words("disk -12 B")
    ['disk', '-12 B']
    """
    return _BREAK.split(text)
