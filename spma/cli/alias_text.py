"""Aliases as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from spma.cli.console import Console, printable
from spma.cli.plan_text import problem_lines
from spma.cli.text import entitled, named, wrapped
from yumbridge.count import counted
from yumbridge.desired.alias import MARK, Alias, AliasDefinition, AliasHost, When, referred
from yumbridge.plan.alias_explanation import AliasExplanation

_INDENT: Final = "  "
_WIDEST_NAME: Final = 30
_DEEPEST: Final = 8
_NOT: Final = "not"


def list_lines(aliases: Sequence[AliasExplanation], host: AliasHost, console: Console) -> Iterator[str]:
    """Yield a block for each alias, and how many there are."""
    for alias in aliases:
        yield console.bold(printable(f"{MARK}{alias.name}"))
        yield from wrapped(alias.origin, _INDENT, console)
        for definition in alias.definitions:
            yield from wrapped(_definition_words(definition), _INDENT, console)
        if not _is_plain(alias):
            yield from wrapped(f"here: {_here(alias)}", _INDENT, console)
        for problem in alias.problems:
            yield from wrapped(problem.text, _INDENT * 2, console)
        for line in alias.used_by:
            yield from wrapped(f"used by {line}", _INDENT, console)
        yield ""
    yield f"{counted(len(aliases), 'alias', 'aliases')}; here is {host}." if aliases else "No aliases are defined."


def explanation_lines(
    found: AliasExplanation, aliases: Mapping[str, Alias], host: AliasHost, console: Console, *, has_profile: bool
) -> Iterator[str]:
    """Yield all that is known of an alias."""
    yield console.bold(printable(f"{MARK}{found.name}"))
    yield from wrapped(f"defined in {found.origin}", _INDENT, console)
    for line in found.used_by:
        yield from wrapped(f"used by {line}", _INDENT, console)
    if has_profile and not found.used_by:
        yield f"{_INDENT}not used by the profile"
    yield ""
    if found.definition is None:
        yield f"No definition is for this host ({host})."
        yield ""
    else:
        yield console.bold(f"Here ({host})")
        yield from _tree_lines(_Tree(found, aliases, host, whole=console.verbose), found.name, console)
        yield ""
    yield from problem_lines(found.problems, console, "Problems")
    yield from entitled("Notes", [f"{note.kind.value}: {note.text}" for note in found.notes], console)
    yield _verdict(found)


def _definition_words(definition: AliasDefinition) -> str:
    """Return a definition in one line.

    >>> _definition_words(AliasDefinition(any_of=("a", "b"), when=When(os_major=(8, 9)), why="a mailer"))
    'os_major 8 or 9: any of a, b (a mailer)'
    """
    hosts = "" if definition.when == When() else f"{definition.when}: "
    why = f" ({definition.why})" if definition.why else ""
    return f"{hosts}{_kind(definition)} {', '.join(definition.members)}{why}"


def _kind(definition: AliasDefinition) -> str:
    return "any of" if definition.any_of else "all of"


def _here(alias: AliasExplanation) -> str:
    """Return what an alias stands for on this host, as far as it is known without repositories."""
    if alias.definition is None:
        return "nothing"
    definition = alias.definitions[alias.definition]
    if definition.any_of:
        return f"one of {', '.join(definition.members)}"
    return ", ".join(f"one of {each.name}" if each.undecided else each.name for each in alias.expansion) or "nothing"


def _is_plain(alias: AliasExplanation) -> bool:
    """Tell whether an alias says of itself what it stands for on every host."""
    return (
        alias.definition is not None
        and len(alias.definitions) == 1
        and all(referred(member) is None for member in alias.definitions[0].members)
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a tree: a member, and what is said of it."""

    depth: int
    name: str
    text: str

    @property
    def indent(self) -> str:
        """What stands before it; the deepest are not told apart."""
        return _INDENT * (min(self.depth, _DEEPEST) + 1)


class _Tree:
    """The tree of an alias: its members, theirs, and what each comes to."""

    def __init__(self, found: AliasExplanation, aliases: Mapping[str, Alias], host: AliasHost, *, whole: bool) -> None:
        self._aliases = aliases
        self._host = host
        self._whole = whole
        self._packages = {each.name: each.packages for each in found.expansion}
        self._choices = {choice.alias: choice for choice in found.chosen}

    def rows(self, name: str) -> Iterator[_Row]:
        """Yield a row for each member, those of an alias below it: once, where several lead to it."""
        left = [(0, f"{MARK}{name}", "")]
        told: set[str] = set()
        # Without recursion: a chain may be as long as somebody makes it.
        while left:
            depth, member, said = left.pop()
            alias = self._aliases.get(referred(member) or "")
            definition = None if alias is None else alias.definition_for(self._host)
            if said.startswith(_NOT):
                yield _Row(depth, member, said)
            elif alias is None:
                yield _Row(depth, member, self._met(member))
            elif definition is None:
                yield _Row(depth, member, "no definition is for this host")
            elif alias.name in told:
                yield _Row(depth, member, "as above")
            else:
                told.add(alias.name)
                why = f" ({definition.why})" if definition.why else ""
                yield _Row(depth, member, f"{_kind(definition)}{why}")
                below = [(depth + 1, each, self._said(alias.name, definition, each)) for each in definition.members]
                left += reversed(below)

    def _met(self, member: str) -> str:
        """Return the packages that meet a member."""
        packages = self._packages.get(member)
        if packages is None:
            return "not known: there is no solution"
        # What a group or a glob stands for and is listed on its own is left to its own line.
        nothing = "nothing of its own" if any(mark in member for mark in "@*?") else "nothing"
        return named(packages, whole=self._whole) or nothing

    def _said(self, name: str, definition: AliasDefinition, member: str) -> str:
        """Return why a member of alternatives is not taken, empty for one that is."""
        choice = self._choices.get(name)
        if choice is None or not definition.any_of or member == choice.member:
            return ""
        passed = next((each.why for each in choice.passed_over if each.member == member), None)
        return f"{_NOT} needed" if passed is None else f"{_NOT} taken: {passed}"


def _tree_lines(tree: _Tree, name: str, console: Console) -> Iterator[str]:
    rows = list(tree.rows(name))
    width = min(max(len(row.indent) + len(row.name) for row in rows), _WIDEST_NAME)
    for row in rows:
        line = f"{row.name:<{width - len(row.indent)}}  {row.text}"
        # What is broken after a name leaves the space behind it.
        yield from (text.rstrip() for text in wrapped(line, row.indent, console))


def _verdict(found: AliasExplanation) -> str:
    if found.problems:
        return f"{counted(len(found.problems), 'problem')}: not all of it can be had."
    return f"Good: {counted(len({nevra for each in found.expansion for nevra in each.packages or ()}), 'package')}."
