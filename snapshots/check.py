"""Does each profile solve on a snapshot, and what would become of a host that is at another one?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, Literal

import msgspec

from snapshots.errors import NoSnapshotError
from snapshots.repodata.index import IndexedRepository
from snapshots.repository import mirror_repositories, snapshot_repositories
from snapshots.storage.store import Store
from snapshots.transition import Hosts, Transition, transition
from snapshots.vendor import snapshot_vendors
from yumbridge.desired.repository import Repository
from yumbridge.engine.client import EngineClient
from yumbridge.plan.choice import Solved
from yumbridge.plan.closure import Closure
from yumbridge.plan.document import Problem, canonical
from yumbridge.plan.minimum import fewest
from yumbridge.plan.wording import plain
from yumbridge.rpm.package import Package
from yumbridge.run.request import PlanRequest, open_request
from yumbridge.run.solving import Solver

# Each try loads repositories again: seconds, when they are large.
_TRIES: Final = 24
# A colon is good in ids of dnf's and not in ours: no repository of the store is called so.
_BESIDE: Final = "beside:"


class Remedy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A package that the snapshot lacks. `advisories` are the sorted ids of those that bring it."""

    nevra: str
    repo_id: str
    advisories: tuple[str, ...] = ()


class ProfileCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a profile comes to on a snapshot. `profile` is where it was read."""

    profile: str
    solves: bool
    packages: int
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    add: tuple[Remedy, ...] = ()
    hold: tuple[Remedy, ...] = ()
    from_ref: Transition | None = None

    @property
    def is_good(self) -> bool:
        """True when hosts of the profile can go there, from empty and from where they are."""
        return self.solves and not (self.from_ref and self.from_ref.problems)


class SnapshotCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether profiles solve on a snapshot. `ref` and what it points to are empty when none was named.

    `hold_from` is the snapshot that has the builds to hold, empty when there is none to hold builds of.
    """

    document: Literal["yumbridge-snapshot-check"] = "yumbridge-snapshot-check"
    version: str = "1.0"
    snapshot: str
    id: str
    ref: str = ""
    ref_snapshot: str = ""
    ref_id: str = ""
    hold_from: str = ""
    profiles: tuple[ProfileCheck, ...]

    @property
    def is_good(self) -> bool:
        """True when it is for every profile."""
        return all(each.is_good for each in self.profiles)


class _Solver(Solver):
    """Solves profiles."""

    def solve_all(self, requests: Sequence[PlanRequest]) -> dict[int, Solved]:
        """Return each solved, by its number. Those with the same repositories are solved one after the other."""
        order = sorted(range(len(requests)), key=lambda number: canonical(open_request(requests[number])))
        solved: dict[int, Solved] = {}
        for number in order:
            self.engine.listener("profiles", len(solved), len(requests))
            solved[number] = self.solve(requests[number])
        return solved


def check(
    store: Store, name: str, profiles: Sequence[PlanRequest], engine: EngineClient, ref: str | None = None
) -> SnapshotCheck:
    """Check whether `profiles`, with the repositories that they state, solve on a snapshot, or ref, of the store.

    With `ref`, also what becomes of their hosts when they come from the snapshot, or ref, of that name. Raises
    NoSnapshotError, StoreError, RepositoryError, EngineError.
    """
    name = store.resolve(name)
    before = None if ref is None else store.resolve(ref)
    solver = _Solver(engine, reasons=False)
    here = [_on(request, snapshot_repositories(store, name, request.state.repositories)) for request in profiles]
    solved = solver.solve_all(here)
    there: dict[int, Solved] = {}
    if before is not None:
        requests = [_on(each, snapshot_repositories(store, before, each.state.repositories)) for each in profiles]
        there = solver.solve_all(requests)
    remedies = _Remedies(store, name, before or _base(store, name), solver)
    verdicts = []
    for number, request in enumerate(profiles):
        moved = None
        if before is not None:
            hosts = (_hosts(store, before, there[number]), _hosts(store, name, solved[number]))
            moved = _told(transition(*hosts, request.state.policy), hosts, (before, name))
        verdicts.append(_verdict(request, solved[number], moved, remedies))
    return SnapshotCheck(
        snapshot=name,
        id=store.manifest(name).id,
        ref=ref or "",
        ref_snapshot=before or "",
        ref_id=store.manifest(before).id if before else "",
        hold_from=remedies.before or "",
        profiles=tuple(verdicts),
    )


def _hosts(store: Store, name: str, solved: Solved) -> Hosts:
    """Return the hosts of a profile on a snapshot; where it has problems there can be none."""
    packages = () if solved.problems else solved.closure.packages
    return Hosts(packages, partial(snapshot_vendors, store, name))


def _told(moved: Transition, hosts: Sequence[Hosts], names: Sequence[str]) -> Transition:
    """Return `moved` with the snapshots on which there are no such hosts."""
    if moved.solves:
        return moved
    notes = (f"it does not solve on {name}" for side, name in zip(hosts, names, strict=True) if not side.packages)
    return msgspec.structs.replace(moved, notes=tuple(notes))


def _on(request: PlanRequest, repositories: tuple[Repository, ...]) -> PlanRequest:
    return replace(request, state=msgspec.structs.replace(request.state, repositories=repositories))


