"""The verbs that act on a host: plan, apply, status."""

from __future__ import annotations

from pathlib import Path

import click

from spma.cli.options import Settings, Target, common, targeted
from yumbridge.engine.child import Starter

_PROFILE = click.Path(path_type=Path)


@click.command(
    epilog="""\b
Examples:
  yumbridge plan profile.json
  yumbridge plan profile.json --root /srv/image --json
  yumbridge plan profile.json --repos-from /srv/repos --out plan.json"""
)
@click.argument("profile", type=_PROFILE)
@click.option("--out", type=_PROFILE, help="Store the plan in FILE, to be applied later.", metavar="FILE")
@click.option("--check", is_flag=True, help="Exit 100 when anything would change.")
@click.option("--explain", is_flag=True, help="Print the chain of reasons of every change.")
@targeted
@common
@click.pass_obj
def plan(
    starter: Starter | None,
    settings: Settings,
    target: Target,
    profile: Path,
    out: Path | None,
    check: bool,
    explain: bool,
) -> None:
    """Show what PROFILE would change on the host, and why."""
    from spma.cli.planning import plan_verb

    plan_verb(starter or Starter(), settings, target, profile, out=out, check=check, explain=explain)


@click.command(
    epilog="""\b
Examples:
  yumbridge apply plan.json
  yumbridge apply profile.json --root /srv/image -y"""
)
@click.argument("file", type=_PROFILE)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0,
    help="Wait up to SECONDS for another run to end.",
    metavar="SECONDS",
)
@click.option(
    "--removal-limit", type=click.IntRange(min=0), help="Let an unattended run remove up to N packages.", metavar="N"
)
@targeted
@common
def apply(settings: Settings, target: Target, file: Path, yes: bool, wait: float, removal_limit: int | None) -> None:
    """Carry out FILE: a stored plan, or a profile, which is planned first.

    A stored plan is carried out exactly, or refused when anything that it rests on has changed.
    """
    from spma.cli.applying import Consent, apply_verb

    apply_verb(settings, target, file, Consent(yes=yes, wait_s=wait, removal_limit=removal_limit))


@click.command(
    epilog="""\b
Examples:
  yumbridge status
  yumbridge status --root /srv/image --json"""
)
@common
def status(settings: Settings) -> None:
    """Show the last run, what it left to do, and what has changed since."""
    from spma.cli.standing import status_verb

    status_verb(settings)
