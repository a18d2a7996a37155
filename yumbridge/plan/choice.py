"""Which member of an alias with `any_of` is taken, and why none before it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from yumbridge.desired.alias import MARK, AliasHost
from yumbridge.desired.expansion import chain_text
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState
from yumbridge.plan.closure import Closure, ProblemKind
from yumbridge.plan.document import Note, NoteKind, Problem


class PassedMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member that is not taken, and why."""

    member: str
    why: str


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was chosen of an alias: None when no member can be had.

    `passed_over` are the members before it, `not_needed` those after it, both in the written order.
    """

    alias: str
    member: str | None
    passed_over: tuple[PassedMember, ...] = ()
    not_needed: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The choice in one line."""
        taken = "none of its members can be had" if self.member is None else f"{self.member} is taken"
        passed = (f"{each.member} is not: {each.why}" for each in self.passed_over)
        return "; ".join([f"{MARK}{self.alias}: {taken}", *passed])


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """A desired state whose specs name no alias any more, and its closure.

    `problems` and `notes` are those of aliases alone. `choices` are in the order in which they were made.
    `undecided` are names and globs of packages that aliases with problems may stand for.
    """

    state: DesiredState
    closure: Closure
    choices: tuple[Choice, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    undecided: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """What somebody asked for, solved from empty: every reason why it is not what they asked for, sorted by origin.

    `notes` are of the repositories and their modules.
    """

    resolution: Resolution
    problems: tuple[Problem, ...]
    notes: tuple[Note, ...] = ()

    @property
    def closure(self) -> Closure:
        """The packages that it comes to."""
        return self.resolution.closure


def later_note(choice: Choice, member: str) -> Note:
    """Return the note that a member was not needed."""
    text = f"{member} is a member of {MARK}{choice.alias}, too, but {choice.member} comes first and is taken"
    return Note(kind=NoteKind.ALIAS, text=text)


def choice_note(choice: Choice) -> Note:
    """Return what a plan remarks on a choice that could be made."""
    return Note(kind=NoteKind.ALIAS, text=choice.text)


def alias_problem(spec: Spec, text: str) -> Problem:
    """Return the problem that nothing can be had of the alias that a spec names."""
    return Problem(kind=ProblemKind.ALIAS, spec=spec.name, origin=spec.origin, text=text)


def undefined_problem(spec: Spec, host: AliasHost) -> Problem:
    """Return the problem that the alias that a spec names has no definition for the host."""
    return alias_problem(spec, f"{chain_text(spec)}: no definition is for this host ({host})")


def shadow_note(name: str) -> Note:
    """Return the note that an alias is meant, and not the comps group, or environment, of its name."""
    return Note(kind=NoteKind.ALIAS, text=f"{MARK}{name} is the alias, not the group of that id")
