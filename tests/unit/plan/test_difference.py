"""What distinguishes two closures."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from tests.support.packages import closure, offered
from yumbridge.desired.hold import Hold, HoldExceptions
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState
from yumbridge.plan.choice import Choice, PassedMember, Resolution, Solved
from yumbridge.plan.closure import Edge, EdgeKind, ProblemKind, Unsolvable
from yumbridge.plan.difference import ClosureDifference, compare
from yumbridge.plan.document import Problem
from yumbridge.rpm.package import Package

IMPOSSIBLE = Problem(kind=ProblemKind.NOT_FOUND, spec="x", text="no x")


def of_source(nevra: str, source_rpm: str) -> Package:
    return msgspec.structs.replace(offered(nevra), source_rpm=source_rpm)


def solved(*nevras: str | Package, edges: tuple[Edge, ...] = ()) -> Solved:
    """Return a closure of packages, the first of which the only spec asks for."""
    packages = [nevra if isinstance(nevra, Package) else offered(nevra) for nevra in nevras]
    spec = Spec(name=packages[0].name, origin="/software/packages/x")
    resolution = Resolution(
        state=DesiredState(specs=(spec,), repositories=()),
        closure=closure(*packages, met=((0,),), edges=edges),
    )
    return Solved(resolution=resolution, problems=())


def moves(difference: ClosureDifference) -> list[str]:
    changes = (*difference.removed, *difference.changed, *difference.added)
    return [" ".join((each.action, each.name, *each.before, *each.after)) for each in changes]


def waiting(difference: ClosureDifference) -> list[tuple[str, tuple[str, ...]]]:
    return [(held.name, held.chain) for held in difference.held]


def test_a_closure_does_not_differ_from_itself() -> None:
    both = solved("a-1-1.noarch", "b-1-1.x86_64")
    assert compare(both, both, ()).is_empty


def test_each_change_is_called_by_what_hosts_do() -> None:
    before = solved("down-2-1.noarch", "gone-1-1.noarch", "up-1-1.noarch")
    after = solved("down-1-1.noarch", "new-1-1.noarch", "up-1:0-1.noarch")
    assert moves(compare(before, after, ())) == [
        "remove gone 1-1",
        "downgrade down 2-1 1-1",
        "upgrade up 1-1 1:0-1",
        "install new 1-1",
    ]


def test_a_build_of_another_arch_takes_the_place_of_one_only_where_that_goes() -> None:
    before = solved("a-1-1.noarch")
    assert moves(compare(before, solved("a-1-1.x86_64"), ())) == ["upgrade a 1-1 1-1"]
    assert moves(compare(before, solved("a-1-1.noarch", "a-1-1.x86_64"), ())) == ["install a 1-1"]


def test_what_goes_is_explained_by_what_had_brought_it() -> None:
    edges = (Edge(EdgeKind.REQUIRES, 0, 1, "libb"),)
    found = compare(solved("a-1-1.noarch", "b-1-1.noarch", edges=edges), solved("a-1-1.noarch"), ())
    assert [(step.kind, step.ref, step.via) for step in found.removed[0].why] == [
        ("profile", "/software/packages/x", "a"),
        ("requires", "a-1-1.noarch", "libb"),
    ]


def test_an_older_build_of_a_kernel_is_told_as_that() -> None:
    before, after = (solved(msgspec.structs.replace(offered(f"kernel-{n}-1.x86_64"), installonly=True)) for n in (1, 2))
    found = compare(before, after, [Hold(packages=("kernel",))])
    assert moves(found) == ["remove kernel 1-1", "install kernel 2-1"]
    assert found.removed[0].why[0].kind == "superseded"


@pytest.mark.parametrize(
    ("hold", "expected"),
    [
        (Hold(packages=("lib",)), ["lib", "lib-extra"]),
        (Hold(packages=("lib",), source=False), ["lib"]),
        (Hold(packages=("l?b",), why="drained"), ["lib", "lib-extra"]),
        (Hold(packages=("new",)), []),
        (Hold(packages=("new",), install=True), ["new"]),
        (Hold(packages=("gone",)), ["gone"]),
        (Hold(packages=("other",)), []),
    ],
)
def test_changes_that_a_hold_keeps_back_are_named(hold: Hold, expected: list[str]) -> None:
    """It names what will not happen before a reboot": by name, by glob, and with others of the same source."""
    old, new = (
        [of_source(f"{name}-{n}-1.noarch", f"lib-{n}-1.src.rpm") for name in ("lib", "lib-extra")] for n in (1, 2)
    )
    before, after = solved(*old, "gone-1-1.noarch"), solved(*new, "new-1-1.noarch")
    assert [name for name, _ in waiting(compare(before, after, [hold]))] == expected


def test_a_hold_that_an_advisory_may_break_says_so() -> None:
    hold = Hold(packages=("lib",), exceptions=HoldExceptions(severity=("critical",)))
    found = compare(solved("lib-1-1.noarch"), solved("lib-2-1.noarch"), [hold])
    assert waiting(found) == [("lib", ("lib-1-1.noarch is held, unless an advisory breaks the hold",))]


def test_without_a_solution_nothing_is_said_to_go() -> None:
    sick = Solved(
        resolution=Resolution(
            state=DesiredState(specs=(), repositories=()),
            closure=msgspec.structs.replace(closure(), problems=(Unsolvable(None, "no"),)),
        ),
        problems=(IMPOSSIBLE,),
    )
    found = compare(solved("a-1-1.noarch"), sick, ())
    assert (found.is_comparable, found.removed, found.has_problems, found.is_empty) == (False, (), True, False)


def test_a_choice_that_stays_is_not_told() -> None:
    def choosing(member: str | None, *passed: str) -> Solved:
        over = tuple(PassedMember(member=each, why="gone") for each in passed)
        found = solved("a-1-1.noarch")
        choice = Choice(alias="mta", member=member, passed_over=over)
        return Solved(resolution=replace(found.resolution, choices=(choice,)), problems=())

    assert compare(choosing("exim"), choosing("exim", "postfix"), ()).choices == ()
    (changed,) = compare(choosing("postfix"), choosing("exim", "postfix"), ()).choices
    assert changed.before
    assert changed.after
    assert (changed.before.member, changed.after.member) == ("postfix", "exim")
    (asked,) = compare(solved("a-1-1.noarch"), choosing("exim"), ()).choices
    assert asked.before is None
