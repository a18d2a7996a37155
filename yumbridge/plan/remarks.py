"""What a plan has to say beside its changes: problems and notes, from the closure and what it met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from yumbridge.desired.expansion import chain_text
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState
from yumbridge.plan.closure import Closure, ProblemKind
from yumbridge.plan.document import Change, Note, NoteKind, Problem
from yumbridge.plan.wording import plain


def closure_problems(closure: Closure, specs: Sequence[Spec], *, degraded: bool) -> Iterator[Problem]:
    """Yield a problem per spec that nothing meets, and one per reason why the closure has no solution.

    While a repository is missing, a spec that nothing meets is no problem but a note: see `closure_notes`.
    """
    for unmet in () if degraded else closure.unmet:
        spec = specs[unmet.spec]
        yield Problem(kind=unmet.kind, spec=str(spec), origin=spec.origin, text=unmet_text(spec, unmet.text))
    for problem in closure.problems:
        blamed = specs[problem.spec] if problem.spec is not None else None
        yield Problem(
            kind=ProblemKind.UNSOLVABLE,
            spec=str(blamed) if blamed else "",
            origin=blamed.origin if blamed else "",
            text=plain(problem.text),
        )


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems in the order of a plan."""
    return tuple(sorted(problems, key=lambda problem: (problem.origin, problem.kind, problem.spec, problem.text)))


def in_order_of_notes(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return notes in the order of a plan."""
    return tuple(sorted(notes, key=lambda note: (note.kind, note.text, note.nevra)))


def unmet_text(spec: Spec, why: str) -> str:
    """Return why nothing meets a spec, behind the aliases that lead to it."""
    return f"{chain_text(spec)}: {why}" if spec.aliases else why


def closure_notes(closure: Closure, specs: Sequence[Spec], *, degraded: bool) -> Iterator[Note]:
    """Yield what is remarkable about how specs were met."""
    for number in closure.providers:
        for index in closure.met[number]:
            package = closure.packages[index]
            text = f"{specs[number].name} is provided by {package.name}"
            yield Note(kind=NoteKind.PROVIDED_BY, nevra=str(package.nevra), text=text)
    for passed in closure.passed_over:
        text = f"{specs[passed.spec].name}: {passed.nevra} was passed over: {plain(passed.text)}"
        yield Note(kind=NoteKind.NOT_NEWEST, nevra=passed.nevra, text=text)
    for missing in closure.missing_members:
        text = f"{specs[missing.spec].name}: no repository has its member {missing.name}"
        yield Note(kind=NoteKind.MISSING_MEMBER, text=text)
    for unmet in closure.unmet if degraded else ():
        text = f"{specs[unmet.spec].name}: {unmet.text}, while repositories are missing"
        yield Note(kind=NoteKind.DEGRADED, text=text)


def unsigned_notes(state: DesiredState, changes: Sequence[Change]) -> Iterator[Note]:
    """Yield a note per repository that packages come from without anybody checking their signatures."""
    unsigned = {repo.repo_id for repo in state.repositories if not repo.gpgcheck}
    for repo_id in sorted({change.repo_id for change in changes} & unsigned):
        text = f"packages of repository {repo_id} are not checked for signatures"
        yield Note(kind=NoteKind.UNSIGNED_REPOSITORY, text=text)
