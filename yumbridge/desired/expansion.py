"""Specs that name aliases, replaced by what these stand for on one host."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import msgspec

from yumbridge.desired.alias import MARK, Alias, AliasDefinition, AliasHost, referred, within
from yumbridge.desired.spec import Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """What specs come to. `specs` names no alias; those of one origin stand together, the shortest chains first.

    `undecided` are specs of aliases with `any_of` whose member is not chosen yet, one for each such alias, in the order
    in which they are met. `undefined` are the specs of aliases that have no definition for the host.
    """

    specs: tuple[Spec, ...]
    undecided: tuple[Spec, ...]
    undefined: tuple[Spec, ...]


def expand(specs: Sequence[Spec], aliases: Sequence[Alias], host: AliasHost, choices: Mapping[str, str]) -> Expansion:
    """Return what specs come to on a host. `choices` has the member that was chosen, by the name of the alias."""
    by_name = {alias.name: alias for alias in aliases}
    found: list[Spec] = []
    undecided: dict[str, Spec] = {}
    undefined: list[Spec] = []
    for written in specs:
        left = deque([written])
        # Each name once: two ways to one member are one wish, and as many ways as somebody makes would be too many.
        met = {written.name}
        while left:
            spec = left.popleft()
            alias = None if spec.is_group else by_name.get(referred(spec.name) or "")
            if alias is None:
                found.append(spec)
                continue
            definition = alias.definition_for(host)
            if definition is None:
                undefined.append(spec)
                continue
            if definition.any_of and alias.name not in choices:
                undecided.setdefault(alias.name, spec)
                continue
            members = (choices[alias.name],) if definition.any_of else definition.all_of
            left += (member_spec(spec, alias, member) for member in members if member not in met)
            met.update(members)
    return Expansion(specs=tuple(found), undecided=tuple(undecided.values()), undefined=tuple(undefined))


def names_within(names: Iterable[str], aliases: Sequence[Alias]) -> frozenset[str]:
    """Return the names of all packages, and globs, that aliases may come to on any host."""
    definitions = chain.from_iterable(alias.definitions for alias in within(names, aliases))
    return frozenset(member for each in definitions for member in each.members if referred(member) is None)


def barred_members(aliases: Sequence[Alias], host: AliasHost, unmet: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Return why members cannot be had on a host, by alias and member, `unmet` being why other names cannot.

    An alias cannot be had without a definition for the host, nor when all members of its `any_of` cannot, or one of its
    `all_of`.
    """
    definitions = {alias.name: alias.definition_for(host) for alias in aliases}
    users: defaultdict[str, list[str]] = defaultdict(list)
    barred: dict[tuple[str, str], str] = {}
    for name, definition in definitions.items():
        for member in definition.members if definition else ():
            users[member].append(name)
            if member in unmet and referred(member) not in definitions:
                barred[name, member] = unmet[member]
    left = deque(definitions)
    lost: set[str] = set()
    while left:
        name = left.popleft()
        definition = definitions[name]
        if name in lost or not _is_lost(name, definition, barred):
            continue
        lost.add(name)
        why = "cannot be had" if definition else "has no definition for this host"
        for user in users[f"{MARK}{name}"]:
            barred[user, f"{MARK}{name}"] = f"{MARK}{name} {why}"
            left.append(user)
    return barred


def _is_lost(name: str, definition: AliasDefinition | None, barred: Mapping[tuple[str, str], str]) -> bool:
    if definition is None:
        return True
    if definition.any_of:
        return all((name, member) in barred for member in definition.any_of)
    return any((name, member) in barred for member in definition.all_of)


def member_spec(spec: Spec, alias: Alias, member: str) -> Spec:
    """Return the spec of a member of the alias that `spec` names: it was written where that was."""
    return msgspec.structs.replace(spec, name=member, aliases=(*spec.aliases, alias.name))


def chain_text(spec: Spec) -> str:
    """Return a spec with the aliases that lead to it.

    >>> chain_text(Spec(name="postfix", aliases=("base", "mta"), origin="x"))
    '@base -> @mta -> postfix'
    """
    return " -> ".join([*(f"{MARK}{name}" for name in spec.aliases), str(spec)])
