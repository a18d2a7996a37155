"""What a profile means for packages otherwise than another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.data import sample
from tests.support.profiles import Json, Packages, repository_entry, write_profile
from tests.support.rpms import Rpm
from tests.support.world import World

GLIBC_1, GLIBC_2 = (Rpm("glibc", f"{n}-1", source="glibc") for n in (1, 2))
COMMON_1, COMMON_2 = (Rpm("glibc-common", f"{n}-1", source="glibc") for n in (1, 2))
APP = Rpm("app", requires=("lib",))
LIB = Rpm("lib")


def bridge(**keys: Json) -> dict[str, Json]:
    """Return the subtree of the bridge with these keys, as part of a profile."""
    return {"software": {"components": {"yumbridge": keys}}}


def compared(world: World, *words: str | Path, code: int = 0) -> Any:  # noqa: ANN401 - a foreign document
    """Return the difference document. The command must end with `code`."""
    outcome = world.run("profile", "diff", *words, "--json")
    assert outcome.code == code, outcome
    return outcome.json()


def told(world: World, *words: str | Path, code: int = 0) -> list[str]:
    """Return the difference as it is told to people, a line each, none of them wider than 80 columns."""
    # No path is broken in two: those of a world may be long.
    short = [
        word.relative_to(world.path) if isinstance(word, Path) and word.is_relative_to(world.path) else word
        for word in words
    ]
    outcome = world.run("profile", "diff", *short)
    assert outcome.code == code, outcome
    lines = outcome.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    return lines


def names(section: Any) -> tuple[list[str], list[str], list[str]]:  # noqa: ANN401 - a foreign document
    """Return what of a section came, went and changed."""
    key = "repo_id" if any("repo_id" in entry and "urls" in entry for entry in _entries(section)) else "name"
    changed = [entry["after"][key] for entry in section["changed"]]
    return [entry[key] for entry in section["added"]], [entry[key] for entry in section["removed"]], changed


def _entries(section: Any) -> list[Any]:  # noqa: ANN401 - a foreign document
    return [*section["added"], *section["removed"], *(entry["after"] for entry in section["changed"])]


def test_another_spelling_of_the_same_is_no_difference(world: World) -> None:
    """JSON and XML, the forms of one entry, the order of keys, defaults that are written out: no difference."""
    base = ("base", "http://repo.example.org/base")
    terse = world.profile(["app", "lib", "x_y"], [base], name="terse.json")
    wordy = world.profile(
        {"x_y": {"": {"": ""}}, "lib": {"": {}}, "app": {}},
        [repository_entry(base, priority=99, excludepkgs=[], gpgkey=[])],
        name="wordy.xml",
        spma={"userpkgs_retry": False, "plugins": {"versionlock": {"enabled": True}}},
    )

    assert told(world, terse, wordy) == ["No difference."]
    document = compared(world, terse, wordy)
    assert document["document"] == "yumbridge-profile-diff"
    assert document["closure"] is None


def test_each_part_of_a_profile_is_compared(world: World) -> None:
    """Specs, repositories, module streams, options, holds and aliases: what comes, what goes and what changes."""
    old = world.profile(
        {"gone": {}, "pinned": {"1-1": {}}, "@core": {}},
        [("base", "http://a/"), ("off", "http://b/")],
        name="old.json",
        spma={"userpkgs": "no"},
        extra={
            "software": {
                "modules": {"nodejs": {"enable": True, "stream": "18"}},
                "components": {
                    "yumbridge": {
                        "holds": [{"packages": ["glibc"]}],
                        "aliases": {"mta": {"any_of": ["postfix", "exim"]}, "web": {"all_of": ["nginx", "curl"]}},
                    }
                },
            }
        },
    )
    new = world.profile(
        {"come": {}, "pinned": {"2-1": {}}, "@core": {}},
        [("base", "http://c/")],
        name="new.json",
        spma={"userpkgs": "yes"},
        extra={
            "software": {
                "modules": {"nodejs": {"enable": True, "stream": "20"}},
                "groups": {"core": {"optional": True}},
                "components": {
                    "yumbridge": {
                        "holds": [{"packages": ["systemd", "glibc"], "until": {"between": "02:00-04:00"}}],
                        "aliases": {"mta": {"any_of": ["exim", "postfix"]}, "web": {"all_of": ["curl", "nginx"]}},
                        "policy": {"removal_limit": 5},
                    }
                },
            }
        },
    )

    document = compared(world, old, new)

    assert names(document["specs"]) == (["come"], ["gone"], ["@core", "pinned"])
    assert document["specs"]["changed"][1]["fields"] == ["evr"]
    assert names(document["repositories"]) == ([], ["off"], ["base"])
    assert document["repositories"]["changed"][0]["fields"] == ["urls"]
    assert names(document["modules"]) == ([], [], ["nodejs"])
    assert names(document["options"]) == ([], [], ["removal_limit", "repository_cleanup", "userpkgs"])
    (hold,) = document["holds"]["changed"]
    assert hold["fields"] == ["packages", "until"]
    # The order of `any_of` is a choice, that of `all_of` is none.
    assert names(document["aliases"]) == ([], [], ["mta"])


def test_the_configuration_of_the_host_applies_to_both(world: World) -> None:
    """A hold of the host is in force for both; a profile that says the same besides is no other one."""
    configuration = world.path / "config.yaml"
    configuration.write_text("policy: {removal_limit: 5}\n", encoding="utf-8")
    old = world.profile(["app"], name="old.json")
    same = world.profile(["app"], name="same.json", extra=bridge(policy={"removal_limit": 5}))

    assert told(world, old, same, "--config", configuration) == ["No difference."]
    document = compared(world, old, same)
    (change,) = document["options"]["changed"]
    assert (change["before"], change["after"]) == (
        {"name": "removal_limit", "value": None},
        {"name": "removal_limit", "value": 5},
    )


def test_credentials_are_compared_and_not_shown(world: World) -> None:
    """A password that alone changed is told as a change, in the text and in the document, and is in neither."""
    text = "proxy_password = {0}\nproxy = http://me:{0}@proxy.example.org/\n"
    profiles = [
        world.profile(
            ["app"],
            [repository_entry(("base", f"http://me:{secret}@repo.example.org/"), gpgcakey=f"http://me:{secret}@k/")],
            name=f"{number}.json",
            spma={"dnfconf": text.format(secret)},
        )
        for number, secret in enumerate(("hunter2", "tr0ub4dor"))
    ]

    document = compared(world, *profiles)
    lines = told(world, *profiles)

    (repository,) = document["repositories"]["changed"]
    assert repository["fields"] == ["gpgcakey", "urls"]
    assert repository["before"]["urls"] == ["http://***@repo.example.org/"]
    assert names(document["options"]) == ([], [], ["dnfconf/proxy_password", "proxy"])
    assert "  ~ base  gpgcakey other credentials; urls other credentials" in lines
    assert "  ~ proxy                   other credentials" in lines
    for secret in ("hunter2", "tr0ub4dor"):
        assert secret not in json.dumps(document)
        assert secret not in "\n".join(lines)


def test_credentials_stay_hidden_wherever_a_url_has_them(world: World) -> None:
    """Secrets in the URL of a signing key, and in the query of any, are compared and not shown."""
    profiles = [
        world.profile(
            ["app"],
            [
                repository_entry(
                    ("base", f"https://repo.example.org/?release=9&access_token={secret}"),
                    gpgkey=[f"http://me:{secret}@keys.example.org/key"],
                )
            ],
            name=f"{number}.json",
        )
        for number, secret in enumerate(("hunter2", "tr0ub4dor"))
    ]

    document = compared(world, *profiles)
    lines = told(world, *profiles)

    (repository,) = document["repositories"]["changed"]
    assert repository["fields"] == ["gpgkeys", "urls"]
    assert repository["after"]["urls"] == ["https://repo.example.org/?release=9&access_token=***"]
    for secret in ("hunter2", "tr0ub4dor"):
        assert secret not in json.dumps(document)
        assert secret not in "\n".join(lines)


def test_the_words_of_a_command_are_not_shown(world: World) -> None:
    """A hold of the host that waits for a command is told by the name of its program: its arguments may be secrets."""
    configuration = world.path / "config.yaml"
    configuration.write_text(
        "holds:\n- packages: [app]\n  until: {command: [/usr/bin/drained, --token, hunter2]}\n", encoding="utf-8"
    )
    old = world.profile({"app": {"1-1": {}}}, name="old.json")
    new = world.profile({"app": {"2-1": {}}}, name="new.json")

    document = compared(world, old, new, "--config", configuration)
    lines = told(world, old, new, "--config", configuration)

    assert [held["spec"] for held in document["held"]] == ["app"]
    assert "hunter2" not in json.dumps(document)
    assert "hunter2" not in "\n".join(lines)
    assert "drained" in "\n".join(lines)


def test_an_option_of_dnf_that_a_plugin_is_named_after_is_compared(world: World) -> None:
    """fastestmirror may be set in the text of dnf.conf, without the plugin."""
    old = world.profile(["app"], name="old.json", spma={"dnfconf": "fastestmirror=1\n"})
    new = world.profile(["app"], name="new.json", spma={"dnfconf": "fastestmirror=0\n"})

    assert names(compared(world, old, new)["options"]) == ([], [], ["dnfconf/fastestmirror"])


def test_every_problem_of_both_profiles_is_told(world: World) -> None:
    """A profile that is invalid ends the comparison with 10, each problem of either one behind its file."""
    old = world.profile({"app": {"not a version": {}}, "bad name": {}}, name="old.json")
    new = world.profile([], name="new.json")

    outcome = world.run("profile", "diff", old, new)

    assert outcome.code == 10
    assert outcome.stderr.count("old.json: /software/packages/") == 2
    assert "new.json: profile lists no packages" in outcome.stderr


def test_a_profile_may_come_on_standard_input(world: World) -> None:
    """One of both profiles may be "-"; both are refused, and a problem in it says where it came from."""
    old = world.profile(["app"], name="old.json")

    outcome = world.run("profile", "diff", old, "-", stdin=old.read_text(encoding="utf-8"))
    bad = world.run("profile", "diff", "-", old, stdin="{}")

    assert (outcome.code, outcome.stdout) == (0, "No difference.\n")
    assert (bad.code, world.run("profile", "diff", "-", "-").code) == (10, 2)
    assert "  standard input: " in bad.stderr


def test_what_a_hold_has_by_name_is_told_without_repositories(world: World) -> None:
    """Without --snapshot the specs that differ and that a hold of the new profile names are told."""
    holds = bridge(holds=[{"packages": ["glibc*"], "why": "drained nodes only"}])
    old = world.profile({"app": {}, "glibc": {"1-1": {}}, "@glibc": {}}, name="old.json")
    new = world.profile({"glibc": {"2-1": {}}, "glibc-devel.x86_64": {}}, name="new.json", extra=holds)

    document = compared(world, old, new)
    lines = told(world, old, new)

    assert [(held["spec"], held["rule"], held["until"]) for held in document["held"]] == [
        ("glibc", "glibc*", "boot"),
        ("glibc-devel.x86_64", "glibc*", "boot"),
    ]
    assert "  glibc  at boot: held by glibc*, drained nodes only" in lines


def test_closures_on_a_snapshot_are_compared(world: World) -> None:
    """With --snapshot the packages that come, go and change are told, each with the reason, dependencies included."""
    base = world.repository("base", APP, LIB, Rpm("tool", "1-1"), Rpm("tool", "2-1"), Rpm("old", requires=("need",)))
    manifest = world.freeze("one", base, world.repository("more", Rpm("need")))
    old = world.profile({"old": {}, "tool": {"2-1": {}}}, [base], name="old.json")
    new = world.profile({"app": {}, "tool": {"1-1": {}}}, [base], name="new.json")
    on = ("--snapshot", "one", "--store", world.store)

    closure = compared(world, old, new, *on)["closure"]
    lines = told(world, old, new, *on)

    assert (closure["after"]["snapshot"], closure["after"]["snapshot_id"]) == ("one", manifest.id)
    assert [change["name"] for change in closure["added"]] == ["app", "lib"]
    assert [change["name"] for change in closure["removed"]] == ["need", "old"]
    (tool,) = closure["changed"]
    assert (tool["action"], tool["before"], tool["after"]) == ("downgrade", ["2-1"], ["1-1"])
    assert closure["removed"][0]["why"][-1] == {"kind": "requires", "ref": "old-1-1.noarch", "via": "need"}
    assert f"On snapshot one ({manifest.id[7:19]})" in lines
    assert lines[lines.index("Remove 2 packages") :] == [
        "Remove 2 packages",
        "  need.noarch  1-1  was needed by old",
        "  old.noarch   1-1  was in the profile",
        "",
        "Downgrade 1 package",
        "  tool.noarch  2-1 -> 1-1  in the profile",
        "",
        "Install 2 packages",
        "  app.noarch  1-1  in the profile",
        "  lib.noarch  1-1  needed by app",
        "",
        "Summary: packages -1 ~1 +1; closure remove 2, downgrade 1, install 2",
    ]


def test_what_a_hold_keeps_back_until_boot_is_named(world: World) -> None:
    """It names what will not happen before a reboot: by name, and with others of the same source."""
    base = world.repository("base", GLIBC_1, GLIBC_2, COMMON_1, COMMON_2, Rpm("app", "1-1"), Rpm("app", "2-1"))
    pins: list[Packages] = [{name: {f"{n}-1": {}} for name in ("app", "glibc", "glibc-common")} for n in (1, 2)]
    holds = bridge(
        holds=[
            {"packages": ["glibc"], "why": "drained nodes only"},
            {"packages": ["ap?"], "until": {"between": "02:00-04:00"}, "except": {"severity": ["critical"]}},
        ]
    )
    old = world.profile(pins[0], [base], name="old.json", extra=holds)
    new = world.profile(pins[1], [base], name="new.json", extra=holds)

    closure = compared(world, old, new, "--repos-from", world.repositories)["closure"]
    lines = told(world, old, new, "--repos-from", world.repositories)

    assert [(held["name"], held["until"]) for held in closure["held"]] == [
        ("app", {"between": "02:00-04:00"}),
        ("glibc", "boot"),
        ("glibc-common", "boot"),
    ]
    assert lines[lines.index("Only at boot, with what cannot go without it") :] == [
        "Only at boot, with what cannot go without it",
        "  glibc.noarch         upgrade  is held: drained nodes only",
        "  glibc-common.noarch  upgrade",
        "      is held with glibc, which is of the same source: drained nodes only",
        "",
        "Only when 02:00-04:00, with what cannot go without it",
        "  app.noarch  upgrade  is held by ap?, unless an advisory breaks the hold",
        "",
        "Summary: packages ~3; closure upgrade 3; 3 changes wait",
    ]


def test_a_member_of_an_alias_that_changes_is_told(world: World) -> None:
    """An alias whose first member can be had no more is told, with why; what the aliases mean is the same."""
    base = world.repository("base", Rpm("postfix"), Rpm("exim"), Rpm("sendmail", conflicts=("postfix",)))
    aliases = bridge(aliases={"mta": {"any_of": ["postfix", "exim"]}})
    old = world.profile(["@mta"], [base], name="old.json", extra=aliases)
    new = world.profile(["@mta", "sendmail"], [base], name="new.json", extra=aliases)

    document = compared(world, old, new, "--repos-from", world.repositories)
    lines = told(world, old, new, "--repos-from", world.repositories)

    (choice,) = document["closure"]["choices"]
    assert (choice["before"]["member"], choice["after"]["member"]) == ("postfix", "exim")
    assert choice["after"]["passed_over"][0]["member"] == "postfix"
    assert lines[lines.index("Other members of aliases") + 1].startswith(
        "  @mta: postfix -> exim; postfix is not taken"
    )
    assert "Notes" not in lines


def test_a_profile_that_does_not_solve_is_told(world: World) -> None:
    """What either profile cannot have is told, with 12, and so is everything else."""
    base = world.repository("base", APP, LIB, Rpm("sick", requires=("nothing",)))
    good = world.profile(["app"], [base], name="good.json")
    bare = world.profile(["app", "absent"], [base], name="bare.json")
    sick = world.profile(["app", "sick"], [base], name="sick.json")
    there = ("--repos-from", world.repositories)

    missing = compared(world, good, bare, *there, code=12)["closure"]
    unsolvable = compared(world, sick, good, *there, code=12)
    lines = told(world, sick, good, *there, code=12)

    assert [problem["kind"] for problem in missing["after"]["problems"]] == ["not-found"]
    assert missing["is_comparable"]
    assert (unsolvable["closure"]["is_comparable"], unsolvable["closure"]["added"]) == (False, [])
    assert names(unsolvable["specs"]) == ([], ["sick"], [])
    assert lines[0] == "sick.json: 1 problem that good.json does not have"
    assert "Packages: 1 removed" in lines
    assert told(world, bare, bare, *there, code=12)[-1] == "No difference."


@pytest.mark.parametrize(
    "parts",
    [
        {"extra": bridge(policy={"weak_deps": False})},
        {"spma": {"excludes": ["extra"]}},
        {"spma": {"dnfconf": "install_weak_deps=0"}},
    ],
)
def test_each_closure_is_that_of_its_own_options(world: World, parts: Mapping[str, Any]) -> None:
    """One child solves both; where options alone differ, each profile gets the closure that it asks for."""
    base = world.repository("base", Rpm("app", recommends=("extra",)), Rpm("extra"))
    old = world.profile(["app"], [base], name="old.json")
    new = world.profile(["app"], [base], name="new.json", **parts)

    closure = compared(world, old, new, "--repos-from", world.repositories)["closure"]

    assert [change["name"] for change in closure["removed"]] == ["extra"]
    assert closure["removed"][0]["why"][-1]["kind"] == "recommends"


def test_hostile_text_does_not_reach_a_terminal(world: World) -> None:
    """Control characters in what a profile says are written out, and long words keep the width."""
    escape = "\x1b[2J\u202e"
    holds = bridge(
        holds=[{"packages": ["app"], "why": f"why{escape}"}],
        aliases={"a": {"all_of": ["app"], "why": f"because{escape}"}},
    )
    old = world.profile(["app"], name="old.json")
    new = world.profile(
        {"app": {}, "x" * 200: {}},
        [("base", "http://host/" + "y" * 100)],
        name="new.json",
        spma={"quattor_os_release": "1.0", "whitelist": ["w" * 100]},
        extra=holds,
    )

    outcome = world.run("profile", "diff", old, new)

    assert outcome.code == 0
    assert "\x1b" not in outcome.stdout
    assert "\u202e" not in outcome.stdout
    assert r"\x1b[2J\x202e" in outcome.stdout


def test_a_name_that_leads_nowhere_ends_the_comparison(world: World) -> None:
    """A snapshot that is not there ends with 20; a folder without repositories, or two places at once, is refused."""
    world.freeze("one", world.repository("base", LIB))
    profile = world.profile(["lib"], name="profile.json")
    (world.path / "empty").mkdir()

    def code(*words: str | Path) -> int:
        return world.run("profile", "diff", profile, profile, *words).code

    assert code("--snapshot", "two", "--store", world.store) == 20
    assert code("--repos-from", world.path / "empty") == 10
    assert code("--snapshot", "one", "--repos-from", world.repositories, "--store", world.store) == 2


REAL = ("el9node.json", "el9accept.json", "wn.example.org.json", "ui.example.org.xml", "yumng-form.json")


@pytest.mark.parametrize("old", REAL)
def test_profiles_of_the_field_are_compared(world: World, old: str) -> None:
    """A profile of Quattor's own compiler differs from every other one, and not from itself."""
    for new in REAL:
        document = compared(world, sample(f"profiles/{old}"), sample(f"profiles/{new}"))
        specs = document["specs"]
        assert bool(specs["added"] or specs["removed"] or specs["changed"]) is (old != new)


def test_both_forms_of_a_profile_of_the_field_mean_the_same(world: World) -> None:
    """JSON or XML: what the compiler wrote of one host is no difference."""
    both = (sample("profiles/el9node.json"), sample("profiles/el9node.xml"))

    assert told(world, *both) == ["No difference."]


def test_a_real_node_is_compared_on_real_metadata(world: World) -> None:
    """A name less on an EL9 node is told with what it had brought, on 18,774 packages of CentOS Stream 9."""
    content = json.loads(sample("profiles/el9node.json").read_text(encoding="utf-8"))
    old = write_profile(world.path / "old.json", content)
    del content["software"]["packages"]["nginx"]
    new = write_profile(world.path / "new.json", content)
    world.root()
    where = ("--repos-from", sample("repos"), "--root", world.root().path, "--arch", "x86_64", "--releasever", "9")

    closure = compared(world, old, new, *where, code=12)["closure"]

    assert closure["before"]["problems"] == closure["after"]["problems"] != []
    assert [change["name"] for change in closure["removed"]] == [
        "centos-logos-httpd",
        "nginx",
        "nginx-core",
        "nginx-filesystem",
    ]
    assert closure["added"] == closure["changed"] == []
