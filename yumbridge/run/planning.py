"""Make a plan: ask the engine for the closure, the host for what it has, the engine for the exact transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from yumbridge.desired.state import DesiredState
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
from yumbridge.plan.closure import Closure
from yumbridge.plan.composition import Basis, Solution, compose, surroundings
from yumbridge.plan.document import EngineRef, Host, Plan, ProfileRef, RepositoryRef
from yumbridge.plan.keys import KeyState
from yumbridge.plan.reconcile import KeepRules, Reconciliation, reconcile
from yumbridge.plan.transaction import Transaction, WantedPackage
from yumbridge.rpm.package import InstalledSet, Package
from yumbridge.run.host import HostFacts
from yumbridge.run.state import cache_folder

_CLOSURE_PERSISTDIR: Final = "persist"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What a plan is asked for."""

    state: DesiredState
    profile: ProfileRef
    facts: HostFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, and what carrying it out needs beyond the document.

    `listed` are the NEVRAs that the desired state names itself. `exact` is the request whose answer `transaction` is,
    less the removals that were refused; both are None for a plan without a solution. `removal_limit` is the policy's.
    """

    plan: Plan
    installed_count: int
    removal_limit: int | None
    listed: tuple[str, ...] = ()
    exact: SolveExact | None = None
    transaction: Transaction | None = None


def submit(request: PlanRequest, engine: EngineClient) -> None:
    """Send the engine all that it can do before we know anything: it works while the caller goes on."""
    state = request.state
    engine.submit(open_request(request))
    engine.submit(
        SolveClosure(
            specs=state.specs,
            require_best=state.policy.require_best,
            weak_deps=state.policy.weak_deps,
            obsoleters_meet_names=state.policy.obsoleters_meet_names,
            unwanted=state.policy.unwanted,
            reasons=True,
        )
    )
    engine.submit(ReadInstalled())


def open_request(request: PlanRequest) -> Open:
    """Return the request that loads the repositories of a desired state."""
    state, facts = request.state, request.facts
    cachedir = cache_folder(facts.root)
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
        repositories=tuple(repository_options(repo) for repo in state.repositories if repo.enabled),
    )


def collect(request: PlanRequest, engine: EngineClient) -> Planned:
    """Return the plan whose requests `submit` sent.

    Raises RepositoryError, HostError, EngineError; PlanMismatchError when the solver's transaction is not the plan's.
    """
    opened = engine.collect(Opened)
    closure = engine.collect(Closure)
    installed = engine.collect(InstalledSet)
    basis = _basis(request, engine, opened, installed)
    rules = KeepRules(
        policy=request.state.policy,
        kernel_release=request.facts.kernel_release,
        spoken_for=_spoken_for(request.state, closure),
    )
    if closure.problems:
        return _planned(compose(basis, Solution(closure=closure)), basis)
    reconciliation = reconcile(closure.packages, installed.packages, rules)
    exact = _exact_request(basis, closure, reconciliation)
    transaction = engine.ask(exact, Transaction)
    if transaction.problems and reconciliation.keeps_older_builds:
        # Room for older builds is no reason to fail: a plan without them is better than none.
        rules = replace(rules, keep_older_builds=False)
        reconciliation = reconcile(closure.packages, installed.packages, rules)
        exact = _exact_request(basis, closure, reconciliation)
        transaction = engine.ask(exact, Transaction)
    solution = Solution(
        closure=closure,
        reconciliation=reconciliation,
        transaction=transaction,
        keys=_keys(engine, request.state, reconciliation.install),
    )
    listed = {str(closure.packages[number].nevra) for numbers in closure.met for number in numbers}
    return replace(
        _planned(compose(basis, solution), basis),
        listed=tuple(sorted(listed)),
        exact=_without_refused(exact, transaction),
        transaction=transaction,
    )


def _planned(plan: Plan, basis: Basis) -> Planned:
    return Planned(
        plan=plan,
        installed_count=len(basis.installed.packages),
        removal_limit=basis.state.policy.removal_limit,
    )


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
                (RepositoryRef(repo_id=r.repo_id, revision=r.revision, repomd=r.repomd) for r in opened.repositories),
                key=lambda ref: ref.repo_id,
            )
        ),
        engine=EngineRef(name=engine.hello.name, version=engine.hello.version),
        installed=installed,
    )


def _spoken_for(state: DesiredState, closure: Closure) -> frozenset[str]:
    """Return the names and globs whose specs nothing meets: their installed packages are not "not in the profile"."""
    names = {state.specs[unmet.spec].name for unmet in closure.unmet}
    # A name.arch whose package is in no repository cannot be told from a name with a dot: both are spared.
    return frozenset(names | {name.rpartition(".")[0] for name in names if "." in name})


def _exact_request(basis: Basis, closure: Closure, reconciliation: Reconciliation) -> SolveExact:
    around = surroundings(basis, closure, tuple(reconciliation.kept.values()), reconciliation)
    wanted = {str(package.nevra) for package in closure.packages}
    return SolveExact(
        install=tuple(wanted_package(package) for package in reconciliation.install),
        erase=tuple(str(package.nevra) for package in reconciliation.erase),
        keep=tuple(sorted(around.staying - wanted)),
    )


def _without_refused(exact: SolveExact, transaction: Transaction) -> SolveExact:
    """Return the request with what cannot go moved to what stays."""
    refused = {nevra for nevra, _ in transaction.refused}
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
