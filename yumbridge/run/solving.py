"""The closures of several requests, solved from empty by one engine."""

from __future__ import annotations

from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import Open, Opened
from yumbridge.plan.choice import Solved
from yumbridge.plan.remarks import closure_problems, in_order
from yumbridge.plan.sameness import multilib_problems
from yumbridge.plan.transaction import Surroundings
from yumbridge.run.alternatives import resolve
from yumbridge.run.basis import module_problems, opening_notes
from yumbridge.run.request import PlanRequest, open_request


class Solver:
    """Solves one request after the other; repositories are loaded only when they are not those of the last one.

    `reasons`: closures say which package brings which.
    """

    def __init__(self, engine: EngineClient, *, reasons: bool) -> None:
        self.engine = engine
        self._reasons = reasons
        self._asked: Open | None = None
        self._opened: Opened | None = None

    def solve(self, request: PlanRequest) -> Solved:
        """Return what a request comes to, and all that is impossible in it. Raises RepositoryError, EngineError."""
        asked = open_request(request)
        if self._opened is None or asked != self._asked:
            # What fails half way leaves nothing behind that the next one could take for its own.
            self._opened = None
            self._opened = self.engine.ask(asked, Opened)
            self._asked = asked
        found = resolve(request, self._opened, self.engine, reasons=self._reasons)
        around = Surroundings(closure=found.closure.packages, installed=(), staying=frozenset())
        problems = (
            *module_problems(found.state, self._opened),
            *found.problems,
            *closure_problems(found.closure, found.state.specs, degraded=False),
            *multilib_problems(around),
        )
        return Solved(
            resolution=found,
            problems=in_order(problems),
            notes=opening_notes(found.state, self._opened),
        )
