"""First seen: when each package came into a mirror. The log of it only grows: upstream forgets, a store does not."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Final

from snapshots.content.package import StoredPackage
from snapshots.errors import SnapshotError
from snapshots.storage.store import Store
from yumbridge.run.state import sync_folder

_LINE: Final = re.compile(r"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z) ([0-9a-f]{64}) (\S+)\n", re.MULTILINE)


def first_seen(store: Store, repo_id: str) -> dict[str, str]:
    """Return by pkgid when each package was first seen in a mirror, RFC 3339 in UTC; empty for a mirror without a log.

    What is no whole line is passed over: the last one may be torn.
    """
    # Of two lines on one package the first is true.
    return {pkgid: moment for moment, pkgid, _nevra in reversed(_lines(store, repo_id))}


def seen_pkgids(store: Store, repo_id: str) -> dict[str, set[str]]:
    """Return by NEVRA every pkgid that was ever seen under it in a mirror."""
    seen: dict[str, set[str]] = {}
    for _moment, pkgid, nevra in _lines(store, repo_id):
        seen.setdefault(nevra, set()).add(pkgid)
    return seen


def record_first_seen(store: Store, repo_id: str, packages: Iterable[StoredPackage], moment: str) -> int:
    """Write into the log, and to the disk, which packages were not seen before, and return how many.

    Raises SnapshotError.
    """
    path = store.first_seen(repo_id)
    seen = first_seen(store, repo_id)
    new = [package for package in packages if package.pkgid not in seen]
    if not new:
        return 0
    lines = "".join(f"{moment} {package.pkgid} {package.text}\n" for package in new)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        with os.fdopen(descriptor, "r+b") as file:
            # A line that a crash tore has said nothing: the package is written again.
            file.truncate(file.read().rfind(b"\n") + 1)
            file.seek(0, os.SEEK_END)
            file.write(lines.encode())
            file.flush()
            os.fsync(descriptor)
        sync_folder(path.parent)
    except OSError as error:
        raise SnapshotError(f"cannot write {path}: {error.strerror}") from error
    return len(new)


def _lines(store: Store, repo_id: str) -> list[tuple[str, str, str]]:
    """Return moment, pkgid and NEVRA of every whole line, by one search: the log of a mirror has many."""
    path = store.first_seen(repo_id)
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SnapshotError(f"cannot read {path}: {error.strerror}") from error
    return _LINE.findall(text)
