"""Few of many candidates that together still suffice for something: packages of a remedy, lines that clash."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Entry = TypeVar("Entry")


def fewest(candidates: Sequence[Entry], suffices: Callable[[Sequence[Entry]], bool], tries: int) -> tuple[Entry, ...]:
    """Return few of `candidates`, which suffice together, that still suffice; their order stays.

    With tries to spare none of the result can be left out alone. Each call of `suffices` is a try.

    >>> fewest("abcdef", lambda some: "b" in some and "e" in some, 99)
    ('b', 'e')
    """
    kept = tuple(candidates)
    size = len(kept) // 2
    while size and tries > 0:
        start, is_smaller = 0, False
        while start < len(kept) and len(kept) > 1 and tries > 0:
            rest = kept[:start] + kept[start + size :]
            tries -= 1
            if rest and suffices(rest):
                kept, is_smaller = rest, True
            else:
                start += size
        if not is_smaller or size > 1:
            size //= 2
    return kept
