"""Caches of CCM, written as its fetcher writes them."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.support.profiles import Json, write_profile


def constant_database(records: Mapping[bytes, bytes]) -> bytes:
    """Return a constant database: a header of 256 tables, the records, then the tables."""
    body = bytearray()
    tables: list[list[tuple[int, int]]] = [[] for _ in range(256)]
    for key, value in records.items():
        number = _hash(key)
        tables[number & 255].append((number, 2048 + len(body)))
        body += struct.pack("<II", len(key), len(value)) + key + value
    header, behind = bytearray(), bytearray()
    for table in tables:
        header += struct.pack("<II", 2048 + len(body) + len(behind), 2 * len(table))
        behind += b"".join(struct.pack("<II", *slot) for slot in _slots(table))
    return bytes(header + body + behind)


def elements(content: Json) -> tuple[dict[bytes, bytes], dict[bytes, bytes]]:
    """Return the records of path2eid and eid2data for a profile."""
    ids: dict[bytes, bytes] = {}
    values: dict[bytes, bytes] = {}
    for number, (path, kind, value) in enumerate(_walk("/", content)):
        ids[path.encode()] = struct.pack("=I", number)
        for what, text in enumerate((value, kind, "0" * 32)):
            values[struct.pack("=I", what << 28 | number)] = text.encode()
    return ids, values


class CcmCache:
    """A cache of CCM in one directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        (path / "global.lock").write_text("no\n", encoding="utf-8")

    def point(self, cid: int, name: str = "current.cid") -> None:
        """Make a profile the current one, or the latest."""
        new = self.path / f"{name}.new"
        new.write_text(f"{cid}\n", encoding="utf-8")
        new.replace(self.path / name)

    def folder(self, cid: int) -> Path:
        """Return the folder of a profile."""
        return self.path / f"profile.{cid}"

    def raw(self, cid: int, content: Mapping[str, Json] | bytes, *, form: str = "json") -> Path:
        """Write the raw text of a profile, and the link beside it; the form is json, or xml."""
        folder = self.folder(cid)
        folder.mkdir(exist_ok=True)
        file = folder / "profile"
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            write_profile(folder / f"profile.{form}", content).rename(file)
        (folder / "profile.xml").unlink(missing_ok=True)
        (folder / "profile.xml").symlink_to("profile")
        return file

    def databases(self, cid: int, content: Json, *, form: str = "CDB_File") -> Path:
        """Write the databases of a profile and return their folder."""
        folder = self.folder(cid)
        folder.mkdir(exist_ok=True)
        for name, records in zip(("path2eid", "eid2data"), elements(content), strict=True):
            (folder / f"{name}.db").write_bytes(constant_database(records))
            (folder / f"{name}.fmt").write_text(f"{form}\n", encoding="utf-8")
        return folder


def _hash(key: bytes) -> int:
    number = 5381
    for byte in key:
        number = (number * 33 ^ byte) & 0xFFFFFFFF
    return number


def _slots(table: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    slots = [(0, 0)] * (2 * len(table))
    for number, position in table:
        place = (number >> 8) % len(slots)
        while slots[place] != (0, 0):
            place = (place + 1) % len(slots)
        slots[place] = (number, position)
    return slots


def _walk(path: str, value: Json) -> Iterator[tuple[str, str, str]]:
    """Yield path, type and value of each element, a container before what is in it."""
    below = path if path == "/" else f"{path}/"
    if isinstance(value, Mapping):
        yield path, "nlist", "\0".join(sorted(value))
        for name in sorted(value):
            yield from _walk(below + name, value[name])
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield path, "list", "\0".join(map(str, range(len(value))))
        for index, child in enumerate(value):
            yield from _walk(f"{below}{index}", child)
    else:
        kinds = {bool: "boolean", int: "long", float: "double", str: "string"}
        yield path, kinds[type(value)], value if isinstance(value, str) else json.dumps(value)
