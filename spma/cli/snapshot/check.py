"""The verb `snapshot check`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from spma.cli.console import Console
from spma.cli.exits import Exit
from spma.cli.options import Settings, Target, described
from spma.cli.snapshot.options import PROFILES, stored

if TYPE_CHECKING:
    from snapshots.check import ProfileCheck, Remedy, SnapshotCheck
    from snapshots.store import Store
    from snapshots.transition import Transition
    from yumbridge.plan.document import Problem

_SHOWN: Final = 4


@click.command(
    epilog="""\b
Examples:
  yumbridge snapshot check 2026-11-22 --profile node1.json
  yumbridge snapshot check 2026-11-22 --ref production \\
      --profile node1.json --profile node2.json --json"""
)
@click.argument("name")
@PROFILES
@click.option("--ref", help="Say what becomes of hosts that are at the ref, or snapshot, REF.", metavar="REF")
@described
@stored
def check(
    settings: Settings, store: Path, target: Target, name: str, profiles: tuple[Path, ...], ref: str | None
) -> None:
    """Check whether profiles solve on the snapshot NAME, from an empty root.

    The repositories of the snapshot stand in for those of each profile; one that bears the same id lends its options.
    Of a profile that does not solve, the packages are named that would help: from the mirrors, or held back at those
    of REF, else of the snapshot that NAME was cut from. With --ref, hosts that are at REF are looked at as well. Ends
    with 12 when a profile does not solve, or may not go there.
    """
    if not profiles:
        raise click.UsageError("Name at least one profile with --profile.")
    from snapshots.store import open_store
    from yumbridge.plan.document import printed

    checked = checked_profiles(settings, target, open_store(store), name, profiles, ref)
    if settings.console.json:
        settings.console.document(printed(checked))
    else:
        settings.console.answer(check_text(checked, settings.console))
    sys.exit(Exit.DONE if checked.is_good else Exit.PROBLEMS)


def checked_profiles(
    settings: Settings, target: Target, store: Store, name: str, profiles: Sequence[Path], ref: str | None
) -> SnapshotCheck:
    """Return how profiles fare on a snapshot. One child of the engine solves them all."""
    from snapshots.check import check as checked
    from spma.cli.console import ProgressBar
    from spma.cli.inputs import load
    from yumbridge.engine.child import Starter
    from yumbridge.engine.client import EngineClient

    # A wrong name is told before any profile is read.
    name = store.resolve(name)
    requests = [load(path, settings, target)[0] for path in profiles]
    with ProgressBar() as progress, EngineClient(Starter()) as engine:
        engine.listener = progress
        return checked(store, name, requests, engine, ref)


def check_text(checked: SnapshotCheck, console: Console) -> str:
    """Return how profiles fare on a snapshot: those that do not solve first."""
    from snapshots.count import counted
    from spma.cli.text import wrapped

    lines: list[str] = []
    for each in sorted(checked.profiles, key=lambda each: each.is_good):
        lines += _profile_lines(each, checked, console)
    bad = sum(not each.is_good for each in checked.profiles)
    verdict = f"{bad} of {counted(len(checked.profiles), 'profile')} cannot go there." if bad else "Good."
    lines += ["", *wrapped(f"Snapshot {checked.snapshot}: {verdict}", "", console)]
    return "\n".join(lines)


def reasons(each: ProfileCheck) -> Iterator[str]:
    """Yield why the hosts of a profile cannot go to a snapshot, and what would help, a line each."""
    for problem in each.problems:
        yield f"{each.profile}: {problem.kind.value}: {problem.text}"
    for verb, remedies in (("adding", each.add), ("holding", each.hold)):
        if remedies:
            yield f"{each.profile}: {verb} would help: {', '.join(remedy.nevra for remedy in remedies)}"
    if each.from_ref is not None:
        yield from (f"{each.profile}: {text}" for text in each.from_ref.problems)


def _profile_lines(each: ProfileCheck, checked: SnapshotCheck, console: Console) -> Iterator[str]:
    from snapshots.count import counted
    from spma.cli.text import wrapped

    state = f"solves, {counted(each.packages, 'package')}" if each.solves else "does not solve"
    yield from wrapped(f"{each.profile}: {state}", "", console)
    for problem in each.problems:
        yield from _problem_lines(problem, console)
    yield from _remedy_lines("to add, from the mirrors", each.add, console)
    yield from _remedy_lines(f"to hold, as in {checked.ref_snapshot or 'the base'}", each.hold, console)
    for note in each.notes:
        yield from wrapped(note, "  ", console)
    if each.from_ref is not None:
        yield from _transition_lines(each.from_ref, checked.ref, console)


def _problem_lines(problem: Problem, console: Console) -> Iterator[str]:
    """Yield the solver's words, the first few of them: of a name with many builds it speaks of each."""
    from spma.cli.text import wrapped

    parts = problem.text.split("; ")
    shown = len(parts) if console.verbose or len(parts) <= _SHOWN + 1 else _SHOWN
    more = f"; ... {len(parts) - shown} more (-v)" if shown < len(parts) else ""
    where = f" ({problem.origin})" if problem.origin else ""
    yield from wrapped(f"{problem.kind.value}: {'; '.join(parts[:shown])}{more}{where}", "  ", console)


def _remedy_lines(title: str, remedies: Sequence[Remedy], console: Console) -> Iterator[str]:
    from spma.cli.text import wrapped

    if remedies:
        yield f"  {title}:"
    for each in remedies:
        advisories = f" {', '.join(each.advisories)}" if each.advisories else ""
        yield from wrapped(f"{each.nevra} ({each.repo_id}){advisories}", "      ", console)


def _transition_lines(transition: Transition, ref: str, console: Console) -> Iterator[str]:
    from snapshots.count import counted
    from spma.cli.text import wrapped

    if not transition.solves:
        yield from wrapped(f"from {ref}: nothing to compare, it does not solve on both", "  ", console)
        return
    counts = (
        counted(transition.installs, "install"),
        counted(transition.upgrades, "upgrade"),
        counted(transition.downgrades, "downgrade"),
        counted(transition.removals, "removal"),
    )
    moves = ", ".join(text for text in counts if not text.startswith("0 ")) or "no change"
    yield from wrapped(f"from {ref}: {moves}", "  ", console)
    for text in (*transition.problems, *transition.notes):
        yield from wrapped(text, "      ", console)
