from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spma.ccm import cache_root, read_current, read_folder
from spma.errors import ProfileError
from tests.support.ccm import CcmCache
from tests.support.data import sample
from tests.support.profiles import profile
from yumbridge.errors import HostError

CONTENT = profile(["app"])


@pytest.fixture
def cache(tmp_path: Path) -> CcmCache:
    cache = CcmCache(tmp_path / "ccm")
    cache.point(7)
    return cache


def refused(cache: CcmCache) -> str:
    with pytest.raises(ProfileError) as caught:
        read_current(cache.path)
    assert "\n" not in caught.value.message
    return caught.value.message


# --- where the cache is -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "var/lib/ccm"),
        ("", "var/lib/ccm"),
        ("# cache_root /no\nprofile http://x/\n", "var/lib/ccm"),
        ("cache_root /srv/ccm\n", "srv/ccm"),
        ("  cache_root = /srv/ccm  \n", "srv/ccm"),
        ("cache_root=/srv/ccm", "srv/ccm"),
        ('cache_root "/srv/ccm"\r\n', "srv/ccm"),
        ("cache_root /srv/a\ncache_root /srv/b # moved\n", "srv/b"),
        ("cache_rooted /no\nbad line without sense = = \n", "var/lib/ccm"),
        ("cache_root //srv/ccm", "srv/ccm"),
    ],
)
def test_ccm_conf_says_where_the_cache_is(tmp_path: Path, text: str | None, expected: str) -> None:
    if text is not None:
        (tmp_path / "etc").mkdir()
        (tmp_path / "etc/ccm.conf").write_text(text, encoding="utf-8", newline="")
    assert cache_root(tmp_path) == tmp_path / expected


@pytest.mark.parametrize("value", ["", "srv/ccm", "/srv\0ccm"])
def test_a_cache_root_that_is_no_absolute_path_is_refused(tmp_path: Path, value: str) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/ccm.conf").write_text(f"cache_root {value}\n", encoding="utf-8")
    with pytest.raises(ProfileError, match="is not an absolute path"):
        cache_root(tmp_path)


@pytest.mark.parametrize("value", ["/../outside", "/link"])
def test_a_cache_outside_of_the_root_is_refused(tmp_path: Path, value: str) -> None:
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/ccm.conf").write_text(f"cache_root {value}\n", encoding="utf-8")
    (root / "link").symlink_to("/var")
    with pytest.raises(HostError):
        cache_root(root)


# --- which profile it is ------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["json", "xml"])
def test_the_raw_text_is_read_as_it_is(cache: CcmCache, form: str) -> None:
    file = cache.raw(7, CONTENT, form=form)
    cache.databases(7, {"software": {}})
    assert read_current(cache.path) == (file, file.read_bytes())


def test_an_older_cache_has_the_raw_text_in_profile_xml(cache: CcmCache) -> None:
    file = cache.raw(7, CONTENT)
    file.replace(file.with_name("profile.xml"))
    assert read_current(cache.path)[0] == file.with_name("profile.xml")


def test_without_raw_text_the_databases_are_read(cache: CcmCache) -> None:
    """The bytes are canonical, so that a digest over them is that of the tree."""
    folder = cache.databases(7, {"b": [1, True, "ä"], "a": {"x": 1.5}})
    assert read_current(cache.path) == (folder, '{"a":{"x":1.5},"b":[1,true,"ä"]}'.encode())


def test_a_cache_of_ccm_itself_is_read() -> None:
    folder, data = read_current(sample("ccm-cache"))
    assert folder == sample("ccm-cache") / "profile.1"
    assert json.loads(data) == json.loads(sample("profiles/el9accept.json").read_bytes())


def test_the_current_profile_is_read_and_not_the_latest(cache: CcmCache) -> None:
    file = cache.raw(7, CONTENT)
    cache.raw(8, CONTENT)
    cache.point(8, "latest.cid")
    assert read_current(cache.path)[0] == file


def test_the_latest_is_read_where_nothing_is_current_yet(cache: CcmCache) -> None:
    file = cache.raw(8, CONTENT)
    cache.point(8, "latest.cid")
    (cache.path / "current.cid").unlink()
    assert read_current(cache.path)[0] == file


@pytest.mark.parametrize("content", ["", "x\n", "../7\n", "-1\n", "7 8\n", "9" * 5000, "\ufffd"])
def test_a_cid_that_is_no_number_is_refused(cache: CcmCache, content: str) -> None:
    (cache.path / "current.cid").write_text(content, encoding="utf-8")
    assert refused(cache).startswith(f"{cache.path}/current.cid is damaged: want a number, got ")


def test_a_folder_without_a_cid_is_no_cache(tmp_path: Path) -> None:
    with pytest.raises(ProfileError) as caught:
        read_current(tmp_path)
    assert (
        caught.value.message
        == f"no CCM cache in {tmp_path}: {tmp_path}/current.cid is missing; name a profile, or --cache-root"
    )


def test_a_dangling_cid_is_refused(cache: CcmCache) -> None:
    assert refused(cache) == f"CCM cache {cache.path} has no profile 7: {cache.folder(7)} is missing"


def test_a_profile_without_text_and_databases_is_refused(cache: CcmCache) -> None:
    cache.folder(7).mkdir()
    assert refused(cache) == f"CCM cache {cache.path} has no profile 7: {cache.folder(7)}/path2eid.fmt is missing"
    with pytest.raises(ProfileError, match=r"profile\.7 cannot be read: .*/path2eid\.fmt is missing"):
        read_folder(cache.folder(7))


