"""The selection: what a recipe keeps of the base and of the mirrors, with the reason of every verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Final

from snapshots.choice.capability import evr_key
from snapshots.choice.coverage import Covering, covering_of, is_modular
from snapshots.choice.date import last_moment, seconds
from snapshots.choice.pattern import matcher
from snapshots.choice.recipe import Recipe
from snapshots.choice.verdict import (
    Reason,
    Sources,
    Verdict,
    is_within,
    rules_of,
    selected_advisories,
    shown,
    too_new,
    undated_advisories,
    verdict_of,
)
from snapshots.content.package import StoredPackage
from yumbridge.count import counted
from yumbridge.rpm.advisory import Advisory

_SHOWN: Final = 5
_NOT_NEWEST: Final = Verdict(reason=Reason.NOT_NEWEST, keeps=False, rule="newest_only: true")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What there is of one repository: in its mirror, and in the base.

    Packages are in the order of `StoredPackage.order`. `first_seen` says of each pkgid when it was first in the mirror
    (RFC 3339). `streams` says of the NEVRA of a modular package which stream and context it is of ("nodejs:20:rhel9"):
    a host has the packages of one context.
    """

    repo_id: str
    packages: tuple[StoredPackage, ...] = ()
    advisories: tuple[Advisory, ...] = ()
    first_seen: Mapping[str, str] = field(default_factory=dict)
    base_packages: tuple[StoredPackage, ...] = ()
    base_advisories: tuple[Advisory, ...] = ()
    streams: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositorySelection:
    """What is kept of one repository.

    `packages` is in the order of `StoredPackage.order`, `verdicts` has the verdict of each, in that order; `dropped`
    has the others. `base` are the pkgids of the base. `advisories` are the selected ones as the mirror has them,
    `base_advisories` those of the base that are not excluded, each sorted by id: which of them are frozen, and how much
    of each, depends on what is held in the end. `streams` are those of the offer.
    """

    repo_id: str
    packages: tuple[StoredPackage, ...]
    verdicts: tuple[Verdict, ...]
    dropped: tuple[tuple[StoredPackage, Verdict], ...]
    base: frozenset[str]
    advisories: tuple[Advisory, ...]
    base_advisories: tuple[Advisory, ...]
    streams: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is kept of every repository, sorted by id. `warnings` are lines for a person."""

    repositories: tuple[RepositorySelection, ...]
    warnings: tuple[str, ...]


def select(recipe: Recipe, offers: Sequence[Offer]) -> Selection:
    """Return what `recipe` keeps of what is offered. Closure is not part of it."""
    advisories = [advisory for offer in offers for advisory in (*offer.advisories, *offer.base_advisories)]
    covering = covering_of(advisories)
    selected = selected_advisories(recipe.advisories, advisories)
    repositories = []
    for offer in sorted(offers, key=attrgetter("repo_id")):
        base = frozenset(package.pkgid for package in offer.base_packages)
        sources = Sources(base=base, first_seen=offer.first_seen, covering=covering, selected=selected)
        repositories.append(_selected(recipe, offer, sources))
    return Selection(
        repositories=tuple(repositories),
        warnings=(
            *_idle_rules(recipe, offers, {advisory.advisory_id for advisory in advisories}),
            *_undated(recipe, advisories, selected),
            *_date_warnings(recipe, repositories, offers, covering),
        ),
    )


def _selected(recipe: Recipe, offer: Offer, sources: Sources) -> RepositorySelection:
    rules = rules_of(recipe, sources)
    excluded = frozenset(recipe.advisories.exclude if recipe.advisories else ())
    verdicts = [(package, verdict_of(package, rules)) for package in _all_packages(offer)]
    if recipe.newest_only:
        verdicts = _newest_only(recipe, verdicts, offer.streams)
    kept = [(package, verdict) for package, verdict in verdicts if verdict.keeps]
    return RepositorySelection(
        repo_id=offer.repo_id,
        packages=tuple(package for package, _ in kept),
        verdicts=tuple(verdict for _, verdict in kept),
        dropped=tuple((package, verdict) for package, verdict in verdicts if not verdict.keeps),
        base=sources.base,
        advisories=_by_id(each for each in offer.advisories if each.advisory_id in sources.selected),
        base_advisories=_by_id(each for each in offer.base_advisories if each.advisory_id not in excluded),
        streams=offer.streams,
    )


def _all_packages(offer: Offer) -> tuple[StoredPackage, ...]:
    """Return the packages of the base and of the mirror. What both have is taken as the base has it."""
    if not offer.base_packages:
        return offer.packages
    base = {package.pkgid for package in offer.base_packages}
    added = [package for package in offer.packages if package.pkgid not in base]
    if not added:
        return offer.base_packages
    return tuple(sorted((*offer.base_packages, *added), key=attrgetter("order")))


def _by_id(advisories: Iterable[Advisory]) -> tuple[Advisory, ...]:
    return tuple(sorted(advisories, key=attrgetter("advisory_id")))


def _newest_only(
    recipe: Recipe, verdicts: Sequence[tuple[StoredPackage, Verdict]], streams: Mapping[str, str]
) -> list[tuple[StoredPackage, Verdict]]:
    """Drop what there is a newer build of, by name and arch, and of modular packages by stream and context as well.

    What is included by name and what is held stays, and so do modular packages of streams that nothing tells of: a
    newer build may be of another stream.
    """
    is_held = matcher(recipe.packages.hold)
    groups: defaultdict[tuple[str, str, str], list[StoredPackage]] = defaultdict(list)
    for package, verdict in verdicts:
        if verdict.keeps:
            groups[package.name, package.arch, stream_of(package, streams)].append(package)
    older = {
        package.pkgid
        for (_, _, stream), packages in groups.items()
        if len(packages) > 1 and stream != _UNKNOWN_STREAM
        for package in _older(packages)
    }
    return [
        (package, _NOT_NEWEST)
        if package.pkgid in older and verdict.reason is not Reason.INCLUDED and not is_held(package.name, package.arch)
        else (package, verdict)
        for package, verdict in verdicts
    ]


_UNKNOWN_STREAM: Final = "?"


def stream_of(package: StoredPackage, streams: Mapping[str, str]) -> str:
    """Return the module stream of a package, by the `streams` of its offer: empty when it is of none."""
    if not is_modular((package.epoch, package.version, package.release)):
        return ""
    return streams.get(package.text, _UNKNOWN_STREAM)


def _older(packages: Iterable[StoredPackage]) -> Iterator[StoredPackage]:
    keys = [(evr_key(package.epoch, package.version, package.release), package) for package in packages]
    newest = max(key for key, _ in keys)
    return (package for key, package in keys if key < newest)


def _idle_rules(recipe: Recipe, offers: Sequence[Offer], known: set[str]) -> Iterator[str]:
    """Yield each word of the recipe that means nothing of what is offered: it may be misspelt."""
    excluded = recipe.advisories.exclude if recipe.advisories else ()
    yield from (f"advisories.exclude: no repository has {unwanted}" for unwanted in excluded if unwanted not in known)
    for key, patterns in (("hold", recipe.packages.hold), ("exclude", recipe.packages.exclude)):
        matches = matcher(patterns)
        pairs = {(package.name, package.arch) for package in _each(offers)} if patterns else ()
        used = {number for pair in pairs for number in matches(*pair)}
        yield from (
            f"packages.{key}: no package is called {pattern}"
            for number, pattern in enumerate(patterns)
            if number not in used
        )
    for inclusion in recipe.packages.include:
        matches = matcher([inclusion.name])
        if not any(matches(each.name, each.arch) and is_within(each, inclusion.evr) for each in _each(offers)):
            yield f"packages.include: no package is {shown(inclusion)}"


def _each(offers: Iterable[Offer]) -> Iterator[StoredPackage]:
    for offer in offers:
        yield from offer.packages
        yield from offer.base_packages


def _undated(recipe: Recipe, advisories: Iterable[Advisory], selected: frozenset[str]) -> Iterator[str]:
    undated = undated_advisories(recipe.advisories, advisories) - selected
    if undated:
        count = counted(len(undated), "advisory", "advisories")
        them = _them(undated)
        yield f"advisories.until: no date is known of {count}, and packages of {them} alone stay out: {_some(undated)}"


def _date_warnings(
    recipe: Recipe, selected: Sequence[RepositorySelection], offers: Sequence[Offer], covering: Covering
) -> Iterator[str]:
    """Yield where the dates of the recipe, of advisories and of packages disagree."""
    until = recipe.advisories.until if recipe.advisories else ""
    limit = recipe.as_of or until
    if not limit:
        return
    issued = {
        advisory.advisory_id: advisory.issued
        for offer in offers
        for advisory in (*offer.base_advisories, *offer.advisories)
    }
    pairs = [
        (issued[advisory_id], package.built, advisory_id)
        for repository in selected
        for package in repository.packages
        for advisory_id in covering.ids(package)
        if issued[advisory_id]
    ]
    late = {advisory_id for moment, _, advisory_id in pairs if moment > last_moment(limit)}
    if late:
        yield f"{_were(late)} issued after {limit}, and packages of {_them(late)} are in: {_some(late)}"
    # Of most advisories it is a day that is known, no time.
    rebuilt = {advisory_id for moment, built, advisory_id in pairs if built > _end_of_day_s(moment)}
    if rebuilt:
        yield f"{_were(rebuilt)} issued before packages of {_them(rebuilt)} were built: {_some(rebuilt)}"
    newer = sum(1 for offer in offers for _ in filter(too_new(recipe.as_of, offer.first_seen), offer.base_packages))
    if newer:
        yield f"as_of: {counted(newer, 'package')} of the base came after {recipe.as_of}: the base stays as it is"


@lru_cache(maxsize=4096)
def _end_of_day_s(moment: str) -> int:
    return seconds(last_moment(moment[:10]))


def _were(advisories: set[str]) -> str:
    return counted(len(advisories), "advisory was", "advisories were")


def _them(advisories: AbstractSet[str]) -> str:
    return "it" if len(advisories) == 1 else "them"


def _some(words: AbstractSet[str]) -> str:
    more = ", ..." if len(words) > _SHOWN else ""
    return f"{', '.join(sorted(words)[:_SHOWN])}{more}"
