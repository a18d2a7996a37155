"""The order of components, and their cycles, against oracles that are as naive as can be.

Reference: ncm-ncd sorts components topologically by pre and post; what ties nothing is settled by the alphabet.
"""

from __future__ import annotations

from itertools import pairwise, permutations

from hypothesis import given
from hypothesis import strategies as st

from spma.profile.run_order import cycles, run_order

Graph = dict[str, list[str]]

NAMES = [f"c{number}" for number in range(7)]


@st.composite
def graphs(draw: st.DrawFn, *, acyclic: bool) -> Graph:
    names = draw(st.permutations(NAMES[: draw(st.integers(1, 7 if acyclic else 5))]))
    pairs = [(a, b) for i, a in enumerate(names) for j, b in enumerate(names) if i < j or not acyclic]
    edges = draw(st.lists(st.sampled_from(pairs), max_size=14)) if pairs else []
    return {name: [b for a, b in edges if a == name] for name in names}


def order_of_ncm_ncd(after: Graph) -> list[str]:
    """Return what ncm-ncd does, told as it is written there: visit, followers first, and put in front."""
    stack: list[str] = []

    def visit(name: str) -> None:
        if name not in stack:
            for each in sorted(after[name]):
                visit(each)
            stack.insert(0, name)

    for name in sorted(after):
        visit(name)
    return stack


def every_cycle(after: Graph) -> set[tuple[str, ...]]:
    """Return each sequence of names, the first of them first, that closes by a step at a time."""
    return {
        path
        for length in range(1, len(after) + 1)
        for path in permutations(after, length)
        if path[0] == min(path) and all(b in after[a] for a, b in zip(path, (*path[1:], path[0]), strict=True))
    }


@given(graphs(acyclic=True))
def test_every_component_runs_once_and_before_its_followers(after: Graph) -> None:
    order = run_order(after)

    assert sorted(order) == sorted(after)
    assert [(a, b) for a in after for b in after[a] if order.index(a) >= order.index(b)] == []


@given(graphs(acyclic=True))
def test_the_order_is_that_of_ncm_ncd(after: Graph) -> None:
    assert list(run_order(after)) == order_of_ncm_ncd(after)


@given(graphs(acyclic=True))
def test_the_order_does_not_depend_on_how_the_profile_is_written(after: Graph) -> None:
    shuffled = {name: list(reversed(after[name])) * 2 for name in reversed(after)}

    assert run_order(shuffled) == run_order(after)


def test_of_components_that_nothing_ties_the_last_in_the_alphabet_runs_first() -> None:
    assert run_order({name: [] for name in NAMES}) == tuple(reversed(NAMES))


@given(graphs(acyclic=False))
def test_every_elementary_cycle_is_told_once(after: Graph) -> None:
    found = cycles(after, 10_000)

    assert len(found) == len(set(found))
    assert set(found) == every_cycle(after)


@given(graphs(acyclic=False), st.integers(1, 3))
def test_no_more_cycles_are_told_than_were_asked_for(after: Graph, limit: int) -> None:
    found = cycles(after, limit)

    assert len(found) == min(limit, len(every_cycle(after)))
    assert set(found) <= every_cycle(after)


def test_long_chains_and_rings_are_no_matter() -> None:
    names = [f"c{number:06}" for number in range(50_000)]
    chain: Graph = {a: [b] for a, b in pairwise(names)} | {names[-1]: []}

    assert run_order(chain) == tuple(names)
    assert cycles(chain, 10) == ()
    assert cycles(chain | {names[-1]: [names[0]]}, 10) == (tuple(names),)


def test_cycles_without_number_end_at_the_limit() -> None:
    names = [f"c{number:03}" for number in range(200)]

    assert len(cycles(dict.fromkeys(names, names), 100)) == 100
