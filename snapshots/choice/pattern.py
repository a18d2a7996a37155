"""Patterns of a recipe: globs of package names, or of name.arch."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fnmatch import translate
from functools import cache
from typing import Final, TypeAlias

# The numbers of the patterns that a name and an arch match, which rise.
Matcher: TypeAlias = Callable[[str, str], tuple[int, ...]]

# Source: rpm, rpmrc.in. Names have dots as well: only what is an arch is taken for one.
_ARCHES: Final = frozenset(
    {
        *("noarch", "src", "nosrc", "x86_64", "x86_64_v2", "x86_64_v3", "i386", "i486", "i586", "i686", "aarch64"),
        *("armv7hl", "ppc64", "ppc64le", "s390x", "riscv64", "loongarch64"),
    }
)


def matcher(patterns: Sequence[str]) -> Matcher:
    """Return what tells which of `patterns` match a name and arch. Each distinct pair is worked out once.

    >>> matcher(["kernel*", "*.i686", "python3.11"])("kernel-core", "i686")
    (0, 1)
    """
    wanted = [(re.compile(translate(name)), arch) for name, arch in map(_parts, patterns)]

    @cache
    def matches(name: str, arch: str) -> tuple[int, ...]:
        return tuple(
            number
            for number, (names, only_arch) in enumerate(wanted)
            if (not only_arch or only_arch == arch) and names.match(name)
        )

    return matches


def _parts(pattern: str) -> tuple[str, str]:
    name, dot, arch = pattern.rpartition(".")
    return (name, arch) if dot and arch in _ARCHES else (pattern, "")