def _base(store: Store, name: str) -> str | None:
    """Return the snapshot that this one was cut from, if it is still there."""
    base = store.provenance(name).base
    try:
        return store.resolve(base) if base else None
    except NoSnapshotError:
        return None


def _verdict(request: PlanRequest, solved: Solved, moved: Transition | None, remedies: _Remedies) -> ProfileCheck:
    return ProfileCheck(
        profile=request.profile.source,
        solves=not solved.problems,
        packages=len(solved.closure.packages),
        problems=solved.problems,
        notes=(*remedies.notes(request), *_passed_over(solved.closure)),
        add=remedies.from_mirrors(request, solved) if solved.problems else (),
        hold=remedies.from_before(request, solved) if solved.problems else (),
        from_ref=moved,
    )


def _passed_over(closure: Closure) -> Iterator[str]:
    """Yield the newest builds of what is listed that an older one stands in for: hosts would stay behind."""
    for passed in closure.passed_over:
        yield f"{passed.nevra} is there but cannot be installed: {plain(passed.text)}"


class _Remedies:
    """Finds the packages that a snapshot lacks for a profile to solve on it."""

    def __init__(self, store: Store, name: str, before: str | None, solver: _Solver) -> None:
        self._store = store
        self._name = name
        self.before = before if before != name else None
        self._solver = solver
        manifest = store.manifest(name)
        self._repo_ids = [repository.repo_id for repository in manifest.repositories]
        self._held = {package.pkgid for repository in manifest.repositories for package in repository.packages}
        # The mirrors with packages that the snapshot lacks; found out once, when somebody asks.
        self._has_more: list[str] | None = None

    def notes(self, request: PlanRequest) -> Iterator[str]:
        """Yield what of a profile the snapshot has no part in."""
        for repository in request.state.repositories:
            if repository.enabled and repository.repo_id not in self._repo_ids:
                yield f"the profile's repository {repository.repo_id} is not in the snapshot"

    def from_mirrors(self, request: PlanRequest, solved: Solved) -> tuple[Remedy, ...]:
        """Return few packages of the mirrors, as they are now, with which a profile would have fewer problems."""
        if self._has_more is None:
            mirrored = [repo_id for repo_id in self._repo_ids if repo_id in self._store.mirrors()]
            self._has_more = [repo_id for repo_id in mirrored if self._lacks_of(self._store.mirrored(repo_id))]
        others = mirror_repositories(self._store, self._has_more, request.state.repositories)
        return self._beside(request, others, solved)

    def from_before(self, request: PlanRequest, solved: Solved) -> tuple[Remedy, ...]:
        """Return the same of the snapshot that hosts come from, or that this one was cut from."""
        if self.before is None:
            return ()
        stated = request.state.repositories
        return self._beside(request, snapshot_repositories(self._store, self.before, stated), solved)

    def _lacks_of(self, repository: IndexedRepository) -> bool:
        return any(package.pkgid not in self._held for package in repository.packages)

    def _beside(self, request: PlanRequest, others: tuple[Repository, ...], solved: Solved) -> tuple[Remedy, ...]:
        """Return few packages of `others` with which a profile has fewer problems, empty when none help."""
        if not others:
            return ()
        own = snapshot_repositories(self._store, self._name, request.state.repositories)
        wider = self._solver.solve(_with(request, own, others))
        if len(wider.problems) >= len(solved.problems):
            return ()
        lacking = [p for p in wider.closure.packages if p.checksum.rpartition(":")[2] not in self._held]

        def suffice(some: Sequence[Package]) -> bool:
            narrowed = tuple(_only(each, some) for each in others)
            return len(self._solver.solve(_with(request, own, narrowed)).problems) <= len(wider.problems)

        return tuple(map(self._remedy, fewest(lacking, suffice, _TRIES)))

    def _remedy(self, package: Package) -> Remedy:
        repo_id = package.repo_id.removeprefix(_BESIDE)
        nevra = str(package.nevra)
        advisories = self._store.mirrored(repo_id).index.advisories if repo_id in self._store.mirrors() else ()
        ids = {a.advisory_id for a in advisories if any(entry.text == nevra for entry in a.packages)}
        return Remedy(nevra=nevra, repo_id=repo_id, advisories=tuple(sorted(ids)))


def _with(request: PlanRequest, own: tuple[Repository, ...], others: tuple[Repository, ...]) -> PlanRequest:
    """Return `request` on repositories and others beside them, from which what is bound to one may come as well."""
    beside = tuple(msgspec.structs.replace(each, repo_id=f"{_BESIDE}{each.repo_id}") for each in others)
    specs = tuple(msgspec.structs.replace(spec, repo_id=None) for spec in request.state.specs)
    state = msgspec.structs.replace(request.state, specs=specs, repositories=(*own, *beside))
    return replace(request, state=state)


def _only(repository: Repository, packages: Sequence[Package]) -> Repository:
    """Return a repository with none but these packages."""
    nevras = [str(p.nevra) for p in packages if p.repo_id == f"{_BESIDE}{repository.repo_id}"]
    # An empty list would let all in.
    return msgspec.structs.replace(repository, includepkgs=tuple(nevras) or ("/",))
