"""The verb `plan`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from spma.cli.audience import warn
from spma.cli.console import ProgressBar
from spma.cli.engines import chosen_starter
from spma.cli.exits import Exit
from spma.cli.inputs import load, snapshot_words
from spma.cli.options import Settings, Target
from spma.cli.output import refuse_stdout, write_named
from yumbridge.engine.child import Starter
from yumbridge.engine.client import EngineClient
from yumbridge.plan.closure import ProblemKind
from yumbridge.plan.document import Plan, printed
from yumbridge.run.planning import collect, submit


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What else a plan is asked for: files for the document and the page, the exit code 100, the chains."""

    out: Path | None
    html: Path | None
    check: bool
    explain: bool


def plan_verb(
    eager: Starter | None,
    settings: Settings,
    target: Target,
    profile: Path | None,
    options: PlanOptions,
) -> None:
    """Print the plan for a profile, and end with the exit code that it calls for."""
    console = settings.console
    refuse_stdout("--out", options.out)
    refuse_stdout("--html", options.html)
    if options.out is not None and options.html is not None and options.out.resolve() == options.html.resolve():
        raise click.UsageError(f"--out and --html both name {options.out}: the one would replace the other.")
    with EngineClient(chosen_starter(settings, eager=eager)) as engine:
        request, read = load(profile, settings, target)
        submit(request, engine)
        # What prints is imported while the engine is at work.
        from spma.cli.plan_text import plan_text

        warn(read.warnings, console)
        progress = ProgressBar()
        engine.listener = progress
        made = collect(request, engine).plan
        progress.stop()
        engine.dismiss()
        content = printed(made)
        words = snapshot_words(request)
        if options.out is not None:
            write_named(options.out, content)
        if options.html is not None:
            from spma.cli.plan_page import plan_page

            write_named(options.html, plan_page(made, snapshot=words, moment=request.moment))
        if console.json:
            console.document(content)
        else:
            console.answer(plan_text(made, console, explain=options.explain, snapshot=words, moment=request.moment))
    sys.exit(exit_of_plan(made, check=options.check))


def exit_of_plan(plan: Plan, *, check: bool) -> Exit:
    """Return how `plan` ends: problems outrank pending changes, and an unreachable repository every problem."""
    if any(problem.kind is ProblemKind.REPOSITORY for problem in plan.problems):
        return Exit.REPOSITORY
    if plan.problems:
        return Exit.PROBLEMS
    return Exit.CHANGES_PENDING if check and not plan.is_empty else Exit.DONE
