"""What to say of a key or a value that somebody wrote and that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

NO_TEXT: Final = "half a character (a lone surrogate) is no text"
UNDECODABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are no such document: also for a string that is no UTF-8, and for deep nesting."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def shown(key: object) -> str:
    """Return a key as a message can say it."""
    text = str(key)
    return text if text.isprintable() else ascii(text)[1:-1]


def plain(text: str) -> str:
    """Return msgspec's words without its own notion of a path."""
    if "unknown field" in text:
        return "unknown key"
    return re.sub(r" - at `\$.*", "", text).replace("Expected", "want").replace("`", "")


def is_text(value: object) -> bool:
    """Tell whether a string, or each of a list, can be written: YAML can name half a character, a lone surrogate."""
    texts = value if isinstance(value, list | tuple) else [value]
    return not any(_SURROGATE.search(text) for text in texts if isinstance(text, str))


def judged(
    tree: Mapping[object, object], kind: type[msgspec.Struct], place: str
) -> tuple[dict[str, object], list[str]]:
    """Return the keys of a mapping that a struct can take, each judged alone, and a problem for each of the others."""
    good: dict[str, object] = {}
    problems: list[str] = []
    for key, value in sorted(tree.items(), key=lambda entry: str(entry[0])):
        try:
            msgspec.convert({shown(key): value}, kind)
        except msgspec.ValidationError as error:
            problems.append(f"{place}.{shown(key)}: {plain(str(error))}")
        else:
            good[str(key)] = value
    return good, problems
