"""Planning with holds beside planning without, on real rpms in an install root: ./dev bench hold.

Every package has a newer build; ten libraries are held, and a third of all changes cannot go without them, directly or
over others.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench._figures import Figure, Peer, Size, Target
from bench._process import compared, heaviest_mib, interleaved, weighed
from tests.support.cache import shared_cache
from tests.support.profiles import profile as profile_tree
from tests.support.repositories import Contents, Repository, write_repository
from tests.support.rpmbuild import build
from tests.support.rpms import Rpm

RUNS = 3
PACKAGES = 5000
HOLDS = 10
# Of one source rpm each, as sub-packages are.
TOGETHER = 25
# How far some of the changes that wait are from what is held.
DEPTH = 5
COMMAND = str(Path(sys.executable).parent / "yumbridge")


def figures() -> tuple[Figure, ...]:
    """Measure plans with holds beside plans without."""
    with tempfile.TemporaryDirectory(prefix="yumbridge-bench.") as scratch:
        folder = Path(scratch)
        repository = write_repository("base", Contents(rpms=builds(2)), folder / "base", shared_cache())
        root = folder / "root"
        install(builds(1), root, folder / "rpms")
        profile = folder / "profile.json"
        tree = profile_tree([rpm.name for rpm in builds(2)], [repository])
        profile.write_text(json.dumps(tree), encoding="utf-8")
        return compare(profile, root, folder, repository)


def builds(version: int) -> tuple[Rpm, ...]:
    """Return the builds of one version: the held libraries first, then the packages, a third of which need them."""
    libraries = [Rpm(f"held{n}", f"{version}-1") for n in range(HOLDS)]
    packages = [
        Rpm(f"p{n:05}", f"{version}-1", requires=needs(n, version), source=f"source{n // TOGETHER}")
        for n in range(PACKAGES - HOLDS)
    ]
    return (*libraries, *packages)


def needs(number: int, version: int) -> tuple[str, ...]:
    """Return what a package requires: a library or a package that waits for one, if it is one of the third."""
    if number % 3:
        return (f"p{number - number % 3:05}",) if number % 3 == 1 else ()
    if number % (3 * DEPTH) == 0:
        return (f"held{number // 3 % HOLDS} >= {version}",)
    return (f"p{number - 3:05} >= {version}",)


def install(rpms: tuple[Rpm, ...], root: Path, folder: Path) -> None:
    """Fill the rpmdb of a root, without any file."""
    root.mkdir()
    paths = build(rpms, folder, shared_cache())
    command = ["rpm", "--root", str(root), "-i", "--justdb", "--nodeps", *map(str, paths)]
    subprocess.run(command, stderr=subprocess.PIPE, check=True)


def compare(profile: Path, root: Path, folder: Path, repository: Repository) -> tuple[Figure, Figure]:
    """Time and weigh plans with holds and without."""
    config = folder / "holds.json"
    config.write_text(json.dumps({"holds": [{"packages": [f"held{n}"]} for n in range(HOLDS)]}), encoding="utf-8")
    empty = folder / "empty.json"
    empty.write_text("{}", encoding="utf-8")
    plain = [COMMAND, "plan", str(profile), "--root", str(root), "--releasever", "9", "--json", "--config"]
    commands = {"without holds": [*plain, str(empty)], "with holds": [*plain, str(config)]}
    made = {
        name: json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
        for name, command in commands.items()
    }
    deferred = len(made["with holds"]["deferred"])
    total = deferred + len(made["with holds"]["changes"])
    if total != len(made["without holds"]["changes"]) or made["without holds"]["deferred"]:
        sys.exit("bench hold: the two plans are not of the same changes")
    size = Size(len(repository.rpms), f"packages, {deferred:,} of {total:,} changes wait")
    walls = interleaved(RUNS, commands)
    ours_s, peer = compared(walls["with holds"], walls["without holds"], "the same without holds")
    peaks = {name: heaviest_mib(measures) for name, measures in interleaved(1, commands, weighed).items()}
    return (
        Figure(
            benchmark="hold", name="plan with holds", size=size, unit="s", ours=ours_s, peer=peer, target=Target(3.0)
        ),
        Figure(
            benchmark="hold",
            name="plan with holds, memory",
            size=size,
            unit="MiB",
            ours=peaks["with holds"],
            peer=Peer(peer.name, peaks["without holds"]),
        ),
    )
