"""The verdict of a recipe on each package that is offered, with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final, TypeAlias

import msgspec

from snapshots.choice.capability import Bound, Comparison, overlap
from snapshots.choice.coverage import Covering
from snapshots.choice.date import last_moment, seconds
from snapshots.choice.pattern import matcher
from snapshots.choice.recipe import AdvisoryRules, Inclusion, Recipe, Severity, WithoutAdvisory
from snapshots.content.package import StoredPackage
from yumbridge.rpm.advisory import Advisory


class Reason(StrEnum):
    """Why a package is kept or dropped. In order of precedence, but for the last two."""

    INCLUDED = "included"
    EXCLUDED = "excluded"
    ADVISORY_EXCLUDED = "advisory-excluded"
    ADVISORY_INCLUDED = "advisory-included"
    BASE = "base"
    HELD = "held"
    TOO_NEW = "too-new"
    ADVISORY = "advisory"
    ADVISORY_NOT_SELECTED = "advisory-not-selected"
    WITHOUT_ADVISORY = "without-advisory"
    OFFERED = "offered"
    NOT_NEWEST = "not-newest"
    CLOSURE = "closure"


_OF_ADVISORIES: Final = frozenset(
    {Reason.ADVISORY, Reason.ADVISORY_EXCLUDED, Reason.ADVISORY_INCLUDED, Reason.ADVISORY_NOT_SELECTED}
)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a package is kept. `rule` is the part of the recipe that says so, empty when none does."""

    reason: Reason
    keeps: bool
    rule: str = ""

    @property
    def key(self) -> str:
        """The rule, but without an advisory: of these there are too many to be told one by one."""
        return self.rule.partition(":")[0] if self.reason in _OF_ADVISORIES else self.rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What the rules look at beside the package itself.

    `base` has the pkgids of the repository in the base. `first_seen` says when each pkgid was first seen (RFC 3339).
    `selected` are the ids of the advisories that the recipe selects.
    """

    base: frozenset[str]
    first_seen: Mapping[str, str]
    covering: Covering
    selected: frozenset[str]


Rule: TypeAlias = Callable[[StoredPackage], Verdict | None]

_OFFERED: Final = Verdict(reason=Reason.OFFERED, keeps=True)
_BASE: Final = Verdict(reason=Reason.BASE, keeps=True, rule="base")


def verdict_of(package: StoredPackage, rules: Iterable[Rule]) -> Verdict:
    """Return what the first rule that has an opinion says of a package; what none speaks of is kept."""
    for rule in rules:
        verdict = rule(package)
        if verdict is not None:
            return verdict
    return _OFFERED


def rules_of(recipe: Recipe, sources: Sources) -> tuple[Rule, ...]:
    """Return the rules of a recipe in their precedence: an explicit allow beats a deny, the base what is offered."""
    made = (
        _included(recipe),
        _excluded(recipe),
        _of_excluded_advisories(recipe, sources),
        _of_included_advisories(recipe, sources),
        _in_base(sources),
        _held(recipe),
        _too_new(recipe, sources),
        _by_advisories(recipe, sources),
    )
    return tuple(rule for rule in made if rule is not None)


def selected_advisories(rules: AdvisoryRules | None, advisories: Iterable[Advisory]) -> frozenset[str]:
    """Return the ids of the advisories that a recipe selects: its dates, types and severities together, or by id.

    Where a recipe names ids and none of these, it means those ids alone.
    """
    if rules is None:
        return frozenset(advisory.advisory_id for advisory in advisories)
    selected = set(rules.include)
    if not rules.picks:
        selected |= {advisory.advisory_id for advisory in advisories if _is_selected(rules, advisory)}
    return frozenset(selected - set(rules.exclude))


def undated_advisories(rules: AdvisoryRules | None, advisories: Iterable[Advisory]) -> frozenset[str]:
    """Return the ids of the advisories that a recipe does not select for the sole reason that they have no date."""
    if rules is None or rules.picks or not rules.until:
        return frozenset()
    named = {*rules.include, *rules.exclude}
    undated = {each.advisory_id for each in advisories if _is_of_kind(rules, each) and not date_of(rules, each)}
    return frozenset(undated - named)


def date_of(rules: AdvisoryRules, advisory: Advisory) -> str:
    """Return the date by which an advisory is judged, empty when it has none; one may stand in for the other."""
    issued, updated = advisory.issued, advisory.updated
    return (updated or issued) if rules.updated else (issued or updated)


def is_within(package: StoredPackage, bounds: tuple[Bound, ...]) -> bool:
    """Tell whether the EVR of a package is within every one of `bounds`."""
    build = Bound(Comparison.EQUAL, package.epoch, package.version, package.release)
    return all(overlap(build, bound) for bound in bounds)


def shown(inclusion: Inclusion) -> str:
    """Return an inclusion as one would say it: "openssl >= 1:3.2.2"."""
    return f"{inclusion.name} {', '.join(map(str, inclusion.evr))}".rstrip()


def too_new(as_of: str, first_seen: Mapping[str, str]) -> Callable[[StoredPackage], bool]:
    """Return what tells whether a package was neither built nor first seen by a date; nothing is without a date."""
    if not as_of:
        return lambda _: False
    end = last_moment(as_of)
    end_s = seconds(end)
    return lambda package: package.built > end_s and not "" < first_seen.get(package.pkgid, "") <= end


def _is_of_kind(rules: AdvisoryRules, advisory: Advisory) -> bool:
    if rules.types and advisory.kind.lower() not in rules.types:
        return False
    return not rules.severity or (advisory.severity.lower() or Severity.NONE) in rules.severity


def _is_selected(rules: AdvisoryRules, advisory: Advisory) -> bool:
    if not _is_of_kind(rules, advisory):
        return False
    # An advisory without a date may be from any time: it is not known to be until then.
    return not rules.until or "" < date_of(rules, advisory) <= last_moment(rules.until)


def _included(recipe: Recipe) -> Rule | None:
    inclusions = recipe.packages.include
    if not inclusions:
        return None
    matches = matcher([inclusion.name for inclusion in inclusions])
    verdicts = [
        Verdict(reason=Reason.INCLUDED, keeps=True, rule=f"packages.include: {shown(inclusion)}")
        for inclusion in inclusions
    ]

    def rule(package: StoredPackage) -> Verdict | None:
        for number in matches(package.name, package.arch):
            if is_within(package, inclusions[number].evr):
                return verdicts[number]
        return None

    return rule


def _excluded(recipe: Recipe) -> Rule | None:
    return _by_pattern(recipe.packages.exclude, Reason.EXCLUDED, "packages.exclude")


def _held(recipe: Recipe) -> Rule | None:
    """Drop the builds of a held name: those of the base are kept before this is asked."""
    return _by_pattern(recipe.packages.hold, Reason.HELD, "packages.hold")


def _by_pattern(patterns: tuple[str, ...], reason: Reason, key: str) -> Rule | None:
    if not patterns:
        return None
    matches = matcher(patterns)
    verdicts = [Verdict(reason=reason, keeps=False, rule=f"{key}: {pattern}") for pattern in patterns]

    def rule(package: StoredPackage) -> Verdict | None:
        found = matches(package.name, package.arch)
        return verdicts[found[0]] if found else None

    return rule


def _of_excluded_advisories(recipe: Recipe, sources: Sources) -> Rule | None:
    excluded = frozenset(recipe.advisories.exclude if recipe.advisories else ())
    if not excluded:
        return None
    verdict = _named(Reason.ADVISORY_EXCLUDED, "advisories.exclude", keeps=False)

    def rule(package: StoredPackage) -> Verdict | None:
        ids = sources.covering.ids(package)
        return verdict(ids[0]) if ids and excluded.issuperset(ids) else None

    return rule


def _of_included_advisories(recipe: Recipe, sources: Sources) -> Rule | None:
    included = frozenset(recipe.advisories.include if recipe.advisories else ())
    if not included:
        return None
    verdict = _named(Reason.ADVISORY_INCLUDED, "advisories.include", keeps=True)

    def rule(package: StoredPackage) -> Verdict | None:
        named = next((found for found in sources.covering.ids(package) if found in included), None)
        return verdict(named) if named else None

    return rule


def _in_base(sources: Sources) -> Rule | None:
    base = sources.base
    if not base:
        return None
    return lambda package: _BASE if package.pkgid in base else None


def _too_new(recipe: Recipe, sources: Sources) -> Rule | None:
    if not recipe.as_of:
        return None
    is_too_new = too_new(recipe.as_of, sources.first_seen)
    verdict = Verdict(reason=Reason.TOO_NEW, keeps=False, rule=f"as_of: {recipe.as_of}")
    return lambda package: verdict if is_too_new(package) else None


def _by_advisories(recipe: Recipe, sources: Sources) -> Rule | None:
    without = recipe.packages.without_advisory
    keeps = without is WithoutAdvisory.KEEP
    if recipe.advisories is None and keeps:
        return None
    selected = _named(Reason.ADVISORY, "advisories", keeps=True)
    others = _named(Reason.ADVISORY_NOT_SELECTED, "advisories", keeps=False)
    uncovered = Verdict(reason=Reason.WITHOUT_ADVISORY, keeps=keeps, rule=f"packages.without_advisory: {without}")

    def rule(package: StoredPackage) -> Verdict | None:
        ids = sources.covering.ids(package)
        if not ids:
            return uncovered
        named = next((found for found in ids if found in sources.selected), None)
        return selected(named) if named else others(ids[0])

    return rule


def _named(reason: Reason, key: str, *, keeps: bool) -> Callable[[str], Verdict]:
    """Return what makes the verdict that an advisory is the reason of: one value for all its packages."""

    @cache
    def verdict(advisory_id: str) -> Verdict:
        return Verdict(reason=reason, keeps=keeps, rule=f"{key}: {advisory_id}")

    return verdict
