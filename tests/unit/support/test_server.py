"""The web server misbehaves exactly as told."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from pathlib import Path

import pytest

from tests.support.server import NOT_FOUND, UNAVAILABLE, Fault, Server, serving

BODY = b"0123456789"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "a b").write_bytes(BODY)
    with serving(tmp_path) as running:
        yield running


def get(
    server: Server, target: str = "/a%20b", method: str = "GET", headers: Mapping[str, str] | None = None
) -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, target, headers=dict(headers or {}))
        return connection.getresponse()
    finally:
        connection.close()


def test_a_file_is_served_and_the_request_logged(server: Server) -> None:
    with get(server) as answer:
        assert (answer.status, answer.read()) == (200, BODY)
    assert server.paths == ("/a b",)


def test_what_lies_outside_the_directory_is_not_served(server: Server) -> None:
    with get(server, "/../../../../../../etc/passwd") as answer:
        assert answer.status == 404


def test_a_request_for_another_host_is_answered_as_a_proxy_does(server: Server) -> None:
    with get(server, "http://mirror.example.org/a%20b") as answer:
        assert answer.read() == BODY
    assert server.requests[0].target == "http://mirror.example.org/a%20b"


@pytest.mark.parametrize("fault", [NOT_FOUND, UNAVAILABLE], ids=["404", "503"])
def test_a_status_is_answered_until_healed(server: Server, fault: Fault) -> None:
    server.fail("/a*", fault)
    with get(server) as broken:
        assert broken.status == fault.status
    server.heal()
    with get(server) as whole:
        assert whole.read() == BODY


def test_a_fault_lasts_as_many_times_as_told(server: Server) -> None:
    server.fail("/a b", Fault(status=503, times=2))
    codes: list[int] = []
    for _ in range(3):
        with get(server) as answer:
            codes.append(answer.status)

    assert codes == [503, 503, 200]


@pytest.mark.parametrize("fault", [Fault(cut_at=4), Fault(announced_bytes=99)], ids=["cut", "wrong-length"])
def test_a_body_ends_before_its_announced_length(server: Server, fault: Fault) -> None:
    server.fail("*", fault)
    with get(server) as answer, pytest.raises(IncompleteRead) as caught:
        answer.read()

    assert caught.value.partial == BODY[: fault.cut_at]


def test_a_slow_answer_is_slow_and_does_not_delay_the_end(server: Server) -> None:
    server.fail("*", Fault(delay_s=0.1))
    before = time.monotonic()
    with get(server) as answer:
        assert answer.read() == BODY

    assert time.monotonic() - before >= 0.1


def test_the_rest_of_a_file_is_served(server: Server) -> None:
    with get(server, headers={"Range": "bytes=4-"}) as answer:
        assert (answer.status, answer.read()) == (206, BODY[4:])
        assert answer.headers["Content-Range"] == "bytes 4-9/10"


def test_beyond_a_file_there_is_no_rest(server: Server) -> None:
    with get(server, headers={"Range": "bytes=10-"}) as answer:
        assert answer.status == 416


def test_the_rest_of_another_file_is_the_whole_of_this_one(server: Server) -> None:
    with get(server, headers={"Range": "bytes=4-", "If-Range": '"another"'}) as answer:
        assert (answer.status, answer.read()) == (200, BODY)


def test_ranges_can_be_ignored(server: Server) -> None:
    server.fail("/*", Fault(ignores_ranges=True))
    with get(server, headers={"Range": "bytes=4-"}) as answer:
        assert (answer.status, answer.read()) == (200, BODY)


def test_a_redirect_says_where_to(server: Server) -> None:
    server.fail("/a*", Fault(status=302, location="/elsewhere"))
    with get(server) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "/elsewhere")


def test_a_length_need_not_be_announced(server: Server) -> None:
    server.fail("/a*", Fault(is_unmeasured=True, cut_at=4))
    with get(server) as answer:
        assert (answer.headers["Content-Length"], answer.read()) == (None, BODY[:4])


def test_a_watcher_acts_before_the_answer(server: Server, tmp_path: Path) -> None:
    def move_on() -> None:
        (tmp_path / "a b").write_bytes(b"new")

    server.watch("/a*", move_on)
    with get(server) as answer:
        assert answer.read() == b"new"
