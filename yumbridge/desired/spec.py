"""A spec: one package that a person asked for, in as few words as they wrote."""

from __future__ import annotations

import re
from typing import Final

import msgspec

# What rpmbuild allows, and globs. Source: rpm, build/parsePreamble.c, ALLOWED_CHARS_NAME.
PACKAGE_NAME: Final = re.compile(r"[A-Za-z0-9_*?][A-Za-z0-9._+*?-]*")
ALIAS_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
REFERENCE: Final = re.compile(rf"@{ALIAS_NAME.pattern}")
"""What a spec, or a member of an alias, may be called: a package, or `@` with the name of an alias or group."""

DEFAULT_MEMBERS: Final = ("conditional", "default", "mandatory")


class Spec(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One wanted package, unresolved.

    `name` is a package name, a glob of names (`*`, `?`), a `name.arch`, or `@name` for an alias or group. `evr` is
    None for any EVR, else `version` or `version-release`, either with `epoch:` before it, perhaps with `*` or `?`.
    `arch` is None for the best one of the host. `repo_id` is None for any repository. `origin` is where it was
    written, as a profile path. `member_types` are the members that count when the name is that of a comps group;
    `is_group` tells that it is one, whatever aliases there are. `aliases` are the names of those that lead from what
    was written to this spec, the outermost first.
    """

    name: str
    evr: str | None = None
    arch: str | None = None
    repo_id: str | None = None
    member_types: tuple[str, ...] = DEFAULT_MEMBERS
    is_group: bool = False
    aliases: tuple[str, ...] = ()
    origin: str

    def __str__(self) -> str:
        evr = f"-{self.evr}" if self.evr else ""
        arch = f".{self.arch}" if self.arch else ""
        return f"{self.name}{evr}{arch}"
