"""Where a host stands: what the last run did and left to do, and what has changed since."""

from __future__ import annotations

from typing import Literal

import msgspec

from yumbridge.plan.document import Reboot
from yumbridge.run.boot import BootRecord, BootState, as_set_up, read_boot
from yumbridge.run.report import VERSION, Drift, Intent, Report, read_intent, read_inventory, read_report
from yumbridge.run.state import StateFolder


class Status(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a host stands.

    `boot_plan` is the state of the boot plan, None without one, and `boot` all that is known of it. `drift` is None
    when nothing is recorded to compare with.
    """

    document: Literal["yumbridge-status"] = "yumbridge-status"
    version: str = VERSION
    last_report: Report | None
    interrupted: Intent | None
    boot_plan: BootState | None
    boot: BootRecord
    reboot_needed: bool
    reboot_because: tuple[str, ...]
    boot_id: str | None
    drift: Drift | None


def status_of(folder: StateFolder, installed: tuple[str, ...] | None, boot_id: str | None) -> Status:
    """Return where a host stands. `installed` are its NEVRAs, None when they are not known. Raises DocumentError."""
    report, inventory, boot = read_report(folder), read_inventory(folder), as_set_up(folder, read_boot(folder))
    pending = report.reboot if report and boot_id and report.boot_id == boot_id else Reboot()
    drift = None
    if inventory is not None and installed is not None:
        recorded, present = {entry.nevra for entry in inventory.packages}, set(installed)
        drift = Drift(added=tuple(sorted(present - recorded)), removed=tuple(sorted(recorded - present)))
    return Status(
        last_report=report,
        interrupted=read_intent(folder),
        boot_plan=None if boot.state is BootState.NONE else boot.state,
        boot=boot,
        reboot_needed=pending.needed_after,
        reboot_because=pending.because,
        boot_id=boot_id,
        drift=drift,
    )
