"""What would solve the problems of a plan: the lines that clash, and edits that are proved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from yumbridge.engine.protocol import ReadOffers
from yumbridge.plan.clash import clash_problem
from yumbridge.plan.closure import ProblemKind, Unmet
from yumbridge.plan.document import Kept, Note, NoteKind, Plan, Problem, identified
from yumbridge.plan.edit import Edit
from yumbridge.plan.offer import Offers
from yumbridge.plan.remarks import closure_problems, in_order, in_order_of_notes
from yumbridge.plan.remedy import (
    Written,
    clash_edits,
    is_pattern,
    kept_edits,
    line_edits,
    module_edits,
    unmet_edits,
    version_edits,
)
from yumbridge.plan.wording import mentioned, nevras, plain
from yumbridge.rpm.nevra import NEVRA
from yumbridge.run.host import protected_names
from yumbridge.run.proof import MAX_SOLVES, Claim, Prover, Question

_MAX_TOLD: Final = 4
_SPENT: Final = f"not every edit that may help was tried: {MAX_SOLVES} solves are the most for a plan"


@dataclass(slots=True, kw_only=True)
class _Case:
    """A problem, or several that one edit may solve, and the edits to try. `told` are those that are proved.

    `numbers` has the spec that each of the problems is of, None for no single one. `whole`: the whole plan is made
    again for a proof. The other fields are those of a claim.
    """

    problems: tuple[Problem, ...]
    edits: tuple[Edit, ...]
    numbers: tuple[int | None, ...] = (None,)
    claimed: frozenset[int] = frozenset()
    is_clash: bool = False
    is_of_modules: bool = False
    whole: bool = False
    told: list[Edit] = field(default_factory=list)

    def is_open_to(self, edit: Edit) -> bool:
        """Tell whether an edit would still be told, were it proved."""
        return len(self.told) < _MAX_TOLD * len(self.problems) and not (edit.is_wide and self.told)

    def solutions(self) -> Iterator[tuple[Problem, tuple[str, ...]]]:
        """Yield the solutions of each problem: what edits its own line, where the problems are of one line each."""
        for problem, number in zip(self.problems, self.numbers, strict=True):
            own = [e.words for e in self.told if len(self.problems) == 1 or not e.specs or number in e.specs]
            yield problem, tuple(own[:_MAX_TOLD])


def remedied(plan: Plan, question: Question) -> Plan:
    """Return a plan whose problems tell the lines that clash, and edits that solve them.

    Raises RepositoryError, EngineError.
    """
    prover = Prover(question)
    clashes = prover.clashes()
    written = Written(
        state=question.state,
        aliases=question.request.state.aliases,
        offers=_offers(plan, question),
        given=protected_names(question.request.facts.root),
    )
    specs = question.state.specs
    prover.idle = frozenset(each.spec for each in question.closure.unmet if written.is_nowhere(specs[each.spec]))
    unmet, unsolvable = _problems_of_closure(question)
    told = {problem: problem for problem in plan.problems}
    cases = list(_unmet_cases(unmet, written))
    for clash in clashes:
        problem = unsolvable[clash.problem.text]
        told[problem] = clash_problem(problem, clash, question.state.specs)
        cases.append(
            _Case(
                problems=(problem,),
                edits=clash_edits(clash, written),
                claimed=frozenset(clash.numbers),
                is_clash=True,
            )
        )
    cases += _other_cases(plan, question, written)
    _prove(cases, plan, prover)
    prover.restore()
    for case in cases:
        for problem, solutions in case.solutions():
            told[problem] = msgspec.structs.replace(told[problem], solutions=solutions)
    notes = plan.notes
    if prover.is_spent and not all(problem.solutions for problem in told.values()):
        notes = in_order_of_notes((*notes, Note(kind=NoteKind.UNTRIED, text=_SPENT)))
    problems = in_order(told[problem] for problem in plan.problems)
    return identified(msgspec.structs.replace(plan, problems=problems, notes=notes))


def _problems_of_closure(question: Question) -> tuple[list[tuple[Unmet, Problem]], dict[str, Problem]]:
    """Return the specs that nothing meets with their problems, and the others by the solver's words."""
    closure = question.closure
    problems = tuple(closure_problems(closure, question.state.specs, degraded=False))
    unmet = list(zip(closure.unmet, problems, strict=False))
    rest = zip(closure.problems, problems[len(closure.unmet) :], strict=True)
    return unmet, {each.text: problem for each, problem in rest}


