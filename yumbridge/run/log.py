"""The log for people: what runs changed on a root, or tried to, a line for each thing.

Each line is written by opening the file anew, so that whoever rotates it need not tell us.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from typing import Final

from yumbridge.complaint import shown
from yumbridge.errors import HostError
from yumbridge.plan.document import Change, masked
from yumbridge.run.state import StateFolder, refuse_outside

_MODE: Final = 0o640
_FOLDER_MODE: Final = 0o755
# Nobody waits for the reader of a pipe that somebody has put there.
_FLAGS: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def log(folder: StateFolder, at: str, texts: Iterable[str]) -> None:
    """Add a line for each text, with the time `at` and our process; nothing when there is none. Raises HostError.

    Credentials in URLs are masked, and what a terminal would act on is written out.
    """
    lines = [f"{at} yumbridge[{os.getpid()}]: {shown(masked(' '.join(text.split())))}\n" for text in texts]
    if not lines:
        return
    path = folder.log
    refuse_outside(folder.root, path)
    try:
        path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        descriptor = os.open(path, _FLAGS, _MODE)
        with os.fdopen(descriptor, "wb") as handle:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise HostError(f"cannot write {path}: it is no file")
            handle.write("".join(lines).encode())
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror}") from error


def change_words(change: Change) -> str:
    """Return what happens to a package, in a few words."""
    return f"{change.action.value} {change.name}.{change.arch} {change.evrs}"
