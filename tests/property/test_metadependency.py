"""What an exported alias requires, on random aliases, judged by what they mean.

Specification: "`all_of` adds each member; `any_of` takes the first member, in the written order, that is available".
"""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from snapshots.choice.requirement import Expression, Operator, Requirement, requirement_of
from yumbridge.desired.alias import Alias, AliasDefinition, AliasHost, When, referred
from yumbridge.desired.metadependency import metadependency
from yumbridge.errors import AliasError
from yumbridge.rpm.evr import EVR

PACKAGES = tuple("pqrstu")
NAMES = tuple("abcdef")
HOST = AliasHost(os_major=9, arch="x86_64", basearch="x86_64")


@st.composite
def definitions(draw: st.DrawFn, number: int) -> AliasDefinition:
    """Draw a definition whose members are packages and later aliases; one of a few is for no host."""
    later = tuple(f"@{name}" for name in NAMES[number + 1 :])
    members = tuple(draw(st.lists(st.sampled_from(PACKAGES + later), min_size=1, max_size=3, unique=True)))
    when = When(os_major=(10,)) if draw(st.integers(0, 4)) == 0 else When()
    if draw(st.booleans()):
        return AliasDefinition(all_of=members, when=when)
    return AliasDefinition(any_of=members, when=when)


worlds = st.tuples(*(definitions(number) for number in range(len(NAMES)))).map(
    lambda made: {name: Alias(name=name, definitions=(each,)) for name, each in zip(NAMES, made, strict=True)}
)


def can_be_had(member: str, aliases: Mapping[str, Alias], available: frozenset[str]) -> bool:
    name = referred(member)
    if name is None:
        return member in available
    definition = aliases[name].definition_for(HOST)
    if definition is None:
        return False
    met = [can_be_had(each, aliases, available) for each in definition.members]
    return any(met) if definition.any_of else all(met)


def is_met(requirement: Requirement, available: frozenset[str]) -> bool:
    if not isinstance(requirement, Expression):
        return requirement.name in available
    met = [is_met(operand, available) for operand in requirement.operands]
    return any(met) if requirement.operator is Operator.OR else all(met)


@given(worlds, st.frozensets(st.sampled_from(PACKAGES)))
def test_the_rpm_can_be_installed_exactly_when_the_alias_can_be_had(
    aliases: dict[str, Alias], available: frozenset[str]
) -> None:
    try:
        package = metadependency(aliases["a"], tuple(aliases.values()), HOST, EVR(0, "1", "1")).package
    except AliasError:
        assert not can_be_had("@a", aliases, frozenset(PACKAGES))
        return

    requirements = [requirement_of(text) if text.startswith("(") else None for text in package.requires]
    met = [
        text in available if requirement is None else is_met(requirement, available)
        for text, requirement in zip(package.requires, requirements, strict=True)
    ]

    assert all(met) == can_be_had("@a", aliases, available)
