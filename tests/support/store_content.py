"""What is in a snapshot store: every byte of it, and what a reader can ask for."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from snapshots.prune import marked, sweep
from snapshots.storage.retention import Policy
from snapshots.storage.store import Store

# What in a store depends on the clock.
_TIMES: Final = {
    "snapshot.json": re.compile(rb'"cut_at": "[^"]*"|"(read_at|passed)": "[^"]*"'),
    "record.json": re.compile(rb'"(read_at|passed)": "[^"]*"'),
    "first-seen.log": re.compile(rb"^[0-9]{4}-[0-9:T-]*Z", re.MULTILINE),
}


def files(store: Store) -> dict[str, bytes]:
    """Return all that is in a store, but for times: the bytes of files, the targets of links, nothing for folders."""
    return {
        path.relative_to(store.path).as_posix(): _content(path)
        for path in store.path.rglob("*")
        if path.name not in {".lock", "snapshot.json.sha256"}
    }


def _content(path: Path) -> bytes:
    if path.is_symlink():
        return os.fsencode(path.readlink())
    if not path.is_file():
        return b""
    times = _TIMES.get(path.name)
    return times.sub(b"", path.read_bytes()) if times else path.read_bytes()


def visible(store: Store) -> set[str]:
    """Return what a reader can ask for, and where it gets by that."""
    return {
        *(f"snapshot {name}: {store.manifest(name).id}" for name in store.names()),
        *(f"ref {ref}: {name}" for ref, name in store.refs().items()),
        *(f"mirror {repo_id}: {(store.mirror(repo_id) / 'current').readlink()}" for repo_id in store.mirrors()),
        *(f"lock {name}" for name in store.recorded_locks()),
    }


def nouns(seen: set[str]) -> set[str]:
    """Return what can be asked for, wherever that leads."""
    return {text.partition(":")[0] for text in seen}


def tidy(store: Store) -> None:
    """Remove what was left over, and nothing else."""
    everything = Policy(keep_last=100)
    found = marked(store, everything)
    assert found.going == ()
    sweep(store, found, lambda _phase, _done, _total: None)
