"""Cutting: a recipe is applied to the mirrors and the base, and what it keeps is frozen as a snapshot.

What will be is planned first, which reads and writes nothing. Whoever carries a plan out holds the lock of the store
over both: planned and carried out are the same mirrors then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from snapshots.choice.closure import closed, unlisted_paths
from snapshots.choice.provider import is_binary
from snapshots.choice.recipe import Recipe, tree
from snapshots.choice.selection import Offer, Selection, select
from snapshots.content.manifest import Manifest, ManifestHead
from snapshots.content.name import suggestion
from snapshots.content.provenance import Addition, MirrorRecord, PartialAdvisory, Provenance
from snapshots.errors import IncompleteError, NoSnapshotError, RecipeError, SnapshotError
from snapshots.holding import Holding, holding_of
from snapshots.repodata.compose import Compression, Contents
from snapshots.repodata.dependencies import read_dependencies, read_owners
from snapshots.repodata.index import IndexedRepository
from snapshots.repodata.modules import joined, streams
from snapshots.storage.first_seen import first_seen
from snapshots.storage.freeze import FreezeRequest, freeze
from snapshots.storage.pool import missing_rpms
from snapshots.storage.store import Store
from yumbridge.count import counted
from yumbridge.run.state import rfc3339


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCut:
    """What a cut will freeze, and why.

    `base` and `base_id` are the name and id of the snapshot that it starts from, empty without one. `added` is what
    closure added to the selection, which has it too. `warnings` are lines for a person. It is `metadata_only` when the
    pool lacks rpms that no source has to have.
    """

    recipe: Recipe
    base: str
    base_id: str
    sources: tuple[MirrorRecord, ...]
    selection: Selection
    added: tuple[Addition, ...]
    partial_advisories: tuple[PartialAdvisory, ...]
    warnings: tuple[str, ...]
    contents: tuple[Contents, ...]
    metadata_only: bool


def plan_cut(store: Store, recipe: Recipe) -> PlannedCut:
    """Return what a cut by `recipe` holds now. Without repositories it is of every one mirrored or in the base.

    Raises NoSnapshotError: the base, or a repository, is not there; RecipeError: an advisory that is to be included is
    in none of them; StoreError, SnapshotError.
    """
    base = _base(store, recipe)
    parts = _parts(store, recipe, base)
    offers = [part.offer for part in parts]
    _refuse_unknown(recipe, offers)
    selection, added, needs = _closed(recipe, select(recipe, offers), parts)
    holding = _holding(selection, parts)
    records = tuple(part.record for part in parts if part.record)
    return PlannedCut(
        recipe=recipe,
        base=base.name if base else "",
        base_id=base.head.id if base else "",
        sources=records,
        selection=selection,
        added=added,
        partial_advisories=holding.partial,
        warnings=(
            *_left_out(recipe, base),
            *_passes(records),
            *selection.warnings,
            *needs,
            *_emptied(selection),
        ),
        contents=holding.contents,
        metadata_only=_lacks_rpms(store, holding, records, base),
    )


def carry_out(store: Store, name: str, planned: PlannedCut, *, compression: Compression = Compression.ZSTD) -> Manifest:
    """Freeze what was planned as the snapshot `name`, and return its manifest; the caller holds the store's lock.

    Raises IncompleteError: nothing at all is selected; what `freeze` raises.
    """
    _refuse_empty(name, planned.selection)
    provenance = Provenance(
        name=name,
        id="",
        cut_at=rfc3339(datetime.now(UTC)),
        message=planned.recipe.message,
        recipe=tree(planned.recipe),
        base=planned.base,
        base_id=planned.base_id,
        sources=planned.sources,
        added=planned.added,
        partial_advisories=planned.partial_advisories,
        warnings=planned.warnings,
    )
    request = FreezeRequest(
        name=name,
        repositories=planned.contents,
        provenance=provenance,
        metadata_only=planned.metadata_only,
        compression=compression,
    )
    return freeze(store, request)


@dataclass(frozen=True, slots=True)
class _Base:
    """The snapshot that a cut starts from."""

    name: str
    head: ManifestHead

    @property
    def repo_ids(self) -> frozenset[str]:
        """The ids of its repositories."""
        return frozenset(repository.repo_id for repository in self.head.repositories)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One repository of a cut: as the base and the mirror have it, of which one may be missing.

    `alike` is the one of another snapshot whose frames may be taken over.
    """

    offer: Offer
    base: IndexedRepository | None
    mirror: IndexedRepository | None
    comps: bytes
    modules: bytes
    record: MirrorRecord | None = None
    alike: IndexedRepository | None = None

    @property
    def sources(self) -> tuple[IndexedRepository, ...]:
        """Where chunks are taken from, the base first: what both have is selected as the base has it."""
        return tuple(source for source in (self.base, self.mirror) if source)


def _refuse_unknown(recipe: Recipe, offers: Iterable[Offer]) -> None:
    """Raise RecipeError with each advisory that is to be included and is not there: its packages would be missed."""
    included = recipe.advisories.include if recipe.advisories else ()
    if not included:
        return
    known = {each.advisory_id for offer in offers for each in (*offer.advisories, *offer.base_advisories)}
    problems = [
        f"advisories.include: no repository has {wanted}{suggestion(wanted, known)}"
        for wanted in included
        if wanted not in known
    ]
    if problems:
        raise RecipeError(f"the recipe has {counted(len(problems), 'problem')}", problems)


def _base(store: Store, recipe: Recipe) -> _Base | None:
    if not recipe.base:
        return None
    name = store.resolve(recipe.base)
    return _Base(name, store.manifest_head(name))


