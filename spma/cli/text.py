"""Plans, reports and statuses as text for people, on 80 columns and more."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from snapshots.content.count import counted
from spma.cli.console import Console, printable
from yumbridge.plan.document import Action, Change, ConfigurationChange, KeptReason, Plan, Problem, Why
from yumbridge.run.report import Drift, Outcome, Report, Status

_ORDER: Final = (
    Action.REMOVE,
    Action.OBSOLETE,
    Action.DOWNGRADE,
    Action.REINSTALL,
    Action.UPGRADE,
    Action.INSTALL,
)
_COLORS: Final = {
    Action.REMOVE: "red",
    Action.OBSOLETE: "red",
    Action.DOWNGRADE: "yellow",
    Action.REINSTALL: "yellow",
    Action.UPGRADE: "cyan",
    Action.INSTALL: "green",
}
_OUTCOMES: Final = {
    Outcome.AS_PLANNED: "Done: the host is as planned.",
    Outcome.NOTHING_TO_DO: "Nothing to do: the host is as the profile wants it.",
    Outcome.REFUSED: "Refused, nothing was done:",
    Outcome.FAILED: "Failed: the host is not as planned, or a scriptlet failed:",
    Outcome.INTERRUPTED: "Interrupted.",
}
# The steps of a chain that say more than the phrase at the end of a change's own line.
_STEPS: Final = {
    "profile": "{ref}",
    "group": "the group {ref} has {via}",
    "requires": "{name} requires {via}",
    "recommends": "{name} recommends {via}",
    "supplements": "it supplements {via} of {name}",
    "obsoleted-by": "obsoleted by {ref}",
    "duplicate": "{ref} is there as well",
    "superseded": "{ref} is wanted",
}
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_BREAK: Final = re.compile(rf" (?!(?:{'|'.join(_UNITS)})\b)")
_STEP: Final = 1000
_ID_DIGITS: Final = 12
_COLUMN_WIDTH: Final = 26
LISTED: Final = 8
"""How much of a list is shown without -v."""
_NAMES: Final = 4

Member = TypeVar("Member")


def plan_text(plan: Plan, console: Console, *, explain: bool = False, snapshot: str = "") -> str:
    """Return a plan as text: problems first, then what goes, what changes, what comes, what stays.

    `snapshot` is a line about the one that it is made on.
    """
    lines = [*_problem_lines(plan.problems, console)]
    for action in _ORDER:
        changes = [change for change in plan.changes if change.action is action]
        lines += _change_lines(action, changes, console, explain=explain)
    lines += _configuration_lines(plan, console, explain=explain)
    lines += _kept_lines(plan, console)
    lines += _note_lines(plan, console)
    for line in (*filter(None, [snapshot]), *_summary(plan).splitlines()):
        lines += wrapped(line, "", console)
    return "\n".join(lines)


def sized(size_bytes: int) -> str:
    """Return a size in three digits and a unit.

    >>> sized(1_440_000)
    '1.4 MB'
    """
    size, unit = float(size_bytes), 0
    while abs(size) >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 or abs(size) >= 10 else f"{size:.1f} {_UNITS[unit]}"  # noqa: PLR2004


def short_id(snapshot_id: str) -> str:
    """Return as much of an id as tells snapshots of one store apart.

    >>> short_id("sha256:0123456789abcdef")
    '0123456789ab'
    """
    return snapshot_id.removeprefix("sha256:")[:_ID_DIGITS]


def shortened(members: Sequence[Member], limit: int, *, whole: bool = False) -> tuple[Sequence[Member], int]:
    """Return the first of a list, or the `whole` list, and how many are left out: never a single one."""
    if whole or len(members) <= limit + 1:
        return members, 0
    return members[:limit], len(members) - limit


def more(count: int, indent: str, console: Console) -> Iterator[str]:
    """Yield a line that says how many are left out."""
    if count:
        yield console.dim(f"{indent}and {count} more: -v lists them")


def named(names: Sequence[str], *, whole: bool = False) -> str:
    """Return the first few names, and how many more there are; or the `whole` list."""
    shown, left = shortened(names, _NAMES, whole=whole)
    return f"{', '.join(shown)}{f' and {left} more' if left else ''}"


def entitled(title: str, texts: Sequence[str], console: Console) -> Iterator[str]:
    """Yield a heading with texts below it, and an empty line; nothing when there are none."""
    if texts:
        yield console.bold(title)
        shown, left = shortened(texts, LISTED, whole=console.verbose)
        for text in shown:
            yield from wrapped(text, "  ", console)
        yield from more(left, "  ", console)
        yield ""


def why_phrase(chain: Sequence[Why]) -> str:
    """Return the last step of a reason chain in one phrase."""
    if not chain:
        return ""
    step = chain[-1]
    name = _name_of(step.ref)
    phrases = {
        "profile": "in the profile",
        "group": f"in the group {step.ref}",
        "requires": f"needed by {name}",
        "recommends": f"recommended by {name}",
        "supplements": f"supplements {name}",
        "same-name": "beside its other arch",
        "obsoleted-by": f"obsoleted by {name}",
        "duplicate": "left over beside another build",
        "superseded": "an older build",
        "not-in-profile": "not in the profile",
    }
    return phrases.get(step.kind, step.kind)


def _name_of(nevra: str) -> str:
    """Return the name in a NEVRA, or the text itself when it is none."""
    return nevra.rsplit("-", 2)[0]


def _change_lines(action: Action, changes: Sequence[Change], console: Console, *, explain: bool) -> Iterator[str]:
    if not changes:
        return
    yield console.bold(f"{action.value.capitalize()} {counted(len(changes), 'package')}", _COLORS[action])
    rows = [
        (
            f"{change.name}.{change.arch}",
            " -> ".join(", ".join(side) for side in (change.before, change.after) if side),
            sized(change.size_bytes) if change.size_bytes else "",
            why_phrase(change.why),
        )
        for change in changes
    ]
    widths = [_width([len(row[column]) for row in rows]) for column in range(3)]
    for change, row in zip(changes, rows, strict=True):
        yield from _row_lines(row, widths, console)
        if explain:
            yield from _chain_lines(change, console)
    yield ""


def _width(lengths: Sequence[int]) -> int:
    """Return the width of a column: nine of ten cells fit. One long name pushes its own line, not all the others.

    >>> _width([4, 5, 5, 6]), _width([8] * 19 + [25])
    (6, 8)
    """
    return min(sorted(lengths)[(len(lengths) * 9 - 1) // 10], _COLUMN_WIDTH)


def _row_lines(row: tuple[str, str, str, str], widths: Sequence[int], console: Console) -> Iterator[str]:
    """Yield one line per row when it fits, else what does not fit on lines of its own."""
    name, evr, size, why = (printable(cell) for cell in row)
    line = f"  {name:<{widths[0]}}  {evr:<{widths[1]}}  {size:>{widths[2]}}".rstrip()
    if len(line) > console.width:
        yield f"  {name}"
        *above, line = wrapped(f"{evr}  {size}".rstrip(), "      ", console)
        yield from above
    if not why:
        yield line
    elif len(line) + 2 + len(why) <= console.width:
        yield f"{line}  {console.dim(why)}"
    else:
        yield line
        yield f"      {console.dim(why)}"


def _chain_lines(change: Change, console: Console) -> Iterator[str]:
    """Yield a line per step of the chain, from what somebody wrote to the package."""
    for step in change.why:
        words = _STEPS.get(step.kind)
        if words:
            text = words.format(ref=step.ref, name=_name_of(step.ref), via=step.via)
            yield from (console.dim(line) for line in wrapped(text, "      ", console))
    if change.advisories:
        yield from (console.dim(line) for line in wrapped(f"crosses {', '.join(change.advisories)}", "      ", console))


def _problem_lines(problems: Sequence[Problem], console: Console) -> Iterator[str]:
    if not problems:
        return
    yield console.bold(f"{counted(len(problems), 'problem')}: this plan cannot be carried out", "red")
    for problem in problems:
        yield from wrapped(f"{problem.kind.value}: {problem.text}", "  ", console)
        if problem.origin:
            yield console.dim(printable(f"      {problem.origin}"))
        for solution in problem.solutions:
            yield from wrapped(f"try: {solution}", "      ", console)
    yield ""


def _configuration_lines(plan: Plan, console: Console, *, explain: bool) -> Iterator[str]:
    removed = [change for change in plan.configuration if _is_removal(change)]
    written = [change for change in plan.configuration if not _is_removal(change)]
    for word, changes in (("Write", written), ("Remove", removed)):
        if changes:
            yield console.bold(f"{word} {counted(len(changes), 'file')}")
            yield from _differences(changes, console) if explain else _paths(changes, console)
            yield ""


def _is_removal(change: ConfigurationChange) -> bool:
    return change.difference.splitlines()[1:2] == ["+++ /dev/null"]


def _differences(changes: Sequence[ConfigurationChange], console: Console) -> Iterator[str]:
    for change in changes:
        yield printable(f"  {change.path}")
        yield from (console.dim(printable(f"      {line}")) for line in change.difference.splitlines()[2:])


def _paths(changes: Sequence[ConfigurationChange], console: Console) -> Iterator[str]:
    """Yield a line per folder, with the names in it."""
    folders: defaultdict[str, list[str]] = defaultdict(list)
    for change in changes:
        folder, _, name = change.path.rpartition("/")
        folders[folder].append(name)
    for folder, names in folders.items():
        yield from wrapped(f"{folder}/ {', '.join(names)}", "  ", console)


def _kept_lines(plan: Plan, console: Console) -> Iterator[str]:
    # Keys stay on every host, and nobody looks for them among packages.
    kept = [entry for entry in plan.kept if entry.reason is not KeptReason.GPG_PUBKEY]
    if not kept:
        return
    yield console.bold(f"Keep {counted(len(kept), 'package')} that the profile does not ask for")
    for entry in kept:
        yield from wrapped(f"{entry.nevra}  {entry.reason.value}: {entry.rule}", "  ", console)
    yield ""


def _note_lines(plan: Plan, console: Console) -> Iterator[str]:
    if not plan.notes:
        return
    yield console.bold("Notes")
    for note in plan.notes:
        yield from wrapped(f"{note.kind.value}: {note.text}", "  ", console)
    yield ""


def wrapped(text: str, indent: str, console: Console) -> Iterator[str]:
    """Yield `text` on lines of the console's width, words whole, the second and later ones further in."""
    line = indent
    for word in _words(printable(text)):
        if len(line) + 1 + len(word) > console.width and line.strip():
            yield line
            line = f"{indent}    {word}"
        else:
            line = f"{line} {word}" if line.strip() else f"{line}{word}"
    yield line


