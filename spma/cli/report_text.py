"""Reports and statuses as text for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spma.cli.boot_text import state_words
from spma.cli.console import Console, printable
from spma.cli.plan_text import waiting_phrase
from spma.cli.text import LISTED, more, shortened, wrapped
from yumbridge.count import counted
from yumbridge.run.boot import BootRecord, BootState
from yumbridge.run.log import change_words
from yumbridge.run.report import Drift, Outcome, Report
from yumbridge.run.standing import Status

_OUTCOMES: Final = {
    Outcome.AS_PLANNED: "Done: the host is as planned.",
    Outcome.NOTHING_TO_DO: "Nothing to do: the host is as the profile wants it.",
    Outcome.REFUSED: "Refused, nothing was done:",
    Outcome.FAILED: "Failed: the host is not as planned, or a scriptlet failed:",
    Outcome.INTERRUPTED: "Interrupted.",
}
_WAITING: Final = {
    Outcome.AS_PLANNED: "Done: the host is as planned for now.",
    Outcome.NOTHING_TO_DO: "Nothing to do now.",
}


def report_text(report: Report, console: Console, boot: BootRecord | None = None) -> str:
    """Return how a run ended, with what is not as planned, and what waits: `boot` is how far that is staged."""
    lines = list(wrapped(outcome_words(report), "", console))
    for text in (*report.errors, *report.differences):
        lines += wrapped(text, "  ", console)
    if report.output.strip():
        lines += ["Output of scriptlets:", *(f"  {printable(line)}" for line in report.output.splitlines())]
    if waiting := waiting_phrase(report.deferred):
        lines += wrapped(f"Waiting: {waiting}", "", console)
    if boot is not None and boot.state is not BootState.NONE and report.deferred:
        lines += wrapped(state_words(boot), "", console)
    if report.reboot.needed_after:
        lines += wrapped("A reboot is needed: " + ", ".join(report.reboot.because), "", console)
    return "\n".join(lines)


def outcome_words(report: Report) -> str:
    """Return how a run ended, in one sentence."""
    if report.deferred and report.outcome in _WAITING:
        return _WAITING[report.outcome]
    return _OUTCOMES[report.outcome]


def status_text(status: Status, console: Console) -> str:
    """Return where a host stands."""
    lines: list[str] = []
    report = status.last_report
    if report is None:
        lines.append("No run is recorded.")
    else:
        # A digest is a word of 71 columns.
        lines.append(printable(f"Last run {report.outcome.value}, finished {report.finished}"))
        lines.append(printable(f"Plan     {report.plan}"))
        files = f", {counted(len(report.configuration), 'file')}" if report.configuration else ""
        lines.append(f"Changes  {counted(report.changes, 'package')}{files}")
        for text in (*report.errors, *report.differences):
            lines += wrapped(text, "         ", console)
    if status.interrupted is not None:
        intent = status.interrupted
        lines += wrapped(f"Interrupted: plan {intent.plan}, started {intent.started}; apply again", "", console)
    lines += _waiting_lines(status, console)
    reboot = ", ".join(status.reboot_because) if status.reboot_needed else "not needed"
    lines += wrapped(f"Reboot   {reboot}", "", console)
    if status.drift is not None:
        lines += _drift_lines(status.drift, console)
    return "\n".join(lines)


def _waiting_lines(status: Status, console: Console) -> Iterator[str]:
    """Yield what has not happened yet, and how far the boot plan is."""
    deferred = status.last_report.deferred if status.last_report else ()
    if deferred:
        yield from wrapped(f"Waiting  {waiting_phrase(deferred)}", "", console)
        shown, left = shortened(deferred, LISTED, whole=console.verbose)
        for change in shown:
            yield from wrapped(change_words(change), "         ", console)
        yield from more(left, "         ", console)
    if status.boot.state is not BootState.NONE:
        yield from wrapped(f"Boot     {state_words(status.boot, status.boot_id)}", "", console)


def _drift_lines(drift: Drift, console: Console) -> Iterator[str]:
    if not (drift.added or drift.removed):
        yield "Since then nothing was installed or removed by others."
        return
    yield "Since then, by others:"
    for sign, nevras in (("+", drift.added), ("-", drift.removed)):
        for nevra in nevras:
            yield from wrapped(f"{sign} {nevra}", "  ", console)