def _parts(store: Store, recipe: Recipe, base: _Base | None) -> list[_Part]:
    mirrored = frozenset(store.mirrors())
    based = base.repo_ids if base else frozenset[str]()
    wanted = sorted(recipe.repositories or mirrored | based)
    missing = [repo_id for repo_id in wanted if repo_id not in mirrored | based]
    if missing:
        known = suggestion(missing[0], mirrored | based) if len(missing) == 1 else ""
        raise NoSnapshotError(f"no mirror of {', '.join(missing)} in {store.path}{known}")
    if not wanted:
        raise NoSnapshotError(f"no mirrors in {store.path}: there is nothing to cut from")
    others = () if base else _newest_first(store)
    parts = []
    for repo_id in wanted:
        own = store.repository(base.name, repo_id) if base and repo_id in based else None
        part = _part(repo_id, own, store.mirrored(repo_id) if repo_id in mirrored else None)
        if part.mirror:
            # Only a date asks when packages were seen.
            seen = first_seen(store, repo_id) if recipe.as_of else {}
            part = replace(part, record=store.mirror_record(repo_id), offer=replace(part.offer, first_seen=seen))
        parts.append(replace(part, alike=_alike(store, repo_id, others)))
    return parts


def _part(repo_id: str, base: IndexedRepository | None, mirror: IndexedRepository | None) -> _Part:
    """Return a repository by what is composed of it: in the base, and in the mirror."""
    modules = joined(mirror.modules if mirror else b"", base.modules if base else b"")
    offer = Offer(
        repo_id=repo_id,
        packages=mirror.packages if mirror else (),
        advisories=mirror.index.advisories if mirror else (),
        base_packages=base.packages if base else (),
        base_advisories=base.index.advisories if base else (),
        streams={
            nevra: f"{build.name}:{build.stream}:{build.context}"
            for build in streams(modules)
            for nevra in build.artifacts
        },
    )
    comps = (mirror.comps if mirror else b"") or (base.comps if base else b"")
    return _Part(offer=offer, base=base, mirror=mirror, comps=comps, modules=modules)


def _newest_first(store: Store) -> tuple[str, ...]:
    """Return the snapshots of the store, the one that was cut last first; what is damaged is of no use here."""
    found = []
    for name in store.names():
        try:
            found.append((store.provenance(name).cut_at, name))
        except SnapshotError:
            continue
    return tuple(name for _, name in sorted(found, reverse=True))


def _alike(store: Store, repo_id: str, newest: Iterable[str]) -> IndexedRepository | None:
    for name in newest:
        try:
            if any(repository.repo_id == repo_id for repository in store.manifest_head(name).repositories):
                return store.repository(name, repo_id)
        except SnapshotError:
            continue
    return None


def _closed(
    recipe: Recipe, selection: Selection, parts: Sequence[_Part]
) -> tuple[Selection, tuple[Addition, ...], tuple[str, ...]]:
    """Return the selection with what it needs, if that is asked for, what was added, and what is unmet."""
    if not recipe.closure:
        return selection, (), ()
    sources = [source for part in parts for source in part.sources]
    offered = (package for part in parts for package in (*part.offer.packages, *part.offer.base_packages))
    pkgids = {package.pkgid for package in offered if is_binary(package)}
    dependencies = read_dependencies(sources, pkgids)
    owners = read_owners(sources, pkgids, unlisted_paths(selection, dependencies))
    found = closed(selection, dependencies, owners)
    return found.selection, found.added, found.warnings


def _holding(selection: Selection, parts: Sequence[_Part]) -> Holding:
    chosen = selection.repositories
    whole = [
        Contents(
            repo_id=repository.repo_id,
            packages=repository.packages,
            sources=part.sources,
            advisories=repository.advisories,
            comps=part.comps,
            modules=part.modules,
            reusable=(part.alike,) if part.alike else (),
        )
        for repository, part in zip(chosen, parts, strict=True)
    ]
    offered = (package for part in parts for package in (*part.offer.packages, *part.offer.base_packages))
    return holding_of(whole, offered, {repository.repo_id: repository.base_advisories for repository in chosen})


def _lacks_rpms(store: Store, holding: Holding, records: Iterable[MirrorRecord], base: _Base | None) -> bool:
    """Tell whether rpms are missing as they may: a mirror or the base has none of its own, and the pool not all.

    Where each source has its rpms, the pool lacks none, or freezing says what is wrong.
    """
    if not any(record.metadata_only for record in records) and not (base and base.head.metadata_only):
        return False
    packages = (package for part in holding.contents for package in part.packages)
    return any(missing_rpms(store, packages))


def _refuse_empty(name: str, selection: Selection) -> None:
    """Raise IncompleteError when every package is dropped: hosts that follow would be without repositories."""
    dropped = Counter(
        (repository.repo_id, verdict.key) for repository in selection.repositories for _, verdict in repository.dropped
    )
    if dropped and not any(repository.packages for repository in selection.repositories):
        details = [f"{repo_id}: {counted(count, 'package')}: {key}" for (repo_id, key), count in dropped.items()]
        raise IncompleteError(f"snapshot {name} would be empty: every package is dropped", details)


def _left_out(recipe: Recipe, base: _Base | None) -> Iterator[str]:
    if base and recipe.repositories:
        for repo_id in sorted(base.repo_ids.difference(recipe.repositories)):
            yield f"repositories: {repo_id} of the base {base.name} is not among them, and left out"


def _passes(records: Sequence[MirrorRecord]) -> Iterator[str]:
    if len({record.passed for record in records}) > 1:
        times = ", ".join(f"{record.repo_id} at {record.read_at}" for record in records)
        yield f"the mirrors were not read as one set, and may not fit each other: {times}"


def _emptied(selection: Selection) -> Iterator[str]:
    for repository in selection.repositories:
        if repository.dropped and not repository.packages:
            yield f"nothing of {repository.repo_id} is selected"
