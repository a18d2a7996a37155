"""One writer per root."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from yumbridge.complaint import UNDECODABLE
from yumbridge.errors import HostError, LockHeldError

_POLL_S: Final = 0.2


class Holder(msgspec.Struct, frozen=True):
    """Who holds a lock, and since when (RFC 3339)."""

    pid: int
    command: str
    since: str


@contextmanager
def held(path: Path, holder: Holder, *, wait_s: float = 0, what: str = "this root") -> Iterator[int]:
    """Hold the lock at `path`, and yield its descriptor, for a child that has to hold it beyond our own life.

    `what` it locks is said to whoever has to wait. Raises LockHeldError when another process still holds it after
    `wait_s` seconds, HostError when it cannot be made.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise HostError(f"cannot open the lock {path}: {error.strerror}") from error
    try:
        _acquire(descriptor, wait_s, what)
        os.ftruncate(descriptor, 0)
        try:
            # Who holds it is told as a courtesy: on a full disk, prune has to get its lock all the same.
            with suppress(OSError):
                os.pwrite(descriptor, msgspec.json.encode(holder) + b"\n", 0)
            yield descriptor
        finally:
            # Also after a failure: who reads it would look for a process that is gone.
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, wait_s: float, what: str) -> None:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise LockHeldError(f"another run holds the lock of {what}: {_who(descriptor)}") from None
            time.sleep(_POLL_S)
        else:
            return


def _who(descriptor: int) -> str:
    try:
        holder = msgspec.json.decode(os.pread(descriptor, 4096, 0), type=Holder)
    except UNDECODABLE:
        return "it does not say who it is"
    return f"{holder.command} (pid {holder.pid}) since {holder.since}"
