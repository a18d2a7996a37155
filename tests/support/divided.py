"""Small worlds of packages in which holds divide a transaction, and what is valid in them by brute force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations

from hypothesis import strategies as st

from tests.support.rpms import Rpm

NAMES = tuple("abcdefghijkl")
CAPABILITIES = ("x", "y", "z")


@dataclass(frozen=True, slots=True)
class Need:
    """A name or capability, and which versions of it; None for any."""

    name: str
    versions: frozenset[int] | None = None

    def met_by(self, build: Build) -> bool:
        if self.name in build.provides:
            return self.versions is None
        return build.name == self.name and (self.versions is None or build.version in self.versions)

    @property
    def text(self) -> str:
        """As a spec file has it: with one version only."""
        return self.name if self.versions is None else f"{self.name} = {min(self.versions)}-1"


@dataclass(frozen=True, slots=True)
class Build:
    """One build of a name: version 1 is what was installed, 2 what shall be."""

    name: str
    version: int
    provides: frozenset[str] = frozenset()
    requires: tuple[Need, ...] = ()
    conflicts: tuple[Need, ...] = ()
    obsoletes: tuple[str, ...] = ()

    @property
    def rpm(self) -> Rpm:
        return Rpm(
            self.name,
            f"{self.version}-1",
            provides=tuple(sorted(self.provides)),
            requires=tuple(need.text for need in self.requires),
            conflicts=tuple(need.text for need in self.conflicts),
            obsoletes=self.obsoletes,
        )

    @property
    def nevra(self) -> str:
        return self.rpm.nevra


Builds = frozenset[Build]


def is_valid(builds: Iterable[Build]) -> bool:
    """Tell whether builds may be installed together."""
    present = tuple(builds)
    names = [build.name for build in present]
    return len(set(names)) == len(names) and all(_stands(build, present) for build in present)


def _stands(build: Build, present: Sequence[Build]) -> bool:
    others = [other for other in present if other is not build]
    return (
        all(any(need.met_by(other) for other in present) for need in build.requires)
        and not any(need.met_by(other) for need in build.conflicts for other in others)
        and not any(other.name in build.obsoletes for other in others)
    )


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what goes and what comes, each perhaps nothing; `gone` is obsoleted by `after`."""

    before: Build | None
    after: Build | None
    gone: tuple[Build, ...] = ()

    def apply(self, builds: Builds) -> Builds:
        leaving = {self.before, *self.gone}
        return frozenset(build for build in builds if build not in leaving) | ({self.after} if self.after else set())


@dataclass(frozen=True, slots=True)
class Case:
    """What is installed, what shall be, and which names are held."""

    installed: Builds
    wanted: Builds
    held: frozenset[str]

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change from what is installed to what is wanted; an obsoleted build goes with its obsoleter."""
        before = {build.name: build for build in self.installed}
        after = {build.name: build for build in self.wanted}
        obsoleters: dict[str, list[str]] = {}
        for build in self.wanted - self.installed:
            for name in build.obsoletes:
                if name in before and name not in after:
                    obsoleters.setdefault(name, []).append(build.name)
        found = []
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) == after.get(name) or name in obsoleters:
                continue
            gone = tuple(before[old] for old, news in sorted(obsoleters.items()) if name in news)
            found.append(Change(before.get(name), after.get(name), gone))
        return tuple(found)

    def keeps_held(self, builds: Builds) -> bool:
        """Tell whether every held package is as it was."""
        return all(build in builds for build in self.installed if build.name in self.held)

    def result(self, changes: Iterable[Change]) -> Builds:
        builds = self.installed
        for change in changes:
            builds = change.apply(builds)
        return builds

    def is_possible(self, changes: Iterable[Change]) -> bool:
        """Tell whether these changes, and no others, may happen while the held packages stay."""
        builds = self.result(changes)
        return self.keeps_held(builds) and is_valid(builds)


def subsets(changes: Sequence[Change]) -> Iterator[tuple[Change, ...]]:
    """Yield every choice of at least one change, the small ones first."""
    return chain.from_iterable(combinations(changes, size) for size in range(1, len(changes) + 1))


@st.composite
def cases(draw: st.DrawFn, most: int = 12) -> Case:
    """Draw a case in which both sides are valid: what a side cannot meet is dropped from it."""
    names = NAMES[: draw(st.integers(2, most))]
    sides: list[list[Build]] = [[], []]
    for name in names:
        fate = draw(st.sampled_from(("upgrade", "upgrade", "upgrade", "same", "install", "remove")))
        first = draw(_builds(name, 1, names))
        match fate:
            case "same":
                sides[0].append(first)
                sides[1].append(first)
            case "upgrade":
                sides[0].append(first)
                sides[1].append(draw(_builds(name, 2, names)))
            case "install":
                sides[1].append(replace(first, version=2))
            case _:
                sides[0].append(first)
    installed, wanted = _made_valid(sides[0], sides[1])
    held = draw(st.sets(st.sampled_from(names), min_size=1, max_size=3))
    return Case(installed, wanted, frozenset(held))


@st.composite
def _builds(draw: st.DrawFn, name: str, version: int, names: Sequence[str]) -> Build:
    others = [other for other in names if other != name]
    need = st.builds(
        Need,
        st.sampled_from((*others, *others, *CAPABILITIES)),
        st.sampled_from((None, frozenset({version}), frozenset({3 - version}))),
    ).map(lambda found: replace(found, versions=None) if found.name in CAPABILITIES else found)
    return Build(
        name,
        version,
        draw(st.frozensets(st.sampled_from(CAPABILITIES), max_size=1)),
        tuple(draw(st.lists(need, max_size=2, unique=True))),
        tuple(draw(st.lists(need, max_size=1))),
        tuple(draw(st.lists(st.sampled_from(others), max_size=1))) if version == 2 else (),
    )


def _made_valid(installed: Sequence[Build], wanted: Sequence[Build]) -> tuple[Builds, Builds]:
    """Drop needs, conflicts and obsoletes that do not stand, of a build that is on both sides on both."""
    while True:
        both = {build: _mended(build, installed, wanted) for build in {*installed, *wanted}}
        mended = [both[build] for build in installed], [both[build] for build in wanted]
        if mended == (list(installed), list(wanted)):
            return frozenset(installed), frozenset(wanted)
        installed, wanted = mended


def _mended(build: Build, *sides: Sequence[Build]) -> Build:
    for side in sides:
        if build not in side:
            continue
        others = [other for other in side if other.name != build.name]
        build_again = replace(
            build,
            requires=tuple(n for n in build.requires if any(n.met_by(other) for other in side)),
            conflicts=tuple(n for n in build.conflicts if not any(n.met_by(other) for other in others)),
            obsoletes=tuple(n for n in build.obsoletes if all(other.name != n for other in others)),
        )
        if build_again != build:
            return build_again
    return build
