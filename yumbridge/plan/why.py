"""Reason chains: from a line somebody wrote to a package of the closure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from yumbridge.desired.spec import Spec
from yumbridge.plan.closure import Closure, Edge, EdgeKind
from yumbridge.plan.document import Why

# A hard dependency explains better than a weak one of the same length.
_KIND_ORDER = {EdgeKind.REQUIRES: 0, EdgeKind.RECOMMENDS: 1, EdgeKind.SUPPLEMENTS: 2}


def reason_chains(closure: Closure, specs: Sequence[Spec]) -> tuple[tuple[Why, ...], ...]:
    """Return, per package of the closure, the shortest chain that brings it.

    Among chains of one length, requirements win over weak dependencies, then the order of the names decides: the same
    closure gives the same chains. A package that only comes because another arch of it does says so; one that nothing
    explains has an empty chain.
    """
    chains: dict[int, tuple[Why, ...]] = {}
    for number, numbers in sorted(enumerate(closure.met), key=lambda entry: specs[entry[0]].origin):
        for package in numbers:
            chains.setdefault(package, _written(specs[number], closure.packages[package].name))
    outward = _outward(closure)
    frontier = sorted(chains)
    while frontier:
        _follow(frontier, outward, closure, chains)
        frontier = _follow_names(closure, chains)
    return tuple(chains.get(number, ()) for number in range(len(closure.packages)))


def _follow(
    frontier: Sequence[int], outward: Mapping[int, list[Edge]], closure: Closure, chains: dict[int, tuple[Why, ...]]
) -> None:
    """Add to `chains` everything that can be reached from the frontier by dependencies."""
    while frontier:
        reached: list[int] = []
        for edge in _next_edges(frontier, outward):
            if edge.target not in chains:
                source = str(closure.packages[edge.source].nevra)
                step = Why(kind=edge.kind.value, ref=source, via=edge.capability)
                chains[edge.target] = (*chains[edge.source], step)
                reached.append(edge.target)
        frontier = sorted(reached)


def _follow_names(closure: Closure, chains: dict[int, tuple[Why, ...]]) -> list[int]:
    """Add to `chains` what no dependency brings but another package of its name, and return its numbers.

    The solver installs a secondary arch of a name only beside the best one. Source: libsolv, solver_addinfarchrules().
    """
    explained: dict[str, int] = {}
    for number in sorted(chains):
        explained.setdefault(closure.packages[number].name, number)
    reached: list[int] = []
    for number, package in enumerate(closure.packages):
        other = explained.get(package.name)
        if number not in chains and other is not None:
            step = Why(kind="same-name", ref=str(closure.packages[other].nevra))
            chains[number] = (*chains[other], step)
            reached.append(number)
    return reached


def _written(spec: Spec, name: str) -> tuple[Why, ...]:
    """Return the beginning of a chain: the line that somebody wrote, and the group that it names, if it does."""
    if not spec.name.startswith("@"):
        return (Why(kind="profile", ref=spec.origin, via=name),)
    return (Why(kind="profile", ref=spec.origin, via=spec.name), Why(kind="group", ref=spec.name[1:], via=name))


def _outward(closure: Closure) -> Mapping[int, list[Edge]]:
    outward: defaultdict[int, list[Edge]] = defaultdict(list)
    for edge in closure.edges:
        outward[edge.source].append(edge)
    return outward


def _next_edges(frontier: Sequence[int], outward: Mapping[int, list[Edge]]) -> list[Edge]:
    """Return the edges that leave the frontier: requirements first, then by the numbers of their packages."""
    edges = [edge for number in frontier for edge in outward.get(number, ())]
    return sorted(edges, key=lambda e: (_KIND_ORDER[e.kind], e.source, e.target))
