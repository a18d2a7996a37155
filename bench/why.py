"""What reasons cost, and how long one question takes: ./dev bench why.

On real metadata, for a profile whose closure has over 2,000 packages.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TypeVar

import createrepo_c
import msgspec

from bench._figures import line
from bench._process import interleaved, machine, median_wall_s
from bench.plan import COMMAND, open_request, plan_command
from tests.support.profiles import profile as profile_tree
from tests.support.project import ROOT
from yumbridge.desired.spec import Spec
from yumbridge.engine.child import Starter
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import Opened, SolveClosure
from yumbridge.plan.closure import Closure
from yumbridge.plan.why import reason_chains

Answer = TypeVar("Answer")

RUNS = 9
LEAST = 2000
STEP = 15


def main() -> None:
    """Measure, and print a line per figure with its target."""
    data = Path(os.environ.get("YUMBRIDGE_TEST_DATA") or ROOT.parent / "shared" / "data")
    repos = data / "repos"
    if not repos.is_dir():
        sys.exit(f"bench why: no sample data in {data} (set YUMBRIDGE_TEST_DATA)")
    print(f"on {machine()}; medians of {RUNS}, interleaved")
    with tempfile.TemporaryDirectory(prefix="yumbridge-bench.") as scratch, EngineClient(Starter()) as engine:
        folder = Path(scratch)
        engine.ask(open_request(repos, folder / "cache"), Opened)
        names, closure = solvable(engine, names_in(repos)[::STEP])
        if len(closure.packages) < LEAST:
            sys.exit(f"bench why: a closure of {len(closure.packages)} packages says nothing of {LEAST}")
        print(f"{len(names)} names, {len(closure.packages)} packages, {len(closure.edges)} dependencies")
        cost_s = cost_of_reasons(engine, names)
    with tempfile.TemporaryDirectory(prefix="yumbridge-bench.") as scratch:
        questions(Path(scratch), repos, names, cost_s)


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
        closure = engine.ask(request(names), Closure)
        bad = {each.spec for each in (*closure.problems, *closure.unmet)}
        if not bad:
            return names, closure
        names = [name for number, name in enumerate(names) if number not in bad]


def request(names: list[str], *, reasons: bool = True) -> SolveClosure:
    """Return the request for a closure."""
    return SolveClosure(
        specs=tuple(Spec(name=name, origin=name) for name in names),
        require_best=False,
        weak_deps=True,
        obsoleters_meet_names=False,
        unwanted=(),
        reasons=reasons,
    )


def cost_of_reasons(engine: EngineClient, names: list[str]) -> float:
    """Return how many seconds reasons add to a plan: the dependencies of the closure, and the chains."""
    asked = request(names)
    bare = msgspec.structs.replace(asked, reasons=False)
    walls: dict[str, list[float]] = {"with": [], "without": [], "chains": []}
    for _ in range(RUNS):
        closure, seconds = clocked(lambda: engine.ask(asked, Closure))
        walls["with"].append(seconds)
        walls["without"].append(clocked(lambda: engine.ask(bare, Closure))[1])
        walls["chains"].append(clocked(lambda found=closure: reason_chains(found, asked.specs))[1])
    each = {name: median(seconds) for name, seconds in walls.items()}
    print(f"closure {each['without']:.3f} s, with reasons {each['with']:.3f} s; chains {each['chains']:.3f} s")
    return each["with"] - each["without"] + each["chains"]


def clocked(run: Callable[[], Answer]) -> tuple[Answer, float]:
    """Return what a call returns, and how many seconds it took."""
    started = time.perf_counter()
    found = run()
    return found, time.perf_counter() - started


def questions(folder: Path, repos: Path, names: list[str], cost_s: float) -> None:
    """Time whole commands: a plan, and the question why of three kinds of packages."""
    profile = folder / "profile.json"
    profile.write_text(json.dumps(profile_tree(names, [])), encoding="utf-8")
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
    bare_s = walls["plan"] - cost_s
    ratio = cost_s / bare_s
    print(f"plan {walls['plan']:.2f} s, of which reasons {cost_s:.3f} s")
    line("reasons, on top of the plan without", f"{ratio:.2f}", "0.30", met=ratio <= 0.3)  # noqa: PLR2004 - the target
    for name in ("brought", "unlisted", "unknown"):
        line(f"why, of one that is {name}", f"{walls[name]:.2f} s", "1 s", met=walls[name] <= 1)


def unlisted(names: list[str]) -> str:
    """Return a package that the profile does not name."""
    return next(name for name in ("emacs", "mutt", "tmux") if name not in names)


if __name__ == "__main__":
    main()
