"""What is known of an alias on one host: its definitions, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from yumbridge.desired.alias import MARK, Alias, AliasDefinition, AliasHost, referred
from yumbridge.desired.expansion import expand
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState, is_alias
from yumbridge.plan.choice import Choice, Resolution, shadow_note, undefined_problem
from yumbridge.plan.closure import Closure
from yumbridge.plan.document import Note, Problem
from yumbridge.plan.remarks import closure_notes, closure_problems


class AliasMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that an alias comes to: with `undecided` an alias of whose members one is to be chosen.

    `packages` is None where nothing was solved.
    """

    name: str
    aliases: tuple[str, ...]
    undecided: bool = False
    packages: tuple[str, ...] | None = None


class AliasExplanation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of one alias. `definition` is the number of the one for this host, None when there is no such."""

    name: str
    origin: str
    definitions: tuple[AliasDefinition, ...]
    definition: int | None
    expansion: tuple[AliasMember, ...]
    chosen: tuple[Choice, ...] = ()
    used_by: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()


def probe(alias: Alias) -> Spec:
    """Return a spec that names an alias, written where that is defined."""
    return Spec(name=f"{MARK}{alias.name}", origin=alias.origin)


def undecided_aliases(aliases: Sequence[Alias], host: AliasHost, specs: Sequence[Spec]) -> tuple[AliasExplanation, ...]:
    """Return what is known of each alias without repositories. `specs` are those of the profile, if there is one.

    An alias with `any_of` stands in the expansion itself: its member is not chosen.
    """
    ways = _Ways(aliases, host, {})
    return tuple(_undecided_alias(alias, aliases, specs, ways) for alias in aliases)


def _undecided_alias(alias: Alias, aliases: Sequence[Alias], specs: Sequence[Spec], ways: _Ways) -> AliasExplanation:
    found = expand((probe(alias),), aliases, ways.host, {})
    return AliasExplanation(
        name=alias.name,
        origin=alias.origin,
        definitions=alias.definitions,
        definition=_number(alias, ways.host),
        expansion=(
            *(AliasMember(name=str(spec), aliases=spec.aliases) for spec in found.specs),
            *(AliasMember(name=str(spec), aliases=spec.aliases, undecided=True) for spec in found.undecided),
        ),
        used_by=ways.lines_using(alias.name, specs),
        problems=tuple(undefined_problem(spec, ways.host) for spec in found.undefined),
    )


def decided_alias(
    alias: Alias, state: DesiredState, host: AliasHost, found: Resolution, *, degraded: bool
) -> AliasExplanation:
    """Return what is known of an alias of a state once its specs and the `probe` of the alias are resolved.

    `degraded`: repositories are missing, so that what cannot be found is no problem.
    """
    choices = {choice.alias: choice.member for choice in found.choices if choice.member is not None}
    ways = _Ways(state.aliases, host, choices)
    reached = ways.from_alias(alias.name)
    specs = found.state.specs
    own = [n for n, spec in enumerate(specs) if spec.origin == alias.origin and alias.name in spec.aliases]
    closure = _of_specs(found.closure, frozenset(own))
    shadowing = {shadow_note(name) for name in reached}
    return AliasExplanation(
        name=alias.name,
        origin=alias.origin,
        definitions=alias.definitions,
        definition=_number(alias, host),
        expansion=tuple(
            AliasMember(name=str(specs[n]), aliases=specs[n].aliases, packages=_packages(closure, n)) for n in own
        ),
        chosen=tuple(choice for choice in found.choices if choice.alias in reached),
        used_by=ways.lines_using(alias.name, state.specs),
        problems=(*_own_problems(alias, found, reached), *closure_problems(closure, specs, degraded=degraded)),
        notes=(*(n for n in found.notes if n in shadowing), *closure_notes(closure, specs, degraded=degraded)),
    )


class _Ways:
    """The ways from alias to alias on a host. Where nothing is chosen of one, they lead to each of its members."""

    def __init__(self, aliases: Sequence[Alias], host: AliasHost, choices: Mapping[str, str]) -> None:
        self.host = host
        self._names = {alias.name for alias in aliases}
        self._onward = {alias.name: self._members(alias, choices.get(alias.name)) for alias in aliases}
        self._back: dict[str, list[str]] = {name: [] for name in self._names}
        for name, members in self._onward.items():
            for member in members:
                self._back[member].append(name)

    def from_alias(self, name: str) -> frozenset[str]:
        """Return an alias and all that it leads to."""
        return _reached(name, self._onward)

    def lines_using(self, name: str, specs: Sequence[Spec]) -> tuple[str, ...]:
        """Return the origins of the specs that lead to an alias, sorted."""
        leading = _reached(name, self._back)
        return tuple(sorted({spec.origin for spec in specs if is_alias(spec, leading)}))

    def _members(self, alias: Alias, chosen: str | None) -> list[str]:
        definition = alias.definition_for(self.host)
        if definition is None:
            return []
        members = (chosen,) if definition.any_of and chosen is not None else definition.members
        return [name for member in members if (name := referred(member)) is not None and name in self._names]


def _reached(name: str, ways: Mapping[str, Sequence[str]]) -> frozenset[str]:
    reached = {name}
    left = [name]
    while left:
        new = [each for each in ways[left.pop()] if each not in reached]
        reached.update(new)
        left += new
    return frozenset(reached)


def _number(alias: Alias, host: AliasHost) -> int | None:
    definition = alias.definition_for(host)
    return None if definition is None else alias.definitions.index(definition)


def _own_problems(alias: Alias, found: Resolution, reached: frozenset[str]) -> tuple[Problem, ...]:
    """Return the problems of aliases that are part of this one, each once: that of its own probe, if there is one."""
    by_spec = {
        problem.spec: problem
        for problem in sorted(found.problems, key=lambda problem: problem.origin == alias.origin)
        if referred(problem.spec) in reached
    }
    return tuple(by_spec[name] for name in sorted(by_spec))


def _packages(closure: Closure, number: int) -> tuple[str, ...] | None:
    if closure.problems:
        return None
    return tuple(str(closure.packages[index].nevra) for index in closure.met[number])


def _of_specs(closure: Closure, numbers: frozenset[int]) -> Closure:
    """Return a closure with what is remarkable about those specs alone; why there is no solution is about each."""
    return msgspec.structs.replace(
        closure,
        providers=tuple(number for number in closure.providers if number in numbers),
        unmet=tuple(each for each in closure.unmet if each.spec in numbers),
        passed_over=tuple(each for each in closure.passed_over if each.spec in numbers),
        missing_members=tuple(each for each in closure.missing_members if each.spec in numbers),
    )
