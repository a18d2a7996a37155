"""What is delivered as a profile."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import pytest

from spma.errors import ProfileError
from spma.profile import delivery
from spma.profile.delivery import MAX_DEPTH, MAX_PROFILE_BYTES, read_tree


def refusal(data: bytes) -> str:
    """Return the one line that `data` is refused with."""
    with pytest.raises(ProfileError) as caught:
        read_tree(data)
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'{"a": [1, 2.5, true, "x"]}', id="json"),
        pytest.param(b'\xef\xbb\xbf \n{"a": [1, 2.5, true, "x"]}\n', id="json-with-byte-order-mark"),
        pytest.param(gzip.compress(b'{"a": [1, 2.5, true, "x"]}'), id="gzip"),
        pytest.param(
            gzip.compress(b'{"a": [1, 2.5,') + gzip.compress(b' true, "x"]}'),
            id="gzip-in-two-members",
        ),
        pytest.param(
            b'<?xml version="1.0"?><nlist format="pan" name="profile"><list name="a"><long>1</long>'
            b"<double>2.5</double><boolean>true</boolean><string>x</string></list></nlist>",
            id="xml",
        ),
    ],
)
def test_every_form_gives_the_same_tree(data: bytes) -> None:
    assert read_tree(data) == {"a": [1, 2.5, True, "x"]}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "profile is empty", id="empty"),
        pytest.param(b" \n\t", "profile is empty", id="white-space"),
        pytest.param(b"software: {}", "profile is neither JSON nor XML", id="yaml"),
        pytest.param(
            b'{"a": 1,\n"b": ',
            "profile is not valid JSON: line 2, column 6: Expecting value",
            id="truncated",
        ),
        pytest.param(b"{} {}", "profile is not valid JSON: line 1, column 4: Extra data", id="two-documents"),
        pytest.param(
            b'{"a": {"b": 1, "b": 2}}',
            "profile is not valid JSON: key 'b' twice in one object",
            id="duplicate-key",
        ),
        pytest.param(b"[NaN]", "profile is not valid JSON: NaN is no number", id="nan"),
        pytest.param(b"[-Infinity]", "profile is not valid JSON: -Infinity is no number", id="infinity"),
        pytest.param(b"[1e999]", "profile is not valid JSON: 1e999 is out of range", id="float-overflow"),
        pytest.param(
            b"[" + b"9" * 5000 + b"]",
            "profile is not valid JSON: a number is too long",
            id="endless-integer",
        ),
        pytest.param(b'["\\ud83d"]', "profile is not valid JSON: half a surrogate pair", id="half-a-pair"),
        pytest.param(b'["\xff"]', "profile is not UTF-8: byte 0xff at 2", id="not-utf-8"),
    ],
)
def test_what_is_no_json_profile_is_refused_in_one_line(data: bytes, message: str) -> None:
    assert refusal(data) == message


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert read_tree(b'["\\ud83d\\ude00"]') == ["\U0001f600"]


def test_a_truncated_or_damaged_gzip_is_refused() -> None:
    packed = gzip.compress(b'{"software": {}}' * 100)

    assert refusal(packed[:-12]).startswith("profile is not valid gzip: ")
    assert refusal(packed[:20] + b"\x00\x00" + packed[22:]).startswith("profile is not valid gzip:")
    assert refusal(b"\x1f\x8b").startswith("profile is not valid gzip: ")


def test_a_gzip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "MAX_PROFILE_BYTES", 1_000_000)

    assert refusal(gzip.compress(b" " * 1_000_001)) == ("profile is too large: more than 1 MB")


def test_more_than_the_limit_is_refused() -> None:
    assert refusal(b" " * (MAX_PROFILE_BYTES + 1)) == "profile is too large: more than 50 MB"


def nested_json(levels: int) -> bytes:
    return b"[" * levels + b"1" + b"]" * levels


def nested_xml(levels: int) -> bytes:
    opening = b'<list format="pan">' + b"<list>" * (levels - 1)
    return opening + b"<long>1</long>" + b"</list>" * levels


@pytest.mark.parametrize("nested", [nested_json, nested_xml])
def test_deep_nesting_is_refused_however_deep(nested: Callable[[int], bytes]) -> None:
    read_tree(nested(MAX_DEPTH))
    for levels in (MAX_DEPTH + 1, 240, 1_000, 100_000):
        assert re.search("too deep|Excessive depth in document: 256$", refusal(nested(levels)))
