"""The closure of a desired state, as the engine solved it from an empty root."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from yumbridge.rpm.package import Package


class ProblemKind(StrEnum):
    """Why something asked for is impossible."""

    NOT_FOUND = "not-found"
    UNSOLVABLE = "unsolvable"
    EXCLUDED = "excluded"
    CONFLICTING_VERSIONS = "conflicting-versions"
    KEPT_CONFLICT = "kept-conflict"
    MODULE = "module"
    REPOSITORY = "repository"
    DISK_SPACE = "disk-space"
    SIGNATURE = "signature"
    ALIAS = "alias"
    EMPTY_PACKAGE_LIST = "empty-package-list"


class EdgeKind(StrEnum):
    """How one package of a closure brings another."""

    REQUIRES = "requires"
    RECOMMENDS = "recommends"
    SUPPLEMENTS = "supplements"


class Edge(msgspec.Struct, frozen=True, array_like=True):
    """Package number `source` of the closure brings number `target` by a capability."""

    kind: EdgeKind
    source: int
    target: int
    capability: str


class Unmet(msgspec.Struct, frozen=True, array_like=True):
    """Spec number `spec` is met by nothing."""

    spec: int
    kind: ProblemKind
    text: str


class Unsolvable(msgspec.Struct, frozen=True, array_like=True):
    """The solver's words for one problem, and the number of a spec that has part in it, if one is known.

    `suspects` are the numbers of all specs of which these words name a candidate, sorted.
    """

    spec: int | None
    text: str
    suspects: tuple[int, ...] = ()


class PassedOver(msgspec.Struct, frozen=True, array_like=True):
    """The newest candidate of spec number `spec` is not in the closure, and why."""

    spec: int
    nevra: str
    text: str


class MissingMember(msgspec.Struct, frozen=True, array_like=True):
    """A member of the group that spec number `spec` names, in no repository."""

    spec: int
    name: str


class ModuleState(msgspec.Struct, frozen=True, array_like=True):
    """A module and its state, `enabled` or `disabled`; the stream is empty when it is disabled."""

    name: str
    stream: str
    state: str


class Closure(msgspec.Struct, frozen=True):
    """What the specs, given as a list, come to.

    `packages` is sorted by name, and empty when `problems` is not. `met` has, per spec, the numbers of the packages
    that meet it. `providers` are the numbers of the specs whose name no package bears but one provides. `modules` are
    the states that the host's modules have to be in, sorted by name. `edges` is empty when no reasons were asked for.
    """

    packages: tuple[Package, ...]
    met: tuple[tuple[int, ...], ...]
    providers: tuple[int, ...]
    unmet: tuple[Unmet, ...]
    problems: tuple[Unsolvable, ...]
    passed_over: tuple[PassedOver, ...]
    missing_members: tuple[MissingMember, ...]
    modules: tuple[ModuleState, ...]
    edges: tuple[Edge, ...]
