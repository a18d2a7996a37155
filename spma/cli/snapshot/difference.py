"""The verb `snapshot diff`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from spma.cli.options import Settings
from spma.cli.snapshot.options import stored

if TYPE_CHECKING:
    from snapshots.comparison.difference import Content, Side, SnapshotDifference
    from snapshots.repodata.index import RepositoryIndex
    from snapshots.storage.store import Store
    from spma.cli.console import Console


@dataclass(frozen=True, slots=True)
class DifferenceOptions:
    """What else a difference is asked for: the globs of packages that wait for boot, and a page to write."""

    held: tuple[str, ...] = ()
    html: Path | None = None


@click.command(
    name="diff",
    epilog="""\b
Examples:
  yumbridge snapshot diff production testing
  yumbridge snapshot diff 2026-11-01 2026-11-22 --hold 'kernel*' --hold glibc
  yumbridge snapshot diff production testing --html diff.html""",
)
@click.argument("before")
@click.argument("after")
@click.option("--hold", "held", multiple=True, help="Packages that change only at boot, as a glob.", metavar="GLOB")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page to FILE.", metavar="FILE")
@stored
def diff(settings: Settings, store: Path, before: str, after: str, held: tuple[str, ...], html: Path | None) -> None:
    """Show what distinguishes the snapshot AFTER from BEFORE. Both may be refs.

    Those are the packages, the advisories and CVEs that come and go, and what to look at: changes that no advisory
    names, advisories that are held only in part, sub-packages that stay behind their source, packages that need a
    reboot, and those that --hold, or a hold of the configuration, leaves for boot. Long lists are shortened without
    -v. The page that --html writes needs nothing else: no server and no network. A CVE is closed when an advisory of
    it comes that is not held only in part.
    """
    from snapshots.storage.store import open_store
    from spma.cli.output import refuse_stdout

    refuse_stdout("--html", html)
    difference_verb(settings, open_store(store), before, after, DifferenceOptions(held, html))


def difference_verb(settings: Settings, store: Store, before: str, after: str, options: DifferenceOptions) -> None:
    """Print what distinguishes two snapshots, and write it as a page when that is asked for."""
    from snapshots.comparison.difference import compare

    sides = (side(store, before), side(store, after))
    for glob in _idle(options.held, sides):
        settings.console.say(f"warning: --hold {glob}: no package of either snapshot is called so")
    difference = compare(*sides, (*options.held, *_configured(settings)))
    if options.html:
        from spma.cli.output import write_named
        from spma.cli.snapshot.page import page

        write_named(options.html, page(difference))
    settings.console.tell(difference, lambda: _text(difference, settings.console))


def _configured(settings: Settings) -> list[str]:
    """Return the globs of the holds that wait for a boot, of the configuration of the machine or of --config."""
    from yumbridge.desired.hold import waits_for_boot
    from yumbridge.desired.policy import Policy

    holds = settings.configuration.applied_to(Policy()).holds
    return [glob for hold in holds if waits_for_boot(hold.until) for glob in hold.packages]


def _text(difference: SnapshotDifference, console: Console) -> str:
    from spma.cli.snapshot.difference_text import difference_text

    return difference_text(difference, console)


def side(store: Store, name: str) -> Side:
    """Read a snapshot, or that of a ref, as it is compared. Raises NoSnapshotError, StoreError."""
    from snapshots.comparison.difference import Side

    name = store.resolve(name)
    head = store.manifest_head(name)
    repo_ids = [repository.repo_id for repository in head.repositories]
    contents = {repo_id: _content(store.repository(name, repo_id).index) for repo_id in repo_ids}
    return Side(name, head.id, contents, store.provenance(name).partial_advisories)


def _idle(globs: Sequence[str], sides: Iterable[Side]) -> list[str]:
    """Return the globs that match no package of either side: they may be misspelt."""
    from yumbridge.rpm.globs import Globs

    names = {package.name for each in sides for package in each.packages}
    return [glob for glob in globs if not any(map(Globs([glob]).rule, names))]


def _content(index: RepositoryIndex) -> Content:
    from snapshots.comparison.difference import Content

    return Content(
        index.packages,
        index.advisories,
        index.comps.digest if index.comps else "",
        index.modules.digest if index.modules else "",
    )
