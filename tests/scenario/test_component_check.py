"""What ncm-ncd makes of components, told before any host runs them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest

from tests.support.data import sample
from tests.support.profiles import Json
from tests.support.tool import Outcome
from tests.support.world import World

EXIT_INVALID = 10
COMPONENTS = "/software/components"


def component(
    *, pre: Sequence[Json] = (), post: Sequence[Json] = (), active: bool = True, **more: Json
) -> dict[str, Json]:
    """Return a component as its schema has it; options with a hyphen are written with an underscore."""
    options = {name.replace("_", "-"): value for name, value in more.items()}
    return {"active": active, "dispatch": True, "dependencies": {"pre": pre, "post": post}, **options}


def check(world: World, components: Json, *args: str, **more: Json) -> Outcome:
    content = json.dumps({"software": {"components": components}, **more})
    return world.run("component", "check", "-", *args, stdin=content)


def remarks(outcome: Outcome, which: str = "problems") -> list[tuple[str, str]]:
    """Return the path below /software/components and the kind of each problem or warning."""
    found = outcome.json()[which]
    return [(str(each["path"]).removeprefix(COMPONENTS).lstrip("/"), each["kind"]) for each in found]


def order(outcome: Outcome) -> list[str]:
    assert outcome.code == 0, outcome
    return [step["name"] for step in outcome.json()["order"]]


def test_the_order_follows_dependencies_and_the_alphabet_from_its_end(world: World) -> None:
    """What pre names comes before, what post names comes after, and among others the last in the alphabet is first.

    Source: ncm-ncd, component-proxy-list.t, which expects aa, bb, dd, cc of the same components.
    """
    components = {
        "aa": component(),
        "bb": component(pre=["aa"], post=["cc", "dd"]),
        "cc": component(),
        "dd": component(pre=["aa", "bb"]),
        "gg": component(),
        "off": component(active=False, pre=["nowhere"]),
    }

    assert order(check(world, components, "--json")) == ["gg", "aa", "bb", "dd", "cc"]


def test_an_alias_is_told_with_the_module_that_runs(world: World) -> None:
    """A component with ncm-module runs as that module, and the packager is known by alias or by module."""
    components = {
        "packager": component(ncm_module="yumbridge"),
        "ssh": component(pre=["packager"]),
        "spma": component(active=False),
        "units": component(pre=["packager"], ncm_module="Systemd::Service"),
    }

    outcome = check(world, components)

    assert outcome.stdout.splitlines() == [
        "Order",
        "  1  packager  the packager, by the module yumbridge",
        "  2  units     by the module Systemd::Service",
        "  3  ssh",
        "",
        "Good: ncm-ncd runs 3 components.",
    ]
    assert check(world, components, "--json").json() == {
        "document": "yumbridge-component-check",
        "version": "1.0",
        "complete": True,
        "order": [
            {"name": "packager", "module": "yumbridge", "packager": True, "pre": [], "post": []},
            {"name": "units", "module": "Systemd::Service", "packager": False, "pre": ["packager"], "post": []},
            {"name": "ssh", "module": "ssh", "packager": False, "pre": ["packager"], "post": []},
        ],
        "problems": [],
        "warnings": [],
    }


def test_every_problem_is_told_at_once(world: World) -> None:
    """Dangling names, cycles, and whatever ncm-ncd refuses: all of them, with their places; nothing runs."""
    components: dict[str, Json] = {
        "aa": component(pre=["bb"], post=["aa"]),
        "bb": component(pre=["cc"]),
        "cc": component(pre=["aa", "off", "gone", 7]),
        "off": component(active=False),
        "x": component(),
        "a-b": component(),
        "mod": component(ncm_module="a b"),
        "old": component(version="1.0-1"),
        "list": ["spma"],
        "flag": {"active": "yes"},
        "deps": {"active": True, "dependencies": ["spma"]},
        "pre": {"active": True, "dependencies": {"pre": "spma"}},
    }

    outcome = check(world, components, "--json")

    assert outcome.code == EXIT_INVALID
    assert outcome.json()["order"] == []
    assert remarks(outcome) == [
        ("a-b", "name"),
        ("aa", "cycle"),
        ("aa", "cycle"),
        ("cc/dependencies/pre/1", "inactive"),
        ("cc/dependencies/pre/2", "missing"),
        ("cc/dependencies/pre/3", "malformed"),
        ("deps/dependencies", "malformed"),
        ("flag/active", "malformed"),
        ("list", "malformed"),
        ("mod/ncm-module", "module"),
        ("old/version", "version"),
        ("pre/dependencies/pre", "malformed"),
        ("x", "name"),
    ]
    chains = [each["chain"] for each in outcome.json()["problems"] if each["kind"] == "cycle"]
    assert chains == [["aa"], ["aa", "cc", "bb"]]
    text = check(world, components)
    assert text.code == EXIT_INVALID
    assert "a cycle of dependencies: aa before cc before bb before aa" in " ".join(text.stdout.split())
    assert text.stdout.splitlines()[-1] == "13 problems: ncm-ncd would run nothing."


def test_what_perl_takes_for_nothing_is_nothing(world: World) -> None:
    """ncm-ncd goes on without an empty module, version or list; Perl's 1 and 0 are booleans."""
    components: dict[str, Json] = {
        "aa": {"active": 1, "ncm-module": "", "version": "", "dependencies": {"pre": [], "post": []}},
        "bb": {"active": "0", "ncm-module": "a b"},
    }

    assert order(check(world, components, "--json")) == ["aa"]


