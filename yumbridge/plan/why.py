"""Reason chains: from a line somebody wrote to a package of the closure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from yumbridge.desired.alias import MARK, referred
from yumbridge.desired.spec import Spec
from yumbridge.plan.closure import Closure, Edge, EdgeKind
from yumbridge.plan.document import Why
from yumbridge.plan.transaction import Chains

# A hard dependency explains better than a weak one of the same length.
_KIND_ORDER = {EdgeKind.REQUIRES: 0, EdgeKind.RECOMMENDS: 1, EdgeKind.SUPPLEMENTS: 2}


def reason_chains(closure: Closure, specs: Sequence[Spec]) -> tuple[tuple[Why, ...], ...]:
    """Return, per package of the closure, the shortest chain that brings it.

    Among chains of one length, what somebody wrote wins over requirements, these over weak dependencies, then the order
    of the names decides: the same closure gives the same chains. A package that only comes because another arch of it
    does says so; one that nothing explains has an empty chain.
    """
    written: defaultdict[int, dict[int, tuple[Why, ...]]] = defaultdict(dict)
    for number, numbers in sorted(enumerate(closure.met), key=lambda entry: specs[entry[0]].origin):
        for package in numbers:
            chain = written_chain(specs[number], closure.packages[package].name)
            written[len(chain)].setdefault(package, chain)
    outward = _outward(closure)
    chains: dict[int, tuple[Why, ...]] = {}
    _follow(written, outward, closure, chains)
    while reached := _beside(closure, chains):
        later: defaultdict[int, dict[int, tuple[Why, ...]]] = defaultdict(dict)
        for package, chain in reached.items():
            later[len(chain)][package] = chain
        _follow(later, outward, closure, chains)
    return tuple(chains.get(number, ()) for number in range(len(closure.packages)))


def chains_by_nevra(closure: Closure, specs: Sequence[Spec]) -> Chains:
    """Return the chain of each package of the closure by its NEVRA."""
    chains = reason_chains(closure, specs)
    return {str(package.nevra): chain for package, chain in zip(closure.packages, chains, strict=True)}


def _follow(
    begun: Mapping[int, Mapping[int, tuple[Why, ...]]],
    outward: Mapping[int, list[Edge]],
    closure: Closure,
    chains: dict[int, tuple[Why, ...]],
) -> None:
    """Add to `chains` what begins one, by the length of that, and everything that dependencies bring from there."""
    length, last = min(begun, default=1), max(begun, default=0)
    frontier: list[int] = []
    while frontier or length <= last:
        for package, chain in begun.get(length, {}).items():
            if package not in chains:
                chains[package] = chain
                frontier.append(package)
        reached: list[int] = []
        for edge in _next_edges(frontier, outward):
            # What begins a chain of the length that this one would have comes first.
            if edge.target not in chains and edge.target not in begun.get(length + 1, {}):
                chains[edge.target] = (*chains[edge.source], step(edge, closure))
                reached.append(edge.target)
        frontier = sorted(reached)
        length += 1


def step(edge: Edge, closure: Closure) -> Why:
    """Return an edge of the closure as a step of a chain."""
    return Why(kind=edge.kind.value, ref=str(closure.packages[edge.source].nevra), via=edge.capability)


def _beside(closure: Closure, chains: Mapping[int, tuple[Why, ...]]) -> dict[int, tuple[Why, ...]]:
    """Return the chains of what no dependency brings but another package of its name.

    The solver installs a secondary arch of a name only beside the best one. Source: libsolv, solver_addinfarchrules().
    """
    explained: dict[str, int] = {}
    for number in sorted(chains):
        explained.setdefault(closure.packages[number].name, number)
    reached: dict[int, tuple[Why, ...]] = {}
    for number, package in enumerate(closure.packages):
        other = explained.get(package.name)
        if number not in chains and other is not None:
            beside = Why(kind="same-name", ref=str(closure.packages[other].nevra))
            reached[number] = (*chains[other], beside)
    return reached


def written_chain(spec: Spec, name: str) -> tuple[Why, ...]:
    """Return the beginning of the chain of the package `name`: the line that somebody wrote, aliases, and the group."""
    named = [f"{MARK}{alias}" for alias in spec.aliases]
    group = referred(spec.name)
    names = [*named, spec.name if group else name]
    steps = [Why(kind="profile", ref=spec.origin, via=names[0])]
    steps += [Why(kind="alias", ref=alias, via=via) for alias, via in zip(spec.aliases, names[1:], strict=True)]
    if group:
        steps.append(Why(kind="group", ref=group, via=name))
    return tuple(steps)


def _outward(closure: Closure) -> Mapping[int, list[Edge]]:
    outward: defaultdict[int, list[Edge]] = defaultdict(list)
    for edge in closure.edges:
        outward[edge.source].append(edge)
    return outward


def _next_edges(frontier: Sequence[int], outward: Mapping[int, list[Edge]]) -> list[Edge]:
    """Return the edges that leave the frontier: requirements first, then by the numbers of their packages."""
    edges = [edge for number in frontier for edge in outward.get(number, ())]
    return sorted(edges, key=lambda e: (_KIND_ORDER[e.kind], e.source, e.target))


def all_chains(number: int, closure: Closure, specs: Sequence[Spec]) -> tuple[tuple[Why, ...], ...]:
    """Return every way in which something brings package `number` of the closure, the shortest chain for each.

    What is written comes first, then the shorter ones. Ways that lead over the package itself are none.
    """
    # Without what it brings itself: the shortest way to another may lead over it, where a longer one does not.
    others = msgspec.structs.replace(closure, edges=tuple(edge for edge in closure.edges if edge.source != number))
    shortest = reason_chains(others, specs)
    name = closure.packages[number].name
    found = {written_chain(specs[spec], name): None for spec, met in enumerate(closure.met) if number in met}
    for edge in others.edges:
        if edge.target == number and shortest[edge.source]:
            found[(*shortest[edge.source], step(edge, closure))] = None
    if not found and shortest[number]:
        found[shortest[number]] = None
    ranks = {kind.value: rank for kind, rank in _KIND_ORDER.items()}
    return tuple(
        sorted(found, key=lambda chain: (len(chain), ranks.get(chain[-1].kind, -1), [each.ref for each in chain]))
    )
