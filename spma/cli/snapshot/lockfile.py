"""The verbs `snapshot lock` and `snapshot realise`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
import msgspec

from spma.cli.options import Settings, waiting
from spma.cli.snapshot.options import stored

if TYPE_CHECKING:
    from snapshots.content.lockfile import Lock
    from spma.cli.console import Console

_FILE = click.Path(dir_okay=False, path_type=Path)


class LockRelease(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A lock that was forgotten. `snapshot` is the name of its snapshot, which may be gone."""

    document: Literal["yumbridge-lock-release"] = "yumbridge-lock-release"
    version: str = "1.0"
    snapshot: str


@click.command(
    epilog="""\b
Examples:
  yumbridge snapshot lock production --out production.lock.json
  yumbridge snapshot lock 2026-10-01 --release"""
)
@click.argument("name")
@click.option("--out", type=_FILE, help="Write the lock to FILE, or to stdout (-).", metavar="FILE")
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
    from snapshots.realise import lock_snapshot
    from snapshots.realise import release as forgotten
    from snapshots.storage.store import open_store
    from spma.cli.output import STDOUT, refuse_stdout
    from spma.cli.snapshot.document import snapshot_document
    from spma.cli.text import short_id

    console = settings.console
    if console.json:
        refuse_stdout("--out", out)
    opened = open_store(store, wait_s=wait)
    if out is None:
        name = forgotten(opened, name)
        document: msgspec.Struct = LockRelease(snapshot=name)
        text = f"The lock of {name} is forgotten."
    else:
        locked = lock_snapshot(opened, name, partial(_write, out, console))
        document = snapshot_document(opened, locked.name)
        text = f"Lock of {locked.name} ({short_id(locked.id)}) written to {out}."
    if out == STDOUT:
        return
    console.tell(document, lambda: text)


def _write(out: Path, console: Console, lock: Lock) -> None:
    from snapshots.content.lockfile import written_lock
    from spma.cli.output import STDOUT, write_named

    if out == STDOUT:
        console.document(written_lock(lock))
    else:
        write_named(out, written_lock(lock))


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
    from snapshots.content.lockfile import read_lock
    from snapshots.errors import InvalidLockError
    from snapshots.realise import realise as realised
    from snapshots.storage.store import open_store
    from spma.cli.console import ProgressBar
    from spma.cli.snapshot.making import tell_made
    from yumbridge.errors import DocumentError

    opened = open_store(store, wait_s=wait)
    try:
        content = lock.read_bytes()
    except OSError as error:
        raise InvalidLockError(f"lock {lock} cannot be read: {error.strerror}") from error
    try:
        with ProgressBar().expect("Realising"):
            realised(opened, read_lock(content, str(lock)), name, accept_differences=accept_differences)
    except DocumentError as error:
        raise InvalidLockError(error.message, error.details) from error
    tell_made(opened, name, settings.console)
