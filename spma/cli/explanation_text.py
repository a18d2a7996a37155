"""What is known of a package, in words: what becomes of it, then why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from spma.cli.console import Console, printable
from spma.cli.plan_text import chain_words, problem_lines, waits_for, why_phrase
from spma.cli.text import LISTED, entitled, more, shortened, wrapped
from yumbridge.count import counted
from yumbridge.plan.document import Change, Deferral, Why
from yumbridge.plan.explanation import Brought, Explanation

_INDENT: Final = "  "
_ACTIONS: Final = {
    "install": "will be installed",
    "upgrade": "will be upgraded",
    "downgrade": "will be downgraded",
    "reinstall": "will be installed again",
    "remove": "will be removed",
    "obsolete": "will be obsoleted",
}


def explanation_text(found: Explanation, console: Console) -> str:
    """Return what is known of a package as text: what becomes of it, then why."""
    texts = [*_standing(found), *_verdict(found)]
    lines = [line for text in texts for line in wrapped(text, "", console)]
    lines.append("")
    lines += _chain_lines(found.chains, console)
    lines += _waiting_lines(found, console)
    lines += entitled("Stays all the same", [f"{e.nevra}  {e.reason.value}: {e.rule}" for e in found.kept_by], console)
    lines += problem_lines(found.blocked_by, console, "In the way")
    lines += entitled("Notes", [f"{note.kind.value}: {note.text}" for note in found.notes], console)
    lines += _listing_lines(found, console)
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


def _standing(found: Explanation) -> Iterator[str]:
    """Yield a sentence per package: whether the host has it, and what becomes of it."""
    told: set[str] = set()
    for change in (*found.changes, *found.held_by):
        told.update((*change.coming, *change.going))
        yield f"{_moved(change)}{_later(change)}."
    for nevra in found.installed:
        if nevra not in told:
            yield f"{nevra} is installed, and stays." if found.solved else f"{nevra} is installed."
    for nevra in found.planned:
        if nevra not in told and nevra not in found.installed:
            yield f"{nevra} is wanted, and not installed."
    if not found.is_known:
        yield f"{found.package} is not installed{_wish(found)}."


def _wish(found: Explanation) -> str:
    """Return what the profile makes of a package that the host does not have and will not have."""
    if found.listed:
        return "; the profile lists it, and it cannot be had"
    if not found.solved:
        return "; whether it is needed is not known, for the profile has no solution"
    return ", and nothing that the profile asks for needs it"


def _verdict(found: Explanation) -> Iterator[str]:
    """Yield what a plan with problems makes of all that is said."""
    if found.other_problems:
        what = "more problem" if any(problem.origin for problem in found.blocked_by) else "problem"
        count = counted(found.other_problems, what)
        yield f"Nothing is carried out: the plan has {count}; yumbridge plan tells of them."
    elif not found.solved or any(problem.origin for problem in found.blocked_by):
        yield "Nothing is carried out while that stands."


def _moved(change: Change) -> str:
    return f"{change.name}.{change.arch} {_ACTIONS[change.action.value]}: {change.evrs}{_gone(change)}"


def _gone(change: Change) -> str:
    """Return why a package goes; what comes has chains of its own."""
    return "" if change.after else f", {why_phrase(change.why)}"


def _later(change: Change) -> str:

    return f", {waits_for(change.until)}" if isinstance(change, Deferral) else ""


def _chain_lines(chains: Sequence[Brought], console: Console) -> Iterator[str]:
    by_nevra: defaultdict[str, list[Brought]] = defaultdict(list)
    for chain in chains:
        by_nevra[chain.nevra].append(chain)
    for nevra, brought in by_nevra.items():
        yield console.bold(printable(f"What brings {nevra}"))
        whole = len(brought) if console.verbose else 1
        for each in brought[:whole]:
            yield from _whole_lines(each.why, console)
        yield from _other_lines(brought[whole:], console)
        yield ""


def _whole_lines(chain: Sequence[Why], console: Console) -> Iterator[str]:

    first, *rest = chain_words(chain)
    yield from wrapped(first, _INDENT, console)
    for text in rest:
        yield from wrapped(text, _INDENT * 2, console)


def _other_lines(brought: Sequence[Brought], console: Console) -> Iterator[str]:
    """Yield the last step of each further way."""
    shown, left = shortened(brought, LISTED)
    for each in shown:
        *_, last = chain_words(each.why)
        yield from wrapped(f"also: {last}", _INDENT, console)
    yield from more(left, _INDENT, console)


def _waiting_lines(found: Explanation, console: Console) -> Iterator[str]:

    if not found.held_by:
        return
    yield console.bold("Why it waits")
    for text in dict.fromkeys(text for change in found.held_by for text in change.chain):
        yield from wrapped(text, _INDENT, console)
    yield ""


def _listing_lines(found: Explanation, console: Console) -> Iterator[str]:

    if found.if_listed and set(found.if_listed) <= set(found.installed):
        yield "If the profile listed it, it would stay."
    elif found.if_listed:
        count = counted(len(found.if_listed), "package")
        yield from entitled(f"If the profile listed it, {count} more would be there", found.if_listed, console)
