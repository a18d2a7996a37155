"""What a person and a program see of an error."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress

import click

from spma.cli.console import UnwritableError, printable
from spma.cli.verb import NoVerbError


def exit_after(error: BaseException, *, as_json: bool, verbose: bool) -> int:
    """Say what went wrong, on stderr and as a document if that was asked for, and return the exit code."""
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return _say("interrupted", "interrupted", (), 130, as_json=as_json)
    if isinstance(error, BrokenPipeError):
        return 1
    if isinstance(error, OSError) and (isinstance(error, UnwritableError) or not _is_writable()):
        click.echo(f"yumbridge: cannot write the answer: {error.strerror}", err=True)
        _discard_answer()
        return 1
    if isinstance(error, NoVerbError):
        click.echo(error.message, err=True)
        return 2
    if isinstance(error, click.ClickException):
        usage = error.ctx.get_usage() + "\n" if isinstance(error, click.UsageError) and error.ctx else ""
        return _say("usage", error.format_message(), (), 2, as_json=as_json, before=usage)
    from snapshots.errors import SnapshotError
    from spma.cli.exits import exit_of
    from spma.errors import SpmaError
    from yumbridge.errors import BridgeError

    if isinstance(error, SpmaError | BridgeError | SnapshotError):
        return _say(error.kind, error.message, error.details, exit_of(error), as_json=as_json)
    if verbose:
        traceback.print_exception(error)
    text = f"internal error: {type(error).__name__}: {error}"
    return _say("internal", text, () if verbose else ("run again with -v to see where",), 1, as_json=as_json)


def _is_writable() -> bool:
    """Tell whether standard output takes what was written to it: what it did not take it is still to write."""
    try:
        sys.stdout.flush()
    except OSError:
        return False
    return True


def _discard_answer() -> None:
    """Let go of what standard output has not taken: the end of the process would stumble over it again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _say(kind: str, message: str, details: tuple[str, ...], code: int, *, as_json: bool, before: str = "") -> int:
    tell_error(kind, message, details, as_json=as_json, before=before)
    return int(code)


def tell_error(kind: str, message: str, details: tuple[str, ...], *, as_json: bool = False, before: str = "") -> None:
    """Say an error on stderr, and print it as a document if that was asked for."""
    click.echo(f"{before}yumbridge: {printable(message)}", err=True)
    for line in details:
        click.echo(f"  {printable(line)}", err=True)
    if as_json:
        from spma.cli.error import ErrorDocument
        from yumbridge.plan.document import printed

        # The end of the process flushes it, and tells when it cannot be written.
        with suppress(OSError):
            sys.stdout.buffer.write(printed(ErrorDocument(kind=kind, message=message, details=details)))
