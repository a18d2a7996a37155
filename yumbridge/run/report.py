"""The report of a run, the inventory it leaves, and the status read from both."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Literal, TypeVar

import msgspec

from yumbridge.complaint import UNDECODABLE
from yumbridge.errors import DocumentError
from yumbridge.plan.departure import LastRun
from yumbridge.plan.document import Change, Deferral, Reboot, printed
from yumbridge.root import leads_out
from yumbridge.run.state import StateFolder, rfc3339, write_durably

VERSION: Final = "1.0"
UNKNOWN_PLAN: Final = "unknown"
"""In place of the id of a plan that an unreadable intent does not tell, or that there never was."""
Document = TypeVar("Document", bound=msgspec.Struct)


class Outcome(StrEnum):
    """How a run ended."""

    AS_PLANNED = "as-planned"
    NOTHING_TO_DO = "nothing-to-do"
    REFUSED = "refused"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run did. Times are RFC 3339 in UTC.

    Of a run that came to no plan `plan` is "unknown", `kind` the kind of error that ended it, and what waits is that
    of the run before. `command` is who ran. `packages` are the `changes` that a transaction was to make.
    `configuration` are the files that were written or removed. `differences` says what is not as planned, `errors`
    why. `output` is what scriptlets printed. `reboot` counts every change since the boot `boot_id`. `resumed_after` is
    the id of a plan whose run was interrupted before this one.
    """

    document: Literal["yumbridge-report"] = "yumbridge-report"
    version: str = VERSION
    plan: str
    started: str
    finished: str
    outcome: Outcome
    command: str = ""
    kind: str | None = None
    changes: int = 0
    packages: tuple[Change, ...] = ()
    configuration: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    output: str = ""
    deferred: tuple[Deferral, ...] = ()
    reboot: Reboot = Reboot()
    boot_id: str | None = None
    resumed_after: str | None = None


class InventoryEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An installed package and why it is there."""

    nevra: str
    reason: Literal["user", "dependency"]


class Inventory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a host has installed after a run: packages sorted by NEVRA, and the cookie of its rpmdb.

    `recorded` is when, RFC 3339 in UTC, empty where an earlier version wrote it.
    """

    document: Literal["yumbridge-inventory"] = "yumbridge-inventory"
    version: str = VERSION
    rpmdb_cookie: str
    recorded: str = ""
    packages: tuple[InventoryEntry, ...]


class Intent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run is about to do. Found at the start of another run, it says that the first was interrupted.

    Of an intent that cannot be read `plan` is "unknown", `started` when it was written, `boot_id` empty and `pid` 0.
    `reboot` is what its changes call for: whoever comes after an interruption cannot know what they were.
    """

    document: Literal["yumbridge-intent"] = "yumbridge-intent"
    version: str = VERSION
    plan: str
    started: str
    boot_id: str
    pid: int
    reboot: Reboot = Reboot()


class Drift(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the installed set differs from what the last run left: sorted NEVRAs."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def read_document(folder: StateFolder, name: str, kind: type[Document]) -> Document | None:
    """Return the stored document `name`, or None when there is none.

    Raises DocumentError: it is damaged, or of a version that this one cannot read.
    """
    path = folder.path / name
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return msgspec.json.decode(content, type=kind)
    except UNDECODABLE as error:
        raise DocumentError(f"{path} cannot be read: {error}") from error


def read_report(folder: StateFolder) -> Report | None:
    """Return the report of the last run. Raises DocumentError."""
    return read_document(folder, folder.report.name, Report)


def read_intent(folder: StateFolder) -> Intent | None:
    """Return the intent of a run that is under way or was interrupted.

    One that cannot be read, because it is damaged or of a newer version, is that of an unknown plan: a run was at work
    all the same, and the next one has to get past it.
    """
    try:
        return read_document(folder, folder.intent.name, Intent)
    except DocumentError:
        written = datetime.fromtimestamp(folder.intent.stat().st_mtime, UTC)
        return Intent(plan=UNKNOWN_PLAN, started=rfc3339(written), boot_id="", pid=0)


def read_inventory(folder: StateFolder) -> Inventory | None:
    """Return what the last run left installed. Raises DocumentError."""
    return read_document(folder, folder.inventory.name, Inventory)


def last_run(folder: StateFolder) -> LastRun | None:
    """Return what the last run left, None where no run has recorded it or this user cannot read it."""
    if leads_out(folder.root, folder.inventory) or not folder.inventory.is_file():
        return None
    try:
        inventory = read_inventory(folder)
    except (DocumentError, OSError):
        # A preview needs no history.
        return None
    if inventory is None or not inventory.recorded:
        return None
    found: dict[str, set[str]] = {"user": set(), "dependency": set()}
    for entry in inventory.packages:
        found[entry.reason].add(entry.nevra)
    listed, unlisted = frozenset(found["user"]), frozenset(found["dependency"])
    return LastRun(recorded=inventory.recorded, listed=listed, unlisted=unlisted)


def store_report(folder: StateFolder, report: Report, inventory: Inventory | None) -> None:
    """Write the report, and the inventory if there is a new one. Raises HostError."""
    if inventory is not None:
        write_durably(folder.inventory, printed(inventory))
    write_durably(folder.report, printed(report))


def accumulated_reboot(earlier: Report | None, now: Reboot, boot_id: str | None) -> Reboot:
    """Return what calls for a reboot since this boot: what earlier runs left and what this one adds."""
    if earlier is None or boot_id is None or earlier.boot_id != boot_id:
        return now
    because = tuple(sorted({*earlier.reboot.because, *now.because}))
    return Reboot(needed_after=bool(because), because=because)
