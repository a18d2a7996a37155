"""Put together a plan from what the engine and the host said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState
from yumbridge.plan.closure import Closure, ProblemKind
from yumbridge.plan.document import (
    Change,
    EngineRef,
    Host,
    Kept,
    KeptReason,
    Note,
    NoteKind,
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
from yumbridge.plan.sameness import multilib_problems
from yumbridge.plan.transaction import Chains, Surroundings, Transaction, changes_of, check, predicted
from yumbridge.plan.why import reason_chains
from yumbridge.rpm.package import InstalledSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a plan rests on."""

    state: DesiredState
    host: Host
    profile: ProfileRef
    repositories: tuple[RepositoryRef, ...]
    engine: EngineRef
    installed: InstalledSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What the engine made of a basis. A closure without a solution has no transaction: its plan has no changes."""

    closure: Closure
    reconciliation: Reconciliation = NO_CHANGE
    transaction: Transaction | None = None
    keys: tuple[KeyState, ...] = ()


def compose(basis: Basis, solution: Solution) -> Plan:
    """Return the plan.

    Raises PlanMismatchError: the solver answered something else than was asked.
    """
    closure, reconciliation, transaction = solution.closure, solution.reconciliation, solution.transaction
    kept = _kept(reconciliation, transaction)
    problems = [*_closure_problems(closure, basis.state.specs), *key_problems(solution.keys)]
    changes: tuple[Change, ...] = ()
    if transaction is not None:
        around = surroundings(basis, closure, kept, reconciliation)
        problems += multilib_problems(around)
        problems += [Problem(kind=ProblemKind.KEPT_CONFLICT, text=text) for text in transaction.problems]
        if transaction.problems:
            transaction = predicted(reconciliation.install, reconciliation.erase, around)
        else:
            check(transaction, around)
        changes = changes_of(transaction, around, _chains(closure, basis.state.specs))
    plan = Plan(
        host=basis.host,
        profile=basis.profile,
        repositories=basis.repositories,
        rpmdb_cookie=basis.installed.cookie,
        engine=basis.engine,
        policy=digest(basis.state.policy),
        changes=changes,
        kept=kept,
        problems=tuple(sorted(problems, key=lambda p: (p.origin, p.kind, p.spec, p.text))),
        notes=tuple(sorted(_notes(basis, closure, changes), key=lambda n: (n.kind, n.text, n.nevra))),
        keys=keys_to_import(solution.keys),
        download_bytes=sum(change.size_bytes for change in changes),
        installed_bytes_change=_installed_bytes_change(changes, basis, closure),
        reboot=reboot_after(changes, basis.host),
    )
    return identified(plan)


def surroundings(basis: Basis, closure: Closure, kept: Sequence[Kept], reconciliation: Reconciliation) -> Surroundings:
    """Return what the transaction is read against. What a problem leaves undecided stays, without being kept."""
    wanted = {package.nevra for package in closure.packages}
    settled = {p.nevra for p in reconciliation.erase} | wanted
    replaced = {(p.name, p.arch) for p in reconciliation.install if not p.installonly}
    undecided = {
        str(p.nevra) for p in basis.installed.packages if p.nevra not in settled and (p.name, p.arch) not in replaced
    }
    return Surroundings(
        closure=closure.packages,
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


def _closure_problems(closure: Closure, specs: Sequence[Spec]) -> Iterator[Problem]:
    for unmet in closure.unmet:
        spec = specs[unmet.spec]
        yield Problem(kind=unmet.kind, spec=str(spec), origin=spec.origin, text=unmet.text)
    for problem in closure.problems:
        blamed = specs[problem.spec] if problem.spec is not None else None
        yield Problem(
            kind=ProblemKind.UNSOLVABLE,
            spec=str(blamed) if blamed else "",
            origin=blamed.origin if blamed else "",
            text=problem.text,
        )


def _notes(basis: Basis, closure: Closure, changes: Sequence[Change]) -> Iterator[Note]:
    specs = basis.state.specs
    for number in closure.providers:
        for index in closure.met[number]:
            package = closure.packages[index]
            text = f"{specs[number].name} is provided by {package.name}"
            yield Note(kind=NoteKind.PROVIDED_BY, nevra=str(package.nevra), text=text)
    for passed in closure.passed_over:
        text = f"{specs[passed.spec].name}: {passed.nevra} was passed over: {passed.text}"
        yield Note(kind=NoteKind.NOT_NEWEST, nevra=passed.nevra, text=text)
    unsigned = {repo.repo_id for repo in basis.state.repositories if not repo.gpgcheck}
    for repo_id in sorted({change.repo_id for change in changes} & unsigned):
        text = f"packages of repository {repo_id} are not checked for signatures"
        yield Note(kind=NoteKind.UNSIGNED_REPOSITORY, text=text)


def _installed_bytes_change(changes: Sequence[Change], basis: Basis, closure: Closure) -> int:
    sizes_before = {(p.name, str(p.evr)): p.installed_bytes for p in basis.installed.packages}
    sizes_after = {(p.name, p.arch, str(p.evr)): p.installed_bytes for p in closure.packages}
    change_bytes = 0
    for change in changes:
        change_bytes += sum(sizes_after[change.name, change.arch, evr] for evr in change.after)
        change_bytes -= sum(sizes_before[change.name, evr] for evr in change.before)
    return change_bytes
