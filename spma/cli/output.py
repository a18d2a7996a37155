"""Files that a user names for what the command writes."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_IMODE

import click

from yumbridge.errors import HostError
from yumbridge.run.state import replace_file

STDOUT = Path("-")
"""What a user writes for standard output."""


def refuse_stdout(option: str, path: Path | None) -> None:
    """Raise UsageError when `option` is to write to standard output, which has the answer of the verb."""
    if path == STDOUT:
        raise click.UsageError(f"{option} -: standard output has the answer: name a file.")


def write_named(path: Path, content: bytes) -> None:
    """Write `content` to what a user named. Raises HostError.

    A link is followed. A file has the old content or the new after a crash, and keeps its mode; anything else that is
    there, a device or a pipe, is written to.
    """
    try:
        if not path.exists():
            replace_file(path.resolve(), content)
        elif path.is_file():
            present = path.stat()
            # Whoever is not root makes files of his own, and can give them to nobody.
            owner = (present.st_uid, present.st_gid) if os.geteuid() == 0 else None
            replace_file(path.resolve(), content, S_IMODE(present.st_mode), owner)
        else:
            with path.open("wb") as target:
                target.write(content)
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror}") from error
