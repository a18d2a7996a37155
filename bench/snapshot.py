"""Cutting snapshots beside createrepo_c, on real metadata: ./dev bench snapshot.

createrepo_c opens rpms, which a cut need not: it indexes rpms that are made here, and its rate tells how long it would
take for as many packages as the cut keeps.
"""

from __future__ import annotations

import base64
import gzip
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench._figures import line
from bench._process import interleaved, machine, median_wall_s, weighed
from snapshots.comparison.difference import compare
from snapshots.storage.store import open_store
from spma.cli.snapshot.difference import side
from tests.support.cache import Cache
from tests.support.project import ROOT
from tests.support.rpmbuild import build
from tests.support.rpms import Rpm

RUNS = 7
PEER_RPMS = 150
# The mean of the repository whose metadata is cut.
PEER_RPM_BYTES = 2_124_000
HEAVY_PACKAGES = 1_055
HEAVY_FILES = 940
KEPT = 10_658
COMMAND = str(Path(sys.executable).parent / "yumbridge")


def main() -> None:
    """Measure, and print a line per figure with its target."""
    data = Path(os.environ.get("YUMBRIDGE_TEST_DATA") or ROOT.parent / "shared" / "data") / "repos/cs9-appstream"
    if not data.is_dir():
        sys.exit(f"bench snapshot: no sample data in {data} (set YUMBRIDGE_TEST_DATA)")
    print(f"on {machine()}; medians of {RUNS}, interleaved")
    with tempfile.TemporaryDirectory(prefix="yumbridge-bench.") as scratch:
        folder = Path(scratch)
        rate = peer_rate(folder / "peer")
        first, second = dates(data)
        store = mirrored(folder / "store", "appstream", data)
        cut_s = cuts("primary and advisories", store, (first, second))
        faster = sizes(store)[0] / rate / cut_s
        line("faster than createrepo_c on as many rpms", f"{faster:.1f} x", "10", met=faster >= 10, bound="at least")  # noqa: PLR2004 - the target
        from_nothing(mirrored(folder / "gzip-store", "appstream", data, "--compression", "gzip"), first)
        differences(store)
        disk(store)
        whole(store)
        heavy = mirrored(folder / "heavy-store", "heavy", filelists_heavy(folder / "heavy"))
        cuts("filelists-heavy", heavy, ("2024-06-01", "2024-06-04"))


def peer_rate(folder: Path) -> float:
    """Return how many rpms createrepo_c indexes in a second, from warm caches."""
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
    walls = interleaved(RUNS + 1, {"createrepo_c": command})["createrepo_c"][1:]
    rate = PEER_RPMS / median_wall_s(walls)
    print(f"createrepo_c {rate:.0f} rpms/s, of {PEER_RPM_BYTES / 1000:.0f} kB each")
    return rate


def dates(data: Path) -> tuple[str, str]:
    """Return two days: by the first about `KEPT` packages were built, by the second 1% more."""
    with gzip.open(next(data.glob("repodata/*primary.xml.gz"))) as handle:
        built = sorted(int(found) for found in re.findall(rb' build="(\d+)"', handle.read()))
    return day(built[KEPT]), day(built[int(KEPT * 1.01)])


def day(seconds: int) -> str:
    """Return the day of a time."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def mirrored(store: Path, repo_id: str, upstream: Path, *options: str) -> Path:
    """Return a store with a mirror of the metadata at `upstream`."""
    started = time.perf_counter()
    where = ["--metadata-only", "--store", str(store)]
    command = [COMMAND, "snapshot", "mirror", repo_id, upstream.as_uri(), *where, *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    print(f"mirror of {repo_id}: {time.perf_counter() - started:.2f} s")
    return store


def cut(store: Path, name: str, as_of: str) -> list[str]:
    """Return the command of a cut."""
    return [COMMAND, "snapshot", "cut", name, "--as-of", as_of, "--store", str(store)]


def cuts(what: str, store: Path, days: tuple[str, str]) -> float:
    """Time a first cut of a store without any, and a second one that changes 1% of it; return the first's time."""
    firsts, seconds = [], []
    for _ in range(RUNS):
        clear(store)
        firsts.append(wall_s(cut(store, "first", days[0])))
        seconds.append(wall_s(cut(store, "second", days[1])))
    first_s, second_s = median(firsts), median(seconds)
    kept, changed = sizes(store)
    print(f"{what}: cut of {kept} packages {first_s:.2f} s, of {changed} others then {second_s:.2f} s")
    again = first_s / second_s
    line("the second cut faster than the first", f"{again:.1f} x", "3", met=again >= 3, bound="at least")  # noqa: PLR2004 - the target
    return first_s


def from_nothing(store: Path, as_of: str) -> None:
    """Time a cut of a mirror that is compressed in another way: no frame can be taken over."""
    walls = []
    for _ in range(RUNS):
        clear(store)
        walls.append(wall_s(cut(store, "first", as_of)))
    print(f"  the same first cut when no frame of the mirror can be taken over: {median(walls):.2f} s")


