"""The closure of a desired state whose specs may name aliases: choose among their members by solving.

The first combination of members that solves is taken, where the first member of the first alias counts most. Source of
the rules: docs/concepts.md, "Aliases".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from yumbridge.desired.alias import MARK, AliasHost
from yumbridge.desired.expansion import Expansion, chain_text, expand, names_within
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import GroupsAnswer, Opened, ReadGroups
from yumbridge.plan.choice import Choice, PassedMember, Resolution, alias_problem, choice_note, shadow_note
from yumbridge.plan.closure import Closure
from yumbridge.plan.document import Problem
from yumbridge.plan.wording import SEPARATOR, plain
from yumbridge.run.request import PlanRequest, closure_request

# Each is a solve of the whole closure: seconds at most.
MAX_TRIES: Final = 100
_MAX_CLAUSES: Final = 3
_TOO_MANY: Final = f"not tried: {MAX_TRIES} combinations of aliases are enough"


def resolve(request: PlanRequest, opened: Opened, engine: EngineClient, *, reasons: bool = True) -> Resolution:
    """Return the closure of what was asked for, on the repositories that were opened for that.

    While a repository is missing, the first member is taken of each alias: that others can be found says nothing.
    Raises RepositoryError, EngineError.
    """
    solver = _Solver(request.state, engine, reasons=reasons)
    if not request.state.names_aliases:
        return Resolution(state=request.state, closure=solver.solve(request.state.specs))
    host = AliasHost(os_major=request.facts.os_major, arch=opened.arch, basearch=opened.basearch)
    search = _Search(request.state, host, solver)
    found = search.first_of_each() if opened.unavailable else search.best()
    used = sorted({name for spec in found.expansion.specs for name in spec.aliases})
    shadowed = engine.ask(ReadGroups(names=tuple(used)), GroupsAnswer).names
    made = [choice for choice in found.choices if choice.member is not None]
    lost = [choice.alias for choice in found.choices if choice.member is None]
    lost += [spec.name.removeprefix(MARK) for spec in found.expansion.undefined]
    return Resolution(
        state=msgspec.structs.replace(request.state, specs=found.expansion.specs, aliases=()),
        closure=found.closure,
        choices=found.choices,
        problems=(*found.problems, *(_undefined_problem(spec, host) for spec in found.expansion.undefined)),
        notes=(*map(choice_note, made), *map(shadow_note, shadowed)),
        undecided=names_within(lost, request.state.aliases),
    )


def _undefined_problem(spec: Spec, host: AliasHost) -> Problem:
    return alias_problem(spec, f"{chain_text(spec)}: no definition is for this host ({host})")


class _Solver:
    """Solves the same state with other specs; `tries` counts how often. The last answer is kept."""

    def __init__(self, state: DesiredState, engine: EngineClient, *, reasons: bool) -> None:
        self._request = msgspec.structs.replace(closure_request(state), reasons=reasons)
        self._engine = engine
        self._last: tuple[tuple[Spec, ...], Closure] | None = None
        self.tries = 0

    def solve(self, specs: tuple[Spec, ...]) -> Closure:
        if self._last is None or self._last[0] != specs:
            self.tries += 1
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


@dataclass(frozen=True, slots=True)
class _Dead:
    """The furthest that a search came: the alias of which no member would do, and why not each."""

    depth: int
    spec: Spec
    passed: tuple[PassedMember, ...]


@dataclass(slots=True)
class _Search:
    """One search. `given_up` has the aliases of which nothing can be had, with why.

    `is_lenient`: that the rest has no solution anyway is no reason to pass a member over.
    """

    state: DesiredState
    host: AliasHost
    solver: _Solver
    given_up: dict[str, tuple[Spec, Choice]] = field(default_factory=dict)
    is_lenient: bool = False

    def first_of_each(self) -> _Found:
        """Take the first member of each alias that there is."""
        choices: dict[str, str] = {}
        while left := self._undecided(choices):
            choices[_name(left[0])] = self._members(left[0])[0]
        return self._found(choices, {})

    def best(self) -> _Found:
        """Take the first combination that solves; an alias of which nothing can be had is left out, and told."""
        while isinstance(end := self._extended({}, {}), _Dead):
            is_first = not (self.is_lenient or self.given_up)
            if is_first and self.solver.solve(self._expanded({}).specs).problems:
                self.is_lenient = True
            else:
                choice = Choice(alias=_name(end.spec), member=None, passed_over=end.passed)
                self.given_up[choice.alias] = (end.spec, choice)
        return end

    def _extended(self, choices: Mapping[str, str], passed: Mapping[str, tuple[PassedMember, ...]]) -> _Found | _Dead:
        """Return the first combination that begins with `choices` and solves, or how far such ones come."""
        left = self._undecided(choices)
        if not left:
            return self._found(choices, passed)
        spec = left[0]
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
        return furthest or _Dead(len(choices), spec, tuple(over))

    def _why_not(self, trial: Mapping[str, str], name: str) -> str:
        """Return why the member that was chosen last of an alias will not do, or nothing."""
        expansion = self._expanded(trial)
        bare = [spec for spec in expansion.undefined if name in spec.aliases]
        if bare:
            return f"{bare[0].name} has no definition for this host"
        if self.solver.tries >= MAX_TRIES:
            return _TOO_MANY
        closure = self.solver.solve(expansion.specs)
        unmet = [each.text for each in closure.unmet if name in expansion.specs[each.spec].aliases]
        if unmet:
            return unmet[0]
        return "" if self.is_lenient else _few([plain(problem.text) for problem in closure.problems])

    def _found(self, choices: Mapping[str, str], passed: Mapping[str, tuple[PassedMember, ...]]) -> _Found:
        expansion = self._expanded(choices)
        made = [self._made(name, choices[name], passed.get(name, ())) for name in choices]
        lost = list(self.given_up.values())
        return _Found(
            expansion=expansion,
            closure=self.solver.solve(expansion.specs),
            choices=(*made, *(choice for _, choice in lost)),
            problems=tuple(alias_problem(spec, _with_chain(spec, choice)) for spec, choice in lost),
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
        return definition.any_of if definition else ()


def _name(spec: Spec) -> str:
    """Return the name of the alias that a spec names."""
    return spec.name[1:]


def _dead_text(end: _Dead) -> str:
    """Return why nothing can be had of an alias that is a member itself."""
    return f"none of its members can be had: {', '.join(f'{each.member} ({each.why})' for each in end.passed)}"


def _few(texts: Sequence[str]) -> str:
    """Return the first clauses of what the solver says: of a name with many builds it speaks of each."""
    clauses = [clause for text in texts for clause in text.split(SEPARATOR)]
    if len(clauses) > _MAX_CLAUSES + 1:
        clauses = [*clauses[:_MAX_CLAUSES], f"and {len(clauses) - _MAX_CLAUSES} more reasons"]
    return SEPARATOR.join(clauses)


def _with_chain(spec: Spec, choice: Choice) -> str:
    return f"{chain_text(spec)}: {choice.text}" if spec.aliases else choice.text
