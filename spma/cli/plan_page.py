"""A plan as one HTML page: the preview for a ticket or a review, away from the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from typing import TYPE_CHECKING

from spma.cli.advisory_text import crossed, graded
from spma.cli.page.frame import Counter, Head, Side, framed
from spma.cli.plan_page_table import tables
from spma.cli.plan_text import shown_kept, summary
from yumbridge.plan.document import Action, Change, Plan

if TYPE_CHECKING:
    from yumbridge.condition.evaluation import Facts


def plan_page(plan: Plan, *, snapshot: str = "", moment: Facts | None = None) -> bytes:
    """Return the page. The same plan gives the same bytes.

    `snapshot` is a line about the one that it is made on. `moment` tells when conditions become true.
    """
    root = "this machine" if plan.host.root == "/" else plan.host.root
    head = Head(
        window=f"{root}: preview of a plan",
        heading="What a plan would change",
        sides=(
            Side(label="Host", name=root, identity=_host_words(plan)),
            Side(label="Profile", name=plan.profile.source, identity=plan.profile.digest),
        ),
        sentences=[*_verdict(plan), *filter(None, [snapshot]), *summary(plan).splitlines()],
        counters=_counters(plan),
    )
    style = files("spma.cli").joinpath("plan_page.css").read_text(encoding="utf-8")
    return framed(head, tables(plan, moment), "name, EVR, advisory, CVE", style)


def _host_words(plan: Plan) -> str:
    host = plan.host
    words = (host.arch, f"release {host.releasever}" if host.releasever else "", host.kernel_release or "")
    return ", ".join(filter(None, words))


def _verdict(plan: Plan) -> Iterable[str]:
    if plan.problems:
        yield "This plan cannot be carried out: see the problems."
    if plan.degraded:
        yield "Repositories are missing: nothing is removed or downgraded."


def _counters(plan: Plan) -> Iterable[Counter]:
    """Return the numbers at the top: what somebody should look at first."""
    advisories = crossed(plan, plan.changes)
    waiting = crossed(plan, plan.deferred)
    return (
        Counter("problems", len(plan.problems), "problem", "problems", is_grave=True),
        Counter("now", _count(plan.changes, Action.REMOVE), "package goes", "packages go", "-", is_grave=True),
        Counter("now", _count(plan.changes, Action.OBSOLETE), "is obsoleted", "are obsoleted", "-", is_grave=True),
        Counter("now", _count(plan.changes, Action.DOWNGRADE), "downgrade", "downgrades", is_grave=True),
        Counter("now", _count(plan.changes, Action.UPGRADE), "upgrade", "upgrades"),
        Counter("now", _count(plan.changes, Action.REINSTALL), "is installed again", "are installed again"),
        Counter("now", _count(plan.changes, Action.INSTALL), "package comes", "packages come", "+"),
        Counter("waiting", len(plan.deferred), "change waits", "changes wait", note=graded(waiting)),
        Counter("kept", len(shown_kept(plan)), "package stays", "packages stay", note="outside the profile"),
        Counter("advisories", len(advisories), "advisory", "advisories", note=graded(advisories)),
        Counter("reboot", len(plan.reboot.because), "calls for a reboot", "call for a reboot", is_grave=True),
        Counter("files", len(plan.configuration), "file of dnf", "files of dnf"),
        Counter("keys", len(plan.keys), "key is imported", "keys are imported", is_grave=True),
    )


def _count(changes: Iterable[Change], action: Action) -> int:
    return sum(change.action is action for change in changes)
