"""The verb `profile diff`."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from spma.cli.console import ProgressBar
from spma.cli.exits import Exit
from spma.cli.inputs import desired_state, load_all
from spma.cli.options import Settings, Target
from spma.cli.profile_difference_text import difference_text
from spma.profile.difference import ProfileDifference, compare
from spma.profile.meaning import Meaning, meaning_of
from spma.profile.reading import Profile
from spma.source import STDIN
from yumbridge.plan import difference as closures
from yumbridge.run.request import PlanRequest


def difference_verb(settings: Settings, target: Target, old: Path, new: Path) -> None:
    """Print what a profile means otherwise than another, and end with the exit code that its closure calls for."""
    if old == new == STDIN:
        raise click.UsageError("Only one of both profiles can be on standard input.")
    (before, earlier), (after, later) = load_all((old, new), settings, target, "compared")
    meanings = _meaning(earlier, settings), _meaning(later, settings)
    difference = compare(*meanings, (before.profile, after.profile))
    if target.snapshot is not None or target.repos_from is not None:
        difference = msgspec.structs.replace(difference, closure=_closures(settings, before, after))
    names = _called(old), _called(new)
    settings.console.tell(difference, lambda: difference_text(difference, names, settings.console))
    sys.exit(_exit_of(difference))


def _called(path: Path) -> str:
    return "standard input" if path == STDIN else str(path)


def _meaning(profile: Profile, settings: Settings) -> Meaning:
    """Return what a profile means with the repositories that it states, whatever stands in for them."""
    return meaning_of(desired_state(profile, settings.configuration, Target()), profile.options)


def _closures(settings: Settings, before: PlanRequest, after: PlanRequest) -> closures.ClosureDifference:
    """Return what distinguishes the closures of two requests; one child of the engine solves both."""
    from spma.cli.engines import chosen_starter
    from yumbridge.engine.client import EngineClient
    from yumbridge.run.solving import Solver

    with ProgressBar().expect("Comparing") as progress, EngineClient(chosen_starter(settings)) as engine:
        engine.listener = progress
        solver = Solver(engine, reasons=True)
        # In force are all holds: when this happens is not now.
        found = closures.compare(solver.solve(before), solver.solve(after), after.state.policy.holds)
    return msgspec.structs.replace(found, before=_placed(found.before, before), after=_placed(found.after, after))


def _placed(side: closures.ClosureSide, request: PlanRequest) -> closures.ClosureSide:
    """Return one side with the snapshot that it was solved on: each profile may name a store of its own."""
    return msgspec.structs.replace(side, snapshot=request.snapshot, snapshot_id=request.snapshot_id or "")


def _exit_of(difference: ProfileDifference) -> Exit:
    return Exit.PROBLEMS if difference.closure and difference.closure.has_problems else Exit.DONE
