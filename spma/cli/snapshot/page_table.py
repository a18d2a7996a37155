"""The tables of the page that shows the difference of two snapshots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from snapshots.comparison.advisory_difference import AdvisorySummary, ChangedAdvisory
from snapshots.comparison.difference import Presence, SnapshotDifference
from snapshots.comparison.package_difference import Direction, PackageChange
from snapshots.content.count import counted
from spma.cli.advisory_text import severity_rank
from spma.cli.console import printable
from spma.cli.snapshot.summary import (
    DIRECTIONS,
    WORDS,
    by_severity,
    by_source,
    date,
    held_reason,
    metadata_words,
    other_builds,
    reboot_reasons,
)

Advisories: TypeAlias = Mapping[str, AdvisorySummary]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as markup; `key` sorts where the text itself does not."""

    html: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `severity` and `kinds` are what it can be filtered by."""

    cells: tuple[Cell, ...]
    severity: str = ""
    kinds: tuple[str, ...] = ()

    def html(self, labels: Sequence[str]) -> str:
        """Return the row as markup; the labels stand before each cell where the page is narrow."""
        severity = f' data-severity="{markup(self.severity)}"' if self.severity else ""
        # A line each: whatever upstream calls a type, what is printable has no line break.
        kinds = "\n".join(map(markup, self.kinds))
        types = f' data-type="{kinds}"' if kinds else ""
        first, *others = self.cells
        cells = "".join(_cell(cell, label) for cell, label in zip(others, labels[1:], strict=True))
        return f'<tr{severity}{types}><th scope="row"{_key(first)}>{first.html}</th>{cells}</tr>\n'


@dataclass(frozen=True, slots=True)
class Table:
    """A section with a table. `columns` has the key of each column, by which a link sorts, and its label."""

    name: str
    title: str
    explanation: str
    columns: Mapping[str, str]
    rows: tuple[Row, ...]

    def html(self) -> str:
        """Return the section as markup."""
        heads = "".join(f'<th scope="col" data-column="{key}">{label}</th>' for key, label in self.columns.items())
        labels = tuple(self.columns.values())
        return (
            f'<section id="{self.name}" aria-labelledby="{self.name}-title">\n'
            f'<h2 id="{self.name}-title">{self.title} <span class="count">{len(self.rows)}</span></h2>\n'
            f"<p>{self.explanation}</p>\n"
            f'<table aria-labelledby="{self.name}-title">\n<thead><tr>{heads}</tr></thead>\n<tbody>\n'
            f"{''.join(row.html(labels) for row in self.rows)}</tbody>\n</table>\n"
            '<p class="nothing" hidden>Nothing here matches the filter.</p>\n</section>\n'
        )


def tables(difference: SnapshotDifference) -> tuple[Table, ...]:
    """Return the tables that have rows; what somebody should look at comes first."""
    listed = difference.advisories
    known = {advisory.advisory_id: advisory for advisory in (*listed.lost, *listed.changed, *listed.gained)}
    found = (
        _partial(difference, known),
        _torn(difference),
        _reboot(difference),
        _advisories(difference),
        _cves(difference),
        _packages(difference, known),
        _without_advisory(difference),
        _held(difference),
        _repositories(difference),
    )
    return tuple(table for table in found if table.rows)


def _packages(difference: SnapshotDifference, known: Advisories) -> Table:
    changes = [(change, each.repo_id) for each in difference.repositories for change in each.changes]
    changes.sort(key=lambda each: (DIRECTIONS.index(each[0].direction), each[0].name, each[0].arch))
    return Table(
        "packages",
        "Packages",
        "The newest build of each name and arch on either side, the one that dnf takes, and the others that come (+)"
        " or go (-).",
        {
            "package": "Package",
            "change": "Change",
            "before": "Before",
            "after": "After",
            "others": "Other builds",
            "repository": "Repository",
            "advisories": "Advisories",
        },
        tuple(_package_row(change, repo_id, known) for change, repo_id in changes),
    )


def _package_row(change: PackageChange, repo_id: str, known: Advisories) -> Row:
    come, gone = other_builds(change)
    others = [*(f"+{evr}" for evr in reversed(come)), *(f"-{evr}" for evr in reversed(gone))]
    others += [f"other rpm: {evr}" for evr in change.rebuilt if change.direction is not Direction.REBUILT]
    about = [known[name] for name in change.advisories if name in known]
    return Row(
        (
            _plain(f"{change.name}.{change.arch}"),
            _chip(WORDS[change.direction], change.direction.value),
            _code("".join(change.before[-1:])),
            _code("".join(change.after[-1:])),
            _listed(others),
            _plain(repo_id),
            _listed(change.advisories),
        ),
        *_facets(about),
    )


def _advisories(difference: SnapshotDifference) -> Table:
    listed = difference.advisories
    rows = [_advisory_row(advisory, "lost") for advisory in _ranked(listed.lost)]
    rows += [_advisory_row(advisory, "gained") for advisory in _ranked(listed.gained)]
    rows += [
        _advisory_row(advisory, f"changed: {', '.join(advisory.parts)}")
        for advisory in _ranked(listed.changed)
        if isinstance(advisory, ChangedAdvisory)
    ]
    columns = ("Advisory", "Change", "Severity", "Type", "Issued", "CVEs", "Title")
    return Table(
        "advisories",
        "Advisories",
        "What comes with the later snapshot, what only the earlier one has, and what is not the same in both.",
        {label.lower(): label for label in columns},
        tuple(rows),
    )


def _advisory_row(advisory: AdvisorySummary, verb: str) -> Row:
    return Row(
        (
            _plain(advisory.advisory_id),
            _chip(verb, verb.partition(":")[0]),
            _severity(advisory.severity),
            _plain(advisory.kind),
            _plain(date(advisory.issued)),
            _counted_list(advisory.cves),
            _plain(advisory.title),
        ),
        *_facets([advisory]),
    )


def _cves(difference: SnapshotDifference) -> Table:
    listed = difference.advisories
    rows = [*_cve_rows("reopened", difference.cves.lost, (*listed.lost, *listed.changed))]
    rows += _cve_rows("closed", difference.cves.gained, (*listed.gained, *listed.changed))
    return Table(
        "cves",
        "CVEs",
        "Closed is what only the later snapshot has an advisory of, reopened what only the earlier one has; one that a"
        " snapshot holds in part does not count.",
        {"cve": "CVE", "change": "Change", "severity": "Severity", "advisories": "Advisories"},
        tuple(rows),
    )


def _cve_rows(verb: str, cves: Sequence[str], advisories: Iterable[AdvisorySummary]) -> Iterator[Row]:
    found: defaultdict[str, list[AdvisorySummary]] = defaultdict(list)
    for advisory in advisories:
        for cve in advisory.cves:
            found[cve].append(advisory)
    for cve in cves:
        severity, kinds = _facets(found[cve])
        names = sorted(advisory.advisory_id for advisory in found[cve])
        yield Row((_plain(cve), _chip(verb, verb), _severity(severity), _listed(names)), severity, kinds)


def _without_advisory(difference: SnapshotDifference) -> Table:
    rows = []
    for source, entries in by_source(difference.without_advisory).items():
        names = sorted({f"{entry.name}.{entry.arch}" for entry in entries})
        repo_ids = sorted({entry.repo_id for entry in entries})
        rows.append(Row((_code(source), _listed(names), _plain(", ".join(repo_ids)))))
    return Table(
        "without-advisory",
        "Changes with no advisory",
        "New builds that no advisory of the later snapshot names, by the build of their source.",
        {"source": "Source", "packages": "Packages", "repository": "Repository"},
        tuple(rows),
    )


def _partial(difference: SnapshotDifference, known: Advisories) -> Table:
    rows = []
    for partial in difference.partial_advisories:
        about = [known[partial.advisory_id]] if partial.advisory_id in known else []
        total = len(partial.held) + len(partial.missing)
        cells = (
            _plain(partial.advisory_id),
            Cell(f"{len(partial.held)} of {total}", f"{len(partial.held)}"),
            _listed(partial.missing),
            _plain(about[0].title if about else ""),
        )
        rows.append(Row(cells, *_facets(about)))
    return Table(
        "partial",
        "Advisories held only in part",
        "The later snapshot has some packages of these, and others only in older builds; it was not so before.",
        {"advisory": "Advisory", "held": "Held", "missing": "Missing", "title": "Title"},
        tuple(rows),
    )


def _torn(difference: SnapshotDifference) -> Table:
    return Table(
        "torn",
        "Torn from their source",
        "Sub-packages that stay behind the newest build of their source; they did not before.",
        {"source": "Source", "newest": "Newest build", "behind": "Behind"},
        tuple(Row((_plain(t.source), _code(t.newest), _listed(t.behind))) for t in difference.torn_sources),
    )


def _reboot(difference: SnapshotDifference) -> Table:
    return Table(
        "reboot",
        "A reboot is needed for",
        "What a running system takes up only when it is booted again.",
        {"build": "Build", "why": "Why"},
        tuple(Row((_code(nevra), _plain(why))) for nevra, why in reboot_reasons(difference.reboot.because).items()),
    )


def _held(difference: SnapshotDifference) -> Table:
    return Table(
        "held",
        "Waits for boot",
        "Changes of packages that a hold leaves for boot, and of what comes from the same source.",
        {"build": "Build", "hold": "Hold"},
        tuple(Row((_code(change.nevra), _plain(held_reason(change)))) for change in difference.held),
    )


def _repositories(difference: SnapshotDifference) -> Table:
    words = {Presence.BOTH: "", Presence.ONLY_BEFORE: "gone", Presence.ONLY_AFTER: "new"}
    return Table(
        "repositories",
        "Repositories",
        "Repositories that come or go, and metadata other than advisories that differs.",
        {"repository": "Repository", "change": "Change", "metadata": "Metadata"},
        tuple(
            Row((_plain(each.repo_id), _plain(words[each.presence]), _plain(", ".join(metadata_words(each.metadata)))))
            for each in difference.repositories
            if each.metadata or words[each.presence]
        ),
    )


def _ranked(advisories: Iterable[AdvisorySummary]) -> Iterator[AdvisorySummary]:
    return (advisory for ranked in by_severity(advisories).values() for advisory in ranked)


def _facets(advisories: Iterable[AdvisorySummary]) -> tuple[str, tuple[str, ...]]:
    """Return the gravest severity of advisories, and their types."""
    found = tuple(advisories)
    severity = min((advisory.severity for advisory in found), key=severity_rank, default="")
    return severity, tuple(sorted({advisory.kind for advisory in found if advisory.kind}))


def markup(text: str) -> str:
    """Return `text` for a page: neither markup nor what reorders or hides text comes through."""
    return escape(printable(text))


def _plain(text: str) -> Cell:
    return Cell(markup(text))


def _code(text: str) -> Cell:
    return Cell(f"<code>{markup(text)}</code>" if text else "")


def _chip(text: str, kind: str) -> Cell:
    return Cell(f'<span class="chip {kind}">{markup(text)}</span>')


def _severity(severity: str) -> Cell:
    rank, word = severity_rank(severity)
    return Cell(f'<span class="chip severity-{rank}">{markup(word)}</span>' if severity else "", f"{rank}")


def _listed(texts: Sequence[str]) -> Cell:
    """Return a list as words that stay whole; empty for none."""
    return Cell(", ".join(f"<code>{markup(text)}</code>" for text in texts))


def _counted_list(texts: Sequence[str]) -> Cell:
    """Return a list that is folded to its length."""
    if not texts:
        return Cell("", "0")
    words = counted(len(texts), "CVE")
    return Cell(f"<details><summary>{words}</summary>{_listed(texts).html}</details>", f"{len(texts)}")


def _cell(cell: Cell, label: str) -> str:
    return f'<td data-label="{label}"{_key(cell)}>{cell.html}</td>' if cell.html else f"<td{_key(cell)}></td>"


def _key(cell: Cell) -> str:
    return f' data-key="{markup(cell.key)}"' if cell.key else ""
