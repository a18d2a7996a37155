"""A plan from all that engine and host said."""

from __future__ import annotations

import msgspec
import pytest

from tests.support.packages import HOST, closure, installed, offered
from yumbridge.desired.policy import Policy
from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState
from yumbridge.errors import PlanMismatchError
from yumbridge.plan.closure import PassedOver, ProblemKind, Unmet, Unsolvable
from yumbridge.plan.composition import Basis, Solution, compose
from yumbridge.plan.document import EngineRef, ProfileRef, RepositoryRef
from yumbridge.plan.keys import KeyState
from yumbridge.plan.reconcile import KeepRules, reconcile
from yumbridge.plan.transaction import Transaction
from yumbridge.rpm.package import InstalledPackage, InstalledSet

SPECS = (Spec(name="a", origin="/software/packages/a"), Spec(name="b", evr="2", origin="/software/packages/b/_32"))


def basis(*present: InstalledPackage, gpgcheck: bool = False) -> Basis:
    repository = Repository(repo_id="base", urls=("file:///r",), gpgcheck=gpgcheck, origin="/software/repositories/0")
    return Basis(
        state=DesiredState(specs=SPECS, repositories=(repository,)),
        host=HOST,
        profile=ProfileRef(source="/p.json", digest="sha256:00"),
        repositories=(RepositoryRef(repo_id="base", revision="1", repomd="sha256:01"),),
        engine=EngineRef(name="dnf4", version="4.14.0"),
        installed=InstalledSet("cookie", present),
    )


A1, A2 = offered("a-1-1.noarch"), offered("a-2-1.noarch")
RULES = KeepRules(policy=Policy(), kernel_release=None)


def test_an_unmet_spec_is_a_problem_with_its_path() -> None:
    solution = Solution(
        closure=closure(A1, met=((0,), ()), unmet=(Unmet(1, ProblemKind.NOT_FOUND, "no b 2"),)),
        reconciliation=reconcile([A1], [], RULES),
        transaction=Transaction(("a-1-1.noarch",), ()),
    )
    (problem,) = compose(basis(), solution).problems
    assert (problem.kind, problem.spec, problem.origin) == ("not-found", "b-2", "/software/packages/b/_32")


def test_problems_do_not_empty_the_plan() -> None:
    solution = Solution(
        closure=closure(A1, met=((0,), ()), unmet=(Unmet(1, ProblemKind.NOT_FOUND, "no b 2"),)),
        reconciliation=reconcile([A1], [], RULES),
        transaction=Transaction(("a-1-1.noarch",), ()),
    )
    assert [change.name for change in compose(basis(), solution).changes] == ["a"]


def test_without_a_solution_there_are_problems_and_no_changes() -> None:
    plan = compose(basis(installed("z-1-1.noarch")), Solution(closure=closure(problems=(Unsolvable(0, "why"),))))
    assert [(p.kind, p.origin, p.text) for p in plan.problems] == [("unsolvable", "/software/packages/a", "why")]
    assert plan.changes == ()


def test_a_refused_removal_is_kept_and_says_what_needs_it() -> None:
    present = (installed("dnf-1-1.noarch"), installed("lib-1-1.noarch"))
    solution = Solution(
        closure=closure(A1, met=((0,), ())),
        reconciliation=reconcile([A1], present, RULES),
        transaction=Transaction(("a-1-1.noarch",), (), (), (("lib-1-1.noarch", "dnf needs lib"),)),
    )
    kept = {entry.nevra: (entry.reason, entry.rule) for entry in compose(basis(*present), solution).kept}
    assert kept == {
        "dnf-1-1.noarch": ("protected", "dnf"),
        "lib-1-1.noarch": ("required-by-kept", "dnf needs lib"),
    }


