"""The verb `snapshot check`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from spma.cli.console import Console
from spma.cli.exits import Exit
from spma.cli.options import Settings, Target, described
from spma.cli.snapshot.options import PROFILES, stored

if TYPE_CHECKING:
    from snapshots.check import ProfileCheck, Remedy, SnapshotCheck
    from snapshots.storage.store import Store
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
    from snapshots.storage.store import open_store

    checked = checked_profiles(settings, target, open_store(store), name, profiles, ref)
    settings.console.tell(checked, lambda: check_text(as_given(checked, profiles), settings.console))
    sys.exit(Exit.DONE if checked.is_good else Exit.PROBLEMS)


def checked_profiles(
    settings: Settings, target: Target, store: Store, name: str, profiles: Sequence[Path], ref: str | None
) -> SnapshotCheck:
    """Return how profiles fare on a snapshot. One child of the engine solves them all."""
    from snapshots.check import check as checked
    from spma.cli.console import ProgressBar
    from spma.cli.engines import chosen_starter
    from spma.cli.inputs import load_all
    from yumbridge.engine.client import EngineClient

    # A wrong name is told before any profile is read.
    name = store.resolve(name)
    requests = [request for request, _ in load_all(profiles, settings, target, "checked")]
    with ProgressBar().expect("Checking") as progress, EngineClient(chosen_starter(settings)) as engine:
        engine.listener = progress
        return checked(store, name, requests, engine, ref)


def check_text(checked: SnapshotCheck, console: Console) -> str:
    """Return how profiles fare on a snapshot: those that do not solve first."""
    from spma.cli.text import wrapped
    from yumbridge.count import counted

    lines: list[str] = []
    for each in sorted(checked.profiles, key=lambda each: each.is_good):
        lines += _profile_lines(each, checked, console)
    bad = sum(not each.is_good for each in checked.profiles)
    verdict = f"{bad} of {counted(len(checked.profiles), 'profile')} cannot go there." if bad else "Good."
    lines += ["", *wrapped(f"Snapshot {checked.snapshot}: {verdict}", "", console)]
    return "\n".join(lines)


def reasons(each: ProfileCheck, checked: SnapshotCheck) -> Iterator[str]:
    """Yield why the hosts of a profile cannot go to a snapshot, and what would help, a line each."""
    for problem in each.problems:
        yield f"{each.profile}: {problem.kind.value}: {problem.text}"
    for title, remedies, advice in _advised(each, checked):
        nevras = ", ".join(remedy.nevra for remedy in remedies)
        yield f"{each.profile}: {title}: {nevras}; in a recipe: {advice}"
    if each.from_ref is not None:
        yield from (f"{each.profile}: {text}" for text in each.from_ref.problems)


def as_given(checked: SnapshotCheck, profiles: Sequence[Path]) -> SnapshotCheck:
    """Return what was checked with each profile as the command line names it, which is what a person looks for."""
    pairs = zip(checked.profiles, profiles, strict=True)
    named = tuple(msgspec.structs.replace(each, profile=str(path)) for each, path in pairs)
    return msgspec.structs.replace(checked, profiles=named)


def _advised(each: ProfileCheck, checked: SnapshotCheck) -> Iterator[tuple[str, Sequence[Remedy], str]]:
    """Yield the ways to help a profile that exist: a title, the packages, and what a recipe would have to say."""
    if each.add:
        yield "to add, from the mirrors", each.add, _inclusion(each.add)
    if each.hold:
        of = checked.hold_from
        owner = f"{checked.ref} ({of})" if checked.ref not in {"", of} else of
        yield f"to hold, as {owner} has them", each.hold, f"base: {of}, packages.hold: [{_names(each.hold)}]"


def _inclusion(remedies: Sequence[Remedy]) -> str:
    """Return how a recipe brings packages: by name, or by an advisory of each where all have one."""
    by_name = f"packages.include: [{_names(remedies)}]"
    if not all(remedy.advisories for remedy in remedies):
        return by_name
    ids = sorted({remedy.advisories[0] for remedy in remedies})
    return f"{by_name}, or advisories.include: [{', '.join(ids)}]"


def _names(remedies: Sequence[Remedy]) -> str:
    return ", ".join(sorted({remedy.nevra.rsplit("-", 2)[0] for remedy in remedies}))


def _profile_lines(each: ProfileCheck, checked: SnapshotCheck, console: Console) -> Iterator[str]:
    from spma.cli.text import wrapped
    from yumbridge.count import counted

    state = f"solves, {counted(each.packages, 'package')}" if each.solves else "does not solve"
    yield from wrapped(f"{each.profile}: {state}", "", console)
    for problem in each.problems:
        yield from _problem_lines(problem, console)
    for title, remedies, advice in _advised(each, checked):
        yield from wrapped(f"{title}:", "  ", console)
        yield from _remedy_lines(remedies, console)
        yield from wrapped(f"in a recipe: {advice}", "      ", console)
    for note in each.notes:
        yield from wrapped(f"note: {note}", "  ", console)
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


def _remedy_lines(remedies: Sequence[Remedy], console: Console) -> Iterator[str]:
    from spma.cli.text import wrapped

    for each in remedies:
        advisories = f" {', '.join(each.advisories)}" if each.advisories else ""
        yield from wrapped(f"{each.nevra} ({each.repo_id}){advisories}", "      ", console)


def _transition_lines(transition: Transition, ref: str, console: Console) -> Iterator[str]:
    from spma.cli.text import wrapped
    from yumbridge.count import counted

    if not transition.solves:
        yield from wrapped(f"from {ref}: nothing to compare: {', '.join(transition.notes)}", "  ", console)
        return
    counts = (
        counted(transition.installs, "install"),
        counted(transition.upgrades, "upgrade"),
        counted(transition.downgrades, "downgrade"),
        counted(transition.removals, "removal"),
    )
    moves = ", ".join(text for text in counts if not text.startswith("0 ")) or "no change"
    yield from wrapped(f"from {ref}: {moves}", "  ", console)
    for text in (*transition.problems, *(f"note: {note}" for note in transition.notes)):
        yield from wrapped(text, "      ", console)
