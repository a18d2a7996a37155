"""The verbs that look at profiles alone: check, show and diff."""

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
    "diff": ("spma.cli.profile:diff", "Show what NEW means otherwise than OLD."),
}


@click.group(name="profile", cls=Verbs, places=_VERBS)
def profile() -> None:
    """Look at profiles."""


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


@click.command(
    epilog="""\b
Examples:
  yumbridge profile diff before.json after.json
  yumbridge profile diff before.json after.json --snapshot production
  yumbridge profile diff before.xml - --repos-from repositories < after.json"""
)
@click.argument("old", type=_PROFILE)
@click.argument("new", type=_PROFILE)
@targeted
@common
def diff(settings: Settings, target: Target, old: Path, new: Path) -> None:
    """Show what the profile NEW means for packages otherwise than OLD.

    Those are the packages and groups that are asked for, repositories, module streams, options, holds and aliases.
    The configuration of the machine, or of --config, applies to both. Another spelling of the same is no difference.
    One of both may be - for standard input.

    With --snapshot or --repos-from both are solved there from an empty root: packages that come, go and change are
    told, why, and which of them a hold keeps back until boot or for a condition. Ends with 12 when either cannot be
    had. Long lists are shortened without -v.
    """
    from spma.cli.profile_difference import difference_verb

    difference_verb(settings, target, old, new)
