"""Requests of ncm-ncd: read as strictly as a profile, and as if they had not gone through Perl."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spma.component import read_request, typed
from spma.errors import ProfileError
from spma.profile.tree import Tree
from yumbridge.config import Layer, read_layer
from yumbridge.errors import ConfigError

BRIDGE: dict[str, Tree] = {
    "policy": {
        "weak_deps": False,
        "run_at_boot": True,
        "installonly_limit": 0,
        "removal_limit": 20,
        "whitelist": ["1"],
    },
    "holds": [
        {"packages": ["glibc"], "source": False, "install": True, "why": "1"},
        {"packages": ["a"], "until": {"any_of": [{"boot": True}, {"max_load": 0.5}, {"max_load": 2}]}},
        {
            "packages": ["b"],
            "until": {"between": "02:00-04:00", "minimum_remaining": 30, "splay": 5, "logged_in": False},
        },
    ],
    "aliases": {
        "boot": {"all_of": ["1"], "when": {"os_major": [8, 9]}},
        "source": [{"any_of": ["a", "b"], "when": {"os_major": 10}, "why": "0"}],
    },
}


def through_perl(tree: Tree) -> Tree:
    """Return a tree as CCM's getTree and a JSON module of Perl leave it."""
    match tree:
        case dict():
            return {key: through_perl(value) for key, value in tree.items()}
        case list():
            return [through_perl(value) for value in tree]
        case bool():
            return int(tree)
        case _:
            return str(tree)


def request(**changes: Any) -> bytes:  # noqa: ANN401 - whatever somebody may write
    tree = {"name": "spma", "component": {"ncm-module": "yumbridge"}, "software": {}}
    return json.dumps(tree | changes).encode()


def refused(data: bytes) -> tuple[str, ...]:
    with pytest.raises(ProfileError) as caught:
        read_request(data)
    return caught.value.details


def test_what_went_through_perl_means_what_it_meant() -> None:
    assert through_perl(BRIDGE) != BRIDGE
    found, meant = (read_layer(tree, "place", commands=False) for tree in (typed(through_perl(BRIDGE)), BRIDGE))
    assert found == meant
    assert found != Layer()


def test_what_did_not_go_through_perl_stays() -> None:
    assert typed(BRIDGE) == BRIDGE


@pytest.mark.parametrize(
    "policy", [{"weak_deps": 2}, {"weak_deps": "yes"}, {"installonly_limit": "many"}, {"removal_limit": "1.5"}]
)
def test_what_is_of_no_such_kind_is_left_to_the_reader(policy: dict[str, Tree]) -> None:
    with pytest.raises(ConfigError):
        read_layer(typed({"policy": policy}), "place", commands=False)


@pytest.mark.parametrize("flag", [1, "1", True], ids=repr)
def test_noaction_is_true_as_perl_writes_it(flag: Tree) -> None:
    assert read_request(request(noaction=flag)).noaction


@pytest.mark.parametrize("flag", [0, "0", "", False, None], ids=repr)
def test_noaction_is_false_as_perl_writes_it(flag: Tree) -> None:
    assert not read_request(request(noaction=flag)).noaction


def test_a_request_without_noaction_is_for_a_run() -> None:
    assert not read_request(request()).noaction


def test_every_problem_of_a_request_is_told_at_once() -> None:
    details = refused(json.dumps({"name": "a b", "noaction": 7, "shape": 1, "software": {"disks": 1}}).encode())
    assert details == (
        "name: want the name of a component, got 'a b'",
        "noaction: want a boolean, got 7",
        "shape: unknown key",
        "software/disks: unknown key",
    )


def test_the_order_of_keys_changes_no_digest() -> None:
    packages: dict[str, Tree] = {"a": {}, "b": {}}
    one, other = (
        read_request(request(software={"packages": {key: packages[key] for key in order}})) for order in ("ab", "ba")
    )
    assert one.source == other.source


def test_the_options_are_those_of_spma_or_of_the_component_itself() -> None:
    ours = {"ncm-module": "yumbridge", "filter": "^a"}
    found = {
        name: read_request(request(name=name, component=ours, spma={"filter": "^b"})).software["components"]
        for name in ("spma", "spmalight", "packager", "yumbridge")
    }
    filters = {name: tree["spma"]["filter"] for name, tree in found.items()}  # type: ignore[index,call-overload]
    assert filters == {"spma": "^a", "spmalight": "^a", "packager": "^b", "yumbridge": "^b"}
