"""Aliases as somebody wrote them, read strictly: every problem is told, with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from yumbridge.complaint import NO_TEXT, is_text, judged, shown
from yumbridge.desired.alias import Alias, AliasDefinition, When
from yumbridge.desired.spec import ALIAS_NAME, PACKAGE_NAME, REFERENCE

_WHEN: Final = "when"
_KEYS_OF_WHEN: Final = frozenset(When.__struct_fields__)
_ARCH: Final = PACKAGE_NAME


class _Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a definition that are read as they are, each of which may be missing."""

    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    why: str = ""


def read_aliases(tree: object, place: str) -> tuple[tuple[Alias, ...], list[str]]:
    """Return the aliases of a mapping, sorted by name, and every problem in it that is of one alias alone."""
    if tree is None:
        return (), []
    if not isinstance(tree, dict):
        return (), [f"{place}: want a mapping of names to definitions"]
    aliases: list[Alias] = []
    problems: list[str] = []
    for key, written in sorted(tree.items(), key=lambda entry: str(entry[0])):
        name, where = shown(key), f"{place}.{shown(key)}"
        if not isinstance(key, str) or not ALIAS_NAME.fullmatch(key):
            problems.append(f"{where}: no name of an alias: want letters, digits, _ and, not at the beginning, . + -")
            continue
        definitions, found = _read_definitions(written, where)
        problems += found
        aliases.append(Alias(name=name, definitions=definitions, origin=where))
    return tuple(aliases), problems


def _read_definitions(tree: object, place: str) -> tuple[tuple[AliasDefinition, ...], list[str]]:
    """Return the definitions of one alias, and every problem, overlaps among them included."""
    if not isinstance(tree, list):
        definition, problems = _read_definition(tree, place)
        return (definition,) if definition else (), problems
    if not tree:
        return (), [f"{place}: has no definition"]
    places = [f"{place}[{number}]" for number in range(len(tree))]
    read = [_read_definition(entry, where) for entry, where in zip(tree, places, strict=True)]
    problems = [problem for _, found in read for problem in found]
    good = [(where, found) for where, (found, _) in zip(places, read, strict=True) if found]
    for number, (second, other) in enumerate(good):
        # The first of each: with many definitions there are as many pairs as nobody reads.
        clash = next(((first, one) for first, one in good[:number] if one.when.overlaps(other.when)), None)
        if clash:
            first, one = clash
            problems.append(f"{second}.{_WHEN}: overlaps with {first}.{_WHEN}: {one.when}; {other.when}")
    return tuple(found for found, _ in read if found), problems


def _read_definition(tree: object, place: str) -> tuple[AliasDefinition | None, list[str]]:
    if not isinstance(tree, dict):
        return None, [f"{place}: want a mapping with all_of or any_of"]
    good, problems = judged({key: value for key, value in tree.items() if key != _WHEN}, _Written, place)
    when, when_problems = _read_when(tree.get(_WHEN), f"{place}.{_WHEN}")
    problems += when_problems
    problems += [f"{place}.{problem}" for problem in _bad_values(good)]
    # Both at once would leave open whether the one is a member of the other.
    if len({"all_of", "any_of"} & tree.keys()) != 1:
        problems.append(f"{place}: want either all_of or any_of: an alias as a member serves for the other")
    if problems:
        return None, problems
    written = msgspec.convert(good, _Written)
    why = " ".join(written.why.split())
    return AliasDefinition(all_of=written.all_of, any_of=written.any_of, when=when, why=why), []


def _bad_values(good: Mapping[str, object]) -> Iterator[str]:
    """Yield what is wrong with values that are of the right kind."""
    for key in ("all_of", "any_of"):
        members = good.get(key)
        if not isinstance(members, list):
            continue
        if not members:
            yield f"{key}: names no package"
        for number, member in enumerate(members):
            if not (PACKAGE_NAME.fullmatch(member) or REFERENCE.fullmatch(member)):
                yield f"{key}[{number}]: {shown(member)!r} is no name of a package, nor @ with another"
            elif member in members[:number]:
                yield f"{key}[{number}]: {member} stands there twice"
    if not is_text(good.get("why")):
        yield f"why: {NO_TEXT}"


def _read_when(tree: object, place: str) -> tuple[When, list[str]]:
    """Return the hosts that a definition is for. A value may stand without a list around it."""
    if tree is None:
        return When(), []
    if not isinstance(tree, dict):
        return When(), [f"{place}: want a mapping of {', '.join(sorted(_KEYS_OF_WHEN))}"]
    listed = {key: value if isinstance(value, list) else [value] for key, value in tree.items()}
    good, problems = judged(listed, When, place)
    problems += [f"{place}.{key}: names nothing" for key, value in good.items() if not value]
    for key in ("arch", "basearch"):
        values = good.get(key)
        for value in values if isinstance(values, list) else ():
            if not _ARCH.fullmatch(value):
                problems.append(f"{place}.{key}: {shown(value)!r} is no architecture")
    return (When() if problems else msgspec.convert(good, When)), problems
