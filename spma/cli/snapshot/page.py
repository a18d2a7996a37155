"""The difference of two snapshots as one HTML page."""

from __future__ import annotations

from collections.abc import Iterable

from snapshots.comparison.difference import SnapshotDifference, SnapshotRef
from spma.cli.page.frame import Counter, Head, Side, framed
from spma.cli.snapshot.page_table import tables
from spma.cli.snapshot.summary import changed_count, counts, critical, reboot_names, summary, uncovered_count


def page(difference: SnapshotDifference) -> bytes:
    """Return the page. The same difference gives the same bytes."""
    head = Head(
        window=f"{difference.before.name} to {difference.after.name}: difference of snapshots",
        heading="What changes between two snapshots",
        sides=(_side("Before", difference.before), _side("After", difference.after)),
        sentences=[f"{summary(difference)}."],
        counters=_counters(difference),
    )
    return framed(head, tables(difference), "name, EVR, advisory, CVE")


def _side(label: str, ref: SnapshotRef) -> Side:
    return Side(label=label, name=ref.name, identity=ref.id)


def _counters(difference: SnapshotDifference) -> Iterable[Counter]:
    """Return the numbers at the top."""
    advisories, cves = difference.advisories, difference.cves
    changes = [change for repository in difference.repositories for change in repository.changes]
    uncovered = uncovered_count(difference.without_advisory)
    rebooting = len(reboot_names(difference.reboot.because))
    partial, torn, held = difference.partial_advisories, difference.torn_sources, difference.held
    grave = critical(advisories.gained)
    parts = counts(changes).partition(": ")[2]
    return (
        Counter("advisories", len(advisories.gained), "advisory gained", "advisories gained", "+", grave),
        Counter("advisories", len(advisories.lost), "advisory lost", "advisories lost", "-", is_grave=True),
        Counter("cves", len(cves.gained), "CVE closed", "CVEs closed"),
        Counter("cves", len(cves.lost), "CVE reopened", "CVEs reopened", is_grave=True),
        Counter("packages", changed_count(changes), "package changes", "packages change", note=parts),
        Counter("without-advisory", uncovered, "changes with no advisory", "change with no advisory"),
        Counter("partial", len(partial), "advisory held in part", "advisories held in part", is_grave=True),
        Counter("torn", len(torn), "source is torn", "sources are torn", is_grave=True),
        Counter("reboot", rebooting, "package needs a reboot", "packages need a reboot", is_grave=True),
        Counter("held", len(held), "change waits for boot", "changes wait for boot"),
    )
