"""The verb `component run`: a plan or a run, told to ncm-ncd."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

from spma.cli.applying import Consent, Ended, Order, carry_out, problem_words
from spma.cli.audience import interruption_words
from spma.cli.boot_text import state_words
from spma.cli.component_message import MessageKind, Teller
from spma.cli.engines import chosen_starter
from spma.cli.exits import Exit
from spma.cli.inputs import load_source
from spma.cli.options import Settings, Target
from spma.cli.plan_text import chain_words, is_removal, shown_kept, summary, waiting_phrase, waits_for, why_phrase
from spma.cli.planning import exit_of_plan
from spma.cli.report_text import outcome_words
from spma.component import ComponentRequest, read_request
from spma.profile.finding import Finding
from spma.source import STDIN, read_source
from yumbridge.engine.client import EngineClient
from yumbridge.plan.document import NoteKind, Plan
from yumbridge.progress import Listener
from yumbridge.run.boot import BootState
from yumbridge.run.log import change_words
from yumbridge.run.planning import make_plan
from yumbridge.run.report import Intent, Outcome, Report
from yumbridge.run.request import PlanRequest

_PHASES: Final = {
    "metadata": "reading metadata",
    "download": "downloading packages",
    "transaction": "changing packages",
}
_GOOD: Final = frozenset({Outcome.AS_PLANNED, Outcome.NOTHING_TO_DO})
_IMPOSSIBLE: Final = frozenset({Exit.PROBLEMS, Exit.REPOSITORY})


def run_verb(settings: Settings, *, wait_s: float) -> None:
    """Do what the request on standard input wants, tell it line by line, and end with the exit code."""
    request = read_request(read_source(STDIN).data)
    teller = Teller(noaction=request.noaction)
    code = _preview(request, settings, teller) if request.noaction else _run(request, settings, teller, wait_s=wait_s)
    teller.tell(MessageKind.END, f"exit code {code:d}", code=code)
    sys.exit(code)


def _preview(request: ComponentRequest, settings: Settings, teller: Teller) -> Exit:
    """Tell the whole plan: it is computed, and nothing is carried out."""
    audience = Ncd(teller)
    with EngineClient(chosen_starter(settings)) as engine:
        engine.listener = audience.listener
        asked, profile = load_source(request.source, settings, Target())
        audience.warned(profile.warnings)
        plan = make_plan(asked, engine).plan
    audience.made(plan)
    audience.planned(plan, asked)
    if not profile.run and not asked.state.policy.run_at_boot and not plan.problems:
        teller.tell(MessageKind.NOT_RUN, "the profile says run = no: a run would change nothing")
    return exit_of_plan(plan, check=False)


def _run(request: ComponentRequest, settings: Settings, teller: Teller, *, wait_s: float) -> Exit:
    """Plan and carry out, tell how it ended, and return the exit code: not 0 if an error was told."""
    order = Order(
        settings=settings,
        target=Target(),
        consent=Consent(yes=True, wait_s=wait_s, removal_limit=None),
        source=request.source,
        command=f"yumbridge component run {request.name}",
    )
    report, ended = carry_out(order, Ncd(teller))
    for kind, text in outcome_messages(report, ended):
        teller.tell(kind, text, error="transaction" if kind is MessageKind.ERROR else None)
    return ended.code


def outcome_messages(report: Report, ended: Ended) -> Iterator[tuple[MessageKind, str]]:
    """Yield how a run ended, what waits, and how far that is staged.

    That something is not staged is no error: it holds no other component up.
    """
    yield from ((MessageKind.SCRIPTLET, line) for line in report.output.splitlines())
    yield from _verdict_messages(report, ended)
    yield from ((MessageKind.DIFFERENCE, text) for text in report.differences)
    if waiting := waiting_phrase(report.deferred):
        yield MessageKind.WAITING, f"Waiting: {waiting}"
    if ended.error is not None:
        yield MessageKind.NOT_STAGED, f"not staged for the boot: {ended.error.message}"
        yield from ((MessageKind.NOT_STAGED, text) for text in ended.error.details)
    elif report.deferred and ended.boot is not None and ended.boot.state is not BootState.NONE:
        yield MessageKind.BOOT, state_words(ended.boot)
    if report.reboot.needed_after:
        yield MessageKind.REBOOT, "A reboot is needed: " + ", ".join(report.reboot.because)


def _verdict_messages(report: Report, ended: Ended) -> Iterator[tuple[MessageKind, str]]:
    """Yield how a run ended, and why; the problems of a plan were told when it was made."""
    errors = report.errors
    if report.outcome in _GOOD:
        yield MessageKind.OUTCOME, outcome_words(report)
        kind = MessageKind.WARNING
    elif report.outcome is Outcome.REFUSED:
        kind = MessageKind.NOT_RUN if ended.code is Exit.DONE else MessageKind.REFUSED
        errors = () if ended.code in _IMPOSSIBLE else errors
    else:
        kind = MessageKind.ERROR
        errors = (outcome_words(report).rstrip(":"), *errors)
    yield from ((kind, text) for text in errors)


class Ncd:
    """Tells ncm-ncd of a run. Nobody is there to be asked."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._told: set[str] = set()

    @property
    def listener(self) -> Listener:
        """What the engine tells its progress: of each phase the beginning is told."""
        return self._hear

    def _hear(self, phase: str, _done: int, _total: int) -> None:
        if phase not in self._told:
            self._told.add(phase)
            self._teller.tell(MessageKind.PHASE, _PHASES.get(phase, phase))

    def pause(self) -> None:
        """Do nothing: what was told stays."""

    def resumed(self, intent: Intent) -> None:
        """Tell that an earlier run was interrupted."""
        self._teller.tell(MessageKind.INTERRUPTED, f"{interruption_words(intent)}; planning again")

    def warned(self, warnings: tuple[Finding, ...]) -> None:
        """Tell what to look at in the profile."""
        for warning in warnings:
            self._teller.tell(MessageKind.WARNING, str(warning))

    def made(self, plan: Plan) -> None:
        """Tell what is impossible, and what is left undone because a repository is missing."""
        for problem in plan.problems:
            self._teller.tell(MessageKind.PROBLEM, problem_words(problem), error=problem.kind.value)
            for solution in problem.solutions:
                self._teller.tell(MessageKind.SOLUTION, f"try: {solution}")
        for note in plan.notes:
            if note.kind is NoteKind.DEGRADED:
                self._teller.tell(MessageKind.DEGRADED, note.text)

    def planned(self, plan: Plan, request: PlanRequest) -> None:  # noqa: ARG002 - what an audience hears
        """Tell the plan, a line for each thing that happens or does not."""
        for kind, text in plan_messages(plan):
            self._teller.tell(kind, text)

    def consents(self) -> bool | None:
        """Return that nobody can be asked."""
        return None

    def withdrawn(self) -> None:
        """Tell that what was staged is no more."""
        self._teller.tell(MessageKind.BOOT, "what was staged for the boot is withdrawn")


