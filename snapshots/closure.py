"""The closure of a selection: the packages that what is newly selected needs, and that the recipe left out.

Of the packages that provide what is needed the oldest is added, unless the recipe excludes or holds it. A need is met
for each arch by itself: hosts of one arch have no use for the packages of another. What the base had is as it was: its
needs are not looked at. What nothing provides is told of, since few repositories are closed without the ones that they
are made for.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from snapshots.capability import Bound, Capability, evr_key, overlap
from snapshots.count import counted
from snapshots.package import StoredPackage
from snapshots.provenance import Addition
from snapshots.requirement import Expression, Operator, Requirement
from snapshots.selection import RepositorySelection, Selection
from snapshots.verdict import Reason, Verdict

_NOARCH: Final = "noarch"
# What a source package requires is for those who build it, and what it says to provide is what is built of it.
_SOURCES: Final = frozenset({"src", "nosrc"})
_SHOWN: Final = 5
# Upstream lacks a few of its own; that much is a repository.
_MANY: Final = 20
_HINT: Final = "; is a repository missing from the recipe?"
# What a person decided is not undone by what a package needs.
_FINAL: Final = frozenset({Reason.EXCLUDED, Reason.ADVISORY_EXCLUDED, Reason.HELD})
_OF_ONE_PACKAGE: Final = frozenset({Operator.WITH, Operator.WITHOUT})
_CONDITIONAL: Final = frozenset({Operator.IF, Operator.UNLESS})
_WITHOUT_ELSE: Final = 2
_CLOSURE: Final = Verdict(reason=Reason.CLOSURE, keeps=True, rule="closure: true")


class Dependencies(msgspec.Struct, frozen=True, array_like=True):
    """What a package provides and requires. `files` are those of its files that requirements may name."""

    provides: tuple[Capability, ...]
    requires: tuple[Requirement, ...]
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """A selection with what it needs. `added` is sorted by repository and NEVRA; `warnings` are lines for a person."""

    selection: Selection
    added: tuple[Addition, ...]
    warnings: tuple[str, ...]


def closed(
    selection: Selection, dependencies: Mapping[str, Dependencies], owners: Mapping[str, Collection[str]]
) -> Closed:
    """Return `selection` with the packages that it needs.

    `dependencies` are by pkgid, of every binary kept or dropped; `owners` has the pkgids of packages by the path of
    files that these do not list.
    """
    goods = _goods(selection)
    search = _Search(goods, _Providers(goods, dependencies, owners))
    search.run([number for number, good in enumerate(goods) if good.is_new])
    return Closed(
        selection=_with(selection, {(goods[number].repo_id, goods[number].package.pkgid) for number in search.added}),
        added=tuple(sorted(search.added.values(), key=lambda addition: (addition.repo_id, addition.nevra))),
        warnings=tuple(search.warnings()),
    )


def is_binary(package: StoredPackage) -> bool:
    """Tell whether a package is no source. Closure looks at binaries alone."""
    return package.arch not in _SOURCES


def unlisted_paths(selection: Selection, dependencies: Mapping[str, Dependencies]) -> frozenset[str]:
    """Return the paths that packages may need and that `dependencies` knows no owner of, kept or dropped."""
    listed: set[str] = set()
    needed: set[str] = set()
    for good in _goods(selection):
        found = dependencies[good.package.pkgid]
        listed.update(found.files)
        listed.update(capability.name for capability in found.provides if _is_path(capability))
        if good.is_new or not good.is_kept:
            for requirement in found.requires:
                needed.update(capability.name for capability in _capabilities(requirement) if _is_path(capability))
    return frozenset(needed - listed)


@dataclass(frozen=True, slots=True)
class _Good:
    """A package that is kept, or that could be. `is_new`: it is kept, and the base did not have it."""

    repo_id: str
    package: StoredPackage
    verdict: Verdict
    is_new: bool

    @property
    def is_kept(self) -> bool:
        return self.verdict.keeps

    @property
    def may_be_added(self) -> bool:
        return not self.verdict.keeps and self.verdict.reason not in _FINAL


def _goods(selection: Selection) -> list[_Good]:
    return [
        _Good(part.repo_id, package, verdict, verdict.keeps and package.pkgid not in part.base)
        for part in selection.repositories
        for package, verdict in (*zip(part.packages, part.verdicts, strict=True), *part.dropped)
        if is_binary(package)
    ]


def _host_arches(goods: Sequence[_Good]) -> list[str]:
    """Return for each package the arch of the hosts that it is for.

    A package without an arch is for that which most packages of its repository have, or most packages of all.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for good in goods:
        if good.package.arch != _NOARCH:
            counts[good.repo_id][good.package.arch] += 1
    most = {repo_id: _most(found) for repo_id, found in counts.items()}
    of_all = _most(sum(counts.values(), Counter()))
    return [most.get(good.repo_id, of_all) if good.package.arch == _NOARCH else good.package.arch for good in goods]


