"""A scriptlet that waits, so that a test can look at a transaction from the middle of it."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Mapping
from pathlib import Path

from tests.support.roots import InstallRoot

_PATIENCE_S = 30.0

# Opening a FIFO to read waits until somebody opens it to write. Without a gate there is nothing to wait for.
WAITING: Mapping[str, str] = {"post": 'local gate = io.open("/gate") if gate then gate:read("*a") gate:close() end'}


class Gate:
    """The FIFO in a root at which a package with the scriptlet `WAITING` waits."""

    def __init__(self, root: InstallRoot) -> None:
        self._path: Path = root.path / "gate"
        os.mkfifo(self._path)
        self._writer: int | None = None

    def wait(self) -> None:
        """Return when the scriptlet has come to the gate. It stays there until `remove`, or until it is killed.

        Raises:
            TimeoutError: it did not come.
        """
        deadline = time.monotonic() + _PATIENCE_S
        while self._writer is None:
            try:
                self._writer = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno != errno.ENXIO or time.monotonic() > deadline:
                    raise TimeoutError("no scriptlet has come to the gate") from error
                time.sleep(0.02)

    def remove(self) -> None:
        """Let the scriptlet pass, and every later one."""
        # In this order: another one may be on its way to the gate.
        self._path.unlink()
        if self._writer is not None:
            os.close(self._writer)
            self._writer = None


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that still run. Source: proc(5), task/children."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except FileNotFoundError:
        return []


def wait_for_end(pid: int) -> None:
    """Return when a process that is not our child has ended.

    Raises:
        TimeoutError: it still runs.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while Path(f"/proc/{pid}").exists() and " Z " not in _stat(pid):
        if time.monotonic() > deadline:
            raise TimeoutError(f"process {pid} still runs")
        time.sleep(0.02)


def _stat(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return " Z "
