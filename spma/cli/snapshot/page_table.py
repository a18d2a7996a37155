"""The tables of the page that shows the difference of two snapshots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from snapshots.comparison.advisory_difference import AdvisorySummary, ChangedAdvisory
from snapshots.comparison.difference import Presence, SnapshotDifference
from snapshots.comparison.package_difference import Direction, PackageChange
from spma.cli.page.table import Cell, Row, Table, chip, code, counted_list, facets, graded, listed, plain
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


def tables(difference: SnapshotDifference) -> tuple[Table, ...]:
    """Return the tables that have rows; what somebody should look at comes first."""
    advisories = difference.advisories
    known = {advisory.advisory_id: advisory for advisory in (*advisories.lost, *advisories.changed, *advisories.gained)}
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
            plain(f"{change.name}.{change.arch}"),
            chip(WORDS[change.direction], change.direction.value),
            code("".join(change.before[-1:])),
            code("".join(change.after[-1:])),
            listed(others),
            plain(repo_id),
            listed(change.advisories),
        ),
        *facets(about),
    )


def _advisories(difference: SnapshotDifference) -> Table:
    advisories = difference.advisories
    rows = [_advisory_row(advisory, "lost") for advisory in _ranked(advisories.lost)]
    rows += [_advisory_row(advisory, "gained") for advisory in _ranked(advisories.gained)]
    rows += [
        _advisory_row(advisory, f"changed: {', '.join(advisory.parts)}")
        for advisory in _ranked(advisories.changed)
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
            plain(advisory.advisory_id),
            chip(verb, verb.partition(":")[0]),
            graded(advisory.severity),
            plain(advisory.kind),
            plain(date(advisory.issued)),
            counted_list(advisory.cves, "CVE"),
            plain(advisory.title),
        ),
        *facets([advisory]),
    )


def _cves(difference: SnapshotDifference) -> Table:
    advisories = difference.advisories
    rows = [*_cve_rows("reopened", difference.cves.lost, (*advisories.lost, *advisories.changed))]
    rows += _cve_rows("closed", difference.cves.gained, (*advisories.gained, *advisories.changed))
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
        severity, kinds = facets(found[cve])
        names = sorted(advisory.advisory_id for advisory in found[cve])
        yield Row((plain(cve), chip(verb, verb), graded(severity), listed(names)), severity, kinds)


def _without_advisory(difference: SnapshotDifference) -> Table:
    rows = []
    for source, entries in by_source(difference.without_advisory).items():
        names = sorted({f"{entry.name}.{entry.arch}" for entry in entries})
        repo_ids = sorted({entry.repo_id for entry in entries})
        rows.append(Row((code(source), listed(names), plain(", ".join(repo_ids)))))
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
            plain(partial.advisory_id),
            Cell(f"{len(partial.held)} of {total}", f"{len(partial.held)}"),
            listed(partial.missing),
            plain(about[0].title if about else ""),
        )
        rows.append(Row(cells, *facets(about)))
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
        tuple(Row((plain(t.source), code(t.newest), listed(t.behind))) for t in difference.torn_sources),
    )


def _reboot(difference: SnapshotDifference) -> Table:
    return Table(
        "reboot",
        "A reboot is needed for",
        "What a running system takes up only when it is booted again.",
        {"build": "Build", "why": "Why"},
        tuple(Row((code(nevra), plain(why))) for nevra, why in reboot_reasons(difference.reboot.because).items()),
    )


def _held(difference: SnapshotDifference) -> Table:
    return Table(
        "held",
        "Waits for boot",
        "Changes of packages that a hold leaves for boot, and of what comes from the same source.",
        {"build": "Build", "hold": "Hold"},
        tuple(Row((code(change.nevra), plain(held_reason(change)))) for change in difference.held),
    )


def _repositories(difference: SnapshotDifference) -> Table:
    words = {Presence.BOTH: "", Presence.ONLY_BEFORE: "gone", Presence.ONLY_AFTER: "new"}
    return Table(
        "repositories",
        "Repositories",
        "Repositories that come or go, and metadata other than advisories that differs.",
        {"repository": "Repository", "change": "Change", "metadata": "Metadata"},
        tuple(
            Row((plain(each.repo_id), plain(words[each.presence]), plain(", ".join(metadata_words(each.metadata)))))
            for each in difference.repositories
            if each.metadata or words[each.presence]
        ),
    )


def _ranked(advisories: Iterable[AdvisorySummary]) -> Iterator[AdvisorySummary]:
    return (advisory for ranked in by_severity(advisories).values() for advisory in ranked)
