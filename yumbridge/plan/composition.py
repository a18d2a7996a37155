"""Put together a plan from what the engine and the host said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from yumbridge.desired.hold import Hold
from yumbridge.desired.state import DesiredState
from yumbridge.errors import PlanMismatchError
from yumbridge.plan.choice import Choice, Resolution
from yumbridge.plan.closure import Closure, ProblemKind
from yumbridge.plan.departure import LastRun, dated
from yumbridge.plan.document import (
    Change,
    ConfigurationChange,
    CrossedAdvisory,
    Deferral,
    EngineRef,
    Host,
    Kept,
    KeptReason,
    Note,
    Plan,
    Problem,
    ProfileRef,
    RepositoryRef,
    digest,
    identified,
)
from yumbridge.plan.keys import KeyState, key_problems, keys_to_import
from yumbridge.plan.reboot import reboot_after
from yumbridge.plan.reconcile import NO_CHANGE, Reconciliation
from yumbridge.plan.remarks import closure_notes, closure_problems, in_order, in_order_of_notes, unsigned_notes
from yumbridge.plan.sameness import multilib_problems
from yumbridge.plan.transaction import Chains, Surroundings, Transaction, changes_of, check, predicted
from yumbridge.plan.why import chains_by_nevra
from yumbridge.plan.wording import plain
from yumbridge.rpm.package import InstalledSet, Package

if TYPE_CHECKING:
    from yumbridge.plan.deferral import Division


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a plan rests on. `problems` and `notes` are those that are of no package: modules, repositories.

    `closed_holds` are those in force. `reboot_names` are what calls for a reboot beside the usual. `last_run` is
    what the last run left, if that is known. `choices` are those that were made among members of aliases;
    `undecided` are names and globs of packages that aliases with problems may stand for.
    """

    state: DesiredState
    host: Host
    profile: ProfileRef
    repositories: tuple[RepositoryRef, ...]
    engine: EngineRef
    installed: InstalledSet
    degraded: bool = False
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    closed_holds: tuple[Hold, ...] = ()
    reboot_names: tuple[str, ...] = ()
    last_run: LastRun | None = None
    choices: tuple[Choice, ...] = ()
    undecided: frozenset[str] = frozenset()

    def with_resolution(self, found: Resolution) -> Basis:
        """Return the basis of a plan whose aliases were expanded, with what is to be said of those."""
        problems, notes = (*self.problems, *found.problems), (*self.notes, *found.notes)
        return replace(
            self,
            state=found.state,
            problems=problems,
            notes=notes,
            choices=found.choices,
            undecided=found.undecided,
        )


