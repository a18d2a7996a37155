"""Which changes holds keep back of themselves, before anybody asks what depends on them.

Source of the rules: docs/concepts.md, "What waits".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from yumbridge.desired.hold import BOOT, Hold
from yumbridge.plan.document import Note, NoteKind
from yumbridge.plan.transaction import Surroundings, Transaction, successors
from yumbridge.rpm.globs import Globs
from yumbridge.rpm.package import InstalledPackage, Package, source_name

if TYPE_CHECKING:
    from yumbridge.condition.evaluation import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A whole transaction: all that the closure asks for, whether it may happen now or not.

    `install` is by NEVRA. `replaced` has, for each installed NEVRA that comers replace or obsolete, the sorted NEVRAs
    of those; `erase` are the others that go, sorted.
    """

    install: Mapping[str, Package]
    replaced: Mapping[str, tuple[str, ...]]
    erase: tuple[str, ...]
    transaction: Transaction


def whole_of(transaction: Transaction, erase: Iterable[str], around: Surroundings) -> Whole:
    """Return the transaction that a solver answered, `erase` being the leavers that it was asked to erase."""
    incoming = set(transaction.incoming)
    replaced = successors(transaction, around)
    return Whole(
        install={str(p.nevra): p for p in around.closure if str(p.nevra) in incoming},
        replaced=replaced,
        erase=tuple(sorted({*erase} - replaced.keys())),
        transaction=transaction,
    )


@dataclass(frozen=True, slots=True)
class Held:
    """What keeps a package back: the hold, and the words that say so after the package's name."""

    hold: Hold
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What holds keep back: by NEVRA, installed packages that have to stay and comers that may not come.

    `notes` tell of advisories that break a hold.
    """

    staying: Mapping[str, Held] = field(default_factory=dict)
    barred: Mapping[str, Held] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing is kept back."""
        return not (self.staying or self.barred)


