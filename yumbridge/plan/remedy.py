"""Edits that may solve a problem of a plan, the least intrusive first. Whether one does is for the engine to prove.

Source of the rules: docs/concepts.md, "Problems and notes".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, cached_property
from itertools import chain, islice
from typing import Final, TypeVar

from msgspec.structs import replace

from yumbridge.count import counted
from yumbridge.desired.alias import Alias, within
from yumbridge.desired.policy import Policy
from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState, ModuleStream
from yumbridge.plan.clash import Clash
from yumbridge.plan.closure import ProblemKind, Unmet
from yumbridge.plan.document import Kept, KeptReason
from yumbridge.plan.edit import Edit
from yumbridge.plan.offer import NO_OFFERS, Offers
from yumbridge.plan.wording import joined, mentioned
from yumbridge.rpm.isa import split_arch
from yumbridge.rpm.nevra import NEVRA

Entry = TypeVar("Entry")
Key = TypeVar("Key", bound=Hashable)

# Of each problem so many edits are looked at that leave its lines on the list, and so many that take one off.
_MAX_CHANGES: Final = 5
_MAX_REMOVALS: Final = 4
_MAX_NAMES: Final = 3
# No name goes on so after a "-": what begins with a letter there is nearly always another package.
_BEGIN_AN_EVR: Final = frozenset("0123456789*?[")
# What stays for these reasons alone goes once it is unwanted.
_FREE: Final = frozenset({KeptReason.USER_PACKAGE, KeptReason.WHITELIST})


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a site has written: the state that was solved, and the aliases that were expanded for it.

    `offers` are what the repositories have of names and modules. `given` are protected names that others have set. What
    is looked up for each of many specs is worked out once.
    """

    state: DesiredState
    aliases: tuple[Alias, ...] = ()
    offers: Offers = NO_OFFERS
    given: frozenset[str] = frozenset()

    @cached_property
    def of_line(self) -> Mapping[str, list[int]]:
        """The numbers of all specs that were made of a line, by its origin."""
        return _numbers_by(self.state.specs, lambda spec: spec.origin)

    @cached_property
    def of_member(self) -> Mapping[tuple[str, str], list[int]]:
        """The numbers of all specs that were made of a member of an alias, by its name and that of the alias."""
        return _numbers_by(self.state.specs, lambda spec: (spec.name, spec.aliases[-1]) if spec.aliases else None)

    @cached_property
    def alias_place(self) -> Callable[[Spec], str]:
        """What tells where the alias is written that has a spec as a member.

        It is empty for a spec of no alias, and where an edit there cannot be foretold: of an alias that chooses, and
        where another alias of the same line has that member as well.
        """

        @cache
        def of_member(name: str, alias: str) -> str:
            lines = {self.state.specs[number].aliases[0] for number in self.of_member[name, alias]}
            having = [
                each
                for each in within(lines, self.aliases)
                if any(name in definition.members for definition in each.definitions)
            ]
            if len(having) != 1 or any(name in definition.any_of for definition in having[0].definitions):
                return ""
            return having[0].origin

        return lambda spec: of_member(spec.name, spec.aliases[-1]) if spec.aliases else ""

    def is_nowhere(self, spec: Spec) -> bool:
        """Tell whether no repository has any build of a spec's name, which is none of several."""
        return not (is_pattern(spec) or self.offers.of(spec.name).builds)


def _numbers_by(specs: Sequence[Spec], key: Callable[[Spec], Key | None]) -> Mapping[Key, list[int]]:
    """Return the numbers of specs by a key, less those that have none."""
    found: defaultdict[Key, list[int]] = defaultdict(list)
    for number, spec in enumerate(specs):
        if (said := key(spec)) is not None:
            found[said].append(number)
    return dict(found)


def is_pattern(spec: Spec) -> bool:
    """Tell whether a spec stands for several names."""
    return spec.name.startswith("@") or not {"*", "?"}.isdisjoint(spec.name)


