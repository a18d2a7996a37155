"""What every page has: its policy, its one style and script, counters that lead to sections, and a filter."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Final

from spma.cli.advisory_text import severity_rank
from spma.cli.page.table import Table, markup

# Nothing but the one script and the one style of the page itself: a title that becomes markup could do nothing.
_POLICY: Final = "default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True)
class Counter:
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

    def html(self) -> str:
        """Return the counter as markup."""
        grave = ' class="grave"' if self.is_grave else ""
        note = f"<small>{markup(self.note)}</small>" if self.note else ""
        return (
            f'<li{grave}><a href="#{self.section}"><span class="number">{self.sign}{self.number}</span> '
            f"<span>{self.label}</span>{note}</a></li>"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two sides at the top: a label, a name, and what identifies it."""

    label: str
    name: str
    identity: str

    def html(self) -> str:
        """Return the side as markup."""
        return (
            f'<div class="side"><span class="label">{markup(self.label)}</span> <strong>{markup(self.name)}</strong>'
            f"<code>{markup(self.identity)}</code></div>"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The top of a page: what the window is called, a heading, what is on both sides, and sentences."""

    window: str
    heading: str
    sides: tuple[Side, Side]
    sentences: Sequence[str]
    counters: Iterable[Counter]

    def html(self) -> str:
        """Return the top as markup. Counters of nothing are left out."""
        counters = "".join(counter.html() for counter in self.counters if counter.number)
        before, after = self.sides
        return (
            f"<header>\n<h1>{markup(self.heading)}</h1>\n"
            f'<div class="sides">{before.html()}'
            f'<span class="arrow" aria-hidden="true">&rarr;</span>{after.html()}</div>\n'
            + "".join(f'<p class="summary">{markup(sentence)}</p>\n' for sentence in self.sentences)
            + (f'<nav aria-label="Sections"><ul class="counters">{counters}</ul></nav>\n' if counters else "")
            + "</header>\n"
        )


def framed(head: Head, tables: Sequence[Table], example: str, style: str = "") -> bytes:
    """Return a page. `example` stands in the empty filter. The same content gives the same bytes.

    `style` is what this page adds to the style that all share.
    """
    style, script = f"{_resource('page.css')}{style}", _resource("page.js")
    policy = _POLICY.format(script=_source_hash(script), style=_source_hash(style))
    parts = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        '<meta name="color-scheme" content="light dark">\n',
        f"<title>{markup(head.window)}</title>\n<style>{style}</style>\n</head>\n<body>\n",
        head.html(),
        "<main>\n",
        *(_controls(tables, example) if tables else ()),
        *(table.html() for table in tables),
        f"</main>\n<script>{script}</script>\n</body>\n</html>\n",
    )
    return "".join(parts).encode()


def _resource(name: str) -> str:
    return files("spma.cli.page").joinpath(name).read_text(encoding="utf-8")


def _source_hash(text: str) -> str:
    """Return the source of a Content-Security-Policy that is this text alone."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _controls(tables: Sequence[Table], example: str) -> Iterator[str]:
    """Yield the filter, which is hidden until the script runs."""
    severities = {row.severity for table in tables for row in table.rows if row.severity}
    kinds = {kind for table in tables for row in table.rows for kind in row.kinds}
    yield '<form class="filter" role="search" hidden>\n'
    yield '<p><label for="filter">Filter</label><input id="filter" type="search" autocomplete="off" '
    yield f'spellcheck="false" placeholder="{markup(example)}"></p>\n'
    yield _select("severity", "Severity", dict.fromkeys(sorted(severities, key=severity_rank)))
    yield _select("type", "Type", dict.fromkeys(sorted(kinds)))
    yield '<p class="actions"><button type="reset">Show all</button> <a id="view" href="#">Link to this view</a></p>\n'
    yield '<p id="shown" role="status"></p>\n</form>\n'


def _select(name: str, label: str, values: Mapping[str, None]) -> str:
    options = "".join(f'<option value="{markup(value)}">{markup(value)}</option>' for value in values)
    select = f'<select id="{name}"><option value="">any</option>{options}</select>'
    return f'<p><label for="{name}">{label}</label>{select}</p>\n'
