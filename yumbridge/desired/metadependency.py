"""A metadependency: an alias as a metapackage, so that rpms can depend on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from yumbridge.desired.alias import MARK, Alias, AliasDefinition, AliasHost, When, referred
from yumbridge.errors import AliasError
from yumbridge.rpm.evr import EVR
from yumbridge.rpm.isa import isa_capability, split_arch
from yumbridge.rpm.metapackage import NO_PART, Metapackage

_MAX_LENGTH: Final = 1 << 16
"""Of one dependency: aliases within aliases can make it as long as somebody likes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadependency:
    """A metapackage, and what became of its alias.

    `left_out` are the members of alternatives that have no definition for the host, with their chains. `is_conditional`
    tells that another host could get another package.
    """

    package: Metapackage
    left_out: tuple[str, ...]
    is_conditional: bool


def metadependency(alias: Alias, aliases: Sequence[Alias], host: AliasHost, evr: EVR) -> Metadependency:
    """Return an alias, one of `aliases`, as a metapackage for hosts such as `host`.

    Raises AliasError with every member that an rpm cannot require.
    """
    writing = _Writing({each.name: each for each in aliases}, host)
    written = writing.of(alias)
    problems = [written] if isinstance(written, str) else writing.problems(alias)
    if NO_PART in alias.name:
        problems.insert(0, f"{alias.origin}: the name of an rpm has no {NO_PART} in it")
    if isinstance(written, str) or problems:
        raise AliasError(f"alias {alias.name} cannot be exported as an rpm", problems)
    definition = alias.definition_for(host)
    package = Metapackage(
        name=f"metadependency-{alias.name}",
        evr=evr,
        summary=(definition.why if definition else "") or f"What the alias {alias.name} stands for",
        provides=(f"metadependency({alias.name})",),
        requires=written.operands if written.operator == "and" else (str(written),),
    )
    reached = writing.reached(alias)
    return Metadependency(
        package=package,
        left_out=tuple(writing.left_out(reached)),
        is_conditional=any(each.when != When() for name in reached for each in writing.definitions(name)),
    )


@dataclass(frozen=True, slots=True)
class _Expression:
    """A dependency, or several with an operator between. Operands are written out, and each stands there once."""

    operator: Literal["and", "or"]
    operands: tuple[str, ...]

    def __str__(self) -> str:
        return self.operands[0] if len(self.operands) == 1 else f"({f' {self.operator} '.join(self.operands)})"


@dataclass(slots=True)
class _Writing:
    """The writing of one alias and of those in it, each once: there may be many ways to one.

    `written` has an expression by the name of an alias, or why it has none; `too_long` are those that no rpm should
    have.
    """

    aliases: Mapping[str, Alias]
    host: AliasHost
    written: dict[str, _Expression | str] = field(default_factory=dict)
    too_long: set[str] = field(default_factory=set)

    def of(self, alias: Alias) -> _Expression | str:
        """Return what an alias comes to, or why it has no meaning on the host."""
        left = [alias]
        # Without recursion: a chain may be as long as somebody makes it.
        while left:
            waiting = [each for each in self._members(left[-1]) if each.name not in self.written]
            if waiting:
                left += waiting
            else:
                done = left.pop()
                self.written[done.name] = self._expression(done)
        return self.written[alias.name]

    def definitions(self, name: str) -> tuple[AliasDefinition, ...]:
        """Return all definitions of an alias."""
        return self.aliases[name].definitions

    def reached(self, alias: Alias) -> list[str]:
        """Return the alias and those that it comes to, less what is left out."""
        reached = {alias.name: None}
        left = [alias]
        while left:
            members = [each for each in self._members(left.pop()) if not isinstance(self.written[each.name], str)]
            left += [each for each in members if each.name not in reached]
            reached |= dict.fromkeys(each.name for each in members)
        return list(reached)

    def left_out(self, reached: Sequence[str]) -> Iterator[str]:
        """Yield why members are left out of those alternatives."""
        for name in reached:
            for member in self._members(self.aliases[name]):
                why = self.written[member.name]
                if isinstance(why, str):
                    yield f"{MARK}{name} -> {why}"

    def problems(self, alias: Alias) -> list[str]:
        """Return all that an rpm cannot require, each with the place of its alias."""
        return [
            f"{self.aliases[name].origin}: {problem}"
            for name in self.reached(alias)
            for problem in self._problems_of(self.aliases[name])
        ]

    def _members(self, alias: Alias) -> list[Alias]:
        """Return the aliases that are members on the host."""
        names = map(referred, self._written_members(alias))
        return [self.aliases[name] for name in names if name is not None and name in self.aliases]

    def _written_members(self, alias: Alias) -> tuple[str, ...]:
        definition = alias.definition_for(self.host)
        return definition.members if definition else ()

    def _expression(self, alias: Alias) -> _Expression | str:
        """Return what an alias comes to, once that is known of its members. What cannot be required stands as it is."""
        definition = alias.definition_for(self.host)
        if definition is None:
            return f"{MARK}{alias.name}: no definition is for this host ({self.host})"
        operator: Literal["and", "or"] = "or" if definition.any_of else "and"
        operands: list[str] = []
        lacking: list[str] = []
        for member in definition.members:
            found = self.written.get(referred(member) or "")
            if found is None:
                operands.append(_capability(member))
            elif isinstance(found, str):
                lacking.append(found)
            elif found.operator == operator or len(found.operands) == 1:
                operands += found.operands
            elif len(text := str(found)) <= _MAX_LENGTH:
                operands.append(text)
            else:
                self.too_long.add(alias.name)
        if lacking and (operator == "and" or len(lacking) == len(definition.members)):
            return f"{MARK}{alias.name} -> {lacking[0]}"
        return _Expression(operator, tuple(dict.fromkeys(operands)))

    def _problems_of(self, alias: Alias) -> Iterator[str]:
        for member in self._written_members(alias):
            if referred(member) not in self.aliases and (why := _why_not(member)):
                yield f"{member}: {why}"
        if alias.name in self.too_long:
            yield f"with all aliases in it, one dependency of it would be longer than {_MAX_LENGTH} characters"


def _why_not(member: str) -> str:
    """Return why an rpm cannot require a member that is no alias, empty when it can."""
    if referred(member) is not None:
        return "a comps group, and no alias: an rpm requires packages"
    if "*" in member or "?" in member:
        return "a glob: an rpm requires names"
    name, arch = split_arch(member)
    if arch is not None and isa_capability(name, arch) is None:
        return f"an rpm cannot require that a package is of {arch}: packages do not say so in what they provide"
    return ""


def _capability(member: str) -> str:
    """Return what an rpm requires to have a member."""
    name, arch = split_arch(member)
    return (arch and isa_capability(name, arch)) or member
