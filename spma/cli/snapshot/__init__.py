"""The verbs of `snapshot`, one module per noun."""

from __future__ import annotations

from typing import Final

import click

from spma.cli.verb import Verbs

# Each is added when its module is there: see below for their order in the help.
_VERBS: Final = {
    "list": ("spma.cli.snapshot.store:listing", "List the snapshots of the store."),
    "show": ("spma.cli.snapshot.store:show", "Show what a snapshot holds and how it came to be."),
    "check": ("spma.cli.snapshot.check:check", "Check whether profiles solve on a snapshot."),
}


@click.group(cls=Verbs, places=_VERBS)
def snapshot() -> None:
    """Mirror repositories, cut snapshots of them, compare, check and publish those.

    A snapshot is an immutable, named set of repositories taken together, with the exact packages and advisories. Its
    id is that of its content. Snapshots lie in a store: --store, or the key store of the configuration. Every
    snapshot is a plain dnf repository tree below the store, and so is every ref.
    """
