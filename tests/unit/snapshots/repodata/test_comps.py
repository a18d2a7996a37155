"""Comps, limited to what is held."""

from __future__ import annotations

import pytest

from snapshots.errors import UpstreamError
from snapshots.repodata.comps import held_comps
from tests.support.comps import comps, environment, group

CATEGORY = "<category><id>c</id><grouplist><groupid>a</groupid><groupid>b</groupid></grouplist></category>"
LANGPACKS = '<langpacks><match name="x" install="x-%s"/><match name="z" install="z-%s"/></langpacks>'
WHOLE = comps(
    group("a", mandatory=("x", "y"), conditional={"z": "x"}),
    group("b", optional=("z",)),
    group("empty"),
    environment("both", ["a", "b"], {"b": True}),
    environment("lost", ["b"]),
    CATEGORY,
    LANGPACKS,
).encode()


def held(text: bytes, *names: str) -> str:
    return held_comps(text, frozenset(names)).decode()


def test_packages_that_are_not_held_go() -> None:
    text = held(WHOLE, "x")
    assert '<packagereq type="mandatory">x</packagereq>' in text
    assert ">y<" not in text
    assert ">z<" not in text


def test_a_group_that_lost_every_member_goes_with_all_references_to_it() -> None:
    text = held(WHOLE, "x")
    assert "<id>b</id>" not in text
    assert "<groupid>b</groupid>" not in text
    assert "<groupid>a</groupid>" in text


def test_an_environment_that_lost_every_group_goes() -> None:
    text = held(WHOLE, "x")
    assert "<id>both</id>" in text
    assert "<id>lost</id>" not in text


def test_a_group_that_never_had_a_member_stays() -> None:
    assert "<id>empty</id>" in held(WHOLE, "x")


def test_langpacks_stay_for_what_is_held() -> None:
    assert held(WHOLE, "x").count("<match") == 1
    assert "<langpacks>" not in held(WHOLE, "y")


def test_limited_again_it_is_the_same_bytes() -> None:
    once = held_comps(WHOLE, frozenset({"x"}))
    assert held_comps(once, frozenset({"x"})) == once


def test_what_is_not_held_leaves_no_trace() -> None:
    more = environment("e", ["a"], {"b": True}), group("b", optional=("zz",))
    one = comps(group("a", mandatory=("x",)), environment("e", ["a"])).replace("<optionlist></optionlist>", "")
    other = comps(group("a", mandatory=("x", "zz")).replace("<packagelist>", "<packagelist>\n    "), *reversed(more))
    assert held(one.encode(), "x") == held(other.replace("<comps>", "<comps>\n<!-- made later -->\n").encode(), "x")


def test_of_comments_alone_nothing_is_left() -> None:
    assert held(b"<comps>\n  <!-- nothing -->\n</comps>", "x") == ""


def test_nothing_is_left_of_what_is_about_nothing_that_is_held() -> None:
    assert held(comps(group("b", optional=("z",)), environment("lost", ["b"])).encode(), "x") == ""
    assert held(b"", "x") == ""


def test_a_document_type_is_not_kept_and_not_fetched() -> None:
    named = b'<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "http://localhost:1/comps.dtd">\n'
    text = held(named + comps(group("a", mandatory=("x",))).encode().partition(b"\n")[2], "x")
    assert "DOCTYPE" not in text
    assert "<id>a</id>" in text


@pytest.mark.parametrize(
    "text",
    [
        b"<comps><group></comps>",
        b"<html/>",
        b"nothing",
        b'<!DOCTYPE comps [<!ENTITY a "aaaa">]><comps><group><id>&a;</id></group></comps>',
        b"<comps><group><id>&a;</id></group></comps>",
        b'<!DOCTYPE comps SYSTEM "comps.dtd"><comps><group><id>A&nbsp;B</id></group></comps>',
        b'<!DOCTYPE comps SYSTEM "comps.dtd"><comps><group a="A&nbsp;B"><id>a</id></group></comps>',
    ],
)
def test_what_is_no_comps_is_refused(text: bytes) -> None:
    with pytest.raises(UpstreamError):
        held_comps(text, frozenset())
