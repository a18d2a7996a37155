"""The verb `snapshot mirror`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click
import msgspec

from snapshots.mirror_repository import Mirrored, MirrorOptions, MirrorSource
from spma.cli.console import Console
from spma.cli.options import Settings, waiting
from spma.cli.snapshot.options import compressed, stored


class MirrorRun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run of `snapshot mirror` did."""

    document: Literal["yumbridge-mirror"] = "yumbridge-mirror"
    version: str = "1.0"
    repositories: tuple[Mirrored, ...]


@click.command(
    epilog="""\b
Examples:
  yumbridge snapshot mirror baseos https://example.org/9/BaseOS/x86_64/os/ \\
      appstream https://example.org/9/AppStream/x86_64/os/
  yumbridge snapshot mirror
  yumbridge snapshot mirror --metadata-only epel https://example.org/epel/9/"""
)
@click.argument("sources", nargs=-1, metavar="[REPO_ID URL]...")
@click.option("--metadata-only", is_flag=True, help="Leave the rpms where they are, from now on.")
@click.option("--allow-mutated", is_flag=True, help="Take other bytes under a known NEVRA.")
@click.option("--verify", is_flag=True, help="Hash every rpm of the mirrors again, and fetch damaged ones.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=4, show_default=True, help="Download N at once.", metavar="N"
)
@compressed
@waiting
@stored
def mirror(
    settings: Settings,
    store: Path,
    wait: float,
    sources: tuple[str, ...],
    metadata_only: bool,
    allow_mutated: bool,
    verify: bool,
    workers: int,
    compression: str,
) -> None:
    """Copy upstream repositories into the store: their metadata, and the rpms that are not there yet.

    Each REPO_ID is mirrored from the URL after it (http, https or file); without any, every mirror of the store is
    brought up to date. Those that are named together are one set: they are read until none has changed meanwhile.
    Everything is checked against the checksums of the metadata before it is used. A run that was interrupted goes on
    where it was. An empty folder, or none, becomes a store. An rpm whose name, version and release are known with other
    bytes is refused, unless --allow-mutated is given.

    What was mirrored with --metadata-only stays so when every mirror is brought up to date; name it with its URL and
    without that option, and its rpms come as well.
    """
    if len(sources) % 2:
        raise click.UsageError("Want pairs of a REPO_ID and a URL.")
    from snapshots.intake.location import refused_url, source_fault
    from snapshots.mirror import mirror_repositories
    from snapshots.repodata.compose import Compression
    from snapshots.storage.store import create_store, open_store
    from spma.cli.console import ProgressBar

    for url in sources[1::2]:
        if fault := source_fault(url):
            raise click.UsageError(f"{refused_url(url)} {fault}.")
    wanted = [MirrorSource(repo_id, url) for repo_id, url in zip(sources[::2], sources[1::2], strict=True)]
    opened = create_store(store, wait_s=wait) if wanted else open_store(store, wait_s=wait)
    options = MirrorOptions(
        metadata_only=metadata_only,
        allow_mutated=allow_mutated,
        verifies=verify,
        compression=Compression(compression),
        workers=workers,
    )
    with ProgressBar().expect("Mirroring") as progress:
        mirrored = mirror_repositories(opened, wanted, options, progress)
    run = MirrorRun(repositories=mirrored)
    settings.console.tell(run, lambda: mirror_text(run.repositories, settings.console))


def mirror_text(repositories: Sequence[Mirrored], console: Console) -> str:
    """Return a line or two per mirror, with its warnings below."""
    from spma.cli.text import sized, wrapped
    from yumbridge.count import counted

    lines: list[str] = []
    for each in repositories:
        parts = [
            f"{counted(each.packages, 'package')} ({each.new_packages} new)",
            counted(each.advisories, "advisory", "advisories"),
            f"{counted(each.downloaded, 'rpm')} fetched, {sized(each.downloaded_bytes)}" if each.downloaded else "",
            f"{counted(each.missing, 'rpm')} left upstream" if each.missing else "",
            "unchanged" if each.is_unchanged else "",
        ]
        lines += wrapped(f"{each.repo_id}: {', '.join(filter(None, parts))}", "", console)
        lines += [line for warning in each.warnings for line in wrapped(f"warning: {warning}", "  ", console)]
    return "\n".join(lines)
