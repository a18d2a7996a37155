"""The elements of a profile as CCM keeps them in its databases, and the tree they make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from struct import Struct
from typing import Final, TypeAlias

from spma.errors import ProfileError
from spma.profile.delivery import MAX_DEPTH
from spma.profile.tree import Tree

Records: TypeAlias = Mapping[bytes, bytes]

_ID: Final = Struct("=I")
"""Perl's pack("L"): 32 bits as the machine has them, for CCM writes and reads on one host."""

_TYPE: Final = 1 << 28
"""What makes the id of an element the key of its type; as it stands it is the key of the value."""

_ROOT: Final = b"/"
_LONG: Final = re.compile(r"[+-]?[0-9]{1,40}")
_DOUBLE: Final = re.compile(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?")


def tree_of_elements(name: str, ids: Records, values: Records) -> Tree:
    """Return the tree that CCM keeps in two databases: path -> id, and id -> value and type.

    Each id is used once, so that the tree is not larger than the databases. Raises ProfileError that begins with
    `name`, with the path of what is missing or has the wrong form.
    Source: CCM, EDG::WP4::CCM::Fetch::ProfileCache AddPath(), EDG::WP4::CCM::CacheManager::Element and Encode.
    """
    return _Elements(name, ids, values).tree(_ROOT, MAX_DEPTH)


class _Elements:
    """The elements of one profile, each of which is read once."""

    def __init__(self, name: str, ids: Records, values: Records) -> None:
        self._name = name
        self._ids = ids
        self._values = values
        self._seen: set[int] = set()

    def tree(self, path: bytes, depth: int) -> Tree:
        """Return what stands at `path`, at most `depth` levels deep."""
        number = self._number(path)
        kind = self._text(path, number | _TYPE, "type")
        match kind:
            case "nlist" | "table" | "record" | "list" if depth < 1:
                raise self._wrong(path, "nested too deep")
            case "nlist" | "table" | "record":
                return self._dict(path, number, depth)
            case "list":
                return self._list(path, number, depth)
            case "string" | "link":
                return self._text(path, number, "value")
            case "long" | "double" | "boolean":
                return self._number_or_truth(path, kind, self._text(path, number, "value"))
            case _:
                raise self._wrong(path, f"type {kind[:40]!r} is unknown")

    def _number(self, path: bytes) -> int:
        packed = self._ids.get(path)
        if packed is None:
            raise self._wrong(path, "missing")
        if len(packed) != _ID.size:
            raise self._wrong(path, "id is not of 4 bytes")
        (number,) = _ID.unpack(packed)
        if number >= _TYPE:
            raise self._wrong(path, f"id {number} is too large")
        if number in self._seen:
            raise self._wrong(path, f"id {number} belongs to another path, too")
        self._seen.add(number)
        return int(number)

    def _text(self, path: bytes, key: int, what: str) -> str:
        return self._decoded(path, self._bytes(path, key, what), what)

    def _bytes(self, path: bytes, key: int, what: str) -> bytes:
        value = self._values.get(_ID.pack(key))
        if value is None:
            raise self._wrong(path, f"no {what}")
        return value

    def _decoded(self, path: bytes, value: bytes, what: str) -> str:
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            raise self._wrong(path, f"{what} is not UTF-8") from error

    def _names(self, path: bytes, number: int) -> list[bytes]:
        """Return the names of the children: CCM joins them with NUL."""
        value = self._bytes(path, number, "value")
        return value.split(b"\0") if value else []

    def _dict(self, path: bytes, number: int, depth: int) -> dict[str, Tree]:
        found: dict[str, Tree] = {}
        for name in self._names(path, number):
            key = self._decoded(path, name, "name of a child")
            if key in found:
                raise self._wrong(path, f"name {key[:40]!r} twice")
            found[key] = self.tree(_below(path, name), depth - 1)
        return found

    def _list(self, path: bytes, number: int, depth: int) -> list[Tree]:
        found: list[Tree] = []
        for name in self._names(path, number):
            if name != b"%d" % len(found):
                raise self._wrong(path, f"list has no element {len(found)}")
            found.append(self.tree(_below(path, name), depth - 1))
        return found

    def _number_or_truth(self, path: bytes, kind: str, text: str) -> Tree:
        if kind == "boolean" and text in {"true", "false"}:
            return text == "true"
        if kind == "long" and _LONG.fullmatch(text):
            return int(text)
        if kind == "double" and (number := _double(text)) is not None:
            return number
        raise self._wrong(path, f"{text[:40]!r} is no {kind}")

    def _wrong(self, path: bytes, why: str) -> ProfileError:
        text = path.decode(errors="backslashreplace")[-200:]
        return ProfileError(f"{self._name} is damaged: {text if text.isprintable() else ascii(text)[1:-1]}: {why}")


def _double(text: str) -> float | None:
    if not _DOUBLE.fullmatch(text):
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _below(path: bytes, name: bytes) -> bytes:
    return path + name if path == _ROOT else path + b"/" + name
