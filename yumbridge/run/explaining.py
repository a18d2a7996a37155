"""Explain one package: from the plan, and where that knows nothing of it, by asking for it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from yumbridge.desired.spec import Spec
from yumbridge.engine.client import EngineClient
from yumbridge.errors import InvalidNEVRAError
from yumbridge.plan.closure import Closure, ProblemKind
from yumbridge.plan.document import Note, NoteKind, Problem
from yumbridge.plan.explanation import Explanation, Ground, explain
from yumbridge.plan.wording import SEPARATOR, plain
from yumbridge.rpm.nevra import NEVRA
from yumbridge.run.planning import Planned
from yumbridge.run.request import closure_request

ASKED = "the command line"
"""The origin of what somebody asks for that no profile lists."""


def explained(asked: str, planned: Planned, engine: EngineClient) -> Explanation:
    """Return why a package is there, comes, goes or waits; of any other one what would become of it if it was listed.

    The engine is the one that made the plan. Raises RepositoryError, EngineError.
    """
    ground = Ground(
        plan=planned.plan,
        closure=planned.closure,
        specs=planned.state.specs,
        installed=planned.basis.installed.packages,
        choices=planned.basis.choices,
    )
    found = explain(asked, ground)
    if planned.closure.problems and not found.blocked_by:
        # Nothing at all can be had while these stand.
        return msgspec.structs.replace(found, blocked_by=planned.plan.problems, other_problems=0)
    return found if found.planned or found.blocked_by else _asked_for(found, ground, planned, engine)


def _asked_for(found: Explanation, ground: Ground, planned: Planned, engine: EngineClient) -> Explanation:
    """Return `found` with what would become of the package if the profile listed it."""
    closure, numbers, problem = _tried(found.package, planned, engine)
    if problem is not None:
        return msgspec.structs.replace(found, blocked_by=(problem,))
    met = [str(closure.packages[number].nevra) for number in numbers]
    if not met:
        text = f"{found.package} has no member that would come for it: each is listed itself, or in no repository"
        return msgspec.structs.replace(found, notes=(*found.notes, Note(kind=NoteKind.MISSING_MEMBER, text=text)))
    present = {str(package.nevra) for package in ground.closure.packages}
    if present.issuperset(met):
        # Another name for what is planned anyway: a capability, or a file.
        return _of_providers(found, met, ground)
    coming = sorted(str(package.nevra) for package in closure.packages if str(package.nevra) not in present)
    return msgspec.structs.replace(found, if_listed=tuple(coming))


def _of_providers(found: Explanation, nevras: list[str], ground: Ground) -> Explanation:
    """Return the explanation of the packages that meet what was asked for."""
    each_of = [found, *(explain(nevra, ground) for nevra in nevras)]
    fields = {
        name: tuple(dict.fromkeys(entry for each in each_of for entry in getattr(each, name)))
        for name in ("installed", "planned", "chains", "changes", "held_by", "kept_by", "blocked_by", "notes")
    }
    return msgspec.structs.replace(found, **fields)


def _tried(asked: str, planned: Planned, engine: EngineClient) -> tuple[Closure, tuple[int, ...], Problem | None]:
    """Return the closure with the package in addition and what meets it there, or the problem why there is none."""
    specs = planned.state.specs
    request = msgspec.structs.replace(closure_request(planned.state), reasons=False)

    def solved(spec: Spec) -> tuple[Closure, Problem | None]:
        closure = engine.ask(msgspec.structs.replace(request, specs=(*specs, spec)), Closure)
        unmet = next((each for each in closure.unmet if each.spec == len(specs)), None)
        return closure, None if unmet is None else Problem(kind=unmet.kind, spec=asked, text=unmet.text)

    told: list[Problem] = []
    for spec in _readings(asked):
        closure, problem = solved(spec)
        if problem is None:
            return closure, closure.met[-1], _unsolvable(asked, closure)
        if spec.evr is not None and solved(Spec(name=spec.name, origin=ASKED))[1] is None:
            # There is such a name: what there is of it is the better answer.
            return closure, (), problem
        told.append(problem)
    return planned.closure, (), told[0]


def _unsolvable(asked: str, closure: Closure) -> Problem | None:
    if not closure.problems:
        return None
    text = SEPARATOR.join(plain(problem.text) for problem in closure.problems)
    return Problem(kind=ProblemKind.UNSOLVABLE, spec=asked, text=text)


def _readings(asked: str) -> Iterator[Spec]:
    """Yield what somebody may mean: a name, a NEVRA, a name with a version or with version and release."""
    yield Spec(name=asked, origin=ASKED)
    try:
        nevra = NEVRA.parse(asked)
    except InvalidNEVRAError:
        pass
    else:
        yield Spec(name=nevra.name, evr=str(nevra.evr), arch=nevra.arch, origin=ASKED)
    for dashes in (1, 2):
        name, *evr = asked.rsplit("-", dashes)
        # A version without any digit is a word of the name: each reading is a solve.
        if name and len(evr) == dashes and any(map(str.isdigit, evr[0])):
            yield Spec(name=name, evr="-".join(evr), origin=ASKED)