def _words(text: str) -> list[str]:
    """Return what `text` may be broken into; a size stays with its unit.

    >>> _words("disk -12 B")
    ['disk', '-12 B']
    """
    return _BREAK.split(text)


def _summary(plan: Plan) -> str:
    if plan.problems and plan.is_empty:
        return "No changes are planned while these problems stand."
    if plan.is_empty:
        return "Nothing to do: the host is as the profile wants it."
    counts = Counter(change.action for change in plan.changes)
    parts = [f"{action.value} {counts[action]}" for action in reversed(_ORDER) if counts[action]]
    if removed := sum(map(_is_removal, plan.configuration)):
        parts.append(f"remove {counted(removed, 'file')}")
    if written := len(plan.configuration) - removed:
        parts.append(f"write {counted(written, 'file')}")
    summary = f"Summary: {', '.join(parts)}"
    if plan.changes:
        sign = "+" if plan.installed_bytes_change >= 0 else "-"
        size = sized(abs(plan.installed_bytes_change))
        summary += f"; download {sized(plan.download_bytes)}, disk {sign}{size}"
    if crossed := len({advisory for change in plan.changes for advisory in change.advisories}):
        summary += f"; {counted(crossed, 'advisory', 'advisories')}"
    if plan.reboot.needed_after:
        summary += "\nA reboot is needed afterwards: " + ", ".join(plan.reboot.because)
    return summary


def report_text(report: Report, console: Console) -> str:
    """Return how a run ended, with what is not as planned."""
    lines = list(wrapped(_OUTCOMES[report.outcome], "", console))
    for text in (*report.errors, *report.differences):
        lines += wrapped(text, "  ", console)
    if report.output.strip():
        lines += ["Output of scriptlets:", *(f"  {printable(line)}" for line in report.output.splitlines())]
    if report.reboot.needed_after:
        lines += wrapped("A reboot is needed: " + ", ".join(report.reboot.because), "", console)
    return "\n".join(lines)


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
    reboot = ", ".join(status.reboot_because) if status.reboot_needed else "not needed"
    lines += wrapped(f"Reboot   {reboot}", "", console)
    if status.drift is not None:
        lines += _drift_lines(status.drift, console)
    return "\n".join(lines)


def _drift_lines(drift: Drift, console: Console) -> Iterator[str]:
    if not (drift.added or drift.removed):
        yield "Since then nothing was installed or removed by others."
        return
    yield "Since then, by others:"
    for sign, nevras in (("+", drift.added), ("-", drift.removed)):
        for nevra in nevras:
            yield from wrapped(f"{sign} {nevra}", "  ", console)