def test_what_stays_in_conflict_is_a_problem_and_the_changes_are_told_all_the_same() -> None:
    present = (installed("a-1-1.noarch"),)
    solution = Solution(
        closure=closure(A2, met=((0,), ())),
        reconciliation=reconcile([A2], present, RULES),
        transaction=Transaction((), (), problems=("dnf conflicts with a",)),
    )
    plan = compose(basis(*present), solution)
    assert [p.kind for p in plan.problems] == ["kept-conflict"]
    assert [(c.action, c.before, c.after) for c in plan.changes] == [("upgrade", ("1-1",), ("2-1",))]


def test_a_transaction_that_is_not_the_plan_is_never_shown() -> None:
    solution = Solution(
        closure=closure(A1, met=((0,), ())),
        reconciliation=reconcile([A1], [], RULES),
        transaction=Transaction(("a-1-1.noarch", "surprise-1-1.noarch"), ()),
    )
    with pytest.raises(PlanMismatchError):
        compose(basis(), solution)


@pytest.mark.parametrize(("gpgcheck", "noted"), [(False, True), (True, False)])
def test_an_unchecked_repository_is_noted_when_packages_come_from_it(*, gpgcheck: bool, noted: bool) -> None:
    solution = Solution(
        closure=closure(A1, met=((0,), ())),
        reconciliation=reconcile([A1], [], RULES),
        transaction=Transaction(("a-1-1.noarch",), ()),
    )
    kinds = [note.kind.value for note in compose(basis(gpgcheck=gpgcheck), solution).notes]
    assert kinds == (["unsigned-repository"] if noted else [])


def test_providers_and_passed_over_candidates_are_notes() -> None:
    solution = Solution(
        closure=closure(
            offered("x-1-1.noarch"),
            met=((0,), ()),
            providers=(0,),
            passed_over=(PassedOver(1, "b-3-1.noarch", "it needs c"),),
        ),
        reconciliation=reconcile([], [], RULES),
        transaction=Transaction((), ()),
    )
    present = basis(installed("x-1-1.noarch"))
    texts = [note.text for note in compose(present, solution).notes]
    assert texts == ["b: b-3-1.noarch was passed over: it needs c", "a is provided by x"]


def test_keys_are_imported_or_a_problem() -> None:
    keys = (
        KeyState("base", "file:///k", fingerprint="AA"),
        KeyState("base", "file:///k", fingerprint="BB", imported=True),
        KeyState("base", "http://k", problem="its key cannot be read"),
    )
    plan = compose(basis(), Solution(closure=closure(), keys=keys))
    assert [key.fingerprint for key in plan.keys] == ["AA"]
    assert [problem.kind for problem in plan.problems] == ["signature"]


def test_sizes_are_of_what_comes_less_what_goes() -> None:
    present = (installed("a-1-1.noarch"), installed("z-1-1.noarch"))
    solution = Solution(
        closure=closure(A2, met=((0,), ())),
        reconciliation=reconcile([A2], present, RULES),
        transaction=Transaction(("a-2-1.noarch",), ("a-1-1.noarch", "z-1-1.noarch")),
    )
    plan = compose(basis(*present), solution)
    assert (plan.download_bytes, plan.installed_bytes_change) == (100, -1000)


def test_the_same_inputs_give_the_same_id() -> None:
    solution = Solution(closure=closure(problems=(Unsolvable(None, "why"),)))
    assert compose(basis(), solution).id == compose(basis(), solution).id


def test_each_arch_of_a_name_counts_with_its_own_size() -> None:
    arches = (("x86_64", 5000), ("i686", 100))
    old = [msgspec.structs.replace(installed(f"a-1-1.{arch}"), installed_bytes=size) for arch, size in arches]
    new = [offered(f"a-2-1.{arch}") for arch, _ in arches]
    moved = Transaction(tuple(str(p.nevra) for p in new), tuple(str(p.nevra) for p in old))
    solution = Solution(
        closure=closure(*new, met=((0, 1), ())), reconciliation=reconcile(new, old, RULES), transaction=moved
    )
    assert compose(basis(*old), solution).installed_bytes_change == 2 * 1000 - 5100
