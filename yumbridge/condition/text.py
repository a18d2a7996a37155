"""A condition in one line for people."""

from __future__ import annotations

from collections.abc import Iterator

from yumbridge.condition.condition import WHOLE_DAY, Condition


def condition_text(condition: Condition) -> str:
    """Return a condition in words.

    >>> condition_text(Condition(between="02:00-04:00", timezone="Europe/Zurich", days=("sat", "sun")))
    '02:00-04:00 Europe/Zurich on sat, sun'
    """
    return " and ".join(_conjuncts(condition))


def times_text(condition: Condition, zone_name: str = "") -> str:
    """Return the window and the dates of one mapping in words. `zone_name` is that of the host."""
    zone = condition.timezone or zone_name
    words = []
    if condition.has_window:
        times = condition.between or ("" if condition.days else WHOLE_DAY)
        days = f"on {', '.join(condition.days)}" if condition.days else ""
        words.append(" ".join(filter(None, (times, zone if times else "", days, "" if times else zone))))
    if condition.dates:
        words.append(f"on {', '.join(condition.dates)}{f' {zone}' if zone and not words else ''}")
    return " and ".join(words)


def _conjuncts(condition: Condition) -> Iterator[str]:
    yield from _atoms(condition)
    yield from _combinations(condition)
    if condition.splay is not None:
        yield f"up to {condition.splay} minutes late"
    if condition.minimum_remaining is not None:
        yield f"{condition.minimum_remaining} minutes left"


def _atoms(condition: Condition) -> Iterator[str]:
    if condition.boot is not None:
        yield "at boot" if condition.boot else "not at boot"
    if condition.has_time:
        yield times_text(condition)
    if condition.max_load is not None:
        yield f"a load of at most {condition.max_load:g}"
    if condition.logged_in is not None:
        yield "somebody is logged in" if condition.logged_in else "nobody is logged in"
    if condition.file_exists is not None:
        yield f"{condition.file_exists} exists"
    if condition.command is not None:
        yield f"{condition.command[0]} succeeds"


def _combinations(condition: Condition) -> Iterator[str]:
    if condition.all_of is not None:
        yield " and ".join(map(_bracketed, condition.all_of))
    if condition.any_of is not None:
        words = ", or ".join(map(_bracketed, condition.any_of))
        yield words if condition == Condition(any_of=condition.any_of) else f"({words})"
    if condition.none_of is not None:
        yield f"not ({', or '.join(map(_bracketed, condition.none_of))})"


def _bracketed(condition: Condition) -> str:
    words = [*_conjuncts(condition)]
    text = " and ".join(words)
    return f"({text})" if len(words) > 1 or condition.any_of is not None else text
