"""What a directory tree looks like, to see whether anybody touched it."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

# SQLite's shared memory: every reader of an rpmdb touches it, none of them writes to the database.
READERS_TRACES = ("*/rpmdb.sqlite-shm",)


@dataclass(frozen=True, slots=True)
class Entry:
    """What `lstat` says of one path; the time it was last read is left out."""

    mode: int
    owner: int
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Tree:
    """A snapshot of a directory; equal ones mean that nothing was written in between."""

    entries: Mapping[str, Entry]

    @classmethod
    def of(cls, path: Path, *, ignoring: tuple[str, ...] = READERS_TRACES) -> Tree:
        """Look at a directory and everything below it, except what matches `ignoring`."""
        paths = [path, *path.rglob("*")] if path.exists() else []
        names = {found.relative_to(path).as_posix(): found for found in paths}
        return cls(
            {
                name: _entry(found)
                for name, found in sorted(names.items())
                if not any(fnmatchcase(f"/{name}", pattern) for pattern in ignoring)
            }
        )

    def changes(self, later: Tree) -> tuple[str, ...]:
        """Return what is new ("+ path"), gone ("- path") or different ("~ path") in a later one."""
        before, after = self.entries, later.entries
        return tuple(
            f"{'+' if name not in before else '-' if name not in after else '~'} {name}"
            for name in sorted(before.keys() | after.keys())
            if before.get(name) != after.get(name)
        )


def _entry(path: Path) -> Entry:
    found = path.lstat()
    # The size of a directory is the file system's business.
    size_bytes = 0 if stat.S_ISDIR(found.st_mode) else found.st_size
    return Entry(found.st_mode, found.st_uid, size_bytes, found.st_mtime_ns)
