"""The providers of what packages require: which of those that a selection keeps or drops meet a requirement."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec

from snapshots.choice.capability import Bound, Capability, overlap
from snapshots.choice.requirement import Operator, Requirement
from snapshots.choice.selection import Selection, stream_of
from snapshots.choice.verdict import Reason, Verdict
from snapshots.content.package import StoredPackage

_NOARCH: Final = "noarch"
# What a source package requires is for those who build it, and what it says to provide is what is built of it.
_SOURCES: Final = frozenset({"src", "nosrc"})
# What a person decided is not undone by what a package needs.
_FINAL: Final = frozenset({Reason.EXCLUDED, Reason.ADVISORY_EXCLUDED, Reason.HELD})


class Dependencies(msgspec.Struct, frozen=True, array_like=True):
    """What a package provides and requires. `files` are those of its files that requirements may name."""

    provides: tuple[Capability, ...]
    requires: tuple[Requirement, ...]
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Good:
    """A package that is kept, or that could be.

    `is_new`: it is kept, and the base did not have it. `stream` is the module stream that it is of, empty for none.
    """

    repo_id: str
    package: StoredPackage
    verdict: Verdict
    is_new: bool
    stream: str

    @property
    def is_kept(self) -> bool:
        """Tell whether the recipe keeps it."""
        return self.verdict.keeps

    @property
    def may_be_added(self) -> bool:
        """Tell whether it is dropped, but not by what a person said of it."""
        return not self.verdict.keeps and self.verdict.reason not in _FINAL


class Hosts(NamedTuple):
    """The hosts that have a package: their arch, and the module stream that they have enabled for it, if any."""

    arch: str
    stream: str

    def misfit(self, good: Good) -> tuple[bool, bool]:
        """Tell whether a package is of another arch, and whether it is of a module stream that is not theirs.

        Less is better: a package of another arch may do, one of their own does.
        """
        return (good.package.arch not in {self.arch, _NOARCH}, good.stream not in {self.stream, ""})


def goods_of(selection: Selection) -> list[Good]:
    """Return the packages that a selection keeps or drops, but for sources."""
    return [
        Good(
            part.repo_id,
            package,
            verdict,
            verdict.keeps and package.pkgid not in part.base,
            stream_of(package, part.streams),
        )
        for part in selection.repositories
        for package, verdict in (*zip(part.packages, part.verdicts, strict=True), *part.dropped)
        if is_binary(package)
    ]


def is_binary(package: StoredPackage) -> bool:
    """Tell whether a package is no source. Closure looks at binaries alone."""
    return package.arch not in _SOURCES


def hosts_of(goods: Sequence[Good]) -> list[Hosts]:
    """Return for each package the hosts that it is for.

    A package without an arch is for that which most packages of its repository have, or most packages of all.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for good in goods:
        if good.package.arch != _NOARCH:
            counts[good.repo_id][good.package.arch] += 1
    most = {repo_id: _most(found) for repo_id, found in counts.items()}
    of_all = _most(sum(counts.values(), Counter()))
    return [
        Hosts(most.get(good.repo_id, of_all) if good.package.arch == _NOARCH else good.package.arch, good.stream)
        for good in goods
    ]


def _most(counts: Counter[str]) -> str:
    # Of as many packages of each, x86_64 goes before i686.
    return max(counts, key=lambda arch: (counts[arch], arch), default=_NOARCH)


class Providers:
    """Which packages, by their numbers, provide what is required of any of them."""

    def __init__(
        self,
        goods: Sequence[Good],
        dependencies: Mapping[str, Dependencies],
        owners: Mapping[str, Collection[str]],
    ) -> None:
        self.requires = [dependencies[good.package.pkgid].requires for good in goods]
        self._offers: dict[str, list[tuple[Bound | None, int]]] = {
            capability.name: [] for requires in self.requires for each in requires for capability in capabilities(each)
        }
        self._found: dict[Requirement, frozenset[int]] = {}
        numbers: dict[str, list[int]] = {}
        for number, good in enumerate(goods):
            numbers.setdefault(good.package.pkgid, []).append(number)
            self._offer(number, dependencies[good.package.pkgid])
        for path, pkgids in owners.items():
            self._offers.setdefault(path, []).extend(
                (None, number) for pkgid in pkgids for number in numbers.get(pkgid, ())
            )

    def _offer(self, number: int, found: Dependencies) -> None:
        offers = self._offers
        for capability in found.provides:
            if capability.name in offers:
                offers[capability.name].append((capability.bound, number))
        for path in found.files:
            if path in offers:
                offers[path].append((None, number))

    def of(self, requirement: Requirement) -> frozenset[int]:
        """Return the packages each of which alone meets a requirement."""
        found = self._found.get(requirement)
        if found is None:
            found = self._found[requirement] = self._of(requirement)
        return found

    def _of(self, requirement: Requirement) -> frozenset[int]:
        if isinstance(requirement, Capability):
            bound = requirement.bound
            return frozenset(number for own, number in self._offers[requirement.name] if overlap(own, bound))
        sets = [self.of(operand) for operand in requirement.operands]
        match requirement.operator:
            case Operator.WITHOUT:
                return sets[0].difference(*sets[1:])
            case Operator.OR:
                return sets[0].union(*sets[1:])
            case Operator.AND | Operator.WITH:
                return sets[0].intersection(*sets[1:])
            case Operator.IF | Operator.UNLESS:
                return sets[0]


def capabilities(requirement: Requirement) -> Iterator[Capability]:
    """Yield the capabilities that a requirement is made of."""
    if isinstance(requirement, Capability):
        yield requirement
    else:
        for operand in requirement.operands:
            yield from capabilities(operand)


def is_path(capability: Capability) -> bool:
    """Tell whether a capability is a file."""
    return capability.name.startswith("/")