def unmet_edits(unmet: Sequence[Unmet], written: Written) -> tuple[Edit, ...]:
    """Return edits for specs that nothing meets, all for one reason."""
    specs = written.state.specs
    numbers = [each.spec for each in unmet]
    names = {specs[number].name for number in numbers}
    changes = chain(
        *(_pins_to_offered(each.spec, written) for each in unmet if each.kind is ProblemKind.NOT_FOUND),
        *(_without_pins(number, specs[number]) for number in numbers if not written.is_nowhere(specs[number])),
        *(_other_names(number, written) for number in numbers),
        _admissions(names, written.state),
        _streams(names, written),
    )
    return _limited(changes, _removals(numbers, written))


def clash_edits(clash: Clash, written: Written) -> tuple[Edit, ...]:
    """Return edits for specs that cannot be met together."""
    state, names = written.state, mentioned(clash.problem.text)
    changes = chain(
        *(_without_pins(number, state.specs[number]) for number in clash.numbers),
        _older_builds(state),
        _admissions(names, state),
        _streams(names, written),
    )
    return _limited(changes, _removals(clash.numbers, written))


def module_edits(number: int, written: Written) -> tuple[Edit, ...]:
    """Return edits for a module stream that cannot be had."""
    modules = written.state.modules
    bad = modules[number]
    others = [stream for stream in written.offers.streams_of(bad.name) if stream != bad.stream]
    changes = (
        Edit(
            words=f"{_enabling(bad)} the module stream {bad.name}:{stream} instead of {bad} ({bad.origin})",
            modules=_replaced(modules, number, replace(bad, stream=stream)),
        )
        for stream in others
    )
    drop = Edit(words=f"take the module {bad} off the list ({bad.origin})", modules=_replaced(modules, number, None))
    return _limited(changes, [drop])


def kept_edits(culprits: Mapping[NEVRA, Kept], kept: Collection[Kept], written: Written) -> tuple[Edit, ...]:
    """Return edits for those of all `kept` packages that are in the way of the closure."""
    policy = written.state.policy
    listed = {spec.name for spec in written.state.specs}
    # Beside a name that is listed only another arch of it can be in the way.
    names = dict.fromkeys(f"{it.name}.{it.arch}" if it.name in listed else it.name for it in culprits)
    changes = [Edit(words=f"add {name} to the list", added=(Spec(name=name, origin=""),)) for name in names]
    free = dict.fromkeys(it.name for it, why in culprits.items() if why.reason in _FREE and it.name not in listed)
    for name in free:
        unwanted = tuple(sorted({*policy.unwanted, name}))
        changes.append(Edit(words=f"add {name} to policy.unwanted", policy=replace(policy, unwanted=unwanted)))
    # Last what lets go of other packages, too.
    others = [each for each in kept if each not in culprits.values()]
    for culprit in culprits.values():
        changes += _releases(culprit, others, policy, written.given)
    return _limited(_once(changes), ())


def line_edits(line: Spec, written: Written) -> tuple[Edit, ...]:
    """Return the edit that takes a line off the list, with all that its aliases have made of it."""
    return (Edit(words=f"take {line} off the list ({line.origin})", specs=_off_the_list(line, written)),)


def version_edits(name: str, written: Written) -> tuple[Edit, ...]:
    """Return edits for a name whose lines come to builds that cannot stand beside each other."""
    specs = written.state.specs
    numbers = [number for number, spec in enumerate(specs) if spec.name == name]
    changes = chain.from_iterable(_without_pins(number, specs[number]) for number in numbers)
    return _limited(changes, _removals(numbers, written))


def _limited(changes: Iterable[Edit], removals: Iterable[Edit]) -> tuple[Edit, ...]:
    return (*islice(changes, _MAX_CHANGES), *islice(removals, _MAX_REMOVALS))


def _once(edits: Iterable[Edit]) -> Iterator[Edit]:
    return iter({edit.words: edit for edit in edits}.values())


# Pins and names


def _without_pins(number: int, spec: Spec) -> Iterator[Edit]:
    """Yield the spec without its repository, its arch or its version, whichever it has, then without any of them."""
    named = (("repository", "repo_id", spec.repo_id), ("arch", "arch", spec.arch), ("version", "evr", spec.evr))
    pins = [(f"the {word} {value}", field) for word, field, value in named if value is not None]
    for some in [*([pin] for pin in pins), *([pins] if len(pins) > 1 else [])]:
        words = joined([name for name, _ in some])
        bare = replace(spec, **dict.fromkeys(field for _, field in some))
        words = f"list {spec.name} without {words} ({spec.origin})"
        yield Edit(words=words, specs={number: bare}, is_wide=len(some) > 1)


