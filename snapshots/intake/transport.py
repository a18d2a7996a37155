"""The transport: a URL opened for reading, over HTTP, HTTPS or from a local file. What arrives is not trusted."""

from __future__ import annotations

import os
import re
import ssl
import stat
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final
from urllib.parse import unquote, urljoin, urlsplit

from snapshots.errors import UpstreamError
from snapshots.intake.location import BASES, refused_url, url_scheme, without_credentials
from yumbridge.plan.document import masked

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

_PIECE: Final = 1 << 16
_MAX_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# Of the client's errors, those that time heals: a request that took too long, and too many of them.
_PASSING: Final = frozenset({408, 425, 429})
_LOCKED: Final = frozenset({401, 403})
_RANGE: Final = re.compile(r"bytes ([0-9]{1,18})-")
# As dnf and curl have it, so that no server can keep a mirror waiting by a byte now and then.
_MIN_RATE: Final = 1000
_RATE_WINDOW_S: Final = 30.0


class TransferError(UpstreamError):
    """A URL could not be read. `is_passing`: it may be better in a moment."""

    def __init__(self, message: str, *, is_passing: bool) -> None:
        super().__init__(message)
        self.is_passing = is_passing


class RangeError(TransferError):
    """A server has no such part of a file: what there is of it already is of another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to read: a URL from `offset` on, if the server can.

    `validator` is the ETag that what is before `offset` came with. `is_fresh`: no cache on the way may answer.
    """

    url: str
    offset: int = 0
    validator: str = ""
    is_fresh: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What arrives: pieces of the file from `offset` on, which is what was asked for, or 0.

    `validator` is its ETag, empty for none. `is_measured`: the length was announced, so that an end before it is an
    error and any other end is that of the file.
    """

    offset: int
    pieces: Iterator[bytes]
    validator: str = ""
    is_measured: bool = True


class Transport:
    """Opens URLs, with the proxies that the environment names; for many threads at once.

    `connect_s` and `read_s` are how long it waits for a connection and for the next bytes.
    """

    def __init__(self, *, connect_s: float, read_s: float, connections: int) -> None:
        self._connect_s = connect_s
        self._read_s = read_s
        self._connections = connections
        self._lock = threading.Lock()
        self._pools: dict[str, PoolManager] = {}

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for pool in self._pools.values():
                pool.clear()

    @contextmanager
    def opened(self, request: Request) -> Iterator[Answer]:
        """Open a URL of http, https or file. Raises TransferError, while it is read as well."""
        if url_scheme(request.url) == "file":
            with _local(request) as answer:
                yield answer
        else:
            with self._remote(request) as answer:
                yield answer

    @contextmanager
    def _remote(self, request: Request) -> Iterator[Answer]:
        from urllib3.exceptions import HTTPError, SSLError

        url = without_credentials(request.url)
        try:
            with closing(self._response(request)) as response:
                offset = _offset(response.status, response.headers.get("Content-Range", ""), request)
                is_measured = "Content-Length" in response.headers
                yield Answer(offset, _pieces(response, url), response.headers.get("ETag", ""), is_measured)
        except SSLError as error:
            is_passing = not isinstance(error.args[0], ssl.SSLCertVerificationError)
            raise TransferError(f"{url}: {_cause(error)}", is_passing=is_passing) from error
        except HTTPError as error:
            # urllib3 names the pool and the parsed address: what it says of the cause is enough.
            raise TransferError(f"{url}: {_cause(error)}", is_passing=True) from error

    def _response(self, request: Request) -> BaseHTTPResponse:
        """Return the answer to a request, wherever it was redirected to."""
        from urllib3 import Timeout

        url = request.url
        for _ in range(_MAX_REDIRECTS + 1):
            response = self._pool(url).request(
                "GET",
                without_credentials(url),
                headers=_headers(request, url),
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
                timeout=Timeout(connect=self._connect_s, read=self._read_s),
            )
            if response.status not in _REDIRECTS:
                return response
            target = response.headers.get("Location", "")
            response.close()
            url = _redirected(url, target)
        raise TransferError(
            f"{without_credentials(request.url)}: more than {_MAX_REDIRECTS} redirects", is_passing=False
        )

    def _pool(self, url: str) -> PoolManager:
        from urllib3 import PoolManager, ProxyManager
        from urllib3.exceptions import URLSchemeUnknown
        from urllib3.util import parse_url

        proxy = _proxy(url)
        with self._lock:
            if proxy not in self._pools:
                context = ssl.create_default_context()
                if not proxy:
                    self._pools[proxy] = PoolManager(maxsize=self._connections, ssl_context=context)
                    return self._pools[proxy]
                auth = parse_url(proxy).auth
                headers = {"Proxy-Authorization": _basic(auth)} if auth else None
                try:
                    self._pools[proxy] = ProxyManager(
                        without_credentials(proxy),
                        maxsize=self._connections,
                        ssl_context=context,
                        proxy_headers=headers,
                    )
                except URLSchemeUnknown as error:
                    text = f"the proxy {without_credentials(proxy)} is none of http or https"
                    raise TransferError(text, is_passing=False) from error
            return self._pools[proxy]


def _proxy(url: str) -> str:
    """Return the proxy for a URL, as the environment names it to curl; empty for none."""
    from urllib.request import getproxies_environment, proxy_bypass

    parts = urlsplit(url)
    proxies = getproxies_environment()
    if proxy_bypass(parts.netloc.rpartition("@")[2]):
        return ""
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    return proxy if "://" in proxy or not proxy else f"http://{proxy}"


def _headers(request: Request, url: str) -> dict[str, str]:
    from urllib3.util import parse_url

    # A file is stored as the server has it, and its checksum is of that.
    headers = {"Accept-Encoding": "identity", "User-Agent": "yumbridge"}
    if request.offset:
        headers["Range"] = f"bytes={request.offset}-"
        if request.validator and not request.validator.startswith("W/"):
            headers["If-Range"] = request.validator
    if request.is_fresh:
        headers["Cache-Control"] = "no-cache"
    first, now = parse_url(request.url), parse_url(url)
    # Credentials are for the server that they were given for, and for no other that it sends us to.
    if first.auth and (first.scheme, first.netloc) == (now.scheme, now.netloc):
        headers["Authorization"] = _basic(first.auth)
    return headers


def _basic(auth: str) -> str:
    """Return the header of a user and a password as they stand in a URL."""
    return f"Basic {b64encode(unquote(auth).encode()).decode()}"


def _redirected(url: str, location: str) -> str:
    """Return where a redirect leads. Raises TransferError: it leads away from the web, or to a weaker scheme."""
    try:
        target = without_credentials(urljoin(without_credentials(url), location))
    except ValueError:
        target = ""
    scheme = url_scheme(target.partition("?")[0].partition("#")[0])
    if scheme not in BASES or (scheme == "http" and urlsplit(url).scheme == "https"):
        raise TransferError(
            f"{without_credentials(url)}: refused: a redirect to {refused_url(location)[:200]!r}", is_passing=False
        )
    return target


def _offset(status: int, content_range: str, request: Request) -> int:
    """Return where the body of an answer begins in the file. Raises TransferError: it is no part of the file."""
    url = without_credentials(request.url)
    if status == 200:  # noqa: PLR2004 - the one status that brings a whole file
        return 0
    found = _RANGE.match(content_range)
    if status == 206 and request.offset and found and int(found[1]) == request.offset:  # noqa: PLR2004 - a part
        return request.offset
    if request.offset and status in {206, 416}:
        raise RangeError(f"{url}: status {status}", is_passing=True)
    hint = ": credentials are never stored, so the URL has to have them each time" if status in _LOCKED else ""
    raise TransferError(f"{url}: status {status}{hint}", is_passing=status >= 500 or status in _PASSING)  # noqa: PLR2004


def _pieces(response: BaseHTTPResponse, url: str) -> Iterator[bytes]:
    begun, received = time.monotonic(), 0
    while piece := response.read1(_PIECE):
        received += len(piece)
        waited = time.monotonic() - begun
        if waited > _RATE_WINDOW_S:
            if received < _MIN_RATE * waited:
                raise TransferError(f"{url}: fewer than {_MIN_RATE} bytes arrive in a second", is_passing=True)
            begun, received = time.monotonic(), 0
        yield piece


def _cause(error: Exception) -> str:
    inner = error.args[-1] if error.args else error
    text = str(inner)
    return masked(re.sub(r"^<[^>]*>: |^HTTPS?Connection(Pool)?\([^)]*\): ", "", text)) or type(error).__name__


@contextmanager
def _local(request: Request) -> Iterator[Answer]:
    parts = urlsplit(request.url)
    path = unquote(parts.path)
    if parts.netloc not in {"", "localhost"}:
        raise TransferError(f"{without_credentials(request.url)}: a file URL has no host", is_passing=False)
    try:
        # A pipe would be waited for. Links are followed, as dnf does: the packages of a mirror often lie elsewhere.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise TransferError(f"{path} is no plain file", is_passing=False)
    with os.fdopen(descriptor, "rb") as file:
        yield Answer(request.offset, _local_pieces(file, path, request.offset))


def _local_pieces(file: BinaryIO, path: str, offset: int) -> Iterator[bytes]:
    try:
        file.seek(offset)
        while piece := file.read(_PIECE):
            yield piece
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str, error: OSError | ValueError) -> TransferError:
    text = error.strerror if isinstance(error, OSError) else str(error)
    return TransferError(f"cannot read {path}: {text}", is_passing=False)
