"""A capability: what a package provides and others require, perhaps bound to some EVRs, compared as RPM does."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

import msgspec

from yumbridge.rpm.evr import VersionKey, version_key


class Comparison(StrEnum):
    """How a bound compares, as people write it."""

    LESS = "<"
    AT_MOST = "<="
    EQUAL = "="
    AT_LEAST = ">="
    GREATER = ">"


_WITH_EQUAL: Final = frozenset({Comparison.AT_MOST, Comparison.EQUAL, Comparison.AT_LEAST})
_DOWNWARDS: Final = frozenset({Comparison.LESS, Comparison.AT_MOST})
_UPWARDS: Final = frozenset({Comparison.GREATER, Comparison.AT_LEAST})

# Epochs are of 32 bits. Source of the characters: rpm, build/parsePreamble.c, ALLOWED_CHARS_EVR.
_EVR: Final = re.compile(r"(?:([0-9]{1,10}):)?([A-Za-z0-9._+~^]+)(?:-([A-Za-z0-9._+~^]+))?")


class Bound(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A range of EVRs with one end, or one EVR. An empty `release` stands for any."""

    comparison: Comparison
    epoch: int
    version: str
    release: str = ""

    def __str__(self) -> str:
        epoch = f"{self.epoch}:" if self.epoch else ""
        release = f"-{self.release}" if self.release else ""
        return f"{self.comparison} {epoch}{self.version}{release}"


class Capability(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A name that is provided or required. `bound` is None for any EVR, and for none."""

    name: str
    bound: Bound | None = None

    def __str__(self) -> str:
        return f"{self.name} {self.bound}" if self.bound else self.name


def bound_of(comparison: Comparison, text: str) -> Bound | None:
    """Return the bound of "[epoch:]version[-release]", None when `text` has not that form.

    >>> str(bound_of(Comparison.AT_LEAST, "1:3.2.2"))
    '>= 1:3.2.2'
    """
    matched = _EVR.fullmatch(text)
    if matched is None:
        return None
    return Bound(comparison, int(matched[1] or 0), matched[2], matched[3] or "")


def overlap(left: Bound | None, right: Bound | None) -> bool:
    """Tell whether some EVR is within both bounds.

    Source: rpm, rpmverOverlap(): a missing epoch is 0; where one side has no release, every release is meant.

    >>> overlap(Bound(Comparison.EQUAL, 0, "1.0", "5.el9"), Bound(Comparison.AT_MOST, 0, "1.0"))
    True
    """
    if left is None or right is None:
        return True
    order = _order((left.epoch, _key(left.version)), (right.epoch, _key(right.version)))
    if order == 0:
        if left.release and right.release:
            order = _order(_key(left.release), _key(right.release))
        elif left.release or right.release:
            shorter = right if left.release else left
            if shorter.comparison in _WITH_EQUAL:
                return True
    if order == 0:
        return any(left.comparison in side and right.comparison in side for side in (_WITH_EQUAL, _DOWNWARDS, _UPWARDS))
    lower, higher = (left, right) if order < 0 else (right, left)
    return lower.comparison in _UPWARDS or higher.comparison in _DOWNWARDS


def evr_key(epoch: int, version: str, release: str) -> tuple[int, VersionKey, VersionKey]:
    """Return the key that orders EVRs, as `EVR.key` does. Spellings recur: each is taken apart once.

    >>> evr_key(0, "1.9", "1") < evr_key(0, "1.10", "1")
    True
    """
    return (epoch, _key(version), _key(release))


# Sized for the distinct versions and releases of a distribution's repositories.
_key = lru_cache(maxsize=1 << 16)(version_key)


def _order(left: tuple[object, ...], right: tuple[object, ...]) -> int:
    return (left > right) - (left < right)
