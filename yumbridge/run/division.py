"""Divide a transaction on the engine: what may happen now while holds keep packages, and what waits, with a proof.

One solve with the held packages pinned gives almost all that may happen; every change that it left out is proved to
wait (plan/deferral.py) or is tried; then the exact transaction of the part is solved like any other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import msgspec

from yumbridge.desired.hold import Hold
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import ReadRelations, SolveExact, SolvePart
from yumbridge.errors import PlanMismatchError
from yumbridge.plan.composition import Basis, Now, Solution, surroundings_of
from yumbridge.plan.deferral import Division, Ground, Proof, Relations, differ, own_successors
from yumbridge.plan.held import Holding, Whole, holding, whole_of
from yumbridge.plan.transaction import Part, Transaction
from yumbridge.rpm.package import InstalledPackage, Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is divided: a transaction, the request that it answers, what is installed, and what holds keep back."""

    whole: Whole
    exact: SolveExact
    installed: tuple[InstalledPackage, ...]
    holding: Holding


def divide(question: Question, engine: EngineClient) -> Division:
    """Return the largest part of a transaction that goes now, and why the rest waits.

    No change that waits could be added to the part: each is proved to depend on a held package, or was tried. Raises
    EngineError; PlanMismatchError when the engine answers something else than was asked.
    """
    part = _largest(question, engine)
    proof = _proof(question, part, engine)
    while nevra := _next_unproved(question.whole, proof, part):
        more = _with(nevra, part, Attempts(question, proof, engine))
        if more.problems:
            # What needs it is proved to wait by that.
            proof.refuse(nevra, more.problems)
        else:
            part = more
    return Division(coming=frozenset(part.incoming), going=frozenset(part.outgoing), proof=proof, whole=question.whole)


def _next_unproved(whole: Whole, proof: Proof, part: Part) -> str | None:
    """Return a change that is neither in the part nor proved to wait: one that needs as few others of these as any."""
    unproved = {*whole.install, *whole.erase} - proof.steps.keys() - {*part.incoming, *part.outgoing}
    return min(unproved, key=lambda nevra: (proof.needs(nevra, unproved), nevra), default=None)


def divided(basis: Basis, solution: Solution, exact: SolveExact, engine: EngineClient) -> tuple[Solution, SolveExact]:
    """Return `solution` with what happens now, if holds keep anything back, and the request for that.

    `exact` is the request that the transaction of `solution` answers, without the removals that were refused.
    """
    transaction = solution.transaction
    if transaction is None or transaction.problems or not basis.closed_holds:
        return solution, exact
    whole = whole_of(transaction, exact.erase, surroundings_of(basis, solution))
    installed = basis.installed.packages
    kept_back = holding(basis.closed_holds, whole, installed)
    if kept_back.is_empty:
        return replace(solution, hold_notes=kept_back.notes), exact
    question = Question(whole=whole, exact=exact, installed=installed, holding=kept_back)
    division = divide(question, engine)
    now = exact_now(question, division)
    answer = engine.ask(now, Transaction)
    # Another hold, or what it needs, may keep a package that an advisory has freed.
    notes = tuple(note for note in kept_back.notes if note.nevra in division.coming)
    return replace(solution, now=Now(answer, division), hold_notes=notes), now


def keeps_something(hold: Hold, basis: Basis, solution: Solution) -> bool:
    """Tell whether a hold, were it in force, would keep back anything that happens now."""
    if solution.transaction is None or solution.transaction.problems:
        return False
    whole = whole_of(solution.transaction, solution.transaction.outgoing, surroundings_of(basis, solution))
    return not holding((hold,), whole, basis.installed.packages).is_empty


def exact_now(question: Question, division: Division) -> SolveExact:
    """Return the request for the exact transaction of what happens now: all else stays."""
    exact, whole = question.exact, question.whole
    waiting = {*whole.replaced, *whole.erase} - division.going
    return SolveExact(
        install=tuple(wanted for wanted in exact.install if wanted.nevra in division.coming),
        erase=tuple(nevra for nevra in exact.erase if nevra in division.going),
        keep=tuple(sorted({*exact.keep, *waiting})),
    )


