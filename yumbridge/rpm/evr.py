"""Epoch, version and release, and RPM's ordering of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from yumbridge.errors import InvalidEVRError

VersionKey: TypeAlias = tuple[tuple[int, int, str], ...]

_SEGMENT = re.compile(r"~|\^|[0-9]+|[A-Za-z]+")

# Of 32 bits, as RPM stores it.
_EPOCH_DIGITS = 10

# What may stand at one position, lowest first: RPM sorts "1.0~rc1" before "1.0", and "1.0^git1" after "1.0" but
# before "1.0.1".
_TILDE, _END, _CARET, _LETTERS, _DIGITS = range(5)


def version_key(text: str) -> VersionKey:
    """Return a sort key that orders version or release strings as RPM does.

    Characters other than ASCII letters, digits, "~" and "^" only separate segments: "1.0" and "1_0" have equal keys.
    Source: rpm, rpmvercmp().

    >>> version_key("1.0~rc1") < version_key("1.0") < version_key("1.0^git1")
    True
    """
    return (*map(_segment_key, _SEGMENT.findall(text)), (_END, 0, ""))


def _segment_key(segment: str) -> tuple[int, int, str]:
    if segment == "~":
        return (_TILDE, 0, "")
    if segment == "^":
        return (_CARET, 0, "")
    if segment.isdigit():
        # The length before the digits: a run of any length sorts as a number, and none is ever converted.
        digits = segment.lstrip("0")
        return (_DIGITS, len(digits), digits)
    return (_LETTERS, 0, segment)


@dataclass(frozen=True, slots=True)
class EVR:
    """An RPM's epoch, version and release. A missing epoch is 0.

    Equality is of the spelling, as the names of two rpms are; the order is RPM's, in which two spellings of one
    version ("1.0" and "1_0") are neither before nor after each other.
    """

    epoch: int
    version: str
    release: str

    @property
    def key(self) -> tuple[int, VersionKey, VersionKey]:
        """The sort key behind the order. Source: rpm, rpmVersionCompare()."""
        return (self.epoch, version_key(self.version), version_key(self.release))

    def __lt__(self, other: EVR) -> bool:
        return self.key < other.key

    def __str__(self) -> str:
        epoch = f"{self.epoch}:" if self.epoch else ""
        return f"{epoch}{self.version}-{self.release}"

    @classmethod
    def parse(cls, text: str) -> EVR:
        """Read [epoch:]version-release.

        Raises InvalidEVRError.

        >>> EVR.parse("1:2.0-3.el9").epoch
        1
        """
        epoch_version, dash, release = text.rpartition("-")
        epoch, colon, version = epoch_version.rpartition(":")
        if not (dash and version and release):
            raise InvalidEVRError(text, "want [epoch:]version-release")
        if colon and not (epoch.isascii() and epoch.isdecimal() and len(epoch) <= _EPOCH_DIGITS):
            raise InvalidEVRError(text, "epoch must be a number before the version")
        return cls(int(epoch or 0), version, release)
