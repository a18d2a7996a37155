"""The page on nginx is tried: its configuration serves a store to dnf and nothing else of it to anybody."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPMessage
from pathlib import Path

import pytest

from tests.support import tool
from tests.support.advisories import Advisory
from tests.support.project import ROOT
from tests.support.rpms import Rpm
from tests.support.world import World

BASH = Rpm("bash", "5.1-2")
PAGE = (ROOT / "docs/how-to/serve-a-store.md").read_text(encoding="utf-8")


@pytest.fixture
def store(world: World) -> Path:
    """Return a store with the snapshot "one", which the ref "production" points to."""
    base = world.repository("base", BASH, advisories=[Advisory("EXA-1", (BASH,))])
    store = world.path / "store"
    for verb in (("mirror", "base", base.url), ("cut", "one"), ("publish", "production", "one")):
        outcome = world.run("snapshot", *verb, "--store", store)
        assert outcome.code == 0, outcome.stderr
    return store


@pytest.fixture
def url(store: Path, tmp_path: Path) -> Iterator[str]:
    """Return the address at which nginx, configured as the page says, serves the store."""
    with served(store, tmp_path, PAGE) as address:
        yield address


@contextmanager
def served(store: Path, tmp_path: Path, page: str) -> Iterator[str]:
    """Serve the store with the configuration of a page, and yield the address."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if nginx is None:
        pytest.skip("nginx is not installed")
    port = free_port()
    blocks = re.findall(r"```nginx\n(.*?)```", page, re.DOTALL)
    server = blocks[0].replace("listen 80", f"listen 127.0.0.1:{port}").replace("/srv/yumbridge", str(store))
    # As it is here, the tests' own folders are private: the worker stays the user that made them.
    head = f"user root;\npid {tmp_path}/pid;\nerror_log {tmp_path}/error.log;\ndaemon off;\nevents {{}}\n"
    scratch = "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi"))
    scratch += f"uwsgi_temp_path {tmp_path}/uwsgi;\nscgi_temp_path {tmp_path}/scgi;\naccess_log off;\n"
    (tmp_path / "nginx.conf").write_text(f"{head}http {{\n{scratch}{server}}}\n", encoding="utf-8")
    process = subprocess.Popen([nginx, "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)])
    try:
        await_port(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def await_port(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail("nginx does not answer")


def headers(url: str) -> HTTPMessage:
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - a server of ours
        message: HTTPMessage = answer.headers
        return message


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as answer:  # noqa: S310 - a server of ours
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("place", ["snapshots/one", "refs/production"])
def test_dnf_reads_packages_and_advisories_from_nginx(url: str, tmp_path: Path, place: str) -> None:
    root = tmp_path / "root"
    options = (f"--installroot={root}", "--releasever=9", "--setopt=reposdir=/nonexistent", "--nogpgcheck", "-y")
    source = f"--repofrompath=base,{url}/{place}/base"
    tool.run("dnf", *options, source, "install", "bash")
    assert "bash-5.1-2" in tool.run("rpm", "--root", root, "-qa")
    listed = tool.run("dnf", *options, source, "updateinfo", "list", "--all")
    assert "EXA-1" in listed


def test_only_snapshots_and_refs_are_served(url: str) -> None:
    assert status(f"{url}/snapshots/one/base/repodata/repomd.xml") == 200
    for hidden in ("", "mirrors/base/first-seen.log", "store.json", ".lock", "snapshots/one/.index/base.msgpack"):
        assert status(f"{url}/{hidden}") == 404, hidden


def test_a_cache_may_keep_a_snapshot_but_has_to_ask_for_a_ref(url: str) -> None:
    kept = headers(f"{url}/snapshots/one/base/repodata/repomd.xml")
    asked = headers(f"{url}/refs/production/base/repodata/repomd.xml")
    assert "immutable" in kept["Cache-Control"]
    assert asked["Cache-Control"] == "no-cache"
    assert asked["ETag"] is None
    assert asked["Last-Modified"] is None


def test_links_of_the_store_are_followed_where_foreign_ones_are_not(store: Path, tmp_path: Path) -> None:
    found = re.search(r"`(disable_symlinks [^`]+;)`", PAGE)
    assert found
    strict = PAGE.replace("root /srv/yumbridge;", f"root /srv/yumbridge;\n    {found[1]}")
    (stored,) = (store / "snapshots/one/base/Packages").resolve().rglob("*.rpm")
    below = stored.relative_to(store / "pool")
    stranger = store / "snapshots/one/base/stranger"
    (tmp_path / "theirs").write_text("theirs", encoding="utf-8")
    os.chown(tmp_path / "theirs", 1, 1)
    stranger.symlink_to(tmp_path / "theirs")
    with served(store, tmp_path, strict) as address:
        assert status(f"{address}/refs/production/base/Packages/{below}") == 200
        assert status(f"{address}/snapshots/one/base/repodata/repomd.xml") == 200
        assert status(f"{address}/snapshots/one/base/stranger") == 403


def test_a_materialised_tree_has_no_links_but_the_ref(world: World, store: Path) -> None:
    (command,) = re.findall(r"```sh\nyumbridge (.*?)\n```", PAGE, re.DOTALL)
    words = command.replace("/srv/www/repos", str(world.path / "www")).replace("2026-11-22", "one").split()
    assert world.run(*words, "--store", store).code == 0
    tree = world.path / "www"
    assert [path for path in tree.rglob("*") if path.is_symlink()] == [tree / "production"]
    (rpm,) = (tree / "production/base").rglob("*.rpm")
    assert rpm.stat().st_nlink > 1
