"""Plain files: what is opened, linked and copied where a tree is not trusted to have nothing else."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path
from typing import Final

# What a file system says where a hard link cannot be: another device, too many links, none at all, another's file.
_NO_LINK: Final = frozenset({errno.EXDEV, errno.EMLINK, errno.EPERM, errno.EOPNOTSUPP, errno.EACCES})
_READERS: Final = 0o444
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PIECE: Final = 1 << 20


def opened(path: Path, *, follows_links: bool = True) -> BufferedReader:
    """Open a plain file for reading. Raises OSError: it cannot be read, or is a pipe, a device or a folder."""
    # A pipe would be waited for.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follows_links else os.O_NOFOLLOW)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no plain file", str(path))
    return os.fdopen(descriptor, "rb")


def link_or_copy(path: Path, target: Path, limit_bytes: int) -> bool:
    """Make `target`, which is not there, a file with the content of `path`, on the disk; tell whether it is a copy.

    A file that fewer users may read than what we write is copied, and so is what cannot be linked: `limit_bytes` of it
    at most. A link is not followed. Raises OSError.
    """
    with opened(path, follows_links=False) as source:
        if _is_open_enough(source, target) and _linked(path, target):
            os.fsync(source.fileno())
            return False
        with os.fdopen(os.open(target, _NEW, 0o644), "wb") as copy:
            left = limit_bytes
            while piece := source.read(min(_PIECE, left)):
                copy.write(piece)
                left -= len(piece)
            copy.flush()
            os.fsync(copy.fileno())
    return True


def _is_open_enough(source: BufferedReader, target: Path) -> bool:
    """Tell whether all may read a file who may read what we write. The umask says so, and only a new file tells it."""
    missing = _READERS & ~os.fstat(source.fileno()).st_mode
    if not missing:
        return True
    descriptor = os.open(target, _NEW, 0o644)
    try:
        return not os.fstat(descriptor).st_mode & missing
    finally:
        os.close(descriptor)
        target.unlink()


def _linked(path: Path, target: Path) -> bool:
    try:
        os.link(path, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        return False
    return True
