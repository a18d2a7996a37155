"""What a profile asks for, entry by entry, and how one differs from another, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

import msgspec

from spma.cli.plan_text import waits_for
from spma.cli.text import named
from spma.profile.meaning import Option
from yumbridge.condition.condition import Condition
from yumbridge.desired.alias import Alias, AliasDefinition
from yumbridge.desired.hold import Hold, HoldExceptions
from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import DEFAULT_MEMBERS, Spec
from yumbridge.desired.state import ModuleStream

Entry: TypeAlias = Spec | Repository | ModuleStream | Option | Hold | Alias

# What a field means that says nothing.
_UNSAID: Final = {
    "evr": "any",
    "arch": "best",
    "repo_id": "any repository",
    "stream": "default",
    "proxy": "general",
    "removal_limit": "half of the installed packages",
}
_CREDENTIALS: Final = "other credentials"


def entry_name(entry: Entry, *, whole: bool) -> str:
    """Return what an entry is called by: a hold by the first few of its packages, or by all of them (`whole`)."""
    match entry:
        case Repository():
            return entry.repo_id
        case Hold():
            return named(entry.packages, whole=whole)
        case Alias():
            return f"@{entry.name}"
        case _:
            return entry.name


def entry_words(entry: Entry) -> str:
    """Return what one side alone says, beside its name."""
    match entry:
        case Spec():
            return ", ".join(_spec_words(entry))
        case Repository():
            return f"{', '.join(entry.urls)}{'' if entry.enabled else ' (disabled)'}"
        case ModuleStream():
            return _value_text("stream", entry.stream) if entry.enabled else "disabled"
        case Option():
            return _value_text(entry.name, entry.value)
        case Hold():
            return f"{waits_for(entry.until)}{entry.why and f': {entry.why}'}"
        case Alias():
            return "; ".join(map(_definition_text, entry.definitions))


def changed_words(before: Entry, after: Entry, fields: Sequence[str]) -> str:
    """Return how both sides differ in these fields, as documents call them."""
    if isinstance(before, Alias) and isinstance(after, Alias):
        return "; ".join(_definition_changes(before, after))
    if isinstance(before, Option) and isinstance(after, Option):
        return _change_text(after.name, before.value, after.value)
    names = {field.encode_name: field.name for field in msgspec.structs.fields(after)}
    return "; ".join(
        f"{field.replace('_', ' ')} {_change_text(field, getattr(before, names[field]), getattr(after, names[field]))}"
        for field in fields
    )


def _spec_words(spec: Spec) -> Iterator[str]:
    if spec.evr:
        yield spec.evr
    if spec.arch:
        yield spec.arch
    if spec.repo_id:
        yield f"from {spec.repo_id}"
    if spec.is_group:
        others = "" if spec.member_types == DEFAULT_MEMBERS else f", {', '.join(spec.member_types)} members"
        yield f"group{others}"


def _change_text(name: str, before: object, after: object) -> str:
    """Return how a value changes: of a list what comes and what goes, or its order."""
    if before == after:
        return _CREDENTIALS
    if isinstance(before, tuple) and isinstance(after, tuple) and (before or after):
        gone = [f"-{each}" for each in before if each not in after]
        come = [f"+{each}" for each in after if each not in before]
        if (gone or come) and len(before) + len(after) > len(gone) + len(come):
            return " ".join((*gone, *come))
    return f"{_value_text(name, before)} -> {_value_text(name, after)}"


def _value_text(name: str, value: object) -> str:
    match value:
        case None:
            return _UNSAID.get(name, "none")
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(map(str, value)) or "none"
        case Condition():
            return waits_for(value)
        case HoldExceptions():
            return _exceptions_text(value)
        case str():
            return " ".join(value.split()) or "none"
        case _:
            return str(value)


def _exceptions_text(exceptions: HoldExceptions) -> str:
    listed = (*exceptions.severity, *exceptions.types, *exceptions.advisories)
    return ", ".join(listed) or "none"


def _definition_text(definition: AliasDefinition) -> str:
    kind = "all of" if definition.all_of else "first of"
    when = str(definition.when)
    hosts = "" if when == "any host" else f" for {when}"
    return f"{kind} {', '.join(definition.members)}{hosts}"


def _definition_changes(before: Alias, after: Alias) -> Iterator[str]:
    """Yield how the definitions for the same hosts differ."""
    old, new = ({each.when: each for each in alias.definitions} for alias in (before, after))
    for when in sorted(old.keys() | new.keys(), key=str):
        one, other = old.get(when), new.get(when)
        if one and other and one != other:
            words = list(_member_changes(one, other))
            hosts = f"for {when}: " if len(old) + len(new) > 2 else ""  # noqa: PLR2004 - one on either side
            yield f"{hosts}{', '.join(words)}"
        elif one != other:
            yield from _whole(one, "-")
            yield from _whole(other, "+")


def _whole(definition: AliasDefinition | None, sign: str) -> Iterable[str]:
    return [f"{sign} {_definition_text(definition)}"] if definition else []


def _member_changes(before: AliasDefinition, after: AliasDefinition) -> Iterator[str]:
    is_same_kind = bool(before.all_of) == bool(after.all_of)
    if before.members != after.members or not is_same_kind:
        kind = "all of" if after.all_of else "first of"
        if is_same_kind:
            yield f"{kind} {_change_text('members', before.members, after.members)}"
        else:
            yield f"{_definition_text(before)} -> {_definition_text(after)}"
    if before.why != after.why:
        yield f"why {_change_text('why', before.why, after.why)}"
