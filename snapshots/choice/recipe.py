"""The recipe: from which repositories, by which dates, advisories and packages a snapshot is cut."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from snapshots.choice.capability import Bound, Comparison, bound_of
from snapshots.choice.date import written_date
from snapshots.choice.syntax import UnreadableError, loaded
from snapshots.content.name import checked_name, suggestion
from snapshots.content.provenance import RecipeTree
from snapshots.errors import InvalidNameError, RecipeError
from yumbridge.count import counted

_Value = TypeVar("_Value", bound=Hashable)
_Word = TypeVar("_Word", bound=StrEnum)

_MAX_BYTES: Final = 1 << 20
_MAX_SHOWN: Final = 200
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# The characters of names and arches, and those of globs; a bracket that is open is closed.
_PATTERN: Final = re.compile(r"(?:[A-Za-z0-9._+~^*?-]|\[!?[A-Za-z0-9._+~^-]+\]){1,256}")
_ADVISORY_ID: Final = re.compile(r"[!-~]{1,256}")
# As on a command line: neither blanks nor comparisons are in a pattern.
# Possessive: nothing is tried twice in a text that may be long.
_INCLUSION: Final = re.compile(r"([^\s<>=]++)\s*+(.*)")
_BOUND: Final = re.compile(r"(<=|>=|<|>|=)\s*(\S+)")


class WithoutAdvisory(StrEnum):
    """What becomes of packages that no advisory covers."""

    KEEP = "keep"
    DROP = "drop"


class AdvisoryType(StrEnum):
    """What kind of change an advisory announces."""

    SECURITY = "security"
    BUGFIX = "bugfix"
    ENHANCEMENT = "enhancement"
    NEWPACKAGE = "newpackage"


class Severity(StrEnum):
    """How bad it is what an advisory repairs. Advisories that say nothing of it are of severity none."""

    CRITICAL = "critical"
    IMPORTANT = "important"
    MODERATE = "moderate"
    LOW = "low"
    NONE = "none"


class Inclusion(msgspec.Struct, frozen=True, kw_only=True):
    """Packages that are kept whatever else is said: those of a name that are within every bound."""

    name: str
    evr: tuple[Bound, ...] = ()


class AdvisoryRules(msgspec.Struct, frozen=True, kw_only=True):
    """Which advisories count. `until` is a date or a time; `updated`: it is the date of the last update that counts."""

    until: str = ""
    updated: bool = False
    types: tuple[AdvisoryType, ...] = ()
    severity: tuple[Severity, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def picks(self) -> bool:
        """True when the advisories are those that are listed, and no others."""
        return bool(self.include) and not (self.until or self.types or self.severity)


class PackageRules(msgspec.Struct, frozen=True, kw_only=True):
    """Which packages are kept and dropped. Patterns are globs of names, or of `name.arch`."""

    hold: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    include: tuple[Inclusion, ...] = ()
    without_advisory: WithoutAdvisory = WithoutAdvisory.KEEP


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot is to hold.

    Without `repositories` it is every one that is mirrored or in the base. `base` is a snapshot or a ref. Dates are
    "2026-11-01", which ends with that day in UTC, or times in UTC ("2026-11-01T10:00:00Z"); empty means no limit.
    `advisories` is None when the recipe has no such part.
    """

    repositories: tuple[str, ...] = ()
    base: str = ""
    as_of: str = ""
    advisories: AdvisoryRules | None = None
    packages: PackageRules = PackageRules()
    closure: bool = False
    newest_only: bool = False
    message: str = ""


def tree(recipe: Recipe) -> RecipeTree:
    """Return a recipe as the YAML of it would be read; what it leaves open is left out."""
    found: dict[str, object] = {
        "repositories": list(recipe.repositories),
        "base": recipe.base,
        "as_of": recipe.as_of,
    }
    if recipe.advisories is not None:
        found["advisories"] = _stated(
            {
                "until": recipe.advisories.until,
                "updated": recipe.advisories.updated,
                "types": [kind.value for kind in recipe.advisories.types],
                "severity": [severity.value for severity in recipe.advisories.severity],
                "include": list(recipe.advisories.include),
                "exclude": list(recipe.advisories.exclude),
            }
        )
    drops = recipe.packages.without_advisory is WithoutAdvisory.DROP
    found["packages"] = _stated(
        {
            "hold": list(recipe.packages.hold),
            "exclude": list(recipe.packages.exclude),
            "include": [_inclusion_tree(inclusion) for inclusion in recipe.packages.include],
            "without_advisory": recipe.packages.without_advisory.value if drops else "",
        }
    )
    found |= {"closure": recipe.closure, "newest_only": recipe.newest_only, "message": recipe.message}
    stated = _stated(found)
    if recipe.advisories is not None:
        # Also an empty one says something: that advisories decide.
        stated["advisories"] = found["advisories"]
    return stated


