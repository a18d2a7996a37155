"""The difference of two snapshots, in the terms of whoever has to decide between them. A value and a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

import msgspec

from snapshots.comparison.advisory_difference import (
    Advisories,
    AdvisoryDifference,
    Coverage,
    CveDifference,
    by_id,
    compare_advisories,
    compare_cves,
    covering,
    held_in_part,
    merged,
)
from snapshots.comparison.package_difference import (
    ARRIVING,
    MOVING,
    Builds,
    BuildsByName,
    Direction,
    PackageChange,
    builds_by_name,
    changed_builds,
    evr_text,
    newest_builds,
    package_change,
)
from snapshots.comparison.torn_source import Newest, TornSource, torn_sources
from snapshots.content.manifest import MetadataKind
from snapshots.content.package import StoredPackage
from snapshots.content.provenance import PartialAdvisory
from yumbridge.plan.reboot import NAMES
from yumbridge.rpm.advisory import Advisory
from yumbridge.rpm.globs import Globs
from yumbridge.rpm.package import source_name

VERSION: Final = "1.0"


class Presence(StrEnum):
    """Which of the two snapshots have a repository."""

    BOTH = "both"
    ONLY_BEFORE = "only-before"
    ONLY_AFTER = "only-after"


class RebootReason(StrEnum):
    """Why a package calls for a reboot: by its name, or because an advisory that it brings suggests one."""

    NAME = "name"
    ADVISORY = "advisory"


class HeldReason(StrEnum):
    """Why a package is under a hold: by its name, or as a sub-package of the source of one that is."""

    NAME = "name"
    SOURCE = "source"


class SnapshotRef(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the two snapshots."""

    name: str
    id: str


class RepositoryDifference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A repository that differs. Each list is sorted by name and arch.

    `metadata`: what else differs, of modules and comps.
    """

    repo_id: str
    presence: Presence
    added: tuple[PackageChange, ...]
    removed: tuple[PackageChange, ...]
    changed: tuple[PackageChange, ...]
    metadata: tuple[MetadataKind, ...]

    @property
    def changes(self) -> tuple[PackageChange, ...]:
        """All changes of packages."""
        return (*self.changed, *self.added, *self.removed)


class Uncovered(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A new build that no advisory of the later snapshot names exactly."""

    name: str
    arch: str
    evr: str
    repo_id: str
    source_rpm: str


class RebootCause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A build that hosts take up only when they are booted again. `rule` is the name's pattern, or the advisory."""

    nevra: str
    name: str
    reason: RebootReason
    rule: str


