"""The verbs of aliases: list, show and export."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from spma.cli.options import FOLDER, Settings, Target, cached, common, described, targeted
from spma.cli.verb import Verbs

_PROFILE: Final = click.Path(path_type=Path)
_VERBS: Final = {
    "list": ("spma.cli.alias:list_aliases", "List the aliases, their definitions and what they stand for here."),
    "show": ("spma.cli.alias:show", "Show what one alias comes to on the repositories, and why."),
    "export": ("spma.cli.alias:export", "Make an rpm of an alias, on which other rpms can depend."),
}


@click.group(name="alias", cls=Verbs, places=_VERBS)
def alias() -> None:
    """Show what aliases stand for, or make an rpm of one."""


@click.command(
    name="list",
    epilog="""\b
Examples:
  yumbridge alias list
  yumbridge alias list profile.json --releasever 10
  yumbridge alias list --config config.yaml --json""",
)
@click.argument("profile", type=_PROFILE, required=False)
@described
@cached("profile")
@common
def list_aliases(settings: Settings, target: Target, profile: Path | None) -> None:
    """List the aliases, their definitions and what they stand for on this host.

    They are those of the configuration and of PROFILE, or without PROFILE of the current one in the cache of CCM, if
    there is one. No repository is read: of an alias with any_of nothing is chosen.
    """
    from spma.cli.aliases import list_verb

    list_verb(settings, target, profile)


@click.command(
    epilog="""\b
Examples:
  yumbridge alias show hpc-base
  yumbridge alias show hpc-base profile.json
  yumbridge alias show hpc-base profile.json --snapshot testing"""
)
@click.argument("name")
@click.argument("profile", type=_PROFILE, required=False)
@targeted
@cached("profile")
@common
def show(settings: Settings, target: Target, name: str, profile: Path | None) -> None:
    """Show what the alias NAME comes to on the repositories of PROFILE, and why.

    Without PROFILE the current one in the cache of CCM is read; where there is none, --repos-from or --snapshot is
    enough. The alias is solved with all that the profile lists, whether that names it or not. Exits 12 when something
    in it cannot be had.
    """
    from spma.cli.aliases import show_verb

    show_verb(settings, target, name, profile)


@click.command(
    epilog="""\b
Examples:
  yumbridge alias export hpc-base --out rpms
  yumbridge alias export hpc-base --out rpms --releasever 9 --evr 3-1.el9"""
)
@click.argument("name")
@click.argument("profile", type=_PROFILE, required=False)
@click.option("--out", type=FOLDER, required=True, help="Write the rpm into DIR.", metavar="DIR")
@click.option(
    "--evr",
    default="1-1",
    show_default=True,
    help="Its version-release, or epoch:version-release: raise it with each change.",
    metavar="EVR",
)
@described
@cached("profile")
@common
def export(settings: Settings, target: Target, name: str, profile: Path | None, out: Path, evr: str) -> None:
    """Make an rpm of the alias NAME, on which other rpms can depend, and print its path.

    It is called metadependency-NAME, provides metadependency(NAME), has no files, and requires what the alias stands
    for on this host; of any_of one is enough, whichever. The definitions are found as by alias list. The same
    definition makes the same rpm: raise --evr whenever it changes. Needs rpmbuild.
    """
    from spma.cli.aliases import export_verb

    export_verb(settings, target, name, profile, out=out, evr=evr)
