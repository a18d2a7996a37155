"""The proxies of ncm-spma's options, applied to repositories."""

from __future__ import annotations

import re
from typing import Final
from zlib import crc32

from msgspec.structs import replace

from spma.profile.options import ProxyType, SpmaOptions
from yumbridge.desired.repository import Repository
from yumbridge.desired.state import Network

# The backends whose proxies are reverse ones: they know no proxytype (yumng.pm, dnf.pm).
_REVERSE_BACKENDS: Final = frozenset({"yumng", "dnf"})

PROXY: Final = re.compile(r"(?:https?|ftp|socks[45][ah]?)://[^/\s]\S*")
"""The URL of a proxy."""
NO_PROXY: Final = frozenset({"", "_none_"})
"""What dnf reads as no proxy at all."""

_HOST_OF_URL: Final = re.compile(r"(?P<before>(?:https?|ftp)://(?:[^/@]*@)?)[^/@]+")


def network_of(options: SpmaOptions) -> Network:
    """Return how repositories are reached that say nothing themselves.

    A forward proxy is the first host, spoken to over http: dnf knows one, and upstream takes the first as well. Where
    there is none, it is that of the text of dnf.conf.
    """
    usual = Network()
    hosts = _hosts(options, ProxyType.FORWARD)
    main = options.main_options
    return Network(
        proxy=f"http://{hosts[0]}" if hosts else main.proxy,
        retries=usual.retries if main.retries is None else main.retries,
        timeout_s=usual.timeout_s if main.timeout_s is None else main.timeout_s,
        keepcache=bool(main.keepcache),
    )


def through_reverse_proxies(repositories: tuple[Repository, ...], options: SpmaOptions) -> tuple[Repository, ...]:
    """Return `repositories` with each of their hosts replaced by each reverse proxy, in order, if there are any.

    A repository that speaks of a proxy itself stays as it is, and so do file URLs and TLS settings.
    Source: ncm-spma, yum.pm generate_reverse_proxy_urls(), which loses the latter.
    """
    hosts = _hosts(options, ProxyType.REVERSE)
    if not hosts:
        return repositories
    return tuple(
        repository if repository.proxy is not None else replace(repository, urls=_urls_at(repository.urls, hosts))
        for repository in repositories
    )


def spread(options: SpmaOptions, host_name: str) -> SpmaOptions:
    """Return `options` with their proxies in the order in which the host of this name asks them.

    With `proxyrandom` the list is turned by a hash of the name: each host keeps its first proxy from run to run, and
    the hosts of a site have different ones. Source: SPMA, which turned it by the last octet of the host's address.
    """
    hosts = options.proxyhost
    if not (options.proxyrandom and hosts):
        return options
    first = crc32(host_name.encode()) % len(hosts)
    return replace(options, proxyhost=(*hosts[first:], *hosts[:first]))


def proxy_type(options: SpmaOptions) -> ProxyType:
    """Return how the proxies are used: as the profile says, else as its backend does."""
    if options.proxytype is not None:
        return options.proxytype
    is_reverse = options.packager in _REVERSE_BACKENDS
    return ProxyType.REVERSE if is_reverse else ProxyType.FORWARD


def _hosts(options: SpmaOptions, wanted: ProxyType) -> tuple[str, ...]:
    """Return the proxies as host or host:port, none when they are switched off or of the other type."""
    if options.proxy is False or proxy_type(options) is not wanted:
        return ()
    return tuple(_with_port(host, options.proxyport) for host in options.proxyhost)


def _with_port(host: str, port: str | None) -> str:
    has_port = ":" in host.rpartition("]")[2]
    return f"{host}:{port}" if port and not has_port else host


def _urls_at(urls: tuple[str, ...], hosts: tuple[str, ...]) -> tuple[str, ...]:
    moved = [_url_at(url, host) for url in urls for host in hosts]
    return tuple(dict.fromkeys(moved))


def _url_at(url: str, host: str) -> str:
    found = _HOST_OF_URL.match(url)
    return found["before"] + host + url[found.end() :] if found else url
