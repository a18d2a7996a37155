"""The cache of CCM: which profile is the current one, and its bytes, read as CCM's own readers do."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from spma.errors import NoProfileError, ProfileError
from spma.profile.cdb import read_records
from spma.profile.delivery import MAX_PROFILE_BYTES
from spma.profile.element import tree_of_elements
from yumbridge.plan.document import canonical
from yumbridge.run.state import refuse_outside

DEFAULT_CACHE_ROOT: Final = Path("/var/lib/ccm")
CONFIGURATION: Final = Path("/etc/ccm.conf")

_RAW: Final = ("profile", "profile.xml")
"""The text as it was fetched. The second name is a link to the first, and the only one in older caches."""

_CID: Final = re.compile(r"([0-9]{1,10})\s*")
_CACHE_ROOT: Final = re.compile(r"cache_root(?![^\s=])\s*=?")
_COMMENT: Final = re.compile(r"(?:^|\s)#")
_FOLDER: Final = re.compile(r"profile\.([0-9]+)")
_MAX_LINES_BYTES: Final = 1_000_000
_TRIES: Final = 10


class _VanishedError(Exception):
    """What was to be read is not there: it never was, or was purged in this moment."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


def cache_root(root: Path) -> Path:
    """Return where CCM keeps the profiles of the host at `root`: as its `/etc/ccm.conf` says, or as by default.

    The last `cache_root` counts; `key value` and `key = value` are read, and every other key is passed over. Raises
    ProfileError, and HostError when links lead out of the root.
    Source: CCM, EDG::WP4::CCM::CCfg; perl-AppConfig, which reads the same file.
    """
    configuration = _below(root, CONFIGURATION)
    try:
        text = _read(configuration, _MAX_LINES_BYTES).decode(errors="replace")
    except _VanishedError:
        text = ""
    lines = map(str.strip, text.splitlines())
    said = [_value(line[key.end() :]) for line in lines if (key := _CACHE_ROOT.match(line))]
    folder = said[-1] if said else str(DEFAULT_CACHE_ROOT)
    if not folder.startswith("/") or "\0" in folder:
        raise ProfileError(f"{configuration}: cache_root {folder!r} is not an absolute path")
    found = _below(root, Path(folder))
    refuse_outside(root, found)
    return found


def _value(text: str) -> str:
    """Return a value of AppConfig without the comment behind it and without quotes."""
    value = text.strip()
    comment = _COMMENT.search(value)
    return (value[: comment.start()].rstrip() if comment else value).strip("\"'")


def read_current(cache: Path) -> tuple[Path, bytes]:
    """Return the current profile of a cache: its path and its bytes, as `read_folder` has them.

    `current.cid` says which one it is. `latest.cid` is asked only where that is missing: a first fetch writes it
    before, when the profile is complete. A profile that vanishes while it is opened has been replaced: then the new one
    is read. Raises ProfileError. Source: CCM, EDG::WP4::CCM::CacheManager, EDG::WP4::CCM::Fetch.
    """
    tried = -1
    for _ in range(_TRIES):
        cid = _current_cid(cache)
        folder = cache / f"profile.{cid}"
        try:
            return _content(folder)
        except _VanishedError as vanished:
            if cid == tried:
                raise ProfileError(f"CCM cache {cache} has no profile {cid}: {vanished.path} is missing") from None
            tried = cid
    raise ProfileError(f"CCM cache {cache} changes faster than it can be read")


def read_folder(folder: Path) -> tuple[Path, bytes]:
    """Return the profile in one folder `profile.<cid>` of a cache: its path and its bytes.

    The path is that of the raw text, or of the folder where there is only a pair of databases: then the bytes are
    canonical JSON (compact, keys sorted) of the tree in them. Raises ProfileError.
    """
    try:
        return _content(folder)
    except _VanishedError as vanished:
        raise ProfileError(f"profile {folder} cannot be read: {vanished.path} is missing") from None


def _content(folder: Path) -> tuple[Path, bytes]:
    with _in_use(folder):
        for name in _RAW:
            with suppress(_VanishedError):
                return folder / name, _read(folder / name, MAX_PROFILE_BYTES)
        return folder, _databases(folder)


@contextmanager
def _in_use(folder: Path) -> Iterator[None]:
    """Mark a profile as CCM's readers do, so that ccm-purge leaves it alone as long as this process reads it.

    Whoever may not write there reads without the mark, as CCM does for its anonymous readers.
    Source: CCM, EDG::WP4::CCM::CacheManager::Configuration; ccm-purge.
    """
    match = _FOLDER.fullmatch(folder.name)
    mark = folder / f"ccm-active-profile.{match[1]}-{os.getpid()}" if match else None
    if mark is not None:
        try:
            os.close(os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise _VanishedError(folder) from error
        except OSError:
            mark = None
    try:
        yield
    finally:
        if mark is not None:
            with suppress(OSError):
                mark.unlink()


def _current_cid(cache: Path) -> int:
    for name in ("current.cid", "latest.cid"):
        path = cache / name
        try:
            text = _read(path, _MAX_LINES_BYTES).decode(errors="replace")
        except _VanishedError:
            continue
        match = _CID.fullmatch(text)
        if match is None:
            raise ProfileError(f"{path} is damaged: want a number, got {text[:40]!r}")
        return int(match[1])
    raise NoProfileError(cache, cache / "current.cid")


def _databases(folder: Path) -> bytes:
    """Return the tree in the databases of a profile as canonical JSON."""
    ids, values = (_records(folder, name) for name in ("path2eid", "eid2data"))
    return canonical(tree_of_elements(f"profile {folder}", ids, values))


def _records(folder: Path, name: str) -> dict[bytes, bytes]:
    path = folder / f"{name}.db"
    form = _read(folder / f"{name}.fmt", _MAX_LINES_BYTES).decode(errors="replace").strip()
    if form != "CDB_File":
        raise ProfileError(
            f"{path} is of the format {form[:40]!r}: only CDB_File can be read"
            f" (dbformat in {CONFIGURATION}), or the raw text beside it"
        )
    return read_records(str(path), _read(path, MAX_PROFILE_BYTES))


def _read(path: Path, limit: int) -> bytes:
    """Return the content of a file. Raises _VanishedError, and ProfileError: unreadable, or longer than `limit`."""
    try:
        with path.open("rb") as handle:
            data = handle.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _VanishedError(path) from error
    except OSError as error:
        raise ProfileError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > limit:
        raise ProfileError(f"{path} is larger than {limit // 1_000_000} MB")
    return data


def _below(root: Path, path: Path) -> Path:
    return root / str(path).lstrip("/")
