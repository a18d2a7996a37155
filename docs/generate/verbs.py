"""The verbs of the command line, read from the program itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import click

from spma.cli.verbs import command

PROGRAM = "yumbridge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One option: the ways to write it, and what it does."""

    names: str
    does: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One command of the program. `name` is what a person types; `children` are the names of its own verbs."""

    name: str
    synopsis: str
    paragraphs: tuple[str, ...]
    options: tuple[Row, ...]
    examples: tuple[str, ...]
    children: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The first sentence."""
        return self.paragraphs[0]

    @property
    def slug(self) -> str:
        """Its name in file names and links."""
        return self.name.replace(" ", "-")


def verbs() -> tuple[Verb, ...]:
    """Return the program and all its verbs, in the order of its help."""
    return tuple(_below(command, PROGRAM, None))


def _below(verb: click.Command, name: str, parent: click.Context | None) -> Iterator[Verb]:
    context = click.Context(verb, parent=parent, info_name=name.rpartition(" ")[2], **verb.context_settings)
    children = _children(verb, context)
    yield Verb(
        name=name,
        synopsis=" ".join((name, *verb.collect_usage_pieces(context))),
        paragraphs=_paragraphs(verb.help or ""),
        options=tuple(_rows(verb, context)),
        examples=_examples(verb.epilog or ""),
        children=tuple(f"{name} {child}" for child in children),
    )
    for child, found in children.items():
        yield from _below(found, f"{name} {child}", context)


def _children(verb: click.Command, context: click.Context) -> dict[str, click.Command]:
    if not isinstance(verb, click.Group):
        return {}
    found = {name: verb.get_command(context, name) for name in verb.list_commands(context)}
    return {name: child for name, child in found.items() if child is not None}


def _rows(verb: click.Command, context: click.Context) -> Iterator[Row]:
    for parameter in verb.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and isinstance(parameter, click.Option):
            does, _, extra = record[1].partition("  [")
            # The range that click adds in brackets is for a terminal.
            default = extra.rstrip("]").partition("default: ")[2].partition(";")[0]
            yield Row(names=record[0], does=f"{does} Default: {default}." if default else does)


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


def _examples(epilog: str) -> tuple[str, ...]:
    r"""Return the lines of the examples; what a backslash continues stands further in.

    >>> _examples("Examples:\n  yumbridge a \\\n      --b\n  yumbridge c")
    ('yumbridge a \\', '    --b', 'yumbridge c')
    """
    found: list[str] = []
    for line in map(str.strip, epilog.splitlines()):
        if found and found[-1].endswith("\\"):
            found.append(f"    {line}")
        elif line.startswith(f"{PROGRAM} "):
            found.append(line)
    return tuple(found)
