"""Where upstream metadata says that a file lies: a path below a base URL, written by whoever runs the mirror."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from snapshots.errors import UpstreamError

BASES: Final = ("http", "https")
SCHEMES: Final = (*BASES, "file")

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+~^@=,%-]*")
# A path is quoted unless it is already, which some mirrors do: "%" stays as it is.
_KEPT: Final = "/%+~^@!$&'()*,;=:"


def href_fault(href: str) -> str:
    """Return why `href` cannot be a path below a repository, empty when it can.

    >>> href_fault("Packages/b/bash.rpm"), href_fault("Packages/%2e%2e/bash.rpm")
    ('', 'leads upwards')
    """
    if not href:
        return "is empty"
    if _CONTROL.search(href) or "\\" in href:
        return "has a character that no path has"
    # Servers and proxies differ in how often they decode: no way of reading it may lead upwards.
    for text in _readings(href):
        if _CONTROL.search(text) or "\\" in text:
            return "has a character that no path has"
        if text.startswith("/"):
            return "is absolute"
        if ":" in text.partition("/")[0]:
            return "has a scheme"
        if ".." in text.split("/"):
            return "leads upwards"
    if href.endswith("/") or href.rpartition("/")[2] == ".":
        return "names no file"
    return ""


def _readings(href: str) -> tuple[str, ...]:
    once = unquote(href)
    twice = unquote(once)
    return (href, once, twice, unquote(twice))


def base_fault(base: str) -> str:
    """Return why `base` (xml:base) cannot be where rpms are downloaded from, empty when it can."""
    return "" if url_scheme(base) in BASES and urlsplit(base).hostname else "is not a URL of http or https"


def url_scheme(url: str) -> str:
    """Return the scheme of a URL that can be the base of a repository, empty for any other text."""
    if _CONTROL.search(url):
        return ""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return ""
    return parts.scheme if parts.scheme in SCHEMES and not {"?", "#"} & {*url} else ""


def source_fault(url: str) -> str:
    """Return why `url` cannot be that of a repository to mirror, empty when it can."""
    return "" if url_scheme(url) else "is no URL of a repository: want http, https or file, without a query"


def below(base: str, href: str) -> str:
    """Return the URL of `href` below `base`. Raises UpstreamError: it would lie elsewhere.

    >>> below("http://host/os/", "Packages/a b.rpm")
    'http://host/os/Packages/a%20b.rpm'
    """
    if fault := href_fault(href):
        raise UpstreamError(f"refused: the location {href!r} {fault}")
    segments = [segment for segment in href.split("/") if segment not in {"", "."}]
    return f"{base.rstrip('/')}/{quote('/'.join(segments), safe=_KEPT)}"


def file_name(href: str) -> str:
    """Return what a file of repodata is called in a folder of ours. Raises UpstreamError: it may not become a name."""
    name = href.rpartition("/")[2]
    if fault := href_fault(href):
        raise UpstreamError(f"refused: the location {href!r} {fault}")
    if not _PLAIN_NAME.fullmatch(name) or name == "repomd.xml":
        raise UpstreamError(f"refused: {name!r} is no name for a file of repodata")
    return name


def without_credentials(url: str) -> str:
    """Return `url` as it may be stored: without a user and a password.

    >>> without_credentials("https://me:secret@host/os")
    'https://host/os'
    """
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def refused_url(url: str) -> str:
    """Return a text that is no URL as it may be printed: what may be a user and a password ends at its last "@".

    >>> refused_url("http://me:se/cret@host/os")
    'http://***@host/os'
    """
    before, at, rest = url.rpartition("@")
    scheme, mark, _ = before.partition("://")
    return f"{scheme + mark if mark else ''}***@{rest}" if at else url
