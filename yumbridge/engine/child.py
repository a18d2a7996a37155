"""Start the engine's child process. Imports nothing heavy: it is the first thing that a run does."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

# The platform's interpreters: where distributions put the bindings of dnf.
INTERPRETERS: Final = ("/usr/libexec/platform-python", "/usr/bin/python3")
INTERPRETER_VARIABLE: Final = "YUMBRIDGE_PYTHON"
COMMAND_VARIABLE: Final = "YUMBRIDGE_ENGINE_COMMAND"
# The folder of the worker, which a command that runs it elsewhere has to name as it is called there.
WORKER: Final = Path(__file__).parent / "worker"
# A closure is one line of some hundred kilobytes.
_BUFFER_BYTES: Final = 1 << 20

Command: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """Which child to start, as the configuration has it: a whole command, or an engine's name ("dnf4", "dnf5").

    Without a command the interpreters of this platform are tried, and without a name the platform's engine is used.
    """

    command: Command = ()
    name: str | None = None

    def commands(self) -> tuple[Command, ...]:
        """Return the commands to try, in order. One that is named in the environment is the only one."""
        name = () if self.name is None else (self.name,)
        if words := shlex.split(os.environ.get(COMMAND_VARIABLE, "")):
            return ((*words, *name),)
        if self.command:
            return ((*self.command, *name),)
        named = os.environ.get(INTERPRETER_VARIABLE)
        interpreters = (named,) if named else tuple(path for path in INTERPRETERS if Path(path).exists())
        return tuple((interpreter, "-I", str(WORKER), *name) for interpreter in interpreters)


def start_child(command: Sequence[str], pass_fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start a worker, without waiting for it. Raises OSError.

    It inherits `pass_fds`, and lives in a session of its own: what a terminal sends to us does not reach it.
    """
    environment = {name: value for name, value in os.environ.items() if not _is_foreign(name)}
    return subprocess.Popen(  # noqa: S603 - our own worker or what the administrator has configured, no shell
        list(command),
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

    `child` is the present one, None when none is left.
    `failures` has a line per command that did not do, with its first word.
    """

    def __init__(self, pass_fds: Sequence[int] = (), choice: EngineChoice = EngineChoice()) -> None:
        self.choice = choice
        self.failures: list[str] = []
        self._pass_fds = tuple(pass_fds)
        self._left = list(choice.commands())
        self._current: Command = ()
        self.child = self._start_next()

    @property
    def program(self) -> str:
        """The first word of what the child was started with, here the interpreter; "" with nothing to start."""
        return self._current[0] if self._current else ""

    def next_after(self, why: str) -> None:
        """Go on to the next child after one that did not do. There is none when none is left."""
        self.failures.append(f"{self._current[0]}: {why}")
        self.child = self._start_next()

    def abandon(self) -> None:
        """End the child, which nobody wants after all."""
        self._left = []
        if self.child is not None:
            self.child.kill()
            self.child.communicate()
            self.child = None

    def _start_next(self) -> subprocess.Popen[bytes] | None:
        while self._left:
            self._current = self._left.pop(0)
            try:
                return start_child(self._current, self._pass_fds)
            except OSError as error:
                self.failures.append(f"{self._current[0]}: {error.strerror}")
        return None
