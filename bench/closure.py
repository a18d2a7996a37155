"""Closures alone, many in one engine child, against the sizes of profile and repository: ./dev bench closure."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from bench._figures import Figure, Size, Target
from bench._sample import sample
from bench._synthetic import SIZES, names, write_synthetic
from bench.plan import NAMES, existing_names
from yumbridge.desired.spec import Spec
from yumbridge.engine.child import Starter
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import Open, Opened, SolveClosure
from yumbridge.plan.closure import Closure

Answer = TypeVar("Answer")

CLOSURES = 100
# A rate is of at least so many closures, and of at least so long.
LEAST = 5
LEAST_S = 1.0


def figures() -> tuple[Figure, ...]:
    """Measure the rate of closures on real metadata, and on repositories of every size."""
    with tempfile.TemporaryDirectory(prefix="yumbridge-bench.") as scratch:
        folder = Path(scratch)
        return (real(folder), *growth(folder))


def real(folder: Path) -> Figure:
    """Return how long a closure of the names of el9node.json takes."""
    repos = sample("repos")
    asked = request(existing_names(sample("profiles/el9node.json"), repos, folder))
    with EngineClient(Starter()) as engine:
        engine.ask(open_request(repos, folder / "cache"), Opened)
        engine.ask(asked, Closure)
        started = time.perf_counter()
        for _ in range(CLOSURES):
            engine.ask(asked, Closure)
        each_ms = (time.perf_counter() - started) / CLOSURES * 1000
    size = Size(len(asked.specs), "names")
    return Figure(
        benchmark="closure", name="closure without reasons", size=size, unit="ms", ours=each_ms, target=Target(10)
    )


def growth(folder: Path) -> Iterator[Figure]:
    """Yield how long a repository takes to load, and closures a second, a line for each size of a profile."""
    rates: dict[int, list[Figure]] = {count: [] for count in NAMES}
    for packages in SIZES:
        size = Size(packages, "packages")
        repos = write_synthetic(folder / f"synthetic{packages}/all", packages).parent
        for what in ("read from xml", "from dnf's cache"):
            with EngineClient(Starter()) as engine:
                loading = open_request(repos, folder / f"cache{packages}")
                loaded_s = clocked(partial(engine.ask, loading, Opened))[1]
                title = "Loading a repository"
                yield Figure(benchmark="closure", name=what, size=size, unit="s", ours=loaded_s, curve=title)
                every = names(packages)
                for count in NAMES if what == "from dnf's cache" else ():
                    if count <= len(every):
                        figure = _rate(engine, every[:: len(every) // count][:count], size)
                        rates[count].append(figure)
    yield from (figure for line in rates.values() for figure in line)


def _rate(engine: EngineClient, chosen: Sequence[str], size: Size) -> Figure:
    asked = request(chosen)
    engine.ask(asked, Closure)
    done, started = 0, time.perf_counter()
    while done < LEAST or time.perf_counter() - started < LEAST_S:
        engine.ask(asked, Closure)
        done += 1
    rate = done / (time.perf_counter() - started)
    return Figure(
        benchmark="closure",
        name=f"closures of {len(chosen):,} names",
        size=size,
        unit="/s",
        ours=rate,
        curve="Closures a second",
    )


def request(chosen: Sequence[str], *, reasons: bool = False) -> SolveClosure:
    """Return the request for a closure of names."""
    return SolveClosure(
        specs=tuple(Spec(name=name, origin=name) for name in chosen),
        require_best=False,
        weak_deps=True,
        obsoleters_meet_names=False,
        unwanted=(),
        reasons=reasons,
    )


def open_request(repos: Path, cache: Path) -> Open:
    """Return the request that loads all folders of `repos`."""
    return Open(
        root="/nonexistent",
        cachedir=str(cache),
        persistdir=str(cache / "persist"),
        arch=None,
        releasever="9",
        module_platform_id=None,
        allow_vendor_change=True,
        excludes=(),
        proxy=None,
        retries=1,
        timeout_s=30,
        repositories=tuple(
            {"repo_id": path.name, "baseurl": [path.as_uri()]} for path in sorted(repos.iterdir()) if path.is_dir()
        ),
    )


def clocked(run: Callable[[], Answer]) -> tuple[Answer, float]:
    """Return what a call returns, and how many seconds it took."""
    started = time.perf_counter()
    found = run()
    return found, time.perf_counter() - started
