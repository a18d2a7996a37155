"""The page of what goes between ncm-ncd and the command: docs/reference/component.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from docs.generate.tree import Pages
from spma.cli.component_message import MESSAGES, Level

_INTRODUCTION = """\
# The component

Written from the program by `python -m docs.generate`. How to [run it by ncm-ncd](../how-to/run-by-ncm-ncd.md) is a page
of its own.

ncm-ncd loads the module `NCM::Component::yumbridge` in process. It starts `yumbridge component run`, hands over a
request on standard input, and reports each line of standard output at its level.

## Request

One JSON document. Every scalar may be as Perl has it: a boolean as 1, 0, `"1"`, `"0"` or `""`, a number as a string.

| key | what |
| --- | --- |
| `document`, `version` | `yumbridge-component-request`, `1.0`; may be missing |
| `name` | the component that ncm-ncd runs |
| `noaction` | true for a preview; may be missing |
| `component` | the tree of that component. Its `ncm-module` has to be `yumbridge`, unless that is its name |
| `spma` | the tree of the component spma: its options count for one called `packager` or `yumbridge`, else its own |
| `yumbridge` | the tree of `/software/components/yumbridge`, with the keys of the [configuration](configuration.md) |
| `software` | `packages`, `repositories`, `groups`, `modules`: the trees below `/software`; each may be missing |

Unknown keys are problems, and so is a profile larger than 50 MB. All problems are told at once, with exit code 10. The
plan names `-`, standard input, as the source of its profile.

## Messages

One JSON object a line: `level`, `kind` and `msg`, in one line of text without passwords. Of an error there may be
`error`, [its kind](exit-codes.md#kinds-of-errors) or that of a problem. The last line is of the kind `end` and has the
exit code as `exit`: it is not 0 exactly when there was an error.

    {"level":"info","kind":"change","msg":"upgrade openssl.x86_64 3.0-1 -> 3.0-2 (in the profile)"}

| kind | level | with noaction | what it says |
| --- | --- | --- | --- |
"""
_LEVELS = """\

## Levels

| level | what ncm-ncd makes of it |
| --- | --- |
"""
_MEANINGS = {
    Level.ERROR: "counted; every component that depends on this one is not run, and ncm-ncd fails",
    Level.WARN: "counted; nothing else",
    Level.INFO: "printed and logged",
    Level.VERBOSE: "printed and logged with `--verbose`",
    Level.DEBUG: "printed and logged with `--debug 1`; of no kind of message",
}


def pages() -> Pages:
    """Return the page."""
    return {PurePosixPath("docs/reference/component.md"): "".join(_lines())}


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    for kind, row in MESSAGES.items():
        yield f"| `{kind.value}` | {row.run.value} | {row.noaction.value} | {row.meaning} |\n"
    yield _LEVELS
    for level in Level:
        yield f"| {level.value} | {_MEANINGS[level]} |\n"
