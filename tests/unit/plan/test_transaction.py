"""The solver's answer, checked and put into words."""

from __future__ import annotations

import pytest

from tests.support.packages import installed, offered
from yumbridge.errors import PlanMismatchError
from yumbridge.plan.document import Change
from yumbridge.plan.sameness import multilib_problems
from yumbridge.plan.transaction import Surroundings, Transaction, changes_of, check, predicted


def around(closure: list[str], present: list[str], staying: frozenset[str] = frozenset()) -> Surroundings:
    return Surroundings(
        closure=[offered(nevra) for nevra in closure],
        installed=[installed(nevra) for nevra in present],
        staying=staying,
    )


def words(changes: tuple[Change, ...]) -> list[str]:
    return [f"{c.action} {c.name}.{c.arch} {','.join(c.before)}>{','.join(c.after)}" for c in changes]


def test_a_transaction_that_leads_to_the_closure_passes() -> None:
    check(Transaction(("a-2-1.noarch",), ("a-1-1.noarch",)), around(["a-2-1.noarch"], ["a-1-1.noarch"]))


@pytest.mark.parametrize(
    ("transaction", "detail"),
    [
        pytest.param(Transaction((), ()), "missing: a-2-1.noarch", id="something-does-not-come"),
        pytest.param(Transaction(("a-2-1.noarch",), ()), "not planned: a-1-1.noarch", id="something-stays"),
        pytest.param(
            Transaction(("a-2-1.noarch", "x-1-1.noarch"), ("a-1-1.noarch",)), "not planned: x-1-1.noarch", id="extra"
        ),
        pytest.param(
            Transaction(("a-2-1.noarch",), ("a-1-1.noarch", "k-1-1.noarch")), "missing: k-1-1.noarch", id="kept-goes"
        ),
    ],
)
def test_any_difference_is_refused_with_its_package(transaction: Transaction, detail: str) -> None:
    surroundings = around(["a-2-1.noarch"], ["a-1-1.noarch", "k-1-1.noarch"], frozenset({"k-1-1.noarch"}))
    with pytest.raises(PlanMismatchError) as caught:
        check(transaction, surroundings)
    assert detail in caught.value.details


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ([], ["a-1-1.noarch"], ["install a.noarch >1-1"]),
        (["a-1-1.noarch"], ["a-2-1.noarch"], ["upgrade a.noarch 1-1>2-1"]),
        (["a-2-1.noarch"], ["a-1-1.noarch"], ["downgrade a.noarch 2-1>1-1"]),
        (["a-1:1-1.noarch"], ["a-2-1.noarch"], ["downgrade a.noarch 1:1-1>2-1"]),
        (["a-1-1.noarch"], ["a-1-1.x86_64"], ["upgrade a.x86_64 1-1>1-1"]),
        (["a-1-1.i686"], ["a-1-1.x86_64"], ["remove a.i686 1-1>", "install a.x86_64 >1-1"]),
        (["a-1-1.noarch"], [], ["remove a.noarch 1-1>"]),
        (["a-1-1.noarch", "a-2-1.noarch"], ["a-3-1.noarch"], ["upgrade a.noarch 1-1,2-1>3-1"]),
    ],
    ids=["install", "upgrade", "downgrade", "epoch-drop", "arch-change", "other-arch", "remove", "duplicates"],
)
def test_the_label_of_a_change(before: list[str], after: list[str], word: list[str]) -> None:
    transaction = Transaction(tuple(after), tuple(before))
    assert words(changes_of(transaction, around(after, before), {})) == word


def test_two_arches_that_follow_a_noarch_build_are_one_upgrade_and_one_install() -> None:
    after, before = ["a-2-1.i686", "a-2-1.x86_64"], ["a-1-1.noarch"]
    found = words(changes_of(Transaction(tuple(after), tuple(before)), around(after, before), {}))
    assert sorted(line.split()[0] for line in found) == ["install", "upgrade"]


def test_an_obsoleted_package_names_its_newcomer() -> None:
    transaction = Transaction(("new-1-1.noarch",), ("old-1-1.noarch",), (("old-1-1.noarch", "new-1-1.noarch"),))
    changes = changes_of(transaction, around(["new-1-1.noarch"], ["old-1-1.noarch"]), {})
    gone = next(change for change in changes if change.name == "old")
    assert (gone.action, gone.after, gone.why[0].ref) == ("obsolete", (), "new-1-1.noarch")


def test_kernels_come_and_go_side_by_side() -> None:
    surroundings = Surroundings(
        closure=[offered("kernel-2-1.x86_64", installonly=True)],
        installed=[installed("kernel-1-1.x86_64", installonly=True)],
        staying=frozenset(),
    )
    changes = changes_of(Transaction(("kernel-2-1.x86_64",), ("kernel-1-1.x86_64",)), surroundings, {})
    assert [change.action.value for change in changes] == ["install", "remove"]
    assert changes[1].why[0].kind == "superseded"


def test_a_prediction_spares_what_stays() -> None:
    surroundings = around(["a-2-1.noarch"], ["a-1-1.noarch", "b-1-1.noarch"], frozenset({"b-1-1.noarch"}))
    found = predicted(surroundings.closure, surroundings.installed[1:], surroundings)
    assert found == Transaction(("a-2-1.noarch",), ("a-1-1.noarch",))


@pytest.mark.parametrize(
    ("closure", "present", "staying", "kinds"),
    [
        pytest.param(["l-1-1.x86_64", "l-1-1.i686"], [], [], [], id="the-same"),
        pytest.param(["l-1-1.x86_64", "l-2-1.i686"], [], [], ["conflicting-versions"], id="of-the-closure"),
        pytest.param(["l-2-1.x86_64"], ["l-1-1.i686"], ["l-1-1.i686"], ["kept-conflict"], id="of-a-kept-one"),
        pytest.param(["l-2-1.x86_64"], ["l-1-1.i686"], [], [], id="of-one-that-goes"),
        pytest.param(["l-2-1.x86_64", "l-1-1.noarch"], [], [], [], id="noarch-shares-nothing"),
    ],
)
def test_one_evr_over_the_arches_of_a_name(
    closure: list[str], present: list[str], staying: list[str], kinds: list[str]
) -> None:
    surroundings = around(closure, present, frozenset(staying))
    assert [problem.kind.value for problem in multilib_problems(surroundings)] == kinds
