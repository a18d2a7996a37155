"""What a snapshot, a ref or a repository may be called: it becomes a folder's name and part of URLs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from snapshots.errors import InvalidNameError

# As dnf has it for repository ids, less the colon, which Windows shares and rsync take for something else; no dot
# in front, because a hidden folder is one that is not finished.
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,126}")
# What lies beside the repositories of a snapshot.
_TAKEN: Final = frozenset({"manifest.json", "snapshot.json"})
_FEW: Final = 8
_LIKENESS: Final = 0.7


def is_name(text: str) -> bool:
    """Tell whether a snapshot, a ref or a repository may be called so."""
    return _NAME.fullmatch(text) is not None


def checked_name(noun: str, text: str) -> str:
    """Return `text`, which is to name a `noun` ("snapshot"). Raises InvalidNameError.

    >>> checked_name("snapshot", "2026-11-22")
    '2026-11-22'
    """
    if not is_name(text):
        raise InvalidNameError(
            f"not a name for a {noun}: {text!r}: want letters, digits and any of ._+-, a letter or digit first"
        )
    if noun == "repository" and text in _TAKEN:
        raise InvalidNameError(f"not a name for a repository: {text}: a snapshot has a file of that name")
    return text


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the end of a message that nothing is called `word`: what may be meant, or else what there is, when few.

    >>> suggestion("prodution", ["production", "testing"])
    '; did you mean production?'
    >>> suggestion("other", ["production", "testing"])
    '; there are production, testing'
    """
    # Only a mistake asks for it.
    from difflib import get_close_matches

    names = sorted(set(known))
    near = get_close_matches(word, names, cutoff=_LIKENESS)
    if near:
        return f"; did you mean {' or '.join(near)}?"
    return f"; there are {', '.join(names)}" if 0 < len(names) <= _FEW else ""
