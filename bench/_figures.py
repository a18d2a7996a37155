"""What a benchmark measured, as values: the table of the page, its plots and what is printed are made of them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Literal

import msgspec


class Bound(StrEnum):
    """On which side of its target a figure has to be."""

    AT_MOST = "at most"
    AT_LEAST = "at least"


class Target(msgspec.Struct, frozen=True):
    """What a figure has to reach: its ratio where it has a peer, else what was measured."""

    value: float
    bound: Bound = Bound.AT_MOST


class Size(msgspec.Struct, frozen=True):
    """How much there was to work on: 18,774 packages."""

    count: int
    of: str


class Peer(msgspec.Struct, frozen=True):
    """What else did the same, in turn with ours; `low` and `high` are the ratios of the best and the worst turn."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One thing measured, in `unit`: a median of wall times, or the largest of memory.

    `curve` names the plot that it is a point of; such figures differ in size, or in `name`, which is the line.
    """

    benchmark: str
    name: str
    unit: Literal["s", "ms", "MiB", "/s", "MB"]
    ours: float
    size: Size | None = None
    peer: Peer | None = None
    target: Target | None = None
    curve: str | None = None

    @property
    def ratio(self) -> float | None:
        """Ours, of the peer's."""
        return None if self.peer is None else self.ours / self.peer.value

    @property
    def is_met(self) -> bool | None:
        """Whether it reaches its target; None without one."""
        if self.target is None:
            return None
        reached = self.ours if self.ratio is None else self.ratio
        if self.target.bound is Bound.AT_MOST:
            return reached <= self.target.value
        return reached >= self.target.value


def amount(value: float, unit: str = "") -> str:
    """Return a number as it is read: three digits that count, thousands apart, and its unit.

    >>> amount(0.05213, "s"), amount(17649), amount(312.4, "MiB"), amount(0)
    ('0.0521 s', '17,649', '312 MiB', '0')
    """
    if value == 0 or abs(value) >= 100:  # noqa: PLR2004 - three digits stand before the point
        text = f"{value:,.0f}"
    else:
        text = f"{float(f'{value:.2e}'):.{2 if abs(value) >= 1 else 4}f}".rstrip("0").rstrip(".")
    return f"{text} {unit}".rstrip()


def verdict(figure: Figure) -> str:
    """Return whether the target is met, in a word; nothing without one."""
    return {None: "", True: "met", False: "**missed**"}[figure.is_met]


def goal(figure: Figure) -> str:
    """Return the target as it is read: "at most 0.2", "at most 150 ms"; nothing without one."""
    if figure.target is None:
        return ""
    unit = figure.unit if figure.peer is None else ""
    return f"{figure.target.bound} {amount(figure.target.value, unit)}"


def lines(figures: tuple[Figure, ...]) -> Iterator[str]:
    """Yield what is printed of each figure."""
    for each in figures:
        size = "" if each.size is None else f", {amount(each.size.count)} {each.size.of}"
        yield f"{each.benchmark}: {each.name}{size}"
        beside = "" if each.peer is None else f"; {each.peer.name} {amount(each.peer.value, each.unit)}"
        ratio = "" if each.ratio is None else f"; ratio {amount(each.ratio)}"
        judged = "" if each.target is None else f"; {goal(each)}: {verdict(each).strip('*')}"
        yield f"    {amount(each.ours, each.unit)}{beside}{ratio}{judged}"
