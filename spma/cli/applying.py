"""The verb `apply`."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click
import msgspec

from snapshots.content.count import counted
from spma.cli.console import ProgressBar
from spma.cli.engines import chosen_starter
from spma.cli.exits import Exit, exit_of
from spma.cli.failure import tell_error
from spma.cli.inputs import load_source, moment_of, profile_source, snapshot_words
from spma.cli.options import Settings, Target
from spma.cli.plan_text import plan_text
from spma.cli.planning import exit_of_plan, warn
from spma.cli.report_text import report_text
from spma.errors import ProfileError
from spma.source import ProfileSource, read_source
from yumbridge.engine.client import EngineClient
from yumbridge.errors import BridgeError, StalePlanError
from yumbridge.plan.document import Action, Plan, digest_of_bytes, read_plan
from yumbridge.plan.drift import drift
from yumbridge.run.apply import Site, apply, now, refuse, removal_limit
from yumbridge.run.boot import BootRecord
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
class _Ended:
    """How a run ended: its exit code, what waits for the boot by now, and why that is not staged."""

    code: Exit
    boot: BootRecord | None = None
    error: BridgeError | None = None


class _Head(msgspec.Struct, frozen=True):
    document: str


def apply_verb(settings: Settings, target: Target, file: Path | None, consent: Consent) -> None:
    """Carry out a stored plan, a profile or, without a file, that in CCM's cache, and end with an exit code."""
    opened = None if file is None else read_source(file)
    stored = None if opened is None else _stored_plan(opened.data)
    if stored is not None:
        settings, target = _as_stored(stored, settings, target)
    folder = StateFolder(settings.root)
    folder.create()
    holder = Holder(os.getpid(), "yumbridge apply", now())
    with (
        held(folder.lock, holder, wait_s=consent.wait_s) as lock,
        EngineClient(chosen_starter(settings, (lock,))) as engine,
    ):
        _tell_of_interruption(folder, settings)
        source = opened if stored is None else _source_of(stored)
        # What was previewed without commands is carried out so.
        load_now = partial(load_source, settings=settings, target=target, run_commands=stored is None)
        request, profile = load_now(source or profile_source(None, settings))
        warn(profile.warnings, settings.console)
        progress = ProgressBar()
        engine.listener = progress
        planned = make_plan(request, engine)
        progress.stop()
        if stored is not None and (causes := drift(stored, planned.plan)):
            raise _stale(*causes)
        site = Site(
            facts=request.facts,
            folder=folder,
            moment=partial(moment_of, request.state.policy.holds, settings.root, run_commands=stored is None),
        )
        method = request.state.policy.boot_method
        staging = Staging(request=request, planned=planned, site=site, method=method, again=consent.stage_again)
        may_run = profile.run or request.state.policy.run_at_boot
        refused = _refusal(staging, settings, consent, run=may_run)
        if refused is None:
            disarm(staging)
            report = apply(planned, engine, site)
            ended = _staged(staging, report, engine)
        else:
            code, why = refused
            report = refuse(planned.plan, site, why)
            ended = _Ended(code)
            if not may_run and withdraw(folder):
                settings.console.say("what was staged for the boot is withdrawn")
        progress.stop()
    settings.console.tell(report, lambda: report_text(report, settings.console, ended.boot))
    if ended.error is not None:
        # The report is the one document.
        tell_error(ended.error.kind, f"not staged for the boot: {ended.error.message}", ended.error.details)
        sys.exit(exit_of(ended.error))
    sys.exit(ended.code)


def _staged(staging: Staging, report: Report, engine: EngineClient) -> _Ended:
    """Stage what waits for the boot after a run that went well; how it ended is told together with the report."""
    code = _EXIT_OF[report.outcome]
    if code is not Exit.DONE:
        return _Ended(code)
    try:
        return _Ended(code, boot=stage(staging, engine))
    except BridgeError as error:
        return _Ended(code, error=error)


def _stored_plan(content: bytes) -> Plan | None:
    """Return the plan in `content`, or None when that is something else. Raises DocumentError."""
    try:
        head = msgspec.json.decode(content, type=_Head)
    except (msgspec.DecodeError, RecursionError):
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


def _tell_of_interruption(folder: StateFolder, settings: Settings) -> None:
    intent = read_intent(folder)
    if intent is not None:
        plan = "an unknown plan" if intent.plan == UNKNOWN_PLAN else f"plan {intent.plan}"
        settings.console.say(f"a run was interrupted: {plan}, started {intent.started}")
        settings.console.say("planning again from what is installed now")


def _refusal(
    staging: Staging, settings: Settings, consent: Consent, *, run: bool
) -> tuple[Exit, tuple[str, ...]] | None:
    """Return how and why a plan is not carried out, or None when it shall be. Asks a person, if one is there."""
    planned, console = staging.planned, settings.console
    plan = planned.plan
    if plan.problems:
        texts = (
            f"{p.kind.value}: {p.text} ({p.origin})" if p.origin else f"{p.kind.value}: {p.text}" for p in plan.problems
        )
        return exit_of_plan(plan, check=False), tuple(texts)
    waiting = () if run and is_staged(staging) else plan.deferred
    if plan.is_empty and not waiting:
        return None
    if not console.json:
        words = snapshot_words(staging.request)
        console.answer(plan_text(plan, console, snapshot=words, moment=staging.request.moment))
    if not run:
        return Exit.DONE, ("the profile says run = no: nothing is changed",)
    if console.can_ask and not consent.yes and not console.json:
        return None if click.confirm("Carry out this plan?") else (Exit.FAILURE, ("declined",))
    limit = removal_limit(planned, consent.removal_limit)
    count = len(plan.removals) + sum(change.action is Action.REMOVE for change in waiting)
    if count > limit:
        removals = counted(count, "package")
        return Exit.FAILURE, (
            f"the plan removes {removals}; unasked, at most {limit} may go",
            "if that is meant: --removal-limit, or policy.removal_limit",
        )
    return None
