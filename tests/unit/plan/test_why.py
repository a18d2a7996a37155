"""Reason chains."""

from __future__ import annotations

import random

from tests.support.packages import closure, offered
from yumbridge.desired.spec import Spec
from yumbridge.plan.closure import Closure, Edge, EdgeKind
from yumbridge.plan.why import all_chains, reason_chains

A, B, C, D = (offered(f"{name}-1-1.noarch") for name in "abcd")
SPEC = Spec(name="a", origin="/software/packages/a")


def edge(source: int, target: int, kind: EdgeKind = EdgeKind.REQUIRES) -> Edge:
    return Edge(kind, source, target, f"cap{target}")


def kinds(found: Closure) -> list[list[str]]:
    return [[step.kind for step in chain] for chain in reason_chains(found, [SPEC])]


def test_a_listed_package_is_explained_by_its_line() -> None:
    (chain,) = reason_chains(closure(A, met=((0,),)), [SPEC])
    assert [(step.kind, step.ref, step.via) for step in chain] == [("profile", "/software/packages/a", "a")]


def test_a_chain_names_package_and_capability_of_each_step() -> None:
    found = reason_chains(closure(A, B, C, met=((0,),), edges=(edge(0, 1), edge(1, 2))), [SPEC])[2]
    assert [(step.ref, step.via) for step in found[1:]] == [("a-1-1.noarch", "cap1"), ("b-1-1.noarch", "cap2")]


def test_the_shortest_chain_is_told() -> None:
    edges = (edge(0, 1), edge(1, 2), edge(2, 3), edge(0, 3))
    assert len(reason_chains(closure(A, B, C, D, met=((0,),), edges=edges), [SPEC])[3]) == 2


def test_a_requirement_explains_better_than_a_weak_dependency() -> None:
    edges = (edge(0, 2, EdgeKind.RECOMMENDS), edge(1, 2))
    assert kinds(closure(A, B, C, met=((0, 1),), edges=edges))[2] == ["profile", "requires"]


def test_a_package_that_nothing_brings_has_no_chain() -> None:
    assert kinds(closure(A, B, met=((0,),)))[1] == []


def test_a_circle_of_requirements_ends() -> None:
    assert kinds(closure(A, B, met=((0,),), edges=(edge(0, 1), edge(1, 0)))) == [["profile"], ["profile", "requires"]]


def test_the_order_of_the_edges_does_not_matter() -> None:
    edges = [edge(source, target) for source in range(4) for target in range(4) if source != target]
    first = reason_chains(closure(A, B, C, D, met=((0,),), edges=tuple(edges)), [SPEC])
    random.Random(1).shuffle(edges)  # noqa: S311 - an order, not a secret
    assert reason_chains(closure(A, B, C, D, met=((0,),), edges=tuple(edges)), [SPEC]) == first


def test_a_way_is_told_though_a_shorter_one_to_its_last_package_leads_over_the_package_itself() -> None:
    """b is brought by a, and by d; the shortest way to d leads over b, another over c does not."""
    edges = (edge(0, 1), edge(1, 3), edge(0, 2), edge(2, 3), edge(3, 1))

    found = all_chains(1, closure(A, B, C, D, met=((0,),), edges=edges), [SPEC])

    assert [[step.ref for step in chain[1:]] for chain in found] == [
        ["a-1-1.noarch"],
        ["a-1-1.noarch", "c-1-1.noarch", "d-1-1.noarch"],
    ]
