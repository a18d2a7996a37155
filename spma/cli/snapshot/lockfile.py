"""The verbs `snapshot lock` and `snapshot realise`."""

from __future__ import annotations

from pathlib import Path

import click

from spma.cli.options import Settings, waiting
from spma.cli.snapshot.options import stored

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(
    epilog="""\b
Examples:
  yumbridge snapshot lock production --out production.lock.json
  yumbridge snapshot lock 2026-10-01 --release"""
)
@click.argument("name")
@click.option("--out", type=_FILE, help="Write the lock to FILE.", metavar="FILE")
@click.option("--release", is_flag=True, help="Forget the lock: it keeps the snapshot no longer.")
@waiting
@stored
def lock(settings: Settings, store: Path, wait: float, name: str, out: Path | None, release: bool) -> None:
    """Write the lock of the snapshot NAME: all that it holds, in a form to keep in version control.

    From it the snapshot can be made again, the same to the byte, in any store that has the packages. The store keeps a
    copy, and yumbridge snapshot prune keeps what that names, until it is released. NAME may be a ref.
    """
    if release == (out is not None):
        raise click.UsageError("Say where to write the lock with --out, or use --release.")
    from snapshots.lockfile import written_lock
    from snapshots.realise import lock_snapshot
    from snapshots.realise import release as forgotten
    from snapshots.store import open_store
    from spma.cli.snapshot.document import snapshot_document
    from spma.cli.text import short_id
    from yumbridge.plan.document import printed
    from yumbridge.run.state import write_durably

    console = settings.console
    opened = open_store(store, wait_s=wait)
    if out is None:
        name = forgotten(opened, name)
        text = f"The lock of {name} is forgotten."
    else:
        locked = lock_snapshot(opened, name)
        write_durably(out, written_lock(locked))
        text = f"Lock of {locked.name} ({short_id(locked.id)}) written to {out}."
    if console.json:
        console.document(printed(snapshot_document(opened, name)))
    else:
        console.answer(text)


@click.command(
    epilog="""\b
Examples:
  yumbridge snapshot realise production.lock.json 2026-11-22
  yumbridge snapshot realise production.lock.json 2026-11-22 \\
      --accept-differences"""
)
@click.argument("lock", type=_FILE)
@click.argument("name")
@click.option("--accept-differences", is_flag=True, help="Take other metadata of the same rpms.")
@waiting
@stored
def realise(settings: Settings, store: Path, wait: float, lock: Path, name: str, accept_differences: bool) -> None:
    """Make the snapshot of LOCK again, and call it NAME.

    What is missing from the store is listed, and then nothing is made. The result has the id of the lock, and the same
    bytes. Where mirrors describe the same rpms in other words than those that the lock was made of, that is refused:
    with --accept-differences the id is the same and the bytes are not.
    """
    from snapshots.lockfile import read_lock
    from snapshots.realise import realise as realised
    from snapshots.store import open_store
    from spma.cli.console import ProgressBar
    from spma.cli.snapshot.making import tell_made
    from yumbridge.errors import DocumentError

    opened = open_store(store, wait_s=wait)
    try:
        content = lock.read_bytes()
    except OSError as error:
        raise DocumentError(f"lock {lock} cannot be read: {error.strerror}") from error
    with ProgressBar().expect("Realising"):
        realised(opened, read_lock(content, str(lock)), name, accept_differences=accept_differences)
    tell_made(opened, name, settings.console)