def plan_messages(plan: Plan) -> Iterator[tuple[MessageKind, str]]:
    """Yield a message for each entry of a plan but its problems: each says all of it, wherever it is read."""
    for change in plan.changes:
        yield MessageKind.CHANGE, f"{change_words(change)}{_brackets(why_phrase(change.why))}"
    for file in plan.configuration:
        yield MessageKind.FILE, f"{'remove' if is_removal(file) else 'write'} {file.path}"
    for key in plan.keys:
        yield MessageKind.KEY, f"import the key {key.fingerprint} of {key.url}"
    for deferral in plan.deferred:
        why = "; ".join(deferral.chain) or next(reversed([*chain_words(deferral.why)]), "")
        yield MessageKind.DEFERRED, f"{waits_for(deferral.until)}: {change_words(deferral)}{_brackets(why)}"
    for entry in shown_kept(plan):
        yield MessageKind.KEPT, f"keep {entry.nevra} ({entry.reason.value}: {entry.rule})"
    for note in plan.notes:
        if note.kind is not NoteKind.DEGRADED:
            yield MessageKind.NOTE, f"{note.kind.value}: {note.text}"
    for line in summary(plan).splitlines():
        yield MessageKind.SUMMARY, line


def _brackets(text: str) -> str:
    return f" ({text})" if text else ""
