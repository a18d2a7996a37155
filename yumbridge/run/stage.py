"""Stage the part of a plan that waits for a boot: packages, metadata, keys and the desired state, then a rehearsal.

The boot needs no network: what it is asked for is read from the staging folder alone, and planned anew on what is
installed by then. So is the rehearsal, which ends with rpm's own test of the transaction.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec

from yumbridge.desired.hold import waits_for_boot
from yumbridge.desired.policy import BootMethod
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import Prepared, Stage, Staged
from yumbridge.errors import BridgeError, HostError, PlanMismatchError
from yumbridge.plan.document import Change, Deferral, digest, printed
from yumbridge.plan.transaction import WantedPackage
from yumbridge.run.apply import Site, now, preparation
from yumbridge.run.boot import (
    MAX_TRIES,
    BootRecord,
    BootState,
    StagedPackage,
    armed_by,
    drop_link,
    drop_staged,
    link_offline,
    read_boot_or_none,
    store_boot,
)
from yumbridge.run.boot_request import CACHE, REQUEST, boot_request, losses, write_private, write_request
from yumbridge.run.planning import Planned, make_plan
from yumbridge.run.request import PlanRequest
from yumbridge.run.state import StateFolder, sync_folder

_PLAN: Final = "plan.json"
_REPOSITORIES: Final = "repositories"
_FOLDER_MODE: Final = 0o700
# Staged again from one of these, a plan is the same one: its tries go on counting.
_COUNTED: Final = frozenset({BootState.PLANNED, BootState.STAGED, BootState.ARMED, BootState.RUNNING, BootState.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """What is staged, where, and from what: `again` also when it was cancelled or has failed too often."""

    request: PlanRequest
    planned: Planned
    site: Site
    method: BootMethod = BootMethod.EARLY
    again: bool = False

    @property
    def deferred(self) -> tuple[Deferral, ...]:
        """All that waits: also what waits for a window may be free by the time of the boot."""
        return self.planned.plan.deferred

    @property
    def waits(self) -> str:
        """The digest of the changes that wait, whatever they were planned from."""
        return digest([(c.name, c.arch, c.before, c.after, c.checksum) for c in self.deferred])

    @property
    def basis(self) -> str:
        """The digest of all that decides what is staged."""
        plan, request = self.planned.plan, self.request
        # Since when nothing wants what goes is told anew after every run, and decides nothing.
        deferred = [msgspec.structs.replace(change, why=()) for change in plan.deferred]
        return digest((deferred, digest(request.state), plan.repositories, plan.engine, self.method))


def is_staged(staging: Staging) -> bool:
    """Tell whether what waits for a boot is staged as it is, or was taken back: nobody need be asked again."""
    if not any(waits_for_boot(change.until) for change in staging.deferred):
        return True
    return _is_settled(read_boot_or_none(staging.site.folder), staging)


def disarm(staging: Staging) -> None:
    """Let no boot carry out what was staged for another plan than this one, which is about to be carried out.

    Whatever becomes of that: an older desired state would undo it.
    """
    folder = staging.site.folder
    record = read_boot_or_none(folder)
    if record.is_waiting and record.basis != staging.basis and not staging.planned.plan.degraded:
        why = "a newer plan has been begun"
        store_boot(folder, msgspec.structs.replace(record, state=BootState.PLANNED, staged=(), why=why))
        drop_link(folder)


def stage(staging: Staging, engine: EngineClient) -> BootRecord:
    """Stage what waits for a boot, unless it is staged already, and return the record.

    The engine is the one that made the plan, and the caller holds the lock of the root. Of a degraded plan nothing is
    staged: what was stays. Where nothing waits, what was staged is dropped.

    Raises RepositoryError, HostError, TransactionError, PlanMismatchError; the record says why then.
    """
    folder = staging.site.folder
    record = read_boot_or_none(folder)
    if staging.planned.plan.degraded:
        return record
    if not any(waits_for_boot(change.until) for change in staging.deferred):
        return _nothing_waits(folder, record)
    if _is_settled(record, staging):
        return _armed(staging, record)
    counts = record.waits == staging.waits and record.state in _COUNTED and not staging.again
    fresh = BootRecord(
        state=BootState.PLANNED,
        method=staging.method,
        basis=staging.basis,
        waits=staging.waits,
        changes=len(staging.deferred),
        tries=record.tries if counts else 0,
        boot_id=staging.site.facts.boot_id,
    )
    store_boot(folder, fresh)
    try:
        # Until it is armed again no boot is for updates.
        drop_link(folder)
        record = _staged(staging, fresh, engine)
    except BridgeError as error:
        _give_up(folder, msgspec.structs.replace(fresh, why=error.message))
        raise
    drop_staged(folder, but=staging.basis)
    return _armed(staging, record)


def _give_up(folder: StateFolder, record: BootRecord) -> None:
    """Remove what could not be staged, and say so on record: on a full disk the former makes room for the latter."""
    with suppress(HostError):
        drop_staged(folder)
        store_boot(folder, record)


def withdraw(folder: StateFolder) -> bool:
    """Drop whatever is staged, and tell whether anything was: nothing may change now, nor at the next boot."""
    record = read_boot_or_none(folder)
    _nothing_waits(folder, record)
    return record.is_waiting


def _nothing_waits(folder: StateFolder, record: BootRecord) -> BootRecord:
    """Return the record without anything that waits; how the last boot run ended stays on it."""
    if record.is_waiting or record.state in {BootState.PLANNED, BootState.CANCELLED}:
        record = store_boot(folder, BootRecord())
    drop_staged(folder)
    return record


def _is_settled(record: BootRecord, staging: Staging) -> bool:
    """Tell whether this very plan need not be staged: it is, or somebody or too many tries took it back."""
    match record.state:
        case BootState.STAGED | BootState.ARMED:
            return record.basis == staging.basis and _is_whole(record, staging.site.folder)
        case BootState.CANCELLED:
            return record.waits == staging.waits and not staging.again
        case BootState.FAILED:
            return record.waits == staging.waits and record.tries >= MAX_TRIES and not staging.again
        case _:
            return False


def _is_whole(record: BootRecord, folder: StateFolder) -> bool:
    """Tell whether everything lies there that a boot run reads; what is in it is verified by then."""
    place = folder.staged(record.basis)
    trees = sorted((place / _REPOSITORIES).glob("*"))
    return (
        (place / REQUEST).is_file()
        and bool(trees)
        and all((tree / "repodata/repomd.xml").is_file() for tree in trees)
        and all(_has_size(place / package.path, package.size_bytes) for package in record.staged)
    )


def _has_size(path: Path, size_bytes: int) -> bool:
    return path.is_file() and path.stat().st_size == size_bytes


def _staged(staging: Staging, fresh: BootRecord, engine: EngineClient) -> BootRecord:
    """Write the staging folder and rehearse the boot, and return the record, which is stored."""
    folder = staging.site.folder
    place = folder.staged(fresh.basis)
    _make_empty(place)
    coming = _coming(staging)
    answer = engine.ask(Stage(install=coming, folder=str(place)), Staged)
    write_request(place, staging.request, staging.planned.state, answer)
    request = boot_request(folder, fresh.basis, staging.request.facts)
    at_boot = replace(staging.request.moment, boot=True) if staging.request.moment else None
    rehearsed = make_plan(replace(request, moment=at_boot), engine)
    _expect_part(rehearsed, staging)
    if rehearsed.plan.changes:
        engine.ask(preparation(rehearsed, staging.site), Prepared)
    if rehearsed.plan.keys:
        # They are imported by now, which nothing could be verified without: the plan of the boot has none.
        rehearsed = make_plan(replace(request, moment=at_boot), engine)
    write_private(place / _PLAN, printed(rehearsed.plan))
    shutil.rmtree(place / CACHE, ignore_errors=True)
    _sync(place)
    checksums = {wanted.nevra: wanted.checksum for wanted in coming}
    return store_boot(
        folder,
        msgspec.structs.replace(
            fresh,
            state=BootState.STAGED,
            plan=rehearsed.plan.id,
            losses=tuple(sorted(losses(rehearsed.plan))),
            staged=tuple(
                StagedPackage(
                    nevra=file.nevra,
                    repo_id=file.repo_id,
                    checksum=checksums[file.nevra],
                    size_bytes=file.size_bytes,
                    path=file.path,
                )
                for file in answer.packages
            ),
            staged_at=now(),
        ),
    )


def _coming(staging: Staging) -> tuple[WantedPackage, ...]:
    return tuple(
        WantedPackage(change.coming[0], change.repo_id, change.checksum) for change in staging.deferred if change.coming
    )


def _expect_part(rehearsed: Planned, staging: Staging) -> None:
    """Make sure that now and boot together are the whole plan: nothing else, and nothing less if all holds open.

    Raises PlanMismatchError with every change that differs.
    """
    plan = rehearsed.plan
    if plan.problems:
        raise PlanMismatchError("what waits cannot be planned for the boot", [each.text for each in plan.problems])
    waiting, planned = _named(staging.deferred), _named(plan.changes)
    missing = waiting - planned - _named(plan.deferred)
    if planned - waiting or missing:
        raise PlanMismatchError(
            "what goes now and what goes at boot are not the whole plan; nothing is staged",
            [f"not planned: {each}" for each in sorted(planned - waiting)]
            + [f"missing: {each}" for each in sorted(missing)],
        )


def _named(changes: Iterable[Change]) -> set[str]:
    return {f"{c.name}.{c.arch} {','.join(c.before)} -> {','.join(c.after)}" for c in changes}


def _armed(staging: Staging, record: BootRecord) -> BootRecord:
    """Return the record, armed if the next boot will run it; what is taken back stays so."""
    if record.state not in {BootState.STAGED, BootState.ARMED}:
        return record
    folder = staging.site.folder
    is_set_up = armed_by(folder.root, record.method)
    if is_set_up and record.method is BootMethod.OFFLINE:
        link_offline(folder)
    else:
        drop_link(folder)
    state = BootState.ARMED if is_set_up else BootState.STAGED
    if state is record.state:
        return record
    return store_boot(folder, msgspec.structs.replace(record, state=state))


def _make_empty(place: Path) -> None:
    """Make a folder that nobody else looks into: a desired state may have passwords. Raises HostError."""
    try:
        if place.exists():
            shutil.rmtree(place)
        place.parent.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        place.mkdir(mode=_FOLDER_MODE)
    except OSError as error:
        raise HostError(f"cannot make {place}: {error.strerror}") from error


def _sync(place: Path) -> None:
    """Bring the names of all that was staged to the disk; the worker did so for the content. Raises HostError."""
    try:
        for path, _, _ in os.walk(place):
            sync_folder(Path(path))
        sync_folder(place.parent)
    except OSError as error:
        raise HostError(f"cannot bring {place} to the disk: {error.strerror}") from error
