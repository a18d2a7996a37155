"""An edit of what a site has written: in words, and what it makes of a desired state."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from yumbridge.desired.policy import Policy
from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState, ModuleStream


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit. `specs` has, by their number, what specs become: None for one that is gone.

    `added` are new specs; `policy`, `repositories` and `modules` are new values, None where nothing changes.
    `is_wide`: it changes more than others do that come before it, and is of no use where one of those will do.
    """

    words: str
    specs: Mapping[int, Spec | None] = field(default_factory=dict)
    added: tuple[Spec, ...] = ()
    policy: Policy | None = None
    repositories: tuple[Repository, ...] | None = None
    modules: tuple[ModuleStream, ...] | None = None
    is_wide: bool = False

    @property
    def is_of_lines(self) -> bool:
        """True when it changes or removes nothing but specs: such edits can be made together."""
        return not (self.added or self.policy or self.repositories is not None or self.modules is not None)

    @property
    def is_removal(self) -> bool:
        """True when it does nothing but remove specs."""
        return self.is_of_lines and all(spec is None for spec in self.specs.values())


@dataclass(frozen=True, slots=True)
class Edited:
    """An edited state. `numbers` has the number that each of its specs had before, None for a new one."""

    state: DesiredState
    numbers: tuple[int | None, ...]


def edited(state: DesiredState, edits: Sequence[Edit], left_out: Collection[int] = ()) -> Edited:
    """Return what edits make of a state from which some specs are left out."""
    replaced = {number: spec for edit in edits for number, spec in edit.specs.items()}
    specs: list[Spec] = []
    numbers: list[int | None] = []
    for number, written in enumerate(state.specs):
        spec = replaced.get(number, written)
        if spec is not None and number not in left_out:
            specs.append(spec)
            numbers.append(number)
    for edit in edits:
        specs += edit.added
        numbers += [None] * len(edit.added)
        state = msgspec.structs.replace(
            state,
            policy=edit.policy or state.policy,
            repositories=state.repositories if edit.repositories is None else edit.repositories,
            modules=state.modules if edit.modules is None else edit.modules,
        )
    return Edited(msgspec.structs.replace(state, specs=tuple(specs)), tuple(numbers))