class RebootForecast(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether hosts that follow the later snapshot would need a reboot, and because of what."""

    needed: bool = False
    because: tuple[RebootCause, ...] = ()


class HeldChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A change that waits for boot. `rule` is the pattern of the hold; `nevra` is the build that waits."""

    nevra: str
    name: str
    reason: HeldReason
    rule: str


class SnapshotDifference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What distinguishes a snapshot from an earlier one.

    `repositories` has those that differ. `without_advisory` has the rpms that no repository had before and that no
    advisory names. `partial_advisories` and `torn_sources` leave out what was so before. Every list is sorted.
    """

    document: Literal["yumbridge-snapshot-diff"] = "yumbridge-snapshot-diff"
    version: str = VERSION
    before: SnapshotRef
    after: SnapshotRef
    repositories: tuple[RepositoryDifference, ...] = ()
    advisories: AdvisoryDifference = AdvisoryDifference()
    cves: CveDifference = CveDifference()
    without_advisory: tuple[Uncovered, ...] = ()
    partial_advisories: tuple[PartialAdvisory, ...] = ()
    torn_sources: tuple[TornSource, ...] = ()
    reboot: RebootForecast = RebootForecast()
    held: tuple[HeldChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when the snapshots hold the same."""
        listed = self.advisories
        return not (self.repositories or listed.gained or listed.lost or listed.changed or self.partial_advisories)


_REBOOTING: Final = Globs(NAMES)


@dataclass(frozen=True, slots=True)
class Content:
    """What a repository holds. `comps` and `modules` are digests of their text, empty without such."""

    packages: tuple[StoredPackage, ...] = ()
    advisories: tuple[Advisory, ...] = ()
    comps: str = ""
    modules: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """A snapshot as it is compared: its repositories by id, and the advisories of which its cut left out a part."""

    name: str
    id: str
    repositories: Mapping[str, Content]
    partial_advisories: tuple[PartialAdvisory, ...] = ()

    @property
    def packages(self) -> Iterator[StoredPackage]:
        """The packages of all its repositories."""
        return (package for content in self.repositories.values() for package in content.packages)

    @property
    def advisories(self) -> Advisories:
        """The advisories of all its repositories."""
        return by_id(advisory for content in self.repositories.values() for advisory in content.advisories)

    def repository(self, repo_id: str) -> Content:
        """Return what one of its repositories holds: nothing, when it has none of that id."""
        return self.repositories.get(repo_id, Content())


@dataclass(frozen=True, slots=True)
class _Compared:
    """What the parts of a difference are taken from: the changes by repository, and which advisories name new builds.

    `rebooting` are those of the latter that suggest a reboot.
    """

    changes: Mapping[str, tuple[Builds, ...]]
    named: Coverage
    rebooting: Coverage

    @property
    def builds(self) -> Iterator[Builds]:
        return (builds for listed in self.changes.values() for builds in listed)

    def naming(self, builds: Builds) -> set[str]:
        return {found for package in builds.gained for found in self.named.get(package.pkgid, ())}


def compare(before: Side, after: Side, held: Sequence[str] = ()) -> SnapshotDifference:
    """Return what distinguishes `after` from `before`. `held` are the globs on names of packages that wait for boot."""
    refs = (SnapshotRef(name=before.name, id=before.id), SnapshotRef(name=after.name, id=after.id))
    if before.id == after.id:
        return SnapshotDifference(before=refs[0], after=refs[1])
    was, now = before.advisories, after.advisories
    builds = (_builds(before), _builds(after))
    old, new = (newest_builds(side.values()) for side in builds)
    compared = _compared(*builds, now)
    partial = merged(after.partial_advisories, held_in_part(now, was, new).values())
    known = merged(before.partial_advisories, held_in_part(was, now, old).values())
    return SnapshotDifference(
        before=refs[0],
        after=refs[1],
        repositories=tuple(_repository_differences(before, after, compared)),
        advisories=compare_advisories(was, now),
        cves=compare_cves(_without(was, known), _without(now, partial)),
        without_advisory=_without_advisory(before, compared),
        partial_advisories=tuple(partial[name] for name in sorted(partial) if _lacks_more(partial[name], known)),
        torn_sources=torn_sources(old, new),
        reboot=_reboot(compared),
        held=_held(compared, held, old, new),
    )


def _builds(side: Side) -> dict[str, BuildsByName]:
    return {repo_id: builds_by_name(content.packages) for repo_id, content in side.repositories.items()}


def _compared(before: Mapping[str, BuildsByName], after: Mapping[str, BuildsByName], by: Advisories) -> _Compared:
    """Return what changes, and which advisories of the later side, `by`, name the new builds."""
    repo_ids = sorted(before.keys() | after.keys())
    changes = {repo_id: changed_builds(before.get(repo_id, {}), after.get(repo_id, {})) for repo_id in repo_ids}
    gained = (package for listed in changes.values() for builds in listed for package in builds.gained)
    return _Compared(changes, *covering(by, gained))


def _repository_differences(before: Side, after: Side, compared: _Compared) -> Iterator[RepositoryDifference]:
    """Yield the repositories that differ, or that only one side has."""
    for repo_id, listed in compared.changes.items():
        changes = [package_change(builds, compared.naming(builds)) for builds in listed]
        presence = _presence(repo_id, before, after)
        metadata = tuple(_metadata(before.repository(repo_id), after.repository(repo_id)))
        if changes or metadata or presence is not Presence.BOTH:
            yield RepositoryDifference(
                repo_id=repo_id,
                presence=presence,
                added=tuple(change for change in changes if change.direction is Direction.ADDED),
                removed=tuple(change for change in changes if change.direction is Direction.REMOVED),
                changed=tuple(change for change in changes if change.before and change.after),
                metadata=metadata,
            )


def _presence(repo_id: str, before: Side, after: Side) -> Presence:
    if repo_id not in before.repositories:
        return Presence.ONLY_AFTER
    return Presence.BOTH if repo_id in after.repositories else Presence.ONLY_BEFORE


def _metadata(before: Content, after: Content) -> Iterator[MetadataKind]:
    """Yield the kinds of metadata that differ, sorted; advisories are compared one by one."""
    if before.comps != after.comps:
        yield MetadataKind.COMPS
    if before.modules != after.modules:
        yield MetadataKind.MODULES


def _without_advisory(before: Side, compared: _Compared) -> tuple[Uncovered, ...]:
    known = {package.pkgid for package in before.packages}
    found = [
        Uncovered(
            name=package.name,
            arch=package.arch,
            evr=evr_text(package),
            repo_id=repo_id,
            source_rpm=package.source_rpm,
        )
        for repo_id, listed in compared.changes.items()
        for builds in listed
        for package in builds.gained
        if package.pkgid not in known and package.pkgid not in compared.named
    ]
    return tuple(sorted(found, key=lambda entry: (entry.name, entry.arch, entry.repo_id)))


def _without(advisories: Advisories, partial: Mapping[str, PartialAdvisory]) -> Advisories:
    return {advisory_id: copies for advisory_id, copies in advisories.items() if advisory_id not in partial}


def _lacks_more(partial: PartialAdvisory, known: Mapping[str, PartialAdvisory]) -> bool:
    other = known.get(partial.advisory_id)
    return other is None or not set(partial.missing) <= set(other.missing)


def _reboot(compared: _Compared) -> RebootForecast:
    causes: dict[tuple[str, RebootReason, str], RebootCause] = {}
    for builds in compared.builds:
        if builds.direction in ARRIVING:
            for reason, rule in _reboot_rules(builds, compared.rebooting):
                nevra = builds.after[-1].text
                causes[nevra, reason, rule] = RebootCause(nevra=nevra, name=builds.name, reason=reason, rule=rule)
    return RebootForecast(needed=bool(causes), because=tuple(causes[key] for key in sorted(causes)))


def _reboot_rules(builds: Builds, rebooting: Coverage) -> Iterator[tuple[RebootReason, str]]:
    """Yield each rule by which a change calls for a reboot; what it crosses on its way up counts."""
    if rule := _REBOOTING.rule(builds.name):
        yield RebootReason.NAME, rule
    for package in builds.gained:
        for advisory_id in rebooting.get(package.pkgid, ()):
            yield RebootReason.ADVISORY, advisory_id


def _held(compared: _Compared, patterns: Sequence[str], *sides: Newest) -> tuple[HeldChange, ...]:
    """Return the changes that wait for boot. A package that comes for the first time does not: it changes none."""
    globs = Globs(sorted(patterns))
    names = {name for side in sides for name, _ in side}
    rules = {name: glob for name in names if (glob := globs.rule(name))}
    sources = {
        source_name(package.source_rpm): rules[package.name]
        for side in sides
        for package in side.values()
        if package.name in rules and package.source_rpm
    }
    found: dict[str, HeldChange] = {}
    for builds in compared.builds:
        if builds.direction not in MOVING:
            continue
        nevra = builds.after[-1].text
        if rule := rules.get(builds.name):
            found[nevra] = HeldChange(nevra=nevra, name=builds.name, reason=HeldReason.NAME, rule=rule)
        elif source := _source_rule(builds, sources):
            found[nevra] = HeldChange(nevra=nevra, name=builds.name, reason=HeldReason.SOURCE, rule=source)
    return tuple(found[nevra] for nevra in sorted(found))


def _source_rule(builds: Builds, sources: Mapping[str, str]) -> str:
    """Return the hold on the source that the builds come from, or came from; empty for none."""
    names = [source_name(package.source_rpm) for package in (builds.after[-1], builds.before[-1])]
    return next((sources[name] for name in names if name in sources), "")
