"""The prolog of an XML document: what is before its root, judged before a parser sees it."""

from __future__ import annotations

import re
from typing import Final

from snapshots.errors import UpstreamError

# How much of a document is looked at: its root, and what is before it, have to be within.
PROLOG_BYTES: Final = 1 << 16

_DECLARATION: Final = re.compile(rb"(?:\xef\xbb\xbf)?(<\?xml\s[^<>]*\?>)?")
_SPACE: Final = re.compile(rb"\s*")
_DOCTYPE: Final = re.compile(rb"<!DOCTYPE\s[^\[<>]*>")
_ROOT: Final = re.compile(rb"<([A-Za-z_][A-Za-z0-9_]*)(\s[^<>]*)?>")
_ENCODING: Final = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
_COUNT: Final = re.compile(rb"""\spackages\s*=\s*["']([0-9]{1,9})["']""")


def checked_prolog(head: bytes, root: str, place: str, *, may_name_its_type: bool = False) -> int | None:
    """Return how many packages the root of a document says that it has, None when it does not say.

    `head` is its first `PROLOG_BYTES`. Raises UpstreamError unless it is UTF-8, begins with the element `root` and has
    no document type definition; with `may_name_its_type` it may name one, as comps does, without a word of its own.
    """
    declaration = _DECLARATION.match(head)
    position = _after_comments(head, declaration.end() if declaration else 0)
    if may_name_its_type and (doctype := _DOCTYPE.match(head, position)):
        position = _after_comments(head, doctype.end())
    start = _ROOT.match(head, position)
    if start is None:
        raise UpstreamError(f"refused: {place} has a document type definition, or is no XML")
    encoding = _ENCODING.search((declaration and declaration[1]) or b"")
    if encoding is not None and encoding[1].upper() != b"UTF-8":
        raise UpstreamError(f"refused: {place} is not in UTF-8")
    if start[1].decode() != root:
        raise UpstreamError(f"{place} begins with <{start[1].decode()[:40]}>: want <{root}>")
    count = _COUNT.search(start[2] or b"")
    return None if count is None else int(count[1])


def without_type(document: bytes) -> bytes:
    """Return a document whose prolog was judged without the document type that it names.

    Entities that the type would define are errors to a parser then.
    """
    declaration = _DECLARATION.match(document)
    position = _after_comments(document, declaration.end() if declaration else 0)
    doctype = _DOCTYPE.match(document, position)
    return document[: doctype.start()] + document[doctype.end() :] if doctype else document


def _after_comments(head: bytes, position: int) -> int:
    """Return where the space and the comments at `position` end: each comment at its first "-->", as in a parser."""
    while True:
        space = _SPACE.match(head, position)
        position = space.end() if space else position
        end = head.find(b"-->", position + 4)
        if not head.startswith(b"<!--", position) or end < 0:
            return position
        position = end + 3
