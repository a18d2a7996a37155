"""Start the engine's child process. Imports nothing heavy: it is the first thing that a run does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

# The platform's interpreters: where distributions put the bindings of dnf.
INTERPRETERS: Final = ("/usr/libexec/platform-python", "/usr/bin/python3")
INTERPRETER_VARIABLE: Final = "YUMBRIDGE_PYTHON"
# A closure is one line of some hundred kilobytes.
_BUFFER_BYTES: Final = 1 << 20
_WORKER: Final = Path(__file__).parent / "worker"


def interpreters() -> tuple[str, ...]:
    """Return the interpreters to try, in order. One named in the environment is the only one."""
    named = os.environ.get(INTERPRETER_VARIABLE)
    return (named,) if named else tuple(path for path in INTERPRETERS if Path(path).exists())


def start_child(interpreter: str, pass_fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start the worker on `interpreter`, without waiting for it. Raises OSError.

    It inherits `pass_fds`, and lives in a session of its own: what a terminal sends to us does not reach it.
    """
    environment = {name: value for name, value in os.environ.items() if not _is_foreign(name)}
    return subprocess.Popen(  # noqa: S603 - our own worker, no shell, a fixed argument list
        [interpreter, "-I", str(_WORKER)],
        bufsize=_BUFFER_BYTES,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # The messages of solver and rpm are read by people and by nothing else: one language for all.
        env=environment | {"LC_ALL": "C"},
        pass_fds=tuple(pass_fds),
        start_new_session=True,
    )


def _is_foreign(name: str) -> bool:
    """Tell whether a variable would change what the worker does without anybody having asked us for it.

    Proxies come from the desired state alone: curl would take them from the environment.
    """
    return name.startswith("PYTHON") or name.lower().endswith("_proxy")


class Starter:
    """The children to try, one after the other, until one has the bindings. The first is started at once.

    `failures` has a line per interpreter that did not do.
    """

    def __init__(self, pass_fds: Sequence[int] = ()) -> None:
        self.failures: list[str] = []
        self._pass_fds = tuple(pass_fds)
        self._left = list(interpreters())
        self._current = ""
        self.child = self._start_next()

    @property
    def interpreter(self) -> str:
        """What the child was started on; "" where there is nothing to start."""
        return self._current

    def next_after(self, why: str) -> subprocess.Popen[bytes] | None:
        """Return the next child after one that did not do, or None when there is none left."""
        self.failures.append(f"{self._current}: {why}")
        self.child = self._start_next()
        return self.child

    def _start_next(self) -> subprocess.Popen[bytes] | None:
        while self._left:
            self._current = self._left.pop(0)
            try:
                return start_child(self._current, self._pass_fds)
            except OSError as error:
                self.failures.append(f"{self._current}: {error.strerror}")
        return None
