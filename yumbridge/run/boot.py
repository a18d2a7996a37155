"""The boot plan on the disk: how far it is, and whether this is the boot that it waits for."""

from __future__ import annotations

import os
import shutil
import subprocess
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal

import msgspec

from yumbridge.desired.policy import BootMethod
from yumbridge.errors import DocumentError, HostError, NotBootError
from yumbridge.plan.document import printed
from yumbridge.run.host import boot_id
from yumbridge.run.report import read_document
from yumbridge.run.state import StateFolder, refuse_outside, remove_durably, sync_folder, write_durably

VERSION: Final = "1.0"
MAX_TRIES: Final = 3
"""How often an interrupted boot plan is taken up again."""
MARKER: Final = Path("/run/yumbridge/booting")
"""Made by systemd-tmpfiles at boot and only then: it holds the id of the boot, and is gone once a boot run began."""
UNIT: Final = "yumbridge-boot.service"
OFFLINE_UNIT: Final = "yumbridge-offline.service"
_UNIT_FOLDERS: Final = ("etc/systemd/system", "usr/lib/systemd/system", "lib/systemd/system")
_TMPFILES: Final = "yumbridge.conf"
_TMPFILES_FOLDERS: Final = ("etc/tmpfiles.d", "usr/lib/tmpfiles.d", "lib/tmpfiles.d")
_ASK_TIMEOUT_S: Final = 10
_STILL_BOOTING: Final = "0"


class BootState(StrEnum):
    """How far a boot plan is.

    `planned`: it is not staged, or not yet. `staged`: all is on the disk, but nothing is set up to run it. `armed`: the
    next boot runs it. `running`: a boot is at it, or was interrupted. `stale`: it did not fit any more.
    """

    NONE = "none"
    PLANNED = "planned"
    STAGED = "staged"
    ARMED = "armed"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STALE = "stale"
    CANCELLED = "cancelled"


WAITING: Final = frozenset({BootState.STAGED, BootState.ARMED, BootState.RUNNING})
"""The states in which a boot run has something to do."""


class StagedPackage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An rpm that is staged. `path` is relative to the staging folder."""

    nevra: str
    repo_id: str
    checksum: str
    size_bytes: int
    path: str


class BootRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far the boot plan is. Times are RFC 3339 in UTC.

    `plan` is the id of the plan as it was rehearsed when it was staged; `basis` the digest of all that it is made of,
    `waits` that of its changes alone, of which there are `changes`. `losses` are the NEVRAs that are removed or
    downgraded by it. `ended_at` is when the last boot run ended. `boot_id` is the boot in which the state was reached,
    None for a root that does not run. `why` says what led to it, where that is not plain.
    """

    document: Literal["yumbridge-boot"] = "yumbridge-boot"
    version: str = VERSION
    state: BootState = BootState.NONE
    method: BootMethod = BootMethod.EARLY
    plan: str | None = None
    basis: str = ""
    waits: str = ""
    changes: int = 0
    losses: tuple[str, ...] = ()
    staged: tuple[StagedPackage, ...] = ()
    staged_at: str | None = None
    ended_at: str | None = None
    tries: int = 0
    boot_id: str | None = None
    why: str = ""

    @property
    def is_waiting(self) -> bool:
        """True when a boot run has something to do."""
        return self.state in WAITING


def read_boot(folder: StateFolder) -> BootRecord:
    """Return the record, one of nothing when there is none. Raises DocumentError: it cannot be read."""
    return read_document(folder, folder.boot.name, BootRecord) or BootRecord()


def read_boot_or_none(folder: StateFolder) -> BootRecord:
    """Return the record, and one of nothing also for what cannot be read: a new one has to take its place."""
    try:
        return read_boot(folder)
    except DocumentError:
        return BootRecord()


def store_boot(folder: StateFolder, record: BootRecord) -> BootRecord:
    """Write the record durably and return it. Raises HostError."""
    write_durably(folder.boot, printed(record))
    return record


def drop_staged(folder: StateFolder, but: str = "") -> None:
    """Remove everything that is staged but for the basis `but`, and without that the link of an offline update.

    Raises HostError.
    """
    keep = folder.staged(but).name if but else ""
    refuse_outside(folder.root, folder.staging)
    if not keep:
        drop_link(folder)
    try:
        for path in sorted(folder.staging.glob("*")):
            if path.name == keep:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    except OSError as error:
        raise HostError(f"cannot remove {folder.staging}: {error.strerror}") from error


def is_left_over(folder: StateFolder, record: BootRecord) -> bool:
    """Tell whether something is staged though nothing waits: who was to remove it was killed."""
    return not record.is_waiting and record.state is not BootState.PLANNED and any(folder.staging.glob("*"))


def drop_link(folder: StateFolder) -> bool:
    """Take away the link of an offline update, if it is ours, and tell whether it was. Raises HostError."""
    try:
        if not _is_ours(folder):
            return False
        remove_durably(_offline_link(folder))
    except OSError as error:
        raise HostError(f"cannot remove the link of the offline update: {error.strerror}") from error
    return True