class _Named(Protocol):
    """What installed and offered packages have in common."""

    @property
    def name(self) -> str: ...
    @property
    def source_rpm(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far a hold goes: its names, and the names of sources of which it names a package."""

    hold: Hold
    globs: Globs
    sources: Mapping[str, str]

    def held(self, package: _Named) -> Held | None:
        """Return how the hold keeps a package, None when it does not."""
        why = f": {self.hold.why}" if self.hold.why else ""
        if glob := self.globs.rule(package.name):
            return Held(self.hold, f"is held{'' if glob == package.name else f' by {glob}'}{why}")
        if named := self.sources.get(source_name(package.source_rpm)):
            return Held(self.hold, f"is held with {named}, which is of the same source{why}")
        return None

    def group(self, package: _Named) -> str:
        """Return what an advisory breaks the hold for: a source as a whole, or a name."""
        return source_name(package.source_rpm) if self.hold.source and package.source_rpm else package.name


def closed_holds(holds: Sequence[Hold], moment: Facts | None) -> tuple[Hold, ...]:
    """Return the holds that are in force at a moment, all of them when none is given.

    In force is a hold whose condition is not surely true.
    """
    return tuple(hold for hold in holds if moment is None or not _is_open(hold, moment))


def _is_open(hold: Hold, moment: Facts) -> bool:
    if hold.until == BOOT:
        return moment.boot
    from yumbridge.condition.evaluation import evaluate

    return evaluate(hold.until, moment).holds


def unknown_notes(holds: Sequence[Hold], moment: Facts) -> Iterator[Note]:
    """Yield a note per hold that is in force because nobody knows whether its condition is true."""
    for hold in holds:
        if hold.until == BOOT:
            continue
        from yumbridge.condition.evaluation import evaluate

        verdict = evaluate(hold.until, moment)
        if not (verdict.holds or verdict.known):
            why = "; ".join(reason.text for reason in verdict.reasons if reason.holds is None)
            yield Note(
                kind=NoteKind.CONDITION, text=f"{hold.label} waits, for it is not known whether it may go: {why}"
            )


def holding(holds: Sequence[Hold], whole: Whole, installed: Sequence[InstalledPackage]) -> Holding:
    """Return what the holds in force keep back of a transaction. The first hold that reaches a package is told."""
    staying: dict[str, Held] = {}
    barred: dict[str, Held] = {}
    notes: list[Note] = []
    packages: tuple[_Named, ...] = (*installed, *whole.install.values())
    going = {*whole.replaced, *whole.erase}
    leaving = [package for package in installed if str(package.nevra) in going]
    for hold in holds:
        reach = _reach(hold, packages)
        broken = _broken(reach, whole)
        notes += broken.values()
        for package in leaving:
            if (held := reach.held(package)) and reach.group(package) not in broken:
                staying.setdefault(str(package.nevra), held)
        for nevra, held in _barred(reach, whole, staying, leaving):
            if reach.group(whole.install[nevra]) not in broken:
                barred.setdefault(nevra, held)
    return Holding(staying=staying, barred=barred, notes=tuple(notes))


def idle_notes(
    holds: Sequence[Hold], installed: Sequence[InstalledPackage], closure: Sequence[Package]
) -> Iterator[Note]:
    """Yield a note per entry of a hold that names no package at all: it may be misspelled."""
    names = {package.name for package in installed} | {package.name for package in closure}
    for hold in holds:
        idle = [pattern for pattern in hold.packages if not any(map(Globs([pattern]).rule, names))]
        for pattern in idle:
            text = f"{pattern} is held, but no such package is installed or wanted ({hold.origin})"
            yield Note(kind=NoteKind.HOLD, text=text)


def _reach(hold: Hold, packages: Sequence[_Named]) -> _Reach:
    globs = Globs(hold.packages)
    sources: dict[str, str] = {}
    if hold.source:
        for package in packages:
            if package.source_rpm and globs.rule(package.name):
                sources.setdefault(source_name(package.source_rpm), package.name)
    return _Reach(hold, globs, sources)


def _broken(reach: _Reach, whole: Whole) -> Mapping[str, Note]:
    """Return a note for each source, or name, that an advisory lets go in spite of the hold."""
    exceptions = reach.hold.exceptions
    kinds = {each.advisory_id: (each.kind, each.severity) for each in whole.transaction.crossed}
    broken: dict[str, Note] = {}
    for nevra, advisories in whole.transaction.advisories:
        package = whole.install[nevra]
        matching = [each for each in advisories if exceptions.match(each, *kinds.get(each, ("", "")))]
        if matching and reach.held(package):
            severity = kinds.get(matching[0], ("", ""))[1]
            text = f"{package.name} goes in spite of the hold: {matching[0]}{severity and f' ({severity})'}"
            broken.setdefault(reach.group(package), Note(kind=NoteKind.HOLD_BROKEN, nevra=nevra, text=text))
    return broken


def _barred(
    reach: _Reach, whole: Whole, staying: Mapping[str, Held], leaving: Sequence[InstalledPackage]
) -> Iterator[tuple[str, Held]]:
    """Yield the comers that a hold keeps back beside those that would replace what stays.

    A hold that says `install` keeps back all it reaches. Any other keeps back those that would split a source: packages
    of another build than one that stays. What is installed beside older builds is no split.
    """
    waiting = {new for old in staying for new in whole.replaced.get(old, ())}
    builds: defaultdict[str, set[str]] = defaultdict(set)
    for package in leaving:
        if str(package.nevra) in staying and reach.held(package) and not package.installonly:
            builds[source_name(package.source_rpm)].add(package.source_rpm)
    for nevra, comer in whole.install.items():
        if nevra in waiting or not (held := reach.held(comer)):
            continue
        builds_that_stay = builds.get(source_name(comer.source_rpm), set()) if reach.hold.source else set()
        splits = bool(builds_that_stay) and not comer.installonly and builds_that_stay != {comer.source_rpm}
        if reach.hold.install or splits:
            yield nevra, held
