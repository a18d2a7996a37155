"""Conditions as somebody wrote them, read strictly: every problem is told, with its place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Final

import msgspec

from yumbridge.complaint import NO_TEXT, is_text, plain, shown
from yumbridge.condition.bounds import can_be_true
from yumbridge.condition.condition import DAYS, WHOLE_DAY, Condition
from yumbridge.condition.window import dates_of, times_of, zone_of

MAX_MINUTES: Final = 7 * 24 * 60
"""A week: no splay is longer, and no more need remain of a window."""
MAX_TIMEOUT_S: Final = 600
_MAX_DEPTH: Final = 10
_MAX_MAPPINGS: Final = 200
_MAX_DATES: Final = 200
_COMBINATIONS: Final = ("all_of", "any_of", "none_of")
_LISTS: Final = ("days", "dates")
_A_ZONE: Final = "Europe/London"
# In the place of a wrong value, so that what belongs to it is not taken for misplaced.
_STAND_INS: Final[Mapping[str, object]] = {
    "between": WHOLE_DAY,
    "days": DAYS,
    "dates": ("01-01",),
    "command": ("/",),
}
_NOBODY_ELSE: Final = "only the host's own configuration may name a command"


class _Reader:
    """Reads one condition, and gathers what is wrong with it."""

    def __init__(self, *, commands: bool) -> None:
        self.problems: list[str] = []
        self._commands = commands
        self._mappings = 0

    def read(self, tree: object, place: str, depth: int = 1) -> Condition:
        """Return the condition of a mapping, less what is wrong with it."""
        self._mappings += 1
        if self._mappings > _MAX_MAPPINGS:
            # Told once: aliases of YAML make millions of them from a few lines.
            if self._mappings == _MAX_MAPPINGS + 1:
                self.problems.append(f"{place}: more than {_MAX_MAPPINGS} mappings")
            return Condition()
        if not isinstance(tree, dict):
            self.problems.append(f"{place}: want a mapping of keys")
            return Condition()
        if depth > _MAX_DEPTH:
            self.problems.append(f"{place}: more than {_MAX_DEPTH} levels")
            return Condition()
        if not tree:
            self.problems.append(f"{place}: says nothing")
        fields: dict[str, object] = {}
        for key, value in sorted(tree.items(), key=lambda entry: str(entry[0])):
            where = f"{place}.{shown(key)}"
            if key in _COMBINATIONS:
                fields[key] = self._parts(value, where, depth)
            elif (read := self._value(str(key), value, where)) is not None:
                fields[str(key)] = read
            elif key in _STAND_INS:
                fields[key] = _STAND_INS[key]
        condition = msgspec.structs.replace(Condition(), **fields)
        self.problems += [f"{place}.{problem}" for problem in _misplaced(condition)]
        return condition

    def _parts(self, tree: object, place: str, depth: int) -> tuple[Condition, ...] | None:
        if not isinstance(tree, list):
            self.problems.append(f"{place}: want a list of mappings")
            return None
        if not tree:
            self.problems.append(f"{place}: has no members")
            return None
        return tuple(self.read(part, f"{place}[{number}]", depth + 1) for number, part in enumerate(tree))

    def _value(self, key: str, value: object, place: str) -> object:
        """Return the value of a key, None for one that is wrong."""
        value = _dates_as_text(value) if key == "dates" else value
        if key in _LISTS and isinstance(value, str):
            value = [value]
        if value is None and key in Condition.__struct_fields__:
            self.problems.append(f"{place}: has no value")
            return None
        if key == "between" and isinstance(value, int):
            # YAML 1.1 takes 22:00 for a number to the base of 60.
            self.problems.append(f"{place}: want HH:MM-HH:MM, in quotes")
            return None
        try:
            read = getattr(msgspec.convert({key: value}, Condition), key)
        except msgspec.ValidationError as error:
            # What is not written is null, and nobody writes that.
            self.problems.append(f"{place}: {plain(str(error)).replace(' | null', '')}")
            return None
        problems = [NO_TEXT] if not is_text(value) else [*_CHECKS[key](read)] if key in _CHECKS else []
        if key == "command" and not self._commands:
            problems = [_NOBODY_ELSE]
        self.problems += [f"{place}: {problem}" for problem in problems]
        return None if problems else read


def read_condition(tree: object, place: str, *, commands: bool) -> tuple[Condition | None, tuple[str, ...]]:
    """Return the condition that a document holds, None if there is anything wrong, and every problem.

    `place` names the document in them. `commands`: it may name commands, which one from a profile may not.
    """
    reader = _Reader(commands=commands)
    condition = reader.read(tree, place)
    if condition.only_adjusts and not reader.problems:
        reader.problems.append(f"{place}: nothing stands beside it that has a beginning or an end")
    if not reader.problems and not can_be_true(condition):
        reader.problems.append(f"{place}: can never be true: no moment of any year is in its windows")
    return (None if reader.problems else condition), tuple(reader.problems)


def _dates_as_text(value: object) -> object:
    """Return a date, or those in a list, as text: YAML makes values of them."""
    return [_date_as_text(each) for each in value] if isinstance(value, list) else _date_as_text(value)


def _date_as_text(value: object) -> object:
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value


def _misplaced(condition: Condition) -> Iterator[str]:
    """Yield the keys that lack what they belong to."""
    if condition.timezone is not None and not condition.has_time:
        yield "timezone: no between, days or dates beside it"
    if condition.timeout_s is not None and condition.command is None:
        yield "timeout_s: no command beside it"
    adjusters = [key for key in ("minimum_remaining", "splay") if getattr(condition, key) is not None]
    rest = msgspec.structs.replace(condition, minimum_remaining=None, splay=None)
    if adjusters and not condition.only_adjusts and not _has_time(rest):
        yield from (f"{key}: no window beside it" for key in adjusters)
    for key in ("any_of", "none_of"):
        for number, part in enumerate(getattr(condition, key) or ()):
            if part.only_adjusts:
                yield f"{key}[{number}]: bears on nothing: no window beside it"
    members = condition.all_of or ()
    if any(part.only_adjusts for part in members) and not any(map(_has_time, members)):
        yield "all_of: a minimum_remaining or splay has no window beside it"


def _has_time(condition: Condition) -> bool:
    return any(part.has_time for part in condition.all_parts())


def _tried(check: Callable[[str], object]) -> Callable[[str], Iterator[str]]:
    """Return a check that yields what another one raises."""

    def checked(text: str) -> Iterator[str]:
        try:
            check(text)
        except ValueError as error:
            yield str(error)

    return checked


def _days(days: tuple[str, ...]) -> Iterator[str]:
    if not days:
        yield "names no day"
    if strange := [day for day in days if day not in DAYS]:
        yield f"no such day: {', '.join(map(shown, strange))}; want {', '.join(DAYS)}"


def _dates(dates: tuple[str, ...]) -> Iterator[str]:
    if not dates:
        yield "names no date"
    if len(dates) > _MAX_DATES:
        yield f"more than {_MAX_DATES} dates"
        return
    for text in dates:
        yield from (f"{shown(text)}: {problem}" for problem in _tried(dates_of)(text))


def _timezone(name: str) -> Iterator[str]:
    try:
        zone_of(name)
    except ValueError:
        yield f"no such time zone: {shown(name)}" if _has_zones() else "this host has no time zones: install tzdata"


def _has_zones() -> bool:
    try:
        zone_of(_A_ZONE)
    except ValueError:
        return False
    return True


def _load(load: float) -> Iterator[str]:
    if not (math.isfinite(load) and load >= 0):
        yield "want a number that is not negative"


def _path(path: str) -> Iterator[str]:
    if not path.startswith("/") or ".." in path.split("/") or not path.isprintable():
        yield "want an absolute path without .."


def _command(argv: tuple[str, ...]) -> Iterator[str]:
    if not argv:
        yield "names no program"
    elif not argv[0].startswith("/"):
        yield "want the absolute path of a program, then its arguments"
    if any("\0" in word for word in argv):
        yield "no argument has a NUL in it"


def _minutes(minutes: int) -> Iterator[str]:
    if not 0 < minutes <= MAX_MINUTES:
        yield f"want 1 to {MAX_MINUTES} minutes"


def _timeout(timeout_s: int) -> Iterator[str]:
    if not 0 < timeout_s <= MAX_TIMEOUT_S:
        yield f"want 1 to {MAX_TIMEOUT_S} seconds"


_CHECKS: Final[Mapping[str, Callable[..., Iterator[str]]]] = {
    "between": _tried(times_of),
    "days": _days,
    "dates": _dates,
    "timezone": _timezone,
    "max_load": _load,
    "file_exists": _path,
    "command": _command,
    "timeout_s": _timeout,
    "minimum_remaining": _minutes,
    "splay": _minutes,
}
