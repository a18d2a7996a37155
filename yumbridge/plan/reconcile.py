"""The difference between a closure and what is installed, before the solver has its say.

Source of the rules: docs/concepts.md, "What stays".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, TypeAlias

from yumbridge.desired.policy import Policy
from yumbridge.plan.document import Kept, KeptReason
from yumbridge.plan.transaction import gives_way
from yumbridge.rpm.nevra import NEVRA
from yumbridge.rpm.package import InstalledPackage, Package

# What carries plans out. A host without them could not be managed back.
BRIDGE_PACKAGES: Final = frozenset({"yumbridge", "dnf", "dnf5"})

_KEY_NAME: Final = "gpg-pubkey"

NameArch: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What has to come, to go and to stay. `install` and `erase` are sorted; `kept` is by NEVRA.

    `erase` holds leavers only: what an incoming build replaces goes without being named.
    """

    install: tuple[Package, ...]
    erase: tuple[InstalledPackage, ...]
    kept: Mapping[NEVRA, Kept]

    @property
    def keeps_older_builds(self) -> bool:
        """True when something stays for the installonly limit alone."""
        return any(entry.reason is KeptReason.INSTALLONLY_LIMIT for entry in self.kept.values())


NO_CHANGE: Final = Reconciliation(install=(), erase=(), kept={})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRules:
    """What decides whether an installed package may leave.

    `kernel_release` is `uname -r` of the target, None when nothing runs there. `spoken_for` are names and globs that
    the desired state lists although nothing offered meets them: whether they may go is not known. Without
    `keep_older_builds` nothing stays for the installonly limit alone. `degraded`: repositories are missing.
    """

    policy: Policy
    kernel_release: str | None
    spoken_for: frozenset[str] = frozenset()
    keep_older_builds: bool = True
    degraded: bool = False

    def reason_to_keep(self, package: InstalledPackage) -> Kept | None:
        """Return why `package` must stay, or None if it may go. The first reason that applies is the one told."""
        nevra = str(package.nevra)
        if package.name == _KEY_NAME:
            return Kept(nevra=nevra, reason=KeptReason.GPG_PUBKEY, rule="keys are no packages")
        if self.kernel_release and self._runs(package, self.kernel_release):
            return Kept(nevra=nevra, reason=KeptReason.RUNNING_KERNEL, rule=self.kernel_release)
        if rule := self._protecting(package.name):
            return Kept(nevra=nevra, reason=KeptReason.PROTECTED, rule=rule)
        if not _matches_any(package.name, self.policy.unwanted):
            if rule := self._whitelisting(package):
                return Kept(nevra=nevra, reason=KeptReason.WHITELIST, rule=rule)
            if self.policy.keep_user_packages:
                return Kept(nevra=nevra, reason=KeptReason.USER_PACKAGE, rule="user packages stay")
        if self.policy.filter is not None:
            return Kept(nevra=nevra, reason=KeptReason.OUTSIDE_FILTER, rule=self.policy.filter)
        if self.degraded:
            return Kept(nevra=nevra, reason=KeptReason.DEGRADED, rule="repositories are missing")
        return None

    def _runs(self, package: InstalledPackage, release: str) -> bool:
        """Tell whether `package` belongs to the running kernel. Debug variants add "+debug" to `uname -r`."""
        if release in package.kernel_releases:
            return True
        own = f"{package.version}-{package.release}.{package.arch}"
        return package.installonly and release.partition("+")[0] == own

    def _protecting(self, name: str) -> str:
        if name in BRIDGE_PACKAGES:
            return name
        return _matches_any(name, self.policy.protected)

    def _whitelisting(self, package: InstalledPackage) -> str:
        text = f"{package.name}-{package.version}-{package.release}.{package.arch}"
        for entry in self.policy.whitelist:
            if text.startswith(entry) or fnmatchcase(text, entry):
                return entry
        return ""


