"""Whether a condition is true, why, and when it next will be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Final

import msgspec

from yumbridge.condition.bounds import MINUTE_S, TIMELESS, Sight, delay_s, first_moment, known_zone, padded
from yumbridge.condition.condition import DEFAULT_TIMEOUT_S, Condition
from yumbridge.condition.interval import contains
from yumbridge.condition.text import times_text

_SHOWN_USERS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEnd:
    """How a command of a condition ended: its exit code, or why it has none."""

    code: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What conditions depend on.

    `now` is aware; None when the clock is not set, so that nothing is known of windows. `zone` is the host's own, None
    when it is not known, `host` its name. `load` and `logged_in` are None when they are not known; what `files` and
    `commands` lack is not known.
    """

    now: datetime | None
    zone: tzinfo | None
    zone_name: str
    host: str
    boot: bool = False
    load: float | None = None
    logged_in: tuple[str, ...] | None = None
    files: Mapping[str, bool] = field(default_factory=dict)
    commands: Mapping[tuple[str, ...], CommandEnd] = field(default_factory=dict)


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """What one part of a condition comes to, None when that is not known."""

    text: str
    holds: bool | None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a condition comes to.

    `holds`: it is surely true. `known`: whether it is does not depend on what is not known. `reasons` are of its
    parts, in written order. `next_true` is when it is surely true again if nothing but the time changes, None when it
    is now or that is not known.
    """

    holds: bool
    known: bool
    reasons: tuple[Reason, ...]
    next_true: datetime | None


def evaluate(condition: Condition, facts: Facts) -> Verdict:
    """Return what a condition comes to."""
    sight = Sight(
        lambda part, key: _truth(part, key, facts), _known_zone(facts), lambda splay: delay_s(splay, facts.host)
    )
    if facts.now is None:
        # No moment is better than any other one.
        sight = Sight(sight.truth, None, sight.delay_s)
    now = int(facts.now.timestamp()) if facts.now is not None else 0
    bounds = sight.over(_timeless(condition) if facts.now is None else condition, padded(condition, now, now + 1))
    holds, perhaps = contains(bounds.surely, now), contains(bounds.perhaps, now)
    next_true = None
    if facts.now is not None and not holds and _has_time(condition):
        next_true = first_moment(sight, condition, now, surely=True)
    return Verdict(
        holds=holds,
        known=holds == perhaps,
        reasons=tuple(_reasons(condition, facts, sight, now)),
        next_true=None if next_true is None else datetime.fromtimestamp(next_true, UTC),
    )


def _has_time(condition: Condition) -> bool:
    return any(part.has_time for part in condition.all_parts())


def _timeless(condition: Condition) -> Condition:
    """Return a condition for a host that does not know the time: its zones are as unknown as that of the host."""
    parts = {
        name: tuple(map(_timeless, getattr(condition, name)))
        for name in ("all_of", "any_of", "none_of")
        if getattr(condition, name) is not None
    }
    return msgspec.structs.replace(condition, timezone=None, **parts)


def _known_zone(facts: Facts) -> tzinfo | None:
    return None if facts.now is None else facts.zone


def _truth(condition: Condition, key: str, facts: Facts) -> bool | None:
    """Return whether one key that is no time is true, None when that is not known."""
    match key:
        case "boot":
            return condition.boot is facts.boot
        case "max_load":
            return None if facts.load is None or condition.max_load is None else facts.load <= condition.max_load
        case "logged_in":
            return None if facts.logged_in is None else bool(facts.logged_in) is condition.logged_in
        case "file_exists":
            return facts.files.get(condition.file_exists or "")
        case _:
            end = facts.commands.get(condition.command or ())
            return None if end is None else end.code == 0


def _reasons(condition: Condition, facts: Facts, sight: Sight, now: int) -> Iterator[Reason]:
    """Yield what each part comes to, as far as it is of its own: combinations are told by what they are made of."""
    for key in TIMELESS:
        if getattr(condition, key) is not None:
            yield Reason(text=_words(condition, key, facts), holds=_truth(condition, key, facts))
    if condition.has_time:
        yield Reason(text=_time_words(condition, facts), holds=_holds(sight, _only_time(condition), facts, now))
    for part in (*(condition.all_of or ()), *(condition.any_of or ())):
        if not part.only_adjusts:
            yield from _reasons(part, facts, sight, now)
    for part in condition.none_of or ():
        for reason in _reasons(part, facts, sight, now):
            yield Reason(text=f"not wanted: {reason.text}", holds=None if reason.holds is None else not reason.holds)
    for group, adjuster in _adjusters(condition):
        yield Reason(text=_adjuster_words(adjuster, facts), holds=_holds(sight, group, facts, now))


def _adjusters(condition: Condition) -> Iterator[tuple[Condition, Condition]]:
    """Yield each group that something bears on, whole, with what does."""
    if condition.splay is not None or condition.minimum_remaining is not None:
        yield condition, Condition(splay=condition.splay, minimum_remaining=condition.minimum_remaining)
    for part in condition.all_of or ():
        if part.only_adjusts:
            yield Condition(all_of=condition.all_of), part


def _holds(sight: Sight, condition: Condition, facts: Facts, now: int) -> bool | None:
    if facts.now is None:
        return None
    bounds = sight.over(condition, padded(condition, now, now + 1))
    return True if contains(bounds.surely, now) else None if contains(bounds.perhaps, now) else False


def _only_time(condition: Condition) -> Condition:
    return Condition(between=condition.between, days=condition.days, dates=condition.dates, timezone=condition.timezone)


def _time_words(condition: Condition, facts: Facts) -> str:
    zone = facts.zone if condition.timezone is None else known_zone(condition.timezone)
    words = times_text(condition, facts.zone_name)
    if facts.now is None or zone is None:
        return f"{words}: the time is not known"
    return f"{words}: it is {facts.now.astimezone(zone):%a %Y-%m-%d %H:%M} there"


def _adjuster_words(adjuster: Condition, facts: Facts) -> str:
    words = []
    if adjuster.splay is not None:
        words.append(f"this host begins {delay_s(adjuster.splay, facts.host) // MINUTE_S} minutes late")
    if adjuster.minimum_remaining is not None:
        words.append(f"at least {adjuster.minimum_remaining} minutes have to remain")
    return ", ".join(words)


def _words(condition: Condition, key: str, facts: Facts) -> str:
    """Return what is the case, in one line."""
    match key:
        case "boot":
            return "it is a boot" if facts.boot else "it is no boot"
        case "max_load":
            load = "not known" if facts.load is None else f"{facts.load:g}"
            return f"the load is {load}, at most {condition.max_load:g} is wanted"
        case "logged_in":
            return _users_words(facts.logged_in)
        case "file_exists":
            there = {True: "exists", False: "does not exist", None: "is not known to exist"}
            return f"{condition.file_exists} {there[facts.files.get(condition.file_exists or '')]}"
        case _:
            return _command_words(condition, facts)


def _users_words(users: tuple[str, ...] | None) -> str:
    if users is None:
        return "who is logged in is not known"
    if not users:
        return "nobody is logged in"
    more = f" and {len(users) - _SHOWN_USERS} more" if len(users) > _SHOWN_USERS else ""
    return f"logged in: {', '.join(users[:_SHOWN_USERS])}{more}"


def _command_words(condition: Condition, facts: Facts) -> str:
    argv = condition.command or ()
    end = facts.commands.get(argv)
    if end is None:
        return f"{argv[0]} was not run"
    return f"{argv[0]} ended with exit code {end.code}" if end.code is not None else f"{argv[0]} {end.why}"


def timeout_of(condition: Condition) -> int:
    """Return after how many seconds the command of a condition is stopped."""
    return DEFAULT_TIMEOUT_S if condition.timeout_s is None else condition.timeout_s
