"""Cutting snapshots beside createrepo_c, on real metadata: ./dev bench snapshot.

createrepo_c opens rpms, which a cut need not: it indexes rpms that are made here, and its rate tells how long it would
take for as many packages as the cut keeps.
"""

from __future__ import annotations

import base64
import gzip
import random
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench._figures import Figure, Peer, Size, Target
from bench._process import heaviest_mib, succeeded, weighed
from bench._sample import sample
from bench._snapshot_growth import growth, publications
from bench._store import clear, cut, difference_s, mirrored, wall_s
from bench._synthetic import Package, bare_package, write_metadata
from snapshots.storage.store import open_store
from tests.support.cache import Cache
from tests.support.rpmbuild import build
from tests.support.rpms import Rpm

RUNS = 5
PEER_RPMS = 150
# The mean of the repository whose metadata is cut.
PEER_RPM_BYTES = 2_124_000
HEAVY_PACKAGES = 1_055
HEAVY_FILES = 940
KEPT = 10_658


def figures() -> tuple[Figure, ...]:
    """Measure snapshots of real metadata, then of metadata of every size, then those that are published."""
    with tempfile.TemporaryDirectory(prefix="yumbridge-bench.") as scratch:
        folder = Path(scratch)
        return (*real(folder), *growth(folder / "growth"), *publications(folder / "publications"))


def real(folder: Path) -> Iterator[Figure]:
    """Yield figures of the sample repository, and of one with many files."""
    data = sample("repos/cs9-appstream")
    first, second = dates(data)
    store = mirrored(folder / "store", "appstream", data)
    indexing = indexing_command(folder / "peer")
    first_s, second_s, indexing_s = cuts(store, (first, second), indexing)
    kept, changed = sizes(store)
    size = Size(kept, "packages")
    rate = PEER_RPMS / indexing_s
    indexed = Peer(f"createrepo_c at {rate:,.0f} rpms/s", kept / rate)
    yield Figure(
        benchmark="snapshot", name="cut by date", size=size, unit="s", ours=first_s, peer=indexed, target=Target(0.1)
    )
    yield again(f"cut of {changed:,} others then", size, first_s, second_s)
    unlike = mirrored(folder / "gzip-store", "appstream", data, "--compression", "gzip")
    yield from_nothing(unlike, first, size)
    difference_ms = difference_s(store, RUNS) * 1000
    yield Figure(
        benchmark="snapshot",
        name="difference, in process",
        size=size,
        unit="ms",
        ours=difference_ms,
        target=Target(200),
    )
    yield disk(store, size)
    yield whole(store)
    heavy = mirrored(folder / "heavy-store", "heavy", filelists_heavy(folder / "heavy"))
    first_s, second_s, _ = cuts(heavy, ("2024-06-01", "2024-06-04"), ["true"])
    kept, changed = sizes(heavy)
    size = Size(kept, f"packages of {HEAVY_FILES} files")
    yield Figure(benchmark="snapshot", name="cut by date, heavy filelists", size=size, unit="s", ours=first_s)
    yield again(f"heavy filelists, cut of {changed:,} others then", size, first_s, second_s)


def again(what: str, size: Size, first_s: float, second_s: float) -> Figure:
    """Return the figure of a second cut that is like the first."""
    first, target = Peer("the first cut", first_s), Target(1 / 3)
    return Figure(benchmark="snapshot", name=what, size=size, unit="s", ours=second_s, peer=first, target=target)


def indexing_command(folder: Path) -> list[str]:
    """Return the command by which createrepo_c indexes some rpms, which it has read once."""
    text = random.Random(1)  # noqa: S311 - bytes that do not compress, the same ones in every run
    rpms = [
        Rpm(
            f"package{number}",
            f"1.{number}-1.el9",
            arch="x86_64",
            requires=tuple(f"package{text.randrange(PEER_RPMS)}" for _ in range(6)),
            provides=tuple(f"library{number}.so.{major}()(64bit)" for major in range(6)),
            files={
                f"/usr/share/package{number}/payload": base64.b64encode(text.randbytes(PEER_RPM_BYTES)).decode(),
                **{f"/usr/share/package{number}/file{entry}": "" for entry in range(40)},
            },
        )
        for number in range(PEER_RPMS)
    ]
    build(rpms, folder / "Packages", Cache(folder / "cache"))
    command = ["createrepo_c", "--quiet", "--no-database", "--outputdir", str(folder / "out"), str(folder)]
    (folder / "out").mkdir()
    wall_s(command)
    return command


