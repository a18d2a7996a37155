"""Laws of selection: what a recipe keeps of what is offered."""

from __future__ import annotations

import datetime as dt

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from snapshots.choice.capability import Bound, Comparison, overlap
from snapshots.choice.pattern import matcher
from snapshots.choice.recipe import (
    AdvisoryRules,
    AdvisoryType,
    Inclusion,
    PackageRules,
    Recipe,
    Severity,
    WithoutAdvisory,
    recipe_of,
    tree,
)
from snapshots.choice.selection import Offer, select
from snapshots.content.package import StoredPackage
from tests.support.offers import advisory, in_order, stored

NAMES = st.sampled_from(["a", "ab", "b", "kernel", "kernel-core"])
PATTERNS = st.sampled_from(["a", "a*", "*b", "kernel*", "*", "?", "a.noarch", "*.x86_64", "none"])
VERSIONS = st.sampled_from(["1", "1.0", "1~rc", "2", "10"])
NEVRAS = st.builds("{}-{}-{}.{}".format, NAMES, VERSIONS, st.sampled_from("12"), st.sampled_from(["noarch", "x86_64"]))
DAYS = st.dates(min_value=dt.date(2026, 1, 1), max_value=dt.date(2026, 1, 9)).map(str)
PACKAGES = st.lists(st.builds(stored, NEVRAS, DAYS), max_size=12, unique_by=lambda package: package.pkgid).map(in_order)
IDS = st.sampled_from("PQRST")
ADVISORIES = st.lists(
    st.builds(
        lambda name, nevras, kind, day: advisory(name, *nevras, kind=kind, issued=day),
        IDS,
        st.lists(NEVRAS, max_size=4),
        st.sampled_from(AdvisoryType),
        DAYS,
    ),
    max_size=4,
    unique_by=lambda found: found.advisory_id,
).map(lambda found: tuple(sorted(found, key=lambda each: each.advisory_id)))
BOUNDS = st.builds(Bound, st.sampled_from(Comparison), st.sampled_from([0, 1]), VERSIONS, st.sampled_from(["", "1"]))
TUPLE_OF_IDS = st.sets(IDS, max_size=2).map(lambda found: tuple(sorted(found)))
ADVISORY_RULES = st.builds(
    AdvisoryRules,
    until=st.just("") | DAYS,
    updated=st.booleans(),
    types=st.sets(st.sampled_from(AdvisoryType), max_size=2).map(tuple),
    severity=st.sets(st.sampled_from(Severity), max_size=2).map(tuple),
    include=TUPLE_OF_IDS,
    exclude=TUPLE_OF_IDS,
).map(lambda rules: msgspec.structs.replace(rules, exclude=tuple(sorted({*rules.exclude} - {*rules.include}))))
PACKAGE_RULES = st.builds(
    PackageRules,
    hold=st.sets(PATTERNS, max_size=1).map(tuple),
    exclude=st.sets(PATTERNS, max_size=1).map(tuple),
    include=st.sets(st.builds(Inclusion, name=PATTERNS, evr=st.lists(BOUNDS, max_size=2).map(tuple)), max_size=2).map(
        tuple
    ),
    without_advisory=st.sampled_from(WithoutAdvisory),
)
RECIPES = st.builds(
    Recipe,
    base=st.just("base"),
    as_of=st.just("") | DAYS,
    advisories=st.none() | ADVISORY_RULES,
    packages=PACKAGE_RULES,
    newest_only=st.booleans(),
)
OFFERS = st.builds(
    Offer,
    repo_id=st.just("r"),
    packages=PACKAGES,
    advisories=ADVISORIES,
    base_packages=PACKAGES,
    base_advisories=ADVISORIES,
)


def kept(recipe: Recipe, offer: Offer) -> set[str]:
    return {package.text for package in select(recipe, [offer]).repositories[0].packages}


def everything(offer: Offer) -> tuple[StoredPackage, ...]:
    return (*offer.packages, *offer.base_packages)


def is_called(package: StoredPackage, patterns: tuple[str, ...]) -> bool:
    return bool(matcher(patterns)(package.name, package.arch))


def is_included(package: StoredPackage, recipe: Recipe) -> bool:
    build = Bound(Comparison.EQUAL, package.epoch, package.version, package.release)
    return any(
        is_called(package, (inclusion.name,)) and all(overlap(build, bound) for bound in inclusion.evr)
        for inclusion in recipe.packages.include
    )


@given(RECIPES)
def test_a_recipe_survives_being_written(recipe: Recipe) -> None:
    """The recipe is kept in the snapshot: read again it is the same recipe."""
    assert recipe_of(tree(recipe), "snapshot.json") == recipe


