"""The verbs of aliases: what there are, what one comes to, and one as an rpm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support import tool
from tests.support.ccm import CcmCache
from tests.support.comps import comps, group
from tests.support.dnf import dnf
from tests.support.profiles import Json, profile, repository_entry
from tests.support.repositories import Contents, Repository
from tests.support.roots import InstallRoot
from tests.support.rpms import Rpm
from tests.support.tool import Outcome
from tests.support.world import World

EXIT_USAGE, EXIT_INVALID, EXIT_PROBLEMS = 2, 10, 12

CONFIGURATION = """
aliases:
  mta:      {any_of: [postfix, exim], why: one mail transfer agent}
  hpc-base: {all_of: [hwloc, numactl, "@mta"]}
  jdk:
    - {all_of: [java-17], when: {os_major: [8, 9]}}
    - {all_of: [java-21], when: {os_major: 10, arch: x86_64}}
"""
HPC = (Rpm("hwloc", "2.4-1"), Rpm("numactl", "2.0-1"), Rpm("exim", "4.9-1"))


def configured(world: World, text: str = CONFIGURATION) -> tuple[str | Path, ...]:
    """Return the options for a root without a system, and a configuration."""
    path = world.path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return "--config", path, "--root", world.root().path


def aliases_of(outcome: Outcome, code: int = 0) -> dict[str, Any]:
    assert outcome.code == code, outcome
    return {alias["name"]: alias for alias in outcome.json()["aliases"]}


def shown(world: World, name: str, *args: str | Path, text: str = CONFIGURATION, code: int = 0) -> Any:  # noqa: ANN401 - a foreign document
    outcome = world.run("alias", "show", name, *args, *configured(world, text), "--json")
    return aliases_of(outcome, code)[name]


def met(alias: Any) -> dict[str, list[str]]:  # noqa: ANN401 - a foreign document
    return {member["name"]: member["packages"] for member in alias["expansion"]}


def passed(alias: Any) -> list[tuple[str, str, list[str]]]:  # noqa: ANN401 - a foreign document
    """Return the choices of an alias: its name, the member, and those that were passed over."""
    chosen = alias["chosen"]
    return [(each["alias"], each["member"], [one["member"] for one in each["passed_over"]]) for each in chosen]


# --- list ---------------------------------------------------------------------------------------


def test_every_alias_is_listed_with_what_it_stands_for_here(world: World) -> None:
    options = configured(world)

    found = aliases_of(world.run("alias", "list", *options, "--releasever", "9", "--json"))

    assert list(found) == ["hpc-base", "jdk", "mta"]
    assert found["hpc-base"]["origin"] == f"{world.path}/config.yaml: aliases.hpc-base"
    assert (found["jdk"]["definition"], len(found["jdk"]["definitions"])) == (0, 2)
    assert found["mta"]["definitions"][0]["why"] == "one mail transfer agent"
    expansion = {name: [(m["name"], m["undecided"]) for m in each["expansion"]] for name, each in found.items()}
    assert expansion == {
        "hpc-base": [("hwloc", False), ("numactl", False), ("@mta", True)],
        "jdk": [("java-17", False)],
        "mta": [("@mta", True)],
    }


def test_the_definition_is_that_of_the_host_described(world: World) -> None:
    options = configured(world)

    def definition(*host: str) -> int | None:
        found: int | None = aliases_of(world.run("alias", "list", *options, *host, "--json"))["jdk"]["definition"]
        return found

    assert definition("--releasever", "10", "--arch", "x86_64") == 1
    assert definition("--releasever", "10", "--arch", "aarch64") is None
    assert definition("--releasever", "8.10") == 0
    assert definition() is None


def test_without_a_profile_the_aliases_of_the_configuration_are_listed(world: World) -> None:
    outcome = world.run("alias", "list", *configured(world), "--releasever", "9")

    assert outcome.code == 0
    assert outcome.stderr == "no profile here: only the aliases of the configuration are known\n"
    assert "@hpc-base\n" in outcome.stdout
    assert "  here: hwloc, numactl, one of @mta\n" in outcome.stdout
    assert outcome.stdout.endswith("3 aliases; here is os_major 9, arch x86_64.\n")
    assert world.run("alias", "list", "--cache-root", world.path, *configured(world)).code == EXIT_INVALID


def test_those_of_a_profile_are_listed_with_the_lines_that_use_them(world: World) -> None:
    extra: dict[str, Json] = {
        "software": {"components": {"yumbridge": {"aliases": {"mta": {"all_of": ["exim"]}, "own": {"all_of": ["a"]}}}}}
    }
    given = world.profile(["@hpc-base", "@own", "b"], extra=extra)
    options = configured(world)
    cache = CcmCache(world.path / "root/var/lib/ccm")
    cache.raw(3, profile(["@hpc-base", "@own", "b"], extra=extra))
    cache.point(3)

    by_file = aliases_of(world.run("alias", "list", given, *options, "--json"))
    by_cache = aliases_of(world.run("alias", "list", *options, "--json"))

    assert by_file == by_cache
    assert {name: alias["used_by"] for name, alias in by_file.items()} == {
        "hpc-base": ["/software/packages/_40hpc_2dbase"],
        "jdk": [],
        "mta": ["/software/packages/_40hpc_2dbase"],
        "own": ["/software/packages/_40own"],
    }
    assert by_file["mta"]["origin"] == "/software/components/yumbridge: aliases.mta"
    assert [member["name"] for member in by_file["hpc-base"]["expansion"]] == ["hwloc", "numactl", "exim"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("aliases: {a: {all_of: ['@b']}, b: {any_of: [x, '@a']}}", "goes round in a circle: a -> b -> a"),
        ("aliases: {a: [{all_of: [b]}, {all_of: [c], when: {arch: x86_64}}]}", "aliases.a[1].when: overlaps with"),
    ],
)
@pytest.mark.parametrize("verb", [("list",), ("show", "a"), ("export", "a", "--out", "out")])
def test_circles_and_overlaps_end_every_verb(world: World, verb: tuple[str, ...], text: str, told: str) -> None:
    outcome = world.run("alias", *verb, world.profile(["x"]), *configured(world, text))

    assert outcome.code == EXIT_INVALID
    assert told in outcome.stderr


# --- show ---------------------------------------------------------------------------------------


def test_one_alias_is_shown_with_the_packages_that_meet_it(world: World) -> None:
    given = world.profile(["@hpc-base"], [world.repository("base", *HPC)])

    alias = shown(world, "hpc-base", given)

    assert met(alias) == {
        "hwloc": ["hwloc-2.4-1.noarch"],
        "numactl": ["numactl-2.0-1.noarch"],
        "exim": ["exim-4.9-1.noarch"],
    }
    assert passed(alias) == [("mta", "exim", ["postfix"])]
    assert alias["used_by"] == ["/software/packages/_40hpc_2dbase"]
    assert alias["problems"] == []


def test_an_alias_that_the_profile_does_not_use_is_solved_with_what_it_lists(world: World) -> None:
    rpms = (*HPC, Rpm("postfix", conflicts=("sendmail",)), Rpm("sendmail"))
    base = world.repository("base", *rpms)

    beside = shown(world, "mta", world.profile(["sendmail"], [base]))
    alone = shown(world, "mta", world.profile(["hwloc"], [base], name="other.json"))

    assert (beside["used_by"], passed(beside)) == ([], [("mta", "exim", ["postfix"])])
    assert "sendmail" in beside["chosen"][0]["passed_over"][0]["why"]
    assert passed(alone) == [("mta", "postfix", [])]


def test_what_cannot_be_had_of_an_alias_is_told(world: World) -> None:
    base = world.repository("base", Rpm("hwloc"))
    text = """
