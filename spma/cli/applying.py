"""The verb `apply`."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec

from snapshots.errors import SnapshotError
from spma.cli.audience import Audience, Person
from spma.cli.engines import chosen_starter
from spma.cli.exits import Exit, exit_of
from spma.cli.failure import tell_error
from spma.cli.inputs import load_source, moment_of, profile_source
from spma.cli.options import Settings, Target
from spma.cli.planning import exit_of_plan
from spma.cli.report_text import report_text
from spma.errors import ProfileError, SpmaError
from spma.source import ProfileSource, read_source
from yumbridge.complaint import UNDECODABLE
from yumbridge.count import counted
from yumbridge.engine.client import EngineClient
from yumbridge.errors import BridgeError, StalePlanError
from yumbridge.plan.document import Action, Plan, Problem, digest_of_bytes, read_plan
from yumbridge.plan.drift import drift
from yumbridge.run.apply import INTERRUPTED, Site, apply, now, record_failure, refuse, removal_limit
from yumbridge.run.boot import BootRecord
from yumbridge.run.host import HostFacts
from yumbridge.run.lock import Holder, held
from yumbridge.run.planning import make_plan
from yumbridge.run.report import UNKNOWN_PLAN, Outcome, Report, read_intent
from yumbridge.run.stage import Staging, disarm, is_staged, stage, withdraw
from yumbridge.run.state import StateFolder

_EXIT_OF: dict[Outcome, Exit] = {
    Outcome.AS_PLANNED: Exit.DONE,
    Outcome.NOTHING_TO_DO: Exit.DONE,
    Outcome.FAILED: Exit.TRANSACTION,
    Outcome.INTERRUPTED: Exit.INTERRUPTED,
    Outcome.REFUSED: Exit.FAILURE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """How an apply was asked for: with consent given beforehand, how many removals that covers, what to stage."""

    yes: bool
    wait_s: float
    removal_limit: int | None
    stage_again: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: its exit code, what waits for the boot by now, and why that is not staged."""

    code: Exit
    boot: BootRecord | None = None
    error: BridgeError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be carried out: a stored plan, or a profile, that of CCM's cache where `source` is None.

    `command` is what others are told of who holds the lock.
    """

    settings: Settings
    target: Target
    consent: Consent
    source: ProfileSource | None
    stored: Plan | None = None
    command: str = "yumbridge apply"


class _Head(msgspec.Struct, frozen=True):
    document: str


def apply_verb(settings: Settings, target: Target, file: Path | None, consent: Consent) -> None:
    """Carry out a stored plan, a profile or, without a file, that in CCM's cache, and end with an exit code."""
    source = None if file is None else read_source(file)
    stored = None if source is None else _stored_plan(source.data)
    if stored is not None:
        settings, target = _as_stored(stored, settings, target)
    order = Order(settings=settings, target=target, consent=consent, source=source, stored=stored)
    report, ended = carry_out(order, Person(settings.console, yes=consent.yes))
    settings.console.tell(report, lambda: report_text(report, settings.console, ended.boot))
    if ended.error is not None:
        # The report is the one document.
        tell_error(ended.error.kind, f"not staged for the boot: {ended.error.message}", ended.error.details)
        sys.exit(exit_of(ended.error))
    sys.exit(ended.code)


def carry_out(order: Order, audience: Audience) -> tuple[Report, Ended]:
    """Plan, carry out and stage what is ordered; return the report, which is stored, and how it ended.

    Raises whatever keeps it from coming to a report.
    """
    folder = StateFolder(order.settings.root)
    folder.create()
    holder = Holder(os.getpid(), order.command, now())
    with (
        held(folder.lock, holder, wait_s=order.consent.wait_s) as lock,
        EngineClient(chosen_starter(order.settings, (lock,))) as engine,
    ):
        engine.listener = audience.listener
        started = now()
        try:
            staging, may_run = _planned(order, engine, audience)
        except StalePlanError:
            # It says something of a plan that somebody stored, and nothing of the host.
            raise
        except (BridgeError, SpmaError, SnapshotError, KeyboardInterrupt) as error:
            _record(order, error, started)
            raise
        refused = _refusal(staging, order.consent, audience, run=may_run)
        if refused is None:
            disarm(staging)
            report = apply(staging.planned, engine, staging.site)
            ended = _staged(staging, report, engine)
        else:
            code, why = refused
            report = refuse(staging.planned.plan, staging.site, why, tried=may_run)
            ended = Ended(code)
            if not may_run and withdraw(folder):
                audience.withdrawn()
        audience.pause()
    return report, ended


def _record(order: Order, error: BridgeError | SpmaError | SnapshotError | KeyboardInterrupt, started: str) -> None:
    """Leave a report also of a run that came to no plan: an older one would say that all is well."""
    texts: tuple[str, ...] = (INTERRUPTED,)
    kind, outcome = INTERRUPTED, Outcome.INTERRUPTED
    if not isinstance(error, KeyboardInterrupt):
        texts, kind, outcome = (error.message, *error.details), error.kind, Outcome.FAILED
    report = Report(
        plan=UNKNOWN_PLAN,
        started=started,
        finished=now(),
        outcome=outcome,
        command=order.command,
        kind=kind,
        errors=texts,
    )
    root = order.settings.root
    record_failure(StateFolder(root), HostFacts(root=root).boot_id, report)


