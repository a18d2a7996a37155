"""The advisories of a lock, whole: no mirror keeps their old text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

_MAX_EPOCH: Final = 10**9 - 1
_MAX_VERSION: Final = 2**64 - 1
# What XML cannot have. Source: XML 1.0, 2.2.
_NO_TEXT: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class LockedPackage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A package of an advisory. What is at its default is left out."""

    name: str
    epoch: int = 0
    version: str
    release: str
    arch: str
    source_rpm: str = ""
    file_name: str = ""
    checksum: str = ""
    reboot_suggested: bool = False
    restart_suggested: bool = False
    relogin_suggested: bool = False


class LockedModule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The module stream of a collection."""

    name: str
    stream: str
    version: int
    context: str
    arch: str


class LockedCollection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Packages of an advisory that belong together."""

    name: str = ""
    short_name: str = ""
    packages: tuple[LockedPackage, ...] = ()
    module: LockedModule | None = None


class LockedReference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where an advisory points to."""

    kind: str = ""
    ref_id: str = ""
    href: str = ""
    title: str = ""


class LockedAdvisory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An advisory, whole: the fields of `Advisory` by name."""

    advisory_id: str
    kind: str = ""
    severity: str = ""
    title: str = ""
    issued: str = ""
    updated: str = ""
    status: str = ""
    version: str = ""
    sender: str = ""
    rights: str = ""
    release: str = ""
    push_count: str = ""
    summary: str = ""
    description: str = ""
    solution: str = ""
    reboot_suggested: bool = False
    references: tuple[LockedReference, ...] = ()
    collections: tuple[LockedCollection, ...] = ()


def advisory_problems(place: str, advisory: LockedAdvisory) -> Iterator[str]:
    """Yield what of an advisory no updateinfo could have; `place` is where it stands in the lock."""
    here = f"{place} ({advisory.advisory_id[:80]!r})"
    for name in ("issued", "updated"):
        moment = getattr(advisory, name)
        if moment and not is_moment(moment):
            yield f"{here}: {name}: want a time such as 2026-11-22T08:05:00Z, not {moment[:80]!r}"
    for collection in advisory.collections:
        if collection.module and not 0 <= collection.module.version <= _MAX_VERSION:
            yield f"{here}: {collection.module.version} is no version of a module"
        for package in collection.packages:
            if not 0 <= package.epoch <= _MAX_EPOCH:
                yield f"{here}: {package.epoch} is no epoch"
    if _NO_TEXT.search("".join(_texts(msgspec.to_builtins(advisory)))):
        yield f"{here}: has a character that XML cannot have"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(tuple(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def is_moment(text: str) -> bool:
    """Tell whether a text is a time in UTC as documents have it."""
    try:
        return f"{datetime.strptime(text, '%Y-%m-%dT%H:%M:%SZ').isoformat()}Z" == text  # noqa: DTZ007
    except ValueError:
        return False
