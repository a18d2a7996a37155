from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spma.errors import ProfileError
from spma.profile.cdb import read_records
from tests.support.ccm import constant_database

RECORDS = {b"one": b"1", b"": b"", b"two": b"2" * 300}


@given(st.dictionaries(st.binary(max_size=20), st.binary(max_size=40)))
def test_every_record_is_read_in_its_order(records: dict[bytes, bytes]) -> None:
    assert list(read_records("x.db", constant_database(records)).items()) == list(records.items())


@given(st.dictionaries(st.binary(max_size=20), st.binary(max_size=40), min_size=1), st.data())
def test_every_truncation_is_refused(records: dict[bytes, bytes], data: st.DataObject) -> None:
    whole = constant_database(records)
    length = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ProfileError, match=r"^x\.db is truncated: "):
        read_records("x.db", whole[:length])


@given(st.dictionaries(st.binary(max_size=20), st.binary(max_size=40)), st.data())
def test_a_changed_byte_is_read_or_refused(records: dict[bytes, bytes], data: st.DataObject) -> None:
    changed = bytearray(constant_database(records))
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    _read_or_refuse(bytes(changed))


@given(st.binary(max_size=4096))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    _read_or_refuse(content)
    _read_or_refuse(constant_database({})[:2048] + content)


def _read_or_refuse(content: bytes) -> None:
    message = ""
    try:
        records = read_records("x.db", content)
    except ProfileError as error:
        records, message = {}, error.message
    assert message.isprintable()
    assert sum(len(key) + len(value) for key, value in records.items()) <= len(content)


@pytest.mark.parametrize(
    ("at", "content", "message"),
    [
        (2048, struct.pack("<I", 0xFFFFFFFF), "x.db is damaged: the record at byte 2048 is longer than what is left"),
        (2052, struct.pack("<I", 0xFFFFFFFF), "x.db is damaged: the record at byte 2048 is longer than what is left"),
    ],
)
def test_a_length_beyond_the_records_is_refused(at: int, content: bytes, message: str) -> None:
    changed = bytearray(constant_database(RECORDS))
    changed[at : at + len(content)] = content
    with pytest.raises(ProfileError) as caught:
        read_records("x.db", bytes(changed))
    assert caught.value.message == message


def test_a_table_inside_the_header_is_refused() -> None:
    content = struct.pack("<II", 8, 2) + bytes(2040)
    with pytest.raises(ProfileError, match="begins inside the header"):
        read_records("x.db", content)


def test_records_without_a_table_are_refused() -> None:
    content = constant_database(RECORDS)
    with pytest.raises(ProfileError, match="records and no hash table"):
        read_records("x.db", bytes(2048) + content[2048:])


def test_a_record_of_less_than_its_lengths_is_refused() -> None:
    body = struct.pack("<II", 0, 0) + b"abc"
    header = struct.pack("<II", 2048 + len(body), 1) + bytes(2040)
    with pytest.raises(ProfileError, match="record at byte 2056"):
        read_records("x.db", header + body + bytes(8))


def test_a_key_that_stands_twice_is_refused() -> None:
    body = struct.pack("<II", 1, 0) + b"k" + struct.pack("<II", 1, 0) + b"k"
    header = struct.pack("<II", 2048 + len(body), 1) + bytes(2040)
    with pytest.raises(ProfileError, match="key b'k' twice"):
        read_records("x.db", header + body + bytes(8))


def test_a_database_without_records_is_empty() -> None:
    assert read_records("x.db", constant_database({})) == {}
