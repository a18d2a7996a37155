"""Carry out a plan, and judge by the rpmdb alone whether that is what happened."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final

import msgspec

from yumbridge.condition.evaluation import Facts
from yumbridge.condition.text import condition_text
from yumbridge.count import counted
from yumbridge.desired.hold import BOOT
from yumbridge.desired.policy import removals_allowed
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import Commit, InstalledNevras, Prepare, Prepared, Verify
from yumbridge.engine.protocol import Outcome as EngineOutcome
from yumbridge.errors import BridgeError, ConfigError, DocumentError, HostError, StalePlanError
from yumbridge.plan.document import Plan, Reboot, printed
from yumbridge.plan.held import closed_holds
from yumbridge.run.advert import advertise
from yumbridge.run.configuration import write_prescribed
from yumbridge.run.host import HostFacts, boot_id
from yumbridge.run.log import change_words, log
from yumbridge.run.planning import Planned
from yumbridge.run.report import (
    Intent,
    Inventory,
    InventoryEntry,
    Outcome,
    Report,
    accumulated_reboot,
    read_intent,
    read_report,
    store_report,
)
from yumbridge.run.state import StateFolder, remove_durably, rfc3339, write_durably

_PATIENCE_S: Final = 5
INTERRUPTED: Final = "interrupted"
"""The kind of what ended a run that was told to end before it changed anything."""
_DEFERRED_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a plan is carried out.

    `moment` looks at the clock, and whatever else conditions ask, each time anew. `booting`: services do not run yet.
    `command` is what the report calls the run by.
    """

    facts: HostFacts
    folder: StateFolder
    moment: Callable[[], Facts | None]
    command: str
    booting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    """How a run ended, before it is a report."""

    outcome: Outcome
    started: str
    resumed: Intent | None
    differences: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    output: str = ""
    configuration: tuple[str, ...] = ()
    kind: str | None = None
    ran: bool = False
    quiet: bool = False


def now() -> str:
    """Return the time, RFC 3339 in UTC, to the second."""
    return rfc3339(datetime.now(UTC))


def removal_limit(planned: Planned, stated: int | None) -> int:
    """Return the most packages that an unattended apply removes.

    What is stated for the run counts first, then the policy's limit, then half of what is installed.
    """
    if stated is not None:
        return stated
    return removals_allowed(planned.state.policy.removal_limit, len(planned.basis.installed.packages))


def refuse(plan: Plan, site: Site, why: tuple[str, ...], *, tried: bool = True) -> Report:
    """Record that `plan` is not carried out, and return the report. Raises HostError.

    `tried`: somebody wanted it to be, so that the log tells of it as well.
    """
    verdict = _Verdict(outcome=Outcome.REFUSED, started=now(), resumed=read_intent(site.folder), errors=why)
    return _record(plan, site, verdict if tried else replace(verdict, quiet=True))


def apply(planned: Planned, engine: EngineClient, site: Site) -> Report:
    """Carry out a plan that has no problems, on the engine that made it, and return the report, which is stored.

    The caller holds the lock of the root.

    Raises StalePlanError, RepositoryError or TransactionError when nothing was changed but perhaps keys were
    imported. A transaction that ran and did not end as planned is a report with the outcome `failed`.
    """
    plan, started, resumed = planned.plan, now(), read_intent(site.folder)
    verdict = _Verdict(outcome=Outcome.NOTHING_TO_DO, started=started, resumed=resumed)
    if planned.exact is None or planned.transaction is None:
        return _record(plan, site, verdict)
    if not plan.changes:
        # Of a run that was interrupted nobody has recorded what it left installed.
        left = _inventory(engine.ask(Verify(), InstalledNevras), planned) if resumed else None
        return _record(plan, site, _configured(planned, site, verdict), left)
    asked = preparation(planned, site)
    try:
        prepared = engine.ask(asked, Prepared)
        _expect_open(planned, site)
    except BridgeError as error:
        errors = (error.message, *error.details)
        _record(plan, site, replace(verdict, outcome=Outcome.FAILED, errors=errors, kind=error.kind))
        raise
    except KeyboardInterrupt:
        _record(plan, site, replace(verdict, outcome=Outcome.INTERRUPTED, errors=(INTERRUPTED,), kind=INTERRUPTED))
        raise
    with _inhibited(site), _deferred_signals():
        intent = Intent(plan=plan.id, started=started, boot_id=boot_id(), pid=os.getpid(), reboot=plan.reboot)
        write_durably(site.folder.intent, printed(intent))
        # Before they happen: whatever becomes of us, the log has them. That it cannot be written is told in the end.
        with suppress(HostError):
            log(site.folder, now(), _begin_words(plan, site))
        ended = _commit(engine, prepared.cookie)
        try:
            found = engine.ask(Verify(), InstalledNevras)
        except BridgeError as error:
            # What the transaction came to is not known: the intent stays, and the next run looks.
            errors = tuple(dict.fromkeys((*ended.errors, error.message, *error.details)))
            _record(plan, site, replace(verdict, outcome=Outcome.FAILED, errors=errors, kind=error.kind))
            raise
        verdict = _judged(verdict, ended, _differences(asked, found))
        if verdict.outcome is Outcome.AS_PLANNED:
            verdict = _configured(planned, site, verdict)
        return _record(plan, site, verdict, _inventory(found, planned))


