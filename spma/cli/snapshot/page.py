"""The difference of two snapshots as one HTML page: no network, no server, readable without its script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Final

from snapshots.comparison.difference import SnapshotDifference, SnapshotRef
from spma.cli.advisory_text import severity_rank
from spma.cli.snapshot.page_table import Table, markup, tables
from spma.cli.snapshot.summary import (
    changed_count,
    counts,
    critical,
    reboot_names,
    summary,
    uncovered_count,
)

# Nothing but the one script and the one style of the page itself: a title that becomes markup could do nothing.
_POLICY: Final = "default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True)
class _Counter:
    """A number at the top of the page, what it counts, one and many, and the section that it leads to."""

    section: str
    number: int
    one: str
    many: str
    sign: str = ""
    note: str = ""
    is_grave: bool = False

    @property
    def label(self) -> str:
        """What is counted, in the number of the number."""
        return self.one if self.number == 1 else self.many


def page(difference: SnapshotDifference) -> bytes:
    """Return the page. The same difference gives the same bytes."""
    style, script = _resource("page.css"), _resource("page.js")
    policy = _POLICY.format(script=_source_hash(script), style=_source_hash(style))
    title = f"{difference.before.name} to {difference.after.name}"
    listed = tables(difference)
    parts = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        '<meta name="color-scheme" content="light dark">\n',
        f"<title>{markup(title)}: difference of snapshots</title>\n<style>{style}</style>\n</head>\n<body>\n",
        _header(difference),
        "<main>\n",
        *(_controls(listed) if listed else ()),
        *(table.html() for table in listed),
        f"</main>\n<script>{script}</script>\n</body>\n</html>\n",
    )
    return "".join(parts).encode()


def _resource(name: str) -> str:
    return files("spma.cli.snapshot").joinpath(name).read_text(encoding="utf-8")


def _source_hash(text: str) -> str:
    """Return the source of a Content-Security-Policy that is this text alone."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _header(difference: SnapshotDifference) -> str:
    counters = "".join(map(_counter, _counters(difference)))
    return (
        "<header>\n<h1>What changes between two snapshots</h1>\n"
        f'<div class="sides">{_side("Before", difference.before)}'
        f'<span class="arrow" aria-hidden="true">&rarr;</span>{_side("After", difference.after)}</div>\n'
        f'<p class="summary">{markup(summary(difference))}.</p>\n'
        + (f'<nav aria-label="Sections"><ul class="counters">{counters}</ul></nav>\n' if counters else "")
        + "</header>\n"
    )


def _side(label: str, ref: SnapshotRef) -> str:
    return (
        f'<div class="side"><span class="label">{label}</span> <strong>{markup(ref.name)}</strong>'
        f"<code>{markup(ref.id)}</code></div>"
    )


def _counters(difference: SnapshotDifference) -> Iterator[_Counter]:
    """Yield the numbers that are not 0."""
    advisories, cves = difference.advisories, difference.cves
    changes = [change for repository in difference.repositories for change in repository.changes]
    uncovered = uncovered_count(difference.without_advisory)
    rebooting = len(reboot_names(difference.reboot.because))
    partial, torn, held = difference.partial_advisories, difference.torn_sources, difference.held
    grave = critical(advisories.gained)
    parts = counts(changes).partition(": ")[2]
    found = (
        _Counter("advisories", len(advisories.gained), "advisory gained", "advisories gained", "+", grave),
        _Counter("advisories", len(advisories.lost), "advisory lost", "advisories lost", "-", is_grave=True),
        _Counter("cves", len(cves.gained), "CVE closed", "CVEs closed"),
        _Counter("cves", len(cves.lost), "CVE reopened", "CVEs reopened", is_grave=True),
        _Counter("packages", changed_count(changes), "package changes", "packages change", note=parts),
        _Counter("without-advisory", uncovered, "changes with no advisory", "change with no advisory"),
        _Counter("partial", len(partial), "advisory held in part", "advisories held in part", is_grave=True),
        _Counter("torn", len(torn), "source is torn", "sources are torn", is_grave=True),
        _Counter("reboot", rebooting, "package needs a reboot", "packages need a reboot", is_grave=True),
        _Counter("held", len(held), "change waits for boot", "changes wait for boot"),
    )
    return (counter for counter in found if counter.number)


def _counter(counter: _Counter) -> str:
    grave = ' class="grave"' if counter.is_grave else ""
    note = f"<small>{markup(counter.note)}</small>" if counter.note else ""
    return (
        f'<li{grave}><a href="#{counter.section}"><span class="number">{counter.sign}{counter.number}</span> '
        f"<span>{counter.label}</span>{note}</a></li>"
    )


def _controls(listed: Sequence[Table]) -> Iterator[str]:
    """Yield the filter, which is hidden until the script runs."""
    severities = {row.severity for table in listed for row in table.rows if row.severity}
    kinds = {kind for table in listed for row in table.rows for kind in row.kinds}
    yield '<form class="filter" role="search" hidden>\n'
    yield '<p><label for="filter">Filter</label><input id="filter" type="search" autocomplete="off" '
    yield 'spellcheck="false" placeholder="name, EVR, advisory, CVE"></p>\n'
    yield _select("severity", "Severity", dict.fromkeys(sorted(severities, key=severity_rank)))
    yield _select("type", "Type", dict.fromkeys(sorted(kinds)))
    yield '<p class="actions"><button type="reset">Show all</button> <a id="view" href="#">Link to this view</a></p>\n'
    yield '<p id="shown" role="status"></p>\n</form>\n'


def _select(name: str, label: str, values: Mapping[str, None]) -> str:
    options = "".join(f'<option value="{markup(value)}">{markup(value)}</option>' for value in values)
    select = f'<select id="{name}"><option value="">any</option>{options}</select>'
    return f'<p><label for="{name}">{label}</label>{select}</p>\n'
