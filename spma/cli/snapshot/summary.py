"""The difference of two snapshots in one sentence, and the words that its text and its page share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from snapshots.comparison.advisory_difference import AdvisorySummary
from snapshots.comparison.difference import (
    HeldChange,
    HeldReason,
    Presence,
    RebootCause,
    RebootReason,
    RepositoryDifference,
    SnapshotDifference,
    Uncovered,
)
from snapshots.comparison.package_difference import Direction, PackageChange
from snapshots.content.manifest import MetadataKind
from spma.cli.advisory_text import severity_rank
from spma.cli.text import named
from yumbridge.count import counted

SAME: Final = "The snapshots hold the same."
# What somebody should look at comes first.
DIRECTIONS: Final = (
    Direction.REBUILT,
    Direction.DOWN,
    Direction.REMOVED,
    Direction.UP,
    Direction.ADDED,
    Direction.BUILDS_EXCHANGED,
    Direction.BUILDS_DROPPED,
    Direction.BUILDS_ADDED,
)
WORDS: Final = {
    Direction.REBUILT: "rebuilt",
    Direction.DOWN: "down",
    Direction.REMOVED: "gone",
    Direction.UP: "up",
    Direction.ADDED: "new",
    Direction.BUILDS_EXCHANGED: "other older builds",
    Direction.BUILDS_DROPPED: "fewer older builds",
    Direction.BUILDS_ADDED: "more older builds",
}


def summary(difference: SnapshotDifference) -> str:
    """Return a difference in one sentence, without the full stop."""
    if difference.is_empty:
        return SAME.rstrip(".")
    parts = (
        _advisories(difference),
        *_repositories(difference.repositories),
        counts([change for repository in difference.repositories for change in repository.changes]),
        _rebuilt(difference.repositories),
        _uncovered(difference.without_advisory),
        _partial(len(difference.partial_advisories)),
        _torn(difference),
        _reboot(difference),
        _held(len(difference.held)),
    )
    return "; ".join(part for part in parts if part)


def critical(advisories: Iterable[AdvisorySummary]) -> str:
    """Return how many advisories are critical, "2 critical"; empty for none."""
    grave = sum(severity_rank(advisory.severity)[0] == 0 for advisory in advisories)
    return f"{grave} critical" if grave else ""


def changed_count(changes: Iterable[PackageChange]) -> int:
    """Return how many packages change; what several repositories have counts once."""
    return len({(change.name, change.arch) for change in changes})


def uncovered_count(uncovered: Iterable[Uncovered]) -> int:
    """Return how many packages change with no advisory; what several repositories have counts once."""
    return len({(entry.name, entry.arch) for entry in uncovered})


def reboot_names(causes: Iterable[RebootCause]) -> tuple[str, ...]:
    """Return what needs a reboot, first what always does: of an advisory all packages may suggest one."""
    ranked = sorted(causes, key=lambda cause: cause.reason is RebootReason.ADVISORY)
    return tuple(dict.fromkeys(cause.name for cause in ranked))


def counts(changes: Sequence[PackageChange]) -> str:
    """Return how many packages change in which way; what several repositories have counts once.

    "6 packages: 1 down, 3 up, 2 new". Empty without any.
    """
    named: defaultdict[Direction, set[tuple[str, str]]] = defaultdict(set)
    for change in changes:
        named[change.direction].add((change.name, change.arch))
    total = changed_count(changes)
    parts = [f"{len(named[direction])} {WORDS[direction]}" for direction in DIRECTIONS if direction in named]
    return f"{counted(total, 'package')}: {', '.join(parts)}" if parts else ""


def by_severity(advisories: Iterable[AdvisorySummary]) -> dict[str, list[AdvisorySummary]]:
    """Return advisories by severity, the gravest first; of each the latest first."""
    found: defaultdict[str, list[AdvisorySummary]] = defaultdict(list)
    for advisory in sorted(advisories, key=lambda advisory: advisory.issued, reverse=True):
        found[advisory.severity].append(advisory)
    return {severity: found[severity] for severity in sorted(found, key=severity_rank)}


def by_source(uncovered: Iterable[Uncovered]) -> dict[str, list[Uncovered]]:
    """Return new builds by the build of their source, sorted."""
    found: defaultdict[str, list[Uncovered]] = defaultdict(list)
    for entry in uncovered:
        found[entry.source_rpm.removesuffix(".rpm").removesuffix(".src") or f"{entry.name}-{entry.evr}"].append(entry)
    return {source: found[source] for source in sorted(found)}


def newest(change: PackageChange) -> str:
    """Return the newest build of either side, "1.0-1.el9 -> 1.1-1.el9", and one alone where there is no other."""
    sides = dict.fromkeys(side[-1] for side in (change.before, change.after) if side)
    return " -> ".join(sides)


def other_builds(change: PackageChange) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the builds that come and those that go, but for the newest of either side."""
    shown = {*change.before[-1:], *change.after[-1:]}
    come = tuple(evr for evr in change.after if evr not in change.before and evr not in shown)
    return come, tuple(evr for evr in change.before if evr not in change.after and evr not in shown)