def cancel_boot(folder: StateFolder) -> BootRecord:
    """Take back the boot plan, and return the record: what was cancelled is not staged again by itself.

    The caller holds the lock of the root. Raises HostError, DocumentError.
    """
    record = read_boot(folder)
    if not (record.is_waiting or record.state is BootState.PLANNED):
        return record
    # Before the files: what an interrupted cancel leaves behind is never run.
    record = msgspec.structs.replace(record, state=BootState.CANCELLED, staged=(), why="cancelled by hand")
    store_boot(folder, record)
    drop_staged(folder)
    return record


def armed_by(root: Path, method: BootMethod) -> bool:
    """Tell whether the next boot of `root` makes a boot run: its unit is there, enabled, and not masked.

    So must be the marker that proves the boot. Source: systemd.unit(5), tmpfiles.d(5).
    """
    unit = UNIT if method is BootMethod.EARLY else OFFLINE_UNIT
    enabled = any(
        os.path.lexists(wants / unit) for folder in _UNIT_FOLDERS for wants in sorted((root / folder).glob("*.wants"))
    )
    # A masked unit is a link to /dev/null, and the folders are in the order in which systemd looks.
    found = next((place for folder in _UNIT_FOLDERS if os.path.lexists(place := root / folder / unit)), None)
    is_there = found is not None and not (found.is_symlink() and os.fspath(found.readlink()) == os.devnull)
    return enabled and is_there and any((root / folder / _TMPFILES).is_file() for folder in _TMPFILES_FOLDERS)


def as_set_up(folder: StateFolder, record: BootRecord) -> BootRecord:
    """Return the record as it is by now: units are enabled and disabled while a plan waits."""
    if record.state not in {BootState.STAGED, BootState.ARMED}:
        return record
    is_armed = armed_by(folder.root, record.method)
    if record.method is BootMethod.OFFLINE:
        is_armed = is_armed and _is_ours(folder)
    return msgspec.structs.replace(record, state=BootState.ARMED if is_armed else BootState.STAGED)


def link_offline(folder: StateFolder) -> None:
    """Make the next boot of the host one for updates. Source: systemd.offline-updates(7). Raises HostError."""
    link = _offline_link(folder)
    try:
        if os.path.lexists(link) and not _is_ours(folder):
            raise HostError(f"{link} is there already: another offline update waits")
        if not os.path.lexists(link):
            link.symlink_to(Path("/") / folder.staging.relative_to(folder.root))
            sync_folder(link.parent)
    except OSError as error:
        raise HostError(f"cannot make {link}: {error.strerror}") from error


def _offline_link(folder: StateFolder) -> Path:
    return folder.root / "system-update"


def _is_ours(folder: StateFolder) -> bool:
    link = _offline_link(folder)
    return link.is_symlink() and link.readlink() == Path("/") / folder.staging.relative_to(folder.root)


def prove_boot(record: BootRecord) -> None:
    """Make sure that this is the boot of this machine that a plan waits for, and that no other run takes it for one.

    Three things say so, none of them a clock: the marker that systemd-tmpfiles makes while it boots, with the id of
    this very boot; another id in the record; and systemd, which has not come to the end of its start-up. The marker
    goes. Raises NotBootError.
    """
    here = boot_id()
    try:
        marked = MARKER.read_text(encoding="ascii").strip()
        MARKER.unlink()
    except (OSError, UnicodeDecodeError) as error:
        raise NotBootError(f"{MARKER} is not there: a boot run began before, or this is none") from error
    if marked.replace("-", "") != here.replace("-", ""):
        raise NotBootError(f"{MARKER} is of another boot")
    if record.is_waiting and record.boot_id == here:
        raise NotBootError("the plan was staged in this very boot")
    if not _is_booting():
        raise NotBootError("systemd has ended its start-up")


def _is_booting() -> bool:
    """Ask systemd whether it is at its start-up. Source: org.freedesktop.systemd1(5), FinishTimestampMonotonic."""
    program = shutil.which("systemctl")
    if program is None:
        return False
    arguments = [program, "show", "--property=FinishTimestampMonotonic", "--value"]
    try:
        answer = subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=_ASK_TIMEOUT_S)  # noqa: S603 - fixed arguments, no shell
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.stdout.strip() == _STILL_BOOTING


def reboot() -> None:
    """Ask systemd to boot the machine again, and do not wait for it. Raises HostError."""
    program = shutil.which("systemctl")
    if program is None:
        raise HostError("there is no systemctl to boot the machine again with")
    try:
        subprocess.run([program, "--no-block", "reboot"], check=True, timeout=_ASK_TIMEOUT_S)  # noqa: S603 - fixed arguments, no shell
    except (OSError, subprocess.SubprocessError) as error:
        raise HostError(f"the machine cannot be booted again: {error}") from error
