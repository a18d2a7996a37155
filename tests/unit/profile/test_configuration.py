"""The options of ncm-spma that are about the files dnf reads."""

from __future__ import annotations

import pytest

from spma.profile.configuration import configuration_of
from spma.profile.dnfconf import with_main_text
from spma.profile.options import read_options
from spma.profile.proxy import network_of
from spma.profile.tree import Tree
from yumbridge.desired.configuration import DnfConfiguration, Stamp, VersionLock
from yumbridge.desired.policy import Policy
from yumbridge.desired.state import ModuleStream


def configuration(tree: Tree, base: Policy | None = None) -> DnfConfiguration:
    stated, findings = read_options(tree)
    options, text_findings = with_main_text(stated)
    assert [str(each) for each in (*findings, *text_findings)] == []
    return configuration_of(options, options.policy(base or Policy()), network_of(options))


def main(tree: Tree, base: Policy | None = None) -> dict[str, str]:
    return dict(configuration(tree, base).main)


def plugin(tree: Tree, name: str) -> dict[str, str]:
    files = {file.name: dict(file.sections[0][1]) for file in configuration({"plugins": tree}).plugins}
    return files[f"{name}.conf"]


DEFAULTS = {
    "best": "0",
    "clean_requirements_on_remove": "1",
    "installonly_limit": "3",
    "obsoletes": "0",
    "retries": "10",
    "timeout": "30",
}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, True),
        ({"userpkgs": "no"}, True),
        ({"userpkgs": "yes"}, False),
        ({"userpkgs": "yes", "repository_cleanup": True}, True),
        ({"repository_cleanup": False}, False),
        ({"filter": "^ncm-"}, True),
        ({"packager": "yumng", "userpkgs": "yes"}, True),
        ({"packager": "dnf", "userpkgs": "yes"}, True),
        ({"packager": "dnf", "repository_cleanup": False}, False),
    ],
)
def test_foreign_repositories_are_cleaned_as_upstream_does(options: Tree, *, expected: bool) -> None:
    assert configuration(options).clean_repositories is expected


def test_main_has_what_the_plan_is_made_with() -> None:
    assert main({}) == DEFAULTS
    assert main(
        {
            "main_options": {"best": 1, "exclude": ["b", "a"], "installonly_limit": 5, "keepcache": True, "retries": 4},
            "excludes": ["c"],
            "process_obsoletes": True,
            "proxyhost": "p,q",
            "proxyport": "3128",
        },
        Policy(excludes=("site",), weak_deps=False, allow_vendor_change=False),
    ) == {
        **DEFAULTS,
        "allow_vendor_change": "0",
        "best": "1",
        "excludepkgs": "a b c site",
        "install_weak_deps": "0",
        "installonly_limit": "5",
        "keepcache": "1",
        "obsoletes": "1",
        "proxy": "http://p:3128",
        "retries": "4",
    }


def test_a_reverse_proxy_is_none_of_dnf_s() -> None:
    assert main({"proxyhost": "p", "proxytype": "reverse"}) == DEFAULTS


def test_the_text_of_a_profile_is_in_main_below_what_options_say() -> None:
    text = "[main]\nuser_agent=x\nclean_requirements_on_remove=0\nretries=2\nexclude=k*\ntimeout=9\nreposdir=/a\n"

    assert main({"dnfconf": text, "main_options": {"timeout": 5}, "excludes": ["z"]}) == {
        **DEFAULTS,
        "clean_requirements_on_remove": "0",
        "excludepkgs": "k* z",
        "reposdir": "/a",
        "retries": "2",
        "timeout": "5",
        "user_agent": "x",
    }


def test_every_plugin_has_its_file_with_the_defaults_of_the_schema() -> None:
    assert {file.name: file.sections for file in configuration({}).plugins} == {
        "fastestmirror.conf": (
            (
                "main",
                (
                    ("enabled", "0"),
                    ("verbose", "0"),
                    ("always_print_best_host", "true"),
                    ("socket_timeout", "3"),
                    ("hostfilepath", "timedhosts.txt"),
                    ("maxhostfileage", "10"),
                    ("maxthreads", "15"),
                ),
            ),
        ),
        "priorities.conf": (("main", (("enabled", "1"),)),),
        "product-id.conf": (("main", (("enabled", "0"),)),),
        "subscription-manager.conf": (("main", (("enabled", "0"),)),),
        "versionlock.conf": (("main", (("enabled", "1"), ("locklist", "/etc/dnf/plugins/versionlock.list"))),),
    }


def test_plugins_say_what_the_profile_does() -> None:
    mirrors = plugin({"fastestmirror": {"enabled": True, "exclude": ["a", "b"]}}, "fastestmirror")

    assert (mirrors["enabled"], mirrors["exclude"]) == ("1", "a,b")
    assert plugin({"priorities": {"check_obsoletes": True}}, "priorities") == {"enabled": "1", "check_obsoletes": "1"}
    assert plugin({"subscription-manager": {"disable_system_repos": False}}, "subscription-manager") == {
        "enabled": "0",
        "disable_system_repos": "0",
    }
    assert plugin({"versionlock": {"locklist": "/a", "follow_obsoletes": True}}, "versionlock") == {
        "enabled": "1",
        "locklist": "/a",
        "follow_obsoletes": "1",
    }


def test_the_fastest_mirror_is_an_option_of_dnf_4() -> None:
    assert main({"plugins": {"fastestmirror": {"enabled": True}}})["fastestmirror"] == "1"


@pytest.mark.parametrize(
    ("locklist", "path"),
    [
        ("/etc/yum/pluginconf.d/versionlock.list", "/etc/dnf/plugins/versionlock.list"),
        ("/etc/yum/pluginconf.d/mine", "/etc/dnf/plugins/mine"),
        ("/etc/locks", "/etc/locks"),
    ],
)
def test_the_lock_list_of_yum_is_in_the_folder_of_dnf(locklist: str, path: str) -> None:
    found = configuration({"plugins": {"versionlock": {"locklist": locklist}}})

    assert found.versionlock == VersionLock(enabled=True, path=path)


@pytest.mark.parametrize("locklist", ["locks", "/", "/etc/../shadow", "/etc/"])
def test_a_lock_list_has_an_absolute_path(locklist: str) -> None:
    _, findings = read_options({"plugins": {"versionlock": {"locklist": locklist}}})

    assert [each.path for each in findings] == ["/software/components/spma/plugins/versionlock/locklist"]


@pytest.mark.parametrize("folder", ["/a,/b", "/a b", "a", "/a/../b"])
def test_a_folder_of_repositories_is_one_path(folder: str) -> None:
    _, findings = read_options({"reposdirs": ["/ok", folder]})

    assert [each.path for each in findings] == ["/software/components/spma/reposdirs/1"]


def test_the_stamp_needs_a_path_and_a_text() -> None:
    both: Tree = {"quattor_os_file": "/etc/os", "quattor_os_release": "9.4"}

    assert configuration(both).stamp == Stamp(path="/etc/os", text="9.4")
    assert configuration({"quattor_os_file": "/etc/os"}).stamp is None


@pytest.mark.parametrize(
    ("options", "listed", "expected"),
    [({}, False, False), ({}, True, True), ({"modules": True}, False, True), ({"modules": True}, True, True)],
)
def test_modules_are_managed_where_the_profile_speaks_of_them(options: Tree, *, listed: bool, expected: bool) -> None:
    found, _ = read_options(options)
    modules = (ModuleStream(name="m", stream="1", origin="/m"),) if listed else ()

    assert configuration_of(found, Policy(), network_of(found), modules).manage_modules is expected
