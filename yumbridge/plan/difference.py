"""The difference of two closures: what hosts that are as the one will do to be as the other, and what of it waits.

Source of the rules: docs/concepts.md, "Differences of profiles".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from yumbridge.desired.hold import Hold, HoldExceptions, shown
from yumbridge.plan.choice import Choice, Solved
from yumbridge.plan.document import Change, Deferral, Note, Problem
from yumbridge.plan.held import Held, Whole, holding, whole_of
from yumbridge.plan.remarks import closure_notes
from yumbridge.plan.transaction import Chains, Surroundings, changes_of, predicted
from yumbridge.plan.why import chains_by_nevra
from yumbridge.rpm.package import installed_package

# What is told of a package that goes, beside what had brought it.
_OLDER_BUILD = "superseded"


class ClosureSide(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one of the two profiles comes to. `packages` is the number of those in its closure.

    `snapshot` and its id are those that it was solved on, empty when it was on none.
    """

    snapshot: str = ""
    snapshot_id: str = ""
    packages: int
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()


class ChangedChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alias of which another member is taken. None where nothing is asked of it."""

    alias: str
    before: Choice | None
    after: Choice | None


class ClosureDifference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What distinguishes two closures on the same repositories.

    `is_comparable`: both have a solution, else there are no changes to tell. `why` of what is removed is what brought
    it before. `held` are the changes that a hold keeps back of itself; what cannot go without them waits as well. All
    lists are sorted by name.
    """

    before: ClosureSide
    after: ClosureSide
    is_comparable: bool
    added: tuple[Change, ...] = ()
    removed: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    choices: tuple[ChangedChoice, ...] = ()
    held: tuple[Deferral, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when both can be compared and are the same, and so is what cannot be had."""
        differs = self.added or self.removed or self.changed or self.choices
        return self.is_comparable and not differs and self.before.problems == self.after.problems

    @property
    def has_problems(self) -> bool:
        """True when either side asks for something impossible."""
        return bool(self.before.problems or self.after.problems)


def compare(before: Solved, after: Solved, holds: Sequence[Hold]) -> ClosureDifference:
    """Return what distinguishes the closure `after` from `before`. `holds` are those that are in force after it."""
    difference = ClosureDifference(
        before=_side(before),
        after=_side(after),
        is_comparable=not (before.closure.problems or after.closure.problems),
        choices=tuple(_choices(before, after)),
    )
    if not difference.is_comparable:
        return difference
    whole, around = _transaction(before, after)
    changes = _explained(changes_of(whole.transaction, around, _chains(after)), before)
    keeping = holding(holds, whole, around.installed)
    by_nevra = {**keeping.staying, **keeping.barred}
    return msgspec.structs.replace(
        difference,
        added=tuple(change for change in changes if not change.before),
        removed=tuple(change for change in changes if not change.after),
        changed=tuple(change for change in changes if change.before and change.after),
        held=tuple(held for change in changes if (held := _deferral(change, by_nevra))),
    )


def _side(solved: Solved) -> ClosureSide:
    notes = (
        *solved.notes,
        *solved.resolution.notes,
        *closure_notes(solved.closure, solved.resolution.state.specs, degraded=False),
    )
    return ClosureSide(packages=len(solved.closure.packages), problems=solved.problems, notes=notes)


def _transaction(before: Solved, after: Solved) -> tuple[Whole, Surroundings]:
    """Return what a host that is exactly as the one closure would do, the solver unasked, and what around."""
    old, new = ({str(p.nevra) for p in solved.closure.packages} for solved in (before, after))
    installed = tuple(map(installed_package, before.closure.packages))
    around = Surroundings(closure=after.closure.packages, installed=installed, staying=frozenset(old & new))
    transaction = predicted(
        [package for package in after.closure.packages if str(package.nevra) not in old],
        [package for package in installed if str(package.nevra) not in new],
        around,
    )
    return whole_of(transaction, transaction.outgoing, around), around


def _chains(solved: Solved) -> Chains:
    return chains_by_nevra(solved.closure, solved.resolution.state.specs)


def _explained(changes: Sequence[Change], before: Solved) -> tuple[Change, ...]:
    """Return the changes with what had brought the packages that go."""
    if all(change.after for change in changes):
        return tuple(changes)
    chains = _chains(before)
    return tuple(
        change
        if change.after or any(step.kind == _OLDER_BUILD for step in change.why)
        else msgspec.structs.replace(change, why=chains[change.going[0]])
        for change in changes
    )


def _deferral(change: Change, held: Mapping[str, Held]) -> Deferral | None:
    """Return a change that a hold keeps back as one that waits, None for any other."""
    for nevra in (*change.going, *change.coming):
        if nevra in held:
            hold, words = held[nevra].hold, held[nevra].words
            unless = "" if hold.exceptions == HoldExceptions() else ", unless an advisory breaks the hold"
            fields = {name: getattr(change, name) for name in Change.__struct_fields__}
            return Deferral(**fields, cause="hold", until=shown(hold.until), chain=(f"{nevra} {words}{unless}",))
    return None


def _choices(before: Solved, after: Solved) -> Iterator[ChangedChoice]:
    old, new = ({choice.alias: choice for choice in solved.resolution.choices} for solved in (before, after))
    for alias in sorted(old.keys() | new.keys()):
        one, other = old.get(alias), new.get(alias)
        if one is None or other is None or one.member != other.member:
            yield ChangedChoice(alias=alias, before=one, after=other)