@given(RECIPES, OFFERS)
def test_every_package_has_one_verdict(recipe: Recipe, offer: Offer) -> None:
    """Every verdict carries its reason as data."""
    (part,) = select(recipe, [offer]).repositories
    assert all(verdict.keeps for verdict in part.verdicts)
    assert not any(verdict.keeps for _, verdict in part.dropped)
    found = [*part.packages, *(package for package, _ in part.dropped)]
    assert sorted(package.pkgid for package in found) == sorted({package.pkgid for package in everything(offer)})
    assert part.packages == in_order(part.packages)
    assert len(part.packages) == len(part.verdicts)


@given(RECIPES, OFFERS)
def test_an_include_beats_an_exclude(recipe: Recipe, offer: Offer) -> None:
    """Include over exclude: an explicit allow beats a deny."""
    wanted = {package.text for package in everything(offer) if is_included(package, recipe)}
    assert wanted <= kept(recipe, offer)


@given(RECIPES, OFFERS)
def test_nothing_excluded_is_kept_but_what_is_included(recipe: Recipe, offer: Offer) -> None:
    """Include over exclude: an explicit allow beats a deny."""
    found = kept(recipe, offer)
    for package in everything(offer):
        if is_called(package, recipe.packages.exclude) and not is_included(package, recipe):
            assert package.text not in found


@given(RECIPES, OFFERS)
def test_a_held_name_stays_at_the_base(recipe: Recipe, offer: Offer) -> None:
    """packages.hold: stay at the base's EVR."""
    base = {package.pkgid for package in offer.base_packages}
    asked = set(recipe.advisories.include if recipe.advisories else ())
    allowed = {
        entry.text
        for found in (*offer.advisories, *offer.base_advisories)
        if found.advisory_id in asked
        for entry in found.packages
    }
    kept_texts = kept(recipe, offer)
    for package in everything(offer):
        if is_called(package, recipe.packages.hold) and package.pkgid not in base:
            assert package.text not in kept_texts or is_included(package, recipe) or package.text in allowed


@given(OFFERS, DAYS, ADVISORY_RULES, st.sampled_from(WithoutAdvisory))
def test_the_base_is_kept(offer: Offer, day: str, rules: AdvisoryRules, without: WithoutAdvisory) -> None:
    """base: a snapshot or ref to start from. Only what is excluded leaves it."""
    recipe = Recipe(
        base="base",
        as_of=day,
        advisories=msgspec.structs.replace(rules, exclude=()),
        packages=PackageRules(without_advisory=without, hold=("*",)),
    )
    assert {package.text for package in offer.base_packages} <= kept(recipe, offer)


@given(RECIPES.map(lambda recipe: msgspec.structs.replace(recipe, newest_only=False)), OFFERS, DAYS, DAYS)
def test_a_later_date_never_selects_less(recipe: Recipe, offer: Offer, one: str, other: str) -> None:
    """as_of: packages first seen here or built by then: either suffices."""
    earlier, later = sorted([one, other])
    assert kept(msgspec.structs.replace(recipe, as_of=earlier), offer) <= kept(
        msgspec.structs.replace(recipe, as_of=later), offer
    )


@given(RECIPES, OFFERS)
def test_what_only_an_excluded_advisory_covers_is_dropped(recipe: Recipe, offer: Offer) -> None:
    """advisories.exclude: packages that no other advisory brings go, and so does the advisory."""
    excluded = set(recipe.advisories.exclude if recipe.advisories else ())
    (part,) = select(recipe, [offer]).repositories
    assert excluded.isdisjoint(found.advisory_id for found in (*part.advisories, *part.base_advisories))
    covering: dict[str, set[str]] = {}
    for found in (*offer.advisories, *offer.base_advisories):
        for entry in found.packages:
            covering.setdefault(entry.text, set()).add(found.advisory_id)
    for package in part.packages:
        ids = covering.get(package.text)
        assert not ids or not ids <= excluded or is_included(package, recipe)


@given(RECIPES, OFFERS)
def test_newest_only_drops_older_builds_alone(recipe: Recipe, offer: Offer) -> None:
    """newest_only: of each name and arch the newest stays."""
    all_builds = {p.text: p for p in everything(offer)}
    whole = kept(msgspec.structs.replace(recipe, newest_only=False), offer)
    newest = kept(msgspec.structs.replace(recipe, newest_only=True), offer)
    assert newest <= whole
    for text in whole - newest:
        package = all_builds[text]
        assert any(
            (all_builds[left].name, all_builds[left].arch) == (package.name, package.arch)
            and package.evr < all_builds[left].evr
            for left in newest
        )
