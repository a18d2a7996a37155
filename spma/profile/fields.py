"""One dict of a profile while it is read: typed access to its fields, and what was wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import inf
from typing import Final, TypeVar

from spma.profile.finding import Finding, problem, warning
from spma.profile.tree import Tree, below, described

Default = TypeVar("Default")

# Pan's booleans, the yes and no of older schemas, and what Perl makes of its own (CCM's getTree).
_BOOLEANS: Final[dict[str, bool]] = {
    "yes": True,
    "true": True,
    "1": True,
    "no": False,
    "false": False,
    "0": False,
    "": False,
}
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_BUT_LAYOUT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BETWEEN_WORDS: Final = re.compile(r"[,\s]+")

FILE: Final = re.compile(r"(?:/(?!\.\.?(?:/|$))[^/]+)+")
"""An absolute path of a file, without detours."""


def words_of(text: str) -> Iterator[str]:
    """Yield the words of a line, split at commas and white space as dnf does."""
    return filter(None, _BETWEEN_WORDS.split(text))


class Fields:
    """The fields of one dict at `path`.

    Every access of a field that is missing, or wrong, gives the default; what is wrong is remembered in `findings`,
    which a nested dict or list shares with the one around it.
    """

    def __init__(self, value: Tree, path: str, findings: list[Finding] | None = None) -> None:
        self.path = path
        self.findings: list[Finding] = [] if findings is None else findings
        self._fields: dict[str, Tree] = {}
        self._read: set[str] = set()
        if isinstance(value, dict):
            self._fields = value
        else:
            self.findings.append(problem(path, f"want a dict, got {described(value)}"))

    def __contains__(self, key: str) -> bool:
        return key in self._fields

    def problem(self, key: str, text: str) -> None:
        """Remember that the field `key` makes the profile invalid."""
        self.findings.append(problem(below(self.path, key), text))

    def warning(self, key: str, text: str) -> None:
        """Remember that a person should look at the field `key`."""
        self.findings.append(warning(below(self.path, key), text))

    def ignore(self, *keys: str) -> None:
        """Take note that these fields are known and are not for us."""
        self._read.update(keys)

    def warn_of_unknown(self, why: str) -> None:
        """Remember each field that has been neither read nor ignored."""
        for key in self._fields.keys() - self._read:
            self.warning(key, why)

    def boolean(self, key: str, *, default: Default) -> bool | Default:
        """Return a boolean, also when it is written as yes or no, or as Perl does."""
        if not self._has(key):
            return default
        match value := self._fields[key]:
            case bool():
                return value
            case str() | int() if (found := _BOOLEANS.get(str(value))) is not None:
                return found
        return self._wrong(key, "a boolean, yes or no", default)

    def integer(self, key: str, lowest: int, highest: int | None = None, *, default: Default) -> int | Default:
        """Return an integer within bounds, also when it is written as a string."""
        if not self._has(key):
            return default
        value = self._fields[key]
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            value = int(value)
        limit = inf if highest is None else highest
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= limit:
            return value
        bounds = f"from {lowest} to {highest}" if highest is not None else f"from {lowest}"
        return self._wrong(key, f"an integer {bounds}", default)

    def text(self, key: str, *, default: Default) -> str | Default:
        """Return one line of text."""
        if not self._has(key):
            return default
        value = self._fields[key]
        if not isinstance(value, str):
            return self._wrong(key, "a string", default)
        if _CONTROL.search(value):
            return self._wrong(key, "a string without control characters", default)
        return value

    def lines(self, key: str, *, default: Default) -> str | Default:
        """Return text that may have several lines."""
        if not self._has(key):
            return default
        value = self._fields[key]
        if not isinstance(value, str):
            return self._wrong(key, "a string", default)
        if _CONTROL_BUT_LAYOUT.search(value):
            return self._wrong(key, "a text without control characters", default)
        return value

    def label(self, key: str, *, default: Default) -> str | Default:
        """Return one line of text that may be delivered as an integer, as Perl does with "18"."""
        value = self._fields.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            self._read.add(key)
            return str(value)
        return self.text(key, default=default)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings as it is written; a missing one is empty."""
        found: list[str] = []
        for index, value in enumerate(self._list(key)):
            if isinstance(value, str) and not _CONTROL.search(value):
                found.append(value)
            else:
                self.problem(f"{key}/{index}", f"want a string, got {described(value)}")
        return tuple(found)

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of words: each string is split at commas and white space, as dnf splits the joined line."""
        return tuple(word for text in self.texts(key) for word in words_of(text))

    def nested(self, key: str) -> Fields:
        """Return the fields of the dict at `key`; a missing one is empty."""
        self._read.add(key)
        return Fields(self._fields.get(key, {}), below(self.path, key), self.findings)

    def each(self, key: str) -> tuple[Fields, ...]:
        """Return the fields of each dict of the list at `key`; a missing one is empty."""
        path = below(self.path, key)
        return tuple(Fields(value, below(path, index), self.findings) for index, value in enumerate(self._list(key)))

    def _has(self, key: str) -> bool:
        self._read.add(key)
        return key in self._fields

    def _list(self, key: str) -> list[Tree]:
        if not self._has(key):
            return []
        value = self._fields[key]
        if isinstance(value, list):
            return value
        return self._wrong(key, "a list", [])

    def _wrong(self, key: str, wanted: str, default: Default) -> Default:
        self.problem(key, f"want {wanted}, got {described(self._fields[key])}")
        return default
