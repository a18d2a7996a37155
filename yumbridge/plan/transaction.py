"""The exact transaction, as the engine solved it, checked against what was asked and put into words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

from yumbridge.errors import PlanMismatchError
from yumbridge.plan.document import Action, Change, CrossedAdvisory, Why
from yumbridge.rpm.evr import EVR
from yumbridge.rpm.package import InstalledPackage, Package

NOARCH: Final = "noarch"

Chains: TypeAlias = Mapping[str, tuple[Why, ...]]


class WantedPackage(msgspec.Struct, frozen=True, array_like=True):
    """Exactly one package of one repository."""

    nevra: str
    repo_id: str
    checksum: str


class Transaction(msgspec.Struct, frozen=True):
    """What comes in and goes out, as sorted NEVRAs.

    `obsoleted` pairs an outgoing NEVRA with the newcomer that obsoletes it. `refused` pairs a removal that cannot go
    with what needs it. `advisories` pairs an incoming NEVRA with the sorted ids of those that its EVR change crosses;
    `crossed` says what each of those is about, sorted by id. With `problems` there is no transaction at all.
    """

    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]
    obsoleted: tuple[tuple[str, str], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    advisories: tuple[tuple[str, tuple[str, ...]], ...] = ()
    crossed: tuple[CrossedAdvisory, ...] = ()
    problems: tuple[str, ...] = ()


class Part(msgspec.Struct, frozen=True):
    """A part of a transaction: what comes in and goes out, as sorted NEVRAs. With `problems` there is none."""

    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a transaction is read against: the closure, what is installed, and what stays in spite of the closure."""

    closure: Sequence[Package]
    installed: Sequence[InstalledPackage]
    staying: frozenset[str]


def predicted(install: Sequence[Package], erase: Sequence[InstalledPackage], around: Surroundings) -> Transaction:
    """Return the transaction that no solver has confirmed: for plans that have problems and will not be applied."""
    newcomers: defaultdict[str, list[Package]] = defaultdict(list)
    for package in install:
        newcomers[package.name].append(package)
    replaced = [old for old in around.installed if any(gives_way(old, new) for new in newcomers.get(old.name, ()))]
    outgoing = {str(p.nevra) for p in (*erase, *replaced)} - around.staying
    return Transaction(
        incoming=tuple(sorted(str(p.nevra) for p in install)),
        outgoing=tuple(sorted(outgoing)),
    )


def gives_way(old: InstalledPackage, new: Package) -> bool:
    """Tell whether installing `new` replaces `old`: the same name, and an arch that cannot stand beside it."""
    if old.name != new.name or old.installonly:
        return False
    return old.arch == new.arch or NOARCH in (old.arch, new.arch)


def check(transaction: Transaction, around: Surroundings) -> None:
    """Make sure that the transaction leads from what is installed to the closure and what is kept, and nowhere else.

    Raises PlanMismatchError, a defect of ours, with every package that differs.
    """
    installed = {str(p.nevra) for p in around.installed}
    result = (installed - set(transaction.outgoing)) | set(transaction.incoming)
    wanted = {str(p.nevra) for p in around.closure} | around.staying
    if result == wanted:
        return
    raise PlanMismatchError(
        "the solver's transaction does not lead to the planned packages; nothing was done",
        [f"missing: {nevra}" for nevra in sorted(wanted - result)]
        + [f"not planned: {nevra}" for nevra in sorted(result - wanted)],
    )


def successors(transaction: Transaction, around: Surroundings) -> dict[str, tuple[str, ...]]:
    """Return the sorted newcomers that replace or obsolete each NEVRA that goes; it may be without any."""
    incoming, outgoing = set(transaction.incoming), set(transaction.outgoing)
    newcomers = [p for p in around.closure if str(p.nevra) in incoming]
    leavers = [p for p in around.installed if str(p.nevra) in outgoing]
    replaced, _ = _paired(newcomers, leavers)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for new, olds in replaced.items():
        for old in olds:
            found[str(old.nevra)].add(new)
    for gone, new in transaction.obsoleted:
        found[gone].add(new)
    return {old: tuple(sorted(news)) for old, news in sorted(found.items())}


def changes_of(transaction: Transaction, around: Surroundings, chains: Chains) -> tuple[Change, ...]:
    """Return the transaction as changes, sorted by name, arch and action. `chains` is by NEVRA of the closure."""
    incoming, outgoing = set(transaction.incoming), set(transaction.outgoing)
    newcomers = [p for p in around.closure if str(p.nevra) in incoming]
    leavers = [p for p in around.installed if str(p.nevra) in outgoing]
    replaced, gone = _paired(newcomers, leavers)
    crossed = dict(transaction.advisories)
    changes = [
        msgspec.structs.replace(
            _arrival(new, replaced[str(new.nevra)], chains.get(str(new.nevra), ())),
            advisories=crossed.get(str(new.nevra), ()),
        )
        for new in newcomers
    ]
    obsoleters = dict(transaction.obsoleted)
    staying = {(p.name, p.arch): str(p.nevra) for p in around.closure}
    changes += [_departure(old, obsoleters.get(str(old.nevra)), staying.get((old.name, old.arch))) for old in gone]
    return tuple(sorted(changes, key=lambda c: (c.name, c.arch, c.action, c.before, c.after)))


def _paired(
    newcomers: Iterable[Package], leavers: Sequence[InstalledPackage]
) -> tuple[Mapping[str, list[InstalledPackage]], list[InstalledPackage]]:
    """Return, per newcomer, the installed builds it replaces, and the leavers that nothing replaces."""
    replaced: defaultdict[str, list[InstalledPackage]] = defaultdict(list)
    by_name: defaultdict[str, list[InstalledPackage]] = defaultdict(list)
    for leaver in leavers:
        by_name[leaver.name].append(leaver)
    taken: set[str] = set()
    # An arch of its own first: of two newcomers only one can follow a noarch build.
    for same_arch in (True, False):
        for new in newcomers:
            for old in by_name.get(new.name, ()):
                key = str(old.nevra)
                if key not in taken and gives_way(old, new) and (old.arch == new.arch) is same_arch:
                    taken.add(key)
                    replaced[str(new.nevra)].append(old)
    return replaced, [leaver for leaver in leavers if str(leaver.nevra) not in taken]


def _arrival(new: Package, replaced: Sequence[InstalledPackage], chain: tuple[Why, ...]) -> Change:
    before = sorted((old.evr for old in replaced), key=lambda evr: evr.key)
    return Change(
        action=_action(before, new.evr),
        name=new.name,
        arch=new.arch,
        before=tuple(map(str, before)),
        after=(str(new.evr),),
        repo_id=new.repo_id,
        checksum=new.checksum,
        size_bytes=new.size_bytes,
        why=chain,
    )


def _action(before: Sequence[EVR], after: EVR) -> Action:
    if not before:
        return Action.INSTALL
    return Action.DOWNGRADE if after < before[-1] else Action.UPGRADE


def _departure(old: InstalledPackage, obsoleter: str | None, staying: str | None) -> Change:
    if obsoleter:
        action, why = Action.OBSOLETE, Why(kind="obsoleted-by", ref=obsoleter)
    elif staying:
        action, why = Action.REMOVE, Why(kind="superseded" if old.installonly else "duplicate", ref=staying)
    else:
        action, why = Action.REMOVE, Why(kind="not-in-profile")
    return Change(
        action=action,
        name=old.name,
        arch=old.arch,
        before=(str(old.evr),),
        after=(),
        repo_id="",
        checksum="",
        size_bytes=0,
        why=(why,),
    )
