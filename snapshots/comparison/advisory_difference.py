"""What distinguishes the advisories of two snapshots: those gained and lost, their CVEs, those held in part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TypeAlias

import msgspec

from snapshots.choice.capability import evr_key
from snapshots.choice.coverage import is_modular
from snapshots.comparison.package_difference import Identity, package_key
from snapshots.comparison.torn_source import Newest
from snapshots.content.package import StoredPackage
from snapshots.content.provenance import PartialAdvisory
from yumbridge.rpm.advisory import Advisory, AdvisoryPackage

# The advisories of a snapshot by id: several where several repositories have one.
Advisories: TypeAlias = Mapping[str, tuple[Advisory, ...]]
# Ids of advisories by the pkgid of the build that they name.
Coverage: TypeAlias = Mapping[str, set[str]]


class AdvisoryPart(StrEnum):
    """What of an advisory may change."""

    TEXT = "text"
    RATING = "rating"
    DATES = "dates"
    REFERENCES = "references"
    PACKAGES = "packages"


class AdvisorySummary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An advisory in one line. `kind` and `severity` are in lower case, `severity` is empty where upstream has none.

    `cves` is sorted.
    """

    advisory_id: str
    kind: str
    severity: str
    title: str
    issued: str
    cves: tuple[str, ...]


