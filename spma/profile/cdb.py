"""Constant databases: the files of records that CCM keeps a profile in."""

from __future__ import annotations

from struct import Struct
from typing import Final

from spma.errors import ProfileError

_TABLES: Final = 256
_PAIR: Final = Struct("<II")
_HEADER_BYTES: Final = _TABLES * _PAIR.size
_SLOT_BYTES: Final = 8


def read_records(name: str, data: bytes) -> dict[bytes, bytes]:
    """Return every record of the constant database in `data`, in its order.

    The records are read one behind the other, never through the hash tables: each byte is looked at once, and no two
    records can share one. Raises ProfileError that begins with `name`: it is truncated, or damaged where that can be
    seen. Source: cdb(5); CDB_File, which is what CCM writes with.
    """
    end = _end_of_records(name, data)
    found: dict[bytes, bytes] = {}
    position = _HEADER_BYTES
    while position < end:
        if end - position < _PAIR.size:
            raise _damaged(name, position)
        key_bytes, value_bytes = _PAIR.unpack_from(data, position)
        key_at = position + _PAIR.size
        value_at = key_at + key_bytes
        position = value_at + value_bytes
        if position > end:
            raise _damaged(name, key_at - _PAIR.size)
        key = data[key_at:value_at]
        if key in found:
            raise ProfileError(f"{name} is damaged: it has the key {key[:40]!r} twice")
        found[key] = data[value_at:position]
    return found


def _end_of_records(name: str, data: bytes) -> int:
    """Return where the hash tables begin, after a look at the header, which says where each of them lies."""
    if len(data) < _HEADER_BYTES:
        raise ProfileError(f"{name} is truncated: it has {len(data)} bytes, and a constant database {_HEADER_BYTES}")
    end = len(data)
    for position, slots in _PAIR.iter_unpack(data[:_HEADER_BYTES]):
        if not slots:
            continue
        if position < _HEADER_BYTES:
            raise ProfileError(f"{name} is damaged: a hash table begins inside the header")
        if position + slots * _SLOT_BYTES > len(data):
            raise ProfileError(f"{name} is truncated: a hash table ends behind the last byte")
        end = min(end, position)
    if end == len(data) and end > _HEADER_BYTES:
        raise ProfileError(f"{name} is damaged: it has records and no hash table")
    return end


def _damaged(name: str, position: int) -> ProfileError:
    return ProfileError(f"{name} is damaged: the record at byte {position} is longer than what is left")
