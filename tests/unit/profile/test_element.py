from __future__ import annotations

import json
import struct
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spma.errors import ProfileError
from spma.profile.element import tree_of_elements
from tests.support.ccm import elements
from tests.support.data import sample
from tests.support.profiles import Json

NAMES = st.text("abc_0123456789", min_size=1, max_size=8)
SCALARS = st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
TREES = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=20
    ),
)


@given(TREES.map(lambda tree: json.loads(json.dumps(tree))))
def test_the_tree_is_the_one_that_was_written(tree: Mapping[str, Json]) -> None:
    found = tree_of_elements("x", *elements(tree))
    assert json.dumps(found, sort_keys=True) == json.dumps(tree, sort_keys=True)


@given(TREES, st.data())
def test_a_damaged_record_is_read_or_refused(tree: Mapping[str, Json], data: st.DataObject) -> None:
    pair = elements(tree)
    records = pair[data.draw(st.integers(0, 1))]
    key = data.draw(st.sampled_from(sorted(records)))
    value = records.pop(key)
    if data.draw(st.booleans()):
        records[key] = data.draw(
            st.binary(max_size=12) | st.sampled_from([value[1:], value + b"\0", b"a\nb", b"nlist", b"list"])
        )
    message = "profile x is damaged: "
    try:
        tree_of_elements("profile x", *pair)
    except ProfileError as error:
        message = error.message
    assert message.startswith("profile x is damaged: ")
    assert message.isprintable()


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("long", "-12", -12),
        ("double", "1.5e3", 1500.0),
        ("double", "3", 3.0),
        ("boolean", "false", False),
        ("string", "", ""),
        ("link", "/a", "/a"),
        ("table", "", {}),
        ("record", "", {}),
        ("list", "", []),
    ],
)
def test_each_type_has_its_value(kind: str, text: str, value: object) -> None:
    found = tree_of_elements("x", {b"/": _id(0)}, _element(0, kind, text))
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("long", "1_0"),
        ("long", ""),
        ("long", "1.0"),
        ("long", "٣"),
        ("long", "9" * 5000),
        ("double", "nan"),
        ("double", "1e999"),
        ("double", "."),
        ("boolean", "1"),
        ("fetch", "x"),
        ("", "x"),
    ],
)
def test_a_value_of_another_form_is_refused(kind: str, text: str) -> None:
    with pytest.raises(ProfileError) as caught:
        tree_of_elements("x", {b"/": _id(0)}, _element(0, kind, text))
    assert caught.value.message.startswith("x is damaged: /: ")
    assert len(caught.value.message) < 120


def test_what_is_missing_is_named_with_its_path() -> None:
    ids, values = elements({"a": {"b": 1}})
    del ids[b"/a/b"]
    with pytest.raises(ProfileError) as caught:
        tree_of_elements("profile x", ids, values)
    assert caught.value.message == "profile x is damaged: /a/b: missing"


def test_one_id_for_two_paths_is_refused() -> None:
    """Otherwise a small file could make a tree of any size."""
    ids, values = elements({"a": "x" * 100, "b": ""})
    ids[b"/b"] = ids[b"/a"]
    with pytest.raises(ProfileError, match="id 1 belongs to another path, too"):
        tree_of_elements("x", ids, values)


def test_nesting_is_bounded() -> None:
    tree: Json = 1
    for _ in range(101):
        tree = {"a": tree}
    with pytest.raises(ProfileError, match="nested too deep"):
        tree_of_elements("x", *elements(tree))


def test_a_list_names_its_elements_in_order() -> None:
    ids, values = elements([1, 2])
    values[_id(0)] = b"0\0002"
    with pytest.raises(ProfileError, match="list has no element 1"):
        tree_of_elements("x", ids, values)


@pytest.mark.parametrize(("names", "why"), [(b"a\0a", "name 'a' twice"), (b"\xff", "name of a child is not UTF-8")])
def test_names_of_children_are_checked(names: bytes, why: str) -> None:
    ids, values = elements({"a": 1})
    values[_id(0)] = names
    with pytest.raises(ProfileError, match=why):
        tree_of_elements("x", ids, values)


@pytest.mark.parametrize("packed", [b"", b"\0" * 5, struct.pack("=I", 1 << 28)])
def test_an_id_of_another_form_is_refused(packed: bytes) -> None:
    with pytest.raises(ProfileError, match="x is damaged: /: id "):
        tree_of_elements("x", {b"/": packed}, {})


def test_a_value_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(ProfileError, match="value is not UTF-8"):
        tree_of_elements("x", {b"/": _id(0)}, {**_element(0, "string", ""), _id(0): b"\xff"})


def test_a_cache_of_ccm_itself_has_the_tree_of_its_profile() -> None:
    from spma.profile.cdb import read_records

    folder = sample("ccm-cache") / "profile.1"
    ids, values = (read_records(name, (folder / name).read_bytes()) for name in ("path2eid.db", "eid2data.db"))
    expected = json.loads(sample("profiles/el9accept.json").read_bytes())

    assert tree_of_elements("x", ids, values) == expected


def _id(number: int) -> bytes:
    return struct.pack("=I", number)


def _element(number: int, kind: str, text: str) -> dict[bytes, bytes]:
    return {_id(number): text.encode(), _id(number | 1 << 28): kind.encode()}
