"""Plans as text for people: what happens now, what waits, what stays, each with its reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spma.cli.advisory_text import about, advisory_lines, advisory_phrase, crossed
from spma.cli.console import Console, printable
from spma.cli.text import sized, wrapped
from yumbridge.condition.text import condition_text
from yumbridge.count import counted
from yumbridge.desired.hold import BOOT, Until
from yumbridge.plan.document import Action, Change, ConfigurationChange, Deferral, Kept, KeptReason, Plan, Problem, Why

if TYPE_CHECKING:
    from yumbridge.condition.evaluation import Facts

ORDER: Final = (
    Action.REMOVE,
    Action.OBSOLETE,
    Action.DOWNGRADE,
    Action.REINSTALL,
    Action.UPGRADE,
    Action.INSTALL,
)
"""What goes comes first, then what changes, then what comes."""
ACTION_COLORS: Final = {
    Action.REMOVE: "red",
    Action.OBSOLETE: "red",
    Action.DOWNGRADE: "yellow",
    Action.REINSTALL: "yellow",
    Action.UPGRADE: "cyan",
    Action.INSTALL: "green",
}
# The steps of a chain that say more than the phrase at the end of a change's own line.
_STEPS: Final = {
    "profile": "{ref}",
    "alias": "the alias {ref} has {via}",
    "group": "the group {ref} has {via}",
    "requires": "{name} requires {via}",
    "recommends": "{name} recommends {via}",
    "supplements": "it supplements {via} of {name}",
    "obsoleted-by": "obsoleted by {ref}",
    "duplicate": "{ref} is there as well",
    "superseded": "{ref} is wanted",
}
# What the last run that changed packages knew of a package that nothing wants.
_LAST_KNOWN: Final = {
    "listed": "the profile still listed it at the run of {ref}",
    "unlisted": "the run of {ref} left it there, though the profile did not list it",
    "absent": "the run of {ref} did not have it yet",
}
_COLUMN_WIDTH: Final = 26
AT_BOOT: Final = "at boot"


@dataclass(frozen=True, slots=True)
class _View:
    """How a plan is shown."""

    plan: Plan
    console: Console
    explain: bool


def plan_text(
    plan: Plan, console: Console, *, explain: bool = False, snapshot: str = "", moment: Facts | None = None
) -> str:
    """Return a plan as text: problems first, then what goes, what changes, what comes; what waits; what stays.

    `snapshot` is a line about the one that it is made on. `moment` tells when conditions become true.
    """
    view = _View(plan, console, explain)
    lines = [*problem_lines(plan.problems, console, _problem_title(plan))]
    if plan.deferred:
        lines += _heading("NOW" if not plan.is_empty else "NOW: nothing", console)
    lines += _blocks(plan.changes, view)
    lines += _configuration_lines(plan, console, explain=explain)
    lines += _waiting_lines(view, moment)
    if plan.deferred and shown_kept(plan):
        lines += _heading("KEPT", console)
    lines += _kept_lines(plan, console)
    lines += advisory_lines(crossed(plan, plan.changes), console)
    lines += _note_lines(plan, console)
    for line in (*filter(None, [snapshot]), *summary(plan).splitlines()):
        lines += wrapped(line, "", console)
    return "\n".join(lines)


def _heading(text: str, console: Console) -> list[str]:
    return [*(console.bold(line) for line in wrapped(text, "", console)), ""]


def _problem_title(plan: Plan) -> str:
    return f"{counted(len(plan.problems), 'problem')}: this plan cannot be carried out"


def _blocks(changes: Sequence[Change], view: _View) -> Iterator[str]:
    for action in ORDER:
        yield from _change_lines(action, [c for c in changes if c.action is action], view)


def _waiting_lines(view: _View, moment: Facts | None) -> Iterator[str]:
    """Yield a block per moment that changes wait for: the boot first."""
    deferred = view.plan.deferred
    waits = sorted({waits_for(change.until) for change in deferred}, key=lambda words: (words != AT_BOOT, words))
    for words in waits:
        changes = [change for change in deferred if waits_for(change.until) == words]
        first, _, rest = words.partition(" ")
        heading = "AT BOOT" if words == AT_BOOT else f"{first.upper()} {rest}"
        yield from _heading(f"{heading}{opening(changes[0].until, moment)}", view.console)
        yield from _blocks(changes, view)


def waits_for(until: Until) -> str:
    """Return what a change waits for: "at boot", or "when" with the condition."""
    return AT_BOOT if until == BOOT else f"when {condition_text(until)}"


def opening(until: Until, moment: Facts | None) -> str:
    """Return when a condition becomes true, as far as that is known."""
    if until == BOOT or moment is None:
        return ""
    from yumbridge.condition.evaluation import evaluate

    opens = evaluate(until, moment).next_true
    return f" (next {opens:%Y-%m-%d %H:%M} UTC)" if opens else ""


def waiting_phrase(deferred: Sequence[Deferral]) -> str:
    """Return how much waits for what, in one phrase; empty when nothing does.

    >>> waiting_phrase(())
    ''
    """
    counts = Counter(waits_for(change.until) for change in deferred)
    order = sorted(counts, key=lambda words: (words != AT_BOOT, words))
    return ", ".join(f"{counted(counts[words], 'package')} {words}" for words in order)


def why_phrase(chain: Sequence[Why]) -> str:
    """Return the last step of a reason chain in one phrase."""
    if not chain:
        return ""
    step = chain[-1]
    name = _name_of(step.ref)
    phrases = {
        "profile": "in the profile",
        "alias": f"in the alias {step.ref}",
        "group": f"in the group {step.ref}",
        "requires": f"needed by {name}",
        "recommends": f"recommended by {name}",
        "supplements": f"supplements {name}",
        "same-name": "beside its other arch",
        "obsoleted-by": f"obsoleted by {name}",
        "duplicate": "left over beside another build",
        "superseded": "an older build",
        "not-in-profile": _gone_phrase(step),
    }
    return phrases.get(step.kind, step.kind)


def _gone_phrase(step: Why) -> str:
    """Return why a package goes that nothing wants, and what the last run that changed packages knew of it."""
    date = step.ref.partition("T")[0]
    match step.via:
        case "listed":
            return f"not in the profile since {date}"
        case "unlisted":
            return f"not in the profile; there on {date}"
        case "absent":
            return f"not in the profile; came after {date}"
        case _:
            return "not in the profile"


def waiting_reason(change: Deferral) -> str:
    """Return the first step of why a change waits, without the name of its package."""
    if not change.chain:
        return "does not go alone"
    step = change.chain[0]
    for nevra in (*change.coming, *change.going):
        step = step.removeprefix(f"{nevra} ")
    return step


def _name_of(nevra: str) -> str:
    """Return the name in a NEVRA, or the text itself when it is none."""
    return nevra.rsplit("-", 2)[0]


def _change_lines(action: Action, changes: Sequence[Change], view: _View) -> Iterator[str]:
    if not changes:
        return
    console = view.console
    yield console.bold(f"{action.value.capitalize()} {counted(len(changes), 'package')}", ACTION_COLORS[action])
    rows = [
        (
            f"{change.name}.{change.arch}",
            change.evrs,
            sized(change.size_bytes) if change.size_bytes else "",
            waiting_reason(change) if isinstance(change, Deferral) else why_phrase(change.why),
        )
        for change in changes
    ]
    widths = [_width([len(row[column]) for row in rows]) for column in range(3)]
    for change, row in zip(changes, rows, strict=True):
        yield from _row_lines(row, widths, console)
        if view.explain:
            yield from _chain_lines(change, view)
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
        yield from (console.dim(each) for each in wrapped(why, "      ", console))


def _chain_lines(change: Change, view: _View) -> Iterator[str]:
    """Yield a line per step: why the change waits, if it does, and from what somebody wrote to the package."""
    console = view.console
    for text in change.chain if isinstance(change, Deferral) else ():
        yield from (console.dim(line) for line in wrapped(text, "      ", console))
    for text in chain_words(change.why):
        yield from (console.dim(line) for line in wrapped(text, "      ", console))
    for each in crossed(view.plan, [change]):
        yield from (console.dim(line) for line in wrapped(f"crosses {about(each)}", "      ", console))


def chain_words(chain: Sequence[Why]) -> Iterator[str]:
    """Yield each step of a chain in words, from what somebody wrote to the package, without those that say nothing."""
    for step in chain:
        if words := _STEPS.get(step.kind) or _LAST_KNOWN.get(step.via):
            yield words.format(ref=step.ref, name=_name_of(step.ref), via=step.via)


def problem_lines(problems: Sequence[Problem], console: Console, title: str) -> Iterator[str]:
    """Yield problems below a title, each with its origin and what would help; nothing when there are none."""
    if not problems:
        return
    yield console.bold(title, "red")
    for problem in problems:
        yield from wrapped(f"{problem.kind.value}: {problem.text}", "  ", console)
        if problem.origin:
            yield console.dim(printable(f"      at {problem.origin}"))
        for solution in problem.solutions:
            # The place of the problem itself stands above.
            yield from wrapped(f"try: {solution.removesuffix(f' ({problem.origin})')}", "      ", console)
    yield ""


def _configuration_lines(plan: Plan, console: Console, *, explain: bool) -> Iterator[str]:
    removed = [change for change in plan.configuration if is_removal(change)]
    written = [change for change in plan.configuration if not is_removal(change)]
    for word, changes in (("Write", written), ("Remove", removed)):
        if changes:
            yield console.bold(f"{word} {counted(len(changes), 'file')}")
            yield from _differences(changes, console) if explain else _paths(changes, console)
            yield ""


def is_removal(change: ConfigurationChange) -> bool:
    """Tell whether a file goes."""
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


def shown_kept(plan: Plan) -> list[Kept]:
    """Return the packages that stay in spite of the closure, but keys."""
    # Keys stay on every host, and nobody looks for them among packages.
    return [entry for entry in plan.kept if entry.reason is not KeptReason.GPG_PUBKEY]


def _kept_lines(plan: Plan, console: Console) -> Iterator[str]:
    kept = shown_kept(plan)
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


def summary(plan: Plan) -> str:
    """Return a plan in a few sentences, a line each."""
    if plan.problems and plan.is_empty:
        return "No changes are planned while these problems stand."
    waiting = waiting_phrase(plan.deferred)
    if plan.is_empty:
        if waiting:
            return f"Nothing to do now. Waiting: {waiting}."
        return "Nothing to do: the host is as the profile wants it."
    counts = Counter(change.action for change in plan.changes)
    parts = [f"{action.value} {counts[action]}" for action in reversed(ORDER) if counts[action]]
    if removed := sum(map(is_removal, plan.configuration)):
        parts.append(f"remove {counted(removed, 'file')}")
    if written := len(plan.configuration) - removed:
        parts.append(f"write {counted(written, 'file')}")
    text = f"Summary: {', '.join(parts)}"
    if plan.changes:
        sign = "+" if plan.installed_bytes_change >= 0 else "-"
        size = sized(abs(plan.installed_bytes_change))
        text += f"; download {sized(plan.download_bytes)}, disk {sign}{size}"
    if phrase := advisory_phrase(crossed(plan, plan.changes)):
        text += f"\nCrosses {phrase}"
    if waiting:
        phrase = advisory_phrase(crossed(plan, plan.deferred))
        text += f"\nWaiting: {waiting}{f'; {phrase}' if phrase else ''}"
    if plan.reboot.needed_after:
        text += "\nA reboot is needed afterwards: " + ", ".join(plan.reboot.because)
    return text
