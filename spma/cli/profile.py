"""The verbs that look at profiles alone: check and show."""

from __future__ import annotations

from pathlib import Path

import click

from spma.cli.options import Settings, cached, common

_PROFILE = click.Path(path_type=Path)


@click.group(name="profile")
def profile() -> None:
    """Look at a profile."""


@profile.command(epilog="\b\nExamples:\n  yumbridge profile check profile.json\n  yumbridge profile check")
@click.argument("profile", type=_PROFILE, required=False)
@cached("profile")
@common
def check(settings: Settings, profile: Path | None) -> None:
    """Report every problem of PROFILE, and what to look at.

    Without PROFILE the current one in the cache of CCM is read.

    A warning is no problem: often it names what ncm-spma would have dropped without a word.
    """
    from spma.cli.profiles import check_verb

    check_verb(settings, profile)


@profile.command(epilog="\b\nExample:\n  yumbridge profile show profile.json --json")
@click.argument("profile", type=_PROFILE, required=False)
@cached("profile")
@common
def show(settings: Settings, profile: Path | None) -> None:
    """Print what PROFILE asks for.

    Without PROFILE the current one in the cache of CCM is read.
    """
    from spma.cli.profiles import show_verb

    show_verb(settings, profile)
