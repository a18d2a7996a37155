"""Aliases as metapackages."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from yumbridge.desired.alias import Alias, AliasDefinition, AliasHost, When
from yumbridge.desired.alias_reading import read_aliases
from yumbridge.desired.metadependency import Metadependency, metadependency
from yumbridge.errors import AliasError
from yumbridge.rpm.evr import EVR

UNSUITED = "an rpm cannot require that a package is of {}: packages do not say so in what they provide"
HOST = AliasHost(os_major=9, arch="x86_64", basearch="x86_64")


def exported(name: str, tree: Mapping[str, object]) -> Metadependency:
    aliases, problems = read_aliases(dict(tree), "here")
    assert problems == []
    (alias,) = (each for each in aliases if each.name == name)
    return metadependency(alias, aliases, HOST, EVR(0, "1", "1"))


def requires(name: str, **tree: object) -> tuple[str, ...]:
    return exported(name, tree).package.requires


def refusals(name: str, **tree: object) -> tuple[str, ...]:
    with pytest.raises(AliasError) as refused:
        exported(name, tree)
    return refused.value.details


def test_each_member_is_required() -> None:
    package = exported("web", {"web": {"all_of": ["nginx", "curl"], "why": "the web"}}).package

    assert (package.name, package.provides) == ("metadependency-web", ("metadependency(web)",))
    assert (package.requires, package.summary) == (("nginx", "curl"), "the web")


def test_of_alternatives_one_is_required() -> None:
    assert requires("mta", mta={"any_of": ["postfix", "exim"]}) == ("(postfix or exim)",)
    assert requires("mta", mta={"any_of": ["postfix"]}) == ("postfix",)


def test_aliases_in_it_are_written_out() -> None:
    tree = {
        "site": {"all_of": ["@web", "@mta", "curl"]},
        "web": {"all_of": ["nginx", "curl"]},
        "mta": {"any_of": ["postfix", "@light", "@other"]},
        "light": {"all_of": ["msmtp", "@queue"]},
        "queue": {"any_of": ["one", "two"]},
        "other": {"any_of": ["exim", "postfix"]},
    }

    assert requires("site", **tree) == ("nginx", "curl", "(postfix or (msmtp and (one or two)) or exim)")


def test_a_definition_is_chosen_by_host() -> None:
    jdk = [{"all_of": ["java-17"], "when": {"os_major": [8, 9]}}, {"all_of": ["java-21"], "when": {"os_major": 10}}]

    found = exported("site", {"site": {"all_of": ["@jdk"]}, "jdk": jdk})

    assert (found.package.requires, found.is_conditional) == (("java-17",), True)
    assert not exported("a", {"a": {"all_of": ["b"]}, "jdk": jdk}).is_conditional


def test_alternatives_without_a_definition_for_the_host_are_left_out() -> None:
    tree: dict[str, object] = {
        "site": {"any_of": ["@new", "old"]},
        "new": {"all_of": ["@newest"]},
        "newest": {"all_of": ["*"], "when": {"os_major": 10}},
    }

    found = exported("site", tree)

    assert found.package.requires == ("old",)
    assert found.left_out == ("@site -> @new -> @newest: no definition is for this host (os_major 9, arch x86_64)",)
    assert refusals("new", **tree) == ("@new -> @newest: no definition is for this host (os_major 9, arch x86_64)",)


def test_the_arch_of_a_member_is_that_of_its_capability() -> None:
    members = ["glibc.i686", "glibc.x86_64", "java-1.8.0-openjdk", "python3.12"]

    assert requires("a", a={"all_of": members}) == ("glibc(x86-32)", "glibc(x86-64)", *members[2:])


def test_what_an_rpm_cannot_require_is_told_at_once() -> None:
    tree = {"site": {"all_of": ["a*", "@web", "good", "@web2"]}, "web": {"any_of": ["@core", "b.noarch", "c.i586"]}}

    assert [line.partition(": ") for line in refusals("site", **tree)] == [
        ("here.site", ": ", "a*: a glob: an rpm requires names"),
        ("here.site", ": ", "@web2: a comps group, and no alias: an rpm requires packages"),
        ("here.web", ": ", "@core: a comps group, and no alias: an rpm requires packages"),
        *(("here.web", ": ", f"{name}: {UNSUITED.format(name[2:])}") for name in ("b.noarch", "c.i586")),
    ]


def test_a_name_that_no_rpm_may_have_is_refused() -> None:
    assert refusals("a..b", **{"a..b": {"all_of": ["c"]}}) == ("here.a..b: the name of an rpm has no .. in it",)


def test_an_alias_is_no_bomb() -> None:
    """Fifty levels that each double what is below them are refused, and ten thousand that do not are no matter."""
    levels = {
        name: definition
        for n in range(50)
        for name, definition in (
            (f"a{n}", {"all_of": [f"@b{n}", f"@c{n}"]}),
            (f"b{n}", {"any_of": [f"x{n}", f"@a{n + 1}" if n < 49 else "end"]}),
            (f"c{n}", {"any_of": [f"y{n}", f"@a{n + 1}" if n < 49 else "end"]}),
        )
    }
    chain = {f"a{n}": {"all_of": [f"@a{n + 1}" if n < 9999 else "end"]} for n in range(10_000)}

    assert any("would be longer than 65536 characters" in line for line in refusals("a0", **levels))
    assert requires("a0", **chain) == ("end",)


def test_without_a_why_the_summary_is_of_the_name() -> None:
    alias = Alias(name="a", definitions=(AliasDefinition(all_of=("b",), when=When(arch=("x86_64",))),))

    assert metadependency(alias, (alias,), HOST, EVR(0, "1", "1")).package.summary == "What the alias a stands for"
