"""The closure of a selection: the packages that what is newly selected needs, and that the recipe left out.

Of the packages that provide what is needed the oldest is added, unless the recipe excludes or holds it. A need is met
for each arch, and for each module stream, by itself: hosts of one arch have no use for the packages of another, and few
hosts have enabled a stream. What the base had is as it was: its needs are not looked at. What nothing provides is told
of, since few repositories are closed without the ones that they are made for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from snapshots.choice.capability import Capability, evr_key
from snapshots.choice.provider import Dependencies, Good, Hosts, Providers, capabilities, goods_of, hosts_of, is_path
from snapshots.choice.requirement import Expression, Operator, Requirement
from snapshots.choice.selection import RepositorySelection, Selection
from snapshots.choice.verdict import Reason, Verdict
from snapshots.content.provenance import Addition
from yumbridge.count import counted

_SHOWN: Final = 5
# Upstream lacks a few of its own; that much is a repository.
_MANY: Final = 20
_HINT: Final = "; is a repository missing from the recipe?"
_OF_ONE_PACKAGE: Final = frozenset({Operator.WITH, Operator.WITHOUT})
_CONDITIONAL: Final = frozenset({Operator.IF, Operator.UNLESS})
_WITHOUT_ELSE: Final = 2
_CLOSURE: Final = Verdict(reason=Reason.CLOSURE, keeps=True, rule="closure: true")


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
    goods = goods_of(selection)
    search = _Search(goods, Providers(goods, dependencies, owners))
    search.run([number for number, good in enumerate(goods) if good.is_new])
    return Closed(
        selection=_with(selection, {(goods[number].repo_id, goods[number].package.pkgid) for number in search.added}),
        added=tuple(sorted(search.added.values(), key=lambda addition: (addition.repo_id, addition.nevra))),
        warnings=tuple(search.warnings()),
    )


def unlisted_paths(selection: Selection, dependencies: Mapping[str, Dependencies]) -> frozenset[str]:
    """Return the paths that packages may need and that `dependencies` knows no owner of, kept or dropped."""
    listed: set[str] = set()
    needed: set[str] = set()
    for good in goods_of(selection):
        found = dependencies[good.package.pkgid]
        listed.update(found.files)
        listed.update(capability.name for capability in found.provides if is_path(capability))
        if good.is_new or not good.is_kept:
            for requirement in found.requires:
                needed.update(capability.name for capability in capabilities(requirement) if is_path(capability))
    return frozenset(needed - listed)


class _Search:
    """Adds packages until nothing that can be met is unmet. Packages are added alone, so that this ends.

    A requirement is met for the hosts that have who requires it: by a package that suits them, and by another one only
    where none that suits them better may be added.
    """

    def __init__(self, goods: Sequence[Good], providers: Providers) -> None:
        self.added: dict[int, Addition] = {}
        self._goods = goods
        self._providers = providers
        self._hosts = hosts_of(goods)
        self._held = {number for number, good in enumerate(goods) if good.is_kept}
        self._names = {goods[number].package.name for number in self._held}
        # Those that suit all hosts of an arch, which most requirements are met by.
        self._held_for = {arch: self._suiting(arch, self._held) for arch in {hosts.arch for hosts in self._hosts}}
        self._unread: deque[int] = deque()
        self._met: dict[Hosts, set[Requirement]] = {hosts: set() for hosts in self._hosts}
        self._conditional: dict[tuple[Requirement, Hosts], int] = {}
        self._refused: dict[str, dict[tuple[int, Requirement], int]] = {}
        self._unprovided: dict[Requirement, set[int]] = {}

    def run(self, new: Iterable[int]) -> None:
        """Meet what these packages require, and what is added for them requires."""
        self._unread.extend(new)
        while self._unread:
            while self._unread:
                number = self._unread.popleft()
                met = self._met[self._hosts[number]]
                for requirement in self._providers.requires[number]:
                    if requirement not in met:
                        self._meet(number, requirement)
            # What was added may be the condition that another requirement waits for.
            for (requirement, _), number in tuple(self._conditional.items()):
                self._meet(number, requirement)

    def _meet(self, number: int, requirement: Requirement) -> None:
        is_met = True
        hosts = self._hosts[number]
        for part in self._unmet(requirement, hosts):
            if self._is_met(part, hosts):
                # By what was added for the part before.
                continue
            candidates = self._candidates(part)
            if candidates:
                self._add(min(candidates, key=self._preference(hosts)), number, part)
            else:
                self._give_up(number, part)
                is_met = False
        if _is_conditional(requirement):
            self._conditional.setdefault((requirement, hosts), number)
        elif is_met:
            self._met[hosts].add(requirement)

    def _hold(self, number: int) -> None:
        self._held.add(number)
        self._names.add(self._goods[number].package.name)
        for arch, held in self._held_for.items():
            held.update(self._suiting(arch, [number]))

    def _suiting(self, arch: str, numbers: Iterable[int]) -> set[int]:
        hosts = Hosts(arch, "")
        return {number for number in numbers if not any(hosts.misfit(self._goods[number]))}

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
            refused = min(providers, key=self._preference(self._hosts[number]))
            rule = self._goods[refused].verdict.rule
            self._refused.setdefault(rule, {}).setdefault((number, part), refused)
        else:
            self._unprovided.setdefault(part, set()).add(number)

    def _candidates(self, part: Requirement) -> list[int]:
        return [number for number in self._providers.of(part) if self._goods[number].may_be_added]

    def _preference(self, hosts: Hosts) -> Callable[[int], tuple[object, ...]]:
        """Return the key of the package to add for `hosts`, the least of which is taken.

        One that suits the hosts goes first: of their arch, then of no module stream but theirs. Then one that there is
        of its name a build of already; then by name, since the EVRs of different names say nothing of each other; and
        of one name the oldest.
        """

        def key(candidate: int) -> tuple[object, ...]:
            good = self._goods[candidate]
            package = good.package
            evr = evr_key(package.epoch, package.version, package.release)
            is_newcomer = package.name not in self._names
            return (hosts.misfit(good), is_newcomer, package.name, evr, package.order, good.repo_id)

        return key

    def _unmet(self, requirement: Requirement, hosts: Hosts) -> list[Requirement]:
        """Return the parts of a requirement that no package of the selection meets and that have to be."""
        if isinstance(requirement, Capability):
            return [] if self._is_met(requirement, hosts) or _is_ignored(requirement) else [requirement]
        operands = requirement.operands
        match requirement.operator:
            case Operator.AND:
                return [part for operand in operands for part in self._unmet(operand, hosts)]
            case Operator.OR:
                ways = [self._unmet(operand, hosts) for operand in operands]
                feasible = (way for way in ways if all(map(self._candidates, way)))
                return next(feasible, ways[0]) if all(ways) else []
            case Operator.IF | Operator.UNLESS:
                return self._unmet_by_condition(requirement, hosts)
            case Operator.WITH | Operator.WITHOUT:
                return [] if self._is_met(requirement, hosts) else [requirement]

    def _unmet_by_condition(self, requirement: Expression, hosts: Hosts) -> list[Requirement]:
        """Return the unmet parts of `if` or `unless`.

        Where the condition may be met, a host need not meet it: what is required without it is wanted as well, if it
        is to be had.
        """
        first, condition, *others = requirement.operands
        met, unmet = ([first], others) if requirement.operator is Operator.IF else (others, [first])
        without = [part for operand in unmet for part in self._unmet(operand, hosts)]
        if not self._may_be_had(condition):
            return without
        wanted = [part for operand in met for part in self._unmet(operand, hosts)]
        return wanted + [part for part in without if part not in wanted and self._candidates(part)]

    def _is_met(self, requirement: Requirement, hosts: Hosts) -> bool:
        if isinstance(requirement, Expression) and requirement.operator not in _OF_ONE_PACKAGE:
            return not self._unmet(requirement, hosts)
        providers = self._providers.of(requirement)
        if not self._held_for[hosts.arch].isdisjoint(providers):
            return True
        held = self._held & providers
        if not held:
            return False
        best = min(hosts.misfit(self._goods[number]) for number in held)
        return all(hosts.misfit(self._goods[number]) >= best for number in self._candidates(requirement))

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


def _is_conditional(requirement: Requirement) -> bool:
    return isinstance(requirement, Expression) and (
        requirement.operator in _CONDITIONAL or any(map(_is_conditional, requirement.operands))
    )


def _is_ignored(capability: Capability) -> bool:
    """Tell whether rpm itself provides a capability, or the very package that requires it."""
    return capability.name.startswith(("rpmlib(", "config("))
