"""The options of ncm-spma, /software/components/spma."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.comps import module
from tests.support.dnf_files import options_of
from tests.support.plans import applied, kept, moves, planned
from tests.support.profiles import Json, Packages, repository_entry
from tests.support.repositories import Contents
from tests.support.roots import InstallRoot
from tests.support.rpms import Rpm
from tests.support.server import UNAVAILABLE, Fault, Server
from tests.support.trees import Tree
from tests.support.world import World

AWAY = ("base", "http://mirror.example.org/base")


def asked_hosts(server: Server) -> set[str]:
    """Return the hosts that a server was asked about, itself as an empty name."""
    return {request.target.split("/")[2] if "://" in request.target else "" for request in server.requests}


# --- what may change ----------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["no", False])
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
    [{"userpkgs_retry": True}, {"userpkgs_retry": False, "fullsearch": True}],
    ids=str,
)
def test_options_that_one_solve_makes_pointless_change_nothing(world: World, option: Mapping[str, Json]) -> None:
    """userpkgs_retry and fullsearch are taken without a word, and change no plan."""
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


def test_a_slow_server_is_asked_again_after_the_timeout(world: World) -> None:
    """main_options/timeout is how many seconds a server may be silent before it is asked again."""
    base = world.repository("base", Rpm("app"))

    with world.serving() as server:
        server.fail("*", Fault(delay_s=60, times=1))
        profile = world.profile(["app"], [base.at(server.url)], spma={"main_options": {"timeout": "1"}})
        started = time.monotonic()
        plan = planned(world, profile, world.root())

    assert moves(plan) == ["install app.noarch 1-1"]
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


@pytest.mark.parametrize("proxytype", ["forward", "reverse"])
def test_random_proxies_spread_the_hosts(world: World, proxytype: str) -> None:
    """With proxyrandom hosts ask different proxies first, each the same one from run to run."""
    world.repository("base", Rpm("app"))
    asked: dict[str, list[int]] = {}

    with world.serving() as first, world.serving() as second:
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in (first, second))
        spma: dict[str, Json] = {"proxyhost": hosts, "proxytype": proxytype, "proxyrandom": True}
        profile = world.profile(["app"], [AWAY], spma=spma)
        for name in ("node1", "node4", "node1"):
            root = world.root(name=name)
            root.write("etc/hostname", f"{name}.example.org\n")
            assert moves(planned(world, profile, root)) == ["install app.noarch 1-1"]
            asked.setdefault(name, []).extend(number for number, server in enumerate((first, second)) if server.paths)
            first.forget_requests()
            second.forget_requests()

    assert sorted(asked.values()) in ([[0], [1, 1]], [[0, 0], [1]])


def test_a_repository_that_speaks_of_a_proxy_itself_is_left_alone(world: World) -> None:
    """An empty proxy of a repository switches forward and reverse proxies off for it, and file URLs need none."""
    local = world.repository("local", Rpm("app"))
    direct = world.repository("direct", Rpm("lib"))

    with world.serving() as server:
        spma: dict[str, Json] = {"proxyhost": "127.0.0.1:9", "proxytype": "reverse"}
        entries = [repository_entry(local), repository_entry(direct.at(server.url), proxy="")]
        plan = planned(world, world.profile(["app", "lib"], entries, spma=spma), world.root())

    assert len(plan["changes"]) == 2


# --- files of dnf -------------------------------------------------------------------------------

FOREIGN = "[foreign]\nname=foreign\nbaseurl=file:///nowhere\n"


def section_of(file: Path, name: str = "main") -> Mapping[str, str]:
    """Return one section of a file, as dnf reads it."""
    (sections,) = options_of([file])
    assert sections is not None, f"dnf cannot read {file}"
    return sections[name]


def main_of(root: InstallRoot) -> Mapping[str, str]:
    """Return [main] of the dnf.conf of a root, as dnf reads it."""
    return section_of(root.path / "etc/dnf/dnf.conf")


def test_the_text_of_dnf_conf_bears_on_the_plan(world: World) -> None:
    """Options of [main] in dnfconf count for the plan and are written, those that the plan does not know too."""
    base = world.repository("base", Rpm("app", "1-1"), Rpm("app", "2-1"))
    text = "[main]\nexclude=app-2*\n    other\ncolor=never\ninstallonly_limit=4\n"
    profile = world.profile(["app"], [base], spma={"dnfconf": text, "excludes": ["third"]})
    root = world.root()

    plan = planned(world, profile, root)
    applied(world, profile, root)

    assert moves(plan) == ["install app.noarch 1-1"]
    options = {key: main_of(root)[key] for key in ("color", "installonly_limit", "excludepkgs")}
    assert options == {"color": "never", "installonly_limit": "4", "excludepkgs": "app-2* other third"}


def test_main_options_beat_the_text_of_dnf_conf(world: World) -> None:
    """main_options beat dnfconf, which beats yumconf; a text may be without its header, and other sections are told."""
    base = world.repository("base", Rpm("app", "1-1"), Rpm("app", "2-1", requires=("nowhere",)))
    spma: dict[str, Json] = {
        "yumconf": "exclude=app\n",
        "dnfconf": "best=1\ntimeout=2m\n[other]\nenabled=1\n",
        "main_options": {"best": False},
    }
    profile = world.profile(["app"], [base], spma=spma)
    root = world.root()

    outcome = world.run("plan", profile, "--root", root.path)
    applied(world, profile, root)

    assert outcome.code == 0
    assert outcome.stderr == (
        "warning: /software/components/spma/dnfconf: section 'other' is ignored: only [main] is read\n"
    )
    assert (main_of(root)["best"], main_of(root)["timeout"]) == ("0", "120")


@pytest.mark.parametrize(
    ("spma", "stays"),
    [
        ({}, False),
        ({"userpkgs": "yes"}, True),
        ({"repository_cleanup": False}, True),
        ({"userpkgs": "yes", "repository_cleanup": True}, False),
        ({"packager": "yumng", "userpkgs": "yes"}, False),
    ],
    ids=str,
)
def test_foreign_repository_files_go_unless_users_may_have_some(
    world: World, spma: Mapping[str, Json], *, stays: bool
) -> None:
    """Foreign .repo files go as repository_cleanup says; without it they stay with userpkgs, but not under yumng."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    foreign = root.write("etc/yum.repos.d/foreign.repo", FOREIGN)
    readme = root.write("etc/yum.repos.d/README", "mine\n")
    profile = world.profile({"app": {"": {"": ""}}}, [base], spma=spma)

    paths = [change["path"] for change in planned(world, profile, root)["configuration"]]
    applied(world, profile, root)

    assert ("/etc/yum.repos.d/foreign.repo" not in paths) is stays is foreign.exists()
    assert readme.exists()