def _expect_open(planned: Planned, site: Site) -> None:
    """Refuse to change what a condition allowed when the plan was made, and no more. Raises StalePlanError.

    Downloads may take longer than a window is open.
    """
    closed = closed_holds(planned.released, site.moment()) if planned.released else ()
    if closed:
        texts = [f"{hold.label}: {condition_text(hold.until)}" for hold in closed if hold.until != BOOT]
        raise StalePlanError("a condition is not true any more; no package was changed", texts)


def _judged(verdict: _Verdict, ended: EngineOutcome, differences: tuple[str, ...]) -> _Verdict:
    """Return the verdict on a transaction that ran: as planned only if nothing whatever speaks against it."""
    errors = (*ended.errors, *(f"{nevra} failed" for nevra in ended.failed))
    good = not (differences or errors or ended.return_code)
    return replace(
        verdict,
        ran=True,
        outcome=Outcome.AS_PLANNED if good else Outcome.FAILED,
        differences=differences,
        errors=errors,
        output=ended.output,
    )


def _configured(planned: Planned, site: Site, verdict: _Verdict) -> _Verdict:
    """Write the files of dnf's, and the stamp among them, of a run that went well until then; return the verdict."""
    try:
        written = write_prescribed(site.facts.root, planned.prescription) if planned.prescription else ()
    except (HostError, ConfigError) as error:
        return replace(verdict, outcome=Outcome.FAILED, errors=(error.message, *error.details))
    outcome = Outcome.AS_PLANNED if written else verdict.outcome
    return replace(verdict, outcome=outcome, configuration=written)


def preparation(planned: Planned, site: Site) -> Prepare:
    """Return the request that makes a plan ready to be carried out. The plan has a solution."""
    if planned.exact is None or planned.transaction is None:
        raise ValueError("a plan without a solution cannot be carried out")
    return Prepare(
        install=planned.exact.install,
        erase=planned.exact.erase,
        keep=planned.exact.keep,
        outgoing=planned.transaction.outgoing,
        user=planned.listed,
        keys=tuple(key.fingerprint for key in planned.plan.keys),
        cookie=planned.plan.rpmdb_cookie,
        comment=planned.plan.id,
        persistdir=str(site.folder.dnf),
    )


def _commit(engine: EngineClient, cookie: str) -> EngineOutcome:
    """Run the transaction. An engine that refuses half-way is an outcome too: the rpmdb has the last word."""
    try:
        return engine.ask(Commit(cookie=cookie), EngineOutcome)
    except BridgeError as error:
        return EngineOutcome(return_code=1, failed=(), errors=(error.message, *error.details), output="")


def _differences(preparation: Prepare, found: InstalledNevras) -> tuple[str, ...]:
    """Return what the rpmdb has or lacks against the plan."""
    count = Counter(found.nevras)
    return (
        *(f"missing: {wanted.nevra}" for wanted in preparation.install if not count[wanted.nevra]),
        *(f"gone though kept: {nevra}" for nevra in preparation.keep if not count[nevra]),
        *(f"still there: {nevra}" for nevra in preparation.outgoing if count[nevra]),
        *(f"there twice: {nevra}" for nevra in sorted(count) if count[nevra] > 1),
    )


def _inventory(found: InstalledNevras, planned: Planned) -> Inventory:
    listed = frozenset(planned.listed)
    return Inventory(
        rpmdb_cookie=found.cookie,
        recorded=now(),
        packages=tuple(
            InventoryEntry(nevra=nevra, reason="user" if nevra in listed else "dependency") for nevra in found.nevras
        ),
    )


