"""The order in which ncm-ncd runs components, and the cycles that leave them without one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

Followers: TypeAlias = Mapping[str, Iterable[str]]
"""Who comes after whom: every name is a key, and only keys are followers."""


def run_order(followers: Followers) -> tuple[str, ...]:
    """Return the names so that each comes before its followers, in the very order of ncm-ncd.

    A walk in depth from each name in turn, alphabetically, puts every name before all that it has put yet, once its
    followers are put. So of names that nothing ties the last in the alphabet comes first. There may be no cycle.
    Source: ncm-ncd, NCD::ComponentProxyList, _topoSort and _sortComponents.

    >>> run_order({"aa": ["bb"], "bb": ["dd", "cc"], "cc": [], "dd": [], "zz": []})
    ('zz', 'aa', 'bb', 'dd', 'cc')
    """
    put: list[str] = []
    seen: set[str] = set()
    for start in sorted(followers):
        if start in seen:
            continue
        seen.add(start)
        # Not recursive: a chain of dependencies may be longer than Python's stack.
        path = [(start, iter(sorted(set(followers[start]))))]
        while path:
            name, rest = path[-1]
            following = next((each for each in rest if each not in seen), None)
            if following is None:
                put.append(name)
                path.pop()
            else:
                seen.add(following)
                path.append((following, iter(sorted(set(followers[following])))))
    return tuple(reversed(put))


def cycles(followers: Followers, limit: int) -> tuple[tuple[str, ...], ...]:
    """Return the elementary cycles, each once and from its first name in the alphabet on, that name not repeated.

    There may be exponentially many: no more than `limit` are returned.
    Source: D. B. Johnson, Finding all the elementary circuits of a directed graph (1975).

    >>> cycles({"aa": ["bb"], "bb": ["aa", "bb"], "cc": ["aa"]}, 10)
    (('aa', 'bb'), ('bb',))
    """
    graph = {name: sorted(set(after)) for name, after in followers.items()}
    found: list[tuple[str, ...]] = []
    # What lies on no cycle with others is done with; the rest is looked at again without its first name.
    waiting = _knots(graph, graph)
    while waiting and len(found) < limit:
        knot = waiting.pop()
        start = min(knot)
        for circuit in _circuits(graph, knot, start):
            found.append(circuit)
            if len(found) == limit:
                break
        waiting += _knots(graph, knot - {start})
    return tuple(sorted(found))


def _circuits(graph: Mapping[str, list[str]], knot: frozenset[str], start: str) -> Iterator[tuple[str, ...]]:
    """Yield the elementary cycles through `start` within a strongly connected set of names."""
    blocked = {start}
    # Who is to be let in again once a name is.
    held: dict[str, set[str]] = {}
    closed: set[str] = set()
    path = [start]
    rests = [iter([each for each in graph[start] if each in knot])]
    while path:
        name = path[-1]
        following = next(rests[-1], None)
        if following == start:
            yield tuple(path)
            closed.update(path)
        elif following is None:
            if name in closed:
                _unblock(name, blocked, held)
            else:
                for each in graph[name]:
                    if each in knot:
                        held.setdefault(each, set()).add(name)
            path.pop()
            rests.pop()
        elif following not in blocked:
            path.append(following)
            rests.append(iter([each for each in graph[following] if each in knot]))
            closed.discard(following)
            blocked.add(following)


def _unblock(name: str, blocked: set[str], held: dict[str, set[str]]) -> None:
    waiting = {name}
    while waiting:
        each = waiting.pop()
        if each in blocked:
            blocked.remove(each)
            waiting |= held.pop(each, set())


def _knots(graph: Mapping[str, list[str]], names: Iterable[str]) -> list[frozenset[str]]:
    """Return the strongly connected sets among `names` that have a cycle. Source: R. Tarjan (1972)."""
    within = set(names)
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[frozenset[str]] = []
    for root in sorted(within):
        path = [] if root in index else [(root, iter(graph[root]))]
        if path:
            index[root] = lowest[root] = len(index)
            stack.append(root)
            on_stack.add(root)
        while path:
            name, rest = path[-1]
            following = next(
                (each for each in rest if each in within and (each not in index or each in on_stack)), None
            )
            if following is None:
                path.pop()
                if path:
                    before = path[-1][0]
                    lowest[before] = min(lowest[before], lowest[name])
                if lowest[name] == index[name]:
                    knot = _popped(stack, name)
                    on_stack -= knot
                    if len(knot) > 1 or name in graph[name]:
                        found.append(knot)
            elif following in index:
                lowest[name] = min(lowest[name], index[following])
            else:
                index[following] = lowest[following] = len(index)
                stack.append(following)
                on_stack.add(following)
                path.append((following, iter(graph[following])))
    return found


def _popped(stack: list[str], name: str) -> frozenset[str]:
    """Take everything from `name` on off the stack, and return it."""
    place = len(stack) - 1
    while stack[place] != name:
        place -= 1
    knot = frozenset(stack[place:])
    del stack[place:]
    return knot
