"""The prolog of an XML document: what is before its root, judged before a parser sees it."""

from __future__ import annotations

import re
from typing import Final

from snapshots.errors import UpstreamError

# How much of a document is looked at: root and what is before it have to be within.
PROLOG_BYTES: Final = 1 << 16

# Matched from the front without going back, so that no comment can hide what follows it.
_START: Final = re.compile(
    rb"""(?:\xef\xbb\xbf)?
    (?P<declaration><\?xml\s[^<>]*\?>)?+
    (?:\s|<!--(?:(?!--).)*+-->)*+
    (?P<doctype><!DOCTYPE\s[^\[<>]*>)?+
    (?:\s|<!--(?:(?!--).)*+-->)*+
    <(?P<root>[A-Za-z_][A-Za-z0-9_]*)(?P<attributes>\s[^<>]*)?>""",
    re.DOTALL | re.VERBOSE,
)
_ENCODING: Final = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
_COUNT: Final = re.compile(rb"""\spackages\s*=\s*["']([0-9]{1,9})["']""")


def checked_prolog(head: bytes, root: str, place: str, *, may_name_its_type: bool = False) -> int | None:
    """Return how many packages the root of a document says that it has, None when it does not say.

    `head` is its first `PROLOG_BYTES`. Raises UpstreamError unless it is UTF-8, begins with the element `root` and has
    no document type definition; with `may_name_its_type` it may name one, as comps does, without a word of its own.
    """
    start = _START.match(head)
    if start is None:
        raise UpstreamError(f"refused: {place} has a document type definition, or is no XML")
    if start["doctype"] and not may_name_its_type:
        raise UpstreamError(f"refused: {place} names a document type")
    encoding = _ENCODING.search(start["declaration"] or b"")
    if encoding is not None and encoding[1].upper() != b"UTF-8":
        raise UpstreamError(f"refused: {place} is not in UTF-8")
    if start["root"].decode() != root:
        raise UpstreamError(f"{place} begins with <{start['root'].decode()[:40]}>: want <{root}>")
    count = _COUNT.search(start["attributes"] or b"")
    return None if count is None else int(count[1])
