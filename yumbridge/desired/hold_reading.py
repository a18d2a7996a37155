"""Holds as somebody wrote them, read strictly: every problem is told, with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from yumbridge.complaint import NO_TEXT, is_text, judged, shown
from yumbridge.desired.hold import BOOT, Hold, HoldExceptions, Until

_UNTIL: Final = "until"
_EXCEPT: Final = "except"
_APART: Final = frozenset({_UNTIL, _EXCEPT})


class _Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a hold that are read as they are, each of which may be missing."""

    packages: tuple[str, ...] = ()
    source: bool = True
    install: bool = False
    why: str = ""


def read_holds(tree: object, place: str, *, commands: bool) -> tuple[tuple[Hold, ...], list[str]]:
    """Return the holds of a list and every problem in it. `commands`: their conditions may name commands."""
    if tree is None:
        return (), []
    if not isinstance(tree, list):
        return (), [f"{place}: want a list of holds"]
    holds: list[Hold] = []
    problems: list[str] = []
    for number, entry in enumerate(tree):
        hold, found = _read_hold(entry, f"{place}[{number}]", commands=commands)
        problems += found
        if hold is not None:
            holds.append(hold)
    return tuple(holds), problems


def _read_hold(tree: object, place: str, *, commands: bool) -> tuple[Hold | None, list[str]]:
    if not isinstance(tree, dict):
        return None, [f"{place}: want a mapping of keys"]
    good, problems = judged({key: value for key, value in tree.items() if key not in _APART}, _Written, place)
    exceptions, exception_problems = _read_exceptions(tree.get(_EXCEPT), f"{place}.{_EXCEPT}")
    problems += exception_problems
    problems += [f"{place}.{problem}" for problem in _bad_values(good)]
    until, until_problems = _read_until(tree.get(_UNTIL, BOOT), f"{place}.{_UNTIL}", commands=commands)
    problems += until_problems
    if "packages" not in tree:
        problems.append(f"{place}.packages: missing")
    if problems or until is None:
        return None, problems
    written = msgspec.convert(good, _Written)
    return (
        Hold(
            packages=written.packages,
            source=written.source,
            install=written.install,
            until=until,
            exceptions=exceptions,
            why=" ".join(written.why.split()),
            origin=place,
        ),
        [],
    )


def _bad_values(good: Mapping[str, object]) -> Iterator[str]:
    """Yield what is wrong with values that are of the right kind."""
    packages = good.get("packages")
    if packages is not None and not packages:
        yield "packages: names no package"
    for name in packages if isinstance(packages, list) else ():
        if not name or not name.isprintable() or any(mark in name for mark in " /@"):
            yield f"packages: {shown(name)!r} is no name of a package, nor a glob on names"
    for key, value in good.items():
        if not is_text(value):
            yield f"{key}: {NO_TEXT}"


def _read_exceptions(tree: object, place: str) -> tuple[HoldExceptions, list[str]]:
    """Return the advisories that break a hold, and every problem: each key is judged alone."""
    if tree is None:
        return HoldExceptions(), []
    if not isinstance(tree, dict):
        return HoldExceptions(), [f"{place}: want a mapping of keys"]
    good, problems = judged(tree, HoldExceptions, place)
    problems += [f"{place}.{key}: {NO_TEXT}" for key, value in good.items() if not is_text(value)]
    return (HoldExceptions() if problems else msgspec.convert(good, HoldExceptions)), problems


def _read_until(tree: object, place: str, *, commands: bool) -> tuple[Until | None, tuple[str, ...]]:
    if tree == BOOT:
        return BOOT, ()
    if not isinstance(tree, dict):
        return None, (f"{place}: want boot, or a mapping that is a condition",)
    from yumbridge.condition.reading import read_condition

    return read_condition(tree, place, commands=commands)
