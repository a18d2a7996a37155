"""The files that dnf reads, as a plan wants them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.support import dnf_files
from tests.support.packages import closure, offered
from yumbridge.desired.configuration import DnfConfiguration, PluginFile, VersionLock
from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState
from yumbridge.errors import ConfigError
from yumbridge.plan.closure import ModuleState
from yumbridge.plan.configuration import MARK, WantedFile, differences, pinned_packages, wanted_files

BASE = Repository(repo_id="base", urls=("http://h/base",), origin="/software/repositories/0")
RICH = Repository(
    repo_id="rich-1.x",
    urls=("https://u:p@h/a,b/$basearch", "file:///srv/x"),
    enabled=False,
    priority=7,
    gpgcheck=True,
    repo_gpgcheck=True,
    gpgkeys=("file:///k1", "https://h/k2"),
    gpgcakey="https://h/ca",
    excludepkgs=("a*", "b"),
    includepkgs=("c", "d?"),
    proxy="",
    skip_if_unavailable=True,
    module_hotfixes=True,
    sslcacert="/etc/my ca.pem",
    sslclientcert="/c.pem",
    sslclientkey="/k.pem",
    sslverify=False,
    origin="/software/repositories/1",
)
RICH_TEXT = f"""\
{MARK}
[rich-1.x]
name=rich-1.x
baseurl=https://u:p@h/a%2Cb/$basearch
    file:///srv/x
enabled=0
priority=7
gpgcheck=1
repo_gpgcheck=1
gpgkey=file:///k1
    https://h/k2