def _stated(fields: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in fields.items() if value}


def _inclusion_tree(inclusion: Inclusion) -> object:
    if not inclusion.evr:
        return inclusion.name
    return {"name": inclusion.name, "evr": ", ".join(map(str, inclusion.evr))}


def read_recipe(content: str | bytes, place: str) -> Recipe:
    """Return the recipe that YAML holds. `place` names it in errors. Raises RecipeError with every problem."""
    problems: list[str] = []
    if len(content) > _MAX_BYTES:
        problems = [f"{place}: larger than {_MAX_BYTES} bytes"]
    else:
        try:
            tree_of_yaml = loaded(content.decode() if isinstance(content, bytes) else content)
        except UnicodeDecodeError as error:
            problems = [f"{place}: no UTF-8: {error.reason} at byte {error.start}"]
        except UnreadableError as error:
            problems = [f"{place}: {_shown(str(error))}"]
        else:
            return recipe_of(tree_of_yaml, place)
    raise _invalid(problems)


def recipe_of(written: object, place: str) -> Recipe:
    """Return the recipe of what YAML was read as, or of options in that form. Raises RecipeError with every problem."""
    try:
        fields = _mapping(written, "", _RECIPE)
    except _ProblemsError as error:
        raise _invalid([f"{place}: {problem}" for problem in error.problems]) from None
    recipe = Recipe(**fields)
    problems = _contradictions(recipe)
    if problems:
        raise _invalid([f"{place}: {problem}" for problem in problems])
    return recipe


def _contradictions(recipe: Recipe) -> list[str]:
    problems = []
    if recipe.packages.hold and not recipe.base:
        problems.append("packages.hold: means the EVRs of the base: want a base")
    rules = recipe.advisories or AdvisoryRules()
    both = sorted(set(rules.include) & set(rules.exclude))
    return [*problems, *(f"advisories.exclude: {advisory_id} is in include as well" for advisory_id in both)]


