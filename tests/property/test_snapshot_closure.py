"""Laws of closure: what is added to a selection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from snapshots.choice.capability import Bound, Capability, Comparison, overlap
from snapshots.choice.closure import Closed, closed
from snapshots.choice.provider import Dependencies
from snapshots.choice.recipe import recipe_of
from snapshots.choice.requirement import Expression, Operator, Requirement
from snapshots.choice.selection import Offer, Selection, select
from tests.support.offers import in_order, stored

NAMES = "abcdef"
BOUNDS = st.none() | st.builds(
    Bound, st.sampled_from(Comparison), st.just(0), st.sampled_from("123"), st.sampled_from(["", "1"])
)
CAPABILITIES = st.builds(Capability, st.sampled_from([*NAMES, "virtual"]), BOUNDS)
PROVIDED = st.builds(
    Capability, st.just("virtual"), st.builds(Bound, st.just(Comparison.EQUAL), st.just(0), st.sampled_from("123"))
)
EXPRESSIONS = st.builds(Expression, st.sampled_from(Operator), st.tuples(CAPABILITIES, CAPABILITIES))
DEPENDENCIES = st.builds(
    Dependencies,
    st.lists(PROVIDED, max_size=1).map(tuple),
    st.lists(CAPABILITIES | EXPRESSIONS, max_size=3).map(tuple),
)
NEVRAS = st.builds(
    "{}-{}-1.{}".format, st.sampled_from(NAMES), st.sampled_from("123"), st.sampled_from(["noarch", "i686", "x86_64"])
)
WORLDS = st.dictionaries(NEVRAS, st.tuples(DEPENDENCIES, st.booleans()), min_size=1, max_size=10)
RECIPE = recipe_of({"as_of": "2026-01-31", "packages": {"exclude": ["f"]}}, "recipe")


def binary(nevra: str, found: Dependencies) -> Dependencies:
    """Return the dependencies of a package with its name among what it provides, as rpm writes it."""
    package = stored(nevra)
    own = Capability(package.name, Bound(Comparison.EQUAL, 0, package.version, package.release))
    return Dependencies((own, *found.provides), found.requires)


def selection_of(world: dict[str, tuple[Dependencies, bool]]) -> tuple[Selection, dict[str, Dependencies]]:
    packages = [stored(nevra, "2026-06-01" if is_late else "2026-01-01") for nevra, (_, is_late) in world.items()]
    dependencies = {stored(nevra).pkgid: binary(nevra, found) for nevra, (found, _) in world.items()}
    return select(RECIPE, [Offer(repo_id="r", packages=in_order(packages))]), dependencies


def close(world: dict[str, tuple[Dependencies, bool]]) -> tuple[Closed, dict[str, Dependencies]]:
    selection, dependencies = selection_of(world)
    return closed(selection, dependencies, {}), dependencies


def provides(nevra: str, capability: Capability, dependencies: dict[str, Dependencies]) -> bool:
    offered = dependencies[stored(nevra).pkgid].provides
    return any(each.name == capability.name and overlap(each.bound, capability.bound) for each in offered)


def kept(selection: Selection) -> set[str]:
    return {package.text for package in selection.repositories[0].packages}


def is_met(requirement: Requirement, held: set[str], dependencies: dict[str, Dependencies]) -> bool:
    """Judge a requirement by the words of rpm's documentation."""
    if isinstance(requirement, Capability):
        return any(provides(nevra, requirement, dependencies) for nevra in held)
    first, second = requirement.operands
    assert isinstance(first, Capability)
    assert isinstance(second, Capability)
    left = {nevra for nevra in held if provides(nevra, first, dependencies)}
    right = {nevra for nevra in held if provides(nevra, second, dependencies)}
    match requirement.operator:
        case Operator.AND:
            return bool(left and right)
        case Operator.OR:
            return bool(left or right)
        case Operator.IF:
            return bool(left or not right)
        case Operator.UNLESS:
            return bool(left or right)
        case Operator.WITH:
            return bool(left & right)
        case Operator.WITHOUT:
            return bool(left - right)


@given(WORLDS)
def test_what_can_be_met_is_met(world: dict[str, tuple[Dependencies, bool]]) -> None:
    """closure: add what the selected packages need."""
    found, dependencies = close(world)
    held = kept(found.selection)
    addable = {nevra for nevra in world if not nevra.startswith("f-")}
    for nevra in held:
        for requirement in dependencies[stored(nevra).pkgid].requires:
            if not is_met(requirement, held, dependencies):
                assert found.warnings
                # Nothing that may be added helps; but a condition is never brought about to be rid of a need.
                is_conditional = isinstance(requirement, Expression) and requirement.operator is Operator.UNLESS
                assert is_conditional or not is_met(requirement, held | addable, dependencies)
            if isinstance(requirement, Expression) and requirement.operator is Operator.UNLESS:
                # A host need not have what the condition speaks of.
                first = requirement.operands[0]
                assert is_met(first, held, dependencies) or not is_met(first, held | addable, dependencies)


@given(WORLDS)
def test_nothing_is_added_without_need_or_against_the_recipe(world: dict[str, tuple[Dependencies, bool]]) -> None:
    """closure: the oldest that satisfies; say what was added and why."""
    before, dependencies = selection_of(world)
    found = closed(before, dependencies, {})
    held = kept(found.selection)
    assert held == kept(before) | {addition.nevra for addition in found.added}
    for addition in found.added:
        assert world[addition.nevra][1]
        assert not addition.nevra.startswith("f-")
        assert addition.needed_by in held
        asked = {str(part) for each in dependencies[stored(addition.needed_by).pkgid].requires for part in parts(each)}
        assert addition.capability in asked


def parts(requirement: Requirement) -> tuple[Requirement, ...]:
    return (requirement, *(requirement.operands if isinstance(requirement, Expression) else ()))


@given(WORLDS)
def test_closing_again_adds_nothing(world: dict[str, tuple[Dependencies, bool]]) -> None:
    """What was added was all that could be added."""
    found, dependencies = close(world)
    again = closed(found.selection, dependencies, {})
    assert again.added == ()
    assert again.selection == found.selection


def arches_for(nevra: str, world: Iterable[str]) -> set[str]:
    """Return the arches of packages that suit hosts which a package is for."""
    arch = stored(nevra).arch
    counts = Counter(stored(each).arch for each in world)
    del counts["noarch"]
    if arch == "noarch" and counts:
        arch = "x86_64" if counts["x86_64"] >= counts["i686"] else "i686"
    return {arch, "noarch"}


@given(WORLDS)
def test_each_arch_has_what_it_needs(world: dict[str, tuple[Dependencies, bool]]) -> None:
    """closure: a provider that suits the arch of who needs it is held when one is offered."""
    found, dependencies = close(world)
    held = kept(found.selection)
    for nevra in held:
        arches = arches_for(nevra, world)
        for requirement in dependencies[stored(nevra).pkgid].requires:
            if isinstance(requirement, Capability):
                suitable = {
                    each for each in world if stored(each).arch in arches and provides(each, requirement, dependencies)
                }
                assert suitable & held or all(each.startswith("f-") for each in suitable)
