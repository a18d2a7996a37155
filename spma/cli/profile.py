"""The verbs that look at profiles alone: check and show."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from spma.cli.options import Settings, Target, cached, common, targeted
from spma.cli.verb import Verbs

_PROFILE = click.Path(path_type=Path)


_VERBS: Final = {
    "check": ("spma.cli.profile:check", "Report every problem of PROFILE, and what to look at."),
    "show": ("spma.cli.profile:show", "Print what PROFILE asks for."),
}


@click.group(name="profile", cls=Verbs, places=_VERBS)
def profile() -> None:
    """Look at a profile."""


@click.command(
    epilog="""\b
Examples:
  yumbridge profile check
  yumbridge profile check profile.json
  yumbridge profile check profile.json --look-up"""
)
@click.argument("profile", type=_PROFILE, required=False)
@click.option("--look-up", is_flag=True, help="Warn of packages that no repository has.")
@targeted
@cached("profile")
@common
def check(settings: Settings, target: Target, profile: Path | None, look_up: bool) -> None:
    """Report every problem of PROFILE, and what to look at.

    Without PROFILE the current one in the cache of CCM is read.

    A warning is no problem: often it names what ncm-spma would have dropped without a word. The repositories are
    read only with --look-up, --repos-from or --snapshot.
    """
    from spma.cli.profiles import check_verb

    elsewhere = target.repos_from is not None or target.snapshot is not None
    check_verb(settings, target, profile, look_up=look_up or elsewhere)


@click.command(epilog="\b\nExample:\n  yumbridge profile show profile.json --json")
@click.argument("profile", type=_PROFILE, required=False)
@cached("profile")
@common
def show(settings: Settings, profile: Path | None) -> None:
    """Print what PROFILE asks for.

    Without PROFILE the current one in the cache of CCM is read.
    """
    from spma.cli.profiles import show_verb

    show_verb(settings, profile)
