"""The verb that looks at the components of a profile: check."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from spma.cli.options import Settings, cached, common
from spma.cli.verb import Verbs

_VERBS: Final = {
    "check": ("spma.cli.component:check", "Show the order in which ncm-ncd runs components, or why it cannot."),
}


@click.group(name="component", cls=Verbs, places=_VERBS)
def component() -> None:
    """Look at components as ncm-ncd does."""


@click.command(
    epilog="""\b
Examples:
  yumbridge component check
  yumbridge component check profile.json
  yumbridge component check profile.json --json"""
)
@click.argument("profile", type=click.Path(path_type=Path), required=False)
@cached("profile")
@common
def check(settings: Settings, profile: Path | None) -> None:
    """Show the order in which ncm-ncd runs the components of PROFILE, or why it runs none.

    Without PROFILE the current one in the cache of CCM is read.

    The order is that of ncm-ncd --configure --all. A component with ncm-module is an alias: what runs is the module.
    Reported are dependencies on components that are missing or not active, cycles, and what ncm-ncd refuses. Exits
    10 when there is one of these: ncm-ncd would run nothing at all.
    """
    from spma.cli.components import check_verb

    check_verb(settings, profile)
