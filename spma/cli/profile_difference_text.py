"""The difference of two profiles as text for people, on 80 columns and more."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from spma.cli.console import Console, printable
from spma.cli.entry_text import changed_words, entry_name, entry_words
from spma.cli.plan_text import ACTION_COLORS, AT_BOOT, waiting_reason, waits_for, why_phrase
from spma.cli.text import LISTED, entitled, more, short_id, shortened, wrapped
from spma.profile.difference import ProfileDifference
from yumbridge.count import counted
from yumbridge.plan.choice import Choice
from yumbridge.plan.difference import ChangedChoice, ClosureDifference, ClosureSide
from yumbridge.plan.document import Action, Change, Deferral, Problem

SAME: Final = "No difference."
# What somebody should look at comes first.
_SIGNS: Final = ("-", "~", "+")
_COLORS: Final = {"-": "red", "~": "cyan", "+": "green"}
_WORDS: Final = {"-": "removed", "~": "changed", "+": "added"}
_ACTIONS: Final = (Action.REMOVE, Action.DOWNGRADE, Action.UPGRADE, Action.INSTALL)
_COLUMN: Final = 30
# The indent, a sign, and what separates columns.
_MARGIN: Final = 6


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what it is of, what becomes of it, and why, which is printed dim and may be empty."""

    name: str
    words: str
    why: str = ""


def difference_text(difference: ProfileDifference, names: tuple[str, str], console: Console) -> str:
    """Return a difference as text: problems, what is written otherwise, what that comes to, and all in one line.

    `names` are those by which somebody calls the profiles.
    """
    closure = difference.closure
    lines = [*_problem_lines(closure, names, console)] if closure else []
    for title, rows in _sections(difference, whole=console.verbose):
        lines += _section_lines(title, rows, console)
    lines += _closure_lines(closure, names, console) if closure else _held_lines(difference, console)
    if difference.is_empty:
        lines.append(SAME)
    else:
        lines += wrapped(_summary(difference), "", console)
    return "\n".join(lines)


def _sections(difference: ProfileDifference, *, whole: bool) -> Iterator[tuple[str, dict[str, list[Row]]]]:
    """Yield what both profiles mean otherwise: a title, and the rows by sign."""
    sections = (
        ("Packages", difference.specs),
        ("Repositories", difference.repositories),
        ("Modules", difference.modules),
        ("Options", difference.options),
        ("Holds", difference.holds),
        ("Aliases", difference.aliases),
    )
    for title, section in sections:
        rows = {
            "-": [Row(entry_name(entry, whole=whole), entry_words(entry)) for entry in section.removed],
            "~": [
                Row(entry_name(each.after, whole=whole), changed_words(each.before, each.after, each.fields))
                for each in section.changed
            ],
            "+": [Row(entry_name(entry, whole=whole), entry_words(entry)) for entry in section.added],
        }
        yield title, rows


def _section_lines(title: str, rows: dict[str, list[Row]], console: Console) -> Iterator[str]:
    counts = [f"{len(rows[sign])} {_WORDS[sign]}" for sign in _SIGNS if rows[sign]]
    if not counts:
        return
    yield console.bold(f"{title}: {', '.join(counts)}")
    for sign in _SIGNS:
        yield from _table(rows[sign], console, partial(_signed, console, sign))
    yield ""


def _table(rows: Sequence[Row], console: Console, signed: Callable[[str], str]) -> Iterator[str]:
    """Yield a line per row, or several where it does not fit."""
    shown, left = shortened(rows, LISTED, whole=console.verbose)
    cells = [tuple(map(printable, (row.name, row.words, row.why))) for row in shown]
    first = min(max((len(name) for name, _, _ in cells), default=0), _COLUMN)
    second = min(max((len(words) for _, words, why in cells if why), default=0), _COLUMN)
    for name, words, why in cells:
        line = f"{name:<{first}}  {words:<{second}}".rstrip()
        if why and len(line) + _MARGIN + len(why) <= console.width:
            yield f"  {signed(f'{name:<{first}}  {words:<{second}}')}  {console.dim(why)}"
            continue
        if len(line) + _MARGIN <= console.width:
            yield f"  {signed(line)}"
        else:
            begun, *rest = wrapped(name, " " * 4, console)
            yield f"  {signed(begun.strip())}"
            yield from rest
            yield from wrapped(words, " " * 6, console)
        if why:
            yield from map(console.dim, wrapped(why, " " * 6, console))
    yield from more(left, "  ", console)


def _signed(console: Console, sign: str, text: str) -> str:
    return f"{console.bold(sign, _COLORS[sign])} {text}"


def _held_lines(difference: ProfileDifference, console: Console) -> Iterator[str]:
    """Yield the specs that holds have by name: what of them waits only repositories can tell."""
    texts = [
        f"{held.spec}  {waits_for(held.until)}: held{'' if held.rule == held.spec else f' by {held.rule}'}"
        f"{held.why and f', {held.why}'}"
        for held in difference.held
    ]
    yield from entitled("Under a hold", texts, console)


def _problem_lines(closure: ClosureDifference, names: tuple[str, str], console: Console) -> Iterator[str]:
    """Yield what is impossible in the later profile, then what was only in the earlier one."""
    before, after = closure.before.problems, closure.after.problems
    gone = [problem for problem in before if problem not in after]
    others = f" that {names[1]} does not have"
    for name, problems, known, rest in ((names[1], after, before, ""), (names[0], gone, (), others)):
        if not problems:
            continue
        title = f"{name}: {counted(len(problems), 'problem')}{rest}"
        yield from (console.bold(line, "red") for line in wrapped(title, "", console))
        for problem in (each for each in problems if each not in known):
            yield from _problem_text(problem, console, is_known=False)
        yield from _known_lines([problem for problem in problems if problem in known], console)
        yield ""


