"""The boot run: carry out at boot what was staged, planned anew on what is installed by now."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from yumbridge.engine.client import EngineClient
from yumbridge.errors import BridgeError, StalePlanError
from yumbridge.run.apply import Site, apply, now
from yumbridge.run.boot import MAX_TRIES, BootRecord, BootState, drop_staged, store_boot
from yumbridge.run.boot_request import boot_request, losses
from yumbridge.run.planning import Planned, make_plan
from yumbridge.run.report import Outcome, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class BootRun:
    """How a boot run ended: the record, the report where there was a transaction, and the error that ended it."""

    record: BootRecord
    report: Report | None = None
    error: BridgeError | None = None


def run_boot(record: BootRecord, site: Site, engine: EngineClient) -> BootRun:
    """Carry out the boot plan of `record`, which waits, and return how that ended; the record is stored.

    That this is a boot was proved, or is nobody's business in an image. A run that was interrupted is taken up again,
    but only so often: the try is counted before anything is done. The caller holds the lock of the root.
    """
    if record.tries >= MAX_TRIES:
        why = f"gave up after {record.tries} tries"
        return BootRun(record=_end(record, site, BootState.FAILED, why))
    record = store_boot(
        site.folder,
        msgspec.structs.replace(
            record, state=BootState.RUNNING, tries=record.tries + 1, boot_id=site.facts.boot_id, why=""
        ),
    )
    try:
        request = boot_request(site.folder, record.basis, site.facts)
        planned = make_plan(replace(request, moment=site.moment()), engine)
        _expect_fit(planned, record)
        report = apply(planned, engine, site)
    except StalePlanError as error:
        return BootRun(record=_end(record, site, BootState.STALE, _in_one_line(error)), error=error)
    except BridgeError as error:
        return BootRun(record=_end(record, site, BootState.FAILED, _in_one_line(error)), error=error)
    if report.outcome is Outcome.FAILED:
        why = "; ".join((*report.errors, *report.differences))
        return BootRun(record=_end(record, site, BootState.FAILED, why), report=report)
    record = _end(record, site, BootState.DONE, "")
    drop_staged(site.folder)
    return BootRun(record=record, report=report)


def _expect_fit(planned: Planned, record: BootRecord) -> None:
    """Refuse a plan made at boot that has problems, or more than was staged and previewed.

    What somebody has installed meanwhile is nothing that a boot removes. Raises StalePlanError with each reason.
    """
    plan = planned.plan
    staged = {(package.nevra, package.checksum) for package in record.staged}
    wanted = {(change.coming[0], change.checksum) for change in plan.changes if change.coming}
    reasons = [problem.text for problem in plan.problems]
    reasons += [f"not staged: {nevra}" for nevra, _ in sorted(wanted - staged)]
    reasons += [f"not previewed: {nevra} would go" for nevra in sorted(losses(plan) - {*record.losses})]
    if reasons:
        raise StalePlanError("what was staged does not fit any more; nothing was done", reasons)


def _end(record: BootRecord, site: Site, state: BootState, why: str) -> BootRecord:
    return store_boot(
        site.folder,
        msgspec.structs.replace(record, state=state, staged=(), ended_at=now(), boot_id=site.facts.boot_id, why=why),
    )


def _in_one_line(error: BridgeError) -> str:
    return "; ".join((error.message, *error.details))
