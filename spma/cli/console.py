"""Where the command prints: width, colour, progress, and what may reach a terminal at all."""

from __future__ import annotations

import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

import click

if TYPE_CHECKING:
    import msgspec
    from rich.progress import Progress, TaskID

PIPE_WIDTH: Final = 80
# The longest line of a message.
_MOST_CHARACTERS: Final = 4000
_PATIENCE_S: Final = 1.0
# C0 and C1 controls and what reorders text: a package name may not move the cursor or hide what is printed. Halves of
# characters stand for bytes of a path that are no text.
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
# Of these JSON escapes the C0 controls itself.
_ACTING: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PHASES: Final = {
    "metadata": "Reading metadata",
    "download": "Downloading",
    "transaction": "Changing packages",
    "rpms": "Packages",
    "snapshots": "Snapshots",
    "leftovers": "Leftovers",
    "profiles": "Profiles",
}


class UnwritableError(OSError):
    """Standard output does not take an answer; its reader may still be there."""


def printable(text: str) -> str:
    r"""Return `text` with everything that a terminal would act on written out.

    >>> printable("a\x1b[2Jb")
    'a\\x1b[2Jb'
    """
    return _UNPRINTABLE.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def one_line(text: str) -> str:
    """Return `text` as a line on a terminal; who sends a message of any length is not repeated at any length."""
    line = printable(text)
    return line if len(line) <= _MOST_CHARACTERS else f"{line[:_MOST_CHARACTERS]}..."


def discard_answer() -> None:
    """Let go of what standard output has not taken: the end of the process would stumble over it again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


@contextmanager
def _unwritable() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UnwritableError(error.errno, error.strerror) from error


class Console:
    """The terminal, or what stands in for one. Answers go to stdout, everything for people only to stderr."""

    def __init__(self, *, color: bool, json: bool, verbose: bool) -> None:
        self.json = json
        self.verbose = verbose
        self.color = color and "NO_COLOR" not in os.environ and sys.stdout.isatty()

    @property
    def width(self) -> int:
        """How many columns there are to print on; 80 where nobody says."""
        return shutil.get_terminal_size((PIPE_WIDTH, 24)).columns if sys.stdout.isatty() else PIPE_WIDTH

    @property
    def can_ask(self) -> bool:
        """True when a person is there to answer."""
        return sys.stdin.isatty() and sys.stdout.isatty()

    def answer(self, text: str) -> None:
        """Print the answer of a verb."""
        with _unwritable():
            click.echo(text, color=self.color)

    def document(self, content: bytes) -> None:
        """Print the one JSON document that is the answer."""
        if sys.stdout.isatty():
            # The same JSON: what a terminal would act on is written as escapes.
            text = _ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", content.decode())
            content = text.encode()
        with _unwritable():
            sys.stdout.buffer.write(content)

    def tell(self, document: msgspec.Struct, text: Callable[[], str]) -> None:
        """Print the answer of a verb: the document for a program, or for a person what `text` returns."""
        if self.json:
            from yumbridge.plan.document import printed

            self.document(printed(document))
        else:
            self.answer(text())

    def say(self, text: str) -> None:
        """Tell a person something that is not the answer."""
        click.echo(printable(text), err=True)

    def bold(self, text: str, color: str | None = None) -> str:
        """Return `text` for a heading."""
        return click.style(text, fg=color, bold=True) if self.color else text

    def dim(self, text: str) -> str:
        """Return `text` for what matters less."""
        return click.style(text, dim=True) if self.color else text


class ProgressBar:
    """Shows what takes long, on a terminal only, and only once it has taken a second."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        # What shows a phase without numbers does so from a thread of its own.
        self._lock = threading.RLock()
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def __call__(self, phase: str, done: int, total: int) -> None:
        """Show that `done` of `total` is done in a phase; of a `total` of 0 nobody knows how much it is."""
        if not sys.stderr.isatty() or time.monotonic() - self._started < _PATIENCE_S:
            return
        with self._lock:
            progress = self._progress or self._start()
            if phase not in self._tasks:
                self._tasks[phase] = progress.add_task(_PHASES.get(phase, phase))
            progress.update(self._tasks[phase], completed=done, total=total or None)

    def expect(self, phase: str) -> Self:
        """Show a phase that tells of no numbers once it is late, and go on."""
        if sys.stderr.isatty():
            self._timer = threading.Timer(_PATIENCE_S, self, (phase, 0, 0))
            self._timer.daemon = True
            self._timer.start()
        return self

    def stop(self) -> None:
        """Take the bar away, as it has to be before anything else is printed."""
        if self._timer:
            self._timer.cancel()
            # It may be at work: what it shows would stay.
            self._timer.join()
            self._timer = None
        with self._lock:
            if self._progress:
                self._progress.stop()
                self._progress = None
                self._tasks = {}

    def _start(self) -> Progress:
        from rich.console import Console as RichConsole
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
        self._progress = Progress(*columns, console=RichConsole(stderr=True), transient=True)
        self._progress.start()
        return self._progress
