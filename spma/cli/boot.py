"""The verbs of the boot plan: run, status, cancel."""

from __future__ import annotations

from typing import Final

import click

from spma.cli.options import Settings, common, waiting
from spma.cli.verb import Verbs

_VERBS: Final = {
    "run": ("spma.cli.boot:run", "Carry out at boot what waits for it: the entry of the unit."),
    "status": ("spma.cli.boot:status", "Show what waits for the boot, and how the last one ended."),
    "cancel": ("spma.cli.boot:cancel", "Take back what waits for the boot."),
}


@click.group(name="boot", cls=Verbs, places=_VERBS)
def boot() -> None:
    """Carry out, show or take back what waits for the boot."""


@click.command(
    epilog="""\b
Examples:
  yumbridge boot run
  yumbridge boot run --root /srv/image --assume-boot"""
)
@click.option("--assume-boot", is_flag=True, help="Take it for a boot: for images, where none can be proved.")
@click.option("--offline", is_flag=True, help="Be the run of an offline update: take its link away first.")
@waiting
@common
def run(settings: Settings, assume_boot: bool, offline: bool, wait: float) -> None:
    """Carry out what was staged for the boot, if this is one.

    yumbridge-boot.service runs it early in each boot. What is installed by then is compared anew with what was
    staged; no network is needed. On a running system nothing is done, and the command fails.
    """
    from spma.cli.boots import run_verb

    run_verb(settings, assume_boot=assume_boot, offline=offline, wait_s=wait)


@click.command(
    epilog="""\b
Examples:
  yumbridge boot status
  yumbridge boot status -v
  yumbridge boot status --json"""
)
@common
def status(settings: Settings) -> None:
    """Show what waits for the boot, or how the last boot run ended."""
    from spma.cli.boots import status_verb

    status_verb(settings)


@click.command(epilog="\b\nExample:\n  yumbridge boot cancel")
@waiting
@common
def cancel(settings: Settings, wait: float) -> None:
    """Take back what waits for the boot.

    It is staged again when what waits changes, or by yumbridge apply --stage-again.
    """
    from spma.cli.boots import cancel_verb

    cancel_verb(settings, wait_s=wait)
