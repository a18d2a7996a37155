"""What a plan is asked for, and the requests to the engine that follow from it alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from yumbridge.desired.hold import Hold
from yumbridge.desired.repository import Repository
from yumbridge.desired.state import DesiredState
from yumbridge.engine.protocol import Open, SolveClosure, repository_options
from yumbridge.plan.document import ProfileRef
from yumbridge.plan.held import closed_holds
from yumbridge.run.host import HostFacts
from yumbridge.run.state import cache_folder

if TYPE_CHECKING:
    from yumbridge.condition.evaluation import Facts

_CLOSURE_PERSISTDIR: Final = "persist"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What a plan is asked for.

    `moment` is when, as far as the conditions of holds are concerned; without it every hold is in force. `offered` are
    repositories that the packages come from in place of those of `state`, `cachedir` the engine's cache in place of the
    usual one. `snapshot_id` is that of the snapshot whose repositories `state` has, if they are, `snapshot` its name.
    """

    state: DesiredState
    profile: ProfileRef
    facts: HostFacts
    moment: Facts | None = None
    offered: tuple[Repository, ...] | None = None
    cachedir: Path | None = None
    snapshot_id: str | None = None
    snapshot: str = ""

    @property
    def closed_holds(self) -> tuple[Hold, ...]:
        """The holds that are in force."""
        return closed_holds(self.state.policy.holds, self.moment)


def nothing_wanted(facts: HostFacts) -> PlanRequest:
    """Return the request for nothing, of no repository: by it the engine tells of a host."""
    state = DesiredState(specs=(), repositories=())
    return PlanRequest(state=state, profile=ProfileRef(source="", digest=""), facts=facts)


def closure_request(state: DesiredState) -> SolveClosure:
    """Return the request that solves the closure of a desired state, with its reasons."""
    return SolveClosure(
        specs=state.specs,
        require_best=state.policy.require_best,
        weak_deps=state.policy.weak_deps,
        obsoleters_meet_names=state.policy.obsoleters_meet_names,
        unwanted=state.policy.unwanted,
        reasons=True,
    )


def open_request(request: PlanRequest) -> Open:
    """Return the request that loads the repositories of a desired state."""
    state, facts = request.state, request.facts
    cachedir = request.cachedir or cache_folder(facts.root)
    return Open(
        root=str(facts.root),
        cachedir=str(cachedir),
        persistdir=str(cachedir / _CLOSURE_PERSISTDIR),
        arch=facts.arch,
        releasever=facts.releasever,
        module_platform_id=facts.platform_id,
        allow_vendor_change=state.policy.allow_vendor_change,
        excludes=state.policy.excludes,
        proxy=state.network.proxy,
        retries=state.network.retries,
        timeout_s=state.network.timeout_s,
        keepcache=state.network.keepcache,
        modules=state.modules,
        repositories=tuple(repository_options(repo) for repo in _offered(request) if repo.enabled),
    )


def _offered(request: PlanRequest) -> tuple[Repository, ...]:
    return request.state.repositories if request.offered is None else request.offered
