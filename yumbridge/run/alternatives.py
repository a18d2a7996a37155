"""The closure of a desired state whose specs may name aliases: choose among their members by solving.

The first combination of members that solves is taken, where the first member of the first alias counts most. Source of
the rules: docs/concepts.md, "Aliases".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

import msgspec

from yumbridge.desired.alias import MARK, AliasHost, referred
from yumbridge.desired.expansion import Expansion, barred_members, expand, names_within
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import GroupsAnswer, Opened, ReadGroups
from yumbridge.plan.choice import (
    Choice,
    PassedMember,
    Resolution,
    alias_problem,
    choice_note,
    shadow_note,
    undefined_problem,
)
from yumbridge.plan.closure import Closure, ProblemKind
from yumbridge.plan.document import Note, NoteKind, Problem
from yumbridge.plan.remarks import unmet_text
from yumbridge.plan.wording import SEPARATOR, plain
from yumbridge.run.host import HostFacts
from yumbridge.run.request import PlanRequest, closure_request

MAX_TRIES: Final = 100
"""How many combinations of members that do not solve are tried at most: each is a solve of the whole closure."""
_SPENT: Final = f"not every combination of members was tried: {MAX_TRIES} that do not solve are enough"
# Beyond so many choices one after the other the rest is taken as it comes.
_MAX_DEPTH: Final = 300
_MAX_CLAUSES: Final = 3


def resolve(
    request: PlanRequest,
    opened: Opened,
    engine: EngineClient,
    *,
    reasons: bool = True,
    installed: Collection[str] = (),
) -> Resolution:
    """Return the closure of what was asked for, on the repositories that were opened for that.

    While a repository is missing, what can be found says nothing: of each alias that member is taken whose packages are
    `installed`, which are names, else the first. Raises RepositoryError, EngineError.
    """
    solver = _Solver(request.state, engine, reasons=reasons)
    if not request.state.names_aliases:
        return Resolution(state=request.state, closure=solver.solve(request.state.specs))
    host = opened_host(request.facts, opened)
    search = _Search(request.state, host, solver)
    found = search.as_installed(installed) if opened.unavailable else search.best()
    used = sorted({name for spec in found.expansion.specs for name in spec.aliases})
    shadowed = engine.ask(ReadGroups(names=tuple(used)), GroupsAnswer).names
    made = [choice for choice in found.choices if choice.member is not None]
    lost = [choice.alias for choice in found.choices if choice.member is None]
    lost += [_name(spec) for spec in found.expansion.undefined]
    return Resolution(
        state=msgspec.structs.replace(request.state, specs=found.expansion.specs, aliases=()),
        closure=found.closure,
        choices=found.choices,
        problems=(*found.problems, *(undefined_problem(spec, host) for spec in found.expansion.undefined)),
        notes=(
            *map(choice_note, made),
            *map(shadow_note, shadowed),
            *([Note(kind=NoteKind.ALIAS, text=_SPENT)] if found.is_spent else ()),
        ),
        undecided=names_within(lost, request.state.aliases),
    )


def opened_host(facts: HostFacts, opened: Opened) -> AliasHost:
    """Return what definitions are selected by, once the engine has said for which arches it solves."""
    return AliasHost(os_major=facts.os_major, arch=opened.arch, basearch=opened.basearch)


class _Solver:
    """Solves the same state with other specs. The last answer is kept."""

    def __init__(self, state: DesiredState, engine: EngineClient, *, reasons: bool) -> None:
        self._request = msgspec.structs.replace(closure_request(state), reasons=reasons)
        self._engine = engine
        self._last: tuple[tuple[Spec, ...], Closure] | None = None

    def solve(self, specs: tuple[Spec, ...]) -> Closure:
        if self._last is None or self._last[0] != specs:
            request = msgspec.structs.replace(self._request, specs=specs)
            self._last = (specs, self._engine.ask(request, Closure))
        return self._last[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a search ended with."""

    expansion: Expansion
    closure: Closure
    choices: tuple[Choice, ...]
    problems: tuple[Problem, ...] = ()
    is_spent: bool = False


@dataclass(frozen=True, slots=True)
class _Dead:
    """The furthest that a search came: the alias of which no member would do, and why not each."""

    depth: int
    spec: Spec
    passed: tuple[PassedMember, ...]


