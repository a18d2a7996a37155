"""The verb `snapshot publish`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
import msgspec

from snapshots.materialise import Materialised, fit_link
from snapshots.materialise import materialise as materialised
from spma.cli.options import FOLDER, Settings, Target, described, waiting
from spma.cli.snapshot.options import PROFILES, stored

if TYPE_CHECKING:
    from snapshots.storage.store import Store


class Publication(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a ref points now, and where it did. `before` and `after` are snapshots, empty for none."""

    document: Literal["yumbridge-publish"] = "yumbridge-publish"
    version: str = "1.0"
    ref: str
    before: str
    after: str
    is_unchanged: bool
    materialised: Materialised | None = None


@click.command(
    epilog="""\b
Examples:
  yumbridge snapshot publish testing 2026-11-22
  yumbridge snapshot publish production testing --not-older \\
      --require-check --profile node1.json --profile node2.json
  yumbridge snapshot publish production testing --materialise /srv/www
  yumbridge snapshot publish obsolete --remove"""
)
@click.argument("ref")
@click.argument("name", required=False)
@click.option("--require-check", is_flag=True, help="Refuse when a profile does not solve there.")
@PROFILES
@click.option("--not-older", is_flag=True, help="Refuse a snapshot older than that of REF.")
@click.option(
    "--materialise",
    type=FOLDER,
    help="Write a tree without links to the store into DIR.",
    metavar="DIR",
)
@click.option("--remove", is_flag=True, help="Remove REF; the snapshot stays.")
@waiting
@described
@stored
def publish(
    settings: Settings,
    store: Path,
    target: Target,
    wait: float,
    ref: str,
    name: str | None,
    require_check: bool,
    profiles: tuple[Path, ...],
    not_older: bool,
    materialise: Path | None,
    remove: bool,
) -> None:
    """Let REF point to the snapshot NAME, in one step. NAME may be another ref.

    A snapshot whose rpms are not in the store is refused. With --require-check so is one on which a profile does not
    solve, or where hosts that are at REF may not go: see yumbridge snapshot check. A refusal ends with 12, and nothing
    has moved. A tree that is materialised has the snapshot and REF in it, its rpms as hard links where that can be.
    That REF is only ever moved with --materialise: without it, and with --remove, it stays as it was.
    """
    if remove != (name is None):
        raise click.UsageError("Name a snapshot, or use --remove.")
    if remove and (require_check or not_older or materialise):
        raise click.UsageError("--remove goes with none of the other options.")
    if require_check != bool(profiles):
        raise click.UsageError("--require-check goes with at least one --profile.")
    from snapshots.storage.store import open_store

    opened = open_store(store, wait_s=wait)
    if name is None:
        published = _retired(opened, ref)
    else:
        name = opened.resolve(name)
        # What takes long is not begun for a ref that may not be moved.
        before = _refuse(opened, ref, name, not_older=not_older, folder=materialise)
        expected = before if require_check else None
        if require_check:
            _refuse_unsolved(settings, target, opened, ref, name, profiles)
        published = _published(opened, ref, name, not_older=not_older, expected=expected, folder=materialise)
    settings.console.tell(published, lambda: _text(published))


def _retired(store: Store, ref: str) -> Publication:
    from snapshots.publish import retire

    retired = retire(store, ref)
    return Publication(ref=ref, before=retired.before, after="", is_unchanged=False)


def _refuse(store: Store, ref: str, name: str, *, not_older: bool, folder: Path | None) -> str:
    """Return where the ref points to now. Raises whatever is against moving it that can be known at once."""
    from snapshots.publish import refuse

    if folder is not None:
        fit_link(folder.absolute(), ref, name)
    return refuse(store, ref, name, not_older=not_older)


def _published(
    store: Store, ref: str, name: str, *, not_older: bool, expected: str | None, folder: Path | None
) -> Publication:
    """Move the ref once all that takes long, or may fail, is done."""
    from snapshots.publish import publish as moved

    tree = None if folder is None else materialised(store, name, "", folder.absolute())
    published = moved(store, ref, name, not_older=not_older, expected=expected)
    if folder is not None:
        materialised(store, name, ref, folder.absolute())
    return Publication(
        ref=ref,
        before=published.before,
        after=published.after,
        is_unchanged=published.is_unchanged,
        materialised=tree,
    )


def _refuse_unsolved(
    settings: Settings, target: Target, store: Store, ref: str, name: str, profiles: tuple[Path, ...]
) -> None:
    """Raise NotPublishableError unless every profile solves on the snapshot, and hosts at the ref may go there."""
    from snapshots.errors import NotPublishableError
    from spma.cli.snapshot.check import as_given, checked_profiles, reasons

    is_there = (store.ref(ref) / "manifest.json").is_file()
    checked = checked_profiles(settings, target, store, name, profiles, ref if is_there else None)
    if not checked.is_good:
        shown = as_given(checked, profiles)
        details = [line for each in shown.profiles if not each.is_good for line in reasons(each, shown)]
        raise NotPublishableError(f"{name} fails the check: {ref} stays where it is", details)


def _text(published: Publication) -> str:
    from spma.cli.console import printable
    from yumbridge.count import counted

    if not published.after:
        text = f"{published.ref} is gone; it pointed to {published.before}."
    elif published.is_unchanged:
        text = f"{published.ref} points to {published.after} already."
    else:
        before = f", before to {published.before}" if published.before else ""
        text = f"{published.ref} points to {published.after}{before}."
    tree = published.materialised
    if tree is None:
        return printable(text)
    written = f"{counted(tree.linked, 'file')} linked, {tree.copied} copied"
    state = written if tree.linked or tree.copied else "it was there"
    return "\n".join(map(printable, (text, f"{tree.path}: {state}.")))
