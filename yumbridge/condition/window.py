"""Windows: the moments at which the wall clock of a zone shows a time, a day or a date.

A window is open exactly while the clock shows a time in it. So an hour that is shown twice, when summer time ends, is
open twice, and a window within the hour that is left out, when it begins, does not open on that day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from yumbridge.condition.condition import DAYS, WHOLE_DAY
from yumbridge.condition.interval import Interval, Moments, united

DAY_S: Final = 86_400
_MINUTE_S: Final = 60
# Two changes of one zone are a week apart at least. Source: tzdata since 1970, Asia/Gaza around Ramadan.
_PROBE_S: Final = 3 * DAY_S
# A stretch of time over which the changes of a zone are looked for at once.
_BLOCK_S: Final = 32 * DAY_S
_BETWEEN: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_EPOCH_WEEKDAY: Final = date(1970, 1, 1).weekday()
_LEAP_YEAR: Final = 2000
_DAY: Final = re.compile(r"(\d{4}-)?\d\d-\d\d", re.ASCII)
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199
"""Far enough for everybody, and near enough to look through every year between."""
_WANTED: Final = "want YYYY-MM-DD or MM-DD, or two of these with a slash between"


def zone_of(name: str) -> ZoneInfo:
    """Return the zone of a name. Raises ValueError: there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(name) from error


@lru_cache(maxsize=1024)
def times_of(between: str) -> Interval:
    """Return the first minute of "HH:MM-HH:MM" and the one after its last, counted from the midnight before it.

    Raises ValueError, with what is wanted.

    >>> times_of("22:00-02:30")
    (1320, 1590)
    """
    match = _BETWEEN.fullmatch(between)
    if match is None:
        raise ValueError("want HH:MM-HH:MM")
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if end > DAY_S // _MINUTE_S:
        raise ValueError("want HH:MM-HH:MM, 24:00 being the end of the day")
    if start == end:
        raise ValueError(f"begins when it ends: want {WHOLE_DAY} for the whole day")
    return start, end if start < end else end + DAY_S // _MINUTE_S


@lru_cache(maxsize=1024)
def dates_of(text: str) -> tuple[str, str]:
    """Return the first and the last day of a range, or a day twice: "YYYY-MM-DD", or "MM-DD" for every year.

    Raises ValueError, with what is wanted.

    >>> dates_of("12-20/01-05")
    ('12-20', '01-05')
    """
    first, slash, last = text.partition("/")
    last = last if slash else first
    for day in (first, last):
        _expect_date(day)
    if len(first) != len(last):
        raise ValueError("want a year on both sides, or on none")
    if len(first) == len("YYYY-MM-DD") and last < first:
        raise ValueError("ends before it begins")
    return first, last


def _expect_date(text: str) -> None:
    if not _DAY.fullmatch(text):
        raise ValueError(_WANTED)
    yearly = len(text) == len("MM-DD")
    try:
        found = date.fromisoformat(f"{_LEAP_YEAR}-{text}" if yearly else text)
    except ValueError:
        raise ValueError(_WANTED) from None
    if yearly and (found.month, found.day) == (2, 29):
        raise ValueError("most years have no 02-29: want 02-28 or 03-01")
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(f"want a year from {FIRST_YEAR} to {LAST_YEAR}")


def open_times(between: str | None, days: Sequence[str] | None, zone: tzinfo, span: Interval) -> Moments:
    """Return the moments of a span at which a window is open. `days` are those on which it begins, None for all."""
    start_min, end_min = times_of(between or WHOLE_DAY)
    weekdays = frozenset(map(DAYS.index, days)) if days is not None else frozenset(range(7))
    found: list[Interval] = []
    for start, end, offset in _segments(zone, span):
        for day in range((start + offset) // DAY_S - 1, (end + offset) // DAY_S + 1):
            if (day + _EPOCH_WEEKDAY) % 7 in weekdays:
                midnight = day * DAY_S - offset
                found.append((max(start, midnight + start_min * _MINUTE_S), min(end, midnight + end_min * _MINUTE_S)))
    return united(found)


def dated_times(dates: Sequence[str], zone: tzinfo, span: Interval) -> Moments:
    """Return the moments of a span whose date is one of `dates`."""
    found: list[Interval] = []
    for start, end, offset in _segments(zone, span):
        years = range(_day_of(start + offset).year - 1, _day_of(end + offset).year + 1)
        for text in dates:
            for first, last in _days(text, years):
                found.append((max(start, first * DAY_S - offset), min(end, (last + 1) * DAY_S - offset)))
    return united(found)


def _days(text: str, years: Sequence[int]) -> Iterator[Interval]:
    """Yield the ranges of days, counted from 1970, that a text means: one, or one for each year."""
    first, last = dates_of(text)
    if len(first) == len("YYYY-MM-DD"):
        yield _number(first), _number(last)
        return
    for year in years:
        yield _number(f"{year:04}-{first}"), _number(f"{year + (last < first):04}-{last}")


@lru_cache(maxsize=1024)
def _number(day: str) -> int:
    return date.fromisoformat(day).toordinal() - _EPOCH_ORDINAL


def _day_of(wall: int) -> date:
    return date.fromordinal(wall // DAY_S + _EPOCH_ORDINAL)


def _segments(zone: tzinfo, span: Interval) -> Iterator[tuple[int, int, int]]:
    """Yield the stretches of a span over which the zone's offset from UTC, in seconds, does not change."""
    start, end = span
    offset = _offset(zone, start)
    for block in range(start // _BLOCK_S, (end - 1) // _BLOCK_S + 1):
        for change, after in _changes(zone, block):
            if start < change < end:
                yield start, change, offset
                start, offset = change, after
    if start < end:
        yield start, end, offset


@lru_cache(maxsize=4096)
def _changes(zone: tzinfo, block: int) -> tuple[tuple[int, int], ...]:
    """Return when the zone's offset changes after the first moment of a block, up to that of the next, and to what."""
    found: list[tuple[int, int]] = []
    at = block * _BLOCK_S
    end, offset = at + _BLOCK_S, _offset(zone, at)
    while at < end:
        probe = min(at + _PROBE_S, end)
        if _offset(zone, probe) != offset:
            probe = _change(zone, at, probe)
            offset = _offset(zone, probe)
            found.append((probe, offset))
        at = probe
    return tuple(found)


def _change(zone: tzinfo, before: int, after: int) -> int:
    """Return the first second at which the offset is no more what it was before."""
    offset = _offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(zone, middle) == offset else (before, middle)
    return after


def _offset(zone: tzinfo, moment: int) -> int:
    found = datetime.fromtimestamp(moment, UTC).astimezone(zone).utcoffset()
    return int(found.total_seconds()) if found is not None else 0