def test_a_component_without_the_flag_is_a_warning(world: World) -> None:
    """ncm-ncd only warns of a component that does not say whether it is active; one that is needed is a problem."""
    components: dict[str, Json] = {"aa": component(), "quiet": {}}

    outcome = check(world, components, "--json")

    assert order(outcome) == ["aa"]
    assert remarks(outcome, "warnings") == [("quiet", "no-flag")]
    needed = check(world, components | {"aa": component(pre=["quiet"])}, "--json")
    assert remarks(needed) == [("aa/dependencies/pre/0", "inactive")]


@pytest.mark.parametrize(
    ("components", "told"),
    [
        ({"ssh": component(pre=["packager"])}, "no component 'packager'; no component here changes packages"),
        (
            {"ssh": component(pre=["packager"]), "spma": component()},
            "no component 'packager'; what changes packages here is spma: name that",
        ),
        (
            {
                "ssh": component(pre=["spma"]),
                "spma": component(active=False),
                "packager": component(ncm_module="spma"),
            },
            "component spma is not active; the packager here is packager: name that",
        ),
    ],
)
def test_a_dependency_on_the_packager_that_dangles_says_what_to_name(
    world: World, components: Mapping[str, Json], told: str
) -> None:
    """Who depends on a packager that is not there is told which one is."""
    outcome = check(world, components)

    assert outcome.code == EXIT_INVALID
    assert told in " ".join(outcome.stdout.split())


def test_a_job_that_is_done_twice_is_a_warning(world: World) -> None:
    """Two active components with one module, or two that change packages whatever their modules are."""
    components = {
        "spma": component(),
        "packager": component(ncm_module="yumbridge"),
        "one": component(pre=["packager"], ncm_module="work"),
        "two": component(pre=["packager"], ncm_module="work"),
    }

    outcome = check(world, components, "--json")

    assert outcome.code == 0
    assert sorted(each["text"] for each in outcome.json()["warnings"]) == [
        "each of one and two runs the module work: the job is done 2 times in a run",
        "each of packager and spma changes packages: the job is done 2 times in a run",
    ]


def test_a_staged_install_is_no_job_done_twice(world: World) -> None:
    """The component spmalight of Quattor has the module spma and a filter: that is a first run, meant so."""
    components = {
        "spma": component(pre=["accounts"]),
        "accounts": component(pre=["spmalight"]),
        "spmalight": component(post=["spma"], ncm_module="spma", filter="^ncm-(accounts|spma)$"),
    }

    outcome = check(world, components, "--json")

    assert order(outcome) == ["spmalight", "accounts", "spma"]
    assert outcome.json()["warnings"] == []


def test_who_passes_the_packager_by_is_told(world: World) -> None:
    """With both active, a component that depends on spma alone may run before the packager has."""
    others = {f"c{number}": component(pre=["spma"]) for number in range(9)}
    components = others | {"spma": component(), "packager": component(pre=["spma"], ncm_module="yumbridge")}

    outcome = check(world, components, "--json")

    text = next(each["text"] for each in outcome.json()["warnings"] if each["kind"] == "beside")
    assert text == (
        "on spma, not on the packager, depend c0, c1, c2, c3, c4, c5 and 3 more: they need not run after the packager"
    )