def _most(counts: Counter[str]) -> str:
    # Of as many packages of each, x86_64 goes before i686.
    return max(counts, key=lambda arch: (counts[arch], arch), default=_NOARCH)


class _Providers:
    """Which packages, by their numbers, provide what is required of any of them."""

    def __init__(
        self,
        goods: Sequence[_Good],
        dependencies: Mapping[str, Dependencies],
        owners: Mapping[str, Collection[str]],
    ) -> None:
        self.requires = [dependencies[good.package.pkgid].requires for good in goods]
        self._offers: dict[str, list[tuple[Bound | None, int]]] = {
            capability.name: [] for requires in self.requires for each in requires for capability in _capabilities(each)
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


class _Search:
    """Adds packages until nothing that can be met is unmet. Packages are added alone, so that this ends.

    A requirement is met for an arch: by a package of that arch or of none, by another one where no such may be added.
    """

    def __init__(self, goods: Sequence[_Good], providers: _Providers) -> None:
        self.added: dict[int, Addition] = {}
        self._goods = goods
        self._providers = providers
        self._arches = _host_arches(goods)
        self._held: set[int] = set()
        self._held_for: dict[str, set[int]] = {arch: set() for arch in self._arches}
        for number, good in enumerate(goods):
            if good.is_kept:
                self._hold(number)
        self._unread: deque[int] = deque()
        self._met: set[tuple[Requirement, str]] = set()
        self._conditional: dict[tuple[Requirement, str], int] = {}
        self._refused: dict[str, dict[tuple[int, Requirement], int]] = {}
        self._unprovided: dict[Requirement, set[int]] = {}

    def run(self, new: Iterable[int]) -> None:
        """Meet what these packages require, and what is added for them requires."""
        self._unread.extend(new)
        while self._unread:
            while self._unread:
                number = self._unread.popleft()
                for requirement in self._providers.requires[number]:
                    if (requirement, self._arches[number]) not in self._met:
                        self._meet(number, requirement)
            # What was added may be the condition that another requirement waits for.
            for (requirement, _), number in tuple(self._conditional.items()):
                self._meet(number, requirement)

    def _meet(self, number: int, requirement: Requirement) -> None:
        is_met = True
        arch = self._arches[number]
        for part in self._unmet(requirement, arch):
            if self._is_met(part, arch):
                # By what was added for the part before.
                continue
            candidates = self._candidates(part)
            if candidates:
                self._add(min(candidates, key=self._preference(arch)), number, part)
            else:
                self._give_up(number, part)
                is_met = False
        if _is_conditional(requirement):
            self._conditional.setdefault((requirement, arch), number)
        elif is_met:
            self._met.add((requirement, arch))

    def _hold(self, number: int) -> None:
        self._held.add(number)
        for arch, held in self._held_for.items():
            if not self._is_foreign(number, arch):
                held.add(number)

    def _add(self, chosen: int, number: int, part: Requirement) -> None:
        self._hold(chosen)
        self._unread.append(chosen)
        good = self._goods[chosen]
        self.added[chosen] = Addition(
            nevra=good.package.text,
            repo_id=good.repo_id,
            needed_by=self._goods[number].package.text,
            capability=str(part),
        )

    def _give_up(self, number: int, part: Requirement) -> None:
        providers = self._providers.of(part)
        if providers:
            refused = min(providers, key=self._preference(self._arches[number]))
            rule = self._goods[refused].verdict.rule
            self._refused.setdefault(rule, {}).setdefault((number, part), refused)
        else:
            self._unprovided.setdefault(part, set()).add(number)

    def _candidates(self, part: Requirement) -> list[int]:
        return [number for number in self._providers.of(part) if self._goods[number].may_be_added]

    def _is_foreign(self, number: int, arch: str) -> bool:
        return self._goods[number].package.arch not in {_NOARCH, arch}

    def _preference(self, arch: str) -> Callable[[int], tuple[object, ...]]:
        """Return the key of the package to add for hosts of `arch`: of that arch, the oldest, by name."""

        def key(candidate: int) -> tuple[object, ...]:
            good = self._goods[candidate]
            package = good.package
            evr = evr_key(package.epoch, package.version, package.release)
            return (self._is_foreign(candidate, arch), evr, package.order, good.repo_id)

        return key

    def _unmet(self, requirement: Requirement, arch: str) -> list[Requirement]:
        """Return the parts of a requirement that no package of the selection meets and that have to be."""
        if isinstance(requirement, Capability):
            return [] if self._is_met(requirement, arch) or _is_ignored(requirement) else [requirement]
        operands = requirement.operands
        match requirement.operator:
            case Operator.AND:
                return [part for operand in operands for part in self._unmet(operand, arch)]
            case Operator.OR:
                ways = [self._unmet(operand, arch) for operand in operands]
                feasible = (way for way in ways if all(map(self._candidates, way)))
                return next(feasible, ways[0]) if all(ways) else []
            case Operator.IF | Operator.UNLESS:
                wants_first = self._may_be_had(operands[1]) is (requirement.operator is Operator.IF)
                wanted = operands[:1] if wants_first else operands[2:]
                return [part for operand in wanted for part in self._unmet(operand, arch)]
            case Operator.WITH | Operator.WITHOUT:
                return [] if self._is_met(requirement, arch) else [requirement]

    def _is_met(self, requirement: Requirement, arch: str) -> bool:
        if isinstance(requirement, Expression) and requirement.operator not in _OF_ONE_PACKAGE:
            return not self._unmet(requirement, arch)
        providers = self._providers.of(requirement)
        if not self._held_for[arch].isdisjoint(providers):
            return True
        if self._held.isdisjoint(providers):
            return False
        return all(self._is_foreign(number, arch) for number in self._candidates(requirement))

    def _may_be_had(self, condition: Requirement) -> bool:
        """Tell whether a host may meet a condition, of whatever arch."""
        if isinstance(condition, Capability) or condition.operator in _OF_ONE_PACKAGE:
            return not self._held.isdisjoint(self._providers.of(condition))
        found = [self._may_be_had(operand) for operand in condition.operands]
        match condition.operator:
            case Operator.AND:
                return all(found)
            case Operator.IF if len(found) == _WITHOUT_ELSE:
                # By a host that has not what it depends on.
                return True
            case Operator.IF | Operator.UNLESS:
                return any((found[0], *found[2:]))
            case _:
                return any(found)

    def warnings(self) -> Iterator[str]:
        """Yield what could not be met: a line for each rule that keeps providers out, and one for all the rest."""
        for rule, found in sorted(self._refused.items()):
            (number, part), refused = min(found.items(), key=lambda entry: (self._text(entry[0][0]), str(entry[0][1])))
            more = f", and {counted(len(found) - 1, 'more needs it', 'more need it')}" if len(found) > 1 else ""
            yield f"{rule}: {self._text(refused)} stays out, but {self._text(number)} needs {part}{more}"
        if self._unprovided:
            needy = len(set().union(*self._unprovided.values()))
            capabilities = sorted(map(str, self._unprovided))
            more = ", ..." if len(capabilities) > _SHOWN else ""
            yield (
                f"closure: nothing provides {counted(len(capabilities), 'capability', 'capabilities')} that "
                f"{counted(needy, 'package needs', 'packages need')}: {', '.join(capabilities[:_SHOWN])}{more}"
                f"{_HINT if len(capabilities) > _MANY else ''}"
            )

    def _text(self, number: int) -> str:
        return self._goods[number].package.text


def _with(selection: Selection, brought: Collection[tuple[str, str]]) -> Selection:
    """Return `selection` with these packages, which it had dropped, by repository and pkgid."""
    return replace(selection, repositories=tuple(_part_with(part, brought) for part in selection.repositories))


def _part_with(part: RepositorySelection, brought: Collection[tuple[str, str]]) -> RepositorySelection:
    added = [(package, _CLOSURE) for package, _ in part.dropped if (part.repo_id, package.pkgid) in brought]
    if not added:
        return part
    kept = sorted((*zip(part.packages, part.verdicts, strict=True), *added), key=lambda entry: entry[0].order)
    return replace(
        part,
        packages=tuple(package for package, _ in kept),
        verdicts=tuple(verdict for _, verdict in kept),
        dropped=tuple(entry for entry in part.dropped if (part.repo_id, entry[0].pkgid) not in brought),
    )


def _capabilities(requirement: Requirement) -> Iterator[Capability]:
    if isinstance(requirement, Capability):
        yield requirement
    else:
        for operand in requirement.operands:
            yield from _capabilities(operand)


def _is_conditional(requirement: Requirement) -> bool:
    return isinstance(requirement, Expression) and (
        requirement.operator in _CONDITIONAL or any(map(_is_conditional, requirement.operands))
    )


def _is_path(capability: Capability) -> bool:
    return capability.name.startswith("/")


def _is_ignored(capability: Capability) -> bool:
    """Tell whether rpm itself provides a capability, or the very package that requires it."""
    return capability.name.startswith(("rpmlib(", "config("))
