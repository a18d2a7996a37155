"""A hold: packages that may change only at boot, or only while a condition is true."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from yumbridge.condition.condition import Condition

BOOT: Final = "boot"

Until: TypeAlias = Literal["boot"] | Condition


class HoldExceptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The advisories that break a hold: by severity or type, which compare without case, or by id."""

    severity: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()

    def match(self, advisory_id: str, kind: str, severity: str) -> bool:
        """Tell whether an advisory breaks the hold."""
        return advisory_id in self.advisories or _is_among(severity, self.severity) or _is_among(kind, self.types)


class Hold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One hold, as it is written.

    `packages` are names or globs. `source`: it holds all packages of their source rpms as well. `install`: it also
    holds back the first install of such a package. `origin` is where it was written.
    """

    packages: tuple[str, ...]
    source: bool = True
    install: bool = False
    until: Until = BOOT
    exceptions: HoldExceptions = msgspec.field(default=HoldExceptions(), name="except")
    why: str = ""
    origin: str = ""

    @property
    def label(self) -> str:
        """The hold in a few words: what it names, and why."""
        names = ", ".join(self.packages)
        return f"{names}: {self.why}" if self.why else names


EVERYTHING: Final = Hold(packages=("*",), install=True, why="run = no: everything waits for boot")
"""What a profile with run = no comes to, where the policy lets its changes happen at boot."""


def shown(until: Until) -> Until:
    """Return what a hold waits for as documents show it: without the arguments of commands, which may be secret."""
    return until if until == BOOT else until.without_arguments()


def waits_for_boot(until: Until) -> bool:
    """Tell whether a boot is what a hold waits for, or one of the things."""
    return until == BOOT or _names_boot(until)


def _names_boot(condition: Condition) -> bool:
    parts = (*(condition.all_of or ()), *(condition.any_of or ()))
    return bool(condition.boot) or any(map(_names_boot, parts))


def _is_among(word: str, words: tuple[str, ...]) -> bool:
    return bool(word) and word.casefold() in {each.casefold() for each in words}
