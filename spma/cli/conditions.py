"""What the verbs of conditions do."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import click
import msgspec

from spma.cli.console import Console
from spma.cli.exits import Exit
from spma.cli.failure import tell_error
from spma.cli.options import Settings
from spma.cli.text import wrapped
from spma.source import STDIN
from yumbridge.condition.condition import Condition
from yumbridge.condition.evaluation import Reason, Verdict, evaluate
from yumbridge.condition.reading import read_condition
from yumbridge.condition.window import FIRST_YEAR, LAST_YEAR
from yumbridge.config import load_tree
from yumbridge.errors import ConditionError, ConfigError
from yumbridge.run.moment import local_zone, read_facts
from yumbridge.run.state import rfc3339

_KEY: Final = "condition"
_MARKS: Final = {True: "yes", False: "no ", None: "?  "}


class ConditionDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a condition comes to. `next_true` is RFC 3339 in UTC, None when it is true now or that is not known."""

    document: Literal["yumbridge-condition"] = "yumbridge-condition"
    version: str = "1.0"
    holds: bool
    reasons: tuple[Reason, ...]
    next_true: str | None


def check_verb(settings: Settings, file: Path, *, at: str | None, assume_boot: bool) -> None:
    """Print what a condition comes to, and end with 0 for true, 1 for false, 2 for what is no condition."""
    moment = None if at is None else _time(at, settings.root)
    try:
        condition = _read(file)
    except ConditionError as error:
        tell_error("condition", error.message, error.details, as_json=settings.console.json)
        sys.exit(Exit.USAGE)
    facts = read_facts([condition], settings.root, boot=assume_boot, run_commands=True, at=moment)
    verdict = evaluate(condition, facts)
    document = ConditionDocument(
        holds=verdict.holds,
        reasons=verdict.reasons,
        next_true=None if verdict.next_true is None else rfc3339(verdict.next_true),
    )
    settings.console.tell(document, lambda: _text(verdict, settings.console))
    sys.exit(Exit.DONE if verdict.holds else Exit.FAILURE)


def _read(file: Path) -> Condition:
    """Return the condition in a file. Raises ConditionError, with every problem."""
    try:
        tree = load_tree(file, sys.stdin.buffer if file == STDIN else None)
    except ConfigError as error:
        raise ConditionError(error.details) from error
    if isinstance(tree, dict) and set(tree) == {_KEY}:
        tree = tree[_KEY]
    condition, problems = read_condition(tree, str(file), commands=True)
    if condition is None:
        raise ConditionError(problems)
    return condition


def _time(text: str, root: Path) -> datetime:
    """Return the moment that somebody means, in the zone of the host when they name none. Raises UsageError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--at {text}: want RFC 3339, or YYYY-MM-DD HH:MM.") from None
    if not FIRST_YEAR < found.year <= LAST_YEAR:
        raise click.UsageError(f"--at {text}: want a year from {FIRST_YEAR + 1} to {LAST_YEAR}.")
    zone = local_zone(root)[0] or UTC
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _text(verdict: Verdict, console: Console) -> str:
    if verdict.holds:
        first = "True."
    elif verdict.next_true is not None:
        first = f"False: next true {verdict.next_true:%Y-%m-%d %H:%M} UTC, if only the time changes."
    else:
        first = "False." if verdict.known else "Not known to be true."
    lines = [first]
    for reason in verdict.reasons:
        lines += wrapped(f"{_MARKS[reason.holds]} {reason.text}", "  ", console)
    return "\n".join(lines)
