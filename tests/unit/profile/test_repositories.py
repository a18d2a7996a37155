"""The fields of /software/repositories."""

from __future__ import annotations

import pytest

from spma.profile.finding import Severity
from spma.profile.repositories import read_repositories
from spma.profile.tree import Tree
from yumbridge.desired.repository import Repository

ROOT = "/software/repositories"
HTTP: Tree = {"name": "http", "url": "http://repo.example.org/a"}


def entry(**fields: Tree) -> dict[str, Tree]:
    return {"name": "a", "protocols": [HTTP], **fields}


def repositories(*entries: Tree) -> tuple[Repository, ...]:
    found, findings = read_repositories(list(entries))
    assert [str(each) for each in findings] == []
    return found


def findings(tree: Tree, severity: Severity = Severity.PROBLEM) -> list[str]:
    _, found = read_repositories(tree)
    return [str(each) for each in found if each.severity is severity]


def test_a_repository_has_the_defaults_of_the_schema() -> None:
    assert repositories(entry()) == (
        Repository(
            repo_id="a",
            urls=("http://repo.example.org/a",),
            enabled=True,
            priority=99,
            gpgcheck=False,
            repo_gpgcheck=False,
            proxy=None,
            skip_if_unavailable=False,
            sslverify=True,
            origin=f"{ROOT}/0",
        ),
    )


def test_every_field_of_the_schema_is_read() -> None:
    tls: dict[str, Tree] = {
        "cacert": "/etc/ca.pem",
        "clientcert": "/etc/c.pem",
        "clientkey": "/etc/k.pem",
        "verify": False,
    }

    (found,) = repositories(
        entry(
            protocols=[
                {"name": "https", "url": "https://one.example.org/a", **tls},
                {"name": "file", "url": "file:///srv/a"},
            ],
            enabled=False,
            owner="ops@example.org",
            priority=10,
            gpgcheck=True,
            repo_gpgcheck=True,
            gpgkey=["file:///etc/key", "https://example.org/key"],
            gpgcakey="https://example.org/ca",
            excludepkgs=["kernel*", "a b,c"],
            includepkgs=["htop"],
            proxy="http://proxy:3128",
            skip_if_unavailable=True,
            module_hotfixes=True,
        )
    )

    assert found == Repository(
        repo_id="a",
        urls=("https://one.example.org/a", "file:///srv/a"),
        enabled=False,
        priority=10,
        gpgcheck=True,
        repo_gpgcheck=True,
        gpgkeys=("file:///etc/key", "https://example.org/key"),
        gpgcakey="https://example.org/ca",
        excludepkgs=("kernel*", "a", "b", "c"),
        includepkgs=("htop",),
        proxy="http://proxy:3128",
        skip_if_unavailable=True,
        module_hotfixes=True,
        sslcacert="/etc/ca.pem",
        sslclientcert="/etc/c.pem",
        sslclientkey="/etc/k.pem",
        sslverify=False,
        origin=f"{ROOT}/0",
    )


def test_repositories_keep_their_order() -> None:
    found = repositories(entry(name="z"), entry(name="a"))

    assert [each.repo_id for each in found] == ["z", "a"]


def test_an_empty_proxy_is_no_proxy_and_a_missing_one_the_general() -> None:
    without, general = repositories(entry(proxy=""), entry(name="b"))

    assert (without.proxy, general.proxy) == ("", None)


def test_booleans_and_numbers_may_be_what_perl_makes_of_them() -> None:
    (found,) = repositories(entry(enabled=1, gpgcheck="", priority="5"))

    assert (found.enabled, found.gpgcheck, found.priority) == (True, False, 5)


def test_a_disabled_repository_needs_no_url() -> None:
    assert repositories({"name": "a", "enabled": False})[0].urls == ()


