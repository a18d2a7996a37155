"""Planning beside `dnf --assumeno install`, on real metadata: ./dev bench plan.

Both read the same repositories from warm caches of their own, for the same names and the same root.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench._figures import line
from bench._process import interleaved, machine, median_wall_s, timed, weighed
from tests.support.cache import Cache
from tests.support.profiles import profile as profile_tree
from tests.support.project import ROOT
from tests.support.rpmbuild import build
from tests.support.rpms import Rpm
from yumbridge.desired.spec import Spec
from yumbridge.engine.child import Starter
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import Open, Opened, SolveClosure
from yumbridge.plan.closure import Closure

RUNS = 9
CLOSURES = 100
INSTALLONLY = frozenset({"kernel", "kernel-core", "kernel-modules"})
COMMAND = str(Path(sys.executable).parent / "yumbridge")


def main() -> None:
    """Measure, and print a line per figure with its target."""
    data = Path(os.environ.get("YUMBRIDGE_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not (data / "repos").is_dir():
        sys.exit(f"bench plan: no sample data in {data} (set YUMBRIDGE_TEST_DATA)")
    print(f"on {machine()}; medians of {RUNS}, interleaved")
    with tempfile.TemporaryDirectory(prefix="yumbridge-bench.") as scratch:
        folder = Path(scratch)
        names = existing_names(data, folder)
        profile = folder / "profile.json"
        profile.write_text(json.dumps(profile_tree(names, [])), encoding="utf-8")
        print(f"{len(names)} names of el9node.json that the repositories have")
        compare("empty root", folder / "empty", (data / "repos", profile), names, target=1.0)
        older = folder / "older"
        install_older_builds(older, data / "repos", profile, folder / "rpms")
        compare("older builds installed", older, (data / "repos", profile), names, target=1.2)
        closures(data / "repos", names, folder / "cache")
    helps = [timed([COMMAND, "--help"]).wall_s for _ in range(RUNS)]
    line("start-up of --help", f"{median(helps) * 1000:.0f} ms", "150 ms", met=median(helps) <= 0.150)  # noqa: PLR2004 - the target


def existing_names(data: Path, folder: Path) -> list[str]:
    """Return the names of el9node.json that plan without a problem."""
    profile = data / "profiles/el9node.json"
    plan = plan_document(profile, data / "repos", folder / "first")
    missing = {problem["origin"].split("/")[3] for problem in plan["problems"]}
    provided = {note["text"].split(" ")[0] for note in plan["notes"] if note["kind"] == "provided-by"}
    written = json.loads(profile.read_text(encoding="utf-8"))["software"]["packages"]
    keys = [key for key in written if key not in missing]
    names = [re.sub("_([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), key) for key in keys]
    return sorted(name for name in names if name not in provided)


def plan_document(profile: Path, repos: Path, root: Path) -> dict[str, list[dict[str, str]]]:
    """Return the plan that the command prints."""
    root.mkdir(exist_ok=True)
    ran = subprocess.run(plan_command(profile, repos, root, "--json"), stdout=subprocess.PIPE, check=False)
    document: dict[str, list[dict[str, str]]] = json.loads(ran.stdout)
    return document


def plan_command(profile: Path, repos: Path, root: Path, *options: str) -> list[str]:
    """Return the command that plans."""
    where = ["--root", str(root), "--releasever", "9", "--repos-from", str(repos)]
    return [COMMAND, "plan", str(profile), *where, *options]


def dnf_command(repos: Path, root: Path, names: list[str]) -> list[str]:
    """Return dnf's command for the same question, with a cache that it need not refresh."""
    sources = [f"--repofrompath={path.name},file://{path}" for path in sorted(repos.iterdir()) if path.is_dir()]
    hotfixes = [f"--setopt={path.name}.module_hotfixes=1" for path in sorted(repos.iterdir()) if path.is_dir()]
    options = ["--releasever=9", "--setopt=reposdir=/nonexistent", "--setopt=module_platform_id=platform:el9"]
    where = [f"--installroot={root}", "--setopt=varsdir=/nonexistent", "--setopt=exclude=kernel-debug*"]
    return ["dnf", "--assumeno", "--nogpgcheck", *where, *options, *sources, *hotfixes, "install", *names]


def compare(what: str, root: Path, inputs: tuple[Path, Path], names: list[str], *, target: float) -> None:
    """Time both commands on one root, and weigh them once."""
    repos, profile = inputs
    root.mkdir(exist_ok=True)
    commands = {
        "yumbridge": plan_command(profile, repos, root),
        "dnf": dnf_command(repos, root, names),
    }
    check_peer(commands["dnf"])
    interleaved(1, commands)
    walls = {name: median_wall_s(measures) for name, measures in interleaved(RUNS, commands).items()}
    ratio = walls["yumbridge"] / walls["dnf"]
    print(f"{what}: yumbridge plan {walls['yumbridge']:.2f} s, dnf --assumeno install {walls['dnf']:.2f} s")
    line("wall time, of dnf's", f"{ratio:.2f}", f"{target}", met=ratio <= target)
    peaks = {name: max(m.peak_bytes for m in ms) for name, ms in interleaved(3, commands, weighed).items()}
    memory = peaks["yumbridge"] / peaks["dnf"]
    print(f"  peak memory {peaks['yumbridge'] >> 20} MiB, dnf's {peaks['dnf'] >> 20} MiB")
    line("memory of both processes, of dnf's", f"{memory:.2f}", "2.0", met=memory <= 2.0)  # noqa: PLR2004 - the target


def check_peer(command: list[str]) -> None:
    """Make sure that dnf solves its question: one that fails early would be fast, too."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"LC_ALL": "C"})
    if "Transaction Summary" not in ran.stdout:
        sys.exit(f"bench plan: dnf did not get to a transaction:\n{ran.stdout}{ran.stderr}")


def install_older_builds(root: Path, repos: Path, profile: Path, folder: Path) -> None:
    """Fill the rpmdb of a root with an older build of everything the profile comes to, without any file."""
    plan = plan_document(profile, repos, root)
    rpms = [
        Rpm(
            str(change["name"]),
            f"{change['after'][0].rpartition('-')[0]}-0",
            arch=str(change["arch"]),
            provides=("installonlypkg(kernel)",) if change["name"] in INSTALLONLY else (),
            source="older-0-0.src.rpm",
        )
        for change in plan["changes"]
    ]
    paths = build(rpms, folder, Cache(folder.parent / "rpm-cache"))
    subprocess.run(["rpm", "--root", str(root), "-i", "--justdb", "--nodeps", *map(str, paths)], check=True)


def closures(repos: Path, names: list[str], cache: Path) -> None:
    """Time closures alone, many in one child."""
    specs = tuple(Spec(name=name, origin=name) for name in names)
    request = SolveClosure(
        specs=specs,
        require_best=False,
        weak_deps=True,
        obsoleters_meet_names=False,
        unwanted=(),
        reasons=False,
    )
    with EngineClient(Starter()) as engine:
        engine.ask(open_request(repos, cache), Opened)
        engine.ask(request, Closure)
        started = time.perf_counter()
        for _ in range(CLOSURES):
            engine.ask(request, Closure)
        each_ms = (time.perf_counter() - started) / CLOSURES * 1000
    print(f"{CLOSURES} closures in one engine child")
    line("each, without reasons", f"{each_ms:.1f} ms", "10 ms", met=each_ms <= 10)  # noqa: PLR2004 - the target


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


if __name__ == "__main__":
    main()
