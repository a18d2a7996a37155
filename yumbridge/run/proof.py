"""Proofs by the engine: that lines clash, and that an edit solves a problem. Their number is bounded.

How they are made: docs/adr/0030-solutions-are-proved-by-solving-again.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

import msgspec

from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import Opened
from yumbridge.plan.clash import Clash
from yumbridge.plan.closure import Closure, ProblemKind, Unsolvable
from yumbridge.plan.composition import Basis, Solution
from yumbridge.plan.document import Problem
from yumbridge.plan.edit import Edit, edited
from yumbridge.plan.minimum import fewest
from yumbridge.plan.remedy import is_pattern
from yumbridge.plan.wording import SEPARATOR
from yumbridge.run.request import PlanRequest, closure_request, open_request

MAX_SOLVES: Final = 24
"""How often a plan with problems is solved again at most, for whatever is told of them."""

# Of these, for the lines that clash.
_MAX_SEARCHES: Final = 12
_SOLVES_OF_A_PLAN: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A plan's problems: what was asked for, what it rests on, and what the engine made of it.

    `attempt` makes the whole plan of another state and returns its problems: two solves.
    """

    request: PlanRequest
    basis: Basis
    solution: Solution
    engine: EngineClient
    attempt: Callable[[DesiredState], tuple[Problem, ...]]

    @property
    def state(self) -> DesiredState:
        """The state that was solved: its aliases are expanded."""
        return self.basis.state

    @property
    def closure(self) -> Closure:
        """Its closure."""
        return self.solution.closure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Claim:
    """That an edit solves a problem. `numbers` are the specs that the problem is of.

    `is_clash`: they cannot be met together. `is_of_modules`: a module stream cannot be had. `allowed` are the problems
    that the whole plan may still have; None where it is enough that the closure has a solution in which they are met.
    """

    edit: Edit
    numbers: frozenset[int] = frozenset()
    is_clash: bool = False
    is_of_modules: bool = False
    allowed: frozenset[Problem] | None = None

    @property
    def can_be_joined(self) -> bool:
        """True when it can be proved together with others: what solves all solves each, as it asks for less."""
        return self.allowed is None and self.edit.is_of_lines


