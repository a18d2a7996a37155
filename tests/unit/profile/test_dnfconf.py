"""The text of dnf.conf in a profile."""

from __future__ import annotations

import pytest

from spma.profile.dnfconf import with_main_text
from spma.profile.options import MainOptions, read_options
from spma.profile.proxy import network_of
from spma.profile.tree import Tree
from yumbridge.desired.policy import Policy


def main_options(tree: Tree) -> MainOptions:
    options, findings = with_main_text(read_options(tree)[0])
    assert [str(each) for each in findings] == []
    return options.main_options


def findings(tree: Tree) -> list[str]:
    _, found = with_main_text(read_options(tree)[0])
    return [f"{each.severity}: {each}" for each in found]


def test_a_plan_is_made_with_what_the_text_says() -> None:
    text = (
        "[main]\nexclude=a, b\n  c\nexcludepkgs=d\ninstallonly_limit=<off>\nretries=3\ntimeout=1m\nkeepcache=Yes\n"
        "best=off\ninstall_weak_deps=0\nallow_vendor_change=False\nproxy=http://u:p@h:1/\nunknown=1\n"
    )

    assert main_options({"dnfconf": text}) == MainOptions(
        exclude=("a", "b", "c", "d"),
        installonly_limit=0,
        retries=3,
        timeout_s=60,
        keepcache=True,
        best=False,
        weak_deps=False,
        allow_vendor_change=False,
        proxy="http://u:p@h:1/",
    )


def test_options_beat_the_text_and_lists_add_up() -> None:
    found = main_options({"yumconf": "best=1\nexclude=b", "main_options": {"best": 0, "exclude": ["a"]}})

    assert (found.best, found.exclude) == (False, ("a", "b"))


def test_the_text_is_that_of_dnf_where_there_are_two() -> None:
    assert main_options({"yumconf": "retries=1", "dnfconf": "retries=2"}).retries == 2


def test_policy_and_network_follow_the_text() -> None:
    options, _ = with_main_text(read_options({"dnfconf": "install_weak_deps=0\nproxy=http://p:1"})[0])

    assert not options.policy(Policy()).weak_deps
    assert network_of(options).proxy == "http://p:1"


@pytest.mark.parametrize("proxy", ["", "_none_"])
def test_a_text_may_say_that_there_is_no_proxy(proxy: str) -> None:
    assert main_options({"dnfconf": f"proxy={proxy}"}).proxy is None


def test_a_text_that_dnf_cannot_read_is_a_problem_with_its_lines() -> None:
    assert findings({"yumconf": "[main]\nkeepcache\n\n  more\n"}) == [
        "problem: /software/components/spma/yumconf: line 2: an option needs a name and an equals sign",
        "problem: /software/components/spma/yumconf: line 4: an indented line continues nothing",
    ]


def test_what_dnf_would_not_take_is_a_warning_and_means_nothing() -> None:
    text = "best=maybe\nretries=-1\ntimeout=soon\ninstallonly_limit=1\nproxy=ftp//u:p@h\n"

    assert findings({"dnfconf": text}) == [
        "warning: /software/components/spma/dnfconf: installonly_limit: dnf does not allow 1, ignored",
        "warning: /software/components/spma/dnfconf: retries: want a number, got '-1'; ignored",
        "warning: /software/components/spma/dnfconf: timeout: want a time in seconds, got 'soon'; ignored",
        "warning: /software/components/spma/dnfconf: best: want a boolean, got 'maybe'; ignored",
        "warning: /software/components/spma/dnfconf: proxy: want a URL, got 'ftp//u:p@h'; ignored",
    ]


def test_sections_of_repositories_are_a_warning() -> None:
    assert findings({"dnfconf": "[main]\nbest=1\n[extra]\nbaseurl=http://h\n"}) == [
        "warning: /software/components/spma/dnfconf: section 'extra' is ignored: only [main] is read"
    ]


def test_an_option_that_cannot_be_written_down_is_a_problem() -> None:
    assert findings({"dnfconf": "[main]\na b=1\n"}) == [
        "problem: /software/components/spma/dnfconf: option 'a b': dnf's files have no such names"
    ]
