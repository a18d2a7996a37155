"""A condition as somebody wrote it: one mapping of its document, whose keys have to be true together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT_TIMEOUT_S: Final = 30
WHOLE_DAY: Final = "00:00-24:00"


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One mapping of a condition. What stands in it has to be true together.

    `between` is "HH:MM-HH:MM", over midnight if it ends before it begins; `days` are those on which it begins.
    `dates` are days or ranges, both ends included, of one year ("2026-12-20/2027-01-05") or every year
    ("12-20/01-05"). `timezone` is that of the three, None for the host's own. `max_load` is of one minute.
    `file_exists` is seen from inside the root. `minimum_remaining` and `splay`, in minutes, bear on what stands beside
    them. Source: docs/reference/conditions.md.
    """

    all_of: tuple[Condition, ...] | None = None
    any_of: tuple[Condition, ...] | None = None
    none_of: tuple[Condition, ...] | None = None
    boot: bool | None = None
    between: str | None = None
    days: tuple[str, ...] | None = None
    dates: tuple[str, ...] | None = None
    timezone: str | None = None
    max_load: float | None = None
    logged_in: bool | None = None
    file_exists: str | None = None
    command: tuple[str, ...] | None = None
    timeout_s: int | None = None
    minimum_remaining: int | None = None
    splay: int | None = None

    @property
    def parts(self) -> tuple[Condition, ...]:
        """The mappings below this one, in written order."""
        return (*(self.all_of or ()), *(self.any_of or ()), *(self.none_of or ()))

    @property
    def has_window(self) -> bool:
        """True when a time of the day or days of the week stand in this very mapping."""
        return self.between is not None or self.days is not None

    @property
    def has_time(self) -> bool:
        """True when a window or dates stand in this very mapping."""
        return self.has_window or self.dates is not None

    @property
    def only_adjusts(self) -> bool:
        """True when nothing stands here but what bears on the mappings beside this one."""
        return self != Condition() and self == Condition(
            minimum_remaining=self.minimum_remaining,
            splay=self.splay,
        )

    def without_arguments(self) -> Condition:
        """Return the condition with "***" in place of the arguments of each command."""
        parts = {
            name: tuple(part.without_arguments() for part in getattr(self, name))
            for name in ("all_of", "any_of", "none_of")
            if getattr(self, name) is not None
        }
        command = self.command
        if command is not None and len(command) > 1:
            command = (command[0], "***")
        return msgspec.structs.replace(self, command=command, **parts)

    def all_parts(self) -> Iterator[Condition]:
        """Yield this mapping and every one below it."""
        yield self
        for part in self.parts:
            yield from part.all_parts()
