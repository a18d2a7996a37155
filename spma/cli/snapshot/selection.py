"""What a cut would hold, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from snapshots.choice.recipe import tree
from snapshots.choice.selection import RepositorySelection
from snapshots.choice.verdict import Reason
from snapshots.content.provenance import Addition, AdvisoryCount, PartialAdvisory, RecipeTree, advisory_counts
from snapshots.cut import PlannedCut
from snapshots.repodata.compose import Contents
from snapshots.storage.store import Store
from spma.cli.console import Console
from yumbridge.rpm.advisory import Advisory

_COUNT_WIDTH: Final = 12
_PHRASES: Final = {
    Reason.INCLUDED: "included by name",
    Reason.EXCLUDED: "excluded by name",
    Reason.ADVISORY_EXCLUDED: "its advisories are excluded by id",
    Reason.ADVISORY_INCLUDED: "an advisory of it is included by id",
    Reason.BASE: "in the base",
    Reason.HELD: "held at the builds of the base",
    Reason.TOO_NEW: "neither built nor seen by then",
    Reason.ADVISORY: "an advisory of it is selected",
    Reason.ADVISORY_NOT_SELECTED: "its advisories are not selected",
    Reason.WITHOUT_ADVISORY: "no advisory covers it",
    Reason.OFFERED: "offered by the mirrors and not ruled out",
    Reason.NOT_NEWEST: "there is a newer build",
    Reason.CLOSURE: "needed by what is selected",
}
# There may be several rules of these kinds, or the rule says a date.
_WITH_RULE: Final = frozenset({Reason.INCLUDED, Reason.EXCLUDED, Reason.HELD, Reason.TOO_NEW})


class ReasonCount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many packages are kept, or dropped, by one rule."""

    reason: Reason
    keeps: bool
    rule: str
    packages: int


class RepositoryPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What would be held of one repository, and why."""

    repo_id: str
    kept: int
    dropped: int
    size_bytes: int
    reasons: tuple[ReasonCount, ...]
    advisories_in: tuple[str, ...]
    advisories_out: tuple[str, ...]


class CutPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a cut would hold now."""

    document: Literal["yumbridge-cut-plan"] = "yumbridge-cut-plan"
    version: str = "1.0"
    recipe: RecipeTree
    base: str
    base_id: str
    metadata_only: bool
    repositories: tuple[RepositoryPlan, ...]
    advisories: tuple[AdvisoryCount, ...]
    added: tuple[Addition, ...]
    partial_advisories: tuple[PartialAdvisory, ...]
    warnings: tuple[str, ...]


def tell_planned(store: Store, planned: PlannedCut, console: Console) -> None:
    """Print what a cut would hold."""
    plan = cut_plan(store, planned)
    console.tell(plan, lambda: plan_text(plan, console))


def cut_plan(store: Store, planned: PlannedCut) -> CutPlan:
    """Return what was planned as a document."""
    contents = {each.repo_id: each for each in planned.contents}
    return CutPlan(
        recipe=tree(planned.recipe),
        base=planned.base,
        base_id=planned.base_id,
        metadata_only=planned.metadata_only,
        repositories=tuple(
            _repository(each, contents[each.repo_id], tuple(_offered(store, planned, each.repo_id)))
            for each in planned.selection.repositories
        ),
        advisories=advisory_counts(advisory for each in planned.contents for advisory in each.advisories),
        added=planned.added,
        partial_advisories=planned.partial_advisories,
        warnings=planned.warnings,
    )


def _offered(store: Store, planned: PlannedCut, repo_id: str) -> Iterator[Advisory]:
    """Yield the advisories of a repository that there were to choose from, in the mirror and in the base."""
    if repo_id in store.mirrors():
        yield from store.mirrored(repo_id).index.advisories
    if planned.base and any(each.repo_id == repo_id for each in store.manifest_head(planned.base).repositories):
        yield from store.repository(planned.base, repo_id).index.advisories


def _repository(selection: RepositorySelection, contents: Contents, offered: tuple[Advisory, ...]) -> RepositoryPlan:
    held = {advisory.advisory_id for advisory in contents.advisories}
    dropped = (verdict for _, verdict in selection.dropped)
    counts = Counter((verdict.keeps, verdict.reason, verdict.key) for verdict in (*selection.verdicts, *dropped))
    order = list(Reason)
    return RepositoryPlan(
        repo_id=selection.repo_id,
        kept=len(selection.packages),
        dropped=len(selection.dropped),
        size_bytes=sum(package.size_bytes for package in selection.packages),
        reasons=tuple(
            ReasonCount(reason=reason, keeps=keeps, rule=rule, packages=counts[keeps, reason, rule])
            for keeps, reason, rule in sorted(counts, key=lambda each: (not each[0], order.index(each[1]), each[2]))
        ),
        advisories_in=tuple(sorted(held)),
        advisories_out=tuple(sorted({advisory.advisory_id for advisory in offered} - held)),
    )


def plan_text(plan: CutPlan, console: Console) -> str:
    """Return what a cut would hold: numbers by repository and reason, then what closure adds, then warnings."""
    from spma.cli.snapshot.text import advisories_text, worth_a_look
    from spma.cli.text import sized, wrapped
    from yumbridge.count import counted

    lines: list[str] = []
    for each in plan.repositories:
        lines.append(console.bold(each.repo_id))
        lines += wrapped(f"keeps {counted(each.kept, 'package')}, {sized(each.size_bytes)}", "  ", console)
        lines += _reason_lines(each, console, keeps=True)
        if each.dropped:
            lines += wrapped(f"drops {counted(each.dropped, 'package')}", "  ", console)
            lines += _reason_lines(each, console, keeps=False)
        counts = f"{len(each.advisories_in)} in, {len(each.advisories_out)} out"
        lines += ["  advisories: " + counts, ""]
    lines += [*wrapped(advisories_text(plan.advisories), "", console), ""]
    lines += worth_a_look(plan.added, plan.partial_advisories, plan.warnings, console)
    if plan.metadata_only:
        lines.append("Metadata only: what is cut cannot be published.")
    return "\n".join(lines).rstrip()


def _reason_lines(plan: RepositoryPlan, console: Console, *, keeps: bool) -> Iterator[str]:
    from spma.cli.text import wrapped

    for each in plan.reasons:
        if each.keeps is keeps:
            rule = f" ({each.rule})" if each.reason in _WITH_RULE else ""
            first, *others = wrapped(f"{_PHRASES[each.reason]}{rule}", " " * _COUNT_WIDTH, console)
            yield f"{each.packages:>{_COUNT_WIDTH - 2}}  {first.lstrip()}"
            yield from others
