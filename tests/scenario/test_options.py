"""The options of ncm-spma, /software/components/spma."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from tests.support.comps import module
from tests.support.plans import applied, kept, moves, planned
from tests.support.profiles import Json, repository_entry
from tests.support.repositories import Contents
from tests.support.rpms import Rpm
from tests.support.server import UNAVAILABLE, Fault, Server
from tests.support.trees import Tree
from tests.support.world import World

AWAY = ("base", "http://mirror.example.org/base")


def asked_hosts(server: Server) -> set[str]:
    """Return the hosts that a server was asked about, itself as an empty name."""
    return {request.target.split("/")[2] if "://" in request.target else "" for request in server.requests}


# --- what may change ----------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["no", "false", False])
def test_run_no_still_shows_what_would_change(world: World, written: Json) -> None:
    """With run = no, also as a boolean, a plan is what it is otherwise, and apply reports it and changes nothing."""
    base = world.repository("base", Rpm("app"))
    profile = world.profile(["app"], [base], spma={"run": written})
    root = world.root(Rpm("old"))
    before = Tree.of(root.rpmdb)

    assert moves(planned(world, profile, root, "--check", code=100)) == [
        "install app.noarch 1-1",
        "remove old.noarch 1-1",
    ]
    report = applied(world, profile, root)

    assert (report["outcome"], report["changes"]) == ("refused", 0)
    assert report["errors"] == ["the profile says run = no: nothing is changed"]
    assert before.changes(Tree.of(root.rpmdb)) == ()


def test_user_packages_are_still_upgraded_when_something_needs_it(world: World) -> None:
    """With userpkgs an unlisted package stays as it is, unless the closure itself has a newer build of it."""
    base = world.repository("base", Rpm("app", requires=("lib >= 2",)), Rpm("lib", "2-1"), Rpm("mine", "2-1"))
    root = world.root(Rpm("lib", "1-1"), Rpm("mine", "1-1"))

    plan = planned(world, world.profile(["app"], [base], spma={"userpkgs": "yes"}), root)

    assert moves(plan) == ["install app.noarch 1-1", "upgrade lib.noarch 1-1 -> 2-1"]
    assert kept(plan) == {"mine-1-1.noarch": "user-package"}


@pytest.mark.parametrize(
    "option",
    [{"userpkgs_retry": True}, {"userpkgs_retry": False}, {"fullsearch": True}, {"proxyrandom": True}],
    ids=str,
)
def test_options_that_one_solve_makes_pointless_change_nothing(world: World, option: Mapping[str, Json]) -> None:
    """userpkgs_retry, fullsearch and proxyrandom without proxies are taken without a word, and change no plan."""
    base = world.repository("base", Rpm("app", requires=("lib",)), Rpm("lib"))
    root = world.root(Rpm("old"))

    plain = planned(world, world.profile(["ap*"], [base]), root)
    profile = world.profile(["ap*"], [base], spma=option)
    outcome = world.run("plan", profile, "--root", root.path, "--json")

    assert (outcome.code, outcome.stderr, outcome.json()["changes"]) == (0, "", plain["changes"])


def test_options_for_quattor_alone_are_taken_without_a_word(world: World) -> None:
    """active, dispatch, register_change, version, dependencies and ncm-module are not for us and no warning."""
    base = world.repository("base", Rpm("app"))
    spma: dict[str, Json] = {
        "active": False,
        "dispatch": False,
        "register_change": ["/software/packages", "/nowhere"],
        "version": "26.2.0",
        "dependencies": {"pre": ["accounts"], "post": []},
        "ncm-module": "yumbridge",
    }

    outcome = world.run("plan", world.profile(["app"], [base], spma=spma), "--root", world.root().path, "--json")

    assert (outcome.code, outcome.stderr) == (0, "")
    assert moves(outcome.json()) == ["install app.noarch 1-1"]


def test_an_unknown_option_is_a_warning_that_names_it(world: World) -> None:
    """An option that no schema has, at any depth, is a warning with its path, and the plan is made."""
    base = world.repository("base", Rpm("app"))
    spma: dict[str, Json] = {
        "pkgtool": "x",
        "main_options": {"color": "always"},
        "plugins": {"aliases": {}, "versionlock": {"colour": "red"}},
    }
    profile = world.profile(["app"], [base], spma=spma)

    outcome = world.run("plan", profile, "--root", world.root().path, "-v")

    assert outcome.code == 0
    assert outcome.stderr.splitlines() == [
        "warning: /software/components/spma/main_options/color: unknown option, ignored",
        "warning: /software/components/spma/pkgtool: unknown option, ignored",
        "warning: /software/components/spma/plugins/aliases: unknown plugin, ignored",
        "warning: /software/components/spma/plugins/versionlock/colour: unknown field of this plugin, ignored",
    ]


def test_every_wrong_option_is_told_with_its_path(world: World) -> None:
    """Values that no schema allows end the run with 10, all of them told at once."""
    base = world.repository("base", Rpm("app"))
    spma: dict[str, Json] = {
        "run": "maybe",
        "filter": "(",
        "proxytype": "sideways",
        "main_options": {"installonly_limit": 1, "timeout": "soon"},
        "whitelist": "hp",
    }

    outcome = world.run("plan", world.profile(["app"], [base], spma=spma), "--root", world.root().path, "--json")

    assert outcome.code == 10
    assert [line.split(": ")[0].removeprefix("/software/components/spma/") for line in outcome.json()["details"]] == [
        "filter",
        "main_options/installonly_limit",
        "main_options/timeout",
        "proxytype",
        "run",
        "whitelist",
    ]


def test_modules_false_passes_the_streams_of_the_profile_by(world: World) -> None:
    """With modules = false /software/modules is ignored with a warning, and with true or nothing it counts."""
    rpms = (Rpm("app", "1-1"), Rpm("app", "2-1"))
    documents = module("app", "1", ["app-0:1-1.noarch"]), module("app", "2", ["app-0:2-1.noarch"])
    base = world.publish("base", Contents(rpms=rpms, modules="".join(documents)))
    extra: dict[str, Json] = {"software": {"modules": {"app": {"stream": "1"}}}}
    root = world.root()

    def outcome(spma: Mapping[str, Json]) -> tuple[int, str]:
        profile = world.profile(["app"], [base], spma=spma, extra=extra)
        ended = world.run("plan", profile, "--root", root.path, "--releasever", "9", "--json")
        return ended.code, ended.stderr

    assert outcome({}) == outcome({"modules": True}) == (0, "")
    assert outcome({"modules": False}) == (
        12,
        "warning: /software/components/spma/modules: switched off: /software/modules is ignored\n",
    )


# --- main_options -------------------------------------------------------------------------------


def test_retries_are_what_they_are_under_dnf(world: World) -> None:
    """A failing server is asked several times for a file, whatever main_options/retries says: dnf counts otherwise."""
    base = world.repository("base", Rpm("app"))
    asked = []

    with world.serving() as server:
        server.fail("*", UNAVAILABLE)
        for retries in (1, 3):
            server.forget_requests()
            profile = world.profile(["app"], [base.at(server.url)], spma={"main_options": {"retries": retries}})
            assert world.run("plan", profile, "--root", world.root().path).code == 15
            asked.append(len(server.requests))

    assert asked[0] == asked[1] > 1


def test_a_slow_server_is_given_up_after_the_timeout(world: World) -> None:
    """main_options/timeout is how many seconds a server may be silent."""
    base = world.repository("base", Rpm("app"))

    with world.serving() as server:
        server.fail("*", Fault(delay_s=60))
        spma: dict[str, Json] = {"main_options": {"retries": 1, "timeout": "1"}}
        profile = world.profile(["app"], [base.at(server.url)], spma=spma)
        started = time.monotonic()
        outcome = world.run("plan", profile, "--root", world.root().path)

    assert outcome.code == 15
    assert time.monotonic() - started < 20


def test_excludes_add_up_and_are_split_as_dnf_splits_them(world: World) -> None:
    """excludes and main_options/exclude add up; one string may hold several names, with commas or blanks between."""
    names = ("one", "two", "three", "four")
    base = world.repository("base", *(Rpm(name, evr) for name in names for evr in ("1-1", "2-1")))
    spma: dict[str, Json] = {"excludes": ["one-2*, two-2*"], "main_options": {"exclude": ["three-2* four-2*"]}}

    plan = planned(world, world.profile(names, [base], spma=spma), world.root())

    assert moves(plan) == [f"install {name}.noarch 1-1" for name in sorted(names)]


# --- proxies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("proxytype", ["forward", "reverse"])
def test_proxy_no_switches_proxies_off(world: World, proxytype: str) -> None:
    """With proxy = no the hosts of proxyhost are not asked, whatever their type."""
    base = world.repository("base", Rpm("app"))

    with world.serving() as server, world.serving() as proxy:
        spma: dict[str, Json] = {"proxy": "no", "proxyhost": f"127.0.0.1:{proxy.port}", "proxytype": proxytype}
        plan = planned(world, world.profile(["app"], [base.at(server.url)], spma=spma), world.root())
        assert proxy.requests == ()

    assert moves(plan) == ["install app.noarch 1-1"]


def test_packages_come_through_a_forward_proxy(world: World) -> None:
    """A forward proxy is the default of yumdnf, has a port of its own, and brings metadata and packages."""
    world.repository("base", Rpm("app"))
    root = world.root()

    with world.serving() as proxy:
        spma: dict[str, Json] = {"proxyhost": "127.0.0.1", "proxyport": proxy.port}
        applied(world, world.profile(["app"], [AWAY], spma=spma), root)
        targets = {request.target for request in proxy.requests}

    assert {"http://mirror.example.org/base/repodata/repomd.xml"} < targets
    assert any(target.endswith(".rpm") for target in targets)
    assert root.installed() == {"app-1-1.noarch"}


def test_of_several_forward_proxies_the_first_is_used(world: World) -> None:
    """dnf knows one forward proxy: of several hosts the first is used, as upstream does, and a warning says so."""
    world.repository("base", Rpm("app"))

    with world.serving() as proxy:
        spma: dict[str, Json] = {"proxyhost": f"127.0.0.1:{proxy.port}, 127.0.0.1:9", "proxytype": "forward"}
        profile = world.profile(["app"], [AWAY], spma=spma)
        outcome = world.run("plan", profile, "--root", world.root().path)
        assert asked_hosts(proxy) == {"mirror.example.org"}

    assert outcome.code == 0
    assert "/software/components/spma/proxyhost: dnf knows one forward proxy: only 127.0.0.1:" in outcome.stderr


@pytest.mark.parametrize("packager", ["yumng", "dnf"])
def test_the_proxies_of_yumng_are_reverse_ones(world: World, packager: str) -> None:
    """Under yumng and dnf, which know no proxytype, hosts stand in for repositories, the first that answers first."""
    base = world.repository("base", Rpm("app"))
    root = world.root()

    with world.serving() as first, world.serving() as second:
        hosts = f"127.0.0.1:9,127.0.0.1:{first.port},127.0.0.1:{second.port}"
        spma: dict[str, Json] = {"packager": packager, "proxyhost": hosts}
        applied(world, world.profile({"app": {"": {"": ""}}}, [AWAY], spma=spma), root)
        assert (asked_hosts(first), second.requests) == ({""}, ())
        assert f"/base/Packages/{base.rpms[0].filename}" in first.paths

    assert root.installed() == {"app-1-1.noarch"}


def test_a_repository_that_speaks_of_a_proxy_itself_is_left_alone(world: World) -> None:
    """An empty proxy of a repository switches forward and reverse proxies off for it, and file URLs need none."""
    local = world.repository("local", Rpm("app"))
    direct = world.repository("direct", Rpm("lib"))

    with world.serving() as server:
        spma: dict[str, Json] = {"proxyhost": "127.0.0.1:9", "proxytype": "reverse"}
        entries = [repository_entry(local), repository_entry(direct.at(server.url), proxy="")]
        plan = planned(world, world.profile(["app", "lib"], entries, spma=spma), world.root())

    assert len(plan["changes"]) == 2
