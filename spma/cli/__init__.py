"""The command line: one module of verbs per noun."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import Final, NoReturn

from yumbridge.engine.child import Starter

# Verbs that need the engine whatever else they are told: it starts before anything is imported, and gets ready
# while we do.
_EAGER: Final = frozenset({"plan", "why"})
_ONLY_HELP: Final = frozenset({"-h", "--help"})
# A run allocates much that stays, and is over soon: looking for garbage as often as by default is lost time.
_GC_THRESHOLD: Final = 100_000
_NOT_FOR_OTHERS: Final = 0o022


# Our engine would outlive these by minutes, and hold the lock.
_INTERRUPTING: Final = (signal.SIGTERM, signal.SIGHUP)


def main() -> NoReturn:
    """Run the command and end the process with its exit code."""
    gc.set_threshold(_GC_THRESHOLD)
    # Whatever we make, and our engine makes, nobody else may write to: the umask of who starts us may only say less.
    os.umask(os.umask(_NOT_FOR_OTHERS) | _NOT_FOR_OTHERS)
    for number in _INTERRUPTING:
        # Under nohup a hangup is ignored, and stays so.
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interrupt)
    words = sys.argv[1:]
    eager = bool(words) and words[0] in _EAGER and not _ONLY_HELP & set(words)
    try:
        starter = Starter() if eager else None
        _refuse_bytes(words)
        from spma.cli.verbs import command

        code = command(prog_name="yumbridge", standalone_mode=False, obj=starter) or 0
    except SystemExit as end:
        code = end.code
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one place that turns errors into exit codes
        from spma.cli.failure import exit_after, form_of

        code = exit_after(error, form=form_of(words), verbose=bool({"-v", "--verbose"} & set(words)))
    _end(code)


def _refuse_bytes(words: list[str]) -> None:
    """Raise UsageError for a word that is no text: it would stand in documents, which are UTF-8."""
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError:
            import click

            raise click.UsageError(f"{word!a}: this argument is not in UTF-8.") from None


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _end(code: object) -> NoReturn:
    """End the process at once: all is closed, and taking the interpreter apart takes longer than to print a plan."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our answer has seen enough of it.
        code = code or 1
    except OSError as error:
        # It was small enough to wait in a buffer until now.
        sys.stderr.write(f"yumbridge: cannot write the answer: {error.strerror}\n")
        code = 1
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)
