"""What one host may not hold together although the solver would allow it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from yumbridge.plan.closure import ProblemKind
from yumbridge.plan.document import Problem
from yumbridge.plan.transaction import NOARCH, Surroundings
from yumbridge.rpm.evr import EVR


def multilib_problems(around: Surroundings) -> Iterator[Problem]:
    """Yield a problem per name whose arches would end at different EVRs.

    The arches of one name share files, which rpm refuses to install from different builds. The solver does not look.
    """
    builds: defaultdict[str, dict[str, EVR]] = defaultdict(dict)
    for package in around.closure:
        if not package.installonly:
            builds[package.name][package.arch] = package.evr
    wanted = {name: dict(arches) for name, arches in builds.items()}
    for old in around.installed:
        if not old.installonly and str(old.nevra) in around.staying:
            builds[old.name].setdefault(old.arch, old.evr)
    for name, arches in sorted(builds.items()):
        if _differs(arches):
            texts = ", ".join(f"{evr} for {arch}" for arch, evr in sorted(arches.items()))
            of_closure = _differs(wanted.get(name, {}))
            kind = ProblemKind.CONFLICTING_VERSIONS if of_closure else ProblemKind.KEPT_CONFLICT
            yield Problem(kind=kind, spec=name, text=f"{name} would be at different versions: {texts}")


def _differs(arches: Mapping[str, EVR]) -> bool:
    return len({evr for arch, evr in arches.items() if arch != NOARCH}) > 1
