"""The verb `snapshot cut`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from spma.cli.options import Settings, waiting
from spma.cli.snapshot.options import compressed, stored
from spma.cli.snapshot.recipe import choosing

if TYPE_CHECKING:
    from snapshots.choice.recipe import Recipe


@click.command(
    epilog="""\b
Examples:
  yumbridge snapshot cut 2026-11-22 -m "November"
  yumbridge snapshot cut 2026-11-22 --recipe monthly.yaml --plan
  yumbridge snapshot cut 2026-11-22 --base production --type security \\
      --until 2026-11-15 --hold 'kernel*' --closure
  yumbridge snapshot cut hotfix --base production --advisory EX-2026:1234"""
)
@click.argument("name", required=False)
@click.option("--plan", is_flag=True, help="Say what would be held, and why; write nothing.")
@choosing
@compressed
@waiting
@stored
def cut(
    settings: Settings, store: Path, wait: float, name: str | None, plan: bool, recipe: Recipe, compression: str
) -> None:
    """Select packages and advisories of the mirrors, and freeze them as the snapshot NAME.

    Without a recipe and options it is all that the mirrors have now. Options add to the lists of the recipe, and may be
    given often then; they replace what else it says. Dates are days in UTC, of which the whole day counts, or times. A
    snapshot never changes: a NAME that holds something else is refused. So is a selection that is empty in every
    repository, and the rules are named that drop everything.
    """
    if name is None and not plan:
        raise click.UsageError("Missing argument 'NAME'.")
    from snapshots.cut import carry_out, plan_cut
    from snapshots.repodata.compose import Compression
    from snapshots.storage.store import open_store, writing
    from spma.cli.console import ProgressBar
    from spma.cli.snapshot.making import tell_made

    opened = open_store(store, wait_s=wait)
    if name is not None:
        # A name that cannot be is told before anything takes time.
        is_taken = opened.snapshot(name).exists()
        if plan and is_taken:
            settings.console.say(f"warning: {name} is there already: a cut that holds anything else will be refused")
    if plan or name is None:
        from spma.cli.snapshot.selection import tell_planned

        with ProgressBar().expect("Cutting"):
            planned = plan_cut(opened, recipe)
        tell_planned(opened, planned, settings.console)
        return
    with ProgressBar().expect("Cutting"), writing(opened, "snapshot cut"):
        carry_out(opened, name, plan_cut(opened, recipe), compression=Compression(compression))
    tell_made(opened, name, settings.console)