def _known_lines(problems: Sequence[Problem], console: Console) -> Iterator[str]:
    """Yield the problems that the earlier profile has as well: they are no difference."""
    if problems and not console.verbose:
        yield console.dim(f"  {counted(len(problems), 'problem')} as before: -v lists them")
        return
    for problem in problems:
        yield from _problem_text(problem, console, is_known=True)


def _problem_text(problem: Problem, console: Console, *, is_known: bool) -> Iterator[str]:
    yield from wrapped(f"{problem.kind.value}: {problem.text}{' (as before)' if is_known else ''}", "  ", console)
    if problem.origin:
        yield console.dim(printable(f"      at {problem.origin}"))


def _closure_lines(closure: ClosureDifference, names: tuple[str, str], console: Console) -> Iterator[str]:
    """Yield what the difference comes to on the repositories."""
    if place := _place(closure):
        yield from (console.bold(line) for line in wrapped(place, "", console))
        yield ""
    if not closure.is_comparable:
        unsolved = [
            name for name, side in zip(names, (closure.before, closure.after), strict=True) if not side.packages
        ]
        yield from wrapped(f"Nothing to compare there: {' and '.join(unsolved)} cannot be solved.", "", console)
        yield ""
    yield from _change_blocks((*closure.removed, *closure.changed, *closure.added), console)
    yield from entitled("Other members of aliases", list(map(_choice_text, closure.choices)), console)
    yield from _waiting_lines(closure.held, console)
    told = {choice.after.text for choice in closure.choices if choice.after}
    fresh = [note for note in closure.after.notes if note not in closure.before.notes and note.text not in told]
    yield from entitled("Notes", [f"{note.kind.value}: {note.text}" for note in fresh], console)


def _place(closure: ClosureDifference) -> str:
    """Return the snapshot that both were solved on, or both, empty for none."""
    sides = dict.fromkeys(map(_snapshot, (closure.before, closure.after)))
    return f"On snapshot {' -> '.join(sides)}" if any(sides) else ""


def _snapshot(side: ClosureSide) -> str:
    return f"{side.snapshot} ({short_id(side.snapshot_id)})" if side.snapshot else ""


def _change_blocks(changes: Sequence[Change], console: Console) -> Iterator[str]:
    for action in _ACTIONS:
        block = [change for change in changes if change.action is action]
        if block:
            title = f"{action.value.capitalize()} {counted(len(block), 'package')}"
            yield console.bold(title, ACTION_COLORS[action])
            yield from _table([Row(_named(change), change.evrs, _why(change)) for change in block], console, str)
            yield ""


def _waiting_lines(held: Sequence[Deferral], console: Console) -> Iterator[str]:
    """Yield what holds keep back, by the moment that it waits for."""
    moments: defaultdict[str, list[Row]] = defaultdict(list)
    for change in held:
        row = Row(_named(change), change.action.value, waiting_reason(change))
        moments[waits_for(change.until)].append(row)
    for words in sorted(moments, key=lambda words: (words != AT_BOOT, words)):
        title = f"Only {words}, with what cannot go without it"
        yield from (console.bold(line) for line in wrapped(title, "", console))
        yield from _table(moments[words], console, str)
        yield ""


def _named(change: Change) -> str:
    return f"{change.name}.{change.arch}"


def _why(change: Change) -> str:
    phrase = why_phrase(change.why)
    if change.after or not phrase or change.why[-1].kind == "superseded":
        return phrase
    return (
        f"supplemented{phrase.removeprefix('supplements')}" if change.why[-1].kind == "supplements" else f"was {phrase}"
    )


def _choice_text(changed: ChangedChoice) -> str:
    words = f"@{changed.alias}: {_member(changed.before)} -> {_member(changed.after)}"
    passed = changed.after.passed_over if changed.after else ()
    return "; ".join([words, *(f"{each.member} is not taken: {each.why}" for each in passed)])


def _member(choice: Choice | None) -> str:
    if choice is None:
        return "not asked for"
    return choice.member or "none"


def _summary(difference: ProfileDifference) -> str:
    """Return the difference in one line."""
    parts = []
    for title, rows in _sections(difference, whole=False):
        counts = " ".join(f"{sign}{len(rows[sign])}" for sign in _SIGNS if rows[sign])
        if counts:
            parts.append(f"{title.lower()} {counts}")
    closure = difference.closure
    if closure is not None:
        parts.append(_closure_summary(closure))
    return f"Summary: {'; '.join(parts)}"


def _closure_summary(closure: ClosureDifference) -> str:
    bad = [side.problems for side in (closure.before, closure.after)]
    if not closure.is_comparable:
        return f"{counted(sum(map(len, bad)), 'problem')}, closures not comparable"
    counts = Counter(change.action for change in (*closure.removed, *closure.changed, *closure.added))
    moves = ", ".join(f"{action.value} {counts[action]}" for action in _ACTIONS if counts[action])
    words = f"closure {moves}" if moves else f"the closure stays, {counted(closure.after.packages, 'package')}"
    if closure.held:
        words += f"; {counted(len(closure.held), 'change waits', 'changes wait')}"
    return f"{words}; {counted(len(bad[1]), 'problem')}" if bad[1] else words
