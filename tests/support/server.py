"""A web server over a directory, which can be told to misbehave."""

from __future__ import annotations

import ctypes
import hashlib
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with an answer.

    With `cut_at` the connection ends after so many bytes of the body, although its length was
    announced in full; `announced_bytes` is a Content-Length that is not the body's. With `stays_open` it does not end:
    the client waits for more. With `is_endless` the body is followed by zeros for as long as the client takes them.
    With `is_unmeasured` no length is announced, and with `ignores_ranges` a part of a file is
    answered with the whole of it. `location` is where a redirect leads. `delay_s` passes before the
    answer begins. After `times` answers all is well again.
    """

    status: int = 200
    location: str = ""
    is_unmeasured: bool = False
    ignores_ranges: bool = False
    cut_at: int | None = None
    announced_bytes: int | None = None
    stays_open: bool = False
    is_endless: bool = False
    delay_s: float = 0.0
    times: int | None = None


# Source: sched.h.
_CLONE_NEWNET = 0x40000000
_PIECE = 1 << 16
NOT_FOUND = Fault(status=404)
UNAVAILABLE = Fault(status=503)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for; `target` is a whole URL when the server was used as a proxy."""

    method: str
    target: str
    headers: Mapping[str, str]

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)


class Server:
    """A running server: its address, what it was asked, and its faults.

    It answers requests for any host, so it can stand for a forward proxy as well. With `tls` it speaks HTTPS.
    """

    def __init__(self, directory: Path, tls: ssl.SSLContext | None = None) -> None:
        self._directory = directory.resolve()
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._faults: dict[str, Fault] = {}
        self._watchers: dict[str, Callable[[], None]] = {}
        self._closing = threading.Event()
        self._httpd = _Httpd(("127.0.0.1", 0), _handler(self))
        self._scheme = "https" if tls else "http"
        if tls:
            # A client that hangs in its handshake may not keep the others out: each thread shakes hands itself.
            self._httpd.socket = tls.wrap_socket(self._httpd.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def port(self) -> int:
        return self._httpd.server_port

    @property
    def url(self) -> str:
        """The address of the directory, without a slash at its end."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def requests(self) -> tuple[Request, ...]:
        """Everything that was asked so far, oldest first."""
        with self._lock:
            return tuple(self._requests)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that were asked for, oldest first."""
        return tuple(request.path for request in self.requests)

    def fail(self, pattern: str, fault: Fault) -> None:
        """Answer wrongly from now on for paths that match a glob ("/base/repodata/*")."""
        with self._lock:
            self._faults[pattern] = fault

    def watch(self, pattern: str, act: Callable[[], None]) -> None:
        """Call `act` before each answer for a path that matches a glob, as when a mirror moves on under a reader."""
        with self._lock:
            self._watchers[pattern] = act

    def heal(self) -> None:
        """Answer rightly again."""
        with self._lock:
            self._faults.clear()
            self._watchers.clear()

    def forget_requests(self) -> None:
        """Empty the log."""
        with self._lock:
            self._requests.clear()

    def answer(self, request: Request) -> tuple[bytes, Fault]:
        """Log a request and return the body for it, with what to do wrong in sending it."""
        with self._lock:
            self._requests.append(request)
            fault = self._take_fault(request.path)
            watchers = [act for pattern, act in self._watchers.items() if fnmatchcase(request.path, pattern)]
        for act in watchers:
            act()
        self._closing.wait(fault.delay_s)
        file = (self._directory / request.path.lstrip("/")).resolve()
        if fault.status != Fault().status:
            return b"", fault
        if not file.is_relative_to(self._directory) or not file.is_file():
            return b"", NOT_FOUND
        return file.read_bytes(), fault

    def linger(self, fault: Fault, write: Callable[[bytes], object]) -> None:
        """Do what a server does that does not end an answer, until the client or we have had enough of it."""
        while fault.is_endless and not self._closing.is_set():
            write(b"\0" * _PIECE)
        if fault.stays_open:
            self._closing.wait()

    def serve(self) -> None:
        """Answer until `close`."""
        self._httpd.serve_forever(poll_interval=0.02)

    def close(self) -> None:
        """Stop answering; delays end at once."""
        self._closing.set()
        self._httpd.shutdown()
        self._httpd.server_close()

    def _take_fault(self, path: str) -> Fault:
        for pattern, fault in self._faults.items():
            if not fnmatchcase(path, pattern):
                continue
            if fault.times is None:
                return fault
            left = fault.times - 1
            if left:
                self._faults[pattern] = replace(fault, times=left)
            else:
                del self._faults[pattern]
            return fault
        return Fault()


@contextmanager
def serving(directory: Path, tls: ssl.SSLContext | None = None, namespace: Path | None = None) -> Iterator[Server]:
    """Serve a directory on 127.0.0.1, on a port that is free; with `namespace` in that network namespace."""
    with ThreadPoolExecutor(1) as elsewhere:
        # A socket stays in the namespace of the thread that makes it.
        if namespace is not None:
            elsewhere.submit(enter_network, namespace).result()
        server = elsewhere.submit(Server, directory, tls).result()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


def enter_network(namespace: Path) -> None:
    """Move the calling thread, and no other, into a network namespace. Source: setns(2)."""
    with namespace.open("rb") as handle:
        if ctypes.CDLL(None, use_errno=True).setns(handle.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "cannot enter the network", str(namespace))


class _Httpd(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that hang up are what these tests are about."""


def _part(whole: bytes, status: int, request: Request, etag: str) -> tuple[int, bytes]:
    """Return the status and the body for a request that may ask for the rest of a file."""
    asked = re.fullmatch(r"bytes=([0-9]+)-", request.headers.get("Range", ""))
    if status != 200 or asked is None or request.headers.get("If-Range", etag) != etag:
        return status, whole
    begin = int(asked[1])
    return (206, whole[begin:]) if begin < len(whole) else (416, b"")


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = Request(self.command, self.path, dict(self.headers.items()))
            whole, fault = server.answer(asked)
            etag = f'"{hashlib.sha256(whole).hexdigest()[:16]}"'
            status, body = (fault.status, whole) if fault.ignores_ranges else _part(whole, fault.status, asked, etag)
            announced = len(body) if fault.announced_bytes is None else fault.announced_bytes
            self.send_response(status)
            if status == 206:
                self.send_header("Content-Range", f"bytes {len(whole) - len(body)}-{len(whole) - 1}/{len(whole)}")
            if fault.location:
                self.send_header("Location", fault.location)
            if not fault.is_unmeasured:
                self.send_header("Content-Length", str(announced))
            self.send_header("ETag", etag)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body[: fault.cut_at])
                server.linger(fault, self.wfile.write)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's
            """Write nothing: the log is `Server.requests`."""

    return Handler
