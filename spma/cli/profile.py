"""The verbs that look at profiles alone: check and show."""

from __future__ import annotations

from pathlib import Path

import click

from spma.cli.options import Settings, common

_PROFILE = click.Path(path_type=Path)


@click.group(name="profile")
def profile() -> None:
    """Look at a profile."""


@profile.command(epilog="\b\nExample:\n  yumbridge profile check profile.json")
@click.argument("profile", type=_PROFILE)
@common
def check(settings: Settings, profile: Path) -> None:
    """Report every problem of PROFILE, and what to look at.

    A warning is no problem: often it names what ncm-spma would have dropped without a word.
    """
    from spma.cli.profiles import check_verb

    check_verb(settings, profile)


@profile.command(epilog="\b\nExample:\n  yumbridge profile show profile.json --json")
@click.argument("profile", type=_PROFILE)
@common
def show(settings: Settings, profile: Path) -> None:
    """Print what PROFILE asks for."""
    from spma.cli.profiles import show_verb

    show_verb(settings, profile)
