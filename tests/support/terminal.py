"""The command on a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path

from tests.support.command import environment
from tests.support.tool import Outcome

UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What no output has but an escape of our own: controls, and what changes the direction of text."""


def run_on_terminal(
    *args: str | Path,
    columns: int = 80,
    typed: str = "",
    env: Mapping[str, str] | None = None,
    timeout_s: float = 120,
) -> Outcome:
    """Run the command on a pseudo-terminal; `stdout` is all that a person saw, escapes included.

    `typed` waits in the keyboard's buffer from the start, and is echoed as on any terminal.

    Raises:
        TimeoutError: it did not end in time; it was killed.
    """
    seen_by_us, terminal = pty.openpty()
    try:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        full = {**environment(), "TERM": "xterm-256color"}
        del full["NO_COLOR"]
        process = subprocess.Popen(
            [sys.executable, "-m", "spma", *map(str, args)],
            cwd="/",
            env={**full, **(env or {})},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
    finally:
        os.close(terminal)
    try:
        os.write(seen_by_us, typed.encode())
        screen = _read_all(seen_by_us, process, time.monotonic() + timeout_s)
        return Outcome(process.wait(), screen.decode(errors="replace").replace("\r\n", "\n"), "")
    finally:
        os.close(seen_by_us)


def _read_all(terminal: int, process: subprocess.Popen[bytes], deadline: float) -> bytes:
    """Return everything written to a terminal until its last user has gone."""
    screen = b""
    while True:
        ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            process.kill()
            process.wait()
            raise TimeoutError(f"still running; on its screen:\n{screen.decode(errors='replace')}")
        try:
            part = os.read(terminal, 65536)
        except OSError:
            # Linux says EIO when nobody has the other end open any more.
            return screen
        if not part:
            return screen
        screen += part
