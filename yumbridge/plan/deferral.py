"""Why changes wait: a proof for each, as a chain from the change to a package that a hold keeps back.

What is proved here cannot be in any valid part of the transaction that leaves the held packages alone; what is not
proved is tried on the solver. Source of the rules: docs/concepts.md, "What waits".
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import msgspec

from yumbridge.desired.hold import BOOT, shown
from yumbridge.plan.document import Change, Deferral
from yumbridge.plan.held import Held, Holding, Whole
from yumbridge.plan.transaction import NOARCH, Transaction
from yumbridge.plan.wording import SEPARATOR, plain
from yumbridge.rpm.package import InstalledPackage, Package


class Requirement(msgspec.Struct, frozen=True, array_like=True):
    """Package number `subject` requires `capability`, and `providers` are all that have it, by number; not rich."""

    subject: int
    capability: str
    providers: tuple[int, ...]


class Exclusion(msgspec.Struct, frozen=True, array_like=True):
    """Number `comer` cannot come while number `stayer` stays: `subject`, one of them, conflicts with or obsoletes."""

    comer: int
    stayer: int
    kind: str
    subject: int
    capability: str


class Relations(msgspec.Struct, frozen=True):
    """What the engine says of the packages around the changes that wait. `packages` has the NEVRA of each number."""

    packages: tuple[str, ...]
    requires: tuple[Requirement, ...]
    excludes: tuple[Exclusion, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proof: what it says, what it rests on, and the hold where it begins. An empty text says nothing."""

    text: str
    rests_on: str | None
    held: Held | None = None


class Proof:
    """All that is proved to wait. `steps` is by NEVRA: of installed packages that stay, and comers that may not come.

    `roots` are those that holds keep back of themselves.

    Steps are made nearest to the holds first, in sorted order: the chains are the shortest, and always the same.
    """

    def __init__(self, whole: Whole, holding: Holding, ground: Ground) -> None:
        self.steps: dict[str, Step] = {}
        self.roots = frozenset({*holding.barred, *holding.staying})
        self._whole = whole
        self._ground = ground
        self._queue: deque[str] = deque()
        self._kept_back = {**holding.barred, **holding.staying}
        for nevra in sorted(self.roots):
            held = self._kept_back[nevra]
            self._add(nevra, Step(f"{nevra} {held.words}", None, held))
        self._follow()

    def refuse(self, nevra: str, why: Sequence[str]) -> None:
        """Take it for proved that a change waits, for the reasons that the solver gives, with all that follows.

        Which hold it waits for is not known: it is taken to be one until boot, if any such keeps something back.
        """
        holds = sorted(self._kept_back.values(), key=lambda held: (held.hold.until != BOOT, held.hold.label))
        text = SEPARATOR.join(map(plain, why)) or f"{nevra} does not go with what stays"
        self._add(nevra, Step(text, None, holds[0]))
        self._follow()

    def needs(self, nevra: str, others: Collection[str]) -> int:
        """Return how many requirements of a package nothing meets but `others`."""
        return sum(
            all(self._ground.name(number) in others for number in requirement.providers)
            for requirement in self._ground.required_by.get(nevra, ())
        )

    def _follow(self) -> None:
        while self._queue:
            nevra = self._queue.popleft()
            follow = self._after_barred if nevra in self._whole.install else self._after_staying
            for subject, step in sorted(follow(nevra), key=lambda found: (found[0], found[1].text)):
                self._add(subject, step)

    def chain(self, nevra: str) -> tuple[tuple[str, ...], Held | None]:
        """Return the steps from a package to the hold that keeps it, each in words, and that hold."""
        texts: list[str] = []
        at: str | None = nevra
        held = None
        while at is not None and (step := self.steps.get(at)):
            if step.text:
                texts.append(step.text)
            at, held = step.rests_on, step.held
        return tuple(texts), held

    def _add(self, nevra: str, step: Step) -> None:
        if nevra not in self.steps:
            self.steps[nevra] = step
            self._queue.append(nevra)

    def _after_staying(self, stayer: str) -> Iterator[tuple[str, Step]]:
        """Yield what follows from an installed package that stays."""
        for comer in self._whole.replaced.get(stayer, ()):
            yield comer, Step("", stayer)
        for exclusion in self._ground.excluded.get(stayer, ()):
            words = f"{self._ground.name(exclusion.subject)} {exclusion.kind} {exclusion.capability}"
            yield self._ground.name(exclusion.comer), Step(words, stayer)
        for comer in self._ground.other_arches(stayer):
            yield comer, Step(f"{stayer} stays, and all arches of a name are of one build", stayer)
        for requirement in self._ground.required_by.get(stayer, ()):
            yield from self._only_provider(stayer, requirement)

    def _after_barred(self, comer: str) -> Iterator[tuple[str, Step]]:
        """Yield what follows from a comer that may not come."""
        for stayer in self._ground.would_leave_for.get(comer, ()):
            own = own_successors(self._whole, stayer) or self._whole.replaced[stayer]
            if all(new in self.steps for new in own):
                yield stayer, Step("", comer)
        for requirement in self._ground.provided_by.get(comer, ()):
            subject = self._ground.name(requirement.subject)
            if subject in self.steps and subject not in self._whole.install:
                yield from self._only_provider(subject, requirement)
            elif subject in self._whole.install and self._is_unmet(subject, requirement):
                yield subject, Step(f"{subject} requires {requirement.capability}", comer)

    def _is_unmet(self, subject: str, requirement: Requirement) -> bool:
        """Tell whether nothing that may be there meets a requirement of a comer.

        What the comer itself replaces is gone by then.
        """
        return all(
            name in self.steps if name in self._whole.install else subject in self._whole.replaced.get(name, ())
            for name in map(self._ground.name, requirement.providers)
        ) and subject not in map(self._ground.name, requirement.providers)

    def _only_provider(self, subject: str, requirement: Requirement) -> Iterator[tuple[str, Step]]:
        """Yield the one installed package that meets a requirement of what stays, when nothing else may."""
        names = [self._ground.name(number) for number in requirement.providers]
        left = [name for name in names if not (name in self._whole.install and name in self.steps)]
        if len(left) == 1 and left[0] != subject and left[0] not in self._whole.install:
            yield left[0], Step(f"{subject} requires {requirement.capability}", subject)