def test_a_host_that_aii_cannot_install_is_told(world: World) -> None:
    """AII ends an installation with ncm-ncd --configure spma, which needs spma to be active."""
    system: Json = {"aii": {"osinstall": {"ks": {"installtype": "url"}}}}
    off = {"spma": component(active=False), "packager": component(ncm_module="yumbridge")}
    on = {"spma": component(ncm_module="yumbridge")}

    found = [check(world, each, "--json", system=system).json()["warnings"] for each in (off, on)]

    assert [[each["kind"] for each in warnings] for warnings in found] == [["installer"], []]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{}", "/software: missing"),
        ('{"packages": {}}', "/software/components: missing"),
        ('{"software": {"components": ["spma"]}}', "/software/components: want a dict, got a list"),
        ('{"software": {"components": {}}}', "no component is active"),
        ('{"software": {"components": ' + '{"a":' * 5000 + "1" + "}" * 5002, "nested"),
        ("[]", "profile is no dict"),
        ("\x00", "neither JSON nor XML"),
    ],
)
def test_a_profile_without_components_is_invalid(world: World, content: str, told: str) -> None:
    """What is no profile, or has no component to run, ends with 10 and says why."""
    outcome = world.run("component", "check", "-", stdin=content)

    assert outcome.code == EXIT_INVALID
    assert told in outcome.stdout + outcome.stderr


def test_names_of_a_hostile_profile_do_not_reach_the_terminal(world: World) -> None:
    """Control characters are written out, whether they stand in names, modules or dependencies."""
    evil = "\x1b[2J\u202e\n"
    components: dict[str, Json] = {
        evil: component(pre=[evil + "gone"]),
        "aa": component(pre=[evil, evil + "off"], ncm_module=evil, version=evil),
        evil + "off": component(active=False),
        evil + "list": [],
        evil + "quiet": {},
    }

    outcome = check(world, components)

    assert outcome.code == EXIT_INVALID
    assert not {"\x1b", "\u202e"} & set(outcome.stdout)
    assert max(map(len, outcome.stdout.splitlines())) <= 120
    assert outcome.stdout.splitlines()[-1] == "6 problems: ncm-ncd would run nothing."


def test_a_huge_profile_is_checked_in_seconds(world: World) -> None:
    """Twenty thousand components in a chain, all in a ring, or all tied to all of a hundred."""
    names = [f"c{number:05}" for number in range(20_000)]
    chain = {b: component(pre=[a]) for a, b in pairwise(names)}
    knot = {name: component(pre=names[:100]) for name in names[:100]}

    in_a_chain = check(world, {names[0]: component()} | chain, "--json")
    in_a_ring = check(world, {names[0]: component(pre=[names[-1]])} | chain, "--json")
    in_a_knot = check(world, knot, "--json")

    assert order(in_a_chain) == names
    assert [len(each["chain"]) for each in in_a_ring.json()["problems"]] == [20_000]
    assert (in_a_knot.code, in_a_knot.json()["complete"]) == (EXIT_INVALID, False)
    assert len(in_a_knot.json()["problems"]) == 100


def test_text_fits_80_columns(world: World) -> None:
    """Long names and long texts are wrapped."""
    components: dict[str, Json] = {
        "component_with_a_rather_long_name": component(
            ncm_module="A::Module::With::A::Rather::Long::Name::Of::Its::Own"
        ),
        "spma": component(),
        "other": component(ncm_module="spma"),
        "quiet": {},
    }

    good = check(world, components)
    bad = check(world, components | {"aa": component(pre=["packager", "spam", "quiet"], post=["aa"])})

    assert (good.code, bad.code) == (0, EXIT_INVALID)
    assert max(map(len, [*good.stdout.splitlines(), *bad.stdout.splitlines()])) <= 80


def test_without_a_profile_the_cache_of_ccm_is_read(world: World) -> None:
    """As the other verbs do, it reads the current profile of the cache."""
    cache = sample("ccm-cache")

    outcome = world.run("component", "check", "--cache-root", cache, "--json")

    assert order(outcome) == ["spma"]


@pytest.mark.parametrize(
    ("name", "count", "last"),
    [
        ("wn.example.org.json", 27, "filecopy"),
        ("argus.example.org.json", 26, "gip2"),
        ("ui.example.org.xml", 20, "accounts"),
        ("el9node.json", 1, "spma"),
    ],
)
def test_components_of_the_field_are_sorted(world: World, name: str, count: int, last: str) -> None:
    """Of profiles that Quattor's own compiler wrote: spma is first, and nothing is wrong."""
    outcome = world.run("component", "check", sample(f"profiles/{name}"), "--json")

    names = order(outcome)
    assert (len(names), names[0], names[-1]) == (count, "spma", last)
    assert outcome.json()["warnings"] == []


def test_what_is_wrong_with_a_profile_of_the_field_is_told(world: World) -> None:
    """The test profile of spmalight depends on components that do not say whether they are active."""
    outcome = world.run("component", "check", sample("profiles/upstream-light.json"), "--json")

    assert outcome.code == EXIT_INVALID
    assert remarks(outcome) == [
        ("accounts/dependencies/pre/0", "inactive"),
        ("accounts/dependencies/pre/2", "inactive"),
    ]
