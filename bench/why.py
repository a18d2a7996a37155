"""What reasons cost, and how long one question takes: ./dev bench why.

On real metadata, for a profile whose closure has over 2,000 packages.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

import createrepo_c
import msgspec

from bench._figures import Figure, Peer, Size, Target
from bench._process import interleaved, median_wall_s
from bench._sample import sample
from bench.closure import clocked, open_request, request
from bench.plan import COMMAND, plan_command, write_names
from yumbridge.engine.child import Starter
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import Opened
from yumbridge.plan.closure import Closure
from yumbridge.plan.why import reason_chains

RUNS = 5
LEAST = 2000
STEP = 15


def figures() -> tuple[Figure, ...]:
    """Measure what reasons add to a plan, and whole questions."""
    repos = sample("repos")
    with tempfile.TemporaryDirectory(prefix="yumbridge-bench.") as scratch, EngineClient(Starter()) as engine:
        folder = Path(scratch)
        engine.ask(open_request(repos, folder / "cache"), Opened)
        names, closure = solvable(engine, names_in(repos)[::STEP])
        if len(closure.packages) < LEAST:
            sys.exit(f"bench why: a closure of {len(closure.packages)} packages says nothing of {LEAST}")
        cost_s = cost_of_reasons(engine, names)
        size = Size(len(names), f"names, {len(closure.packages):,} packages")
        return tuple(questions(folder, repos, names, (cost_s, size)))


def names_in(repos: Path) -> list[str]:
    """Return the names of all packages of the repositories but kernels, sorted."""
    names: set[str] = set()
    for tree in sorted(path for path in repos.iterdir() if path.is_dir()):
        repomd = createrepo_c.Repomd(str(tree / "repodata/repomd.xml"))
        (primary,) = (record.location_href for record in repomd.records if record.type == "primary")
        createrepo_c.xml_parse_primary(str(tree / primary), pkgcb=lambda found: names.add(found.name), do_files=False)
    return sorted(name for name in names if not name.startswith("kernel"))


def solvable(engine: EngineClient, names: list[str]) -> tuple[list[str], Closure]:
    """Return those of the names that solve together, and their closure with its reasons."""
    while True:
        closure = engine.ask(request(names, reasons=True), Closure)
        bad = {each.spec for each in closure.problems} | {each.spec for each in closure.unmet}
        if not bad:
            return names, closure
        names = [name for number, name in enumerate(names) if number not in bad]


def cost_of_reasons(engine: EngineClient, names: list[str]) -> float:
    """Return how many seconds reasons add to a plan: the dependencies of the closure, and the chains."""
    asked = request(names, reasons=True)
    bare = msgspec.structs.replace(asked, reasons=False)
    walls: dict[str, list[float]] = {"with": [], "without": [], "chains": []}
    for _ in range(RUNS):
        closure, seconds = clocked(partial(engine.ask, asked, Closure))
        walls["with"].append(seconds)
        walls["without"].append(clocked(partial(engine.ask, bare, Closure))[1])
        walls["chains"].append(clocked(partial(reason_chains, closure, asked.specs))[1])
    each = {name: median(seconds) for name, seconds in walls.items()}
    return each["with"] - each["without"] + each["chains"]


def questions(folder: Path, repos: Path, names: list[str], reasons: tuple[float, Size]) -> Iterator[Figure]:
    """Time whole commands: a plan, and the question why of three kinds of packages."""
    cost_s, size = reasons
    profile = write_names(folder / "profile.json", names)
    root = folder / "root"
    root.mkdir()
    where = plan_command(profile, repos, root)[3:]
    commands = {
        "plan": plan_command(profile, repos, root),
        "brought": [COMMAND, "why", "glibc", str(profile), *where],
        "unlisted": [COMMAND, "why", unlisted(names), str(profile), *where],
        "unknown": [COMMAND, "why", "no-such-package", str(profile), *where],
    }
    interleaved(1, commands)
    walls = {name: median_wall_s(measures) for name, measures in interleaved(RUNS, commands).items()}
    bare = Peer("the plan without", walls["plan"] - cost_s)
    yield Figure(
        benchmark="why", name="reasons of a plan", size=size, unit="s", ours=cost_s, peer=bare, target=Target(0.3)
    )
    for name in ("brought", "unlisted", "unknown"):
        told = f"why, of one that is {name}"
        yield Figure(benchmark="why", name=told, size=size, unit="s", ours=walls[name], target=Target(1.0))


def unlisted(names: list[str]) -> str:
    """Return a package that the profile does not name."""
    return next(name for name in ("emacs", "mutt", "tmux") if name not in names)