aliases:
  all: {all_of: [hwloc, gone, "@mta", "@jdk"]}
  mta: {any_of: [postfix, exim]}
  jdk: {all_of: [j], when: {os_major: 8}}
"""

    alias = shown(world, "all", world.profile(["hwloc", "lost"], [base]), text=text, code=EXIT_PROBLEMS)

    # That of another line of the profile is none of its.
    assert [(problem["kind"], problem["spec"]) for problem in alias["problems"]] == [
        ("alias", "@jdk"),
        ("alias", "@mta"),
        ("not-found", "gone"),
    ]
    assert met(alias) == {"hwloc": ["hwloc-1-1.noarch"], "gone": []}


def test_an_alias_of_which_there_is_no_solution_says_why(world: World) -> None:
    base = world.repository("base", Rpm("a", conflicts=("b",)), Rpm("b"))
    text = "aliases: {x: {all_of: [a]}}"

    alias = shown(world, "x", world.profile(["b"], [base]), text=text, code=EXIT_PROBLEMS)

    assert [problem["kind"] for problem in alias["problems"]] == ["unsolvable"]
    assert met(alias) == {"a": None}


def test_groups_and_globs_and_shadowed_groups_are_shown(world: World) -> None:
    contents = Contents(
        rpms=tuple(map(Rpm, ("a1", "a2", "b", "c"))), comps=comps(group("core", mandatory=("b", "none")))
    )
    base = world.publish("base", contents)

    both = shown(world, "x", world.profile(["c"], [base]), text="aliases: {x: {all_of: ['a*', '@core']}}")
    # Whoever is listed on its own is left to its own line.
    listed = shown(world, "x", world.profile(["a1", "b"], [base]), text="aliases: {x: {all_of: ['a*', '@core']}}")
    core = shown(world, "core", world.profile(["b"], [base]), text="aliases: {core: {all_of: [a1]}}")

    assert met(both) == {"a*": ["a1-1-1.noarch", "a2-1-1.noarch"], "@core": ["b-1-1.noarch"]}
    assert met(listed) == {"a*": ["a2-1-1.noarch"], "@core": []}
    assert [note["kind"] for note in both["notes"]] == ["missing-member"]
    assert [note["text"] for note in core["notes"]] == ["@core is the alias, not the group of that id"]


def test_the_repositories_can_be_others_and_then_no_profile_is_needed(world: World) -> None:
    base = world.repository("base", *HPC)
    world.freeze("old", base)
    world.repository("base", *HPC, Rpm("postfix"))

    by_folder = shown(world, "mta", "--repos-from", world.repositories)
    by_snapshot = shown(world, "mta", "--snapshot", "old", "--store", world.store)
    nothing = world.run("alias", "show", "mta", *configured(world))

    assert passed(by_folder) == [("mta", "postfix", [])]
    assert passed(by_snapshot) == [("mta", "exim", ["postfix"])]
    assert nothing.code == EXIT_INVALID
    assert "current.cid is missing" in nothing.stderr


def test_while_a_repository_is_missing_the_first_member_is_shown_and_why(world: World) -> None:
    base = world.repository("base", *HPC)
    gone = repository_entry(("gone", (world.path / "nowhere").as_uri()), skip_if_unavailable=True)

    alias = shown(world, "mta", world.profile(["hwloc"], [base, gone]))

    assert passed(alias) == [("mta", "postfix", [])]
    assert alias["problems"] == []
    assert [note["kind"] for note in alias["notes"]] == ["degraded", "degraded"]


@pytest.mark.parametrize("verb", [("show",), ("export", "--out", "out")])
def test_an_unknown_name_is_answered_with_the_one_that_may_be_meant(world: World, verb: tuple[str, ...]) -> None:
    given = world.profile(["a"], [world.repository("base", Rpm("a"))])

    outcome = world.run("alias", verb[0], "hcp-base", given, *verb[1:], *configured(world))

    assert outcome.code == EXIT_INVALID
    assert "no alias is called hcp-base; did you mean hpc-base?" in outcome.stderr


def test_the_tree_of_an_alias_is_read_on_80_columns(world: World) -> None:
    text = f"""
