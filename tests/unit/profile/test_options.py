"""The options of ncm-spma."""

from __future__ import annotations

import pytest

from spma.profile.finding import Severity
from spma.profile.options import MainOptions, ProxyType, SpmaOptions, read_options
from spma.profile.plugins import FastestMirror, Plugins, Priorities, SubscriptionManager, VersionLock
from spma.profile.tree import Tree
from yumbridge.desired.policy import Policy

ROOT = "/software/components/spma"


def options(tree: Tree) -> SpmaOptions:
    found, findings = read_options(tree)
    assert [str(each) for each in findings] == []
    return found


def findings(tree: Tree, severity: Severity = Severity.PROBLEM) -> list[str]:
    _, found = read_options(tree)
    return [str(each) for each in found if each.severity is severity]


def test_a_component_that_says_nothing_has_the_defaults() -> None:
    assert options({}) == SpmaOptions()
    assert SpmaOptions().run


def test_every_option_is_read() -> None:
    assert options(
        {
            "active": True,
            "dependencies": {"pre": ["accounts"]},
            "dispatch": True,
            "dnfconf": "[main]\n\tbest=1\n",
            "excludes": ["a", "b c"],
            "filter": "^ncm-",
            "fullsearch": True,
            "main_options": {
                "best": 1,
                "exclude": ["kernel-debug*"],
                "installonly_limit": 5,
                "keepcache": True,
                "retries": 40,
                "timeout": 60,
            },
            "modules": True,
            "ncm-module": "spma",
            "packager": "yumdnf",
            "process_obsoletes": True,
            "proxy": "yes",
            "proxyhost": "one.example.org, two.example.org",
            "proxyport": "3128",
            "proxyrandom": True,
            "proxytype": "reverse",
            "quattor_os_file": "/etc/quattor-release",
            "quattor_os_release": "9.4",
            "register_change": ["/software/packages"],
            "repository_cleanup": False,
            "reposdirs": ["/etc/other.d"],
            "run": "no",
            "userpkgs": "yes",
            "userpkgs_retry": False,
            "version": "1.0",
            "whitelist": ["hp-*"],
            "yumconf": "[main]",
        }
    ) == SpmaOptions(
        packager="yumdnf",
        run=False,
        userpkgs=True,
        userpkgs_retry=False,
        fullsearch=True,
        process_obsoletes=True,
        filter="^ncm-",
        repository_cleanup=False,
        reposdirs=("/etc/other.d",),
        main_options=MainOptions(
            exclude=("kernel-debug*",), installonly_limit=5, retries=40, timeout_s=60, keepcache=True, best=True
        ),
        modules=True,
        proxy=True,
        proxyhost=("one.example.org", "two.example.org"),
        proxyport="3128",
        proxytype=ProxyType.REVERSE,
        proxyrandom=True,
        excludes=("a", "b", "c"),
        whitelist=("hp-*",),
        yumconf="[main]",
        dnfconf="[main]\n\tbest=1\n",
        quattor_os_file="/etc/quattor-release",
        quattor_os_release="9.4",
    )


def test_every_plugin_is_read() -> None:
    tree: Tree = {
        "plugins": {
            "fastestmirror": {"enabled": True, "maxthreads": 2, "exclude": ["slow.example.org"]},
            "versionlock": {"follow_obsoletes": True},
            "priorities": {"enabled": False, "check_obsoletes": False},
            "subscription-manager": {"disable_system_repos": True},
            "product-id": {},
        }
    }

    assert options(tree).plugins == Plugins(
        fastestmirror=FastestMirror(enabled=True, max_threads=2, exclude=("slow.example.org",)),
        versionlock=VersionLock(follow_obsoletes=True),
        priorities=Priorities(enabled=False, check_obsoletes=False),
        subscription_manager=SubscriptionManager(disable_system_repos=True),
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param(True, True, id="pan-true"),
        pytest.param(False, False, id="pan-false"),
        pytest.param("yes", True, id="yes"),
        pytest.param("no", False, id="no"),
        pytest.param("true", True, id="true-as-string"),
        pytest.param("false", False, id="false-as-string"),
        pytest.param(1, True, id="perl-true"),
        pytest.param(0, False, id="perl-zero"),
        pytest.param("1", True, id="perl-true-as-string"),
        pytest.param("", False, id="perl-false"),
    ],
)
def test_a_boolean_may_be_written_in_every_schemas_way(written: Tree, meant: object) -> None:
    assert options({"run": written}).run is meant
    assert options({"userpkgs": written}).userpkgs is meant


