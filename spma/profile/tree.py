"""The tree of a profile: the dicts, lists and scalars of pan, and how messages speak of them."""

from __future__ import annotations

from typing import Final, TypeAlias

from yumbridge.plan.document import masked

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | int | float | bool | None"
"""A profile or a part of one. None is JSON's null, which pan never writes."""

_SHOWN_CHARACTERS: Final = 60


def below(path: str, key: str | int) -> str:
    """Return the path of `key` in the dict or list at `path`, always printable.

    >>> below("/software/packages", "kernel_2a")
    '/software/packages/kernel_2a'
    """
    text = str(key)
    return f"{path}/{text if text.isprintable() else ascii(text)[1:-1]}"


def described(value: Tree) -> str:
    """Return `value` in a few words for a message: its kind, and what it is when that is short.

    Credentials in URLs are masked.

    >>> described({"a": 1}), described(True), described("x")
    ('a dict', 'true', "'x'")
    """
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case dict():
            return "a dict"
        case list():
            return "a list"
        case str():
            text = masked(value)
            is_long = len(text) > _SHOWN_CHARACTERS
            return f"{text[:_SHOWN_CHARACTERS]!r}..." if is_long else repr(text)
        case _:
            return repr(value)
