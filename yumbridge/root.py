"""Paths below an install root: an image may hold any link. And files there that list names of packages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PROTECTED_FOLDERS: Final = ("etc/dnf/protected.d", "etc/yum/protected.d")
"""Where packages of a host say what is never removed. Source: dnf.conf(5), protected_packages."""


def leads_out(root: Path, path: Path) -> bool:
    """Tell whether links lead `path`, which is below `root`, out of it.

    Links in a circle lead nowhere: whoever opens such a path finds out.
    """
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def listed_names(text: str) -> Iterator[str]:
    r"""Yield the names in the text of such a file, a line each; comments begin with "#".

    >>> list(listed_names("# ours\n sudo \n  # theirs\n"))
    ['sudo']
    """
    return (name for line in text.splitlines() if (name := line.strip()) and not name.startswith("#"))
