"""Plans and reports, asked for and read in few words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.roots import InstallRoot
from tests.support.world import World


def planned(world: World, profile: Path, root: InstallRoot, *options: str | Path, code: int = 0) -> Any:  # noqa: ANN401 - a foreign document
    """Return the plan document for a profile on a root. The command must end with `code`."""
    outcome = world.run("plan", profile, "--root", root.path, "--json", *options)
    assert outcome.code == code, outcome
    return outcome.json()


def applied(world: World, file: Path, root: InstallRoot, *options: str | Path, code: int = 0) -> Any:  # noqa: ANN401 - a foreign document
    """Return the report of an unattended apply of a profile or plan on a root. The command must end with `code`."""
    outcome = world.run("apply", file, "--root", root.path, "--json", *options)
    assert outcome.code == code, outcome
    return outcome.json()


def moves(plan: Any) -> list[str]:  # noqa: ANN401 - a foreign document
    """Return the changes of a plan, each as "upgrade app.noarch 1-1 -> 2-1", in its order."""
    return [
        f"{change['action']} {change['name']}.{change['arch']} "
        + " -> ".join(", ".join(side) for side in (change["before"], change["after"]) if side)
        for change in plan["changes"]
    ]


def kept(plan: Any) -> dict[str, str]:  # noqa: ANN401 - a foreign document
    """Return the reason for each package that a plan keeps, by NEVRA."""
    return {entry["nevra"]: entry["reason"] for entry in plan["kept"]}


def problems(plan: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401 - a foreign document
    """Return the kind, spec and origin of each problem of a plan, in its order."""
    return [(problem["kind"], problem["spec"], problem["origin"]) for problem in plan["problems"]]


def notes(plan: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - a foreign document
    """Return the kind and NEVRA of each note of a plan but the one that a repository is unsigned."""
    return [(note["kind"], note["nevra"]) for note in plan["notes"] if note["kind"] != "unsigned-repository"]
