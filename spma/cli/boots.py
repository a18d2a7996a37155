"""What the verbs of the boot plan do."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import Final

from spma.cli.boot_text import boot_text, idle_words, state_words
from spma.cli.console import Console, ProgressBar
from spma.cli.engines import chosen_starter
from spma.cli.exits import Exit, exit_of
from spma.cli.inputs import moment_of
from spma.cli.options import Settings
from spma.cli.report_text import report_text
from spma.cli.text import wrapped
from yumbridge.condition.evaluation import Facts
from yumbridge.engine.client import EngineClient
from yumbridge.errors import HostError, NotBootError
from yumbridge.run.apply import Site, now
from yumbridge.run.boot import (
    WAITING,
    BootRecord,
    BootState,
    as_set_up,
    cancel_boot,
    drop_link,
    drop_staged,
    is_left_over,
    prove_boot,
    read_boot,
    reboot,
)
from yumbridge.run.boot_request import boot_request
from yumbridge.run.booting import BootRun, run_boot
from yumbridge.run.host import HostFacts
from yumbridge.run.lock import Holder, held
from yumbridge.run.state import StateFolder

_RUN: Final = "yumbridge boot run"
_CANCEL: Final = "yumbridge boot cancel"
_EXIT_OF: Final = {
    BootState.DONE: Exit.DONE,
    BootState.STALE: Exit.STALE,
    BootState.FAILED: Exit.TRANSACTION,
}


def run_verb(settings: Settings, *, assume_boot: bool, offline: bool, wait_s: float) -> None:
    """Carry out the boot plan, and end with the exit code that this calls for."""
    folder = StateFolder(settings.root)
    if not offline:
        sys.exit(_run_verb(settings, folder, assume_boot=assume_boot, wait_s=wait_s))
    # Before anything that may fail: left there, every boot would be one for updates.
    if not drop_link(folder):
        settings.console.say("/system-update is not ours: nothing to do")
        record = read_boot(folder)
        settings.console.tell(record, lambda: state_words(record))
        return
    try:
        code = _run_verb(settings, folder, assume_boot=assume_boot, wait_s=wait_s)
    finally:
        # Such a boot is for this alone: what comes of it is seen by the next one.
        if HostFacts(root=settings.root).is_running:
            reboot()
    sys.exit(code)


def _run_verb(settings: Settings, folder: StateFolder, *, assume_boot: bool, wait_s: float) -> Exit:
    record = read_boot(folder)
    if not assume_boot:
        try:
            _prove(settings, record)
        except NotBootError as error:
            if record.is_waiting:
                raise NotBootError(f"this is no boot, nothing was done: {error.message}") from error
    if not record.is_waiting:
        _clear(folder, _RUN, wait_s)
        settings.console.tell(record, lambda: idle_words(record))
        return Exit.DONE
    folder.create()
    with held(folder.lock, Holder(os.getpid(), _RUN, now()), wait_s=wait_s) as lock:
        # Another run may have been at it while we waited.
        ended = _run(settings, read_boot(folder), lock)
    settings.console.tell(ended.record, lambda: _ended_text(ended, settings.console))
    return exit_of(ended.error) if ended.error else _EXIT_OF.get(ended.record.state, Exit.DONE)


def _clear(folder: StateFolder, command: str, wait_s: float) -> None:
    """Remove what is staged though nothing waits, if there is any: it has the desired state, perhaps with passwords."""
    if not is_left_over(folder, read_boot(folder)):
        return
    folder.create()
    with held(folder.lock, Holder(os.getpid(), command, now()), wait_s=wait_s):
        if is_left_over(folder, read_boot(folder)):
            drop_staged(folder)


def _prove(settings: Settings, record: BootRecord) -> None:
    if not HostFacts(root=settings.root).is_running:
        raise NotBootError(f"{settings.root} does not run: --assume-boot is for images")
    prove_boot(record)


def _run(settings: Settings, record: BootRecord, lock: int) -> BootRun:
    if not record.is_waiting:
        return BootRun(record=record)
    if record.state is BootState.RUNNING:
        settings.console.say(f"a boot run was interrupted: try {record.tries}; planning again from what is installed")
    folder = StateFolder(settings.root)
    facts = HostFacts(root=settings.root)
    site = Site(facts=facts, folder=folder, moment=partial(_moment, settings, record), command=_RUN, booting=True)
    with EngineClient(chosen_starter(settings, (lock,))) as engine, ProgressBar() as progress:
        engine.listener = progress
        return run_boot(record, site, engine)


def _moment(settings: Settings, record: BootRecord) -> Facts:
    """Return what conditions depend on, at this boot."""
    folder = StateFolder(settings.root)
    holds = boot_request(folder, record.basis, HostFacts(root=settings.root)).state.policy.holds
    moment = moment_of(holds, settings.root, boot=True, run_commands=True)
    if moment is None:
        raise HostError("what was staged has no holds: nothing of it waits for a boot")
    return moment


def _ended_text(ended: BootRun, console: Console) -> str:
    lines = [report_text(ended.report, console)] if ended.report else []
    return "\n".join([*lines, *wrapped(state_words(ended.record), "", console)])


def status_verb(settings: Settings) -> None:
    """Print the record of the boot plan."""
    folder = StateFolder(settings.root)
    record = as_set_up(folder, read_boot(folder))
    here = HostFacts(root=settings.root).boot_id
    settings.console.tell(record, lambda: boot_text(record, settings.console, here))


def cancel_verb(settings: Settings, *, wait_s: float) -> None:
    """Take back the boot plan."""
    folder = StateFolder(settings.root)
    idle = read_boot(folder)
    if idle.state not in {*WAITING, BootState.PLANNED}:
        _clear(folder, _CANCEL, wait_s)
        settings.console.tell(idle, lambda: idle_words(idle))
        return
    folder.create()
    with held(folder.lock, Holder(os.getpid(), _CANCEL, now()), wait_s=wait_s):
        record = cancel_boot(folder)
    settings.console.tell(record, lambda: boot_text(record, settings.console))