class Prover:
    """Asks the engine, as often as it may. `clashing` are the specs of all clashes that are known.

    `idle` are the specs of names that no repository has: whether they are listed makes no difference to any other.
    `is_spent`: something could not be tried any more.
    """

    def __init__(self, question: Question) -> None:
        self.clashing: frozenset[int] = frozenset()
        self.idle: frozenset[int] = frozenset()
        self.is_spent = False
        self._question = question
        self._left = MAX_SOLVES
        self._opened = open_request(question.request)
        self._lost_modules = sum(problem.kind is ProblemKind.MODULE for problem in question.basis.problems)
        self._lost_now = self._lost_modules
        self._unmet = frozenset(each.spec for each in question.closure.unmet)
        self._has_patterns = any(map(is_pattern, question.state.specs))
        self._of_one_name = _of_one_name(question.state.specs)
        # How many solves are spared for what comes later.
        self._reserved = 0

    def clashes(self) -> tuple[Clash, ...]:
        """Return the lines that clash in each problem of the closure; those of which none are found are left out."""
        self._reserved = MAX_SOLVES - _MAX_SEARCHES
        found = self._clashes_of(self._question.closure.problems)
        self._reserved = 0
        return found

    def _clashes_of(self, problems: Sequence[Unsolvable]) -> tuple[Clash, ...]:
        if not problems:
            return ()
        everything = set(range(len(self._question.state.specs))) - self._unmet
        suspects = {number for problem in problems for number in problem.suspects}
        alone = problems if suspects == everything else self._problems_of(suspects)
        confirmed = {_phrases(problem) for problem in alone}
        found: list[Clash] = []
        for position, problem in enumerate(problems):
            candidates = set(problem.suspects) - self.clashing
            is_sure = _phrases(problem) in confirmed and candidates == set(problem.suspects)
            if not candidates or not (is_sure or self._do_clash(candidates)):
                # Something has part in it that the solver does not name.
                candidates = everything - self.clashing
                if self.clashing and not self._do_clash(candidates):
                    # Whatever it is, the proofs of others have to do without it.
                    self.clashing |= set(problem.suspects)
                    continue
            tries = (self._left - self._reserved) // (len(problems) - position)
            found.append(self._least(problem, candidates, tries))
            self.clashing |= set(found[-1].numbers)
        return tuple(found)

    def proved(self, claims: Sequence[Claim], *, are_last: bool) -> list[Claim]:
        """Return those of some claims, each of another problem, that are true; what could not be tried is not.

        Unless they `are_last`, half of the solves that are left are spared for claims that come later.
        """
        self._reserved = 0 if are_last else self._left // 2
        true = [claim for claim in self._true_ones(claims) if self._holds_among_all(claim)]
        self._reserved = 0
        return true

    def _true_ones(self, claims: Sequence[Claim]) -> list[Claim]:
        apart = [claim for claim in claims if self._has_patterns or not claim.can_be_joined]
        true = self._proved_together([claim for claim in claims if claim not in apart])
        return true + [claim for claim in apart if self._is_true(claim)]

    def restore(self) -> None:
        """Leave the engine with the repositories that were opened first."""
        self._open(self._question.state)

    def _least(self, problem: Unsolvable, candidates: Iterable[int], tries: int) -> Clash:
        asked = 0

        def suffices(some: Sequence[int]) -> bool:
            nonlocal asked
            asked += 1
            return self._do_clash(some)

        numbers = fewest(sorted(candidates), suffices, tries)
        # Whom the solver names first is told first.
        first = problem.spec
        return Clash(
            problem,
            tuple(sorted(numbers, key=lambda number: (number != first, number))),
            is_least=len(numbers) == 1 or asked < tries,
        )

    def _do_clash(self, numbers: Collection[int]) -> bool:
        return bool(self._problems_of(numbers))

    def _problems_of(self, numbers: Collection[int]) -> tuple[Unsolvable, ...]:
        """Return what is impossible when nothing but some specs is asked for; nothing when no solve is left."""
        left_out = set(range(len(self._question.state.specs))) - set(numbers)
        if not self._spend():
            return ()
        return self._solved(edited(self._question.state, (), left_out).state).problems

    def _proved_together(self, claims: Sequence[Claim]) -> list[Claim]:
        """Prove many claims with few solves: all at once, then half by half."""
        verdict = self._verdict(claims) if claims else []
        if verdict is not None:
            return verdict
        if len(claims) == 1:
            return []
        middle = len(claims) // 2
        return self._proved_together(claims[:middle]) + self._proved_together(claims[middle:])

    def _is_true(self, claim: Claim) -> bool:
        if claim.allowed is None:
            return bool(self._verdict([claim]))
        if not self._spend(_SOLVES_OF_A_PLAN):
            return False
        state = edited(self._question.state, [claim.edit]).state
        self._open(state)
        return claim.allowed.issuperset(self._question.attempt(state))

    def _holds_among_all(self, claim: Claim) -> bool:
        """Tell whether the lines of a claim are in no new clash with those of other clashes, which a proof leaves out.

        What only takes lines away makes none.
        """
        if claim.allowed is not None or claim.edit.is_removal or self.clashing <= claim.numbers:
            return True
        if not self._spend():
            return False
        trial = edited(self._question.state, [claim.edit])
        self._open(trial.state)
        clashes = [{trial.numbers[spec] for spec in each.suspects} for each in self._solved(trial.state).problems]
        return not any(clash >= claim.numbers if claim.is_clash else clash & claim.numbers for clash in clashes)

    def _verdict(self, claims: Sequence[Claim]) -> list[Claim] | None:
        """Return which of some edits, made together, let their specs be met; None when it cannot be told of each.

        What clashes beside them is left out, and what is met by nothing asks for nothing.
        """
        if not self._question.closure.problems and all(map(self._changes_nothing_else, claims)):
            # What was solved is what is left.
            return list(claims)
        if not self._spend():
            return None
        beside = self.clashing.difference(*(claim.numbers for claim in claims if claim.is_clash))
        trial = edited(self._question.state, [claim.edit for claim in claims], beside)
        lost = self._open(trial.state)
        closure = self._solved(trial.state)
        if closure.problems or lost > self._lost_modules - any(claim.is_of_modules for claim in claims):
            return None
        unmet = frozenset(trial.numbers[each.spec] for each in closure.unmet)
        if not unmet <= self._unmet.union(*(claim.numbers for claim in claims)):
            return None
        return [claim for claim in claims if not unmet & claim.numbers]

    def _changes_nothing_else(self, claim: Claim) -> bool:
        """Tell whether an edit removes only lines that nothing meets and that no other line is read together with."""
        if not claim.edit.is_removal or claim.is_clash or not self._of_one_name.isdisjoint(claim.edit.specs):
            return False
        return not self._has_patterns or self.idle.issuperset(claim.edit.specs)

    def _solved(self, state: DesiredState) -> Closure:
        request = msgspec.structs.replace(closure_request(state), reasons=False)
        return self._question.engine.ask(request, Closure)

    def _open(self, state: DesiredState) -> int:
        """Load what a state needs, unless that is loaded, and return how many module streams cannot be had then."""
        wanted = open_request(replace(self._question.request, state=state))
        if wanted != self._opened:
            self._opened = wanted
            self._lost_now = len(self._question.engine.ask(wanted, Opened).module_problems)
        return self._lost_now

    def _spend(self, solves: int = 1) -> bool:
        if self._left - self._reserved < solves:
            self.is_spent = True
            return False
        self._left -= solves
        return True


def _of_one_name(specs: Sequence[Spec]) -> frozenset[int]:
    """Return the numbers of specs that another one names the same package as, or perhaps does with a `name.arch`."""
    names = [{spec.name, spec.name.rpartition(".")[0] or spec.name} for spec in specs]
    counts = Counter(chain.from_iterable(names))
    return frozenset(number for number, some in enumerate(names) if any(counts[name] > 1 for name in some))


def _phrases(problem: Unsolvable) -> frozenset[str]:
    """Return what the solver says of a problem, apart from the order in which it does."""
    return frozenset(problem.text.split(SEPARATOR))