class _ProblemsError(Exception):
    """Parts of a recipe are wrong."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems


_Reader: TypeAlias = Callable[[object, str], object]


def _mapping(value: object, place: str, readers: Mapping[str, _Reader]) -> dict[str, Any]:
    """Return what each key of a mapping means. A key without a value is as good as none."""
    if value is None and not place:
        return {}
    if not isinstance(value, dict):
        raise _ProblemsError(_problem(place, "want a mapping of keys"))
    found: dict[str, Any] = {}
    problems: list[str] = []
    for key, entry in value.items():
        inner = f"{place}.{_shown(key)}" if place else _shown(key)
        reader = readers.get(key) if isinstance(key, str) else None
        if reader is None:
            problems.append(f"{inner}: unknown key{suggestion(_shown(key), readers)}")
        elif entry is not None:
            try:
                found[key] = reader(entry, inner)
            except _ProblemsError as error:
                problems += error.problems
    if problems:
        raise _ProblemsError(*problems)
    return found


def _list_of(reader: Callable[[object, str], _Value]) -> Callable[[object, str], tuple[_Value, ...]]:
    def read(value: object, place: str) -> tuple[_Value, ...]:
        if not isinstance(value, list | tuple):
            raise _ProblemsError(_problem(place, "want a list"))
        found: dict[_Value, None] = {}
        problems: list[str] = []
        for number, entry in enumerate(value):
            try:
                found[reader(entry, f"{place}[{number}]")] = None
            except _ProblemsError as error:
                problems += error.problems
        if problems:
            raise _ProblemsError(*problems)
        return tuple(found)

    return read


def _one_of(kind: type[_Word]) -> Callable[[object, str], _Word]:
    def read(value: object, place: str) -> _Word:
        text = _text(value, place)
        try:
            return kind(text.lower())
        except ValueError:
            raise _ProblemsError(f"{place}: want one of {', '.join(kind)}: {_shown(text)}") from None

    return read


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise _ProblemsError(f"{place}: want text")
    if _SURROGATE.search(value):
        raise _ProblemsError(f"{place}: half a character (a lone surrogate) is no text")
    return value


def _boolean(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise _ProblemsError(f"{place}: want true or false")
    return value


def _day_or_time(value: object, place: str) -> str:
    # What was not read by us may have dates of its own.
    text = value.isoformat() if isinstance(value, date) else _text(value, place)
    found = written_date(text)
    if found is None:
        raise _ProblemsError(
            f"{place}: no date, nor a time with its offset: {_shown(text)}: want 2026-11-01 or 2026-11-01T10:00:00Z"
        )
    return found


def _name(noun: str) -> Callable[[object, str], str]:
    def read(value: object, place: str) -> str:
        try:
            return checked_name(noun, _text(value, place))
        except InvalidNameError as error:
            raise _ProblemsError(f"{place}: {error.message}") from None

    return read


def _pattern(value: object, place: str) -> str:
    text = _text(value, place)
    if not _PATTERN.fullmatch(text):
        raise _ProblemsError(f"{place}: no name of packages, nor a glob of such: {_shown(text)}")
    return text


def _advisory_id(value: object, place: str) -> str:
    text = _text(value, place)
    if not _ADVISORY_ID.fullmatch(text):
        raise _ProblemsError(f"{place}: no id of an advisory: {_shown(text)}")
    return text


def _inclusion(value: object, place: str) -> Inclusion:
    if isinstance(value, str):
        matched = _INCLUSION.fullmatch(_text(value, place).strip())
        name, evr = matched.groups() if matched else (value, "")
        return Inclusion(name=_pattern(name, place), evr=_bounds(evr, place) if evr else ())
    fields = _mapping(value, place, {"name": _pattern, "evr": _bounds})
    if "name" not in fields:
        raise _ProblemsError(f"{place}: want a name")
    return Inclusion(**fields)


def _bounds(value: object, place: str) -> tuple[Bound, ...]:
    """Read bounds that are separated by commas, or a list of such."""
    if not isinstance(value, str):
        return tuple(bound for bounds in _list_of(_bounds_of_text)(value, place) for bound in bounds)
    return _bounds_of_text(value, place)


def _bounds_of_text(value: object, place: str) -> tuple[Bound, ...]:
    return tuple(_bound(part.strip(), place) for part in _text(value, place).split(","))


def _bound(text: str, place: str) -> Bound:
    matched = _BOUND.fullmatch(text)
    bound = bound_of(Comparison(matched[1]), matched[2]) if matched else None
    if bound is None:
        raise _ProblemsError(f"{place}: no range of EVRs: {_shown(text)}: want <, <=, =, >= or > and an EVR")
    return bound


_ADVISORIES: Final[Mapping[str, _Reader]] = {
    "until": _day_or_time,
    "updated": _boolean,
    "types": _list_of(_one_of(AdvisoryType)),
    "severity": _list_of(_one_of(Severity)),
    "include": _list_of(_advisory_id),
    "exclude": _list_of(_advisory_id),
}
_PACKAGES: Final[Mapping[str, _Reader]] = {
    "hold": _list_of(_pattern),
    "exclude": _list_of(_pattern),
    "include": _list_of(_inclusion),
    "without_advisory": _one_of(WithoutAdvisory),
}
_RECIPE: Final[Mapping[str, _Reader]] = {
    "repositories": _list_of(_name("repository")),
    "base": _name("snapshot"),
    "as_of": _day_or_time,
    "advisories": lambda value, place: AdvisoryRules(**_mapping(value, place, _ADVISORIES)),
    "packages": lambda value, place: PackageRules(**_mapping(value, place, _PACKAGES)),
    "closure": _boolean,
    "newest_only": _boolean,
    "message": _text,
}


def _problem(place: str, what: str) -> str:
    return f"{place}: {what}" if place else what


def _shown(value: object) -> str:
    """Return a part of a recipe as a message can say it."""
    text = str(value) if isinstance(value, str | int | float | date | None) else "a key that is no text"
    text = text if text.isprintable() else ascii(text)[1:-1]
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."


def _invalid(problems: list[str]) -> RecipeError:
    return RecipeError(f"the recipe has {counted(len(problems), 'problem')}", problems)
