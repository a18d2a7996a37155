"""Since when nothing wants what goes, as far as the last run that changed packages knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from yumbridge.plan.document import Change, Why

NOT_IN_PROFILE: Final = "not-in-profile"

AnyChange = TypeVar("AnyChange", bound=Change)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """What the last run that changed packages left, as NEVRAs: what the profile listed then, and all else.

    `recorded` is when, RFC 3339 in UTC.
    """

    recorded: str
    listed: frozenset[str]
    unlisted: frozenset[str]

    def step(self, nevra: str) -> Why:
        """Return why a package goes that nothing wants now."""
        known = "listed" if nevra in self.listed else "unlisted" if nevra in self.unlisted else "absent"
        return Why(kind=NOT_IN_PROFILE, ref=self.recorded, via=known)


def undated(changes: Iterable[AnyChange]) -> tuple[AnyChange, ...]:
    """Return `changes` without what a last run knew: it decides nothing."""
    return _told(changes, lambda _: Why(kind=NOT_IN_PROFILE))


def dated(changes: Iterable[AnyChange], last: LastRun | None) -> tuple[AnyChange, ...]:
    """Return `changes`, those of which nothing wants the package with what the last run knew of it."""
    return tuple(changes) if last is None else _told(changes, last.step)


def _told(changes: Iterable[AnyChange], step: Callable[[str], Why]) -> tuple[AnyChange, ...]:
    """Return `changes`, those of which nothing wants the package with what `step` says of its NEVRA."""
    return tuple(
        msgspec.structs.replace(change, why=(step(change.going[0]),))
        if change.why and change.why[0].kind == NOT_IN_PROFILE
        else change
        for change in changes
    )