@dataclass(frozen=True, slots=True)
class Now:
    """What happens now of a transaction that holds divide: the solver's answer, and why the rest waits."""

    transaction: Transaction
    division: Division


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What the engine made of a basis. A closure without a solution has no transaction: its plan has no changes.

    `part` is the part of the closure that shall be on the host, None for all of it: a staged or degraded plan has less.
    `now` is None when nothing waits.
    """

    closure: Closure
    part: tuple[Package, ...] | None = None
    reconciliation: Reconciliation = NO_CHANGE
    transaction: Transaction | None = None
    keys: tuple[KeyState, ...] = ()
    configuration: tuple[ConfigurationChange, ...] = ()
    now: Now | None = None
    hold_notes: tuple[Note, ...] = ()

    @property
    def packages(self) -> tuple[Package, ...]:
        """The packages of the closure that shall be on the host."""
        return self.closure.packages if self.part is None else self.part


def compose(basis: Basis, solution: Solution) -> Plan:
    """Return the plan.

    Raises PlanMismatchError: the solver answered something else than was asked.
    """
    specs, degraded = basis.state.specs, basis.degraded
    moves = _moves(basis, solution)
    changes, deferred = dated(moves.changes, basis.last_run), dated(moves.deferred, basis.last_run)
    problems = [
        *basis.problems,
        *closure_problems(solution.closure, specs, degraded=degraded),
        *key_problems(solution.keys),
        *moves.problems,
    ]
    notes = [
        *basis.notes,
        *solution.hold_notes,
        *closure_notes(solution.closure, specs, degraded=degraded),
        *unsigned_notes(basis.state, (*changes, *deferred)),
    ]
    plan = Plan(
        host=basis.host,
        profile=basis.profile,
        repositories=basis.repositories,
        rpmdb_cookie=basis.installed.cookie,
        engine=basis.engine,
        policy=digest(basis.state.policy),
        degraded=degraded,
        changes=changes,
        deferred=deferred,
        kept=_kept(solution.reconciliation, solution.transaction),
        problems=in_order(problems),
        notes=in_order_of_notes(notes),
        configuration=solution.configuration,
        keys=keys_to_import(solution.keys),
        advisories=_crossed(solution.transaction, (*changes, *deferred)),
        download_bytes=sum(change.size_bytes for change in changes),
        installed_bytes_change=_installed_bytes_change(moves.transaction, basis, solution.closure),
        reboot=reboot_after(changes, basis.host, basis.reboot_names),
    )
    return identified(plan)


@dataclass(frozen=True, slots=True)
class _Moves:
    """What happens now by which transaction, what waits, and what is in the way of it."""

    transaction: Transaction | None = None
    changes: tuple[Change, ...] = ()
    deferred: tuple[Deferral, ...] = ()
    problems: tuple[Problem, ...] = ()


def _moves(basis: Basis, solution: Solution) -> _Moves:
    """Return the changes of a solution. Raises PlanMismatchError as `compose`."""
    transaction = solution.transaction
    if transaction is None:
        return _Moves()
    around = surroundings_of(basis, solution)
    problems = tuple(transaction_problems(basis, solution))
    if transaction.problems:
        transaction = predicted(solution.reconciliation.install, solution.reconciliation.erase, around)
    else:
        check(transaction, around)
    chains = chains_by_nevra(solution.closure, basis.state.specs)
    if solution.now is None:
        return _Moves(transaction, changes_of(transaction, around, chains), (), problems)
    changes, deferred = _divided(solution.now, around, chains)
    return _Moves(solution.now.transaction, changes, deferred, problems)


def _divided(now: Now, around: Surroundings, chains: Chains) -> tuple[tuple[Change, ...], tuple[Deferral, ...]]:
    """Return the changes of now and those that wait, which come to the whole transaction together.

    Raises PlanMismatchError: the solver answered something else.
    """
    from yumbridge.plan.deferral import deferrals, waiting_part

    division = now.division
    if now.transaction.problems:
        raise PlanMismatchError("what goes now has no solution of its own; nothing was done", now.transaction.problems)
    beside = surroundings_now(around, division)
    check(now.transaction, beside)
    left = [package for package in around.installed if str(package.nevra) not in division.going]
    later = Surroundings(closure=around.closure, installed=left, staying=around.staying)
    waiting = changes_of(waiting_part(division), later, chains)
    return changes_of(now.transaction, beside, chains), deferrals(waiting, division)


def transaction_problems(basis: Basis, solution: Solution) -> Iterator[Problem]:
    """Yield what is impossible about the way from what is installed to a closure that has a solution."""
    if solution.transaction is not None:
        yield from multilib_problems(surroundings_of(basis, solution))
        for text in solution.transaction.problems:
            yield Problem(kind=ProblemKind.KEPT_CONFLICT, text=plain(text))


def surroundings_now(around: Surroundings, division: Division) -> Surroundings:
    """Return what the transaction of now is read against: what waits to come is not there yet, what waits to go is."""
    installed = {str(package.nevra) for package in around.installed}
    wanted = [p for p in around.closure if str(p.nevra) in installed or str(p.nevra) in division.coming]
    staying = installed - division.going
    return Surroundings(closure=wanted, installed=around.installed, staying=frozenset(staying))


def surroundings_of(basis: Basis, solution: Solution) -> Surroundings:
    """Return what the transaction of a solution is read against."""
    kept = _kept(solution.reconciliation, solution.transaction)
    return surroundings(basis, solution.packages, kept, solution.reconciliation)


def surroundings(
    basis: Basis, packages: tuple[Package, ...], kept: Sequence[Kept], reconciliation: Reconciliation
) -> Surroundings:
    """Return what the transaction is read against. What a problem leaves undecided stays, without being kept."""
    wanted = {package.nevra for package in packages}
    settled = {p.nevra for p in reconciliation.erase} | wanted
    replaced = {(p.name, p.arch) for p in reconciliation.install if not p.installonly}
    undecided = {
        str(p.nevra) for p in basis.installed.packages if p.nevra not in settled and (p.name, p.arch) not in replaced
    }
    return Surroundings(
        closure=packages,
        installed=basis.installed.packages,
        staying=frozenset(entry.nevra for entry in kept) | undecided,
    )


def _kept(reconciliation: Reconciliation, transaction: Transaction | None) -> tuple[Kept, ...]:
    kept = {str(nevra): entry for nevra, entry in reconciliation.kept.items()}
    for nevra, text in transaction.refused if transaction else ():
        kept[nevra] = Kept(nevra=nevra, reason=KeptReason.REQUIRED_BY_KEPT, rule=plain(text))
    return tuple(kept[nevra] for nevra in sorted(kept))


def _crossed(transaction: Transaction | None, changes: Sequence[Change]) -> tuple[CrossedAdvisory, ...]:
    """Return the advisories that changes name, sorted by id."""
    if transaction is None:
        return ()
    named = {advisory_id for change in changes for advisory_id in change.advisories}
    return tuple(each for each in transaction.crossed if each.advisory_id in named)


def _installed_bytes_change(transaction: Transaction | None, basis: Basis, closure: Closure) -> int:
    if transaction is None:
        return 0
    before = {str(p.nevra): p.installed_bytes for p in basis.installed.packages}
    after = {str(p.nevra): p.installed_bytes for p in closure.packages}
    return sum(after[nevra] for nevra in transaction.incoming) - sum(before[nevra] for nevra in transaction.outgoing)
