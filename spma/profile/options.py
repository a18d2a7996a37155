"""The options of ncm-spma, /software/components/spma, and the policy they make."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from spma.profile.fields import FILE, Fields
from spma.profile.finding import Finding
from spma.profile.plugins import Plugins, read_plugins
from spma.profile.tree import Tree
from yumbridge.desired.policy import Policy

Said = TypeVar("Said")

OPTIONS: Final = "/software/components/spma"

# What other parts of Quattor read (structure_component).
_NOT_FOR_US: Final = (
    "active",
    "dependencies",
    "dispatch",
    "ncm-module",
    "register_change",
    "version",
)
_UNKNOWN: Final = "unknown option, ignored"

_WORD: Final = re.compile(r"\w+", re.ASCII)
_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PORT: Final = re.compile(r"[0-9]{1,5}")
# dnf splits the list of its folders at these.
_FOLDER: Final = re.compile(rf"(?=[^\s,]+$){FILE.pattern}/?")


class ProxyType(StrEnum):
    """How a proxy is used: asked for the repository, or standing in its place."""

    FORWARD = "forward"
    REVERSE = "reverse"


class MainOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`main_options`, lines of dnf's [main]. None is not in the profile. `timeout_s` is in seconds.

    Only the text of dnf.conf can say `weak_deps`, `allow_vendor_change` and `proxy`, a URL.
    """

    exclude: tuple[str, ...] = ()
    installonly_limit: int | None = None
    retries: int | None = None
    timeout_s: int | None = None
    keepcache: bool | None = None
    best: bool | None = None
    weak_deps: bool | None = None
    allow_vendor_change: bool | None = None
    proxy: str | None = None


class SpmaOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Every option of every rpm backend, under its own name; None where the profile says nothing.

    Source: ncm-spma, schema-common.pan, schema-common-yum.pan and the schema.pan of yum, yumng, yumdnf and dnf.
    `run` is true unless switched off, as config-common.pan has it. `proxyhost` keeps the order of its list.
    """

    packager: str = "yum"
    run: bool = True
    userpkgs: bool | None = None
    userpkgs_retry: bool = True
    fullsearch: bool = False
    process_obsoletes: bool | None = None
    filter: str | None = None
    repository_cleanup: bool | None = None
    reposdirs: tuple[str, ...] = ()
    main_options: MainOptions = MainOptions()
    plugins: Plugins = Plugins()
    modules: bool | None = None
    proxy: bool | None = None
    proxyhost: tuple[str, ...] = ()
    proxyport: str | None = None
    proxytype: ProxyType | None = None
    proxyrandom: bool = False
    excludes: tuple[str, ...] = ()
    whitelist: tuple[str, ...] = ()
    yumconf: str | None = None
    dnfconf: str | None = None
    quattor_os_file: str | None = None
    quattor_os_release: str | None = None

    def policy(self, base: Policy) -> Policy:
        """Return `base` with what these options say; lists are added to its own."""
        main = self.main_options
        return replace(
            base,
            whitelist=_merged(base.whitelist, self.whitelist),
            excludes=_merged(base.excludes, main.exclude, self.excludes),
            installonly_limit=chosen(main.installonly_limit, base.installonly_limit),
            keep_user_packages=chosen(self.userpkgs, base.keep_user_packages),
            require_best=chosen(main.best, base.require_best),
            weak_deps=chosen(main.weak_deps, base.weak_deps),
            allow_vendor_change=chosen(main.allow_vendor_change, base.allow_vendor_change),
            obsoleters_meet_names=chosen(self.process_obsoletes, base.obsoleters_meet_names),
            filter=chosen(self.filter, base.filter),
        )


def read_options(options: Tree) -> tuple[SpmaOptions, tuple[Finding, ...]]:
    """Return what the tree of /software/components/spma says, and what is wrong with it."""
    fields = Fields(options, OPTIONS)
    found = SpmaOptions(
        packager=_packager(fields),
        run=fields.boolean("run", default=True),
        userpkgs=fields.boolean("userpkgs", default=None),
        userpkgs_retry=fields.boolean("userpkgs_retry", default=True),
        fullsearch=fields.boolean("fullsearch", default=False),
        process_obsoletes=fields.boolean("process_obsoletes", default=None),
        filter=_filter(fields),
        repository_cleanup=fields.boolean("repository_cleanup", default=None),
        reposdirs=_directories(fields),
        main_options=_main_options(fields.nested("main_options")),
        plugins=read_plugins(fields.nested("plugins")),
        modules=fields.boolean("modules", default=None),
        proxy=fields.boolean("proxy", default=None),
        proxyhost=_proxy_hosts(fields),
        proxyport=_proxy_port(fields),
        proxytype=_proxy_type(fields),
        proxyrandom=fields.boolean("proxyrandom", default=False),
        excludes=fields.words("excludes"),
        whitelist=fields.texts("whitelist"),
        yumconf=fields.lines("yumconf", default=None),
        dnfconf=fields.lines("dnfconf", default=None),
        quattor_os_file=_os_file(fields),
        quattor_os_release=fields.label("quattor_os_release", default=None),
    )
    fields.ignore(*_NOT_FOR_US)
    fields.warn_of_unknown(_UNKNOWN)
    return found, tuple(fields.findings)


def _main_options(fields: Fields) -> MainOptions:
    options = MainOptions(
        exclude=fields.words("exclude"),
        installonly_limit=fields.integer("installonly_limit", 0, default=None),
        retries=fields.integer("retries", 0, default=None),
        timeout_s=fields.integer("timeout", 0, default=None),
        keepcache=fields.boolean("keepcache", default=None),
        best=fields.boolean("best", default=None),
    )
    if options.installonly_limit == 1:
        # Source: dnf.conf(5), installonly_limit.
        fields.problem("installonly_limit", "dnf does not allow 1: want 0 (no limit) or at least 2")
    fields.warn_of_unknown(_UNKNOWN)
    return options


def _packager(fields: Fields) -> str:
    packager = fields.text("packager", default="yum")
    if not _WORD.fullmatch(packager):
        fields.problem("packager", f"{packager!r} is no name of a backend")
    return packager


def _filter(fields: Fields) -> str | None:
    pattern = fields.text("filter", default=None)
    if pattern is not None:
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            fields.problem("filter", f"no regular expression: {error}")
    return pattern


def _directories(fields: Fields) -> tuple[str, ...]:
    directories = fields.texts("reposdirs")
    for index, directory in enumerate(directories):
        if not _FOLDER.fullmatch(directory):
            text = f"{directory!r} is no absolute path without white space and commas"
            fields.problem(f"reposdirs/{index}", text)
    return directories


def _os_file(fields: Fields) -> str | None:
    path = fields.text("quattor_os_file", default=None)
    if path is not None and not FILE.fullmatch(path):
        fields.problem("quattor_os_file", f"{path!r} is no absolute path")
    return path


def _proxy_hosts(fields: Fields) -> tuple[str, ...]:
    text = fields.text("proxyhost", default="")
    hosts = tuple(host for each in text.split(",") if (host := each.strip()))
    for host in hosts:
        if not _HOST.fullmatch(host):
            # What stands before an "@" is a password.
            shown = f"***@{host.rpartition('@')[2]}" if "@" in host else host
            fields.problem("proxyhost", f"{shown!r} is no host or host:port")
    return hosts


def _proxy_port(fields: Fields) -> str | None:
    port = fields.label("proxyport", default=None)
    if port and not _PORT.fullmatch(port):
        fields.problem("proxyport", f"{port!r} is no port")
    return port or None


def _proxy_type(fields: Fields) -> ProxyType | None:
    text = fields.text("proxytype", default=None)
    if text is None or text in set(ProxyType):
        return None if text is None else ProxyType(text)
    fields.problem("proxytype", f"want forward or reverse, got {text!r}")
    return None


def _merged(*lists: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({each for names in lists for each in names}))


def chosen(said: Said | None, otherwise: Said) -> Said:
    """Return what was said, or `otherwise` when nothing was."""
    return otherwise if said is None else said
