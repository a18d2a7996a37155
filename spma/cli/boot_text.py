"""The record of a boot plan as text for people."""

from __future__ import annotations

from typing import Final

from snapshots.content.count import counted
from spma.cli.console import Console
from spma.cli.text import LISTED, shortened, sized, wrapped
from yumbridge.desired.policy import BootMethod
from yumbridge.run.boot import OFFLINE_UNIT, UNIT, BootRecord, BootState

NOTHING_WAITS: Final = "Nothing waits for the boot."
_WORDS: Final = {
    BootState.NONE: NOTHING_WAITS,
    BootState.PLANNED: "{changes} for the boot, not staged{why}",
    BootState.STAGED: "{changes} staged for the boot, {by}",
    BootState.ARMED: "{changes} staged: the next boot carries them out",
    BootState.RUNNING: "{changes}: a boot run is at them, or was interrupted in try {tries}",
    BootState.DONE: "The last boot run is done: {changes}",
    BootState.FAILED: "The last boot run failed{why}",
    BootState.STALE: "The last boot run did nothing, what was staged did not fit any more{why}",
    BootState.CANCELLED: "Cancelled: {changes} for the boot; staged again once other changes wait",
}


def boot_text(record: BootRecord, console: Console) -> str:
    """Return the record of a boot plan as text."""
    if record.state is BootState.NONE:
        return NOTHING_WAITS
    lines = [*wrapped(state_words(record), "", console)]
    if record.plan:
        lines.append(f"Plan     {record.plan}")
    if record.staged:
        total = sum(package.size_bytes for package in record.staged)
        lines.append(f"Staged   {counted(len(record.staged), 'package')}, {sized(total)}, {record.staged_at}")
        shown, left = shortened(record.staged, LISTED, whole=console.verbose)
        lines += [f"           {package.nevra}" for package in shown]
        if left:
            lines.append(console.dim(f"           and {left} more: -v lists them"))
    if record.tries:
        lines.append(f"Tries    {record.tries}")
    return "\n".join(lines)


def state_words(record: BootRecord) -> str:
    """Return how far a boot plan is, in one sentence."""
    unit = UNIT if record.method is BootMethod.EARLY else OFFLINE_UNIT
    # A root that does not run has no boot of its own to wait for.
    by = f"but nothing runs them: systemctl enable {unit}" if record.boot_id else "by yumbridge boot run --assume-boot"
    words = _WORDS[record.state].format(
        changes=counted(record.changes, "change"),
        by=by,
        tries=record.tries,
        why=f": {record.why}" if record.why else "",
    )
    return words if words.endswith(record.why or ".") else f"{words}."
