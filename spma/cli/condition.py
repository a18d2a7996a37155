"""The verb that asks whether something may happen now: check."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from spma.cli.options import Settings, common
from spma.cli.verb import Verbs

_VERBS: Final = {
    "check": ("spma.cli.condition:check", "Tell whether the condition in FILE is true, and why."),
}


@click.group(name="condition", cls=Verbs, places=_VERBS)
def condition() -> None:
    """Ask whether something may happen now."""


@click.command(
    epilog="""\b
Examples:
  yumbridge condition check window.yaml
  yumbridge condition check window.yaml --at "2026-12-24 03:00"
  echo '{between: "02:00-04:00"}' | yumbridge condition check - --json"""
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--at", help="Judge as of TIME: RFC 3339, or YYYY-MM-DD HH:MM here.", metavar="TIME")
@click.option("--assume-boot", is_flag=True, help="Judge as if the machine was booting.")
@common
def check(settings: Settings, file: Path, at: str | None, assume_boot: bool) -> None:
    """Tell whether the condition in FILE is true now, why, and when it next will be.

    FILE is YAML or JSON, or - for standard input. Exits 0 when it is true, 1 when it is not or that is not known, and
    2 when it is no condition. Commands in it are run.
    """
    from spma.cli.conditions import check_verb

    check_verb(settings, file, at=at, assume_boot=assume_boot)
