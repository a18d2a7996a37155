"""Stores of snapshots, filled and read as the benchmarks of them need it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from snapshots.comparison.difference import compare
from snapshots.storage.store import open_store
from spma.cli.snapshot.difference import side

COMMAND = str(Path(sys.executable).parent / "yumbridge")


def mirrored(store: Path, repo_id: str, upstream: Path, *options: str, metadata_only: bool = True) -> Path:
    """Return a store with a mirror of the repository at `upstream`."""
    where = [*(["--metadata-only"] if metadata_only else []), "--store", str(store)]
    wall_s([COMMAND, "snapshot", "mirror", repo_id, upstream.as_uri(), *where, *options])
    return store


def cut(store: Path, name: str, as_of: str) -> list[str]:
    """Return the command of a cut."""
    return [COMMAND, "snapshot", "cut", name, "--as-of", as_of, "--store", str(store)]


def clear(store: Path) -> None:
    """Take every snapshot away."""
    subprocess.run(["rm", "-rf", "--", *map(str, (store / "snapshots").glob("*"))], check=True)


def wall_s(command: list[str]) -> float:
    """Run a command that has to succeed, and return how long it took."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def difference_s(store: Path, runs: int) -> float:
    """Return the median time of the difference of "first" and "second", read from the disk, in this process."""
    opened = open_store(store)
    walls = []
    for _ in range(runs):
        started = time.perf_counter()
        compare(side(opened, "first"), side(opened, "second"), ())
        walls.append(time.perf_counter() - started)
    return median(walls)
