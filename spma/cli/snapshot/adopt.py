"""The verb `snapshot adopt`."""

from __future__ import annotations

from pathlib import Path

import click

from spma.cli.options import EXISTING_FOLDER, Settings, waiting
from spma.cli.snapshot.options import compressed, stored


@click.command(
    epilog="""\b
Examples:
  yumbridge snapshot adopt /srv/snapshots/20251101
  yumbridge snapshot adopt /srv/snapshots/20251101 --name 2025-11-01 \\
      --metadata-from /srv/mirrors"""
)
@click.argument("folder", type=EXISTING_FOLDER, metavar="DIR")
@click.option("--name", help="What the snapshot is to be called; as DIR is without.", metavar="NAME")
@click.option("--metadata-from", type=EXISTING_FOLDER, help="Take what DIR lacks from this folder.", metavar="DIR")
@compressed
@waiting
@stored
def adopt(
    settings: Settings,
    store: Path,
    wait: float,
    folder: Path,
    name: str | None,
    metadata_from: Path | None,
    compression: str,
) -> None:
    """Take over the repositories in DIR, made by other tools, as a snapshot.

    DIR is one repository, or has one in each of its folders, as trees of yum_snapshot have. It stays as it is: its
    rpms become part of the pool as hard links where that can be, each checked. Advisories, comps and module metadata
    that DIR has lost are taken from the repodata of the same repository in --metadata-from.
    """
    from snapshots.adopt import AdoptRequest
    from snapshots.adopt import adopt as adopted
    from snapshots.content.name import checked_name
    from snapshots.repodata.compose import Compression
    from snapshots.storage.store import create_store
    from spma.cli.console import ProgressBar
    from spma.cli.snapshot.making import tell_made

    # Before there is a store: the name of a folder may be none for a snapshot.
    name = checked_name("snapshot", folder.absolute().name if name is None else name)
    opened = create_store(store, wait_s=wait)
    request = AdoptRequest(folder=folder, name=name, metadata_from=metadata_from, compression=Compression(compression))
    with ProgressBar().expect("Adopting") as progress:
        adopted(opened, request, progress)
    tell_made(opened, name, settings.console)
