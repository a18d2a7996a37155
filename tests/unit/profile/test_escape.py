"""Keys of profiles."""

from __future__ import annotations

import pytest

from spma.errors import ProfileError
from spma.profile.escape import escape, unescape, unescape_leniently


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param("", "_", id="empty"),
        pytest.param("4.18.0-1", "_34_2e18_2e0_2d1", id="only-the-first-digit-is-escaped"),
        pytest.param("7zip++", "_37zip_2b_2b", id="plus"),
        pytest.param("a_b", "a_5fb", id="underscore"),
        pytest.param("\x01", "_01", id="control-character"),
        pytest.param("é", "_e9", id="latin-1"),
    ],
)
def test_escape_writes_what_pan_writes(text: str, key: str) -> None:
    assert escape(text) == key
    assert unescape(key) == text


def test_a_character_above_latin_1_has_no_escape() -> None:
    with pytest.raises(ProfileError, match="above U"):
        escape("€")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        pytest.param("kernel_2Dtools", "kernel-tools", id="upper-case-hex"),
        pytest.param("kernel-tools", "kernel-tools", id="not-escaped-at-all"),
        pytest.param("7zip", "7zip", id="digit-not-escaped"),
        pytest.param("_61cl", "acl", id="escaped-without-need"),
    ],
)
def test_unescape_reads_more_than_escape_writes(key: str, text: str) -> None:
    assert unescape(key) == text


@pytest.mark.parametrize("key", ["_zz", "HEP_OSlibs", "a_2", "a_", "__", "_2", "_\n2d"], ids=repr)
def test_an_underscore_without_two_hex_digits_is_a_bad_escape(key: str) -> None:
    with pytest.raises(ProfileError, match="bad escape") as caught:
        unescape(key)
    assert "\n" not in caught.value.message


def test_a_lenient_reader_takes_what_is_no_escape_as_it_stands() -> None:
    assert unescape_leniently("_3389_2dds") == "389-ds"
    assert unescape_leniently("mod_python") == "mod_python"
    assert unescape_leniently("perl_dbi") == "perl_dbi"
