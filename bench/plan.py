"""Planning beside dnf, and beside what the backend yumdnf of ncm-spma runs: ./dev bench plan.

All read the same repositories from warm caches of their own, for the same names and the same root.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from bench._figures import Figure, Peer, Size, Target
from bench._ncm_spma import Host, write_script
from bench._process import compared, heaviest_mib, interleaved, processor_s, timed, weighed
from bench._sample import sample
from bench._synthetic import SIZES, write_synthetic
from bench._synthetic import names as synthetic_names
from tests.support.cache import Cache
from tests.support.profiles import profile as profile_tree
from tests.support.rpmbuild import build
from tests.support.rpms import Rpm

RUNS = 7
# For the points of a curve, of which there are many.
CURVE_RUNS = 3
WEIGHED_RUNS = 1
INSTALLONLY = frozenset({"kernel", "kernel-core", "kernel-modules"})
# Names of the profile that the host with older builds has not installed.
MISSING = 10
NAMES = (10, 100, 500, 2_000)
COMMAND = str(Path(sys.executable).parent / "yumbridge")


def figures() -> tuple[Figure, ...]:
    """Measure plans of a root that has nothing, of one that has older builds, and of growing questions."""
    with tempfile.TemporaryDirectory(prefix="yumbridge-bench.") as scratch:
        folder = Path(scratch)
        return (*real(folder), start_up(), *growth(folder))


def real(folder: Path) -> Iterator[Figure]:
    """Yield figures of the names of el9node.json on the sample repositories."""
    repos = sample("repos")
    names = existing_names(sample("profiles/el9node.json"), repos, folder)
    profile = write_names(folder / "profile.json", names)
    size = Size(len(names), "names")
    empty = folder / "empty"
    ours = plan_command(profile, repos, empty)
    empty.mkdir()
    install = dnf_command(repos, empty, "install", *names)
    yield from beside("plan of an empty root", size, {"": ours, "dnf --assumeno install": install}, {})
    older = folder / "older"
    install_older_builds(older, repos, profile, folder / "rpms")
    missing = remove_some(older, names)
    options = dnf_command(repos, older)[1:]
    host = Host(
        root=older, options=[each for each in options if each != "--assumeno"], locked=names[:1], missing=missing
    )
    commands = {
        "": plan_command(profile, repos, older),
        "dnf --assumeno distro-sync": dnf_command(repos, older, "distro-sync"),
        "dnf --assumeno install": dnf_command(repos, older, "install", *names),
        "commands of ncm-spma": write_script(host, folder / "ncm-spma"),
    }
    targets = {"dnf --assumeno install": 1.2, "commands of ncm-spma": 0.2}
    yield from beside("plan of a host with older builds", size, commands, targets)


def beside(
    what: str, size: Size, commands: Mapping[str, Sequence[str]], targets: Mapping[str, float]
) -> Iterator[Figure]:
    """Yield wall time and memory of our command, the first, beside each of the others."""
    for command in commands.values():
        check_peer(command)
    walls = interleaved(RUNS, commands)
    peaks = {name: heaviest_mib(each) for name, each in interleaved(WEIGHED_RUNS, commands, weighed).items()}
    for name in list(commands)[1:]:
        ours_s, peer = compared(walls[""], walls[name], name)
        target = Target(targets.get(name, 1.0))
        yield Figure(benchmark="plan", name=what, size=size, unit="s", ours=ours_s, peer=peer, target=target)
    busy = {name: processor_s(each) for name, each in walls.items()}
    for name in list(commands)[1:]:
        peer, told = Peer(name, busy[name]), f"{what}, processor time"
        yield Figure(benchmark="plan", name=told, size=size, unit="s", ours=busy[""], peer=peer)
    for name in list(commands)[1:]:
        peer, target = Peer(name, peaks[name]), Target(2.0)
        told = f"{what}, memory"
        yield Figure(benchmark="plan", name=told, size=size, unit="MiB", ours=peaks[""], peer=peer, target=target)


def start_up() -> Figure:
    """Return how long the command takes to say what it can do."""
    helps = [timed([COMMAND, "--help"]).wall_s * 1000 for _ in range(RUNS)]
    return Figure(benchmark="plan", name="start-up of --help", unit="ms", ours=median(helps), target=Target(150))


def growth(folder: Path) -> Iterator[Figure]:
    """Yield wall time and memory beside dnf's, against the size of the repository, then of the profile."""
    roots = {count: write_synthetic(folder / f"synthetic{count}/all", count).parent for count in SIZES}
    yield from _curve("repository", folder, [(roots[count], count, NAMES[1]) for count in SIZES])
    yield from _curve("profile", folder, [(roots[SIZES[2]], SIZES[2], count) for count in NAMES])


