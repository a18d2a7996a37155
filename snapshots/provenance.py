"""Where the content of a store comes from: the record of a mirror, and of a cut. None of it is part of an id."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

# What a recipe is after YAML: kept as it was written. None when nobody wrote one.
RecipeTree: TypeAlias = dict[str, Any] | None


class MirrorRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A state of an upstream repository as it was mirrored.

    `url` is without credentials. `repomd` is "sha256:<hex>" of upstream's repomd.xml. `read_at` is RFC 3339. `passed`
    is the same string for all repositories that were read in one quiet pass.
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


class Provenance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a snapshot came to be.

    `cut_at` is RFC 3339 in UTC. `origin` says which verb made it: cut, realise or adopt. `base` is the name and id of
    the snapshot that it started from, empty without one. `compression` names the compressor with its version:
    another one gives other bytes. `warnings` are lines for a person.
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
    sources: tuple[MirrorRecord, ...] = ()
    added: tuple[Addition, ...] = ()
    partial_advisories: tuple[PartialAdvisory, ...] = ()
    warnings: tuple[str, ...] = ()
