"""The difference of two snapshots as text for people, on 80 columns and more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from snapshots.comparison.advisory_difference import AdvisorySummary, ChangedAdvisory
from snapshots.comparison.difference import RepositoryDifference, SnapshotDifference, Uncovered
from snapshots.comparison.package_difference import Direction, PackageChange
from spma.cli.console import Console, printable
from spma.cli.snapshot.summary import (
    DIRECTIONS,
    SAME,
    WORDS,
    by_severity,
    by_source,
    counts,
    date,
    held_reason,
    metadata_words,
    newest,
    other_builds,
    reboot_reasons,
    summary,
)
from spma.cli.snapshot.text import partial_text
from spma.cli.text import LISTED, entitled, more, named, short_id, shortened, wrapped
from yumbridge.count import counted

_CVES: Final = 24
_NAME_WIDTH: Final = 34
_COLORS: Final = {
    Direction.REBUILT: "red",
    Direction.DOWN: "yellow",
    Direction.REMOVED: "red",
    Direction.UP: "cyan",
    Direction.ADDED: "green",
}
_OLDER: Final = {Direction.BUILDS_ADDED, Direction.BUILDS_DROPPED, Direction.BUILDS_EXCHANGED}


def difference_text(difference: SnapshotDifference, console: Console) -> str:
    """Return a difference as text: packages, advisories, what to look at, and all in one sentence at the end."""
    if difference.is_empty:
        return SAME
    before, after = difference.before, difference.after
    lines = [
        printable(f"{before.name} ({short_id(before.id)}) -> {after.name} ({short_id(after.id)})"),
        "",
        *_repository_lines(difference.repositories, console),
        *_advisory_lines("gained", difference.advisories.gained, console),
        *_advisory_lines("lost", difference.advisories.lost, console),
        *_advisory_lines("changed", difference.advisories.changed, console),
        *_cve_lines("closed", difference.cves.gained, console),
        *_cve_lines("reopened", difference.cves.lost, console),
        *_warning_lines(difference, console),
        *wrapped(f"{summary(difference)}.", "", console),
    ]
    return "\n".join(lines)


def _repository_lines(repositories: Sequence[RepositoryDifference], console: Console) -> Iterator[str]:
    for repository in repositories:
        words = [counts(repository.changes)] if repository.changes else []
        words += [f"other {kind}" for kind in metadata_words(repository.metadata)]
        yield from map(console.bold, wrapped(f"{repository.repo_id}: {'; '.join(words) or 'empty'}", "", console))
        for direction in DIRECTIONS:
            changes = [change for change in repository.changes if change.direction is direction]
            yield from _change_lines(direction, changes, console)
        yield ""


def _change_lines(direction: Direction, changes: Sequence[PackageChange], console: Console) -> Iterator[str]:
    """Yield a heading and a line per package, its builds below it where both do not fit."""
    if not changes:
        return
    yield f"  {console.bold(WORDS[direction], _COLORS.get(direction))}"
    shown, left = shortened(changes, LISTED, whole=console.verbose)
    rows = [(printable(f"{change.name}.{change.arch}"), printable(_builds(change, console))) for change in shown]
    width = min(max(len(name) for name, _ in rows), _NAME_WIDTH)
    for name, builds in rows:
        line = f"    {name:<{width}}  {builds}"
        if len(line) <= console.width:
            yield line
        else:
            yield f"    {name}"
            yield from wrapped(builds, " " * 8, console)
    yield from more(left, "    ", console)


def _builds(change: PackageChange, console: Console) -> str:
    """Return the newest builds of a package, and which others come and go; how many, where the newest says enough."""
    come, gone = other_builds(change)
    others = ", ".join((*(f"+{evr}" for evr in reversed(come)), *(f"-{evr}" for evr in reversed(gone))))
    if change.direction in _OLDER:
        words = [others]
    elif console.verbose or not others:
        words = [newest(change), f"({others})" if others else ""]
    else:
        numbers = [f"{sign}{len(builds)}" for sign, builds in (("+", come), ("-", gone)) if builds]
        words = [newest(change), f"({', '.join(numbers)} older)"]
    if change.rebuilt and change.direction is not Direction.REBUILT:
        words.append(f"other rpm: {', '.join(change.rebuilt)}")
    return " ".join(word for word in words if word)


def _advisory_lines(verb: str, advisories: Sequence[AdvisorySummary], console: Console) -> Iterator[str]:
    """Yield the advisories by severity."""
    if not advisories:
        return
    yield console.bold(f"{counted(len(advisories), 'advisory', 'advisories')} {verb}")
    width = max(len(printable(advisory.advisory_id)) for advisory in advisories)
    for severity, ranked in by_severity(advisories).items():
        yield printable(f"  {severity or 'without severity'} ({len(ranked)})")
        shown, left = shortened(ranked, LISTED, whole=console.verbose)
        for advisory in shown:
            yield _advisory_line(advisory, width, console)
        yield from more(left, "    ", console)
    yield ""


def _advisory_line(advisory: AdvisorySummary, width: int, console: Console) -> str:
    """Return the line of a table; a title that does not fit ends in dots, unless everything is asked for."""
    cves = counted(len(advisory.cves), "CVE") if advisory.cves else ""
    facts = f"    {printable(advisory.advisory_id):<{width}}  {date(printable(advisory.issued)):<10}  {cves:<7}"
    parts = f" [{', '.join(advisory.parts)}]" if isinstance(advisory, ChangedAdvisory) else ""
    line = f"{facts}  {printable(advisory.title)}{parts}".rstrip()
    if console.verbose or len(line) <= console.width:
        return line
    room = console.width - len(parts) - len("...")
    return f"{f'{facts}  {printable(advisory.title)}'[:room]}...{parts}"


def _cve_lines(verb: str, cves: Sequence[str], console: Console) -> Iterator[str]:
    if cves:
        yield console.bold(f"{counted(len(cves), 'CVE')} {verb}")
        yield from _listing(cves, _CVES, console)
        yield ""


def _warning_lines(difference: SnapshotDifference, console: Console) -> Iterator[str]:
    """Yield what somebody should look at before the later snapshot is used."""
    sources = by_source(difference.without_advisory)
    yield from entitled("Changed with no advisory", [_uncovered(*each, console) for each in sources.items()], console)
    yield from entitled(
        "Advisories held only in part",
        [partial_text(partial, console) for partial in difference.partial_advisories],
        console,
    )
    yield from entitled(
        "Torn from their source",
        [
            f"{torn.newest} leaves behind {named(torn.behind, whole=console.verbose)}"
            for torn in difference.torn_sources
        ],
        console,
    )
    yield from entitled(
        "A reboot is needed for",
        [f"{nevra}  {why}" for nevra, why in reboot_reasons(difference.reboot.because).items()],
        console,
    )
    held = [f"{change.nevra}  {held_reason(change)}" for change in difference.held]
    yield from entitled("Waits for boot", held, console)


def _uncovered(source: str, entries: Iterable[Uncovered], console: Console) -> str:
    names = sorted({f"{entry.name}.{entry.arch}" for entry in entries})
    return f"{source}: {named(names, whole=console.verbose)}"


def _listing(words: Sequence[str], limit: int, console: Console) -> Iterator[str]:
    shown, left = shortened(words, limit, whole=console.verbose)
    yield from wrapped(", ".join(shown), "  ", console)
    yield from more(left, "  ", console)
