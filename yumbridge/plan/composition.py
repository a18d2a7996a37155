"""Put together a plan from what the engine and the host said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState
from yumbridge.plan.closure import Closure, ProblemKind
from yumbridge.plan.document import (
    Change,
    ConfigurationChange,
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
from yumbridge.plan.remarks import closure_notes, closure_problems, unsigned_notes
from yumbridge.plan.sameness import multilib_problems
from yumbridge.plan.transaction import Chains, Surroundings, Transaction, changes_of, check, predicted
from yumbridge.plan.why import reason_chains
from yumbridge.rpm.package import InstalledSet, Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a plan rests on. `problems` and `notes` are those that are of no package: modules, repositories."""

    state: DesiredState
    host: Host
    profile: ProfileRef
    repositories: tuple[RepositoryRef, ...]
    engine: EngineRef
    installed: InstalledSet
    degraded: bool = False
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What the engine made of a basis. A closure without a solution has no transaction: its plan has no changes.

    `part` is the part of the closure that shall be on the host, None for all of it: a staged or degraded plan has less.
    """

    closure: Closure
    part: tuple[Package, ...] | None = None
    reconciliation: Reconciliation = NO_CHANGE
    transaction: Transaction | None = None
    keys: tuple[KeyState, ...] = ()
    configuration: tuple[ConfigurationChange, ...] = ()

    @property
    def packages(self) -> tuple[Package, ...]:
        """The packages of the closure that shall be on the host."""
        return self.closure.packages if self.part is None else self.part


def compose(basis: Basis, solution: Solution) -> Plan:
    """Return the plan.

    Raises PlanMismatchError: the solver answered something else than was asked.
    """
    closure, reconciliation, transaction = solution.closure, solution.reconciliation, solution.transaction
    specs, degraded = basis.state.specs, basis.degraded
    kept = _kept(reconciliation, transaction)
    problems = [
        *basis.problems,
        *closure_problems(closure, specs, degraded=degraded),
        *key_problems(solution.keys),
    ]
    changes: tuple[Change, ...] = ()
    if transaction is not None:
        around = surroundings(basis, solution.packages, kept, reconciliation)
        problems += multilib_problems(around)
        problems += [Problem(kind=ProblemKind.KEPT_CONFLICT, text=text) for text in transaction.problems]
        if transaction.problems:
            transaction = predicted(reconciliation.install, reconciliation.erase, around)
        else:
            check(transaction, around)
        changes = changes_of(transaction, around, _chains(closure, specs))
    notes = [
        *basis.notes,
        *closure_notes(closure, specs, degraded=degraded),
        *unsigned_notes(basis.state, changes),
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
        kept=kept,
        problems=tuple(sorted(problems, key=lambda p: (p.origin, p.kind, p.spec, p.text))),
        notes=tuple(sorted(notes, key=lambda n: (n.kind, n.text, n.nevra))),
        configuration=solution.configuration,
        keys=keys_to_import(solution.keys),
        download_bytes=sum(change.size_bytes for change in changes),
        installed_bytes_change=_installed_bytes_change(transaction, basis, closure) if transaction else 0,
        reboot=reboot_after(changes, basis.host),
    )
    return identified(plan)


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
        kept[nevra] = Kept(nevra=nevra, reason=KeptReason.REQUIRED_BY_KEPT, rule=text)
    return tuple(kept[nevra] for nevra in sorted(kept))


def _chains(closure: Closure, specs: Sequence[Spec]) -> Chains:
    chains = reason_chains(closure, specs)
    return {str(package.nevra): chain for package, chain in zip(closure.packages, chains, strict=True)}


def _installed_bytes_change(transaction: Transaction, basis: Basis, closure: Closure) -> int:
    before = {str(p.nevra): p.installed_bytes for p in basis.installed.packages}
    after = {str(p.nevra): p.installed_bytes for p in closure.packages}
    return sum(after[nevra] for nevra in transaction.incoming) - sum(before[nevra] for nevra in transaction.outgoing)
