"""Why a package is on a host, comes, goes, waits or cannot be had: what a plan knows of one package."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias

import msgspec

from yumbridge.desired.spec import Spec
from yumbridge.plan.choice import Choice, later_note
from yumbridge.plan.closure import Closure
from yumbridge.plan.document import Change, Deferral, Kept, Note, Plan, Problem, Why
from yumbridge.plan.why import all_chains
from yumbridge.rpm.package import InstalledPackage, Package

AnyPackage: TypeAlias = Package | InstalledPackage


class Brought(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way in which something brings a package: the shortest chain of that way."""

    nevra: str
    why: tuple[Why, ...]


class Explanation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a plan knows of a package. `package` is what was asked for; lists of NEVRAs are sorted.

    `planned` will be there once the whole plan is carried out, also what of it waits. `chains` tell what brings that.
    `changes` happen now, `held_by` waits. `kept_by` is what stays in spite of the closure. `blocked_by` is why
    something cannot be had. `if_listed` would come in addition if the profile listed it. `listed` are the profile paths
    that name it. `other_problems` is how many more problems the plan has, for each of which none of it is carried out;
    with `solved` false the profile has no solution, and what it needs is not known.
    """

    document: Literal["yumbridge-why"] = "yumbridge-why"
    version: str = "1.0"
    package: str
    installed: tuple[str, ...] = ()
    planned: tuple[str, ...] = ()
    chains: tuple[Brought, ...] = ()
    changes: tuple[Change, ...] = ()
    held_by: tuple[Deferral, ...] = ()
    kept_by: tuple[Kept, ...] = ()
    blocked_by: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    if_listed: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    other_problems: int = 0
    solved: bool = True

    @property
    def is_known(self) -> bool:
        """True when the host has it or will have it: nobody need ask whether it could."""
        return bool(self.installed or self.planned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What an explanation rests on: a plan, the closure that it was made from, its specs, and what is installed."""

    plan: Plan
    closure: Closure
    specs: Sequence[Spec]
    installed: Sequence[InstalledPackage]
    choices: Sequence[Choice] = ()


def explain(asked: str, ground: Ground) -> Explanation:
    """Return what is known of the packages that `asked` names, in any of the forms of `spellings`, or as a glob."""
    plan, closure = ground.plan, ground.closure
    wanted = [number for number, package in enumerate(closure.packages) if is_meant(asked, package)]
    present = [package for package in ground.installed if is_meant(asked, package)]
    installed = {str(package.nevra) for package in present}
    planned = {str(closure.packages[number].nevra) for number in wanted}
    names = {p.name for p in present} | {closure.packages[number].name for number in wanted}
    kept = tuple(entry for entry in plan.kept if entry.nevra in installed)
    meant = installed | planned
    listing = [spec for spec in ground.specs if is_named(asked, spec)]
    lines = {(str(spec), spec.origin) for spec in listing}
    words = {asked} | meant | names
    blocked = tuple(each for each in plan.problems if (each.spec, each.origin) in lines or _speaks_of(each, words))
    later = tuple(later_note(choice, asked) for choice in ground.choices if asked in choice.not_needed)
    return Explanation(
        package=asked,
        installed=tuple(sorted(installed)),
        planned=tuple(sorted(planned | {entry.nevra for entry in kept})),
        chains=tuple(
            Brought(nevra=str(closure.packages[number].nevra), why=chain)
            for number in wanted
            for chain in all_chains(number, closure, ground.specs)
        ),
        changes=tuple(change for change in plan.changes if _touches(change, meant)),
        held_by=tuple(change for change in plan.deferred if _touches(change, meant)),
        kept_by=kept,
        blocked_by=blocked,
        notes=(
            *(each for each in plan.notes if each.nevra in meant or not words.isdisjoint(_words(each.text))),
            *later,
        ),
        listed=tuple(sorted({spec.origin for spec in listing})),
        other_problems=len(plan.problems) - len(blocked),
        solved=not closure.problems,
    )


def is_named(asked: str, spec: Spec) -> bool:
    """Tell whether a spec names what a person typed, in one of its forms."""
    forms = (spec.name, str(spec), f"{spec.name}.{spec.arch}", f"{spec.name}-{spec.evr}")
    return any(fnmatchcase(form, asked) for form in forms)


def is_meant(asked: str, package: AnyPackage) -> bool:
    """Tell whether a person means this package by what they typed: one of its spellings, or a glob on one."""
    return any(fnmatchcase(spelling, asked) for spelling in spellings(package))


def spellings(package: AnyPackage) -> tuple[str, ...]:
    """Return the ways in which people write a package. Source: dnf(8), specifying packages."""
    name, arch, version, release = package.name, package.arch, package.version, package.release
    builds = (version, f"{version}-{release}", f"{package.epoch}:{version}-{release}")
    full = [f"{name}-{build}" for build in builds]
    return (name, f"{name}.{arch}", *full, *(f"{each}.{arch}" for each in full[1:]))


def _touches(change: Change, nevras: set[str]) -> bool:
    return bool(nevras.intersection((*change.coming, *change.going)))


def _speaks_of(problem: Problem, words: set[str]) -> bool:
    """Tell whether a problem is of a package, or speaks of one."""
    return problem.spec in words or not words.isdisjoint(_words(problem.text))


def _words(text: str) -> Iterable[str]:
    return (word.strip(",;:()") for word in text.split())