def _largest(question: Question, engine: EngineClient) -> Part:
    """Return the solver's part, without what would tear a name over its arches, or strand one: it does not look."""
    barred, staying = set(question.holding.barred), set(question.holding.staying)
    while True:
        part = _asked(question, _request(question, barred, staying, most=True), engine)
        if part.problems:
            raise PlanMismatchError("the held packages cannot stay; nothing was done", part.problems)
        torn, stranded = _torn(question, part), _stranded(question, part)
        if not (torn or stranded):
            return part
        barred |= torn
        staying |= stranded


def _proof(question: Question, part: Part, engine: EngineClient) -> Proof:
    whole = question.whole
    relations = engine.ask(
        ReadRelations(
            install=question.exact.install,
            coming=tuple(sorted(whole.install.keys() - set(part.incoming))),
            keep=tuple(sorted({*whole.replaced, *whole.erase} - set(part.outgoing))),
        ),
        Relations,
    )
    return Proof(whole, question.holding, Ground(whole, question.installed, relations))


@dataclass(frozen=True, slots=True)
class Attempts:
    """What it takes to try a change that no proof forbids."""

    question: Question
    proof: Proof
    engine: EngineClient


def _with(nevra: str, part: Part, attempts: Attempts) -> Part:
    """Return `part` with one more change and whatever that needs, or the problems why there is none such."""
    question = attempts.question
    whole = question.whole
    barred = {each for each in attempts.proof.steps if each in whole.install}
    leaving = (set(part.outgoing) & set(whole.erase)) | ({nevra} & set(whole.erase))
    coming = set(part.incoming) | _of_its_name(whole, nevra)
    while True:
        if coming & barred:
            return _no_part(f"{nevra} does not go without another build, which waits")
        request = _request(question, barred, question.holding.staying, most=False)
        request = msgspec.structs.replace(
            request, must_install=tuple(sorted(coming)), must_erase=tuple(sorted(leaving))
        )
        found = _asked(question, request, attempts.engine)
        torn, stranded = _torn(question, found), _stranded(question, found)
        if found.problems or not (torn or stranded):
            return found
        needed = coming.union(*(_of_its_name(whole, each) for each in torn))
        needed = needed.union(*(own_successors(whole, each) for each in stranded))
        if needed == coming:
            return _no_part(f"{nevra} would leave the builds of a name torn apart")
        coming = needed


def _of_its_name(whole: Whole, nevra: str) -> set[str]:
    """Return a comer with all its other arches, nothing for an installed package."""
    comer = whole.install.get(nevra)
    if comer is None:
        return set()
    same = {each for each, package in whole.install.items() if package.name == comer.name and not package.installonly}
    return same | {nevra}


def _no_part(why: str) -> Part:
    return Part(incoming=(), outgoing=(), problems=(why,))


def _request(question: Question, barred: Collection[str], staying: Iterable[str], *, most: bool) -> SolvePart:
    exact, whole = question.exact, question.whole
    return SolvePart(
        install=tuple(wanted for wanted in exact.install if wanted.nevra not in barred),
        erase=whole.erase,
        keep=tuple(sorted({*exact.keep, *staying})),
        replaced=tuple(whole.replaced.items()),
        most=most,
    )


def _asked(question: Question, request: SolvePart, engine: EngineClient) -> Part:
    """Return the engine's part, which has nothing that was not asked for. Raises PlanMismatchError."""
    part, whole = engine.ask(request, Part), question.whole
    foreign = {*part.incoming} - {wanted.nevra for wanted in request.install}
    foreign |= {*part.outgoing} - {*whole.replaced, *whole.erase} | ({*part.outgoing} & {*request.keep})
    if foreign:
        raise PlanMismatchError("a part has changes that the plan has not; nothing was done", sorted(foreign))
    return part


def _stranded(question: Question, part: Part) -> set[str]:
    """Return the installed packages that something takes away though their own next builds wait.

    They would be gone until these come.
    """
    coming = set(part.incoming)
    return {
        old for old in part.outgoing if (own := own_successors(question.whole, old)) and not coming.intersection(own)
    }


def _torn(question: Question, part: Part) -> set[str]:
    """Return the comers whose name would be of different builds on different arches."""
    coming: defaultdict[str, list[Package]] = defaultdict(list)
    for nevra in part.incoming:
        package = question.whole.install[nevra]
        coming[package.name].append(package)
    gone = set(part.outgoing)
    return {
        str(new.nevra)
        for old in question.installed
        if old.name in coming and not old.installonly and str(old.nevra) not in gone
        for new in coming[old.name]
        if differ(old, new)
    }