def _planned(order: Order, engine: EngineClient, audience: Audience) -> tuple[Staging, bool]:
    """Return the plan with all that it needs to be carried out, and whether the profile lets anything happen."""
    settings, stored = order.settings, order.stored
    folder = StateFolder(settings.root)
    intent = read_intent(folder)
    if intent is not None:
        audience.resumed(intent)
    source = order.source if stored is None else _source_of(stored)
    # What was previewed without commands is carried out so.
    run_commands = stored is None
    found = source or profile_source(None, settings)
    request, profile = load_source(found, settings, order.target, run_commands=run_commands)
    audience.warned(profile.warnings)
    planned = make_plan(request, engine)
    audience.pause()
    if stored is not None and (causes := drift(stored, planned.plan)):
        raise _stale(*causes)
    policy = request.state.policy
    site = Site(
        facts=request.facts,
        folder=folder,
        command=order.command,
        moment=partial(moment_of, policy.holds, settings.root, run_commands=run_commands),
    )
    again = order.consent.stage_again
    staging = Staging(request=request, planned=planned, site=site, method=policy.boot_method, again=again)
    return staging, profile.run or policy.run_at_boot


def _staged(staging: Staging, report: Report, engine: EngineClient) -> Ended:
    """Stage what waits for the boot after a run that went well; how it ended is told together with the report."""
    code = _EXIT_OF[report.outcome]
    if code is not Exit.DONE:
        return Ended(code)
    try:
        return Ended(code, boot=stage(staging, engine))
    except BridgeError as error:
        return Ended(code, error=error)


def _stored_plan(content: bytes) -> Plan | None:
    """Return the plan in `content`, or None when that is something else. Raises DocumentError."""
    try:
        head = msgspec.json.decode(content, type=_Head)
    except UNDECODABLE:
        return None
    return read_plan(content) if head.document == "yumbridge-plan" else None


def _as_stored(stored: Plan, settings: Settings, target: Target) -> tuple[Settings, Target]:
    """Return settings and target that lead to the very plan. What was named wins."""
    if target.snapshot is None and any(repository.snapshot for repository in stored.repositories):
        raise StalePlanError("the plan was made on a snapshot, nothing was done: give --snapshot NAME again")
    if settings.root_given and str(settings.root) != stored.host.root:
        raise StalePlanError(f"the plan is for the root {stored.host.root}, not for {settings.root}")
    root = Path(stored.host.root)
    if not root.is_dir():
        raise _stale(f"the root {root} is gone")
    running = None if root == Path("/") else stored.host.kernel_release
    target = replace(
        target,
        arch=target.arch or stored.host.arch,
        releasever=target.releasever or stored.host.releasever,
        kernel_release=target.kernel_release or running,
    )
    return replace(settings, root=root), target


def _source_of(stored: Plan) -> ProfileSource:
    """Return the profile that a plan was made from. Raises StalePlanError: the very same one cannot be had."""
    named = ProfileSource(stored.profile.source, b"")
    if named.is_stdin:
        raise _stale("its profile came from standard input and cannot be read again")
    try:
        source = read_source(Path(named.path))
    except ProfileError as error:
        raise _stale(error.message) from error
    if digest_of_bytes(source.data) != stored.profile.digest:
        raise _stale(f"the profile {named.path} has changed")
    return source


def _stale(*causes: str) -> StalePlanError:
    return StalePlanError("the plan is stale, nothing was done: plan again", causes)


def _refusal(
    staging: Staging, consent: Consent, audience: Audience, *, run: bool
) -> tuple[Exit, tuple[str, ...]] | None:
    """Return how and why a plan is not carried out, or None when it shall be. Asks a person, if one is there."""
    planned = staging.planned
    plan = planned.plan
    audience.made(plan)
    if plan.problems:
        return exit_of_plan(plan, check=False), tuple(map(problem_words, plan.problems))
    waiting = () if run and is_staged(staging) else plan.deferred
    if plan.is_empty and not waiting:
        return None
    audience.planned(plan, staging.request)
    if not run:
        return Exit.DONE, ("the profile says run = no: nothing is changed",)
    consented = audience.consents()
    if consented is not None:
        return None if consented else (Exit.FAILURE, ("declined",))
    limit = removal_limit(planned, consent.removal_limit)
    count = len(plan.removals) + sum(change.action is Action.REMOVE for change in waiting)
    if count > limit:
        removals = counted(count, "package")
        return Exit.FAILURE, (
            f"the plan removes {removals}; unasked, at most {limit} may go",
            "if that is meant: --removal-limit, or policy.removal_limit",
        )
    return None


def problem_words(problem: Problem) -> str:
    """Return a problem in one line, with where it was written."""
    text = f"{problem.kind.value}: {problem.text}"
    return f"{text} ({problem.origin})" if problem.origin else text
