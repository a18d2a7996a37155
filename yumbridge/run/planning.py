"""Make a plan: ask the engine for the closure, the host for what it has, the engine for the exact transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from yumbridge.desired.hold import BOOT, EVERYTHING, Hold
from yumbridge.desired.state import DesiredState
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import (
    KeysAnswer,
    Opened,
    ReadInstalled,
    ReadKeys,
    SolveExact,
)
from yumbridge.plan.choice import Resolution
from yumbridge.plan.closure import Closure
from yumbridge.plan.composition import Basis, Solution, compose, surroundings, transaction_problems
from yumbridge.plan.configuration import Prescription, differences, pinned_packages
from yumbridge.plan.document import (
    ConfigurationChange,
    Note,
    NoteKind,
    Plan,
    Problem,
)
from yumbridge.plan.held import idle_notes, unknown_notes
from yumbridge.plan.keys import KeyState
from yumbridge.plan.narrowing import matching, without_downgrades
from yumbridge.plan.reconcile import KeepRules, is_key, reconcile
from yumbridge.plan.remarks import closure_problems, unmet_text
from yumbridge.plan.transaction import Transaction, WantedPackage
from yumbridge.plan.wording import plain
from yumbridge.rpm.package import InstalledSet, Package
from yumbridge.run.basis import basis_of
from yumbridge.run.configuration import read_current, unreadable_files
from yumbridge.run.request import PlanRequest, closure_request, open_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, and what it was made from: what carrying it out or explaining it needs beyond the document.

    `listed` are the NEVRAs that the desired state names itself. `exact` is the request whose answer `transaction` is,
    less the removals that were refused; both are None for a plan without a solution. `prescription` says what dnf's
    files shall hold. `released` are the holds that the plan changes packages of only because their conditions are true.
    """

    plan: Plan
    basis: Basis
    closure: Closure
    listed: tuple[str, ...] = ()
    exact: SolveExact | None = None
    transaction: Transaction | None = None
    prescription: Prescription | None = None
    released: tuple[Hold, ...] = ()

    @property
    def state(self) -> DesiredState:
        """The desired state that it was made of, its aliases expanded."""
        return self.basis.state


def submit(request: PlanRequest, engine: EngineClient) -> None:
    """Send the engine all that it can do before we know anything: it works while the caller goes on."""
    engine.submit(open_request(request))
    if not request.state.names_aliases:
        engine.submit(closure_request(request.state))
        engine.submit(ReadInstalled())


def collect(request: PlanRequest, engine: EngineClient) -> Planned:
    """Return the plan whose requests `submit` sent.

    Raises RepositoryError, HostError, EngineError; PlanMismatchError when the solver's transaction is not the plan's.
    """
    opened = engine.collect(Opened)
    resolution = _resolution(request, opened, engine)
    closure = resolution.closure
    installed = engine.collect(InstalledSet)
    basis = basis_of(request, opened, installed, engine.hello).with_resolution(resolution)
    if basis.degraded and closure.problems:
        basis, closure = _without_unsolvable(basis, closure, engine)
    if closure.problems:
        solution = Solution(closure=closure)
        plan = _with_solutions(compose(basis, solution), basis, solution, request, engine)
        return Planned(plan=plan, basis=basis, closure=closure)
    solution, exact = _solve(engine, basis, closure, request.facts.kernel_release)
    solution = replace(solution, keys=_keys(engine, basis.state, solution.reconciliation.install))
    exact = _without_refused(exact, solution.transaction)
    if basis.closed_holds:
        from yumbridge.run.division import divided

        solution, exact = divided(basis, solution, exact, engine)
    prescription = _prescription(basis, solution)
    changes: tuple[ConfigurationChange, ...] = ()
    if prescription is not None:
        basis, changes = _configuration_changes(basis, prescription, request.facts.root)
    plan = compose(_with_hold_notes(basis, request, closure), replace(solution, configuration=changes))
    plan = _with_solutions(plan, basis, solution, request, engine)
    listed = {str(closure.packages[number].nevra) for numbers in closure.met for number in numbers}
    return Planned(
        plan=plan,
        basis=basis,
        closure=closure,
        listed=tuple(sorted(listed)),
        exact=exact,
        transaction=solution.now.transaction if solution.now else solution.transaction,
        prescription=prescription,
        released=_released(basis, solution),
    )


