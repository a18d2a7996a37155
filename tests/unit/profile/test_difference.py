"""What two profiles mean otherwise."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spma.profile.difference import ProfileDifference, compare
from spma.profile.meaning import Meaning, meaning_of
from spma.profile.reading import read_profile
from tests.support.profiles import profile
from yumbridge.condition.condition import Condition
from yumbridge.config import Layer
from yumbridge.desired.alias import Alias, AliasDefinition, When
from yumbridge.desired.hold import Hold, HoldExceptions
from yumbridge.desired.policy import Policy
from yumbridge.plan.document import ProfileRef

OLD, NEW = ProfileRef(source="/old", digest="sha256:1"), ProfileRef(source="/new", digest="sha256:2")


def meaning(packages: Any = ("app",), *, layer: Layer | None = None, **parts: Any) -> Meaning:  # noqa: ANN401 - a tree
    """Return what a profile means, `layer` being what its own subtree says."""
    read = read_profile(json.dumps(profile(packages, **parts)).encode())
    layer = layer or Layer()
    return meaning_of(read.desired_state(Policy(), layer.applied_to, layer.aliases), read.options)


def compared(before: Meaning, after: Meaning) -> ProfileDifference:
    return compare(before, after, (OLD, NEW))


def held(*packages: str, **fields: Any) -> Meaning:  # noqa: ANN401 - fields of a hold
    return meaning(layer=Layer(holds=(Hold(packages=packages, **fields),)))


def aliased(*definitions: AliasDefinition) -> Meaning:
    return meaning(layer=Layer(aliases=(Alias(name="a", definitions=definitions),)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"app": {}}, {"app": {"": {"": ""}}}),
        ({"app": {"1-1": {}}}, {"app": {"1-1": {"": ""}}}),
        ({"app": {}, "lib": {}}, {"lib": {}, "app": {}}),
        ({"app": {"": {"x86_64": "", "i686": ""}}}, {"app": {"": {"i686": "", "x86_64": ""}}}),
        ({"@core": {}}, {"@core": {"*": {}}}),
    ],
)
def test_forms_of_one_spec_mean_the_same(before: Any, after: Any) -> None:  # noqa: ANN401 - trees
    assert compared(meaning(before), meaning(after)).is_empty


def test_a_group_means_the_same_wherever_it_is_written() -> None:
    other = meaning(extra={"software": {"groups": {"core": {}}}})
    assert compared(meaning(("app", "@core")), other).is_empty


def test_a_group_that_becomes_an_alias_is_another_one() -> None:
    alias = Alias(name="core", definitions=(AliasDefinition(all_of=("bash",)),))
    found = compared(meaning(("@core",)), meaning(("@core",), layer=Layer(aliases=(alias,))))
    assert [change.fields for change in found.specs.changed] == [("is_group",)]


def test_a_version_that_changes_is_a_change() -> None:
    (change,) = compared(meaning({"app": {"1-1": {}}}), meaning({"app": {"2-1": {}}})).specs.changed
    assert (change.before.evr, change.after.evr, change.fields) == ("1-1", "2-1", ("evr",))


def test_each_arch_is_paired_with_itself() -> None:
    before, after = ({"app": {evr: {"x86_64": "", "i686": ""}}} for evr in ("1-1", "2-1"))
    found = compared(meaning(before), meaning(after)).specs
    assert [(change.before.arch, change.after.arch) for change in found.changed] == [("i686", "i686"), ("x86_64",) * 2]


def test_of_several_versions_none_is_said_to_become_another() -> None:
    found = compared(
        meaning({"kernel": {"1-1": {}, "2-1": {}}}), meaning({"kernel": {"2-1": {}, "3-1": {}, "4-1": {}}})
    ).specs
    assert [spec.evr for spec in found.removed] == ["1-1"]
    assert [spec.evr for spec in found.added] == ["3-1", "4-1"]
    assert found.changed == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (held("a", "b"), held("b", "a", "a")),
        (held("a", until=Condition(boot=True)), held("a")),
        (
            held("a", exceptions=HoldExceptions(severity=("Critical", "low"))),
            held("a", exceptions=HoldExceptions(severity=("LOW", "critical"))),
        ),
        (
            held("a", until=Condition(any_of=(Condition(boot=True), Condition(max_load=1.0)))),
            held("a", until=Condition(any_of=(Condition(max_load=1.0), Condition(boot=True)))),
        ),
        (held("a", until=Condition(days=("sun", "sat"))), held("a", until=Condition(days=("sat", "sun")))),
    ],
)
def test_spellings_of_one_hold_mean_the_same(before: Meaning, after: Meaning) -> None:
    assert compared(before, after).is_empty


def test_a_hold_is_known_by_an_entry_that_no_other_has() -> None:
    both = (Hold(packages=("kernel*", "glibc")), Hold(packages=("dbus",)))
    later = (Hold(packages=("systemd",)), Hold(packages=("glibc", "systemd-libs"), why="new"))
    found = compared(meaning(layer=Layer(holds=both)), meaning(layer=Layer(holds=later))).holds
    assert [(change.before.packages, change.after.packages, change.fields) for change in found.changed] == [
        (("glibc", "kernel*"), ("glibc", "systemd-libs"), ("packages", "why"))
    ]
    assert [hold.packages for hold in found.removed] == [("dbus",)]
    assert [hold.packages for hold in found.added] == [("systemd",)]


def test_commands_of_conditions_are_shown_without_arguments() -> None:
    found = compared(meaning(), held("a", until=Condition(command=("/bin/ask", "--token", "secret"))))
    assert "secret" not in repr(found)
    assert "/bin/ask" in repr(found)


def test_the_members_of_an_alias_that_all_count_have_no_order() -> None:
    assert compared(
        aliased(AliasDefinition(all_of=("a", "b"))), aliased(AliasDefinition(all_of=("b", "a", "b")))
    ).is_empty


@pytest.mark.parametrize("kind", ["any_of", "all_of"])
def test_the_order_of_what_leaves_a_choice_is_a_difference(kind: str) -> None:
    members = ("@b", "@c") if kind == "all_of" else ("b", "c")
    before, after = (
        AliasDefinition(all_of=each) if kind == "all_of" else AliasDefinition(any_of=each)
        for each in (members, members[::-1])
    )
    assert [change.fields for change in compared(aliased(before), aliased(after)).aliases.changed] == [("definitions",)]


def test_definitions_for_other_hosts_have_no_order() -> None:
    el8, el9 = (AliasDefinition(all_of=(f"v{n}",), when=When(os_major=(n,))) for n in (8, 9))
    assert compared(aliased(el8, el9), aliased(el9, el8)).is_empty


def options(**spma: Any) -> Meaning:  # noqa: ANN401 - options of the component
    return meaning(spma=spma)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"userpkgs_retry": True, "fullsearch": False}, []),
        ({}, {"run": "no"}, ["run"]),
        ({"main_options": {"exclude": ["a", "b"]}}, {"excludes": ["b", "a"]}, []),
        ({"main_options": {"best": 1}}, {"dnfconf": "best=true\n"}, []),
        ({"main_options": {"retries": 10}}, {}, []),
        (
            {"proxyhost": "a,b", "packager": "yum"},
            {"proxyhost": "a,b", "packager": "yum", "proxyrandom": True},
            ["proxyrandom"],
        ),
        ({"proxyhost": "a"}, {"proxyhost": "a", "proxyrandom": True}, []),
        ({"dnfconf": "debuglevel=1"}, {"dnfconf": "# quiet\ndebuglevel = 1\n"}, []),
        ({"dnfconf": "debuglevel=1"}, {"dnfconf": "debuglevel=2"}, ["dnfconf/debuglevel"]),
        ({}, {"plugins": {"versionlock": {"follow_obsoletes": True}}}, ["plugins/versionlock/follow_obsoletes"]),
        ({}, {"quattor_os_file": "/etc/os", "quattor_os_release": "1"}, ["quattor_os_file", "quattor_os_release"]),
    ],
)
def test_options_are_compared_by_what_they_do(before: Any, after: Any, expected: list[str]) -> None:  # noqa: ANN401 - options
    found = compared(options(**before), options(**after)).options
    names = [each.after.name for each in found.changed] + [each.name for each in (*found.added, *found.removed)]
    assert names == expected


def test_every_rule_of_the_policy_is_compared() -> None:
    found = {option.name for option in meaning().options}
    renamed = {"keep_user_packages", "obsoleters_meet_names", "require_best", "holds"}
    assert found >= set(Policy.__struct_fields__) - renamed
    assert found >= {"userpkgs", "process_obsoletes", "best"}


def test_repositories_have_no_order_and_their_urls_have_one() -> None:
    one, other = ("a", "http://a/"), ("b", "http://b/")
    assert compared(meaning(repositories=[one, other]), meaning(repositories=[other, one])).is_empty
    protocols = [{"name": "http", "url": f"http://{host}/"} for host in "xy"]
    urls = [meaning(repositories=[{"name": "a", "protocols": each}]) for each in (protocols, list(reversed(protocols)))]
    assert [change.fields for change in compared(*urls).repositories.changed] == [("urls",)]


def test_where_something_was_written_is_no_difference() -> None:
    before = meaning(repositories=[("a", "http://a/"), ("b", "http://b/")])
    found = compared(before, meaning(repositories=[("b", "http://b/")]))
    assert [repository.repo_id for repository in found.repositories.removed] == ["a"]
    assert found.repositories.changed == ()
