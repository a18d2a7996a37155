"""The verb `snapshot prune`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from snapshots.storage.retention import KEEP_LAST
from spma.cli.console import Console
from spma.cli.exits import Exit
from spma.cli.options import Settings, waiting
from spma.cli.snapshot.options import stored

if TYPE_CHECKING:
    from snapshots.prune import Marked, Swept
    from snapshots.storage.retention import SnapshotVerdict


@click.command(
    epilog="""\b
Examples:
  yumbridge snapshot prune --plan
  yumbridge snapshot prune --keep-last 7 --keep 2026-11-22 -y"""
)
@click.option("--plan", is_flag=True, help="Say what would go and what stays; delete nothing.")
@click.option(
    "--keep-last",
    type=click.IntRange(min=0),
    default=KEEP_LAST,
    show_default=True,
    help="Keep the N snapshots that were cut last.",
    metavar="N",
)
@click.option("--keep", multiple=True, help="Keep this snapshot too; may be given often.", metavar="NAME")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@waiting
@stored
def prune(
    settings: Settings,
    store: Path,
    wait: float,
    plan: bool,
    keep_last: int,
    keep: tuple[str, ...],
    yes: bool,
) -> None:
    """Delete snapshots that nothing refers to, and rpms that none of the others needs.

    A snapshot stays when a ref points to it, when a lock was written of it, when it is among the last N, or when it
    is named. An rpm stays as long as a snapshot, a lock or a mirror needs it. On a terminal the plan is shown first,
    and carried out when that is confirmed. Where nobody can be asked, and with --json, nothing is deleted without -y.
    """
    from snapshots.prune import marked, sweep
    from snapshots.storage.retention import Policy
    from snapshots.storage.store import open_store
    from spma.cli.console import ProgressBar

    console = settings.console
    asks = console.can_ask and not yes and not console.json
    if not (plan or yes or asks):
        raise click.UsageError("Nobody can be asked whether to delete: use -y or --plan.")
    opened = open_store(store, wait_s=wait)
    named = tuple(sorted({opened.resolve(name) for name in keep}))
    with ProgressBar().expect("Looking at the store"):
        planned = marked(opened, Policy(keep_last=keep_last, named=named))
    if plan or asks:
        console.tell(planned, lambda: plan_text(planned, console))
    if plan:
        return
    if asks and not planned.is_empty and not click.confirm("Delete that?"):
        console.say("declined, nothing was deleted")
        sys.exit(Exit.FAILURE)
    with ProgressBar().expect("Pruning") as progress:
        swept = sweep(opened, planned, progress)
    console.tell(swept, lambda: swept_text(swept, console))


def plan_text(planned: Marked, console: Console) -> str:
    """Return what would go and what stays, with the reason of each."""
    from spma.cli.text import sized, wrapped
    from yumbridge.count import counted

    lines: list[str] = []
    lines += _verdict_lines("Delete", planned.going, console)
    lines += _verdict_lines("Keep", planned.kept, console)
    for verdict in planned.rpms:
        rpms = counted(len(verdict.rpms), "rpm goes", "rpms go")
        lines += wrapped(f"{rpms}, {sized(verdict.size_bytes)}: {verdict.reason.value}", "", console)
    if planned.leftovers:
        lines += wrapped(f"{counted(len(planned.leftovers), 'leftover')} of interrupted work", "", console)
    if planned.is_empty:
        lines.append("Nothing to delete.")
    else:
        lines.append(f"Frees {sized(planned.freed_bytes)}.")
    return "\n".join(lines)


def _verdict_lines(title: str, verdicts: Sequence[SnapshotVerdict], console: Console) -> Iterator[str]:
    from spma.cli.text import wrapped
    from yumbridge.count import counted

    if not verdicts:
        return
    yield console.bold(f"{title} {counted(len(verdicts), 'snapshot')}")
    for verdict in verdicts:
        reasons = "; ".join(f"{because.reason.value}: {because.rule}" for because in verdict.because)
        yield from wrapped(f"{verdict.name}  {reasons}", "  ", console)
    yield ""


def swept_text(swept: Swept, console: Console) -> str:
    """Return what was deleted."""
    from spma.cli.text import sized, wrapped
    from yumbridge.count import counted

    names = f" ({', '.join(swept.snapshots)})" if swept.snapshots else ""
    text = (
        f"Deleted {counted(len(swept.snapshots), 'snapshot')}{names}, {counted(swept.rpms, 'rpm')},"
        f" {counted(swept.leftovers, 'leftover')}; freed {sized(swept.freed_bytes)}."
    )
    lines = [*wrapped(text, "", console)]
    lines += [line for name in swept.spared for line in wrapped(f"spared, it is needed by now: {name}", "  ", console)]
    return "\n".join(lines)
