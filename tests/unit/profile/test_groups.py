"""The forms of /software/groups."""

from __future__ import annotations

import pytest

from spma.profile.groups import Group, read_groups
from spma.profile.tree import Tree

ROOT = "/software/groups"


def test_a_dict_of_groups() -> None:
    found, findings = read_groups({"web_2dserver": {}, "core": {"default": False, "optional": "yes"}})

    assert findings == ()
    assert found == (
        Group(name="core", default=False, optional=True, origin=f"{ROOT}/core"),
        Group(name="web-server", origin=f"{ROOT}/web_2dserver"),
    )


def test_one_dict_with_a_list_of_names() -> None:
    found, findings = read_groups({"default": False, "mandatory": True, "names": ["core", "base"]})

    assert findings == ()
    assert found == (
        Group(name="core", default=False, origin=f"{ROOT}/names/0"),
        Group(name="base", default=False, origin=f"{ROOT}/names/1"),
    )


@pytest.mark.parametrize("groups", [{}, {"names": []}], ids=["yum", "yumng"])
def test_no_groups(groups: Tree) -> None:
    assert read_groups(groups) == ((), ())


@pytest.mark.parametrize(
    ("groups", "finding"),
    [
        pytest.param([], ": want a dict, got a list", id="list"),
        pytest.param({"core": True}, "/core: want a dict, got true", id="no-dict"),
        pytest.param({"core": {"default": 5}}, "/core/default: want a boolean", id="no-boolean"),
        pytest.param({"core": {"x": 5}}, "/core/x: unknown field", id="unknown-field"),
        pytest.param({"names": ["core", 5]}, "/names/1: want a string, got 5", id="no-name"),
        pytest.param({"names": [""]}, "/names/0: '' is no name of a group", id="empty-name"),
    ],
)
def test_what_is_wrong_is_found_at_its_path(groups: Tree, finding: str) -> None:
    _, (found,) = read_groups(groups)

    assert str(found).startswith(f"{ROOT}{finding}")