def clear(store: Path) -> None:
    """Take every snapshot away."""
    subprocess.run(["rm", "-rf", "--", *map(str, (store / "snapshots").glob("*"))], check=True)


def wall_s(command: list[str]) -> float:
    """Run a command that has to succeed, and return how long it took."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def sizes(store: Path) -> tuple[int, int]:
    """Return how many packages the first snapshot has, and how many the second one changes."""
    opened = open_store(store)
    first, second = (
        {package.pkgid for repository in opened.manifest(name).repositories for package in repository.packages}
        for name in ("first", "second")
    )
    return len(first), len(first ^ second)


def differences(store: Path) -> None:
    """Time the difference of two snapshots, read from the disk, in this process."""
    opened = open_store(store)
    taken_s = timed_s(lambda: compare(side(opened, "first"), side(opened, "second"), ()))
    line("difference in process", f"{taken_s * 1000:.0f} ms", "200 ms", met=taken_s <= 0.2)  # noqa: PLR2004 - the target


def timed_s(work: Callable[[], object]) -> float:
    """Return the median time of some work."""
    walls = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        walls.append(time.perf_counter() - started)
    return median(walls)


def disk(store: Path) -> None:
    """Print what a snapshot takes on the disk."""
    folder = store / "snapshots/first"
    whole_bytes = sum(path.lstat().st_size for path in folder.rglob("*"))
    repodata = sum(path.lstat().st_size for path in folder.glob("*/repodata/*"))
    print(f"  a snapshot takes {whole_bytes / 1e6:.1f} MB, {repodata / 1e6:.1f} MB of it repodata; no rpm is copied")


def whole(store: Path) -> None:
    """Weigh the cut of the whole repository, as if built from nothing that could be taken over."""
    clear(store)
    measure = weighed(cut(store, "whole", "2023-01-01")), weighed(cut(store, "everything", "2030-01-01"))
    if any(each.code for each in measure):
        sys.exit("bench snapshot: the cut of the whole repository failed")
    peak = max(each.peak_bytes for each in measure)
    line("memory of a cut of 17,649 packages", f"{peak / 1e6:.0f} MB", "400 MB", met=peak <= 400e6)  # noqa: PLR2004 - the target


def filelists_heavy(folder: Path) -> Path:
    """Write the metadata of a repository with some 55 MB of filelists, and return its folder."""
    import createrepo_c as cr

    names = random.Random(2)  # noqa: S311 - the same metadata in every run
    packages = [_heavy_package(number, names) for number in range(HEAVY_PACKAGES)]
    repodata = folder / "repodata"
    repodata.mkdir(parents=True)
    repomd = cr.Repomd()
    for kind, make, dump in (
        ("primary", cr.PrimaryXmlFile, cr.xml_dump_primary),
        ("filelists", cr.FilelistsXmlFile, cr.xml_dump_filelists),
        ("other", cr.OtherXmlFile, cr.xml_dump_other),
    ):
        path = repodata / f"{kind}.xml.gz"
        file = make(str(path), cr.GZ_COMPRESSION)
        file.set_num_of_pkgs(len(packages))
        for package in packages:
            file.add_chunk(dump(package))
        file.close()
        record = cr.RepomdRecord(kind, str(path))
        record.fill(cr.SHA256)
        repomd.set_record(record)
    (repodata / "repomd.xml").write_text(repomd.xml_dump(), encoding="utf-8")
    return folder


def _heavy_package(number: int, names: random.Random) -> object:
    import createrepo_c as cr

    package = cr.Package()
    package.name, package.arch, package.epoch, package.version, package.release = (
        f"heavy{number:04}",
        "x86_64",
        "0",
        f"1.{number}",
        "1.el9",
    )
    package.pkgId, package.checksum_type = names.randbytes(32).hex(), "sha256"
    package.summary = package.description = "A package with many files"
    package.location_href = f"Packages/{package.name}.rpm"
    package.rpm_sourcerpm = f"{package.name}-1.{number}-1.el9.src.rpm"
    package.size_package = package.size_installed = package.size_archive = 1_000_000
    # One in a hundred is built after the day of the first cut.
    package.time_build = package.time_file = 1_717_400_000 if number % 100 == 0 else 1_710_000_000
    package.files = [
        ("", f"/usr/share/{package.name}/", f"{names.choice(_WORDS)}-{names.randrange(10**6):06}.{names.choice(_ENDS)}")
        for _ in range(HEAVY_FILES)
    ]
    return package


_WORDS = ("dictionary", "configuration", "translation", "documentation", "template", "interface", "icon", "module")
_ENDS = ("py", "html", "json", "so", "png", "h")


if __name__ == "__main__":
    main()
