"""What the solver says, in words for a person: short sentences, each once, without what says nothing.

Source of the phrases: libdnf, PKG_PROBLEMS_DICT and MODULE_PROBLEMS_DICT, of dnf 4 and of dnf 5, which adds "from" and
a repository behind packages. What is none of them stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from yumbridge.errors import InvalidNEVRAError
from yumbridge.rpm.nevra import NEVRA

SEPARATOR: Final = "; "
"""What stands between the sentences of one problem, in the words of the solver and in ours."""

# How many builds of one name, and how many things of other kinds, are listed before they are only counted.
_FEW_BUILDS: Final = 2
_FEW: Final = 6

_A: Final = r"(?:installed )?(?:package|module) (?P<subject>\S+)(?: from \S+)?"
_OTHER: Final = r"(?:module )?(?P<other>\S+)(?: from \S+)?"
_WHAT: Final = r"(?P<what>.+?)"

_PHRASES: Final = {
    "lacks": rf"nothing provides {_WHAT} needed by (?:module )?(?P<subject>\S+)(?: from \S+)?",
    "lacking": rf"nothing provides requested {_WHAT}",
    "needs": rf"{_A} requires {_WHAT}, but none of the providers can be installed",
    "beside": rf"cannot install both (?:modules )?(?P<subject>\S+)(?: from \S+)? and {_OTHER}",
    "self-conflict": rf"{_A} conflicts with {_WHAT} provided by itself",
    "conflicts": rf"{_A} conflicts with {_WHAT} provided by {_OTHER}",
    "obsoletes": rf"{_A} (?:implicitly )?obsoletes {_WHAT} provided by {_OTHER}",
    "both-obsolete": rf"both package (?P<subject>\S+)(?: from \S+)? and {_OTHER} obsolete {_WHAT}",
    "modular": rf"{_A} is filtered out by modular filtering",
    "excluded": rf"{_A} is (?:filtered out by exclude filtering|excluded)",
    "foreign": rf"{_A} does not have a compatible architecture",
    "inferior": r"(?:module )?(?P<subject>\S+)(?: from \S+)? has inferior architecture",
    "uninstallable": rf"{_A} is not installable",
    "elsewhere": r"(?:module )?(?P<subject>\S+) does not belong to a distupgrade repository",
    "unknown": rf"(?:package|module) {_WHAT} does not exist",
    "stays": r"problem with installed (?:package|module) ?(?P<subject>\S*)",
    "protected": rf"The operation would result in removing the following protected packages: {_WHAT}",
    "kernel": rf"The operation would result in removing of running kernel: {_WHAT}",
    "requests": r"conflicting requests",
    "newest": r"cannot install the best (?:candidate for the job|update candidate for (?:package|module) \S+)",
    "dependency": r"some dependency problem",
}

# With one subject and with several: "{s}", "{o}" and "{w}" are subject, other and what.
_SENTENCES: Final = {
    "lacks": ("{s} needs {w}, which no package provides", "{s} need {w}, which no package provides"),
    "lacking": ("no package provides {w}",) * 2,
    "needs": ("{s} needs {w}", "{s} need {w}"),
    "beside": ("{s} cannot be installed beside {o}",) * 2,
    "self-conflict": ("{s} conflicts with {w}, which it provides itself",) * 2,
    "conflicts": ("{s} conflicts with {o}", "{s} conflict with {o}"),
    "obsoletes": ("{s} obsoletes {o}", "{s} obsolete {o}"),
    "both-obsolete": ("{s} and {o} both obsolete {w}",) * 2,
    # It is in a stream that is not enabled, or has the name of something in one that is.
    "modular": ("module streams keep {s} out",) * 2,
    "excluded": ("{s} is excluded", "{s} are excluded"),
    "foreign": ("{s} is for another architecture", "{s} are for other architectures"),
    "inferior": ("{s} gives way to a better architecture", "{s} give way to a better architecture"),
    "uninstallable": ("{s} cannot be installed",) * 2,
    "elsewhere": ("{s} is in none of the repositories", "{s} are in none of the repositories"),
    "unknown": ("no package is named {w}",) * 2,
    "stays": ("{s} is installed and stays", "{s} are installed and stay"),
    "protected": ("{w} would be removed, and is protected",) * 2,
    "kernel": ("{w} would be removed, and is the running kernel",) * 2,
}

# What says nothing beside other sentences, and what it comes to alone.
_FILLERS: Final = {
    "requests": "what is asked for excludes each other",
    "newest": "the newest build cannot be installed",
    "dependency": "a dependency cannot be met",
    "stays": "",
}
_RANKS: Final = {"needs": 0, "stays": 2}


@dataclass(slots=True)
class _Statement:
    """Phrases of one kind that say the same of several builds. The dictionaries are ordered sets."""

    kind: str
    what: str = ""
    subjects: dict[str, None] = field(default_factory=dict)
    others: dict[str, None] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The statement as one sentence."""
        subjects = listed(self.subjects)
        if self.kind == "beside" and len({_slot(each) for each in (*self.subjects, *self.others)}) == 1:
            return f"only one of {listed((*self.subjects, *self.others))} can be installed"
        singular, plural = _SENTENCES[self.kind]
        sentence = singular if len(self.subjects) <= 1 else plural
        text = sentence.format(s=subjects, o=listed(self.others), w=self.what)
        if self.kind in {"conflicts", "obsoletes"} and self.what not in {_name(each) for each in self.others}:
            verb = "provides" if len(self.others) == 1 else "provide"
            told = sentence.format(s=subjects, o=self.what, w="")
            return f"{told}, which {listed(self.others)} {verb}"
        return text