def _record(plan: Plan, site: Site, verdict: _Verdict, inventory: Inventory | None = None) -> Report:
    """Store the report of a run, and clear the intent unless the run never came to it."""
    here = site.facts.boot_id
    ran = verdict.ran
    reboot = accumulated_reboot(_earlier_report(site.folder), _reboot(plan, verdict, here), here)
    report = Report(
        plan=plan.id,
        started=verdict.started,
        finished=now(),
        outcome=verdict.outcome,
        command=site.command,
        kind=verdict.kind,
        changes=len(plan.changes) if ran else 0,
        packages=plan.changes if ran else (),
        configuration=verdict.configuration,
        differences=verdict.differences,
        errors=(*verdict.errors, *_advertised(site, reboot), *_logged(site, verdict)),
        output=verdict.output,
        deferred=plan.deferred,
        reboot=reboot,
        boot_id=here,
        resumed_after=verdict.resumed.plan if verdict.resumed else None,
    )
    store_report(site.folder, report, inventory)
    if ran or verdict.outcome in {Outcome.NOTHING_TO_DO, Outcome.AS_PLANNED}:
        remove_durably(site.folder.intent)
    return report


def _reboot(plan: Plan, verdict: _Verdict, here: str | None) -> Reboot:
    """Return what calls for a reboot: what this run has changed, and what one did that was interrupted in this boot."""
    because = {*plan.reboot.because} if verdict.ran else set()
    if verdict.resumed and verdict.resumed.boot_id == here:
        because |= {*verdict.resumed.reboot.because}
    return Reboot(needed_after=bool(because), because=tuple(sorted(because)))


def _advertised(site: Site, reboot: Reboot) -> tuple[str, ...]:
    """Tell others of a reboot that is needed, and return why that failed: it spoils no run."""
    try:
        advertise(site.facts, reboot)
    except HostError as error:
        return (error.message,)
    return ()


def _begin_words(plan: Plan, site: Site) -> Iterator[str]:
    yield f"{site.command}: plan {plan.id}: {counted(len(plan.changes), 'change')}"
    yield from map(change_words, plan.changes)


def _logged(site: Site, verdict: _Verdict) -> tuple[str, ...]:
    """Log how a run ended that changed something or tried to, and return why that failed: it spoils no run."""
    if verdict.quiet or verdict.outcome is Outcome.NOTHING_TO_DO:
        return ()
    details = (*verdict.errors, *verdict.differences, *(f"wrote or removed {path}" for path in verdict.configuration))
    try:
        log(site.folder, now(), (f"{site.command}: {verdict.outcome.value}", *details))
    except HostError as error:
        return (error.message,)
    return ()


def record_failure(folder: StateFolder, boot_id: str | None, report: Report) -> None:
    """Store the report of a run that came to no plan, as far as that can be, with what earlier runs left to do."""
    earlier = _earlier_report(folder)
    if earlier is not None:
        reboot = accumulated_reboot(earlier, Reboot(), boot_id)
        report = msgspec.structs.replace(report, deferred=earlier.deferred, reboot=reboot)
    with suppress(HostError):
        log(folder, report.finished, (f"{report.command}: {report.outcome.value}", *report.errors))
    # What is wrong is told by whoever calls.
    with suppress(HostError):
        store_report(folder, msgspec.structs.replace(report, boot_id=boot_id), None)


def _earlier_report(folder: StateFolder) -> Report | None:
    """Return the report of the run before, None also for one that cannot be read: a new one has to take its place."""
    try:
        return read_report(folder)
    except DocumentError:
        return None


@contextmanager
def _deferred_signals() -> Iterator[None]:
    """Let a transaction end before the signals that would end us are heard."""
    heard: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        heard.append(number)

    before = {int(number): signal.signal(number, note) for number in _DEFERRED_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in heard:
            signal.raise_signal(number)


@contextmanager
def _inhibited(site: Site) -> Iterator[None]:
    """Keep a running machine from shutting down or sleeping meanwhile. Source: systemd-inhibit(1)."""
    program = shutil.which("systemd-inhibit")
    # While it boots there is no logind to ask: its bus would only be answered once we are done.
    if not (program and site.facts.is_running and not site.booting and Path("/run/systemd/system").is_dir()):
        yield
        return
    arguments = [program, "--what=shutdown:sleep", "--who=yumbridge", "--why=Changing packages", "--mode=block", "cat"]
    # In a session of its own: what a terminal sends to us must not end it.
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, start_new_session=True) as inhibitor:  # noqa: S603 - fixed arguments, no shell
        try:
            yield
        finally:
            if inhibitor.stdin:
                inhibitor.stdin.close()
            try:
                inhibitor.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                # It never got its answer; what it would have kept from happening is over.
                inhibitor.kill()
