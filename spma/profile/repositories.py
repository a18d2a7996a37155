"""The repositories of a profile, /software/repositories."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from spma.profile.fields import Fields
from spma.profile.finding import Finding, problem
from spma.profile.proxy import NO_PROXY, PROXY
from spma.profile.tree import Tree, below, described
from yumbridge.desired.repository import Repository

REPOSITORIES: Final = "/software/repositories"

# No leading dot: the id becomes the name of a file. Source: ncm-spma, software.pan.
_REPO_ID: Final = re.compile(r"(?!\.)[\w.-]+", re.ASCII)
_RESERVED: Final = frozenset({"main"})
"""Names that dnf reads as something else than a repository."""

_URL: Final = re.compile(r"file://\S+|(?:https?|ftp)://[^/\s]\S*")

_DEFAULT_PRIORITY: Final = 99


class _Tls(msgspec.Struct, frozen=True):
    """The TLS client settings of one protocol; None is not in the profile."""

    cacert: str | None
    clientcert: str | None
    clientkey: str | None
    verify: bool | None

    @property
    def is_empty(self) -> bool:
        return self == _Tls(None, None, None, None)


def read_repositories(repositories: Tree) -> tuple[tuple[Repository, ...], tuple[Finding, ...]]:
    """Return the repositories in their written order, and what is wrong with them.

    Source: ncm-spma, software.pan (SOFTWARE_REPOSITORY) and repository.tt.
    """
    if not isinstance(repositories, list):
        return (), (problem(REPOSITORIES, f"want a list, got {described(repositories)}"),)
    findings: list[Finding] = []
    found: dict[str, Repository] = {}
    for index, repository in enumerate(repositories):
        fields = Fields(repository, below(REPOSITORIES, index))
        read = _repository(fields)
        if read.repo_id in found:
            fields.problem("name", f"{read.repo_id} is the name of {found[read.repo_id].origin} too")
        elif read.repo_id:
            found[read.repo_id] = read
        findings += fields.findings
    return tuple(found.values()), tuple(findings)


def _repository(fields: Fields) -> Repository:
    repo_id = _repo_id(fields)
    is_enabled = fields.boolean("enabled", default=True)
    protocols = fields.each("protocols")
    tls = _tls_of_all(fields, protocols)
    repository = Repository(
        repo_id=repo_id,
        urls=tuple(_url(protocol, "url") for protocol in protocols),
        enabled=is_enabled,
        priority=fields.integer("priority", 1, 99, default=_DEFAULT_PRIORITY),
        gpgcheck=fields.boolean("gpgcheck", default=False),
        repo_gpgcheck=fields.boolean("repo_gpgcheck", default=False),
        gpgkeys=_keys(fields),
        gpgcakey=_url(fields, "gpgcakey") if "gpgcakey" in fields else None,
        excludepkgs=fields.words("excludepkgs"),
        includepkgs=fields.words("includepkgs"),
        proxy=_proxy(fields),
        skip_if_unavailable=fields.boolean("skip_if_unavailable", default=False),
        module_hotfixes=fields.boolean("module_hotfixes", default=False),
        sslcacert=tls.cacert,
        sslclientcert=tls.clientcert,
        sslclientkey=tls.clientkey,
        sslverify=tls.verify is not False,
        origin=fields.path,
    )
    if is_enabled and not repository.urls:
        fields.problem("protocols", "an enabled repository needs a protocol with a url")
    fields.text("owner", default=None)
    fields.warn_of_unknown("unknown field of a repository, ignored")
    return repository


def _repo_id(fields: Fields) -> str:
    if "name" not in fields:
        fields.problem("name", "missing")
        return ""
    repo_id = fields.text("name", default=None)
    if repo_id is None:
        return ""
    if not _REPO_ID.fullmatch(repo_id) or repo_id in _RESERVED:
        fields.problem("name", f"{described(repo_id)} is no repository name")
    return repo_id


def _url(fields: Fields, key: str) -> str:
    if key not in fields:
        fields.problem(key, "missing")
    url = fields.text(key, default=None)
    if url is not None and not _URL.fullmatch(url):
        fields.problem(key, f"want a file, http, https or ftp URL, got {described(url)}")
    return url or ""


def _keys(fields: Fields) -> tuple[str, ...]:
    keys = fields.texts("gpgkey")
    for index, key in enumerate(keys):
        if not _URL.fullmatch(key):
            text = f"want a file, http, https or ftp URL, got {described(key)}"
            fields.problem(f"gpgkey/{index}", text)
    return keys


def _proxy(fields: Fields) -> str | None:
    proxy = fields.text("proxy", default=None)
    if proxy is None or proxy in NO_PROXY:
        return None if proxy is None else ""
    if not PROXY.fullmatch(proxy):
        fields.problem("proxy", f"want a URL or nothing, got {described(proxy)}")
    return proxy


def _tls_of_all(fields: Fields, protocols: tuple[Fields, ...]) -> _Tls:
    """Return the TLS settings of the first protocol that has any: dnf knows one set for all URLs of a repository."""
    settings = [_tls(protocol) for protocol in protocols]
    for protocol in protocols:
        protocol.text("name", default=None)
        protocol.warn_of_unknown("unknown field of a protocol, ignored")
    given = [tls for tls in settings if not tls.is_empty]
    if any(tls != given[0] for tls in given):
        fields.warning("protocols", "TLS settings differ: the first ones hold for every URL")
    return given[0] if given else _Tls(None, None, None, None)


def _tls(protocol: Fields) -> _Tls:
    protocol.ignore("url")
    return _Tls(
        cacert=protocol.text("cacert", default=None) or None,
        clientcert=protocol.text("clientcert", default=None) or None,
        clientkey=protocol.text("clientkey", default=None) or None,
        verify=protocol.boolean("verify", default=None),
    )