def _pins_to_offered(number: int, written: Written) -> Iterator[Edit]:
    """Yield the spec at the newest build there is: one of the wanted version first, of another release."""
    spec = written.state.specs[number]
    if spec.evr is None or is_pattern(spec):
        return
    evrs = [
        build.evr
        for build in written.offers.of(spec.name).builds
        if spec.arch in {None, build.arch} and spec.repo_id in {None, build.repo_id}
    ]
    version = spec.evr.rpartition("-")[0] or spec.evr
    for evr in sorted(evrs[:1] + evrs, key=lambda evr: evr.rpartition("-")[0] != version)[:1]:
        words = f"list {spec.name} {evr} instead of {spec.evr} ({spec.origin})"
        yield Edit(words=words, specs={number: replace(spec, evr=evr)})


def _other_names(number: int, written: Written) -> Iterator[Edit]:
    spec = written.state.specs[number]
    place = written.alias_place(spec) if spec.aliases else spec.origin
    if is_pattern(spec) or not place:
        return
    for name in written.offers.of(spec.name).similar[:_MAX_NAMES]:
        words = f"list {name} instead of {spec.name} ({place})"
        yield Edit(words=words, specs={number: replace(spec, name=name)})


def _removals(numbers: Collection[int], written: Written) -> Iterator[Edit]:
    """Yield the removal of each line: what is listed itself, then members from their aliases, then lines of aliases."""
    specs = written.state.specs
    wanted = [(number, specs[number]) for number in numbers]
    edits = [
        Edit(words=f"take {spec} off the list ({spec.origin})", specs={number: None})
        for number, spec in wanted
        if not spec.aliases
    ]
    for _, spec in wanted:
        if (place := written.alias_place(spec)) and not _is_only_member(spec, written):
            gone: dict[int, Spec | None] = dict.fromkeys(written.of_member[spec.name, spec.aliases[-1]])
            edits.append(Edit(words=f"take {spec} out of the alias {spec.aliases[-1]} ({place})", specs=gone))
    for _, spec in wanted:
        if spec.aliases:
            words = f"take @{spec.aliases[0]} off the list ({spec.origin})"
            edits.append(Edit(words=words, specs=_off_the_list(spec, written)))
    # A list without anything on it is none.
    return _once(edit for edit in edits if len(edit.specs) < len(specs))


def _off_the_list(line: Spec, written: Written) -> dict[int, Spec | None]:
    """Return all that was made of the line that a spec comes from, as gone."""
    return dict.fromkeys(written.of_line.get(line.origin, ()))


def _is_only_member(spec: Spec, written: Written) -> bool:
    """Tell whether the alias that has a spec as a member would be left without any."""
    definitions = (each for alias in written.aliases if alias.name == spec.aliases[-1] for each in alias.definitions)
    return any(set(definition.members) == {spec.name} for definition in definitions)


# Policy, repositories, modules


def _older_builds(state: DesiredState) -> Iterator[Edit]:
    if state.policy.require_best:
        yield Edit(words="let older builds do: main_options.best = 0", policy=replace(state.policy, require_best=False))


def _admissions(names: Collection[str], state: DesiredState) -> Iterator[Edit]:
    """Yield what lets packages of some names in: an edit for each list that keeps them out, then all at once."""
    policy = state.policy
    lists: list[Edit] = []
    if bars := _matching(policy.unwanted, names):
        unwanted = _without(policy.unwanted, bars)
        lists.append(Edit(words=f"drop {joined(bars)} from policy.unwanted", policy=replace(policy, unwanted=unwanted)))
        policy = replace(policy, unwanted=unwanted)
    if bars := _matching(policy.excludes, names):
        excludes = _without(policy.excludes, bars)
        words = f"drop {joined(bars)} from the excludes"
        lists.append(Edit(words=words, policy=replace(state.policy, excludes=excludes)))
        policy = replace(policy, excludes=excludes)
    repositories = state.repositories
    for number, repository in enumerate(state.repositories):
        words, admitting = _admitting(repository, names)
        if words:
            lists.append(Edit(words=words, repositories=_replaced(state.repositories, number, admitting)))
            repositories = _replaced(repositories, number, admitting)
    yield from lists
    if len(lists) > 1:
        words = " and ".join(edit.words for edit in lists)
        yield Edit(words=words, policy=policy, repositories=repositories, is_wide=True)


