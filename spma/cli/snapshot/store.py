"""The verbs that look at a store: list and show."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from spma.cli.options import Settings
from spma.cli.snapshot.options import stored


@click.command(
    name="list",
    epilog="""\b
Examples:
  yumbridge snapshot list
  yumbridge snapshot list --store /srv/yumbridge --json""",
)
@stored
def listing(settings: Settings, store: Path) -> None:
    """List the snapshots of the store, the latest first, with the refs that point to each.

    A ref whose snapshot is not there is told below them, and so is a snapshot that cannot be read; the latter ends
    with 21. With -v the size and the message of each stand below it.
    """
    from snapshots.storage.store import open_store
    from spma.cli.exits import Exit
    from spma.cli.snapshot.document import snapshot_list
    from spma.cli.snapshot.text import list_text

    found = snapshot_list(open_store(store))
    settings.console.tell(found, lambda: list_text(found, settings.console))
    if found.damaged:
        sys.exit(Exit.STORE_DAMAGED)


@click.command(
    epilog="""\b
Examples:
  yumbridge snapshot show 2026-11-22
  yumbridge snapshot show production --json"""
)
@click.argument("name")
@stored
def show(settings: Settings, store: Path, name: str) -> None:
    """Show what the snapshot NAME holds, and how it came to be. NAME may be a ref."""
    from snapshots.storage.store import open_store
    from spma.cli.snapshot.document import snapshot_document
    from spma.cli.snapshot.text import snapshot_text

    opened = open_store(store)
    # Read for its id, which has to be that of what it lists.
    opened.manifest(name)
    found = snapshot_document(opened, name)
    settings.console.tell(found, lambda: snapshot_text(found, settings.console))