def test_a_port_may_arrive_as_a_number() -> None:
    assert options({"proxyport": 80}).proxyport == "80"


@pytest.mark.parametrize(
    ("tree", "place", "why"),
    [
        pytest.param([], "", "want a dict, got a list", id="no-dict"),
        pytest.param({"run": "maybe"}, "/run", "want a boolean, yes or no, got 'maybe'", id="run"),
        pytest.param({"run": None}, "/run", "got null", id="null"),
        pytest.param({"userpkgs": []}, "/userpkgs", "got a list", id="list"),
        pytest.param({"filter": "(a"}, "/filter", "no regular expression", id="filter"),
        pytest.param({"packager": "../x"}, "/packager", "no name of a backend", id="packager"),
        pytest.param({"reposdirs": ["etc"]}, "/reposdirs/0", "no absolute path", id="relative"),
        pytest.param({"reposdirs": ["/a/../b"]}, "/reposdirs/0", "no absolute", id="parent"),
        pytest.param({"quattor_os_file": "x"}, "/quattor_os_file", "no absolute", id="os-file"),
        pytest.param({"quattor_os_file": "/etc/x/"}, "/quattor_os_file", "no absolute", id="os-folder"),
        pytest.param({"proxyhost": "http://h"}, "/proxyhost", "no host or host:port", id="host"),
        pytest.param({"proxyport": "http"}, "/proxyport", "no port", id="port"),
        pytest.param({"proxytype": "both"}, "/proxytype", "want forward or reverse", id="type"),
        pytest.param({"excludes": "a"}, "/excludes", "want a list, got 'a'", id="excludes"),
        pytest.param({"whitelist": [1]}, "/whitelist/0", "want a string, got 1", id="whitelist"),
        pytest.param({"dnfconf": "a\x00"}, "/dnfconf", "control characters", id="dnfconf"),
        pytest.param({"main_options": {"retries": -1}}, "/main_options/retries", "from 0", id="retries"),
        pytest.param(
            {"main_options": {"installonly_limit": 1}},
            "/main_options/installonly_limit",
            "dnf does not allow 1",
            id="one-kernel",
        ),
        pytest.param({"main_options": {"best": 2}}, "/main_options/best", "a boolean", id="best"),
        pytest.param({"main_options": "x"}, "/main_options", "want a dict", id="main-options"),
        pytest.param(
            {"plugins": {"versionlock": {"enabled": "x"}}},
            "/plugins/versionlock/enabled",
            "want a boolean",
            id="plugin",
        ),
    ],
)
def test_a_wrong_option_is_a_problem_at_its_path(tree: Tree, place: str, why: str) -> None:
    (found,) = findings(tree)

    assert found.startswith(f"{ROOT}{place}: ")
    assert why in found


def test_unknown_options_are_warnings_that_name_them() -> None:
    tree: Tree = {"pkgtool": "x", "main_options": {"color": "x"}, "plugins": {"x": {}, "versionlock": {"y": 1}}}

    assert findings(tree) == []
    assert sorted(findings(tree, Severity.WARNING)) == [
        f"{ROOT}/main_options/color: unknown option, ignored",
        f"{ROOT}/pkgtool: unknown option, ignored",
        f"{ROOT}/plugins/versionlock/y: unknown field of this plugin, ignored",
        f"{ROOT}/plugins/x: unknown plugin, ignored",
    ]


def test_options_that_are_not_given_leave_the_policy_alone() -> None:
    base = Policy(
        installonly_limit=7, keep_user_packages=True, require_best=True, obsoleters_meet_names=True, excludes=("x",)
    )

    assert options({}).policy(base) == base


def test_options_make_the_policy() -> None:
    tree: Tree = {
        "userpkgs": True,
        "process_obsoletes": True,
        "whitelist": ["z", "a"],
        "excludes": ["c"],
        "main_options": {"best": 1, "exclude": ["b"], "installonly_limit": 0},
    }

    assert options(tree).policy(Policy(whitelist=("m",), excludes=("a",))) == Policy(
        whitelist=("a", "m", "z"),
        excludes=("a", "b", "c"),
        installonly_limit=0,
        keep_user_packages=True,
        require_best=True,
        obsoleters_meet_names=True,
    )


def test_an_option_switched_off_overrules_the_policy() -> None:
    tree: Tree = {"userpkgs": "no", "process_obsoletes": False, "main_options": {"best": 0}}
    base = Policy(keep_user_packages=True, require_best=True, obsoleters_meet_names=True)

    assert options(tree).policy(base) == Policy()
