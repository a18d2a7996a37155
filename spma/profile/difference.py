"""What two profiles mean otherwise for packages. A value and a document.

Source of the rule: docs/concepts.md, "Differences of profiles".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeAlias, TypeVar

import msgspec
from msgspec.structs import replace

from spma.profile.credentials import repository_without_credentials, text_without_credentials
from spma.profile.meaning import Meaning, Option
from spma.profile.packages import RPM_ARCHES
from yumbridge.desired.alias import Alias
from yumbridge.desired.hold import Hold, Until, shown
from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import ModuleStream
from yumbridge.plan.difference import ClosureDifference
from yumbridge.plan.document import ProfileRef
from yumbridge.rpm.globs import Globs

ORIGIN: Final = "origin"

Entry = TypeVar("Entry", Spec, Repository, ModuleStream, Option, Hold, Alias)
ChangedEntry = TypeVar("ChangedEntry")


class Changed(msgspec.Struct, Generic[Entry], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that both profiles have, on either side. `fields` are those that differ, sorted.

    Where both sides read the same it is credentials that differ: they are not shown.
    """

    before: Entry
    after: Entry
    fields: tuple[str, ...]


class Section(msgspec.Struct, Generic[Entry, ChangedEntry], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What only the later profile has, what only the earlier one has, and what both have otherwise. Sorted by name."""

    added: tuple[Entry, ...] = ()
    removed: tuple[Entry, ...] = ()
    changed: tuple[ChangedEntry, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing differs."""
        return not (self.added or self.removed or self.changed)


class ChangedSpec(Changed[Spec], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A spec that both profiles have, otherwise."""


class ChangedRepository(Changed[Repository], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A repository that both profiles have, otherwise."""


class ChangedModule(Changed[ModuleStream], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A module that both profiles speak of, otherwise."""


class ChangedOption(Changed[Option], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A setting with another value."""


class ChangedHold(Changed[Hold], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A hold that both profiles have, otherwise."""


class ChangedAlias(Changed[Alias], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alias that both profiles have, otherwise."""


class SpecSection(Section[Spec, ChangedSpec], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The difference of two package lists, comps groups included."""


class RepositorySection(Section[Repository, ChangedRepository], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The difference of two lists of repositories."""


class ModuleSection(Section[ModuleStream, ChangedModule], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The difference of two lists of module streams."""


class OptionSection(Section[Option, ChangedOption], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The difference of two sets of options, those of the policy included."""


class HoldSection(Section[Hold, ChangedHold], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The difference of two lists of holds."""


class AliasSection(Section[Alias, ChangedAlias], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The difference of two lists of aliases."""


class HeldSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A spec that differs and whose name a hold of the later profile has. `rule` is the entry of that hold."""

    spec: str
    rule: str
    until: Until
    why: str


class ProfileDifference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What two profiles, each on top of the configuration of one host, mean otherwise for packages.

    `closure` is None when no repositories were named to solve on.
    """

    document: Literal["yumbridge-profile-diff"] = "yumbridge-profile-diff"
    version: str = "1.0"
    before: ProfileRef
    after: ProfileRef
    specs: SpecSection
    repositories: RepositorySection
    modules: ModuleSection
    options: OptionSection
    holds: HoldSection
    aliases: AliasSection
    held: tuple[HeldSpec, ...] = ()
    closure: ClosureDifference | None = None

    @property
    def is_empty(self) -> bool:
        """True when both mean the same, and have the same closure if that was asked for."""
        sections = (self.specs, self.repositories, self.modules, self.options, self.holds, self.aliases)
        return all(section.is_empty for section in sections) and (self.closure is None or self.closure.is_empty)


Keys: TypeAlias = Callable[[Entry], Iterable[Hashable]]


@dataclass(frozen=True, slots=True)
class _Parts(Generic[Entry]):
    """What two lists of entries differ in."""

    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    pairs: tuple[tuple[Entry, Entry], ...]


def compare(before: Meaning, after: Meaning, refs: tuple[ProfileRef, ProfileRef]) -> ProfileDifference:
    """Return what `after` means otherwise than `before`. `refs` say where both were read."""
    specs = _parts(before.specs, after.specs, (_name_and_arch, _name))
    repositories = _parts(before.repositories, after.repositories, (lambda each: [each.repo_id],))
    modules = _parts(before.modules, after.modules, (lambda each: [each.name],))
    options = _parts(before.options, after.options, (lambda each: [each.name],))
    holds = _parts(before.holds, after.holds, (lambda each: [each.packages], lambda each: each.packages))
    aliases = _parts(before.aliases, after.aliases, (lambda each: [each.name],))
    visible = repository_without_credentials
    return ProfileDifference(
        before=refs[0],
        after=refs[1],
        specs=SpecSection(
            added=specs.added,
            removed=specs.removed,
            changed=tuple(ChangedSpec(before=b, after=a, fields=_fields(b, a)) for b, a in specs.pairs),
        ),
        repositories=RepositorySection(
            added=tuple(map(visible, repositories.added)),
            removed=tuple(map(visible, repositories.removed)),
            changed=tuple(
                ChangedRepository(before=visible(b), after=visible(a), fields=_fields(b, a))
                for b, a in repositories.pairs
            ),
        ),
        modules=ModuleSection(
            added=modules.added,
            removed=modules.removed,
            changed=tuple(ChangedModule(before=b, after=a, fields=_fields(b, a)) for b, a in modules.pairs),
        ),
        options=_option_section(options),
        holds=_hold_section(holds),
        aliases=AliasSection(
            added=aliases.added,
            removed=aliases.removed,
            changed=tuple(ChangedAlias(before=b, after=a, fields=_fields(b, a)) for b, a in aliases.pairs),
        ),
        held=tuple(_held_specs(specs, after.holds)),
    )


def _option_section(options: _Parts[Option]) -> OptionSection:
    return OptionSection(
        added=tuple(map(_visible_option, options.added)),
        removed=tuple(map(_visible_option, options.removed)),
        changed=tuple(
            ChangedOption(before=_visible_option(b), after=_visible_option(a), fields=_fields(b, a))
            for b, a in options.pairs
        ),
    )


def _hold_section(holds: _Parts[Hold]) -> HoldSection:
    return HoldSection(
        added=tuple(map(_visible_hold, holds.added)),
        removed=tuple(map(_visible_hold, holds.removed)),
        changed=tuple(
            ChangedHold(before=_visible_hold(b), after=_visible_hold(a), fields=_fields(b, a)) for b, a in holds.pairs
        ),
    )


def _parts(before: Sequence[Entry], after: Sequence[Entry], passes: Sequence[Keys[Entry]]) -> _Parts[Entry]:
    """Return what two lists of entries differ in.

    Those of which no equal one is on the other side are paired where one on either side, and no other, has a key: the
    keys of the first pass are tried first.
    """
    old = {_without_origin(entry): entry for entry in before}
    new = {_without_origin(entry): entry for entry in after}
    gone = {key: entry for key, entry in old.items() if key not in new}
    come = {key: entry for key, entry in new.items() if key not in old}
    pairs: list[tuple[Entry, Entry]] = []
    for keys in passes:
        for one, other in _one_to_one(gone, come, keys):
            if one in gone and other in come:
                pairs.append((gone.pop(one), come.pop(other)))
    return _Parts(
        added=tuple(sorted(come.values(), key=_order)),
        removed=tuple(sorted(gone.values(), key=_order)),
        pairs=tuple(sorted(pairs, key=lambda pair: (_order(pair[0]), _order(pair[1])))),
    )


def _one_to_one(
    gone: Mapping[Entry, Entry], come: Mapping[Entry, Entry], keys: Keys[Entry]
) -> Iterator[tuple[Entry, Entry]]:
    """Yield the pairs whose key no other entry of their side has, in the order of the keys."""
    by_key: defaultdict[Hashable, tuple[list[Entry], list[Entry]]] = defaultdict(lambda: ([], []))
    for side, entries in enumerate((gone, come)):
        for entry in entries:
            for key in keys(entry):
                by_key[key][side].append(entry)
    found = {key: (old[0], new[0]) for key, (old, new) in by_key.items() if len(old) == len(new) == 1}
    yield from (found[key] for key in sorted(found, key=repr))


def _without_origin(entry: Entry) -> Entry:
    return replace(entry, origin="") if ORIGIN in entry.__struct_fields__ else entry


def _order(entry: Entry) -> str:
    """Return the sort key of an entry: its first fields say which one it is."""
    return msgspec.json.encode(entry).decode()


def _fields(before: Entry, after: Entry) -> tuple[str, ...]:
    """Return the names of the fields that differ, as documents have them."""
    return tuple(
        sorted(
            field.encode_name
            for field in msgspec.structs.fields(before)
            if field.name != ORIGIN and getattr(before, field.name) != getattr(after, field.name)
        )
    )


def _visible_option(option: Option) -> Option:
    value = option.value
    if isinstance(value, str):
        return replace(option, value=text_without_credentials(option.name, value))
    return option


def _visible_hold(hold: Hold) -> Hold:
    return replace(hold, until=shown(hold.until))


def _name(spec: Spec) -> Iterator[Hashable]:
    yield spec.name


def _name_and_arch(spec: Spec) -> Iterator[Hashable]:
    yield spec.name, spec.arch


def _held_specs(specs: _Parts[Spec], holds: Sequence[Hold]) -> Iterator[HeldSpec]:
    """Yield the specs that differ and that a hold has by name, sorted; the first hold of each is told."""
    globs = [Globs(hold.packages) for hold in holds]
    differing = (*specs.added, *specs.removed, *(after for _, after in specs.pairs))
    for name in sorted({spec.name for spec in differing}):
        names = [name, name.rpartition(".")[0]] if name.rpartition(".")[2] in RPM_ARCHES else [name]
        rules = ((hold, each.rule(bare)) for hold, each in zip(holds, globs, strict=True) for bare in names)
        found = next(((hold, rule) for hold, rule in rules if rule), None)
        if found and not name.startswith("@"):
            hold, rule = found
            yield HeldSpec(spec=name, rule=rule, until=shown(hold.until), why=hold.why)
