"""Processes that are killed in the middle of their work: before the first thing they do to the disk, the second, ..."""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from _typeshed import HasFileno

Operation: TypeAlias = Callable[[], object]

# Each changes what is on the disk. Source: docs.python.org, audit events table.
_EVENTS: Final = frozenset(
    {
        "os.chmod",
        "os.chown",
        "os.link",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.symlink",
        "os.truncate",
        "os.utime",
    }
)
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def killed_at(step: int, operation: Operation) -> bool:
    """Run an operation in a child that is killed right before its n-th step, the first being 1; tell whether it was.

    A step is anything that changes the disk: opening a file to write, a rename, a link, a removal, an fsync. An
    operation with fewer steps runs to its end, and must not fail.
    """
    pid = _fork()
    if pid == 0:
        _run(step, operation)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert os.waitstatus_to_exitcode(status) == 0, "the operation failed: its traceback is on standard error"
    return False


def in_child(operation: Operation) -> int:
    """Run an operation in a child and return its pid; who asks has to wait for it."""
    pid = _fork()
    if pid == 0:
        _run(0, operation)
    return pid


def _fork() -> int:
    with warnings.catch_warnings():
        # Servers of the tests run in threads; the child uses none of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _run(step: int, operation: Operation) -> None:
    """Run an operation in this process, and end it. Nothing of pytest may run here."""
    code = 1
    try:
        if step:
            _count_down(step)
        operation()
        code = 0
    except BaseException:  # noqa: BLE001 - the process ends here, whatever it was
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _count_down(step: int) -> None:
    left = step

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if event in _EVENTS or (event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING):
            count()

    fsync = os.fsync

    def counted_fsync(fd: int | HasFileno) -> None:
        count()
        fsync(fd)

    # The audit has no event for it; a file is written by then, and may not have reached the disk.
    os.fsync = counted_fsync
    sys.addaudithook(hear)