def _resolution(request: PlanRequest, opened: Opened, engine: EngineClient) -> Resolution:
    """Return the closure and the specs that it is of; what is installed is asked for by then."""
    if not request.state.names_aliases:
        return Resolution(state=request.state, closure=engine.collect(Closure))
    from yumbridge.run.alternatives import resolve

    installed: frozenset[str] = frozenset()
    if opened.unavailable:
        installed = frozenset(package.name for package in engine.ask(ReadInstalled(), InstalledSet).packages)
    found = resolve(request, opened, engine, installed=installed)
    engine.submit(ReadInstalled())
    return found


def _with_hold_notes(basis: Basis, request: PlanRequest, closure: Closure) -> Basis:
    """Return `basis` with what is to be said of the holds themselves."""
    notes = [*idle_notes(basis.state.policy.holds, basis.installed.packages, closure.packages)]
    if request.moment is not None:
        notes += unknown_notes(basis.closed_holds, request.moment)
    return replace(basis, notes=(*basis.notes, *notes))


def _released(basis: Basis, solution: Solution) -> tuple[Hold, ...]:
    """Return the open holds that would keep something of this plan back, were they not open now."""
    closed = set(basis.closed_holds)
    holds = [hold for hold in basis.state.policy.holds if hold not in closed and hold.until != BOOT]
    if not holds:
        return ()
    from yumbridge.run.division import keeps_something

    return tuple(hold for hold in holds if keeps_something(hold, basis, solution))


def _configuration_changes(
    basis: Basis, prescription: Prescription, root: Path
) -> tuple[Basis, tuple[ConfigurationChange, ...]]:
    """Return how dnf's files change. Those that this user may not read cannot be compared: each is a note."""
    hidden = unreadable_files(root, basis.state.configuration)
    current = read_current(root, basis.state.configuration, hidden)
    wanted = [file for file in prescription.wanted(current) if file.path not in hidden]
    text = "{} cannot be read by this user: whether it changes is not known"
    notes = tuple(Note(kind=NoteKind.UNREADABLE_FILE, text=text.format(path)) for path in hidden)
    return replace(basis, notes=(*basis.notes, *notes)), differences(wanted, current)


def _prescription(basis: Basis, solution: Solution) -> Prescription | None:
    """Return what dnf's files shall hold, from the same values as the plan; None while nothing at all may change.

    While repositories are missing, nobody knows of all modules: their states stay as they are.
    """
    state, closure = basis.state, solution.closure
    if EVERYTHING in basis.closed_holds:
        return None
    if solution.now is not None:
        # The stamp says that the host is as the profile wants it.
        unstamped = msgspec.structs.replace(state.configuration, stamp=None)
        state = msgspec.structs.replace(state, configuration=unstamped)
    # What waits may be of a stream that the host has now.
    is_known = state.configuration.manage_modules and not basis.degraded and solution.now is None
    return Prescription(
        state=state,
        closure_packages=solution.packages,
        pinned=pinned_packages(closure, state.specs),
        knows_pins=not basis.degraded,
        modules=closure.modules if is_known else None,
    )


def _with_solutions(plan: Plan, basis: Basis, solution: Solution, request: PlanRequest, engine: EngineClient) -> Plan:
    """Return the plan with what would solve its problems. For a boot and without all repositories nothing is sought."""
    if not plan.problems or basis.degraded or (request.moment is not None and request.moment.boot):
        return plan
    from yumbridge.run.proof import Question
    from yumbridge.run.remedies import remedied

    def attempt(state: DesiredState) -> tuple[Problem, ...]:
        trial = replace(basis, state=state)
        closure = engine.ask(closure_request(state), Closure)
        problems = tuple(closure_problems(closure, state.specs, degraded=False))
        if closure.problems:
            return problems
        solved, _ = _solve(engine, trial, closure, request.facts.kernel_release)
        return (*problems, *transaction_problems(trial, solved))

    return remedied(plan, Question(request=request, basis=basis, solution=solution, engine=engine, attempt=attempt))


def _solve(
    engine: EngineClient, basis: Basis, closure: Closure, kernel_release: str | None
) -> tuple[Solution, SolveExact]:
    """Return the closure compared with what is installed, the exact transaction between the two, and its request."""
    rules = KeepRules(
        policy=basis.state.policy,
        kernel_release=kernel_release,
        spoken_for=_spoken_for(basis, closure),
        degraded=basis.degraded,
    )
    solution, exact = _solve_by(rules, engine, basis, closure)
    if solution.transaction and solution.transaction.problems and solution.reconciliation.keeps_older_builds:
        # Room for older builds is no reason to fail: a plan without them is better than none.
        return _solve_by(replace(rules, keep_older_builds=False), engine, basis, closure)
    return solution, exact


