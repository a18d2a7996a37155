"""When a condition is true, as sets of moments: those at which it surely is, and those at which it may be.

All but the time is taken to stay as it is. What is not known makes a condition neither true nor false, unless the rest
decides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import reduce
from typing import Final

from yumbridge.condition.condition import Condition
from yumbridge.condition.interval import Interval, Moments, begun, common, lasting, united, without
from yumbridge.condition.window import DAY_S, dated_times, open_times, zone_of

MINUTE_S: Final = 60
TIMELESS: Final = ("boot", "max_load", "logged_in", "file_exists", "command")
"""The keys whose truth is no matter of the clock."""
_YEAR_S: Final = 366 * DAY_S
# Weekdays and dates of the calendar meet at least this often.
_CALENDAR_YEARS: Final = 12
_SOME_DAY: Final = "2026-01-01"


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a condition is surely true, and when it may be."""

    surely: Moments
    perhaps: Moments

    def __and__(self, other: Bounds) -> Bounds:
        return Bounds(common(self.surely, other.surely), common(self.perhaps, other.perhaps))

    def __or__(self, other: Bounds) -> Bounds:
        return Bounds(united(self.surely + other.surely), united(self.perhaps + other.perhaps))

    def each(self, change: Callable[[Moments], Moments]) -> Bounds:
        """Return the bounds with both sets changed alike."""
        return Bounds(change(self.surely), change(self.perhaps))


@dataclass(frozen=True, slots=True)
class Sight:
    """What conditions see over a span: the truth of what is no time, the host's zone, and how far a splay delays."""

    truth: Callable[[Condition, str], bool | None]
    zone: tzinfo | None
    delay_s: Callable[[int], int]

    def over(self, condition: Condition, span: Interval) -> Bounds:
        """Return the bounds of a condition over a span."""
        return self._adjusted(_together(self._conjuncts(condition, span), span), condition)

    def _conjuncts(self, condition: Condition, span: Interval) -> Iterator[Bounds]:
        for key in TIMELESS:
            if getattr(condition, key) is not None:
                yield _constant(self.truth(condition, key), span)
        if condition.has_time:
            yield self._times(condition, span)
        if condition.all_of is not None:
            group = _together((self.over(part, span) for part in condition.all_of if not part.only_adjusts), span)
            for part in condition.all_of:
                if part.only_adjusts:
                    group = self._adjusted(group, part)
            yield group
        if condition.any_of is not None:
            yield reduce(Bounds.__or__, (self.over(part, span) for part in condition.any_of))
        if condition.none_of is not None:
            some = reduce(Bounds.__or__, (self.over(part, span) for part in condition.none_of))
            yield Bounds(without(some.perhaps, span), without(some.surely, span))

    def _times(self, condition: Condition, span: Interval) -> Bounds:
        zone = self.zone if condition.timezone is None else known_zone(condition.timezone)
        if zone is None:
            return _constant(None, span)
        times = (span,) if condition.dates is None else dated_times(condition.dates, zone, span)
        if condition.has_window and times:
            times = common(times, open_times(condition.between, condition.days, zone, span))
        return Bounds(times, times)

    def _adjusted(self, bounds: Bounds, condition: Condition) -> Bounds:
        if condition.splay is not None:
            delay = self.delay_s(condition.splay)
            bounds = bounds.each(lambda moments: begun(moments, delay))
        if condition.minimum_remaining is not None:
            least = condition.minimum_remaining * MINUTE_S
            bounds = bounds.each(lambda moments: lasting(moments, least))
        return bounds


def can_be_true(condition: Condition) -> bool:
    """Tell whether a condition is ever true, as far as time decides, on the host that a splay delays most.

    Windows in the host's own zone, which is not known here, are taken for those of UTC; beside windows of a named zone
    nothing can be said of them, and they may always be open.
    """
    parts = [part for part in condition.all_parts() if part.has_time]
    zones = {part.timezone is None for part in parts}
    if not parts or len(zones) > 1:
        return True
    sight = Sight(lambda _part, _key: None, UTC, lambda splay: splay * MINUTE_S - 1)
    start = min((_timestamp(day) for day in _absolute_days(condition)), default=_timestamp(_SOME_DAY))
    return first_moment(sight, condition, start - DAY_S, surely=False) is not None


def delay_s(splay: int, host: str) -> int:
    """Return by how many seconds a splay, in minutes, delays a host: less than that, and always the same."""
    return int.from_bytes(hashlib.sha256(host.encode()).digest()) % (splay * MINUTE_S)


def first_moment(sight: Sight, condition: Condition, after: int, *, surely: bool) -> int | None:
    """Return the first moment, from `after` on, at which a condition is true, None when the calendar has none."""
    last_day = max((_timestamp(day) for day in _absolute_days(condition)), default=after)
    years = _CALENDAR_YEARS if any(part.dates for part in condition.all_parts()) else 1
    end = max(after, last_day) + years * _YEAR_S
    start, length = after, DAY_S
    while start < end:
        bounds = sight.over(condition, padded(condition, start, start + length))
        moments = common(bounds.surely if surely else bounds.perhaps, ((start, start + length),))
        if moments:
            return moments[0][0]
        # Most windows open soon: a long look ahead is for those that do not.
        start, length = start + length, min(length * 4, _YEAR_S)
    return None


def padded(condition: Condition, start: int, end: int) -> Interval:
    """Return a span with so much around it that nothing within depends on where it is cut off."""
    parts = list(condition.all_parts())
    minutes = sum((part.splay or 0) + (part.minimum_remaining or 0) for part in parts)
    return start - minutes * MINUTE_S - 1, end + minutes * MINUTE_S + 1


def _absolute_days(condition: Condition) -> Iterator[str]:
    for part in condition.all_parts():
        for text in part.dates or ():
            yield from (day for day in text.split("/") if len(day) == len(_SOME_DAY))


def _timestamp(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def known_zone(name: str) -> tzinfo | None:
    """Return a zone, None for one that the host has no more: nothing is known of its windows."""
    try:
        return zone_of(name)
    except ValueError:
        return None


def _together(conjuncts: Iterable[Bounds], span: Interval) -> Bounds:
    """Return what is common to all; once nothing is left of it, the rest need not be looked at."""
    found = Bounds((span,), (span,))
    for each in conjuncts:
        found &= each
        if not found.perhaps:
            break
    return found


def _constant(truth: bool | None, span: Interval) -> Bounds:  # noqa: FBT001 - the value itself
    return Bounds((span,) if truth else (), () if truth is False else (span,))
