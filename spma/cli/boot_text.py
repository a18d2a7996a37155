"""The record of a boot plan as text for people."""

from __future__ import annotations

from typing import Final

from spma.cli.console import Console
from spma.cli.text import LISTED, shortened, sized, wrapped
from yumbridge.count import counted
from yumbridge.desired.policy import BootMethod
from yumbridge.run.boot import OFFLINE_UNIT, UNIT, BootRecord, BootState

NOTHING_WAITS: Final = "Nothing waits for the boot."
_WORDS: Final = {
    BootState.NONE: NOTHING_WAITS,
    BootState.PLANNED: "{changes} for the boot, not staged{why}; the next apply stages",
    BootState.STAGED: "{changes} staged for the boot{how}",
    BootState.ARMED: "{changes} staged, carried out by the next boot",
    BootState.RUNNING: "{changes}: a boot run is at work, or was interrupted in try {tries}",
    BootState.DONE: "The last boot run is done",
    BootState.FAILED: "The last boot run failed{why}; the next apply stages what is left",
    BootState.STALE: "The last boot run did nothing{why}; the next apply stages anew",
    BootState.CANCELLED: "{changes} for the boot, cancelled: staged again once other changes wait, or by "
    "yumbridge apply --stage-again",
}


def boot_text(record: BootRecord, console: Console, here: str | None = None) -> str:
    """Return the record of a boot plan as text. `here` is the id of this boot, where the host runs."""
    if record.state is BootState.NONE:
        return NOTHING_WAITS
    lines = [*wrapped(state_words(record, here), "", console)]
    if record.plan:
        lines.append(f"Plan     {record.plan}")
    if record.staged:
        total = sum(package.size_bytes for package in record.staged)
        lines.append(f"Staged   {counted(len(record.staged), 'package')}, {sized(total)}, {record.staged_at}")
        shown, left = shortened(record.staged, LISTED, whole=console.verbose)
        lines += [f"           {package.nevra}" for package in shown]
        if left:
            lines.append(console.dim(f"           and {left} more: -v lists them"))
    if record.ended_at:
        lines.append(f"Ended    {record.ended_at}")
    if record.tries:
        lines.append(f"Tries    {record.tries}")
    return "\n".join(lines)


def state_words(record: BootRecord, here: str | None = None) -> str:
    """Return how far a boot plan is, in one sentence. `here` is the id of this boot, where the host runs."""
    unit = UNIT if record.method is BootMethod.EARLY else OFFLINE_UNIT
    if record.boot_id is None:
        # A root that does not run has no boot of its own to wait for.
        how = "; in an image: yumbridge boot run --assume-boot"
    else:
        how = f", but nothing is set up to carry it out: systemctl enable {unit}"
    words = _WORDS[record.state].format(
        changes=counted(record.changes, "change"),
        how=how,
        tries=record.tries,
        why=f": {record.why}" if record.why else "",
    )
    if record.state is BootState.ARMED and here is not None and record.boot_id not in {None, here}:
        words += f"; this one did not: journalctl -b -u {unit}"
    return words if words.endswith(".") else f"{words}."


def idle_words(record: BootRecord) -> str:
    """Return why a boot run, or a cancellation, has nothing to do."""
    if record.state in {BootState.NONE, BootState.DONE}:
        return NOTHING_WAITS
    return f"Nothing is staged for the boot. {state_words(record)}"