def test_a_repository_that_left_the_profile_takes_its_file_along(world: World) -> None:
    """The file of a repository goes with it, also where foreign files stay; one that is as wanted is not touched."""
    one, two = world.repository("one", Rpm("app")), world.repository("two", Rpm("lib"))
    root = world.root()
    spma: dict[str, Json] = {"userpkgs": "yes"}
    applied(world, world.profile(["app"], [one, two], spma=spma), root)
    before = Tree.of(root.path / "etc")

    plan = planned(world, world.profile(["app"], [one], spma=spma), root)
    applied(world, world.profile(["app"], [one], spma=spma), root)

    assert [change["path"] for change in plan["configuration"]] == ["/etc/yum.repos.d/two.repo"]
    changes = before.changes(Tree.of(root.path / "etc"))
    assert [change for change in changes if not change.endswith("yum.repos.d")] == ["- yum.repos.d/two.repo"]


def test_reposdirs_are_for_people_and_not_for_plans(world: World) -> None:
    """reposdirs go to dnf.conf beside our own folder, their files stay, and a plan does not read them."""
    base = world.repository("base", Rpm("app", "1-1"))
    newer = world.repository("newer", Rpm("app", "2-1"))
    root = world.root()
    others = root.write("srv/repos/others.repo", f"[others]\nname=others\nbaseurl={newer.url}\nenabled=1\n")
    profile = world.profile(["app"], [base], spma={"reposdirs": ["/srv/repos", "/opt/repos"]})

    applied(world, profile, root)

    assert root.installed() == {"app-1-1.noarch"}
    assert main_of(root)["reposdir"] == "/etc/yum.repos.d,/srv/repos,/opt/repos"
    assert others.exists()


def test_the_lock_list_has_what_the_profile_pins(world: World) -> None:
    """The list of versionlock has the pinned packages alone, and goes when the plugin is switched off."""
    builds = (Rpm(name, evr) for name in ("app", "free") for evr in ("1:1-1", "2:2-1"))
    base = world.repository("base", *builds, Rpm("pinned", requires=("free",)))
    wanted: Packages = {"app": {"1:1-1": {"noarch": ""}}, "free": {"*": {"noarch": ""}}, "pinned": {"1-1": {}}}
    root = world.root()
    path = root.path / "etc/dnf/plugins/versionlock.list"

    applied(world, world.profile(wanted, [base]), root)
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    spma: dict[str, Json] = {"plugins": {"versionlock": {"enabled": False}}}
    applied(world, world.profile(wanted, [base], spma=spma), root)

    assert lines == ["app-1:1-1.noarch", "pinned-0:1-1.noarch"]
    assert not path.exists()
    assert section_of(path.with_name("versionlock.conf"))["enabled"] == "0"


