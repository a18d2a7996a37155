"""The tables of the page that shows a plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from spma.cli.advisory_text import by_gravity
from spma.cli.page.table import (
    Cell,
    Row,
    Table,
    chip,
    code,
    counted_list,
    facets,
    folded,
    graded,
    listed,
    markup,
    plain,
)
from spma.cli.plan_text import (
    ORDER,
    chain_words,
    is_removal,
    opening,
    shown_kept,
    waiting_reason,
    waits_for,
    why_phrase,
)
from spma.cli.text import sized
from yumbridge.plan.document import Action, Change, ConfigurationChange, CrossedAdvisory, Deferral, Host, Plan

if TYPE_CHECKING:
    from yumbridge.condition.evaluation import Facts

Advisories: TypeAlias = Mapping[str, CrossedAdvisory]

_CHIPS: Final = {
    Action.REMOVE: "removed",
    Action.OBSOLETE: "removed",
    Action.DOWNGRADE: "down",
    Action.REINSTALL: "rebuilt",
    Action.UPGRADE: "up",
    Action.INSTALL: "added",
}


def tables(plan: Plan, moment: Facts | None) -> tuple[Table, ...]:
    """Return the tables that have rows; what somebody should look at comes first."""
    # Severities compare without case: one word for each, to filter by.
    advisories = tuple(msgspec.structs.replace(each, severity=each.severity.casefold()) for each in plan.advisories)
    plan = msgspec.structs.replace(plan, advisories=advisories)
    known = {advisory.advisory_id: advisory for advisory in advisories}
    found = (
        _problems(plan),
        _now(plan, known),
        _waiting(plan, known, moment),
        _kept(plan),
        _advisories(plan),
        _reboot(plan),
        _notes(plan),
        _files(plan),
        _keys(plan),
        _basis(plan),
    )
    return tuple(table for table in found if table.rows)


def _problems(plan: Plan) -> Table:
    return Table(
        "problems",
        "Problems",
        "What is asked for and impossible. While one of these stands, nothing is carried out.",
        {"kind": "Kind", "problem": "Problem", "where": "Where", "solutions": "What would help"},
        tuple(
            Row(
                (
                    chip(problem.kind.value, "lost"),
                    plain(problem.text),
                    code(problem.origin),
                    Cell(_items(map(markup, problem.solutions))),
                )
            )
            for problem in plan.problems
        ),
    )


def _now(plan: Plan, known: Advisories) -> Table:
    return Table(
        "now",
        "Now",
        "What an apply does at once. Each reason unfolds to the chain from what somebody wrote.",
        _columns("change", "before", "after", "size", "repository", "advisories", "why"),
        tuple(
            Row(
                (
                    *_moved(change),
                    Cell(markup(sized(change.size_bytes)) if change.size_bytes else "", f"{change.size_bytes}"),
                    plain(change.repo_id),
                    _crossed(change, known),
                    _reason(why_phrase(change.why), chain_words(change.why)),
                ),
                *facets(_about(change, known)),
            )
            for change in _in_order(plan.changes)
        ),
    )


def _waiting(plan: Plan, known: Advisories, moment: Facts | None) -> Table:
    return Table(
        "waiting",
        "Waits",
        "What does not happen now, until when, and why.",
        _columns("change", "before", "after", "until", "reason", "advisories", "why"),
        tuple(
            Row(
                (
                    *_moved(change),
                    plain(f"{waits_for(change.until)}{opening(change.until, moment)}"),
                    _reason(waiting_reason(change), change.chain if len(change.chain) > 1 else ()),
                    _crossed(change, known),
                    _reason(why_phrase(change.why), chain_words(change.why)),
                ),
                *facets(_about(change, known)),
            )
            for change in _in_order(plan.deferred)
            if isinstance(change, Deferral)
        ),
    )


def _columns(*names: str) -> dict[str, str]:
    labels = {"until": "Waits for", "reason": "Why it waits", "why": "Why"}
    return {"package": "Package"} | {name: labels.get(name, name.capitalize()) for name in names}


def _in_order(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: (ORDER.index(change.action), change.name, change.arch))


def _moved(change: Change) -> tuple[Cell, ...]:
    return (
        plain(f"{change.name}.{change.arch}"),
        chip(change.action.value, _CHIPS[change.action]),
        code(", ".join(change.before)),
        code(", ".join(change.after)),
    )


def _about(change: Change, known: Advisories) -> list[CrossedAdvisory]:
    return [known[advisory_id] for advisory_id in change.advisories if advisory_id in known]


def _crossed(change: Change, known: Advisories) -> Cell:
    """Return the gravest severity of what a change crosses, and the ids, folded when there are several."""
    severity, _ = facets(_about(change, known))
    worst, ids = graded(severity), change.advisories
    names = folded(f"{len(ids)} advisories", listed(ids).html) if len(ids) > 1 else listed(ids).html
    return Cell(f"{worst.html} {names}".strip(), f"{worst.key} {999999 - len(ids):06}")


def _reason(phrase: str, steps: Iterable[str]) -> Cell:
    """Return a reason that unfolds to its steps."""
    items = _items(map(markup, steps))
    return Cell(folded(phrase, items) if items else markup(phrase), phrase)


def _items(markups: Iterable[str]) -> str:
    """Return a list as markup; empty for none."""
    items = "".join(f"<li>{each}</li>" for each in markups)
    return f"<ol>{items}</ol>" if items else ""


def _kept(plan: Plan) -> Table:
    return Table(
        "kept",
        "Stays",
        "Packages that the profile does not ask for, and what keeps them.",
        {"package": "Package", "reason": "Reason", "rule": "Rule"},
        tuple(Row((code(e.nevra), plain(e.reason.value), plain(e.rule))) for e in shown_kept(plan)),
    )


def _advisories(plan: Plan) -> Table:
    columns = ("Advisory", "Severity", "Type", "CVEs", "Packages", "Title")
    return Table(
        "advisories",
        "Advisories",
        "Those for builds newer than the installed ones, up to the new ones; now, or later if the packages wait.",
        {label.lower(): label for label in columns},
        tuple(_advisory_row(plan, advisory) for advisory in by_gravity(plan.advisories)),
    )


def _advisory_row(plan: Plan, advisory: CrossedAdvisory) -> Row:
    changes = (*plan.changes, *plan.deferred)
    names = sorted({change.name for change in changes if advisory.advisory_id in change.advisories})
    return Row(
        (
            plain(advisory.advisory_id),
            graded(advisory.severity),
            plain(advisory.kind),
            counted_list(advisory.cves, "CVE"),
            listed(names),
            plain(advisory.title),
        ),
        *facets([advisory]),
    )


def _reboot(plan: Plan) -> Table:
    return Table(
        "reboot",
        "A reboot is needed for",
        "What a running system takes up only when it is booted again.",
        {"build": "Build"},
        tuple(Row((code(nevra),)) for nevra in plan.reboot.because),
    )


def _notes(plan: Plan) -> Table:
    return Table(
        "notes",
        "Notes",
        "Remarks that change nothing.",
        {"kind": "Kind", "note": "Remark"},
        tuple(Row((plain(note.kind.value), plain(note.text))) for note in plan.notes),
    )


def _files(plan: Plan) -> Table:
    return Table(
        "files",
        "Files",
        "The files that dnf reads, and how they change. Passwords are not shown.",
        {"file": "File", "change": "Change", "difference": "Difference"},
        tuple(Row(tuple(_file_cells(change))) for change in plan.configuration),
    )


def _file_cells(change: ConfigurationChange) -> Iterator[Cell]:
    yield code(change.path)
    yield chip("remove", "removed") if is_removal(change) else chip("write", "up")
    # Other line breaks than this one are part of a value, and start no line of a difference.
    lines = change.difference.removesuffix("\n").split("\n")[2:]
    added = sum(line.startswith("+") for line in lines)
    removed = sum(line.startswith("-") for line in lines)
    yield Cell(folded(f"+{added} -{removed} lines", f"<pre>{''.join(map(_line, lines))}</pre>"), f"{added + removed}")


def _line(text: str) -> str:
    kind = {"+": "plus", "-": "minus", "@": "place"}.get(text[:1], "")
    return f'<span class="{kind}">{markup(text)}</span>\n' if kind else f"{markup(text)}\n"


def _keys(plan: Plan) -> Table:
    return Table(
        "keys",
        "Keys",
        "Public keys that an apply imports.",
        {"fingerprint": "Fingerprint", "url": "From"},
        tuple(Row((code(key.fingerprint), plain(key.url))) for key in plan.keys),
    )


def _basis(plan: Plan) -> Table:
    return Table(
        "basis",
        "What it rests on",
        "When one of these has changed, the plan is stale, and is not carried out.",
        {"what": "What", "value": "Value", "digest": "Digest"},
        tuple(Row((plain(what), plain(value), code(digest))) for what, value, digest in _basis_rows(plan)),
    )


def _basis_rows(plan: Plan) -> Iterator[tuple[str, str, str]]:
    yield "plan", "", plan.id
    yield "profile", plan.profile.source, plan.profile.digest
    yield "policy", "", plan.policy
    yield "host", _host_words(plan.host), ""
    yield "rpmdb", plan.host.root, plan.rpmdb_cookie
    yield "engine", f"{plan.engine.name} {plan.engine.version}", ""
    for ref in plan.repositories:
        snapshot = f", of snapshot {ref.snapshot}" if ref.snapshot else ""
        yield f"repository {ref.repo_id}", f"revision {ref.revision}{snapshot}", ref.repomd


def _host_words(host: Host) -> str:
    named = {"arch": host.arch, "basearch": host.basearch, "release": host.releasever, "kernel": host.kernel_release}
    words = [f"{name} {value}" for name, value in named.items() if value]
    return ", ".join([*words, *(f"${name} = {value}" for name, value in sorted(host.variables.items()))])