def _offers(plan: Plan, question: Question) -> Offers:
    """Return what there is of what is not met."""
    specs = question.state.specs
    names = {specs[each.spec].name for each in question.closure.unmet if not is_pattern(specs[each.spec])}
    for problem in question.closure.problems:
        names |= mentioned(problem.text)
    modules = {problem.spec.partition(":")[0] for problem in plan.problems if problem.kind is ProblemKind.MODULE}
    if not names and not modules:
        return Offers()
    return question.engine.ask(ReadOffers(names=tuple(sorted(names)), modules=tuple(sorted(modules))), Offers)


def _unmet_cases(unmet: Sequence[tuple[Unmet, Problem]], written: Written) -> Iterator[_Case]:
    """Yield a case per spec that nothing meets; those that contradict each other are one."""
    groups: defaultdict[object, list[tuple[Unmet, Problem]]] = defaultdict(list)
    for each, problem in unmet:
        of_several = each.kind is ProblemKind.CONFLICTING_VERSIONS
        groups[each.text if of_several else each.spec].append((each, problem))
    for group in groups.values():
        specs = [each for each, _ in group]
        yield _Case(
            problems=tuple(problem for _, problem in group),
            edits=unmet_edits(specs, written),
            numbers=tuple(each.spec for each in specs),
            claimed=frozenset(each.spec for each in specs),
        )


def _other_cases(plan: Plan, question: Question, written: Written) -> Iterator[_Case]:
    """Yield the cases of modules, of aliases, and of what is installed."""
    streams = {str(stream): number for number, stream in enumerate(question.state.modules)}
    lines = {spec.origin: spec for spec in question.request.state.specs}
    raw = (
        {plain(text): text for text in question.solution.transaction.problems} if question.solution.transaction else {}
    )
    for problem in plan.problems:
        if problem.kind is ProblemKind.MODULE:
            edits = module_edits(streams[problem.spec], written)
            yield _Case(problems=(problem,), edits=edits, is_of_modules=True)
        elif problem.kind is ProblemKind.ALIAS:
            yield _Case(problems=(problem,), edits=line_edits(lines[problem.origin], written))
        elif problem.kind is ProblemKind.KEPT_CONFLICT:
            culprits = _culprits(problem, raw.get(problem.text, ""), question)
            kept = question.solution.reconciliation.kept.values()
            yield _Case(problems=(problem,), edits=kept_edits(culprits, kept, written), whole=True)
        elif problem.kind is ProblemKind.CONFLICTING_VERSIONS and not problem.origin:
            yield _Case(problems=(problem,), edits=version_edits(problem.spec, written), whole=True)


def _culprits(problem: Problem, words: str, question: Question) -> dict[NEVRA, Kept]:
    """Return the kept packages that the solver's words, or the problem itself, are about."""
    named = nevras(words)
    kept = question.solution.reconciliation.kept
    return {nevra: kept[nevra] for nevra in kept if str(nevra) in named or nevra.name == problem.spec}


def _prove(cases: Sequence[_Case], plan: Plan, prover: Prover) -> None:
    """Have the edits of all cases proved, the best of each first, until enough can be told."""
    ranks = max((len(case.edits) for case in cases), default=0)
    for rank in range(ranks):
        claims = {
            Claim(
                edit=case.edits[rank],
                numbers=case.claimed,
                is_clash=case.is_clash,
                is_of_modules=case.is_of_modules,
                allowed=frozenset(plan.problems).difference(case.problems) if case.whole else None,
            ): case
            for case in sorted(cases, key=lambda case: bool(case.told))
            if rank < len(case.edits) and case.is_open_to(case.edits[rank])
        }
        for claim in prover.proved(tuple(claims), are_last=rank == ranks - 1):
            claims[claim].told.append(claim.edit)
