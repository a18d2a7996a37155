"""An alias: a name that stands for packages, so that one package list serves several releases and sites."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

MARK: Final = "@"
"""What stands before the name of an alias, or of a comps group, where a package name could stand."""


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hosts that a definition is for. An empty tuple is any; every other one has to hold the host's own value."""

    os_major: tuple[int, ...] = ()
    arch: tuple[str, ...] = ()
    basearch: tuple[str, ...] = ()

    def applies_to(self, host: AliasHost) -> bool:
        """Tell whether the host is one of them; one that does not say its release is of none that is named."""
        return (
            (not self.os_major or host.os_major in self.os_major)
            and (not self.arch or host.arch in self.arch)
            and (not self.basearch or host.basearch in self.basearch)
        )

    def overlaps(self, other: When) -> bool:
        """Tell whether some host could be one of both: whether no key of both keeps them apart."""
        return (
            _may_meet(self.os_major, other.os_major)
            and _may_meet(self.arch, other.arch)
            and _may_meet(self.basearch, other.basearch)
        )

    def __str__(self) -> str:
        parts = [
            f"{name} {' or '.join(map(str, values))}"
            for name, values in (("os_major", self.os_major), ("arch", self.arch), ("basearch", self.basearch))
            if values
        ]
        return ", ".join(parts) or "any host"


class AliasHost(msgspec.Struct, frozen=True, kw_only=True):
    """What definitions of aliases are selected by. `os_major` is None for a host that does not say its release.

    The others are empty where nobody has asked for them: no definition is for some arches alone.
    """

    os_major: int | None
    arch: str
    basearch: str

    def __str__(self) -> str:
        release = "unknown, see --releasever" if self.os_major is None else str(self.os_major)
        return f"os_major {release}, arch {self.arch}" if self.arch else f"os_major {release}"


class AliasDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an alias stands for on some hosts: each member of `all_of`, or the first of `any_of` that can be had.

    One of both is empty. A member is a name as a package list has it: of a package, a glob, a name.arch, or with "@"
    before it an alias or a comps group.
    """

    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    when: When = When()
    why: str = ""

    @property
    def members(self) -> tuple[str, ...]:
        """All members, in the written order."""
        return self.all_of or self.any_of


class Alias(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alias: definitions of which at most one applies to a host. `origin` is where it was written."""

    name: str
    definitions: tuple[AliasDefinition, ...]
    origin: str = ""

    def definition_for(self, host: AliasHost) -> AliasDefinition | None:
        """Return the definition that applies to a host, None when there is no such."""
        return next((each for each in self.definitions if each.when.applies_to(host)), None)


def referred(name: str) -> str | None:
    """Return the name of the alias or group that a name refers to, None for the name of a package.

    >>> referred("@mta"), referred("postfix")
    ('mta', None)
    """
    return name.removeprefix(MARK) if name.startswith(MARK) else None


def merged(earlier: Iterable[Alias], later: Iterable[Alias]) -> tuple[Alias, ...]:
    """Return the aliases of two layers, sorted by name: a later one replaces an earlier one of its name."""
    by_name = {alias.name: alias for alias in (*earlier, *later)}
    return tuple(by_name[name] for name in sorted(by_name))


def within(names: Iterable[str], aliases: Iterable[Alias]) -> tuple[Alias, ...]:
    """Return the aliases of some names and all that their definitions lead to, whatever hosts they are for."""
    by_name = {each.name: each for each in aliases}
    found = {name: by_name[name] for name in names if name in by_name}
    left = list(found.values())
    while left:
        new = {name: by_name[name] for name in _aliases_in(left.pop()) if name in by_name and name not in found}
        found |= new
        left += new.values()
    return tuple(found.values())


def cycles(aliases: Iterable[Alias]) -> tuple[tuple[str, ...], ...]:
    """Return the chains of aliases that come back to their beginning, each once, from its least name.

    Of the cycles through one alias the first is told. Definitions count whatever hosts they are for: what goes round
    on none of today's hosts may do so on the next.
    """
    by_name = {alias.name: _aliases_in(alias) for alias in sorted(aliases, key=lambda alias: alias.name)}
    found: dict[tuple[str, ...], None] = {}
    settled: set[str] = set()
    for start in by_name:
        _walk(start, by_name, settled, found)
    return tuple(sorted(found))


def _walk(start: str, members: dict[str, list[str]], settled: set[str], found: dict[tuple[str, ...], None]) -> None:
    """Go depth first from `start`, without recursion: a chain may be as long as somebody makes it."""
    if start in settled:
        return
    path, left = [start], [iter(members[start])]
    on_path = {start}
    while path:
        following = next((name for name in left[-1] if name in members and name not in settled), None)
        if following is None:
            settled.add(path[-1])
            on_path.discard(path.pop())
            left.pop()
        elif following in on_path:
            found[_rotated(path[path.index(following) :])] = None
        else:
            path.append(following)
            on_path.add(following)
            left.append(iter(members[following]))


def _rotated(chain: list[str]) -> tuple[str, ...]:
    first = chain.index(min(chain))
    return (*chain[first:], *chain[: first + 1])


def _aliases_in(alias: Alias) -> list[str]:
    members = (member for definition in alias.definitions for member in definition.members)
    return [name for member in members if (name := referred(member)) is not None]


def _may_meet(ours: tuple[object, ...], others: tuple[object, ...]) -> bool:
    return not ours or not others or not set(ours).isdisjoint(others)
