"""Less than the whole closure: a staged install, or repositories that are missing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from yumbridge.desired.alias import MARK
from yumbridge.desired.spec import Spec
from yumbridge.plan.closure import Closure, EdgeKind
from yumbridge.plan.transaction import gives_way
from yumbridge.rpm.package import InstalledPackage, Package


def matching(closure: Closure, specs: Sequence[Spec], pattern: str) -> tuple[Package, ...]:
    """Return the packages of specs that match a regular expression, and what these require. Aliases match, too.

    The rest of the closure is left out, though it was solved with it: a later stage will find nothing to undo.
    """
    wanted = re.compile(pattern)
    frontier = {
        number
        for spec, met in zip(specs, closure.met, strict=True)
        if any(wanted.search(name) for name in (spec.name, *(f"{MARK}{alias}" for alias in spec.aliases)))
        for number in met
    }
    required: defaultdict[int, list[int]] = defaultdict(list)
    for edge in closure.edges:
        if edge.kind is EdgeKind.REQUIRES:
            required[edge.source].append(edge.target)
    reached = set(frontier)
    while frontier:
        frontier = {target for number in frontier for target in required[number]} - reached
        reached |= frontier
    return tuple(closure.packages[number] for number in sorted(reached))


def without_downgrades(packages: Sequence[Package], installed: Sequence[InstalledPackage]) -> tuple[Package, ...]:
    """Return those of `packages` that replace no newer build: it may be from a repository that is missing now."""
    present: defaultdict[str, list[InstalledPackage]] = defaultdict(list)
    for old in installed:
        present[old.name].append(old)
    return tuple(
        package
        for package in packages
        if not any(gives_way(old, package) and package.evr < old.evr for old in present.get(package.name, ()))
    )
