"""Specs that name aliases, replaced by what these stand for on one host."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from yumbridge.desired.alias import MARK, Alias, AliasHost, referred
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
    members = {alias.name: [each for one in alias.definitions for each in one.members] for alias in aliases}
    left = list(names)
    met, found = set(left), set()
    while left:
        for member in members.get(left.pop(), ()):
            name = referred(member)
            if name is None:
                found.add(member)
            elif name not in met:
                met.add(name)
                left.append(name)
    return frozenset(found)


def member_spec(spec: Spec, alias: Alias, member: str) -> Spec:
    """Return the spec of a member of the alias that `spec` names: it was written where that was."""
    return msgspec.structs.replace(spec, name=member, aliases=(*spec.aliases, alias.name))


def chain_text(spec: Spec) -> str:
    """Return a spec with the aliases that lead to it.

    >>> chain_text(Spec(name="postfix", aliases=("base", "mta"), origin="x"))
    '@base -> @mta -> postfix'
    """
    return " -> ".join([*(f"{MARK}{name}" for name in spec.aliases), str(spec)])