@dataclass(slots=True)
class _Search:
    """One search. `given_up` has the aliases of which nothing can be had, with why.

    `barred` has why a member is in no repository, whatever is chosen beside it, by alias and member; None until that
    was asked. `known` are the problems that there are without any choice: no reason to pass a member over. `failures`
    counts the solves that did not help; when they are too many, what is left is chosen unsolved.
    """

    state: DesiredState
    host: AliasHost
    solver: _Solver
    given_up: dict[str, tuple[Spec, Choice]] = field(default_factory=dict)
    barred: dict[tuple[str, str], str] | None = None
    known: frozenset[str] = frozenset()
    failures: int = 0

    @property
    def is_spent(self) -> bool:
        """True when nothing more is tried."""
        return self.failures >= MAX_TRIES

    def as_installed(self, installed: Collection[str]) -> _Found:
        """Take of each alias the first member whose packages, by name, are installed, else the first that there is."""
        choices: dict[str, str] = {}
        while left := self._undecided(choices):
            name, members = _name(left[0]), self._members(left[0])
            present = (member for member in members if self._is_there({**choices, name: member}, name, installed))
            choices[name] = next(present, members[0])
        return self._found(choices, {})

    def _is_there(self, trial: Mapping[str, str], name: str, installed: Collection[str]) -> bool:
        specs = [spec for spec in self._expanded(trial).specs if name in spec.aliases]
        return bool(specs) and all(any(fnmatchcase(each, spec.name) for each in installed) for spec in specs)

    def best(self) -> _Found:
        """Take the first combination that solves; an alias of which nothing can be had is left out, and told."""
        while isinstance(end := self._extended({}, {}), _Dead):
            self._give_up(end)
        return end

    def _give_up(self, end: _Dead) -> None:
        choice = Choice(alias=_name(end.spec), member=None, passed_over=end.passed)
        self.given_up[choice.alias] = (end.spec, choice)

    def _find_barred(self) -> dict[tuple[str, str], str]:
        """Return why members cannot be had whatever is chosen beside them, found with one solve of all there are."""
        names = sorted({member for alias in self.state.aliases for member in self._members_of(alias.name)})
        plain_names = [name for name in names if referred(name) not in {alias.name for alias in self.state.aliases}]
        specs = tuple(Spec(name=name, origin=name) for name in plain_names)
        unmet = {
            plain_names[each.spec]: each.text
            for each in self.solver.solve(specs).unmet
            if each.kind is not ProblemKind.CONFLICTING_VERSIONS
        }
        return barred_members(self.state.aliases, self.host, unmet)

    def _extended(self, choices: Mapping[str, str], passed: Mapping[str, tuple[PassedMember, ...]]) -> _Found | _Dead:
        """Return the first combination that begins with `choices` and solves, or how far such ones come."""
        if self.is_spent or len(choices) >= _MAX_DEPTH:
            return self._rest(choices, passed)
        spec = self._next(choices)
        if spec is None:
            return self._found(choices, passed)
        name = _name(spec)
        over: list[PassedMember] = []
        furthest: _Dead | None = None
        for member in self._members(spec):
            trial = {**choices, name: member}
            why = self._why_not(trial, name)
            if not why:
                end = self._extended(trial, {**passed, name: tuple(over)})
                if isinstance(end, _Found):
                    return end
                why = _dead_text(end) if end.spec.name == member else f"{end.spec.name} cannot be had with it"
                furthest = end if furthest is None or end.depth > furthest.depth else furthest
            over.append(PassedMember(member=member, why=why))
        if self.barred is None:
            # Before anything is given up, or chosen otherwise: what is the fault of no choice.
            self.barred = self._find_barred()
            self.known = frozenset(problem.text for problem in self.solver.solve(self._expanded({}).specs).problems)
            return self._extended(choices, passed)
        return furthest or _Dead(len(choices), spec, tuple(over))

    def _next(self, choices: Mapping[str, str]) -> Spec | None:
        """Return the next alias to choose of; those of which nothing can be had are given up on the way.

        Not such as stand there only because they were chosen themselves: another choice may do without.
        """
        while left := self._undecided(choices):
            end = self._hopeless(left[0], len(choices))
            if end is None or not choices.keys().isdisjoint(left[0].aliases):
                return left[0]
            self._give_up(end)
        return None

    def _rest(self, choices: Mapping[str, str], passed: Mapping[str, tuple[PassedMember, ...]]) -> _Found:
        """Take what is left as it comes, unsolved: of each alias the first member that is in a repository."""
        self.failures = MAX_TRIES
        made = dict(choices)
        while spec := self._next(made):
            name, members = _name(spec), self._members(spec)
            made[name] = next((each for each in members if not (self.barred or {}).get((name, each))), members[0])
        return self._found(made, passed)

    def _hopeless(self, spec: Spec, depth: int) -> _Dead | None:
        """Return the end of an alias whose members are all barred, None while one is not."""
        name = _name(spec)
        reasons = [(member, (self.barred or {}).get((name, member), "")) for member in self._members(spec)]
        if not all(why for _, why in reasons):
            return None
        return _Dead(depth, spec, tuple(PassedMember(member=member, why=why) for member, why in reasons))

    def _why_not(self, trial: Mapping[str, str], name: str) -> str:
        """Return why the member that was chosen last of an alias will not do, or nothing."""
        if why := (self.barred or {}).get((name, trial[name])):
            return why
        expansion = self._expanded(trial)
        lost = [spec for spec in expansion.undecided if _name(spec) in self.given_up and name in spec.aliases]
        if lost:
            return f"{lost[0].name} cannot be had"
        bare = [spec for spec in expansion.undefined if name in spec.aliases]
        if bare:
            return f"{bare[0].name} has no definition for this host"
        if self.is_spent:
            return ""
        why = self._solver_says(expansion, name)
        self.failures += bool(why)
        return why

    def _solver_says(self, expansion: Expansion, name: str) -> str:
        closure = self.solver.solve(expansion.specs)
        unmet = [each.text for each in closure.unmet if name in expansion.specs[each.spec].aliases]
        if unmet:
            return unmet[0]
        return _few([plain(problem.text) for problem in closure.problems if problem.text not in self.known])

    def _found(self, choices: Mapping[str, str], passed: Mapping[str, tuple[PassedMember, ...]]) -> _Found:
        expansion = self._expanded(choices)
        made = [self._made(name, choices[name], passed.get(name, ())) for name in choices]
        lost = list(self.given_up.values())
        problems = [alias_problem(spec, unmet_text(spec, choice.text)) for spec, choice in lost]
        return _Found(
            expansion=expansion,
            closure=self.solver.solve(expansion.specs),
            choices=(*made, *(choice for _, choice in lost)),
            problems=tuple(problems),
            is_spent=self.is_spent,
        )

    def _made(self, name: str, member: str, passed: tuple[PassedMember, ...]) -> Choice:
        members = self._members_of(name)
        later = members[members.index(member) + 1 :]
        return Choice(alias=name, member=member, passed_over=passed, not_needed=later)

    def _expanded(self, choices: Mapping[str, str]) -> Expansion:
        return expand(self.state.specs, self.state.aliases, self.host, choices)

    def _undecided(self, choices: Mapping[str, str]) -> list[Spec]:
        return [spec for spec in self._expanded(choices).undecided if _name(spec) not in self.given_up]

    def _members(self, spec: Spec) -> tuple[str, ...]:
        return self._members_of(_name(spec))

    def _members_of(self, name: str) -> tuple[str, ...]:
        alias = next(alias for alias in self.state.aliases if alias.name == name)
        definition = alias.definition_for(self.host)
        return definition.members if definition else ()


def _name(spec: Spec) -> str:
    """Return the name of the alias that a spec names."""
    return spec.name.removeprefix(MARK)


def _dead_text(end: _Dead) -> str:
    """Return why nothing can be had of an alias that is a member itself."""
    return f"none of its members can be had: {', '.join(f'{each.member} ({each.why})' for each in end.passed)}"


def _few(texts: Sequence[str]) -> str:
    """Return the first clauses of what the solver says: of a name with many builds it speaks of each."""
    clauses = [clause for text in texts for clause in text.split(SEPARATOR)]
    if len(clauses) > _MAX_CLAUSES + 1:
        clauses = [*clauses[:_MAX_CLAUSES], f"and {len(clauses) - _MAX_CLAUSES} more reasons"]
    return SEPARATOR.join(clauses)