@pytest.mark.parametrize(
    ("repository", "place", "why"),
    [
        pytest.param("x", "", "want a dict, got 'x'", id="no-dict"),
        pytest.param(entry(name=5), "/name", "want a string, got 5", id="name-is-a-number"),
        pytest.param(entry(name=".."), "/name", "no repository name", id="name-is-a-path"),
        pytest.param(entry(name=".hidden"), "/name", "no repository name", id="name-is-hidden"),
        pytest.param(entry(name="a/b"), "/name", "no repository name", id="name-with-slash"),
        pytest.param(entry(name="a\n"), "/name", "control characters", id="name-with-newline"),
        pytest.param(entry(name="é"), "/name", "no repository name", id="name-not-ascii"),
        pytest.param(entry(name="main"), "/name", "no repository name", id="dnfs-own-section"),
        pytest.param({"protocols": [HTTP]}, "/name", "missing", id="no-name"),
        pytest.param(entry(enabled="maybe"), "/enabled", "want a boolean", id="boolean"),
        pytest.param(entry(enabled=2), "/enabled", "want a boolean, yes or no, got 2", id="two"),
        pytest.param(entry(priority=0), "/priority", "from 1 to 99, got 0", id="priority-too-low"),
        pytest.param(entry(priority=100), "/priority", "from 1 to 99", id="priority-too-high"),
        pytest.param(entry(priority=True), "/priority", "got true", id="priority-no-number"),
        pytest.param(entry(priority=1.5), "/priority", "got 1.5", id="priority-a-double"),
        pytest.param(entry(gpgkey="file:///k"), "/gpgkey", "want a list", id="gpgkey-no-list"),
        pytest.param(entry(gpgkey=["k"]), "/gpgkey/0", "want a file, http", id="gpgkey-no-url"),
        pytest.param(entry(excludepkgs=[1]), "/excludepkgs/0", "want a string", id="word-no-text"),
        pytest.param(entry(proxy="proxy:3128"), "/proxy", "want a URL or nothing", id="proxy"),
        pytest.param(entry(protocols={}), "/protocols", "want a list", id="protocols-no-list"),
        pytest.param(entry(protocols=[]), "/protocols", "needs a protocol", id="no-protocols"),
        pytest.param(entry(protocols=[{"name": "http"}]), "/protocols/0/url", "missing", id="no-url"),
        pytest.param(
            entry(protocols=[HTTP, {"name": "x", "url": "gopher://h/"}]),
            "/protocols/1/url",
            "want a file, http, https or ftp URL, got 'gopher://h/'",
            id="url-scheme",
        ),
        pytest.param(entry(protocols=[{"url": "http://h/a b"}]), "/protocols/0/url", "want a", id="url-space"),
        pytest.param(entry(protocols=[{"url": "http:///a"}]), "/protocols/0/url", "want a", id="url-no-host"),
        pytest.param(
            entry(protocols=[{"url": "http://h/", "cacert": 1}]),
            "/protocols/0/cacert",
            "want a string",
            id="cacert",
        ),
    ],
)
def test_a_wrong_field_is_a_problem_at_its_path(repository: Tree, place: str, why: str) -> None:
    found = findings([repository])

    assert any(each.startswith(f"{ROOT}/0{place}: ") and why in each for each in found), found


def test_something_else_than_a_list_is_one_problem() -> None:
    assert findings({}) == [f"{ROOT}: want a list, got a dict"]


def test_two_repositories_of_one_name_are_a_problem() -> None:
    assert findings([entry(), entry()]) == [f"{ROOT}/1/name: a is the name of {ROOT}/0 too"]


def test_unknown_fields_are_warnings() -> None:
    tree: Tree = [entry(metalink="x", protocols=[{"url": "file:///a", "mirror": "x"}])]

    assert findings(tree) == []
    assert findings(tree, Severity.WARNING) == [
        f"{ROOT}/0/protocols/0/mirror: unknown field of a protocol, ignored",
        f"{ROOT}/0/metalink: unknown field of a repository, ignored",
    ]


def test_different_tls_settings_are_a_warning_and_the_first_ones_hold() -> None:
    tree: Tree = [
        entry(
            protocols=[
                {"url": "https://one/", "cacert": "/one.pem"},
                {"url": "https://two/", "cacert": "/two.pem"},
            ]
        )
    ]

    (found,), _ = read_repositories(tree)

    assert found.sslcacert == "/one.pem"
    assert findings(tree, Severity.WARNING) == [
        f"{ROOT}/0/protocols: TLS settings differ: the first ones hold for every URL"
    ]


def test_credentials_do_not_appear_in_problems() -> None:
    (found,) = findings([entry(protocols=[{"url": "gopher://me:secret@h/"}])])

    assert "secret" not in found
