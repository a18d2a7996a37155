"""The page of verbs: docs/reference/commands.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from docs.generate.tree import Pages
from docs.generate.verbs import PROGRAM, Verb, verbs

_INTRODUCTION = """\
# Commands

Written from the program by `python -m docs.generate`. Every verb has the same text as `--help`, and as a manual page
in `man/`.

The answer goes to standard output: text for people or, with `--json`, exactly one [document](documents.md). Messages,
warnings and progress go to standard error. How a verb ended is its [exit code](exit-codes.md). Options stand after the
verb. Environment variables are in [state](state.md#environment).

A PROFILE is a file as Quattor's compiler writes it: JSON, JSON packed with gzip, or XML of format "pan"; a whole
profile, or its `/software` subtree with or without the key `software`. It may also be a folder of CCM's cache, or `-`
for standard input. Without a PROFILE the current one of the cache is read.
"""

_COMPLETION = """\
## Shell completion

The shell asks the program itself for verbs, options and file names. The [rpm](../how-to/install.md) brings what it
needs for that. Where the command was installed in another way, once, for the user who types:

| shell | line | where |
| --- | --- | --- |
| bash 4.4 or newer | `eval "$(_YUMBRIDGE_COMPLETE=bash_source yumbridge)"` | `~/.bashrc` |
| zsh | `eval "$(_YUMBRIDGE_COMPLETE=zsh_source yumbridge)"` | `~/.zshrc` |
| fish | `_YUMBRIDGE_COMPLETE=fish_source yumbridge \\| source` | `~/.config/fish/completions/yumbridge.fish` |
"""


def pages() -> Pages:
    """Return the page."""
    return {PurePosixPath("docs/reference/commands.md"): "\n".join(_lines()).rstrip() + "\n"}


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    found = verbs()
    yield "| verb | does |"
    yield "| --- | --- |"
    for verb in found:
        if not verb.children:
            yield f"| [`{verb.name.removeprefix(PROGRAM + ' ')}`](#{verb.slug}) | {verb.summary} |"
    yield ""
    for verb in found:
        yield from _section(verb)
    yield _COMPLETION


def _section(verb: Verb) -> Iterator[str]:
    yield f"## {verb.name}"
    yield ""
    yield f"    {verb.synopsis}"
    yield ""
    for paragraph in verb.paragraphs:
        yield paragraph
        yield ""
    yield "| option | does |"
    yield "| --- | --- |"
    for row in verb.options:
        yield f"| `{row.names}` | {row.does} |"
    yield ""
    if verb.children:
        links = (f"[`{child}`](#{child.replace(' ', '-')})" for child in verb.children)
        yield f"Verbs: {', '.join(links)}."
        yield ""
    if verb.examples:
        yield "Examples:"
        yield ""
        yield from (f"    {example}" for example in verb.examples)
        yield ""