gpgcakey=https://h/ca
excludepkgs=a* b
includepkgs=c d?
proxy=
skip_if_unavailable=1
module_hotfixes=1
sslcacert=/etc/my ca.pem
sslclientcert=/c.pem
sslclientkey=/k.pem
sslverify=0
"""
MANAGED = DnfConfiguration(manage=True)


def state(*repositories: Repository, **configuration: object) -> DesiredState:
    return DesiredState(
        specs=(),
        repositories=repositories,
        configuration=msgspec.structs.replace(MANAGED, **configuration),
    )


def contents(wanted: tuple[WantedFile, ...]) -> dict[str, str | None]:
    return {file.path: file.content for file in wanted}


def test_nothing_is_wanted_where_nothing_is_managed() -> None:
    assert wanted_files(state(BASE, manage=False), (), (), {"/etc/yum.repos.d/x.repo": MARK}) == ()


def test_a_repository_is_one_file_with_every_field() -> None:
    wanted = wanted_files(state(BASE, RICH), (), (), {})

    assert [file.path for file in wanted] == [
        "/etc/dnf/dnf.conf",
        "/etc/yum.repos.d/base.repo",
        "/etc/yum.repos.d/rich-1.x.repo",
    ]
    assert wanted[2].content == RICH_TEXT


def test_a_file_with_credentials_is_private() -> None:
    wanted = wanted_files(state(BASE, RICH, main=(("proxy_password", "x"),)), (), (), {})

    assert [file.private for file in wanted] == [True, False, True]


def test_dnf_reads_back_what_was_written(tmp_path: Path) -> None:
    main = (("best", "1"), ("excludepkgs", "x y"), ("installonly_limit", "5"), ("keepcache", "1"), ("timeout", "7"))
    wanted = wanted_files(
        state(BASE, RICH, main=main), (), (), {"/etc/dnf/dnf.conf": "[main]\nexclude=z\nbest=0\ncolor=never\n"}
    )
    for file in wanted:
        (tmp_path / Path(file.path).name).write_text(file.content or "")

    names = ("baseurl", "enabled", "priority", "gpgcheck", "repo_gpgcheck", "gpgkey", "excludepkgs", "includepkgs")
    switches = ("proxy", "skip_if_unavailable", "module_hotfixes", "sslcacert", "sslclientkey", "sslverify")
    found = dnf_files.configuration_of(
        tmp_path / "dnf.conf",
        tmp_path,
        {"main": ["best", "excludepkgs", "installonly_limit", "keepcache", "timeout", "color"]}
        | {"repository": [*names, *switches]},
    )

    assert found["main"] == {
        "best": True,
        "excludepkgs": ["x", "y"],
        "installonly_limit": 5,
        "keepcache": True,
        "timeout": 7,
        "color": "never",
    }
    assert found["repositories"]["base"]["baseurl"] == ["http://h/base"]
    rich = found["repositories"]["rich-1.x"]
    assert rich.pop("baseurl")[0].startswith("https://u:p@h/a%2Cb/")
    assert rich == {
        "enabled": False,
        "priority": 7,
        "gpgcheck": True,
        "repo_gpgcheck": True,
        "gpgkey": ["file:///k1", "https://h/k2"],
        "excludepkgs": ["a*", "b"],
        "includepkgs": ["c", "d?"],
        "proxy": "",
        "skip_if_unavailable": True,
        "module_hotfixes": True,
        "sslcacert": "/etc/my ca.pem",
        "sslclientkey": "/k.pem",
        "sslverify": False,
    }


@pytest.mark.parametrize(
    "hostile",
    [
        {"urls": ("http://h/\n[evil]\nbaseurl=http://e",)},
        {"urls": ("http://h/\r",)},
        {"proxy": "http://p\nenabled=1"},
        {"sslcacert": "/a\x00"},
        {"excludepkgs": ("a\n b",)},
        {"repo_id": "a]\n[b"},
        {"repo_id": "../../tmp/x"},
        {"repo_id": "main"},
    ],
)
def test_a_value_can_bring_no_other_key_or_section(hostile: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        wanted_files(state(msgspec.structs.replace(BASE, **hostile)), (), (), {})


def test_dnf_conf_says_what_is_wanted_and_keeps_the_rest() -> None:
    current = {"/etc/dnf/dnf.conf": "# mine\n[main]\nbest=True\nexclude=a\ncolor=never\n"}
    wanted = wanted_files(state(main=(("best", "0"), ("excludepkgs", "b")), reposdirs=("/srv/r",)), (), (), current)

    assert contents(wanted)["/etc/dnf/dnf.conf"] == (
        "# mine\n[main]\n"
        "# yumbridge: options that it manages, changes are lost\n"
        "best=0\nexcludepkgs=b\nreposdir=/etc/yum.repos.d,/srv/r\n"
        "# yumbridge: end of the options that it manages\n"
        "color=never\n"
    )


def test_folders_of_repositories_that_main_names_count_where_no_others_are_named() -> None:
    alone = contents(wanted_files(state(main=(("reposdir", "/a"),)), (), (), {}))["/etc/dnf/dnf.conf"]
    both = contents(wanted_files(state(main=(("reposdir", "/a"),), reposdirs=("/b",)), (), (), {}))["/etc/dnf/dnf.conf"]

    assert "reposdir=/a\n" in (alone or "")
    assert "reposdir=/etc/yum.repos.d,/b\n" in (both or "")


CURRENT = {
    "/etc/yum.repos.d/base.repo": "[base]\nfrom=elsewhere\n",
    "/etc/yum.repos.d/base.pkgs": "exclude=x\n",
    "/etc/yum.repos.d/gone.repo": f"{MARK}\n[gone]\n",
    "/etc/yum.repos.d/foreign.repo": "[foreign]\n",
    "/etc/yum.repos.d/foreign.pkgs": "",
    "/etc/dnf/dnf.conf": "[main]\n",
}


def removed(wanted: tuple[WantedFile, ...]) -> list[str]:
    return [file.path for file in wanted if file.content is None]


def test_files_of_repositories_that_are_gone_are_removed_and_foreign_ones_stay() -> None:
    wanted = wanted_files(state(BASE), (), (), CURRENT)

    assert removed(wanted) == ["/etc/yum.repos.d/gone.repo"]
    assert (contents(wanted)["/etc/yum.repos.d/base.repo"] or "").startswith(MARK)


def test_foreign_files_of_repositories_are_removed_where_that_is_wanted() -> None:
    wanted = wanted_files(state(BASE, clean_repositories=True), (), (), CURRENT)

    assert removed(wanted) == [
        "/etc/yum.repos.d/foreign.pkgs",
        "/etc/yum.repos.d/foreign.repo",
        "/etc/yum.repos.d/gone.repo",
    ]


def test_the_lock_list_has_every_arch_of_a_pinned_name() -> None:
    packages = [offered(nevra) for nevra in ("b-2:1-1.x86_64", "a-1-1.x86_64", "b-2:1-1.i686", "c-1-1.noarch")]
    wanted = wanted_files(state(versionlock=VersionLock(enabled=True, path="/l/list")), packages, packages[:1], {})

    assert contents(wanted)["/l/list"] == f"{MARK}\nb-2:1-1.i686\nb-2:1-1.x86_64\n"


def test_a_list_without_locks_is_written_because_the_plugin_needs_one() -> None:
    wanted = wanted_files(state(versionlock=VersionLock(enabled=True, path="/l/list")), (), (), {})

    assert contents(wanted)["/l/list"] == f"{MARK}\n"


@pytest.mark.parametrize(("text", "gone"), [(f"{MARK}\na-0:1-1.noarch\n", ["/l/list"]), ("a-0:1-1.noarch\n", [])])
def test_without_locks_only_our_own_list_goes(text: str, gone: list[str]) -> None:
    wanted = wanted_files(state(versionlock=VersionLock(enabled=False, path="/l/list")), (), (), {"/l/list": text})

    assert removed(wanted) == gone


def test_packages_are_pinned_by_specs_with_an_evr() -> None:
    packages = [offered(nevra) for nevra in ("b-1-1.noarch", "a-1-1.noarch", "c-1-1.noarch", "d-1-1.noarch")]
    specs = [
        Spec(name="b", evr="1", origin="/b"),
        Spec(name="a", evr="1-*", origin="/a"),
        Spec(name="c", origin="/c"),
        Spec(name="d", evr="*", origin="/d"),
    ]
    solved = closure(*packages, met=((0,), (1,), (2,), (3,)))

    assert [str(package.nevra) for package in pinned_packages(solved, specs)] == ["a-1-1.noarch", "b-1-1.noarch"]


def test_a_plugin_has_one_file_with_its_sections() -> None:
    plugin = PluginFile(name="p.conf", sections=(("main", (("enabled", "1"),)), ("x", (("a", "b"),))))

    assert contents(wanted_files(state(plugins=(plugin,)), (), (), {}))["/etc/dnf/plugins/p.conf"] == (
        f"{MARK}\n[main]\nenabled=1\n\n[x]\na=b\n"
    )


MODULES = {"/etc/dnf/modules.d/perl.module": "[perl]\n", "/etc/dnf/modules.d/README": ""}


def test_modules_that_are_not_managed_stay() -> None:
    assert removed(wanted_files(state(), (), (), MODULES)) == []


def test_modules_are_written_as_dnf_does_and_all_others_go() -> None:
    modules = [ModuleState("nodejs", "18", "enabled"), ModuleState("php", "", "disabled")]
    wanted = wanted_files(state(), (), (), MODULES, modules)

    assert contents(wanted) | {"/etc/dnf/dnf.conf": ""} == {
        "/etc/dnf/dnf.conf": "",
        "/etc/dnf/modules.d/nodejs.module": "[nodejs]\nname=nodejs\nstream=18\nprofiles=\nstate=enabled\n",
        "/etc/dnf/modules.d/perl.module": None,
        "/etc/dnf/modules.d/php.module": "[php]\nname=php\nstream=\nprofiles=\nstate=disabled\n",
    }


def test_one_file_is_not_written_twice() -> None:
    with pytest.raises(ConfigError, match=r"/etc/dnf/dnf\.conf"):
        wanted_files(state(versionlock=VersionLock(enabled=True, path="/etc/dnf/dnf.conf")), (), (), {})


def test_what_changes_is_told_as_a_unified_difference() -> None:
    current = {"/same": "x\n", "/gone": "a\n", "/new": "1\n2\n3\n", "/empty": ""}
    wanted = [
        WantedFile(path="/same", content="x\n"),
        WantedFile(path="/new", content="1\n3\n4"),
        WantedFile(path="/made", content="m\n"),
        WantedFile(path="/gone", content=None),
        WantedFile(path="/absent", content=None),
        WantedFile(path="/empty", content=None),
    ]

    assert {change.path: change.difference for change in differences(wanted, current)} == {
        "/empty": "--- a/empty\n+++ /dev/null\n",
        "/gone": "--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
        "/made": "--- /dev/null\n+++ b/made\n@@ -0,0 +1 @@\n+m\n",
        "/new": "--- a/new\n+++ b/new\n@@ -1,3 +1,3 @@\n 1\n-2\n 3\n+4\n\\ No newline at end of file\n",
    }
    assert [change.path for change in differences(wanted, current)] == ["/empty", "/gone", "/made", "/new"]


def test_passwords_are_masked_and_a_new_one_is_a_change() -> None:
    current = {"/f": "baseurl=http://u:old@h/\nproxy_password = old\npassword=kept\n"}
    wanted = [WantedFile(path="/f", content="baseurl=http://u:new@h/\nproxy_password = new\npassword=kept\n")]
    (change,) = differences(wanted, current)

    assert change.difference == (
        "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n"
        "-baseurl=http://***@h/\n-proxy_password = ***\n+baseurl=http://***@h/\n+proxy_password = ***\n password=***\n"
    )


def test_a_difference_can_be_part_of_a_document_whatever_the_file_held() -> None:
    foreign = b"\xff\xfe\x00\x1b[2J\x0b\xe2\x80\xa8\r\n".decode("utf-8", "surrogateescape")
    (change,) = differences([WantedFile(path="/f", content=None)], {"/f": foreign})

    assert msgspec.json.encode(change)
    assert change.difference.endswith("-\\xff\\xfe\x00\x1b[2J\x0b\N{LINE SEPARATOR}\r\n")