def _curve(of: str, folder: Path, points: Sequence[tuple[Path, int, int]]) -> Iterator[Figure]:
    """Yield the figures of one curve; a point has its repositories, their packages, and the names of the profile."""
    heavy = []
    root = folder / "empty"
    for repos, packages, count in points:
        every = synthetic_names(packages)
        chosen = every[:: max(1, len(every) // count)][:count]
        profile = write_names(folder / f"profile{packages}-{count}.json", chosen)
        commands = {
            "plan": plan_command(profile, repos, root),
            "dnf": dnf_command(repos, root, "install", *chosen),
        }
        for command in commands.values():
            check_peer(command)
        walls = interleaved(CURVE_RUNS, commands)
        peaks = {name: heaviest_mib(each) for name, each in interleaved(1, commands, weighed).items()}
        size = Size(packages, "packages") if of == "repository" else Size(count, "names")
        ours_s, peer = compared(walls["plan"], walls["dnf"], "dnf --assumeno install")
        title = f"Plan against the size of the {of}"
        yield Figure(benchmark="plan", name="plan", size=size, unit="s", ours=ours_s, peer=peer, curve=title)
        peer, title = Peer(peer.name, peaks["dnf"]), f"Memory of a plan against the size of the {of}"
        heavy.append(
            Figure(
                benchmark="plan", name="plan, memory", size=size, unit="MiB", ours=peaks["plan"], peer=peer, curve=title
            )
        )
    yield from heavy


def existing_names(profile: Path, repos: Path, folder: Path) -> list[str]:
    """Return the names of a profile that plan without a problem."""
    plan = plan_document(profile, repos, folder / "first")
    missing = {problem["origin"].split("/")[3] for problem in plan["problems"]}
    provided = {note["text"].split(" ")[0] for note in plan["notes"] if note["kind"] == "provided-by"}
    written = json.loads(profile.read_text(encoding="utf-8"))["software"]["packages"]
    keys = [key for key in written if key not in missing]
    names = [re.sub("_([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), key) for key in keys]
    return sorted(name for name in names if name not in provided)


def write_names(path: Path, names: Sequence[str]) -> Path:
    """Write a profile that lists names, and return its file."""
    path.write_text(json.dumps(profile_tree(names, [])), encoding="utf-8")
    return path


def plan_document(profile: Path, repos: Path, root: Path) -> dict[str, list[dict[str, str]]]:
    """Return the plan that the command prints."""
    root.mkdir(exist_ok=True)
    command = plan_command(profile, repos, root, "--json")
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    document: dict[str, list[dict[str, str]]] = json.loads(ran.stdout)
    return document


def plan_command(profile: Path, repos: Path, root: Path, *options: str) -> list[str]:
    """Return the command that plans."""
    where = ["--root", str(root), "--releasever", "9", "--repos-from", str(repos)]
    return [COMMAND, "plan", str(profile), *where, *options]


def dnf_command(repos: Path, root: Path, *words: str) -> list[str]:
    """Return dnf's command for the same question, with a cache that it need not refresh."""
    sources = [f"--repofrompath={path.name},file://{path}" for path in sorted(repos.iterdir()) if path.is_dir()]
    hotfixes = [f"--setopt={path.name}.module_hotfixes=1" for path in sorted(repos.iterdir()) if path.is_dir()]
    options = ["--releasever=9", "--setopt=reposdir=/nonexistent", "--setopt=module_platform_id=platform:el9"]
    where = [f"--installroot={root}", "--setopt=varsdir=/nonexistent", "--setopt=exclude=kernel-debug*"]
    return ["dnf", "--assumeno", "--nogpgcheck", *where, *options, *sources, *hotfixes, *words]


def check_peer(command: Sequence[str]) -> None:
    """Make sure that a command gets to its answer: one that fails early would be fast, too."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"LC_ALL": "C"})
    solved = ran.returncode == 0 if command[0] != "dnf" else "Transaction Summary" in ran.stdout
    if not solved:
        sys.exit(f"bench plan: no answer from {command[:2]}:\n{ran.stdout}{ran.stderr}")


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
    command = ["rpm", "--root", str(root), "-i", "--justdb", "--nodeps", *map(str, paths)]
    subprocess.run(command, stderr=subprocess.DEVNULL, check=True)


def remove_some(root: Path, names: Sequence[str]) -> list[str]:
    """Take some names of the profile out of the rpmdb of a root, and return them."""
    chosen = [name for name in names if not name.startswith("kernel")][:: max(1, len(names) // MISSING)][:MISSING]
    command = ["rpm", "--root", str(root), "-e", "--justdb", "--nodeps", "--allmatches", *chosen]
    subprocess.run(command, stderr=subprocess.DEVNULL, check=True)
    return chosen
