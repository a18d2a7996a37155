"""Patterns of a recipe: globs of package names, or of name.arch."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fnmatch import translate
from functools import cache
from typing import TypeAlias

from yumbridge.rpm.isa import split_arch

# The numbers of the patterns that a name and an arch match, which rise.
Matcher: TypeAlias = Callable[[str, str], tuple[int, ...]]


def matcher(patterns: Sequence[str]) -> Matcher:
    """Return what tells which of `patterns` match a name and arch. Each distinct pair is worked out once.

    >>> matcher(["kernel*", "*.i686", "python3.11"])("kernel-core", "i686")
    (0, 1)
    """
    wanted = [(re.compile(translate(name)), arch) for name, arch in map(split_arch, patterns)]

    @cache
    def matches(name: str, arch: str) -> tuple[int, ...]:
        return tuple(
            number
            for number, (names, only_arch) in enumerate(wanted)
            if only_arch in {None, arch} and names.match(name)
        )

    return matches
