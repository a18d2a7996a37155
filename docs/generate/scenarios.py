"""The page of scenarios: docs/reference/scenarios.md, read from the tests without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePath, PurePosixPath

from docs.generate.tree import ROOT, Pages

_INTRODUCTION = """\
# Scenarios

What the command does, one line for each test in `tests/scenario`: a profile goes in, the command runs on real rpms with
the real dnf and over real HTTP, and documents and exit codes are judged. What follows from `tests/container` happens in
containers of several distributions, with what each of them has. Written from the tests by `python -m docs.generate`;
`./dev test tests/scenario tests/container` runs them.
"""
_FOLDERS = ("tests/scenario", "tests/container")


def pages() -> Pages:
    """Return the page."""
    return {PurePosixPath("docs/reference/scenarios.md"): "\n".join(_lines()).rstrip() + "\n"}


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    for folder in _FOLDERS:
        for path in sorted((ROOT / folder).glob("test_*.py")):
            yield from section(path.relative_to(ROOT), path.read_text(encoding="utf-8"))


def section(path: PurePath, source: str) -> Iterator[str]:
    """Yield the lines of one file of scenarios: its theme as a heading, and a line for each of its tests."""
    module = ast.parse(source)
    theme = _first_line(module) or _sentence(path.stem)
    yield f"## {theme.rstrip('.')}"
    yield ""
    yield f"`{path}`"
    yield ""
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield f"- {_escaped(_first_line(node) or _sentence(node.name))}"
    yield ""


def _first_line(node: ast.Module | ast.FunctionDef) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0].strip()


def _sentence(name: str) -> str:
    """Return the name of a test, which is a sentence too.

    >>> _sentence("test_a_stale_plan_is_refused")
    'A stale plan is refused.'
    """
    words = name.removeprefix("test_").replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}."


def _escaped(text: str) -> str:
    """Return `text` without what Markdown would read as emphasis, code apart."""
    parts = text.split("`")
    return "`".join(part if number % 2 else part.replace("*", "\\*") for number, part in enumerate(parts))
