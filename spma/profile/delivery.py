"""A profile as it is delivered: the bytes of JSON, gzipped JSON or XML, and the tree in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from math import isfinite
from typing import Final, NoReturn

from spma.errors import ProfileError
from spma.profile.tree import Tree

MAX_PROFILE_BYTES: Final = 50_000_000
"""The longest profile that is read, packed or not. The largest in the field have a few MiB."""

MAX_DEPTH: Final = 100
"""The deepest nesting that is read. Full node profiles have about 15 levels."""

_GZIP_MAGIC: Final = b"\x1f\x8b"
_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89A-Fa-f]")


def read_tree(data: bytes) -> Tree:
    """Return the tree in `data`: JSON, JSON packed with gzip, or XML of format "pan".

    Raises ProfileError with one line that says what is wrong, and where when that is known.
    """
    text = _text_of(_unpacked(data))
    start = _start_of(text)
    if not start:
        raise ProfileError("profile is empty")
    if start == "<":
        # Only here: lxml takes longer to import than most profiles take to read.
        from spma.profile.pan_xml import read_pan_xml

        return read_pan_xml(text, max_depth=MAX_DEPTH)
    if start in "{[":
        return _read_json(text)
    raise ProfileError("profile is neither JSON nor XML")


def _start_of(text: str) -> str:
    """Return the first character that is no white space, or nothing."""
    match = re.search(r"\S", text)
    return match.group() if match else ""


def _unpacked(data: bytes) -> bytes:
    """Return `data` without its gzip wrapper, if it has one. Nothing longer than the limit is ever held."""
    if data.startswith(_GZIP_MAGIC):
        data = _gunzipped(data)
    if len(data) > MAX_PROFILE_BYTES:
        raise ProfileError(f"profile is too large: more than {MAX_PROFILE_BYTES // 1_000_000} MB")
    return data


def _gunzipped(data: bytes) -> bytes:
    import gzip
    import io
    import zlib

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            return packed.read(MAX_PROFILE_BYTES + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise ProfileError(f"profile is not valid gzip: {error}") from error


def _text_of(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = data[error.start]
        raise ProfileError(f"profile is not UTF-8: byte 0x{byte:02x} at {error.start}") from error


def _read_json(text: str) -> Tree:
    try:
        tree: Tree = json.loads(
            text,
            object_pairs_hook=_dict_of,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ProfileError(f"profile is not valid JSON: {place}: {error.msg}") from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        # The only other one: an integer longer than Python converts.
        raise ProfileError("profile is not valid JSON: a number is too long") from error
    _refuse_deep(tree)
    if _SURROGATE_ESCAPE.search(text):
        _refuse_surrogates(tree)
    return tree


def _dict_of(pairs: list[tuple[str, Tree]]) -> dict[str, Tree]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ProfileError(f"profile is not valid JSON: key {twice!r} twice in one object")
    return found


def _refuse_constant(text: str) -> NoReturn:
    raise ProfileError(f"profile is not valid JSON: {text} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ProfileError(f"profile is not valid JSON: {text} is out of range")
    return number


def _refuse_deep(tree: Tree) -> None:
    level = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _nested_in(node)]
        if not level:
            return
    raise _too_deep()


def _nested_in(node: Tree) -> list[Tree]:
    children: Iterable[Tree] = ()
    if isinstance(node, dict):
        children = node.values()
    elif isinstance(node, list):
        children = node
    return [child for child in children if isinstance(child, (dict, list))]


def _too_deep() -> ProfileError:
    return ProfileError(f"profile is nested too deep: more than {MAX_DEPTH} levels")


def _refuse_surrogates(tree: Tree) -> None:
    """Refuse halves of UTF-16 pairs, which JSON can spell but no UTF-8 output can hold."""
    try:
        json.dumps(tree, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ProfileError("profile is not valid JSON: half a surrogate pair") from error