@pytest.mark.parametrize("form", ["DB_File", "GDBM_File"])
def test_databases_of_another_format_are_refused(cache: CcmCache, form: str) -> None:
    cache.databases(7, CONTENT, form=form)
    assert f"path2eid.db is of the format '{form}': only CDB_File can be read" in refused(cache)


def test_a_database_of_which_half_is_missing_is_refused(cache: CcmCache) -> None:
    for name in ("path2eid.fmt", "path2eid.db", "eid2data.fmt", "eid2data.db"):
        (cache.databases(7, CONTENT) / name).unlink()
        assert refused(cache) == f"CCM cache {cache.path} has no profile 7: {cache.folder(7)}/{name} is missing"


def test_a_folder_in_place_of_a_file_is_refused(cache: CcmCache) -> None:
    (cache.folder(7) / "profile").mkdir(parents=True)
    assert refused(cache) == f"{cache.folder(7)}/profile cannot be read: Is a directory"


def test_a_file_larger_than_any_profile_is_refused(cache: CcmCache) -> None:
    for name in ("profile", "path2eid.db"):
        cache.databases(7, CONTENT)
        with (cache.folder(7) / name).open("wb") as handle:
            handle.truncate(200 << 20)
        assert refused(cache) == f"{cache.folder(7)}/{name} is larger than 50 MB"
        (cache.folder(7) / name).unlink()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["path2eid.db", "eid2data.db"]), st.data())
def test_a_damaged_database_is_read_or_refused(cache: CcmCache, name: str, data: st.DataObject) -> None:
    file = cache.databases(7, {"software": {"packages": {"a": {}}, "list": [1, True, "x"]}}) / name
    changed = bytearray(file.read_bytes())
    place = data.draw(st.integers(0, 2047) | st.integers(2048, len(changed) - 1))
    if data.draw(st.booleans()):
        del changed[place:]
    else:
        changed[place] ^= data.draw(st.integers(1, 255))
    file.write_bytes(changed)
    message = ""
    try:
        read_current(cache.path)
    except ProfileError as error:
        message = error.message
    assert message.isprintable()


# --- while a new profile arrives ----------------------------------------------------------------


@contextmanager
def fed(fifo: Path, content: bytes, seen: list[str]) -> Iterator[None]:
    """Feed a reader of `fifo`, and note what lies beside it at that moment."""

    def feed() -> None:
        with fifo.open("wb") as handle:
            seen.extend(sorted(path.name for path in fifo.parent.iterdir()))
            handle.write(content)

    os.mkfifo(fifo)
    feeder = threading.Thread(target=feed)
    feeder.start()
    yield
    feeder.join()


def test_the_profile_is_marked_while_it_is_read(cache: CcmCache) -> None:
    """The mark is the one that ccm-purge looks for."""
    cache.folder(7).mkdir()
    seen: list[str] = []
    with fed(cache.folder(7) / "profile", b"{}", seen):
        assert read_current(cache.path)[1] == b"{}"
    assert seen == [f"ccm-active-profile.7-{os.getpid()}", "profile"]
    assert [path.name for path in cache.folder(7).iterdir()] == ["profile"]


def test_the_mark_goes_when_reading_fails(cache: CcmCache) -> None:
    cache.databases(7, CONTENT, form="DB_File")
    refused(cache)
    assert list(cache.folder(7).glob("ccm-active*")) == []


def test_a_link_in_place_of_the_mark_is_not_followed(cache: CcmCache, tmp_path: Path) -> None:
    file = cache.raw(7, CONTENT)
    mark = cache.folder(7) / f"ccm-active-profile.7-{os.getpid()}"
    mark.symlink_to(tmp_path / "elsewhere")
    assert read_current(cache.path)[0] == file
    assert not (tmp_path / "elsewhere").exists()
    assert mark.is_symlink()


def test_a_profile_that_is_purged_before_it_is_opened_is_read_anew(cache: CcmCache) -> None:
    (cache.path / "current.cid").unlink()
    new = cache.raw(8, CONTENT)

    def replace_then_answer() -> None:
        with (cache.path / "current.cid").open("wb") as handle:
            cache.point(8)
            handle.write(b"7\n")

    os.mkfifo(cache.path / "current.cid")
    fetcher = threading.Thread(target=replace_then_answer)
    fetcher.start()
    assert read_current(cache.path) == (new, new.read_bytes())
    fetcher.join()


def test_every_reader_gets_one_whole_profile_while_others_come_and_go(cache: CcmCache) -> None:
    def write(cid: int) -> None:
        cache.databases(cid, {"cid": cid, "list": [cid] * 50})
        cache.point(cid)

    done = threading.Event()

    def fetch() -> None:
        for cid in range(8, 5000):
            write(cid)
            shutil.rmtree(cache.folder(cid - 2), ignore_errors=True)
            if done.is_set():
                return

    write(7)
    fetcher = threading.Thread(target=fetch)
    fetcher.start()
    try:
        for _ in range(200):
            folder, data = read_current(cache.path)
            cid = int(folder.suffix[1:])
            assert json.loads(data) == {"cid": cid, "list": [cid] * 50}
    finally:
        done.set()
        fetcher.join()


@pytest.mark.parametrize("text", ["cache_root" + " " * 500_000 + "x", " " * 500_000, "cache_root /x" + " #" * 300_000])
def test_a_long_line_of_ccm_conf_is_read_at_once(tmp_path: Path, text: str) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/ccm.conf").write_text(f"{text}\ncache_root /here\n", encoding="utf-8")
    began = time.monotonic()
    assert cache_root(tmp_path) == tmp_path / "here"
    assert time.monotonic() - began < 3
