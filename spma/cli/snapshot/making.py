"""What the verbs say that make a snapshot: cut, realise and adopt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spma.cli.console import Console

if TYPE_CHECKING:
    from snapshots.storage.store import Store


def tell_made(store: Store, name: str, console: Console) -> None:
    """Print the snapshot that was made."""
    from spma.cli.snapshot.document import snapshot_document
    from spma.cli.snapshot.text import made_text

    made = snapshot_document(store, name)
    console.tell(made, lambda: made_text(made, console))
