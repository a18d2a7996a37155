"""Files are fetched over real HTTP, verified while they arrive, and resumed."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from snapshots.errors import SnapshotError, UpstreamError
from snapshots.intake.fetch import Download, Fetcher, FetchOptions
from snapshots.intake.repomd import Checksum
from tests.support.server import NOT_FOUND, UNAVAILABLE, Fault, Server, serving
from tests.support.tls import authority

CONTENT = bytes(range(256)) * 1000
HALF = len(CONTENT) // 2
OPTIONS = FetchOptions(retries=2, pause_s=0.01, connect_s=5, read_s=5)


@pytest.fixture
def www(tmp_path: Path) -> Path:
    folder = tmp_path / "www"
    folder.mkdir()
    (folder / "file").write_bytes(CONTENT)
    return folder


@pytest.fixture
def server(www: Path) -> Iterator[Server]:
    with serving(www) as running:
        yield running


@pytest.fixture(params=["http", "file"])
def address(request: pytest.FixtureRequest, server: Server, www: Path) -> str:
    """Where the files are, by HTTP and locally."""
    return server.url if request.param == "http" else www.as_uri()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / ".partial"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


def download(url: str, target: Path, content: bytes = CONTENT, *, size: int | None = -1) -> Download:
    """Describe a file of this content, and of its size unless another is given."""
    checksum = Checksum("sha256", hashlib.sha256(content).hexdigest())
    size_bytes = len(content) if size == -1 else size
    return Download(what="the file", url=url, target=target, checksum=checksum, size_bytes=size_bytes)


def fetch(*downloads: Download, options: FetchOptions = OPTIONS) -> tuple[list[Path], tuple[SnapshotError, ...]]:
    """Fetch files; return what was delivered, and the failures."""
    delivered: list[Path] = []
    with Fetcher(options) as fetcher:
        failures = fetcher.fetch(downloads, lambda found: delivered.append(found.target), lambda _done, _total: None)
    return delivered, failures


def header(server: Server, name: str) -> list[str | None]:
    """Return what each request had in a header."""
    lowered = [{key.lower(): value for key, value in request.headers.items()} for request in server.requests]
    return [headers.get(name.lower()) for headers in lowered]


def ranges(server: Server) -> list[str | None]:
    return header(server, "Range")


# --- whole and right ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [-1, None], ids=["size known", "size unknown"])
def test_a_file_is_delivered_whole(server: Server, target: Path, size: int | None) -> None:
    assert fetch(download(f"{server.url}/file", target, size=size)) == ([target], ())
    assert target.read_bytes() == CONTENT
    assert ranges(server) == [None]


def test_a_local_file_is_delivered_without_a_server(www: Path, target: Path) -> None:
    assert fetch(download((www / "file").as_uri(), target)) == ([target], ())
    assert target.read_bytes() == CONTENT


def test_what_is_there_already_is_not_asked_for(server: Server, target: Path) -> None:
    target.write_bytes(CONTENT)
    assert fetch(download(f"{server.url}/file", target)) == ([target], ())
    assert server.requests == ()


def test_a_download_continues_where_an_earlier_run_ended(server: Server, target: Path) -> None:
    target.write_bytes(CONTENT[:HALF])
    assert fetch(download(f"{server.url}/file", target)) == ([target], ())
    assert target.read_bytes() == CONTENT
    assert ranges(server) == [f"bytes={HALF}-"]


def test_a_local_download_continues_too(www: Path, target: Path) -> None:
    target.write_bytes(CONTENT[:HALF])
    assert fetch(download((www / "file").as_uri(), target)) == ([target], ())
    assert target.read_bytes() == CONTENT


def test_a_broken_connection_is_taken_up_again_in_the_middle(server: Server, target: Path) -> None:
    server.fail("/file", Fault(cut_at=HALF, times=1))
    assert fetch(download(f"{server.url}/file", target)) == ([target], ())
    assert target.read_bytes() == CONTENT
    assert ranges(server) == [None, f"bytes={HALF}-"]
    assert (header(server, "If-Range")[1] or "").startswith('"')


def test_a_file_that_ends_early_without_a_length_is_continued(server: Server, target: Path) -> None:
    server.fail("/file", Fault(is_unmeasured=True, cut_at=HALF, times=1))
    assert fetch(download(f"{server.url}/file", target)) == ([target], ())
    assert ranges(server) == [None, f"bytes={HALF}-"]


def test_a_server_that_knows_no_ranges_is_asked_for_the_whole(server: Server, target: Path) -> None:
    target.write_bytes(CONTENT[:HALF])
    server.fail("/file", Fault(ignores_ranges=True))
    assert fetch(download(f"{server.url}/file", target)) == ([target], ())
    assert target.read_bytes() == CONTENT


def test_a_file_that_changed_between_two_parts_is_read_anew(server: Server, target: Path, www: Path) -> None:
    (www / "file").write_bytes(CONTENT[::-1])
    server.fail("/file", Fault(cut_at=HALF, times=1))
    asked: list[None] = []

    def move_on() -> None:
        asked.append(None)
        if len(asked) == 2:
            (www / "file").write_bytes(CONTENT)

    server.watch("/file", move_on)
    assert fetch(download(f"{server.url}/file", target)) == ([target], ())
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("fault", [UNAVAILABLE, Fault(status=429)], ids=["503", "429"])
def test_a_failure_that_may_pass_is_retried(server: Server, target: Path, fault: Fault) -> None:
    server.fail("/file", Fault(status=fault.status, times=2))
    assert fetch(download(f"{server.url}/file", target)) == ([target], ())
    assert len(server.requests) == 3


def test_a_server_that_does_not_answer_in_time_is_asked_again(server: Server, target: Path) -> None:
    server.fail("/file", Fault(delay_s=30, times=1))
    options = FetchOptions(retries=1, pause_s=0.01, read_s=0.3)
    assert fetch(download(f"{server.url}/file", target), options=options) == ([target], ())


# --- never wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (CONTENT[::-1], "is not what"),
        (CONTENT[:-1], "ends after"),
        (CONTENT + b"x", "larger than"),
        (b"", "ends after"),
    ],
    ids=["others", "fewer", "more", "none"],
)
def test_wrong_bytes_are_an_error_and_are_not_kept(
    address: str, www: Path, target: Path, content: bytes, text: str
) -> None:
    (www / "file").write_bytes(content)
    delivered, (failure,) = fetch(download(f"{address}/file", target))
    assert isinstance(failure, UpstreamError)
    assert text in failure.message
    assert delivered == []
    assert not target.exists()


def test_wrong_bytes_are_asked_for_again_past_the_caches(server: Server, target: Path, www: Path) -> None:
    (www / "file").write_bytes(CONTENT[::-1])
    fetch(download(f"{server.url}/file", target))
    assert header(server, "Cache-Control") == [None, "no-cache"]


def test_no_more_is_written_than_the_file_may_have(server: Server, target: Path, www: Path) -> None:
    (www / "file").write_bytes(bytes(50 << 20))
    _, (failure,) = fetch(download(f"{server.url}/file", target))
    assert "larger than" in failure.message
    assert not target.exists()


def test_a_wrong_part_is_thrown_away(server: Server, target: Path) -> None:
    target.write_bytes(b"x" * HALF)
    assert fetch(download(f"{server.url}/file", target)) == ([target], ())
    assert target.read_bytes() == CONTENT
    assert ranges(server) == [f"bytes={HALF}-", None]


@pytest.mark.parametrize("size", [len(CONTENT), len(CONTENT) + 1])
def test_a_part_as_long_as_the_file_is_thrown_away(server: Server, target: Path, size: int) -> None:
    target.write_bytes(b"x" * size)
    assert fetch(download(f"{server.url}/file", target)) == ([target], ())
    assert ranges(server) == [None]


def test_a_part_beyond_the_end_of_a_file_of_unknown_size_is_thrown_away(server: Server, target: Path) -> None:
    target.write_bytes(CONTENT + b"x")
    assert fetch(download(f"{server.url}/file", target, size=None)) == ([target], ())
    assert target.read_bytes() == CONTENT


def test_a_part_that_is_a_link_is_not_written_through(server: Server, target: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    target.symlink_to(victim)
    assert fetch(download(f"{server.url}/file", target)) == ([target], ())
    assert victim.read_bytes() == b"mine"
    assert not target.is_symlink()


def test_a_part_that_has_another_name_is_not_continued(server: Server, target: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(CONTENT[:HALF])
    target.hardlink_to(other)
    assert fetch(download(f"{server.url}/file", target)) == ([target], ())
    assert other.read_bytes() == CONTENT[:HALF]


# --- failures -----------------------------------------------------------------------------------


def test_what_is_not_there_is_told_once_without_retries(server: Server, target: Path) -> None:
    delivered, (failure,) = fetch(download(f"{server.url}/nothing", target))
    assert failure.message == f"{server.url}/nothing: status 404"
    assert (delivered, len(server.requests)) == ([], 1)


def test_retries_end(server: Server, target: Path) -> None:
    server.fail("/file", UNAVAILABLE)
    _, (failure,) = fetch(download(f"{server.url}/file", target))
    assert "status 503" in failure.message
    assert len(server.requests) == 3


def test_a_server_that_is_not_there_is_told(target: Path, www: Path) -> None:
    with serving(www) as gone:
        url = f"{gone.url}/file"
    _, (failure,) = fetch(download(url, target))
    assert isinstance(failure, UpstreamError)
    assert failure.message.startswith(f"{url}: ")
    assert "refused" in failure.message


def test_what_others_had_fetched_stays(server: Server, tmp_path: Path) -> None:
    good = [download(f"{server.url}/file", tmp_path / f".{number}") for number in range(5)]
    bad = [download(f"{server.url}/nothing{number}", tmp_path / f".bad{number}") for number in range(2)]
    delivered, failures = fetch(*bad, *good)
    assert sorted(delivered) == [each.target for each in good]
    assert len(failures) == 2


def test_an_upstream_that_has_nothing_is_given_up_early(server: Server, tmp_path: Path) -> None:
    server.fail("/*", NOT_FOUND)
    _, failures = fetch(*(download(f"{server.url}/{number}", tmp_path / f".{number}") for number in range(200)))
    assert 10 <= len(failures) <= 10 + OPTIONS.workers
    assert len(server.requests) < 30


def test_a_disk_that_cannot_be_written_is_told_as_such(server: Server, tmp_path: Path) -> None:
    _, (failure,) = fetch(download(f"{server.url}/file", tmp_path / "nowhere" / ".partial"))
    assert not isinstance(failure, UpstreamError)
    assert "cannot write" in failure.message


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_only_plain_local_files_are_read(tmp_path: Path, target: Path, kind: str) -> None:
    path = tmp_path / "odd"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path = Path("/dev/zero")
    _, (failure,) = fetch(download(path.as_uri(), target))
    assert "no plain file" in failure.message


# --- several at once ----------------------------------------------------------------------------


def test_files_are_fetched_at_the_same_time(server: Server, tmp_path: Path) -> None:
    together = threading.Barrier(4, timeout=20)

    def meet() -> None:
        together.wait()

    server.watch("/file", meet)
    files = [download(f"{server.url}/file", tmp_path / f".{number}") for number in range(4)]
    assert len(fetch(*files)[0]) == 4


def test_progress_ends_at_all_bytes(server: Server, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    files = [download(f"{server.url}/file", tmp_path / f".{number}") for number in range(3)]
    (tmp_path / ".0").write_bytes(CONTENT[:HALF])
    server.fail("/file", Fault(delay_s=0.3, times=1))
    with Fetcher(OPTIONS) as fetcher:
        assert fetcher.fetch(files, lambda _found: None, lambda done, total: heard.append((done, total))) == ()
    assert heard[-1] == (3 * len(CONTENT), 3 * len(CONTENT))
    assert heard == sorted(heard)


def test_an_interrupt_does_not_wait_for_the_server(server: Server, tmp_path: Path) -> None:
    server.fail("/*", Fault(delay_s=60))
    files = [download(f"{server.url}/{number}", tmp_path / f".{number}") for number in range(8)]
    begun = time.monotonic()

    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with Fetcher(OPTIONS) as fetcher, pytest.raises(KeyboardInterrupt):
        fetcher.fetch(files, lambda _found: None, interrupt)
    assert time.monotonic() - begun < 5


def test_an_interrupt_delivers_nothing_more(server: Server, tmp_path: Path) -> None:
    server.fail("/*", Fault(delay_s=1))
    delivered: list[Path] = []

    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    files = [download(f"{server.url}/file", tmp_path / ".x")]
    with Fetcher(OPTIONS) as fetcher, pytest.raises(KeyboardInterrupt):
        fetcher.fetch(files, lambda found: delivered.append(found.target), interrupt)
    time.sleep(1.5)
    assert delivered == []
    assert not (tmp_path / ".x").exists() or (tmp_path / ".x").stat().st_size < len(CONTENT)


# --- redirects, credentials, proxies, TLS -------------------------------------------------------


def test_a_redirect_is_followed(server: Server, target: Path) -> None:
    server.fail("/moved", Fault(status=302, location="/file"))
    assert fetch(download(f"{server.url}/moved", target)) == ([target], ())


def test_redirects_end(server: Server, target: Path) -> None:
    server.fail("/moved", Fault(status=301, location="/moved"))
    _, (failure,) = fetch(download(f"{server.url}/moved", target))
    assert "redirects" in failure.message
    assert len(server.requests) == 6


@pytest.mark.parametrize("location", ["file:///etc/hostname", "ftp://127.0.0.1/file", "gopher:x", "http://[", ""])
def test_a_redirect_never_leaves_the_web(server: Server, target: Path, location: str) -> None:
    server.fail("/moved", Fault(status=302, location=location))
    _, (failure,) = fetch(download(f"{server.url}/moved", target))
    assert isinstance(failure, UpstreamError)
    assert not target.exists()


def test_credentials_are_sent_and_never_told(server: Server, target: Path) -> None:
    url = server.url.replace("http://", "http://me:se%40cret@")
    server.fail("/nothing", NOT_FOUND)
    assert fetch(download(f"{url}/file", target)) == ([target], ())
    # Base64 of "me:se@cret".
    assert header(server, "Authorization")[0] == "Basic bWU6c2VAY3JldA=="
    _, (failure,) = fetch(download(f"{url}/nothing", target.with_name(".other")))
    assert failure.message == f"{server.url}/nothing: status 404"


def test_credentials_may_have_any_letter(server: Server, target: Path) -> None:
    url = server.url.replace("http://", "http://me:%E2%82%AC@")
    assert fetch(download(f"{url}/file", target)) == ([target], ())
    # Base64 of "me:€" in UTF-8.
    assert header(server, "Authorization") == ["Basic bWU64oKs"]


def test_credentials_are_not_sent_to_another_server(server: Server, target: Path, www: Path) -> None:
    with serving(www) as other:
        server.fail("/moved", Fault(status=302, location=f"{other.url}/file"))
        url = server.url.replace("http://", "http://me:secret@")
        assert fetch(download(f"{url}/moved", target)) == ([target], ())
        assert header(server, "Authorization")[0]
        assert header(other, "Authorization") == [None]


def test_the_proxy_of_the_environment_is_used(server: Server, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.url.replace("http://", "http://me:secret@"))
    assert fetch(download("http://mirror.example.org/file", target)) == ([target], ())
    assert server.requests[0].target == "http://mirror.example.org/file"
    # Base64 of "me:secret".
    assert header(server, "Proxy-Authorization") == ["Basic bWU6c2VjcmV0"]


def test_no_proxy_is_honoured(server: Server, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert fetch(download(f"{server.url}/file", target)) == ([target], ())


@pytest.mark.parametrize("proxy", ["socks5://me:secret@127.0.0.1:1", "http://me:secret@[", "http://me:secret@h:x"])
def test_a_proxy_that_cannot_be_used_is_told_without_its_credentials(
    target: Path, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    _, (failure,) = fetch(download("http://mirror.example.org/file", target))
    assert isinstance(failure, UpstreamError)
    assert "secret" not in failure.message


def test_a_certificate_that_nobody_vouches_for_is_refused(www: Path, target: Path) -> None:
    with authority() as ca, serving(www, ca.context()) as server:
        _, (failure,) = fetch(download(f"{server.url}/file", target))
    assert "certificate" in failure.message.lower()


def test_a_certificate_that_the_system_trusts_is_taken(
    www: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with authority() as ca, serving(www, ca.context()) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(ca.certificate))
        assert fetch(download(f"{server.url}/file", target)) == ([target], ())


def test_a_redirect_from_https_to_http_is_refused(
    server: Server, www: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with authority() as ca, serving(www, ca.context()) as secure:
        monkeypatch.setenv("SSL_CERT_FILE", str(ca.certificate))
        secure.fail("/moved", Fault(status=302, location=f"{server.url}/file"))
        _, (failure,) = fetch(download(f"{secure.url}/moved", target))
    assert "refused: a redirect" in failure.message
    assert server.requests == ()


# --- small files --------------------------------------------------------------------------------


def test_a_small_file_is_read_past_the_caches(server: Server) -> None:
    with Fetcher(OPTIONS) as fetcher:
        assert fetcher.content(f"{server.url}/file", len(CONTENT)) == CONTENT
    assert header(server, "Cache-Control") == ["no-cache"]


def test_a_small_file_that_is_large_is_not_read_further(server: Server) -> None:
    with Fetcher(OPTIONS) as fetcher, pytest.raises(UpstreamError, match="larger than 1000 bytes"):
        fetcher.content(f"{server.url}/file", 1000)
    assert len(server.requests) == 1