def _admitting(repository: Repository, names: Collection[str]) -> tuple[str, Repository]:
    """Return a repository that lets some names in, and how it comes to do so; no words when nothing keeps them out."""
    place = f"of repository {repository.repo_id} ({repository.origin})"
    if bars := _matching(repository.excludepkgs, names):
        admitting = replace(repository, excludepkgs=_without(repository.excludepkgs, bars))
        return f"drop {joined(bars)} from excludepkgs {place}", admitting
    if repository.includepkgs and len(names) == 1:
        admitting = replace(repository, includepkgs=(*repository.includepkgs, *names))
        return f"add {joined([*names])} to includepkgs {place}", admitting
    return "", repository


def _matching(entries: Iterable[str], names: Collection[str]) -> list[str]:
    """Return the entries of a list of packages that may be about one of some names."""
    return [entry for entry in entries if any(_may_be_of(name, entry) for name in names)]


def _may_be_of(name: str, entry: str) -> bool:
    """Tell whether an entry of a list of packages may be one of a name: a glob of it, with an arch, or with an EVR."""
    start, _, rest = entry.partition(f"{name}-")
    return fnmatchcase(name, split_arch(entry)[0]) or (not start and rest[:1] in _BEGIN_AN_EVR)


def _without(entries: Iterable[str], gone: Collection[str]) -> tuple[str, ...]:
    return tuple(entry for entry in entries if entry not in gone)


def _streams(names: Collection[str], written: Written) -> Iterator[Edit]:
    """Yield the enabling of each module stream that has packages of some names."""
    modules = written.state.modules
    offered = {stream for name in names for stream in written.offers.of(name).streams}
    for text in sorted(offered):
        name, _, stream = text.partition(":")
        number = next((number for number, module in enumerate(modules) if module.name == name), None)
        if number is None:
            added = ModuleStream(name=name, stream=stream, origin="")
            yield Edit(words=f"enable the module stream {text}", modules=(*modules, added))
        elif str(modules[number]) != text or not modules[number].enabled:
            bad = modules[number]
            state = "" if bad.enabled else ", which is disabled"
            words = f"enable the module stream {text} instead of {bad}{state} ({bad.origin})"
            enabled = replace(bad, stream=stream, enabled=True)
            yield Edit(words=words, modules=_replaced(modules, number, enabled))


def _enabling(stream: ModuleStream) -> str:
    return "enable" if stream.enabled else "disable"


def _replaced(entries: tuple[Entry, ...], number: int, entry: Entry | None) -> tuple[Entry, ...]:
    return (*entries[:number], *(() if entry is None else (entry,)), *entries[number + 1 :])


# What stays


def _releases(culprit: Kept, others: Collection[Kept], policy: Policy, given: Collection[str]) -> Iterator[Edit]:
    """Yield the edit that drops the rule which keeps a package, if the site wrote one, with what else it keeps."""
    rule = culprit.rule
    alike = sum((other.reason, other.rule) == (culprit.reason, rule) for other in others)
    too = f", which keeps {counted(alike, 'more package')}" if alike else ""
    if culprit.reason is KeptReason.WHITELIST:
        yield Edit(
            words=f"drop {rule} from the whitelist{too}",
            policy=replace(policy, whitelist=_without(policy.whitelist, {rule})),
        )
    elif culprit.reason is KeptReason.PROTECTED and rule in policy.protected and rule not in given:
        yield Edit(
            words=f"drop {rule} from policy.protected{too}",
            policy=replace(policy, protected=_without(policy.protected, {rule})),
        )
    elif culprit.reason is KeptReason.OUTSIDE_FILTER:
        yield Edit(words=f"drop the filter{too}", policy=replace(policy, filter=None))
