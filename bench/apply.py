"""Carrying out the install of small rpms beside `dnf install`, each time on a root that has nothing: ./dev bench apply.

Both load the metadata of the same repository of files, solve, check what they install, and run the transaction.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from bench._figures import Figure, Peer, Size, Target
from bench._process import Measure, compared, heaviest_mib, in_turn, processor_s, succeeded, timed, weighed
from bench.plan import COMMAND, write_names
from tests.support.cache import shared_cache
from tests.support.repositories import Contents, write_repository
from tests.support.rpms import Rpm

RUNS = {10: 3, 100: 3, 300: 5, 1_000: 1}
RPMS = 300
SIZES = tuple(RUNS)
FILES = 5
FILE_BYTES = 2_000
NEEDS = 4
CURVE = "Apply against the number of rpms"


def figures() -> tuple[Figure, ...]:
    """Measure applies beside installs of as many rpms."""
    with tempfile.TemporaryDirectory(prefix="yumbridge-bench.") as scratch:
        return tuple(_figures(Path(scratch)))


def _figures(folder: Path) -> Iterator[Figure]:
    write_repository("all/small", Contents(rpms=rpms(max(SIZES))), folder / "all/small", shared_cache())
    for count in SIZES:
        names = [rpm.name for rpm in rpms(count)]
        works = {name: partial(_fresh, folder / "root", names, name) for name in ("yumbridge", "dnf")}
        walls = in_turn(RUNS[count], {name: partial(work, timed) for name, work in works.items()})
        ours_s, peer = compared(walls["yumbridge"], walls["dnf"], "dnf install")
        target = Target(1.1) if count == RPMS else None
        size = Size(count, "rpms")
        yield Figure(
            benchmark="apply", name="apply", size=size, unit="s", ours=ours_s, peer=peer, target=target, curve=CURVE
        )
        if count == RPMS:
            busy = {name: processor_s(each) for name, each in walls.items()}
            yield Figure(
                benchmark="apply",
                name="apply, processor time",
                size=size,
                unit="s",
                ours=busy["yumbridge"],
                peer=Peer(peer.name, busy["dnf"]),
            )
            peaks = in_turn(1, {name: partial(work, weighed) for name, work in works.items()})
            peer = Peer(peer.name, heaviest_mib(peaks["dnf"]))
            ours = heaviest_mib(peaks["yumbridge"])
            yield Figure(benchmark="apply", name="apply, memory", size=size, unit="MiB", ours=ours, peer=peer)


def _fresh(root: Path, names: Sequence[str], which: str, measure: Callable[[Sequence[str]], Measure]) -> Measure:
    """Measure one of the two on a root that has nothing, and make sure that it installed all."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    profile = write_names(root.with_suffix(".json"), names)
    repos = root.parent / "all"
    ours = [COMMAND, "apply", str(profile), "-y", "--root", str(root), "--releasever", "9", "--repos-from", str(repos)]
    where = [
        f"--installroot={root}",
        "--releasever=9",
        "--setopt=reposdir=/nonexistent",
        "--setopt=varsdir=/nonexistent",
    ]
    source = f"--repofrompath=small,{(repos / 'small').as_uri()}"
    command = ours if which == "yumbridge" else ["dnf", "-y", "--nogpgcheck", *where, source, "install", *names]
    measured = succeeded(measure(command), command)
    listed = subprocess.run(["rpm", "--root", str(root), "-qa"], stdout=subprocess.PIPE, check=True).stdout
    if len(listed.split()) != len(names):
        raise SystemExit(f"bench apply: {which} installed {len(listed.split())} of {len(names)} rpms")
    return measured


def rpms(count: int) -> tuple[Rpm, ...]:
    """Return small rpms with a few files each, most of which need some of those before them."""
    chosen = random.Random(3)  # noqa: S311 - the same rpms in every run
    return tuple(
        Rpm(
            f"small{number:04}",
            requires=tuple(f"small{chosen.randrange(number):04}" for _ in range(NEEDS)) if number else (),
            files={
                f"/usr/share/small{number:04}/file{file}": chosen.randbytes(FILE_BYTES // 2).hex()
                for file in range(FILES)
            },
        )
        for number in range(count)
    )
