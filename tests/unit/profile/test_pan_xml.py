"""Profiles in pan's XML."""

from __future__ import annotations

import base64

import pytest

from spma.errors import ProfileError
from spma.profile.delivery import read_tree


def profile(inner: str, before: str = "") -> bytes:
    return f'{before}<nlist format="pan" name="profile">{inner}</nlist>'.encode()


def refusal(data: bytes) -> str:
    with pytest.raises(ProfileError) as caught:
        read_tree(data)
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    ("inner", "value"),
    [
        pytest.param('<string name="a"/>', "", id="empty-string"),
        pytest.param('<string name="a"> x </string>', " x ", id="white-space-is-kept"),
        pytest.param('<string name="a">&lt;&amp;&#233;</string>', "<&é", id="xml-escapes"),
        pytest.param('<string name="a">x<!-- no -->y</string>', "xy", id="comment"),
        pytest.param('<long name="a">-5</long>', -5, id="long"),
        pytest.param('<double name="a">1e3</double>', 1000.0, id="double"),
        pytest.param('<boolean name="a">false</boolean>', False, id="boolean"),
        pytest.param('<nlist name="a"/>', {}, id="empty-nlist"),
        pytest.param('<list name="a">\n  <long>1</long>\n</list>', [1], id="layout-is-no-value"),
        pytest.param(
            f'<string name="a" encoding="base64">{base64.b64encode(b"a" * 60).decode()}</string>',
            "a" * 60,
            id="base64",
        ),
        pytest.param('<string name="a" encoding="base64">AGvD\n qQ==</string>', "\x00ké", id="base64-wrapped"),
        pytest.param('<string name="a" type="link">/x</string>', "/x", id="link-is-a-string-with-a-type"),
    ],
)
def test_each_element_is_the_value_pan_wrote(inner: str, value: object) -> None:
    assert read_tree(profile(inner)) == {"a": value}


@pytest.mark.parametrize(
    ("inner", "why"),
    [
        pytest.param("<long>1</long>", "element without a name in an nlist", id="no-name"),
        pytest.param('<long name="a">1</long><long name="a">2</long>', "name 'a' twice", id="name-twice"),
        pytest.param('<table name="a"/>', "element 'table' is unknown", id="unknown-element"),
        pytest.param('<long name="a">x</long>', "'x' is no long", id="no-number"),
        pytest.param('<double name="a">nan</double>', "'nan' is no double", id="nan"),
        pytest.param('<boolean name="a">yes</boolean>', "'yes' is no boolean", id="no-boolean"),
        pytest.param("text", "text in a nlist", id="text-in-nlist"),
        pytest.param('<string name="a"><long>1</long></string>', "element in a string", id="mixed-content"),
        pytest.param('<string name="a" encoding="base64">!</string>', "not base64", id="bad-base64"),
        pytest.param('<string name="a" encoding="rot13">!</string>', "encoding 'rot13'", id="encoding"),
    ],
)
def test_what_pan_never_writes_is_refused_with_its_line(inner: str, why: str) -> None:
    message = refusal(profile(f"\n\n{inner}\n"))

    assert message.startswith("profile is not a pan profile: line ")
    assert why in message


def test_another_format_is_refused() -> None:
    assert refusal(b'<nlist format="xmldb"/>').endswith('line 1: want format="pan"')


def test_a_syntax_error_has_line_and_column() -> None:
    assert refusal(profile("\n<long name='a'>1</lon>")).startswith("profile is not valid XML: line 2, column ")


@pytest.mark.parametrize(
    "before",
    [
        pytest.param('<!DOCTYPE nlist [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>', id="entity-bomb"),
        pytest.param('<!DOCTYPE nlist SYSTEM "file:///etc/passwd">', id="external-subset"),
        pytest.param('<!DOCTYPE nlist [<!ENTITY x SYSTEM "file:///etc/passwd">]>', id="external"),
    ],
)
def test_a_document_type_is_refused(before: str) -> None:
    assert "document type" in refusal(profile('<string name="a">x</string>', before))


def test_a_control_character_is_refused_in_one_line() -> None:
    assert refusal(b"<\x00").startswith("profile is not valid XML: line 1, column ")


def test_an_unknown_entity_is_refused() -> None:
    assert refusal(profile('<string name="a">&x;</string>')).startswith("profile is not valid XML")


def test_a_declared_encoding_cannot_hide_a_document_type() -> None:
    utf_7 = b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE nlist+AD4-<nlist format="pan"/>'

    assert refusal(utf_7).startswith("profile is not valid XML")


def test_an_element_of_another_namespace_is_unknown() -> None:
    assert "unknown" in refusal(b'<nlist xmlns="urn:x" format="pan"/>')