def plain(text: str) -> str:
    """Return what the solver says of one problem in plain words. Text that is none of its phrases stays as it is.

    >>> plain("conflicting requests; nothing provides lib >= 2 needed by app-1-1.noarch")
    'app-1-1.noarch needs lib >= 2, which no package provides'
    """
    statements: dict[tuple[str, ...], _Statement] = {}
    sentences: dict[str, None] = {}
    fillers: dict[str, None] = {}
    order: list[_Statement | str] = []
    for phrase in text.split(SEPARATOR):
        kind, found = _read(phrase)
        if found is None:
            if phrase and phrase not in sentences:
                sentences[phrase] = None
                order.append(phrase)
        elif kind in _FILLERS and not found.get("subject"):
            fillers[_FILLERS[kind]] = None
        else:
            subject, other, what = (found.get(key) or "" for key in ("subject", "other", "what"))
            # Builds of one name exclude each other arch by arch.
            named = _slot if kind == "beside" else _name
            key = (kind, named(subject), named(other), what)
            if key not in statements:
                statements[key] = _Statement(kind, what)
                order.append(statements[key])
            statements[key].subjects.update({subject: None} if subject else {})
            statements[key].others.update({other: None} if other else {})
    # What is needed comes first, then what is in its way, and what all of it depends on.
    order.sort(key=lambda each: _RANKS.get(each.kind, 1) if isinstance(each, _Statement) else 1)
    told = [each if isinstance(each, str) else each.text for each in order] or [each for each in fillers if each]
    if len(order) == 1 and isinstance(order[0], _Statement) and order[0].kind == "needs":
        told = [f"{told[0]}, and nothing that provides it can be installed"]
    return SEPARATOR.join(told) or text


def mentioned(text: str) -> frozenset[str]:
    """Return the names of the packages, and what else is needed, that the solver's words tell of.

    >>> sorted(mentioned("nothing provides lib >= 2 needed by app-1-1.noarch"))
    ['app', 'lib']
    """
    return frozenset(value.split()[0].lstrip("(") if key == "what" else _name(value) for key, value in _named_in(text))


def nevras(text: str) -> frozenset[str]:
    """Return every package that the solver's words name."""
    return frozenset(value for key, value in _named_in(text) if key != "what")


def _named_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield what each phrase of the solver names, with its part in the phrase: subject, other or what."""
    for phrase in text.split(SEPARATOR):
        yield from ((key, value) for key, value in (_read(phrase)[1] or {}).items() if value)


def listed(nevras: Iterable[str]) -> str:
    """Return packages as one phrase: few builds of a name as they are, many as their number and range.

    >>> listed(["b-1-1.noarch", "a-1-1.noarch"])
    'b-1-1.noarch and a-1-1.noarch'
    >>> listed([f"a-{version}-1.noarch" for version in (9, 10, 8)])
    '3 builds of a (8-1 to 10-1)'
    """
    by_name: dict[str, list[str]] = {}
    for nevra in dict.fromkeys(nevras):
        by_name.setdefault(_name(nevra), []).append(nevra)
    parts: list[str] = []
    for name, builds in by_name.items():
        if len(builds) <= _FEW_BUILDS:
            parts += builds
        else:
            evrs = sorted((NEVRA.parse(build).evr for build in builds), key=lambda evr: evr.key)
            parts.append(f"{len(builds)} builds of {name} ({evrs[0]} to {evrs[-1]})")
    return joined(parts)


def joined(parts: Sequence[str]) -> str:
    """Return parts as one phrase; what is too much is counted.

    >>> joined(["a", "b", "c"]), joined(list("abcdefgh"))
    ('a, b and c', 'a, b, c, d, e and 3 more')
    """
    if len(parts) > _FEW:
        parts = [*parts[: _FEW - 1], f"{len(parts) - _FEW + 1} more"]
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _read(phrase: str) -> tuple[str, dict[str, str | None] | None]:
    for kind, pattern in _patterns():
        if found := pattern.fullmatch(phrase):
            return kind, found.groupdict()
    return "", None


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    # Compiled when the first problem is told: most plans have none.
    return tuple((kind, re.compile(pattern)) for kind, pattern in _PHRASES.items())


def _name(nevra: str) -> str:
    try:
        return NEVRA.parse(nevra).name
    except InvalidNEVRAError:
        return nevra


def _slot(nevra: str) -> str:
    """Return name and arch."""
    return f"{_name(nevra)}.{nevra.rpartition('.')[2]}"