def is_key(nevra: str) -> bool:
    """Tell whether rpm's entry for an imported public key is meant: it looks like a package, and no solver knows it."""
    return nevra.startswith(f"{_KEY_NAME}-")


def _matches_any(name: str, patterns: Iterable[str]) -> str:
    """Return the first of `patterns`, names or globs, that matches `name`, or the empty string."""
    return next((pattern for pattern in patterns if fnmatchcase(name, pattern)), "")


def reconcile(closure: Sequence[Package], installed: Sequence[InstalledPackage], rules: KeepRules) -> Reconciliation:
    """Compare a closure with what is installed, per name and arch."""
    wanted: defaultdict[NameArch, list[Package]] = defaultdict(list)
    for package in closure:
        wanted[package.name, package.arch].append(package)
    present: defaultdict[NameArch, list[InstalledPackage]] = defaultdict(list)
    for old in installed:
        present[old.name, old.arch].append(old)

    nevras = {package.nevra for package in installed}
    install = [package for package in closure if package.nevra not in nevras]
    leavers: list[InstalledPackage] = []
    for key, packages in present.items():
        leavers += _leavers(wanted.get(key, []), packages)

    coming: defaultdict[str, list[Package]] = defaultdict(list)
    for package in install:
        coming[package.name].append(package)
    # What gives way to a build of another arch is upgraded, as with the same arch: that is no reason to keep it.
    going = [p for p in leavers if not any(gives_way(p, new) for new in coming.get(p.name, ()))]
    kept = {p.nevra: reason for p in going if (reason := rules.reason_to_keep(p))}
    if rules.keep_older_builds:
        undecided = [p for p in going if p.nevra not in kept]
        kept |= _within_installonly_limit(closure, undecided, kept, rules.policy.installonly_limit)
    erase = [p for p in leavers if p.nevra not in kept and not _matches_any(p.name, rules.spoken_for)]
    return Reconciliation(
        install=tuple(sorted(install, key=lambda p: p.nevra.key)),
        erase=tuple(sorted(erase, key=lambda p: p.nevra.key)),
        kept=dict(sorted(kept.items(), key=lambda entry: entry[0].key)),
    )


def _leavers(wanted: Sequence[Package], present: Sequence[InstalledPackage]) -> list[InstalledPackage]:
    """Return which installed builds of one name and arch have to be erased by name.

    A build that an incoming one replaces needs no erasure. Of duplicates that an interruption left, the wrong one is
    erased when the right one is there already.
    """
    nevras = {package.nevra for package in wanted}
    outside = [package for package in present if package.nevra not in nevras]
    if not wanted or any(package.installonly for package in present):
        return outside
    right_is_there = len(outside) < len(present)
    return outside if right_is_there else []


def _within_installonly_limit(
    closure: Sequence[Package],
    leavers: Sequence[InstalledPackage],
    kept: Mapping[NEVRA, Kept],
    limit: int,
) -> dict[NEVRA, Kept]:
    """Return the unlisted older builds of installonly packages that may stay, newest first, within the limit.

    The limit counts the builds of a name and arch that the host will have; 0 is no limit.
    """
    newest: dict[NameArch, Package] = {}
    count: defaultdict[NameArch, int] = defaultdict(int)
    for package in closure:
        key = (package.name, package.arch)
        count[key] += 1
        if key not in newest or newest[key].evr < package.evr:
            newest[key] = package
    for nevra in kept:
        count[nevra.name, nevra.arch] += 1
    stay: dict[NEVRA, Kept] = {}
    for leaver in sorted(leavers, key=lambda p: p.evr.key, reverse=True):
        key = (leaver.name, leaver.arch)
        if not leaver.installonly or key not in newest or not leaver.evr < newest[key].evr:
            continue
        if limit and count[key] >= limit:
            continue
        count[key] += 1
        stay[leaver.nevra] = Kept(
            nevra=str(leaver.nevra),
            reason=KeptReason.INSTALLONLY_LIMIT,
            rule=f"installonly_limit {limit}",
        )
    return stay
