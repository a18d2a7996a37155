"""Where the content of a store comes from: the record of a mirror, and of a cut. None of it is part of an id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final, Literal, TypeAlias

import msgspec

from yumbridge.rpm.advisory import Advisory

# What a recipe is after YAML: kept as it was written. None when nobody wrote one.
RecipeTree: TypeAlias = dict[str, Any] | None

# The worst first.
_RANKS: Final = ("critical", "important", "moderate", "low")


class MirrorRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A state of an upstream repository as it was mirrored.

    `url` is without credentials. `repomd` is "sha256:<hex>" of upstream's repomd.xml. `read_at` is RFC 3339. `passed`
    is the same string for all repositories that were read in one quiet pass. `metadata_only`: rpms of it were not in
    the pool then. Without `wants_rpms` that was the wish, and is so when it is mirrored again.
    """

    document: Literal["yumbridge-mirror-record"] = "yumbridge-mirror-record"
    version: str = "1.0"
    repo_id: str
    url: str
    revision: str
    repomd: str
    read_at: str
    passed: str
    metadata_only: bool
    wants_rpms: bool = True


class Addition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A package that the closure added: which one of the selection needs which capability of it."""

    nevra: str
    repo_id: str
    needed_by: str
    capability: str


class PartialAdvisory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An advisory that a snapshot holds in part. `held` and `missing` are NEVRAs of what the sources had."""

    advisory_id: str
    held: tuple[str, ...]
    missing: tuple[str, ...]


class RepositorySummary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A repository of a snapshot, in numbers. `metadata_bytes` is what its repodata take on the disk."""

    repo_id: str
    packages: int
    advisories: int
    size_bytes: int
    metadata_bytes: int


class AdvisoryCount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many advisories there are of a kind and severity. `severity` is lower case, empty where there is none."""

    kind: str
    severity: str
    count: int


class Provenance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a snapshot came to be.

    `cut_at` is RFC 3339 in UTC. `origin` says which verb made it: cut, realise or adopt. `base` is the name and id of
    the snapshot that it started from, empty without one. `compression` names the compressor with its version:
    another one gives other bytes. `warnings` are lines for a person. `metadata_only`, `repositories` and `advisories`
    sum up what it holds, so that nobody has to count ten thousand packages to list it.
    """

    document: Literal["yumbridge-provenance"] = "yumbridge-provenance"
    version: str = "1.0"
    name: str
    id: str
    cut_at: str
    origin: Literal["cut", "realise", "adopt"] = "cut"
    message: str = ""
    recipe: RecipeTree = None
    base: str = ""
    base_id: str = ""
    compression: str = ""
    metadata_only: bool = False
    repositories: tuple[RepositorySummary, ...] = ()
    advisories: tuple[AdvisoryCount, ...] = ()
    sources: tuple[MirrorRecord, ...] = ()
    added: tuple[Addition, ...] = ()
    partial_advisories: tuple[PartialAdvisory, ...] = ()
    warnings: tuple[str, ...] = ()


def advisory_counts(advisories: Iterable[Advisory]) -> tuple[AdvisoryCount, ...]:
    """Return how many advisories there are of each kind and severity, each id once; security first, then by kind."""
    known = {advisory.advisory_id: (advisory.kind, _severity(advisory)) for advisory in advisories}
    counts = Counter(known.values())
    ordered = sorted(counts, key=lambda each: (each[0] != "security", each[0], _rank(each[1]), each[1]))
    return tuple(
        AdvisoryCount(kind=kind, severity=severity, count=counts[kind, severity]) for kind, severity in ordered
    )


def _severity(advisory: Advisory) -> str:
    severity = advisory.severity.lower()
    return "" if severity == "none" else severity


def _rank(severity: str) -> int:
    return _RANKS.index(severity) if severity in _RANKS else len(_RANKS)
