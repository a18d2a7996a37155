"""What a person and a program see of an error."""

from __future__ import annotations

import sys
import traceback

import click

from spma.cli.console import printable


def exit_after(error: BaseException, *, as_json: bool, verbose: bool) -> int:
    """Say what went wrong, on stderr and as a document if that was asked for, and return the exit code."""
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return _say("interrupted", "interrupted", (), 130, as_json=as_json)
    if isinstance(error, BrokenPipeError):
        return 1
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


def _say(kind: str, message: str, details: tuple[str, ...], code: int, *, as_json: bool, before: str = "") -> int:
    click.echo(f"{before}yumbridge: {printable(message)}", err=True)
    for line in details:
        click.echo(f"  {printable(line)}", err=True)
    if as_json:
        from spma.cli.error import ErrorDocument
        from yumbridge.plan.document import printed

        sys.stdout.buffer.write(printed(ErrorDocument(kind=kind, message=message, details=details)))
        sys.stdout.flush()
    return int(code)