def test_every_plugin_has_its_file(world: World) -> None:
    """Each plugin has its file with what the profile says and the schema's defaults; none has part in a plan."""
    strong = world.repository("strong", Rpm("app", "1-1"))
    weak = world.repository("weak", Rpm("app", "2-1"))
    plugins: dict[str, Json] = {
        "fastestmirror": {"enabled": True, "maxthreads": 3, "exclude": [".gov", "slow"]},
        "priorities": {"enabled": False, "check_obsoletes": True},
        "subscription-manager": {"enabled": True, "disable_system_repos": True},
    }
    root = world.root()
    entries = [repository_entry(strong, priority=1), repository_entry(weak)]

    applied(world, world.profile(["app"], entries, spma={"plugins": plugins}), root)

    folder = root.path / "etc/dnf/plugins"
    files = {path.stem: section_of(path) for path in folder.glob("*.conf")}
    assert {name: options["enabled"] for name, options in files.items()} == {
        "fastestmirror": "1",
        "priorities": "0",
        "product-id": "0",
        "subscription-manager": "1",
        "versionlock": "1",
    }
    assert (files["fastestmirror"]["maxthreads"], files["fastestmirror"]["exclude"]) == ("3", ".gov,slow")
    assert files["priorities"]["check_obsoletes"] == files["subscription-manager"]["disable_system_repos"] == "1"
    assert main_of(root)["fastestmirror"] == "1"
    assert root.installed() == {"app-1-1.noarch"}


@pytest.mark.parametrize("scriptlet", [None, 'error("no")'])
def test_the_stamp_is_left_by_a_run_that_ended_as_planned(world: World, scriptlet: str | None) -> None:
    """quattor_os_file gets quattor_os_release when a run ended as planned, and not before or otherwise."""
    base = world.repository("base", Rpm("app", scriptlets={"post": scriptlet} if scriptlet else {}))
    spma: dict[str, Json] = {"quattor_os_file": "/etc/quattor_os_release", "quattor_os_release": "9.4-20260301"}
    profile = world.profile(["app"], [base], spma=spma)
    root = world.root()
    stamp = root.path / "etc/quattor_os_release"

    assert "/etc/quattor_os_release" in [change["path"] for change in planned(world, profile, root)["configuration"]]
    assert not stamp.exists()
    applied(world, profile, root, code=17 if scriptlet else 0)

    assert (stamp.read_text(encoding="utf-8") if stamp.exists() else None) == (None if scriptlet else "9.4-20260301\n")


def test_run_no_writes_no_file(world: World) -> None:
    """With run = no the files of dnf's are part of the plan and are not written."""
    base = world.repository("base", Rpm("app"))
    profile = world.profile(["app"], [base], spma={"run": "no", "quattor_os_file": "/etc/s", "quattor_os_release": "1"})
    root = world.root(Rpm("app"))

    assert planned(world, profile, root, "--check", code=100)["configuration"] != []
    assert applied(world, profile, root)["outcome"] == "refused"

    assert not (root.path / "etc").exists()


def test_run_no_leaves_no_stamp(world: World) -> None:
    """With run = no the stamp is not written either, also on a host that is as the profile wants it."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    applied(world, world.profile(["app"], [base]), root)
    spma: dict[str, Json] = {"run": "no", "quattor_os_file": "/etc/s", "quattor_os_release": "1"}

    assert applied(world, world.profile(["app"], [base], spma=spma), root)["outcome"] == "refused"

    assert not (root.path / "etc/s").exists()


@pytest.mark.parametrize(("keepcache", "kept_files"), [(True, 1), (False, 0)])
def test_keepcache_leaves_packages_in_the_cache(world: World, *, keepcache: bool, kept_files: int) -> None:
    """With main_options/keepcache downloaded packages stay in the cache, and without it they do not."""
    base = world.repository("base", Rpm("app"))
    root = world.root()

    with world.serving() as server:
        spma: dict[str, Json] = {"main_options": {"keepcache": keepcache}}
        applied(world, world.profile(["app"], [base.at(server.url)], spma=spma), root)

    assert len(list((root.path / "var/cache/yumbridge").rglob("*.rpm"))) == kept_files
    assert main_of(root)["keepcache"] == str(int(keepcache))


def test_streams_of_the_profile_are_those_of_dnf(world: World) -> None:
    """With modules the state files say what the plan was made with, a switch included, and others go."""
    rpms = (Rpm("app", "1-1"), Rpm("app", "2-1"))
    documents = module("app", "1", ["app-0:1-1.noarch"]), module("app", "2", ["app-0:2-1.noarch"])
    base = world.publish("base", Contents(rpms=rpms, modules="".join(documents)))
    root = world.root()
    file = root.write("etc/dnf/modules.d/app.module", "[app]\nname=app\nstream=2\nprofiles=\nstate=enabled\n")
    other = root.write("etc/dnf/modules.d/old.module", "[old]\nname=old\nstream=2\nprofiles=\nstate=enabled\n")
    extra: dict[str, Json] = {"software": {"modules": {"app": {"stream": "1"}}}}

    applied(world, world.profile(["app"], [base], spma={"modules": True}, extra=extra), root, "--releasever", "9")

    assert section_of(file, "app") == {"name": "app", "stream": "1", "profiles": "", "state": "enabled"}
    assert not other.exists()
    assert root.installed() == {"app-1-1.noarch"}
