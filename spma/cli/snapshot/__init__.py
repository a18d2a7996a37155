"""The verbs of `snapshot`, one module per noun."""

from __future__ import annotations

from typing import Final

import click

from spma.cli.verb import Verbs

_VERBS: Final = {
    "mirror": ("spma.cli.snapshot.mirror:mirror", "Copy upstream repositories into the store."),
    "cut": ("spma.cli.snapshot.cut:cut", "Freeze a selection of the mirrors as a snapshot."),
    "list": ("spma.cli.snapshot.store:listing", "List the snapshots of the store."),
    "show": ("spma.cli.snapshot.store:show", "Show what a snapshot holds and how it came to be."),
    "diff": ("spma.cli.snapshot.difference:diff", "Show what distinguishes two snapshots."),
    "check": ("spma.cli.snapshot.check:check", "Check whether profiles solve on a snapshot."),
    "verify": ("spma.cli.snapshot.verify:verify", "Find out whether snapshots are whole."),
    "publish": ("spma.cli.snapshot.publish:publish", "Let a ref point to a snapshot."),
    "prune": ("spma.cli.snapshot.prune:prune", "Delete what nothing refers to."),
    "lock": ("spma.cli.snapshot.lockfile:lock", "Write the lock of a snapshot."),
    "realise": ("spma.cli.snapshot.lockfile:realise", "Make a snapshot again from its lock."),
    "adopt": ("spma.cli.snapshot.adopt:adopt", "Take over repositories that other tools made."),
}


@click.group(cls=Verbs, places=_VERBS)
def snapshot() -> None:
    """Mirror repositories, cut snapshots of them, compare, check and publish those.

    A snapshot is an immutable, named set of repositories taken together, with the exact packages and advisories. Its
    id is that of its content. Snapshots lie in a store: --store, or the environment variable YUMBRIDGE_STORE, or the
    key store of the configuration. Every snapshot is a plain dnf repository tree below the store, and so is every ref.
    """
