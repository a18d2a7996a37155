"""The verbs of components: run, check."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from spma.cli.options import Settings, cached, common, waiting
from spma.cli.verb import Verbs

_VERBS: Final = {
    "run": ("spma.cli.component:run", "Do the work of the packager for ncm-ncd: the entry of its module."),
    "check": ("spma.cli.component:check", "Show the order in which ncm-ncd runs components, or why it cannot."),
}


@click.group(name="component", cls=Verbs, places=_VERBS)
def component() -> None:
    """Work as a component of ncm-ncd, and look at components as it does."""


@click.command(epilog="\b\nExample:\n  yumbridge component run --wait 600 < request.json")
@waiting
@common
def run(settings: Settings, wait: float) -> None:
    """Do the work of the packager for ncm-ncd, on the request that its module writes to standard input.

    The request is one JSON document: the profile as ncm-ncd has it, the name of the component, and whether it is to
    preview only (noaction). What there is to say comes as JSON lines on standard output, each with its level; exits
    0 when none of them is an error.

    The module NCM::Component::yumbridge runs it: nobody else need.
    """
    from spma.cli.component_run import run_verb

    run_verb(settings, wait_s=wait)


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
