"""Globs on the names of packages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase, translate


class Globs:
    """Globs on names of packages, tried in one go: most names match none."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = tuple(patterns)
        self._any = re.compile("|".join(map(translate, patterns)) or "(?!)")

    def rule(self, name: str) -> str:
        """Return the first pattern that `name` matches, empty for none."""
        if not self._any.match(name):
            return ""
        return next(pattern for pattern in self._patterns if fnmatchcase(name, pattern))
