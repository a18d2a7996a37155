"""Snapshots as text for people, on 80 columns and more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from snapshots.content.provenance import Addition, AdvisoryCount, PartialAdvisory
from spma.cli.console import Console, printable
from spma.cli.snapshot.document import SnapshotDocument, SnapshotList, SnapshotSummary
from spma.cli.text import entitled, named, short_id, sized, wrapped
from yumbridge.count import counted

_NAME_WIDTH: Final = 20
_INDENT: Final = "  "


def minute(moment: str) -> str:
    """Return a time of a document to the minute.

    >>> minute("2026-11-22T08:05:00Z")
    '2026-11-22 08:05'
    """
    return moment[:16].replace("T", " ")


def partial_text(partial: PartialAdvisory, console: Console) -> str:
    """Return how much of an advisory is held, and what of it is missing."""
    total = len(partial.held) + len(partial.missing)
    missing = named(partial.missing, whole=console.verbose)
    return f"{partial.advisory_id}: {len(partial.held)} of {total}, missing {missing}"


def list_text(listed: SnapshotList, console: Console) -> str:
    """Return a line per snapshot; what does not fit stands below it. What is wrong is told at the end."""
    lines = _table(listed, console) if listed.snapshots else ["No snapshots."]
    for damaged in listed.damaged:
        lines += wrapped(f"{damaged.name}: {damaged.why}", "", console)
    for lost in listed.lost_refs:
        lines += wrapped(f"ref {lost.ref} leads to snapshot {lost.snapshot}, which is not there", "", console)
    return "\n".join(lines)


def _table(listed: SnapshotList, console: Console) -> list[str]:
    rows = [_row(each) for each in listed.snapshots]
    heading = ("NAME", "ID", "CUT AT (UTC)", "PACKAGES", "ADVISORIES")
    widths = [max(len(row[column]) for row in (heading, *rows)) for column in range(len(heading))]
    widths[0] = min(widths[0], _NAME_WIDTH)
    lines = [console.bold(f"{_cells(heading, widths)}  REFS")]
    for row, snapshot in zip(rows, listed.snapshots, strict=True):
        line = _cells(row, widths)
        if len(row[0]) > widths[0]:
            lines.append(row[0])
            line = _cells(("", *row[1:]), widths)
        marks = ", ".join((*snapshot.refs, *(["(metadata only)"] if snapshot.metadata_only else [])))
        if marks and len(line) + 2 + len(marks) <= console.width:
            lines.append(f"{line}  {printable(marks)}")
        else:
            lines += [line.rstrip(), *(wrapped(marks, " " * 4, console) if marks else ())]
        if console.verbose:
            lines += wrapped("; ".join(filter(None, (sized(snapshot.size_bytes), snapshot.message))), " " * 4, console)
    return lines


def _row(snapshot: SnapshotSummary) -> tuple[str, ...]:
    return (
        printable(snapshot.name),
        short_id(snapshot.id),
        minute(snapshot.cut_at),
        str(snapshot.packages),
        str(snapshot.advisories),
    )


def _cells(row: Sequence[str], widths: Sequence[int]) -> str:
    """Return a line whose last two columns are numbers."""
    words = [f"{cell:<{width}}" for cell, width in zip(row[:3], widths[:3], strict=True)]
    numbers = [f"{cell:>{width}}" for cell, width in zip(row[3:], widths[3:], strict=True)]
    return "  ".join((*words, *numbers))


def snapshot_text(snapshot: SnapshotDocument, console: Console) -> str:
    """Return all that there is to say of a snapshot."""
    lines = [console.bold(printable(snapshot.name)), *_facts(snapshot, console), ""]
    for each in snapshot.repositories:
        lines += wrapped(
            f"{each.repo_id}: {counted(each.packages, 'package')}, {sized(each.size_bytes)};"
            f" {counted(each.advisories, 'advisory', 'advisories')}; metadata {sized(each.metadata_bytes)}",
            _INDENT,
            console,
        )
    lines += ["", *wrapped(advisories_text(snapshot.advisories), "", console), ""]
    lines += entitled("Mirrors it was cut from", [_source(snapshot, n) for n in range(len(snapshot.sources))], console)
    lines += entitled("Recipe", recipe_lines(snapshot), console)
    lines += worth_a_look(snapshot.added, snapshot.partial_advisories, snapshot.warnings, console)
    return "\n".join(lines).rstrip()


def worth_a_look(
    added: Sequence[Addition], partial: Sequence[PartialAdvisory], warnings: Sequence[str], console: Console
) -> Iterator[str]:
    """Yield what the maker of a snapshot should read: what closure added, what is held in part, what to beware of."""
    needs = [f"{each.nevra} ({each.repo_id}): {each.needed_by} needs {each.capability}" for each in added]
    yield from entitled("Added by the closure", needs, console)
    yield from entitled("Advisories held in part", [partial_text(each, console) for each in partial], console)
    yield from entitled("Warnings", warnings, console)


def _facts(snapshot: SnapshotDocument, console: Console) -> Iterator[str]:
    yield f"{_INDENT}{snapshot.id}"
    facts = {
        snapshot.origin: f"{snapshot.cut_at}",
        "message": snapshot.message,
        "refs": ", ".join(snapshot.refs),
        "base": f"{snapshot.base} ({short_id(snapshot.base_id)})" if snapshot.base else "",
        "lock": "recorded in the store" if snapshot.is_locked else "",
        "packed": snapshot.compression,
        "only": "metadata: the rpms are not here, and it cannot be published" if snapshot.metadata_only else "",
    }
    for fact, text in facts.items():
        if text:
            yield from wrapped(f"{fact:<8}{text}", _INDENT, console)


def _source(snapshot: SnapshotDocument, number: int) -> str:
    source = snapshot.sources[number]
    return f"{source.repo_id}: {source.url}, read {minute(source.read_at)}, revision {source.revision or 'unknown'}"


def recipe_lines(snapshot: SnapshotDocument) -> list[str]:
    """Return a recipe as YAML has it, a line per key."""
    import msgspec

    recipe = snapshot.recipe or {}
    return [f"{key}: {msgspec.json.encode(value).decode()}" for key, value in recipe.items()]


def advisories_text(counts: Sequence[AdvisoryCount]) -> str:
    """Return how many advisories there are, by kind and severity.

    >>> advisories_text([AdvisoryCount(kind="security", severity="low", count=2)])
    '2 advisories: 2 security (2 low)'
    """
    if not counts:
        return "No advisories."
    kinds: defaultdict[str, list[AdvisoryCount]] = defaultdict(list)
    for each in counts:
        kinds[each.kind].append(each)
    parts = []
    for kind, members in kinds.items():
        ranked = ", ".join(f"{each.count} {each.severity}" for each in members if each.severity)
        parts.append(f"{sum(each.count for each in members)} {kind or 'of no kind'}{f' ({ranked})' if ranked else ''}")
    total = sum(each.count for each in counts)
    return f"{counted(total, 'advisory', 'advisories')}: {', '.join(parts)}"


def made_text(snapshot: SnapshotDocument, console: Console) -> str:
    """Return what was made: what it is called, its content in numbers, and what somebody should look at."""
    packages = sum(each.packages for each in snapshot.repositories)
    size = sum(each.size_bytes for each in snapshot.repositories)
    repositories = counted(len(snapshot.repositories), "repository", "repositories")
    lines = [printable(f"Snapshot {snapshot.name}"), f"  {snapshot.id}"]
    lines += wrapped(f"{counted(packages, 'package')} in {repositories}, {sized(size)}", _INDENT, console)
    lines += wrapped(advisories_text(snapshot.advisories), _INDENT, console)
    if snapshot.metadata_only:
        lines += wrapped("metadata only: the rpms are not in the store, and it cannot be published", _INDENT, console)
    lines += [line for text in snapshot.warnings for line in wrapped(f"warning: {text}", _INDENT, console)]
    return "\n".join(lines)
