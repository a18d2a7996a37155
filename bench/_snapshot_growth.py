"""Cut, difference and publication of snapshots of any size, beside createrepo_c and one `ln` for each rpm.

createrepo_c has to open rpms: it gets as many as there are packages, small ones, each linked under many names, which is
in its favour.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bench._figures import Figure, Peer, Size
from bench._process import Measure, compared, heaviest_mib, in_turn, median_wall_s, succeeded, timed, weighed
from bench._store import COMMAND, clear, cut, difference_s, mirrored
from bench._synthetic import DAYS, FIRST_BUILD_S, SIZES, write_synthetic
from tests.support.cache import shared_cache
from tests.support.repositories import Contents, write_repository
from tests.support.rpmbuild import build
from tests.support.rpms import Rpm

RUNS = {SIZES[0]: 3, SIZES[1]: 3, SIZES[2]: 1, SIZES[3]: 3}
# Of more rpms createrepo_c takes half a minute and longer each time.
PEER_LIMIT = 20_000
DIFFERENCES = 5
DISTINCT = 1_000
TOGETHER = 25
PUBLISHED = (250, 1_000, 3_000)
PUBLISH_RUNS = 3
PUBLISH = (COMMAND, "snapshot", "publish", "production", "new")
CUTS = "Cut against the number of packages"
MEMORY = "Memory of a cut against the number of packages"
DIFFERENCE = "Difference against the number of packages"
PUBLICATIONS = "Publication against the number of rpms"


def growth(folder: Path) -> Iterator[Figure]:
    """Yield cuts of a first snapshot and of one with 1% more, beside createrepo_c and its --update; and differences."""
    others: list[Figure] = []
    small = build(rpms(DISTINCT), folder / "rpms", shared_cache())
    for count in SIZES:
        size = Size(count, "packages")
        upstream = write_synthetic(folder / f"synthetic{count}", count)
        store = mirrored(folder / f"store{count}", "synthetic", upstream)
        linked = folder / f"linked{count}"
        _link(small, linked, range(count * (DAYS - 1) // DAYS))
        first = {
            "cut": partial(_first_cut, store),
            "createrepo_c": partial(_measured, ["createrepo_c", "--quiet", "--no-database", str(linked)]),
        }
        if count > PEER_LIMIT:
            del first["createrepo_c"]
        peaks = in_turn(1, {name: partial(work, weighed) for name, work in first.items()})
        walls = in_turn(RUNS[count], {name: partial(work, timed) for name, work in first.items()})
        _link(small, linked, range(count * (DAYS - 1) // DAYS, count))
        again = {
            "cut": partial(_second_cut, store),
            "createrepo_c": partial(_updated, linked),
        }
        if count > PEER_LIMIT:
            del again["createrepo_c"]
        updates = in_turn(RUNS[count], {name: partial(work, timed) for name, work in again.items()})
        ours_s, peer = _sides(walls, "createrepo_c")
        yield Figure(benchmark="snapshot", name="cut", size=size, unit="s", curve=CUTS, ours=ours_s, peer=peer)
        told = "cut with 1% more"
        ours_s, peer = _sides(updates, "createrepo_c --update")
        others.append(Figure(benchmark="snapshot", name=told, size=size, unit="s", curve=CUTS, ours=ours_s, peer=peer))
        weights = {name: heaviest_mib(each) for name, each in peaks.items()}
        peer = Peer("createrepo_c", weights["createrepo_c"]) if "createrepo_c" in weights else None
        told, ours = "cut, memory", weights["cut"]
        others.append(
            Figure(benchmark="snapshot", name=told, size=size, unit="MiB", ours=ours, peer=peer, curve=MEMORY)
        )
        differs_ms = difference_s(store, DIFFERENCES) * 1000
        others.append(
            Figure(benchmark="snapshot", name="difference", size=size, unit="ms", ours=differs_ms, curve=DIFFERENCE)
        )
        shutil.rmtree(linked)
    yield from sorted(others, key=lambda each: each.name)


def _sides(walls: Mapping[str, Sequence[Measure]], name: str) -> tuple[float, Peer | None]:
    """Return our time, and the peer's where it was measured."""
    if "createrepo_c" in walls:
        return compared(walls["cut"], walls["createrepo_c"], name)
    return median_wall_s(walls["cut"]), None


