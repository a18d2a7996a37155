"""The holding of a snapshot: what repositories have beside packages, limited to what is held of these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from snapshots.choice.coverage import chosen_copies, held_advisories, held_of, partial_advisories
from snapshots.content.package import StoredPackage
from snapshots.content.provenance import PartialAdvisory
from snapshots.repodata.compose import Contents
from snapshots.repodata.comps import held_comps
from snapshots.repodata.modules import held_modules, streams, streams_by_artifact
from yumbridge.rpm.advisory import Advisory


@dataclass(frozen=True, slots=True)
class Holding:
    """What is to be frozen, and the advisories that are in only in part."""

    contents: tuple[Contents, ...]
    partial: tuple[PartialAdvisory, ...]


def holding_of(
    whole: Sequence[Contents], offered: Iterable[StoredPackage], based: Mapping[str, tuple[Advisory, ...]]
) -> Holding:
    """Return repositories with as much of their advisories, comps and modules as belongs to the packages of them all.

    `offered` is every package that there was to hold. `based` has the advisories of the base by repository: of these
    nothing is lost that is still held. Raises UpstreamError: comps or modules are damaged.
    """
    packages = [package for part in whole for package in part.packages]
    names = frozenset(package.name for package in packages)
    has_modules = any(part.modules for part in whole)
    nevras = frozenset(package.text for package in packages) if has_modules else frozenset()
    builds = [build for part in whole for build in streams(part.modules)]
    advisories = [each for part in whole for each in (*part.advisories, *based.get(part.repo_id, ()))]
    held = held_of(packages, streams_by_artifact(builds), advisories)
    contents: list[Contents] = []
    said: list[Advisory] = []
    for part in whole:
        chosen = chosen_copies(part.advisories, based.get(part.repo_id, ()), held)
        said += [*part.advisories, *chosen]
        contents.append(
            replace(
                part,
                advisories=held_advisories(chosen, held),
                comps=held_comps(part.comps, names),
                modules=held_modules(part.modules, nevras),
            )
        )
    kept = [advisory for part in contents for advisory in part.advisories]
    return Holding(tuple(contents), partial_advisories(said, kept, held_of(offered, {}, said)))
