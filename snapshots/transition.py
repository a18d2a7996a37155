"""What becomes of hosts that go from one snapshot to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from yumbridge.count import counted
from yumbridge.desired.policy import Policy, removals_allowed
from yumbridge.plan.document import Action, Change, KeptReason
from yumbridge.plan.reconcile import KeepRules, Reconciliation, reconcile
from yumbridge.plan.transaction import Surroundings, changes_of, predicted
from yumbridge.rpm.package import Package, installed_package

# The vendors of packages by checksum.
Vendors: TypeAlias = Callable[[Iterable[Package]], Mapping[str, str]]


class Transition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of a host that is as its profile wants it on another snapshot.

    `solves`: there is such a host, else there are no numbers.
    """

    solves: bool
    installs: int = 0
    upgrades: int = 0
    downgrades: int = 0
    removals: int = 0
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts of a profile that are as it wants them on a snapshot: their packages, none when it does not solve."""

    packages: Sequence[Package]
    vendors: Vendors


def transition(before: Hosts, after: Hosts, policy: Policy) -> Transition:
    """Return what becomes of hosts; the solver is not asked whether it can be done in one go."""
    if not (before.packages and after.packages):
        return Transition(solves=False)
    installed = tuple(map(installed_package, before.packages))
    reconciliation = reconcile(after.packages, installed, KeepRules(policy=policy, kernel_release=None))
    around = Surroundings(
        closure=after.packages,
        installed=installed,
        staying=frozenset(map(str, reconciliation.kept)),
    )
    changes = changes_of(predicted(reconciliation.install, reconciliation.erase, around), around, {})
    counts = Counter(change.action for change in changes)
    moved = tuple(_vendor_changes(before, after))
    problems = [*_protected(reconciliation)]
    allowed = removals_allowed(policy.removal_limit, len(installed))
    if counts[Action.REMOVE] > allowed:
        removed = counted(counts[Action.REMOVE], "package")
        problems.append(f"removes {removed}; an unattended apply may remove {allowed}")
    if not policy.allow_vendor_change:
        problems += moved
    return Transition(
        solves=True,
        installs=counts[Action.INSTALL],
        upgrades=counts[Action.UPGRADE],
        downgrades=counts[Action.DOWNGRADE],
        removals=counts[Action.REMOVE],
        problems=tuple(problems),
        notes=(*_downgrades(changes), *(moved if policy.allow_vendor_change else ())),
    )


def _protected(reconciliation: Reconciliation) -> Iterator[str]:
    for kept in reconciliation.kept.values():
        if kept.reason is KeptReason.PROTECTED:
            yield f"{kept.nevra} is protected ({kept.rule}), and the profile brings it no more"


def _downgrades(changes: Iterable[Change]) -> Iterator[str]:
    for each in changes:
        if each.action is Action.DOWNGRADE:
            yield f"{each.name}.{each.arch} is downgraded: {', '.join(each.before)} -> {', '.join(each.after)}"


def _vendor_changes(before: Hosts, after: Hosts) -> Iterator[str]:
    """Yield the packages whose next build is of another vendor; what stands beside older builds replaces none."""
    old = {(package.name, package.arch): package for package in before.packages if not package.installonly}
    pairs = [
        (old[package.name, package.arch], package)
        for package in after.packages
        if (package.name, package.arch) in old and old[package.name, package.arch].checksum != package.checksum
    ]
    was = before.vendors(package for package, _ in pairs)
    now = after.vendors(package for _, package in pairs)
    for earlier, later in pairs:
        first, second = was[earlier.checksum], now[later.checksum]
        if first != second:
            yield f"{later.name}.{later.arch} is of another vendor: {first or 'none'} -> {second or 'none'}"