def reboot_reasons(causes: Iterable[RebootCause]) -> dict[str, str]:
    """Return why each build calls for a reboot, "named kernel, suggested by RHSA-2026:1"."""
    words = {RebootReason.NAME: "named", RebootReason.ADVISORY: "suggested by"}
    found: defaultdict[str, list[str]] = defaultdict(list)
    # Names first: they sort behind advisories.
    for cause in sorted(causes, key=lambda cause: (cause.nevra, cause.reason is RebootReason.ADVISORY, cause.rule)):
        found[cause.nevra].append(f"{words[cause.reason]} {cause.rule}")
    return {nevra: ", ".join(reasons) for nevra, reasons in found.items()}


def held_reason(change: HeldChange) -> str:
    """Return what holds a package: the pattern, and that it is of its source where its name does not match."""
    return f"source of {change.rule}" if change.reason is HeldReason.SOURCE else change.rule


def metadata_words(kinds: Iterable[MetadataKind]) -> list[str]:
    """Return the kinds of metadata in words."""
    words = {
        MetadataKind.COMPS: "groups (comps)",
        MetadataKind.MODULES: "module streams",
        MetadataKind.UPDATEINFO: "advisories",
    }
    return [words[kind] for kind in kinds]


def date(moment: str) -> str:
    """Return the day of a time of a document.

    >>> date("2026-11-22T08:05:00Z")
    '2026-11-22'
    """
    return moment[:10]


def _advisories(difference: SnapshotDifference) -> str:
    listed, cves = difference.advisories, difference.cves
    words = []
    if listed.gained:
        grave = critical(listed.gained)
        of_them = f" ({grave})" if grave else ""
        words.append(f"+{counted(len(listed.gained), 'advisory', 'advisories')}{of_them}")
    if listed.lost:
        words.append(f"-{counted(len(listed.lost), 'advisory', 'advisories')}")
    if listed.changed:
        words.append(f"{counted(len(listed.changed), 'advisory', 'advisories')} changed")
    if cves.gained:
        words.append(f"{counted(len(cves.gained), 'CVE')} closed")
    if cves.lost:
        words.append(f"{len(cves.lost)} reopened" if cves.gained else f"{counted(len(cves.lost), 'CVE')} reopened")
    return ", ".join(words)


def _repositories(repositories: Sequence[RepositoryDifference]) -> Iterator[str]:
    for presence, words in ((Presence.ONLY_AFTER, "new"), (Presence.ONLY_BEFORE, "gone")):
        found = [repository.repo_id for repository in repositories if repository.presence is presence]
        if found:
            yield f"{words} {'repository' if len(found) == 1 else 'repositories'} {named(found)}"


def _rebuilt(repositories: Sequence[RepositoryDifference]) -> str:
    found = {change.name for repository in repositories for change in repository.changed if change.rebuilt}
    return f"other rpms under the same EVR: {named(sorted(found))}" if found else ""


def _uncovered(uncovered: Iterable[Uncovered]) -> str:
    count = uncovered_count(uncovered)
    return f"{counted(count, 'package')} {'changes' if count == 1 else 'change'} with no advisory" if count else ""


def _partial(count: int) -> str:
    are = "is" if count == 1 else "are"
    return f"{counted(count, 'advisory', 'advisories')} {are} held only in part" if count else ""


def _torn(difference: SnapshotDifference) -> str:
    found = [torn.source for torn in difference.torn_sources]
    return f"{counted(len(found), 'source is', 'sources are')} torn: {named(found)}" if found else ""


def _reboot(difference: SnapshotDifference) -> str:
    names = reboot_names(difference.reboot.because)
    return f"a reboot is needed: {named(names)}" if names else ""


def _held(count: int) -> str:
    return f"{counted(count, 'change waits', 'changes wait')} for boot" if count else ""
