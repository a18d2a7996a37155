"""Make a plan: ask the engine for the closure, the host for what it has, the engine for the exact transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from yumbridge.desired.hold import BOOT, EVERYTHING, Hold
from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState, ModuleStream
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import (
    KeysAnswer,
    Open,
    Opened,
    ReadInstalled,
    ReadKeys,
    SolveClosure,
    SolveExact,
    repository_options,
)
from yumbridge.plan.closure import Closure, ProblemKind
from yumbridge.plan.composition import Basis, Solution, compose, surroundings
from yumbridge.plan.configuration import Prescription, differences, pinned_packages
from yumbridge.plan.document import (
    ConfigurationChange,
    EngineRef,
    Host,
    Note,
    NoteKind,
    Plan,
    Problem,
    ProfileRef,
    RepositoryRef,
    masked,
)
from yumbridge.plan.held import closed_holds, idle_notes, unknown_notes
from yumbridge.plan.keys import KeyState
from yumbridge.plan.narrowing import matching, without_downgrades
from yumbridge.plan.reconcile import KeepRules, is_key, reconcile
from yumbridge.plan.transaction import Transaction, WantedPackage
from yumbridge.rpm.package import InstalledSet, Package
from yumbridge.run.configuration import read_current, unreadable_files
from yumbridge.run.host import HostFacts
from yumbridge.run.state import cache_folder

if TYPE_CHECKING:
    from yumbridge.condition.evaluation import Facts

_CLOSURE_PERSISTDIR: Final = "persist"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What a plan is asked for.

    `moment` is when, as far as the conditions of holds are concerned; without it every hold is in force. `offered` are
    repositories that the packages come from in place of those of `state`, `cachedir` the engine's cache in place of the
    usual one. `snapshot_id` is that of the snapshot whose repositories `state` has, if they are, `snapshot` its name.
    """

    state: DesiredState
    profile: ProfileRef
    facts: HostFacts
    moment: Facts | None = None
    offered: tuple[Repository, ...] | None = None
    cachedir: Path | None = None
    snapshot_id: str | None = None
    snapshot: str = ""

    @property
    def closed_holds(self) -> tuple[Hold, ...]:
        """The holds that are in force."""
        return closed_holds(self.state.policy.holds, self.moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, and what carrying it out needs beyond the document.

    `listed` are the NEVRAs that the desired state names itself. `exact` is the request whose answer `transaction` is,
    less the removals that were refused; both are None for a plan without a solution. `prescription` says what dnf's
    files shall hold. `removal_limit` is the policy's. `released` are the holds that the plan changes packages of only
    because their conditions are true.
    """

    plan: Plan
    installed_count: int
    removal_limit: int | None
    listed: tuple[str, ...] = ()
    exact: SolveExact | None = None
    transaction: Transaction | None = None
    prescription: Prescription | None = None
    released: tuple[Hold, ...] = ()


def submit(request: PlanRequest, engine: EngineClient) -> None:
    """Send the engine all that it can do before we know anything: it works while the caller goes on."""
    engine.submit(open_request(request))
    engine.submit(closure_request(request.state))
    engine.submit(ReadInstalled())


def closure_request(state: DesiredState) -> SolveClosure:
    """Return the request that solves the closure of a desired state, with its reasons."""
    return SolveClosure(
        specs=state.specs,
        require_best=state.policy.require_best,
        weak_deps=state.policy.weak_deps,
        obsoleters_meet_names=state.policy.obsoleters_meet_names,
        unwanted=state.policy.unwanted,
        reasons=True,
    )


def open_request(request: PlanRequest) -> Open:
    """Return the request that loads the repositories of a desired state."""
    state, facts = request.state, request.facts
    cachedir = request.cachedir or cache_folder(facts.root)
    return Open(
        root=str(facts.root),
        cachedir=str(cachedir),
        persistdir=str(cachedir / _CLOSURE_PERSISTDIR),
        arch=facts.arch,
        releasever=facts.releasever,
        module_platform_id=facts.platform_id,
        allow_vendor_change=state.policy.allow_vendor_change,
        excludes=state.policy.excludes,
        proxy=state.network.proxy,
        retries=state.network.retries,
        timeout_s=state.network.timeout_s,
        keepcache=state.network.keepcache,
        modules=state.modules,
        repositories=tuple(repository_options(repo) for repo in _offered(request) if repo.enabled),
    )


def _offered(request: PlanRequest) -> tuple[Repository, ...]:
    return request.state.repositories if request.offered is None else request.offered


def collect(request: PlanRequest, engine: EngineClient) -> Planned:
    """Return the plan whose requests `submit` sent.

    Raises RepositoryError, HostError, EngineError; PlanMismatchError when the solver's transaction is not the plan's.
    """
    opened = engine.collect(Opened)
    closure = engine.collect(Closure)
    installed = engine.collect(InstalledSet)
    basis = _basis(request, engine, opened, installed)
    if basis.degraded and closure.problems:
        basis, closure = _without_unsolvable(basis, closure, engine)
    if closure.problems:
        return _planned(compose(basis, Solution(closure=closure)), basis)
    rules = KeepRules(
        policy=basis.state.policy,
        kernel_release=request.facts.kernel_release,
        spoken_for=_spoken_for(basis.state, closure),
        degraded=basis.degraded,
    )
    solution, exact = _solve(engine, basis, closure, rules)
    if solution.transaction and solution.transaction.problems and solution.reconciliation.keeps_older_builds:
        # Room for older builds is no reason to fail: a plan without them is better than none.
        solution, exact = _solve(engine, basis, closure, replace(rules, keep_older_builds=False))
    exact = _without_refused(exact, solution.transaction)
    if basis.closed_holds:
        from yumbridge.run.division import divided

        solution, exact = divided(basis, solution, exact, engine)
    prescription = _prescription(basis, solution)
    changes: tuple[ConfigurationChange, ...] = ()
    if prescription is not None:
        basis, changes = _configuration_changes(basis, prescription, request.facts.root)
    plan = compose(_with_hold_notes(basis, request, closure), replace(solution, configuration=changes))
    listed = {str(closure.packages[number].nevra) for numbers in closure.met for number in numbers}
    return replace(
        _planned(plan, basis),
        listed=tuple(sorted(listed)),
        exact=exact,
        transaction=solution.now.transaction if solution.now else solution.transaction,
        prescription=prescription,
        released=_released(basis, solution),
    )


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


def _solve(engine: EngineClient, basis: Basis, closure: Closure, rules: KeepRules) -> tuple[Solution, SolveExact]:
    """Return the closure compared with what is installed, the exact transaction between the two, and its request."""
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
    solution = replace(
        solution,
        transaction=engine.ask(exact, Transaction),
        keys=_keys(engine, basis.state, solution.reconciliation.install),
    )
    return solution, exact


def _without_unsolvable(basis: Basis, closure: Closure, engine: EngineClient) -> tuple[Basis, Closure]:
    """Return basis and closure without the specs that cannot be solved while repositories are missing, each noted."""
    while closure.problems and (blamed := {p.spec for p in closure.problems if p.spec is not None}):
        specs = basis.state.specs
        notes = tuple(
            Note(kind=NoteKind.DEGRADED, text=f"{specs[problem.spec].name} is left as it is: {problem.text}")
            for problem in closure.problems
            if problem.spec is not None
        )
        left = tuple(spec for number, spec in enumerate(specs) if number not in blamed)
        state = msgspec.structs.replace(basis.state, specs=left)
        basis = replace(basis, state=state, notes=(*basis.notes, *notes))
        closure = engine.ask(closure_request(state), Closure)
    return basis, closure


def _planned(plan: Plan, basis: Basis) -> Planned:
    return Planned(
        plan=plan,
        installed_count=len(basis.installed.packages),
        removal_limit=basis.state.policy.removal_limit,
    )


def unmet_specs(request: PlanRequest, engine: EngineClient) -> tuple[tuple[Spec, str], ...]:
    """Return the specs that no package of the repositories meets, each with the reason. Raises as `collect`."""
    engine.ask(open_request(request), Opened)
    closure = engine.ask(msgspec.structs.replace(closure_request(request.state), reasons=False), Closure)
    return tuple((request.state.specs[unmet.spec], unmet.text) for unmet in closure.unmet)


def make_plan(request: PlanRequest, engine: EngineClient) -> Planned:
    """Return the plan for `request`. Raises as `collect`."""
    submit(request, engine)
    return collect(request, engine)


def wanted_package(package: Package) -> WantedPackage:
    """Return `package` as the engine is asked for it."""
    return WantedPackage(str(package.nevra), package.repo_id, package.checksum)


def _basis(request: PlanRequest, engine: EngineClient, opened: Opened, installed: InstalledSet) -> Basis:
    facts = request.facts
    return Basis(
        state=request.state,
        host=Host(
            arch=opened.arch,
            basearch=opened.basearch,
            os_major=facts.os_major,
            releasever=facts.releasever,
            kernel_release=facts.kernel_release,
            root=str(facts.root),
        ),
        profile=request.profile,
        repositories=tuple(
            sorted(
                (
                    RepositoryRef(
                        repo_id=state.repo_id,
                        revision=state.revision,
                        repomd=state.repomd,
                        snapshot=request.snapshot_id,
                    )
                    for state in opened.repositories
                ),
                key=lambda ref: ref.repo_id,
            )
        ),
        engine=EngineRef(name=engine.hello.name, version=engine.hello.version),
        installed=installed,
        degraded=bool(opened.unavailable),
        closed_holds=request.closed_holds,
        reboot_names=facts.reboot_names,
        problems=module_problems(request.state, opened),
        notes=(
            # The modules may be those of a repository that is missing.
            *(_module_note(request.state.modules[n]) for n in opened.unused_modules if not opened.unavailable),
            *(
                Note(
                    kind=NoteKind.DEGRADED,
                    text=f"repository {missing.repo_id} cannot be reached: {masked(missing.why)}",
                )
                for missing in opened.unavailable
            ),
        ),
    )


def module_problems(state: DesiredState, opened: Opened) -> tuple[Problem, ...]:
    """Return a problem for each module stream that cannot be had."""
    wanted = ((state.modules[bad.stream], bad.text) for bad in opened.module_problems)
    return tuple(
        Problem(kind=ProblemKind.MODULE, spec=str(stream), origin=stream.origin, text=text) for stream, text in wanted
    )


def _module_note(stream: ModuleStream) -> Note:
    return Note(kind=NoteKind.MODULE, text=f"{stream} has no meaning: no repository has modules")


def _spoken_for(state: DesiredState, closure: Closure) -> frozenset[str]:
    """Return the names and globs whose specs nothing meets: their installed packages are not "not in the profile"."""
    names = {state.specs[unmet.spec].name for unmet in closure.unmet}
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