def dates(data: Path) -> tuple[str, str]:
    """Return two days: by the first about `KEPT` packages were built, by the second 1% more."""
    with gzip.open(next(data.glob("repodata/*primary.xml.gz"))) as handle:
        built = sorted(int(found) for found in re.findall(rb' build="(\d+)"', handle.read()))
    return day(built[KEPT]), day(built[int(KEPT * 1.01)])


def day(seconds: int) -> str:
    """Return the day of a time."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def cuts(store: Path, days: tuple[str, str], indexing: list[str]) -> tuple[float, float, float]:
    """Return how long a first cut of a store without any takes, a second one that changes 1% of it, and the peer."""
    firsts, seconds, peers = [], [], []
    for _ in range(RUNS):
        clear(store)
        firsts.append(wall_s(cut(store, "first", days[0])))
        seconds.append(wall_s(cut(store, "second", days[1])))
        peers.append(wall_s(indexing))
    return median(firsts), median(seconds), median(peers)


def from_nothing(store: Path, as_of: str, size: Size) -> Figure:
    """Return how long a cut of a mirror takes that is compressed in another way: no frame can be taken over."""
    walls = []
    for _ in range(RUNS):
        clear(store)
        walls.append(wall_s(cut(store, "first", as_of)))
    told = "cut by date when no frame of the mirror can be taken over"
    return Figure(benchmark="snapshot", name=told, size=size, unit="s", ours=median(walls))


def sizes(store: Path) -> tuple[int, int]:
    """Return how many packages the first snapshot has, and how many the second one changes."""
    opened = open_store(store)
    first, second = (
        {package.pkgid for repository in opened.manifest(name).repositories for package in repository.packages}
        for name in ("first", "second")
    )
    return len(first), len(first ^ second)


def disk(store: Path, size: Size) -> Figure:
    """Return what a snapshot takes on the disk, beside its repodata alone."""
    folder = store / "snapshots/first"
    whole_bytes = sum(path.lstat().st_size for path in folder.rglob("*"))
    repodata = Peer("its repodata", sum(path.lstat().st_size for path in folder.glob("*/repodata/*")) / 1e6)
    return Figure(benchmark="snapshot", name="disk", size=size, unit="MB", ours=whole_bytes / 1e6, peer=repodata)


def whole(store: Path) -> Figure:
    """Weigh the cut of the whole repository, as if built from nothing that could be taken over."""
    clear(store)
    measures = [
        succeeded(weighed(command), command)
        for command in (cut(store, "whole", "2023-01-01"), cut(store, "everything", "2030-01-01"))
    ]
    size = Size(len(open_store(store).manifest("everything").repositories[0].packages), "packages")
    return Figure(
        benchmark="snapshot",
        name="cut of all, memory",
        size=size,
        unit="MiB",
        ours=heaviest_mib(measures),
        target=Target(400e6 / (1 << 20)),
    )


def filelists_heavy(folder: Path) -> Path:
    """Write the metadata of a repository with some 55 MB of filelists, and return its folder."""
    chosen = random.Random(2)  # noqa: S311 - the same metadata in every run
    return write_metadata(folder, (_heavy_package(number, chosen) for number in range(HEAVY_PACKAGES)))


def _heavy_package(number: int, chosen: random.Random) -> Package:
    package = bare_package(f"heavy{number:04}", f"1.{number}", chosen)
    # One in a hundred is built after the day of the first cut.
    package.time_build = package.time_file = 1_717_400_000 if number % 100 == 0 else 1_710_000_000
    package.files = [
        (
            "",
            f"/usr/share/{package.name}/",
            f"{chosen.choice(_WORDS)}-{chosen.randrange(10**6):06}.{chosen.choice(_ENDS)}",
        )
        for _ in range(HEAVY_FILES)
    ]
    return package


_WORDS = ("dictionary", "configuration", "translation", "documentation", "template", "interface", "icon", "module")
_ENDS = ("py", "html", "json", "so", "png", "h")
