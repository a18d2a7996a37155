"""What a person and a program see of an error."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum, auto

import click

from spma.cli.console import UnwritableError, discard_answer, one_line
from spma.cli.verb import NoVerbError


class Form(Enum):
    """How an error is told: as text on stderr; that, and as a document; or as messages for ncm-ncd."""

    TEXT = auto()
    JSON = auto()
    MESSAGES = auto()


def form_of(words: Sequence[str]) -> Form:
    """Return how the command line `words` wants errors told."""
    if [word for word in words if not word.startswith("-")][:2] == ["component", "run"]:
        return Form.MESSAGES
    return Form.JSON if "--json" in words else Form.TEXT


def exit_after(error: BaseException, *, form: Form, verbose: bool) -> int:
    """Say what went wrong, in the form that was asked for, and return the exit code."""
    from spma.cli.exits import Exit, exit_of

    if isinstance(error, KeyboardInterrupt | click.Abort):
        return _say("interrupted", "interrupted", (), Exit.INTERRUPTED, form=form)
    if isinstance(error, BrokenPipeError):
        return Exit.FAILURE
    if isinstance(error, OSError) and (isinstance(error, UnwritableError) or not _is_writable()):
        click.echo(f"yumbridge: cannot write the answer: {error.strerror}", err=True)
        discard_answer()
        return Exit.FAILURE
    if isinstance(error, NoVerbError):
        click.echo(error.message, err=True)
        return Exit.USAGE
    if isinstance(error, click.ClickException):
        usage = error.ctx.get_usage() + "\n" if isinstance(error, click.UsageError) and error.ctx else ""
        return _say("usage", error.format_message(), (), Exit.USAGE, form=form, before=usage)
    from snapshots.errors import SnapshotError
    from spma.errors import SpmaError
    from yumbridge.errors import BridgeError

    if isinstance(error, SpmaError | BridgeError | SnapshotError):
        return _say(error.kind, error.message, error.details, exit_of(error), form=form)
    if verbose:
        for line in "".join(traceback.format_exception(error)).splitlines():
            click.echo(one_line(line), err=True)
    text = f"internal error: {type(error).__name__}: {error}"
    return _say("internal", text, () if verbose else ("run again with -v to see where",), Exit.FAILURE, form=form)


def _is_writable() -> bool:
    """Tell whether standard output takes what was written to it: what it did not take it is still to write."""
    try:
        sys.stdout.flush()
    except OSError:
        return False
    return True


def _say(kind: str, message: str, details: tuple[str, ...], code: int, *, form: Form, before: str = "") -> int:
    if form is Form.MESSAGES:
        _tell_ncd(kind, (message, *details), int(code))
    else:
        tell_error(kind, message, details, as_json=form is Form.JSON, before=before)
    return int(code)


def _tell_ncd(kind: str, texts: tuple[str, ...], code: int) -> None:
    from spma.cli.component_message import MessageKind, Teller

    teller = Teller()
    for text in texts:
        teller.tell(MessageKind.ERROR, text, error=kind)
    teller.tell(MessageKind.END, f"exit code {code}", code=code)


def tell_error(kind: str, message: str, details: tuple[str, ...], *, as_json: bool = False, before: str = "") -> None:
    """Say an error on stderr, and print it as a document if that was asked for."""
    click.echo(f"{before}yumbridge: {one_line(message)}", err=True)
    for line in details:
        click.echo(f"  {one_line(line)}", err=True)
    if as_json:
        from spma.cli.error import ErrorDocument
        from yumbridge.plan.document import printed

        # The end of the process flushes it, and tells when it cannot be written.
        with suppress(OSError):
            texts = tuple(map(_text, details))
            sys.stdout.buffer.write(printed(ErrorDocument(kind=kind, message=_text(message), details=texts)))


def _text(text: str) -> str:
    """Return a text as UTF-8 can hold it: the name of a file may have any bytes."""
    return text.encode(errors="backslashreplace").decode()