def _first_cut(store: Path, measure: Callable[[list[str]], Measure]) -> Measure:
    clear(store)
    return _measured(cut(store, "first", _day(DAYS - 2)), measure)


def _second_cut(store: Path, measure: Callable[[list[str]], Measure]) -> Measure:
    shutil.rmtree(store / "snapshots/second", ignore_errors=True)
    return _measured(cut(store, "second", _day(DAYS - 1)), measure)


def _updated(linked: Path, measure: Callable[[list[str]], Measure]) -> Measure:
    """Measure an update of metadata that lacks 1% of the rpms; it is kept aside, for the next time."""
    kept = linked.with_name(f"{linked.name}.repodata")
    if not kept.exists():
        (linked / "repodata").rename(kept)
    shutil.rmtree(linked / "repodata", ignore_errors=True)
    shutil.copytree(kept, linked / "repodata")
    return _measured(["createrepo_c", "--quiet", "--no-database", "--update", str(linked)], measure)


def _measured(command: list[str], measure: Callable[[list[str]], Measure]) -> Measure:
    return succeeded(measure(command), command)


def _day(number: int) -> str:
    """Return a day of the builds, by its number."""
    return (datetime.fromtimestamp(FIRST_BUILD_S, UTC) + timedelta(days=number)).strftime("%Y-%m-%d")


def _link(files: tuple[Path, ...], folder: Path, numbers: range) -> None:
    folder.mkdir(exist_ok=True)
    for number in numbers:
        os.link(files[number % len(files)], folder / f"linked{number:05}.rpm")


def rpms(count: int) -> tuple[Rpm, ...]:
    """Return small rpms, of which some have a source together."""
    return tuple(
        Rpm(f"small{number:04}", requires=(f"small{number // 2:04}",), source=f"source{number // TOGETHER}")
        for number in range(count)
    )


def publications(folder: Path) -> Iterator[Figure]:
    """Yield the way from a mirror to what hosts read, and its last step alone, beside what yum_snapshot does there."""
    whole = []
    for count in PUBLISHED:
        size = Size(count, "rpms")
        contents = Contents(rpms=rpms(count))
        repository = write_repository("small", contents, folder / f"repository{count}", shared_cache())
        store = mirrored(folder / f"store{count}", "small", repository.path, metadata_only=False)
        linked = folder / f"linked{count}"
        update = ["createrepo_c", "--quiet", "--database", "--update", str(linked)]
        cuts, moved, links, updates = [], [], [], []
        for _ in range(PUBLISH_RUNS):
            clear(store)
            cuts.append(_measured(cut(store, "new", "2030-01-01"), timed))
            moved.append(_measured([*PUBLISH, "--store", str(store)], timed))
            links.append(_each_linked(repository.path / "Packages", linked))
            updates.append(_measured(update, timed))
        ours_s, peer = compared(moved, links, "ln for each rpm")
        yield Figure(
            benchmark="snapshot", name="publish", size=size, unit="s", ours=ours_s, peer=peer, curve=PUBLICATIONS
        )
        both, theirs = _sums(cuts, moved), _sums(links, updates)
        ours_s, peer = compared(both, theirs, "ln and createrepo_c")
        whole.append(
            Figure(
                benchmark="snapshot",
                name="cut and publish",
                size=size,
                unit="s",
                ours=ours_s,
                peer=peer,
                curve=PUBLICATIONS,
            )
        )
    yield from whole


def _each_linked(source: Path, target: Path) -> Measure:
    """Measure one process of `ln` for each rpm, as the script yum_snapshot of Quattor starts them."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    each = 'for rpm in "$1"/*.rpm; do ln "$rpm" "$2/" || exit; done'
    return _measured(["sh", "-c", each, "sh", str(source), str(target)], timed)


def _sums(first: list[Measure], second: list[Measure]) -> list[Measure]:
    return [
        Measure(wall_s=one.wall_s + other.wall_s, peak_bytes=max(one.peak_bytes, other.peak_bytes), code=0)
        for one, other in zip(first, second, strict=True)
    ]