def _solve_by(rules: KeepRules, engine: EngineClient, basis: Basis, closure: Closure) -> tuple[Solution, SolveExact]:
    packages = closure.packages
    if rules.policy.filter is not None:
        packages = matching(closure, basis.state.specs, rules.policy.filter)
    if basis.degraded:
        packages = without_downgrades(packages, basis.installed.packages)
    solution = Solution(
        closure=closure,
        part=packages,
        reconciliation=reconcile(packages, basis.installed.packages, rules),
    )
    exact = _exact_request(basis, solution)
    return replace(solution, transaction=engine.ask(exact, Transaction)), exact


def _without_unsolvable(basis: Basis, closure: Closure, engine: EngineClient) -> tuple[Basis, Closure]:
    """Return basis and closure without the specs that cannot be solved while repositories are missing, each noted."""
    while closure.problems and (blamed := {p.spec for p in closure.problems if p.spec is not None}):
        specs = basis.state.specs
        notes = tuple(
            Note(kind=NoteKind.DEGRADED, text=f"{specs[problem.spec].name} is left as it is: {plain(problem.text)}")
            for problem in closure.problems
            if problem.spec is not None
        )
        left = tuple(spec for number, spec in enumerate(specs) if number not in blamed)
        state = msgspec.structs.replace(basis.state, specs=left)
        basis = replace(basis, state=state, notes=(*basis.notes, *notes))
        closure = engine.ask(closure_request(state), Closure)
    return basis, closure


def unmet_specs(request: PlanRequest, engine: EngineClient) -> tuple[tuple[str, str], ...]:
    """Return the origin of each spec that no package of the repositories meets, with why not. Raises as `collect`."""
    from yumbridge.run.alternatives import resolve

    found = resolve(request, engine.ask(open_request(request), Opened), engine, reasons=False)
    specs = found.state.specs
    return (
        *((problem.origin, problem.text) for problem in found.problems),
        *((specs[unmet.spec].origin, unmet_text(specs[unmet.spec], unmet.text)) for unmet in found.closure.unmet),
    )


def make_plan(request: PlanRequest, engine: EngineClient) -> Planned:
    """Return the plan for `request`. Raises as `collect`."""
    submit(request, engine)
    return collect(request, engine)


def wanted_package(package: Package) -> WantedPackage:
    """Return `package` as the engine is asked for it."""
    return WantedPackage(str(package.nevra), package.repo_id, package.checksum)


def _spoken_for(basis: Basis, closure: Closure) -> frozenset[str]:
    """Return the names and globs whose specs nothing meets: their installed packages are not "not in the profile"."""
    names = {basis.state.specs[unmet.spec].name for unmet in closure.unmet} | basis.undecided
    # A name.arch whose package is in no repository cannot be told from a name with a dot: both are spared.
    return frozenset(names | {name.rpartition(".")[0] for name in names if "." in name})


def _exact_request(basis: Basis, solution: Solution) -> SolveExact:
    reconciliation = solution.reconciliation
    around = surroundings(basis, solution.packages, tuple(reconciliation.kept.values()), reconciliation)
    wanted = {str(package.nevra) for package in solution.packages}
    return SolveExact(
        install=tuple(wanted_package(package) for package in reconciliation.install),
        erase=tuple(str(package.nevra) for package in reconciliation.erase),
        keep=tuple(sorted(nevra for nevra in around.staying - wanted if not is_key(nevra))),
    )


def _without_refused(exact: SolveExact, transaction: Transaction | None) -> SolveExact:
    """Return the request with what cannot go moved to what stays."""
    refused = {nevra for nevra, _ in transaction.refused} if transaction else set()
    return SolveExact(
        install=exact.install,
        erase=tuple(nevra for nevra in exact.erase if nevra not in refused),
        keep=tuple(sorted({*exact.keep, *refused})),
    )


def _keys(engine: EngineClient, state: DesiredState, install: tuple[Package, ...]) -> tuple[KeyState, ...]:
    """Return the keys of those repositories that check signatures and that a package comes from."""
    checking = {repo.repo_id for repo in state.repositories if repo.gpgcheck}
    repo_ids = sorted({package.repo_id for package in install} & checking)
    return engine.ask(ReadKeys(repo_ids=tuple(repo_ids)), KeysAnswer).keys if repo_ids else ()
