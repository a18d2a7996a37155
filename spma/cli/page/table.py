"""Tables of a page, with what their rows are filtered and sorted by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

from spma.cli.advisory_text import severity_rank
from spma.cli.console import printable
from yumbridge.count import counted


class Graded(Protocol):
    """An advisory, as far as rows are filtered by it."""

    @property
    def kind(self) -> str:
        """Its type."""

    @property
    def severity(self) -> str:
        """Its severity, perhaps empty."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as markup; `key` sorts where the text itself does not."""

    html: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `severity` and `kinds` are what it can be filtered by."""

    cells: tuple[Cell, ...]
    severity: str = ""
    kinds: tuple[str, ...] = ()

    def html(self, labels: Sequence[str]) -> str:
        """Return the row as markup; the labels stand before each cell where the page is narrow."""
        severity = f' data-severity="{markup(self.severity)}"' if self.severity else ""
        # A line each: whatever upstream calls a type, what is printable has no line break.
        kinds = "\n".join(map(markup, self.kinds))
        types = f' data-type="{kinds}"' if kinds else ""
        first, *others = self.cells
        cells = "".join(_cell(cell, label) for cell, label in zip(others, labels[1:], strict=True))
        return f'<tr{severity}{types}><th scope="row"{_key(first)}>{first.html}</th>{cells}</tr>\n'


@dataclass(frozen=True, slots=True)
class Table:
    """A section with a table. `columns` has the key of each column, by which a link sorts, and its label."""

    name: str
    title: str
    explanation: str
    columns: Mapping[str, str]
    rows: tuple[Row, ...]

    def html(self) -> str:
        """Return the section as markup."""
        heads = "".join(f'<th scope="col" data-column="{key}">{label}</th>' for key, label in self.columns.items())
        labels = tuple(self.columns.values())
        return (
            f'<section id="{self.name}" aria-labelledby="{self.name}-title">\n'
            f'<h2 id="{self.name}-title">{self.title} <span class="count">{len(self.rows)}</span></h2>\n'
            f"<p>{self.explanation}</p>\n"
            f'<table aria-labelledby="{self.name}-title">\n<thead><tr>{heads}</tr></thead>\n<tbody>\n'
            f"{''.join(row.html(labels) for row in self.rows)}</tbody>\n</table>\n"
            '<p class="nothing" hidden>Nothing here matches the filter.</p>\n</section>\n'
        )


def facets(advisories: Iterable[Graded]) -> tuple[str, tuple[str, ...]]:
    """Return the gravest severity of advisories, and their types."""
    found = tuple(advisories)
    severity = min((advisory.severity for advisory in found), key=severity_rank, default="")
    return severity, tuple(sorted({advisory.kind for advisory in found if advisory.kind}))


def markup(text: str) -> str:
    """Return `text` for a page: neither markup nor what reorders or hides text comes through."""
    return escape(printable(text))


def plain(text: str) -> Cell:
    """Return text."""
    return Cell(markup(text))


def code(text: str) -> Cell:
    """Return text as it is typed; empty for none."""
    return Cell(f"<code>{markup(text)}</code>" if text else "")


def chip(text: str, kind: str) -> Cell:
    """Return a word on a ground of its kind."""
    return Cell(f'<span class="chip {kind}">{markup(text)}</span>')


def graded(severity: str) -> Cell:
    """Return a severity, which sorts by its rank; empty for none."""
    rank, word = severity_rank(severity)
    return Cell(f'<span class="chip severity-{rank}">{markup(word)}</span>' if severity else "", f"{rank}")


def listed(texts: Sequence[str]) -> Cell:
    """Return a list as words that stay whole; empty for none."""
    return Cell(", ".join(f"<code>{markup(text)}</code>" for text in texts))


def counted_list(texts: Sequence[str], one: str) -> Cell:
    """Return a list that is folded to its length; `one` is what one of it is called."""
    if not texts:
        return Cell("", "0")
    return Cell(folded(counted(len(texts), one), listed(texts).html), f"{len(texts)}")


def folded(summary: str, content: str) -> str:
    """Return markup, `content`, that shows no more than the text `summary` until somebody unfolds it."""
    return f"<details><summary>{markup(summary)}</summary>{content}</details>"


def _cell(cell: Cell, label: str) -> str:
    return f'<td data-label="{label}"{_key(cell)}>{cell.html}</td>' if cell.html else f"<td{_key(cell)}></td>"


def _key(cell: Cell) -> str:
    return f' data-key="{markup(cell.key)}"' if cell.key else ""