class ChangedAdvisory(AdvisorySummary, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An advisory that both snapshots have, as the later one has it, and what of it changed."""

    parts: tuple[AdvisoryPart, ...]


class AdvisoryDifference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The advisories that come, go and change, each list sorted by id."""

    gained: tuple[AdvisorySummary, ...] = ()
    lost: tuple[AdvisorySummary, ...] = ()
    changed: tuple[ChangedAdvisory, ...] = ()


class CveDifference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The CVEs that only the later snapshot repairs (closed), and only the earlier one (reopened).

    A snapshot repairs what it has an advisory of that it does not hold in part.
    """

    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def by_id(advisories: Iterable[Advisory]) -> dict[str, tuple[Advisory, ...]]:
    """Return the advisories of a snapshot by id; equal copies count once."""
    found: defaultdict[str, list[Advisory]] = defaultdict(list)
    for advisory in advisories:
        if advisory not in found[advisory.advisory_id]:
            found[advisory.advisory_id].append(advisory)
    return {advisory_id: tuple(copies) for advisory_id, copies in found.items()}


def compare_advisories(before: Advisories, after: Advisories) -> AdvisoryDifference:
    """Return which advisories come, go and change."""
    both = sorted(before.keys() & after.keys())
    return AdvisoryDifference(
        gained=tuple(_summary(after[name]) for name in sorted(after.keys() - before.keys())),
        lost=tuple(_summary(before[name]) for name in sorted(before.keys() - after.keys())),
        changed=tuple(_changed(before[name], after[name]) for name in both if _differ(before[name], after[name])),
    )


def compare_cves(before: Advisories, after: Advisories) -> CveDifference:
    """Return which CVEs are closed and reopened, over all advisories that each side holds in full."""
    old, new = _cves(before), _cves(after)
    return CveDifference(gained=tuple(sorted(new - old)), lost=tuple(sorted(old - new)))


def covering(advisories: Advisories, builds: Iterable[StoredPackage]) -> tuple[Coverage, Coverage]:
    """Return the ids of the advisories that name each build exactly; and of those that suggest a reboot."""
    wanted: defaultdict[Identity, list[str]] = defaultdict(list)
    for build in builds:
        wanted[build.name, build.epoch, build.version, build.release, build.arch].append(build.pkgid)
    named: defaultdict[str, set[str]] = defaultdict(set)
    rebooting: defaultdict[str, set[str]] = defaultdict(set)
    for advisory in (advisory for copies in advisories.values() for advisory in copies):
        for entry in advisory.packages:
            for pkgid in wanted.get((entry.name, entry.epoch, entry.version, entry.release, entry.arch), ()):
                named[pkgid].add(advisory.advisory_id)
                if advisory.reboot_suggested or entry.reboot_suggested:
                    rebooting[pkgid].add(advisory.advisory_id)
    return named, rebooting


def held_in_part(own: Advisories, other: Advisories, newest: Newest) -> dict[str, PartialAdvisory]:
    """Return the advisories of `own` of which the snapshot with these newest builds lacks a part.

    An entry is missing when its name and arch is there, but only older. A snapshot lists of an advisory what it holds:
    so the list of the other snapshot counts as well. Entries of module streams are left out: another stream is
    no older build.
    """
    found = {}
    for advisory_id, copies in own.items():
        others = other.get(advisory_id, ())
        entries = [*_entries(copies), *(_entries(others) if others != copies else ())]
        missing = {entry.text for entry in entries if _is_older(entry, newest)}
        if missing:
            held = {entry.text for entry in entries if (entry.name, entry.arch) in newest} - missing
            found[advisory_id] = PartialAdvisory(
                advisory_id=advisory_id, held=tuple(sorted(held)), missing=tuple(sorted(missing))
            )
    return found


def merged(*parts: Iterable[PartialAdvisory]) -> dict[str, PartialAdvisory]:
    """Return what is known from several sides of each advisory that is held in part."""
    found: dict[str, PartialAdvisory] = {}
    for partial in (partial for part in parts for partial in part):
        known = found.get(partial.advisory_id, partial)
        found[partial.advisory_id] = PartialAdvisory(
            advisory_id=partial.advisory_id,
            held=tuple(sorted({*known.held, *partial.held})),
            missing=tuple(sorted({*known.missing, *partial.missing})),
        )
    return found


def _is_older(entry: AdvisoryPackage, newest: Newest) -> bool:
    """Return whether all that is there of the entry's name and arch is older than the entry."""
    package = newest.get((entry.name, entry.arch))
    if package is None or (package.version == entry.version and package.release == entry.release):
        return package is not None and package.epoch < entry.epoch
    build = (entry.epoch, entry.version, entry.release)
    return not is_modular(build) and package_key(package) < evr_key(*build)


def _entries(copies: Iterable[Advisory]) -> Iterator[AdvisoryPackage]:
    for advisory in copies:
        for collection in advisory.collections:
            if collection.module is None:
                yield from collection.packages


def _cves(advisories: Advisories) -> set[str]:
    return {cve for copies in advisories.values() for advisory in copies for cve in advisory.cves}


def _differ(before: tuple[Advisory, ...], after: tuple[Advisory, ...]) -> bool:
    return len(before) != len(after) or any(copy not in after for copy in before)


def _summary(copies: tuple[Advisory, ...]) -> AdvisorySummary:
    first = copies[0]
    severity = first.severity.lower()
    return AdvisorySummary(
        advisory_id=first.advisory_id,
        kind=first.kind.lower(),
        severity="" if severity == "none" else severity,
        title=first.title,
        issued=first.issued,
        cves=tuple(sorted({cve for advisory in copies for cve in advisory.cves})),
    )


def _changed(before: tuple[Advisory, ...], after: tuple[Advisory, ...]) -> ChangedAdvisory:
    old, new = _parts(before), _parts(after)
    parts = tuple(part for part in AdvisoryPart if old[part] != new[part])
    fields = msgspec.structs.asdict(_summary(after))
    return ChangedAdvisory(**fields, parts=parts or (AdvisoryPart.TEXT,))


def _parts(copies: tuple[Advisory, ...]) -> dict[AdvisoryPart, object]:
    """Return what is compared of each part of an advisory: the order of entries says nothing."""
    return {
        AdvisoryPart.TEXT: {_texts(a) for a in copies},
        AdvisoryPart.RATING: {(a.kind, a.severity, a.reboot_suggested) for a in copies},
        AdvisoryPart.DATES: {(a.issued, a.updated) for a in copies},
        AdvisoryPart.REFERENCES: {reference for a in copies for reference in a.references},
        AdvisoryPart.PACKAGES: {(c.module, entry) for a in copies for c in a.collections for entry in c.packages},
    }


def _texts(advisory: Advisory) -> tuple[str, ...]:
    """Return all that is neither rating, date, reference nor package."""
    texts = (advisory.title, advisory.summary, advisory.description, advisory.solution, advisory.rights)
    return (*texts, advisory.status, advisory.version, advisory.sender, advisory.release, advisory.push_count)
