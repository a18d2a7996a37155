"""Every relative link of the documentation leads to a file, and to a heading where it names one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.support.project import ROOT

_FENCE = re.compile(r"^(?P<fence>```+|~~~+).*?^(?P=fence)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?P<ticks>`+).+?(?P=ticks)")
_INLINE_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_REFERENCE = re.compile(r"^\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)", re.MULTILINE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_NAMED_ANCHOR = re.compile(r"<a (?:id|name)=\"([^\"]+)\"")


def pages() -> list[Path]:
    """Return every page of the tree, without what is installed or hidden below it."""
    return sorted(
        path for path in ROOT.rglob("*.md") if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    )


def link_targets(text: str) -> Iterator[str]:
    """Yield the targets of links that stay inside the tree."""
    prose = _CODE.sub("", _FENCE.sub("", text))
    for target in (*_INLINE_LINK.findall(prose), *_REFERENCE.findall(prose)):
        if not _SCHEME.match(target):
            yield unquote(target)


def anchors(text: str) -> set[str]:
    """Return what a link may name after "#": headings as GitHub spells them, and named anchors."""
    prose = _FENCE.sub("", text)
    found = set(_NAMED_ANCHOR.findall(prose))
    for heading in _HEADING.findall(prose):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        repeated = sum(1 for each in found if re.fullmatch(re.escape(anchor) + r"(-\d+)?", each))
        found.add(f"{anchor}-{repeated}" if repeated else anchor)
    return found


def dead_links(page: Path) -> Iterator[str]:
    """Yield each link of `page` that leads nowhere, and why."""
    for target in link_targets(page.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        linked = page.parent / name if name else page
        if not linked.exists():
            yield f"{page}: {target}: no such file"
        elif anchor and anchor not in anchors(linked.read_text(encoding="utf-8")):
            yield f"{page}: {target}: no such heading"


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_is_dead(page: Path) -> None:
    assert list(dead_links(page)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[x](gone.md)", ["gone.md: no such file"]),
        ("[x](there.md#Nowhere)", ["there.md#Nowhere: no such heading"]),
        ("[x](#nowhere)", ["#nowhere: no such heading"]),
        ("[x]\n\n[x]: gone.md\n", ["gone.md: no such file"]),
        ("[x](there.md#two-words--more)", []),
        ("[x](there.md) [y](https://example.org/gone) `[z](gone.md)`", []),
        ("```\n[x](gone.md)\n```\n", []),
    ],
)
def test_a_dead_link_is_found(tmp_path: Path, text: str, expected: list[str]) -> None:
    (tmp_path / "there.md").write_text("# Two words & more\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    assert list(dead_links(page)) == [f"{page}: {each}" for each in expected]


def test_a_heading_that_stands_twice_has_two_anchors() -> None:
    assert anchors("# Same\n\n## Same\n") == {"same", "same-1"}
