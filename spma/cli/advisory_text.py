"""Advisories in words for people: how many, how grave, which CVEs they close."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from spma.cli.console import Console
from spma.cli.text import LISTED, more, shortened, wrapped
from yumbridge.count import counted
from yumbridge.plan.document import Change, CrossedAdvisory, Plan

_SEVERITIES: Final = ("critical", "important", "moderate", "low")


def severity_rank(severity: str) -> tuple[int, str]:
    """Return the order of severities, the gravest first; words that nobody ranks come after those that are known.

    Severities compare without case.
    """
    word = severity.casefold()
    rank = _SEVERITIES.index(word) if word in _SEVERITIES else len(_SEVERITIES) + (not word)
    return (rank, severity)


def crossed(plan: Plan, changes: Iterable[Change]) -> tuple[CrossedAdvisory, ...]:
    """Return the advisories of a plan that some of its changes cross, the gravest first."""
    named = {advisory_id for change in changes for advisory_id in change.advisories}
    return by_gravity(each for each in plan.advisories if each.advisory_id in named)


def by_gravity(advisories: Iterable[CrossedAdvisory]) -> tuple[CrossedAdvisory, ...]:
    """Return advisories, the gravest first."""
    return tuple(sorted(advisories, key=lambda each: (severity_rank(each.severity)[0], each.advisory_id)))


def graded(advisories: Iterable[CrossedAdvisory]) -> str:
    """Return how many there are of each severity, the gravest first: "1 critical, 2 low"; empty for none."""
    counts = Counter(each.severity.casefold() for each in advisories if each.severity)
    return ", ".join(f"{counts[word]} {word}" for word in sorted(counts, key=severity_rank))


def advisory_phrase(advisories: Sequence[CrossedAdvisory]) -> str:
    """Return how many advisories there are, how grave, and how many CVEs they close; empty for none.

    >>> grave = CrossedAdvisory(advisory_id="A-1", severity="Critical", cves=("CVE-1", "CVE-2"))
    >>> advisory_phrase([grave, CrossedAdvisory(advisory_id="A-2")])
    '2 advisories (1 critical), 2 CVEs'
    """
    if not advisories:
        return ""
    grades = graded(advisories)
    cves = {cve for each in advisories for cve in each.cves}
    words = counted(len(advisories), "advisory", "advisories") + (f" ({grades})" if grades else "")
    return f"{words}, {counted(len(cves), 'CVE')}" if cves else words


def advisory_lines(advisories: Sequence[CrossedAdvisory], console: Console) -> Iterator[str]:
    """Yield a heading and a line per advisory, and an empty line; nothing when there are none."""
    if not advisories:
        return
    yield console.bold("Advisories")
    shown, left = shortened(advisories, LISTED, whole=console.verbose)
    width = max(len(each.advisory_id) for each in shown)
    for each in shown:
        parts = (each.severity.casefold() or each.kind, counted(len(each.cves), "CVE") if each.cves else "", each.title)
        yield from wrapped("  ".join([f"{each.advisory_id:<{width}}", *filter(None, parts)]), "  ", console)
    yield from more(left, "  ", console)
    yield ""


def about(advisory: CrossedAdvisory) -> str:
    """Return an advisory in one phrase: its id, severity or type, and CVEs.

    >>> about(CrossedAdvisory(advisory_id="A-1", severity="Critical", cves=("CVE-1",)))
    'A-1 (critical, CVE-1)'
    """
    inside = ", ".join(filter(None, (advisory.severity.casefold() or advisory.kind, *advisory.cves)))
    return f"{advisory.advisory_id} ({inside})" if inside else advisory.advisory_id
