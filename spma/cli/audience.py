"""Who hears of a run while it goes on, and may be asked: a person at a console, or ncm-ncd."""

from __future__ import annotations

from typing import Protocol

import click

from spma.cli.console import Console, ProgressBar
from spma.cli.inputs import snapshot_words
from spma.profile.finding import Finding
from yumbridge.plan.document import Plan
from yumbridge.progress import Listener
from yumbridge.run.report import UNKNOWN_PLAN, Intent
from yumbridge.run.request import PlanRequest


class Audience(Protocol):
    """Who hears of a run.

    `listener` hears of progress until `pause`, and again afterwards.
    """

    @property
    def listener(self) -> Listener:
        """What the engine tells its progress."""

    def pause(self) -> None:
        """Take away what shows progress: something else is about to be said."""

    def resumed(self, intent: Intent) -> None:
        """Hear that an earlier run was interrupted."""

    def warned(self, warnings: tuple[Finding, ...]) -> None:
        """Hear what to look at in the profile."""

    def made(self, plan: Plan) -> None:
        """Hear of any plan, whatever becomes of it."""

    def planned(self, plan: Plan, request: PlanRequest) -> None:
        """Hear what is about to happen. A plan with problems, or with nothing to do, is not told."""

    def consents(self) -> bool | None:
        """Return whether the plan just told shall be carried out, None where nobody can be asked."""

    def withdrawn(self) -> None:
        """Hear that what was staged for the boot is no more."""


def interruption_words(intent: Intent) -> str:
    """Return which run was interrupted."""
    plan = "an unknown plan" if intent.plan == UNKNOWN_PLAN else f"plan {intent.plan}"
    return f"a run was interrupted: {plan}, started {intent.started}"


class Person:
    """Somebody who reads what is printed, and may be asked unless `yes` was said beforehand."""

    def __init__(self, console: Console, *, yes: bool) -> None:
        self._console = console
        self._yes = yes
        self._progress = ProgressBar()

    @property
    def listener(self) -> Listener:
        """What the engine tells its progress."""
        return self._progress

    def pause(self) -> None:
        """Take the bar away."""
        self._progress.stop()

    def resumed(self, intent: Intent) -> None:
        """Say that an earlier run was interrupted."""
        self._console.say(interruption_words(intent))
        self._console.say("planning again from what is installed now")

    def warned(self, warnings: tuple[Finding, ...]) -> None:
        """Say what to look at in the profile."""
        warn(warnings, self._console)

    def made(self, plan: Plan) -> None:
        """Say nothing: what becomes of a plan is in the report, or the plan is told."""

    def planned(self, plan: Plan, request: PlanRequest) -> None:
        """Print the plan, unless the report is to be the one document."""
        if not self._console.json:
            from spma.cli.plan_text import plan_text

            words = snapshot_words(request)
            self._console.answer(plan_text(plan, self._console, snapshot=words, moment=request.moment))

    def consents(self) -> bool | None:
        """Ask, where somebody is there to answer."""
        if self._console.can_ask and not self._yes and not self._console.json:
            return click.confirm("Carry out this plan?")
        return None

    def withdrawn(self) -> None:
        """Say that what was staged is no more."""
        self._console.say("what was staged for the boot is withdrawn")


def warn(warnings: tuple[Finding, ...], console: Console) -> None:
    """Tell a person what the profile says that they should look at."""
    shown = warnings if console.verbose else warnings[:3]
    for warning in shown:
        console.say(f"warning: {warning}")
    if len(shown) < len(warnings):
        console.say(f"warning: {len(warnings) - len(shown)} more; yumbridge profile check shows them")