aliases:
  top:   {{all_of: ["@mta", "@again", {"x" * 60}], why: {"a long reason " * 12}}}
  again: {{all_of: ["@mta"]}}
  mta:   {{any_of: [postfix, exim, sendmail]}}
"""
    rpms = (Rpm("exim"), Rpm("x" * 60))
    given = world.profile(["exim"], [world.repository("base", *rpms)])
    options = configured(world, text)

    tree = world.run("alias", "show", "@top", given, *options).stdout
    listed = world.run("alias", "list", given, *options).stdout

    assert [line for line in (tree + listed).splitlines() if len(line) > 80 and len(line.split()) > 1] == []
    lines = [" ".join(line.split()) for line in tree.splitlines()]
    assert "not used by the profile" in lines
    assert "@mta any of" in lines
    assert "exim exim-1-1.noarch" in lines
    assert "sendmail not needed" in lines
    assert "@mta as above" in lines


# --- export -------------------------------------------------------------------------------------


def exported(world: World, name: str, *args: str | Path, text: str = CONFIGURATION) -> Any:  # noqa: ANN401 - a foreign document
    """Export an alias into a repository of its own, and return the document."""
    world.repositories.mkdir(exist_ok=True)
    outcome = world.run(
        "alias", "export", name, "--out", world.repositories / "site", *args, *configured(world, text), "--json"
    )
    assert outcome.code == 0, outcome
    tool.run("createrepo_c", "--quiet", world.repositories / "site")
    return outcome.json()


def site(world: World) -> Repository:
    path = world.repositories / "site"
    return Repository("site", path, path.as_uri(), ())


def rpm(root: InstallRoot, *args: str) -> Outcome:
    return tool.attempt("rpm", "--root", root.path, *args)


def test_other_rpms_can_depend_on_an_exported_alias(world: World) -> None:
    app = Rpm("app", requires=("metadependency(hpc-base)",))
    base = world.repository("base", *HPC, app)
    root = world.root()

    made = exported(world, "hpc-base")
    installed = dnf(root.path, "install", "app", repositories=[base, site(world)])

    assert installed.code == 0, installed
    assert made["nevra"] == "metadependency-hpc-base-1-1.noarch"
    assert made["requires"] == ["hwloc", "numactl", "(postfix or exim)"]
    assert root.installed() == {
        "app-1-1.noarch",
        "metadependency-hpc-base-1-1.noarch",
        *(each.nevra for each in HPC),
    }
    assert rpm(root, "--query", "--whatprovides", "metadependency(hpc-base)").stdout == f"{made['nevra']}\n"
    for name in ("hwloc", "exim"):
        refused = rpm(root, "--erase", "--test", name)
        assert refused.code != 0
        assert "is needed by (installed) metadependency-hpc-base-1-1.noarch" in refused.stderr


def test_an_exported_alias_can_be_a_package_of_the_profile(world: World) -> None:
    base = world.repository("base", *HPC)
    exported(world, "hpc-base")

    plan = world.run(
        "plan", world.profile(["metadependency-hpc-base"], [base, site(world)]), *configured(world, "{}"), "--json"
    )

    assert [change["name"] for change in plan.json()["changes"]] == [
        "exim",
        "hwloc",
        "metadependency-hpc-base",
        "numactl",
    ]


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        (("a", "b"), {"a", "b"}),
        (("a", "c", "d"), {"a", "c"}),
        (("e", "x"), {"e"}),
        (("a", "x"), None),
    ],
)
def test_alternatives_of_several_packages_are_met_as_they_are_meant(
    world: World, available: tuple[str, ...], expected: set[str] | None
) -> None:
    text = "aliases: {site: {any_of: ['@two', e]}, two: {all_of: [a, '@one']}, one: {any_of: [b, c]}}"
    base = world.repository("base", *map(Rpm, available))
    root = world.root()
    made = exported(world, "site", text=text)

    outcome = dnf(root.path, "install", "metadependency-site", repositories=[base, site(world)])

    assert made["requires"] == ["((a and (b or c)) or e)"]
    names = {nevra.removesuffix("-1-1.noarch") for nevra in root.installed()}
    assert (outcome.code == 0) == (expected is not None)
    assert names == (set() if expected is None else expected | {"metadependency-site"})


def test_a_member_of_an_arch_is_required_of_that_arch(world: World) -> None:
    two = [Rpm("lib", arch=arch, provides=(f"lib({isa})",)) for arch, isa in (("i686", "x86-32"), ("x86_64", "x86-64"))]
    base = world.repository("base", *two)
    root = world.root()
    exported(world, "a", text="aliases: {a: {all_of: [lib.i686]}}")

    outcome = dnf(root.path, "install", "metadependency-a", "--forcearch=x86_64", repositories=[base, site(world)])

    assert outcome.code == 0, outcome
    # That of the host's own arch comes beside it, as with every requirement of the other one.
    assert {"lib-1-1.i686", "metadependency-a-1-1.noarch"} < root.installed()


def test_an_export_is_for_the_host_described(world: World) -> None:
    nine = exported(world, "jdk", "--releasever", "9", "--evr", "2-1.el9")
    ten = world.run(
        "alias", "export", "jdk", "--releasever", "10", "--evr", "2-1.el10", "--out", "out", *configured(world)
    )

    assert (nine["nevra"], nine["requires"]) == ("metadependency-jdk-2-1.el9.noarch", ["java-17"])
    path = world.path / "out/metadependency-jdk-2-1.el10.noarch.rpm"
    assert (ten.code, ten.stdout) == (0, f"{path}\n")
    assert "for hosts with os_major 10, arch x86_64\n" in ten.stderr
    assert "java-21" in tool.run("rpm", "--query", "--package", "--requires", path).splitlines()


def test_a_changed_definition_needs_another_evr(world: World) -> None:
    text = "aliases: {a: {all_of: [b]}}"
    changed = "aliases: {a: {all_of: [b, c]}}"
    path = Path(exported(world, "a", text=text)["path"])
    before = path.read_bytes()
    again = exported(world, "a", text=text)

    refused = world.run("alias", "export", "a", "--out", path.parent, *configured(world, changed))
    raised = exported(world, "a", "--evr", "2-1", text=changed)

    assert Path(again["path"]).read_bytes() == before == path.read_bytes()
    assert refused.code == 1
    assert "is there, with another content: raise version or release, or remove it" in refused.stderr
    assert raised["nevra"] == "metadependency-a-2-1.noarch"


def test_what_an_rpm_cannot_require_is_refused_at_once_and_nothing_is_written(world: World) -> None:
    text = "aliases: {a: {all_of: ['g*', '@core', x.noarch, good]}}"

    refused = world.run("alias", "export", "a", "--out", "out", *configured(world, text), "--json")

    assert refused.code == EXIT_INVALID
    assert refused.json()["kind"] == "alias"
    assert [line.split(": ")[2] for line in refused.json()["details"]] == ["g*", "@core", "x.noarch"]
    assert not (world.path / "out").exists()


def test_an_evr_that_is_none_is_a_mistake_of_usage(world: World) -> None:
    for evr in ("1", "1-%(id)", "a:1-1"):
        outcome = world.run("alias", "export", "mta", "--evr", evr, "--out", "out", *configured(world))
        assert (outcome.code, "not an EVR" in outcome.stderr) == (EXIT_USAGE, True)


def test_where_rpmbuild_is_missing_the_package_to_install_is_named(world: World) -> None:
    empty = world.path / "empty"
    empty.mkdir()

    outcome = world.run("alias", "export", "mta", "--out", "out", *configured(world), env={"PATH": str(empty)})

    assert outcome.code == 1
    assert "rpmbuild is missing: install the package rpm-build, or rpm on Debian" in outcome.stderr
