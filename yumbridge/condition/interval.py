"""Sets of moments: sorted, disjoint half-open intervals in whole seconds since 1970, within some span."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Interval: TypeAlias = tuple[int, int]
Moments: TypeAlias = tuple[Interval, ...]


def united(intervals: Iterable[Interval]) -> Moments:
    """Return the set that intervals in any order come to; empty ones are nothing."""
    found: list[Interval] = []
    for start, end in sorted(each for each in intervals if each[0] < each[1]):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return tuple(found)


def common(one: Moments, other: Moments) -> Moments:
    """Return what is in both sets."""
    found: list[Interval] = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            found.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def without(moments: Moments, span: Interval) -> Moments:
    """Return what of a span is not in a set."""
    found: list[Interval] = []
    at = span[0]
    for start, end in moments:
        if at < start:
            found.append((at, min(start, span[1])))
        at = max(at, end)
    if at < span[1]:
        found.append((at, span[1]))
    return tuple(found)


def begun(moments: Moments, for_s: int) -> Moments:
    """Return the moments from which on backwards the set has lasted for some seconds already."""
    return tuple((start + for_s, end) for start, end in moments if start + for_s < end)


def lasting(moments: Moments, for_s: int) -> Moments:
    """Return the moments from which on the set lasts for some seconds more."""
    return tuple((start, end - for_s + 1) for start, end in moments if end - start >= for_s)


def contains(moments: Moments, moment: int) -> bool:
    """Tell whether a moment is in a set."""
    return any(start <= moment < end for start, end in moments)
