"""The command with its verbs."""

from __future__ import annotations

from typing import Final

import click

from spma.cli.verb import Verbs

_VERBS: Final = {
    "plan": ("spma.cli.host:plan", "Show what a profile would change on the host, and why."),
    "apply": ("spma.cli.host:apply", "Carry out a plan."),
    "status": ("spma.cli.host:status", "Show the last run and what has changed since."),
    "why": ("spma.cli.host:why", "Tell what brings, keeps, holds or blocks a package."),
    "alias": ("spma.cli.alias:alias", "Show what aliases stand for, or make an rpm of one."),
    "boot": ("spma.cli.boot:boot", "Carry out, show or take back what waits for the boot."),
    "component": ("spma.cli.component:component", "Work for ncm-ncd, and look at components as it does."),
    "condition": ("spma.cli.condition:condition", "Ask whether something may happen now."),
    "profile": ("spma.cli.profile:profile", "Check, show and compare profiles."),
    "snapshot": ("spma.cli.snapshot:snapshot", "Mirror, cut, compare and publish repository snapshots."),
}


def _show_versions(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        from spma.cli.versions import versions

        click.echo(versions())
        context.exit()


@click.group(
    cls=Verbs,
    places=_VERBS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="\b\nExamples:\n  yumbridge plan profile.json\n  yumbridge apply profile.json",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_versions,
    help="Show the versions of the command, its engine and the bindings, and exit.",
)
def command() -> None:
    """Bring the packages of a host to what its Quattor profile says, by way of a plan."""
