"""The verbs that act on a host: plan, apply, status, why."""

from __future__ import annotations

from pathlib import Path

import click

from spma.cli.options import Settings, Target, cached, common, targeted, waiting
from yumbridge.engine.child import Starter

_PROFILE = click.Path(path_type=Path)


@click.command(
    epilog="""\b
Examples:
  yumbridge plan
  yumbridge plan profile.json
  yumbridge plan profile.json --root /srv/image --json
  yumbridge plan profile.json --repos-from /srv/repos --out plan.json
  yumbridge plan profile.json --html plan.html
  yumbridge plan profile.json --snapshot testing --store /srv/yumbridge"""
)
@click.argument("profile", type=_PROFILE, required=False)
@click.option("--out", type=_PROFILE, help="Store the plan in FILE, to be applied later.", metavar="FILE")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page to FILE.", metavar="FILE")
@click.option("--check", is_flag=True, help="Exit 100 when anything would change.")
@click.option("--explain", is_flag=True, help="Print the chain of reasons of every change.")
@cached("profile")
@targeted
@common
@click.pass_obj
def plan(
    starter: Starter | None,
    settings: Settings,
    target: Target,
    profile: Path | None,
    out: Path | None,
    html: Path | None,
    check: bool,
    explain: bool,
) -> None:
    """Show what PROFILE would change on the host, and why.

    PROFILE is a file, or - for standard input. Without it the current profile in the cache of CCM is read: the cache
    that /etc/ccm.conf names, or --cache-root. The page that --html writes needs nothing else: no server, no network.
    """
    from spma.cli.planning import PlanOptions, plan_verb

    plan_verb(starter, settings, target, profile, PlanOptions(out, html, check, explain))


@click.command(
    epilog="""\b
Examples:
  yumbridge apply
  yumbridge apply plan.json
  yumbridge apply profile.json --root /srv/image -y"""
)
@click.argument("file", type=_PROFILE, required=False)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@waiting
@click.option(
    "--removal-limit", type=click.IntRange(min=0), help="Let an unattended run remove up to N packages.", metavar="N"
)
@click.option("--stage-again", is_flag=True, help="Stage for the boot even what was cancelled or has failed.")
@cached("file")
@targeted
@common
def apply(
    settings: Settings,
    target: Target,
    file: Path | None,
    yes: bool,
    wait: float,
    removal_limit: int | None,
    stage_again: bool,
) -> None:
    """Carry out FILE: a stored plan, or a profile, which is planned first.

    A stored plan is carried out exactly, or refused when anything that it rests on has changed. FILE may be - for
    standard input. Without it the current profile in the cache of CCM is planned and carried out.

    What waits for the boot is downloaded, verified and staged for it: see yumbridge boot status.
    """
    from spma.cli.applying import Consent, apply_verb

    consent = Consent(yes=yes, wait_s=wait, removal_limit=removal_limit, stage_again=stage_again)
    apply_verb(settings, target, file, consent)


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


@click.command(
    epilog="""\b
Examples:
  yumbridge why openssl
  yumbridge why glibc.i686 profile.json --json
  yumbridge why 'kernel*' profile.json --snapshot testing"""
)
@click.argument("package")
@click.argument("profile", type=_PROFILE, required=False)
@cached("profile")
@targeted
@common
@click.pass_obj
def why(starter: Starter | None, settings: Settings, target: Target, package: str, profile: Path | None) -> None:
    """Tell why PACKAGE is on the host, comes, goes or waits, or cannot be had.

    PACKAGE is a name, a name.arch, a name with its version, a NEVRA, a glob on these, or a capability or file. Its
    host need not have it. What is told is of the plan for PROFILE, a file, or - for standard input; without it the
    current profile in the cache of CCM is read. The shortest way is told whole that brings it, of the others the last
    step; -v tells all of them whole.
    """
    from spma.cli.explaining import why_verb

    why_verb(starter, settings, target, package, profile)