class Ground:
    """What a proof stands on, by NEVRA: the relations of the engine, and the arches of each name."""

    def __init__(self, whole: Whole, installed: Sequence[InstalledPackage], relations: Relations) -> None:
        self._whole = whole
        self._installed = {str(p.nevra): p for p in installed}
        self._packages = relations.packages
        self.excluded: defaultdict[str, list[Exclusion]] = defaultdict(list)
        self.required_by: defaultdict[str, list[Requirement]] = defaultdict(list)
        self.provided_by: defaultdict[str, list[Requirement]] = defaultdict(list)
        self.would_leave_for: defaultdict[str, list[str]] = defaultdict(list)
        for exclusion in relations.excludes:
            self.excluded[self.name(exclusion.stayer)].append(exclusion)
        for requirement in relations.requires:
            self.required_by[self.name(requirement.subject)].append(requirement)
            for number in requirement.providers:
                self.provided_by[self.name(number)].append(requirement)
        for old, news in whole.replaced.items():
            for new in news:
                self.would_leave_for[new].append(old)

    def name(self, number: int) -> str:
        """Return the NEVRA of a number of the relations."""
        return self._packages[number]

    def other_arches(self, stayer: str) -> Iterator[str]:
        """Yield the comers of the name of an installed package that may not stand beside it."""
        old = self._installed.get(stayer)
        if old is not None and not old.installonly:
            yield from (nevra for nevra, new in self._comers.get(old.name, ()) if differ(old, new))

    @cached_property
    def _comers(self) -> Mapping[str, list[tuple[str, Package]]]:
        found: defaultdict[str, list[tuple[str, Package]]] = defaultdict(list)
        for nevra, package in self._whole.install.items():
            found[package.name].append((nevra, package))
        return found


def own_successors(whole: Whole, old: str) -> tuple[str, ...]:
    """Return the next builds, of the same name, of an installed package; others only obsolete it."""
    name = old.rsplit("-", 2)[0]
    return tuple(new for new in whole.replaced.get(old, ()) if whole.install[new].name == name)


def differ(old: InstalledPackage, new: Package) -> bool:
    """Tell whether two arches of one name would be of different builds. Source: docs/concepts.md, "Plan"."""
    return (
        old.name == new.name
        and old.arch != new.arch
        and NOARCH not in {old.arch, new.arch}
        and not new.installonly
        and old.evr != new.evr
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """A transaction in two: what comes and goes now, and what waits. `proof` says why, of all that waits."""

    coming: frozenset[str]
    going: frozenset[str]
    proof: Proof
    whole: Whole


def waiting_part(division: Division) -> Transaction:
    """Return what is left of the whole transaction when the part of now has happened."""
    whole = division.whole.transaction
    return Transaction(
        incoming=tuple(nevra for nevra in whole.incoming if nevra not in division.coming),
        outgoing=tuple(nevra for nevra in whole.outgoing if nevra not in division.going),
        obsoleted=tuple(pair for pair in whole.obsoleted if pair[0] not in division.going),
        advisories=tuple(crossed for crossed in whole.advisories if crossed[0] not in division.coming),
    )


def deferrals(waiting: Iterable[Change], division: Division) -> tuple[Deferral, ...]:
    """Return the changes that wait, each with why, in their order."""
    earlier: defaultdict[str, list[str]] = defaultdict(list)
    for old in division.whole.replaced:
        for new in own_successors(division.whole, old):
            earlier[new].append(old)
    return tuple(_deferral(change, division, earlier) for change in waiting)


def _deferral(change: Change, division: Division, earlier: Mapping[str, Sequence[str]]) -> Deferral:
    """Return why a change waits. `earlier` has the installed builds of each comer's name, of whatever arch."""
    subjects = [*change.coming, *change.going, *(old for comer in change.coming for old in earlier.get(comer, ()))]
    chains = [division.proof.chain(subject) for subject in subjects]
    chain, held = min(((chain, held) for chain, held in chains if held is not None), key=lambda found: len(found[0]))
    cause: Literal["hold", "closure"] = "hold" if division.proof.roots & {*subjects} else "closure"
    fields = {name: getattr(change, name) for name in Change.__struct_fields__}
    return Deferral(**fields, cause=cause, until=shown(held.hold.until), chain=chain)
