"""What the component tells ncm-ncd: JSON lines, each of one kind, and the level of each kind."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from spma.cli.console import discard_answer, one_line
from yumbridge.plan.document import masked


class Level(StrEnum):
    """How ncm-ncd reports a message. Source: CAF, CAF::Reporter.

    An error blocks every component that depends on this one; a warning is counted; the last two are shown when they
    are asked for.
    """

    ERROR = "error"
    WARN = "warn"
    INFO = "info"
    VERBOSE = "verbose"
    DEBUG = "debug"


class MessageKind(StrEnum):
    """What a message is about."""

    ERROR = "error"
    PROBLEM = "problem"
    REFUSED = "refused"
    DIFFERENCE = "difference"
    WARNING = "warning"
    DEGRADED = "degraded"
    INTERRUPTED = "interrupted"
    NOT_STAGED = "not-staged"
    CHANGE = "change"
    FILE = "file"
    KEY = "key"
    SUMMARY = "summary"
    NOT_RUN = "not-run"
    OUTCOME = "outcome"
    WAITING = "waiting"
    BOOT = "boot"
    REBOOT = "reboot"
    DEFERRED = "deferred"
    KEPT = "kept"
    NOTE = "note"
    SOLUTION = "solution"
    SCRIPTLET = "scriptlet"
    PHASE = "phase"
    END = "end"


@dataclass(frozen=True, slots=True)
class MessageRow:
    """What messages of one kind say, and their level in a run and with noaction."""

    meaning: str
    run: Level
    noaction: Level


def _same(level: Level, meaning: str) -> MessageRow:
    return MessageRow(meaning, level, level)


MESSAGES: Final[Mapping[MessageKind, MessageRow]] = {
    MessageKind.ERROR: _same(
        Level.ERROR,
        "what ended the run, or one of its details: the profile or the configuration is invalid, another "
        "run holds the lock, a repository is out of reach, the transaction failed",
    ),
    MessageKind.PROBLEM: _same(Level.ERROR, "something that the profile asks for is impossible; nothing is changed"),
    MessageKind.REFUSED: _same(Level.ERROR, "the plan is not carried out: it removes more than an unattended run may"),
    MessageKind.DIFFERENCE: _same(Level.ERROR, "what is not as planned after the transaction"),
    MessageKind.WARNING: _same(Level.WARN, "what to look at: in the profile, or beside a run that went well"),
    MessageKind.DEGRADED: _same(
        Level.WARN, "a repository with `skip_if_unavailable` is out of reach; what that leaves undone"
    ),
    MessageKind.INTERRUPTED: _same(
        Level.WARN, "an earlier run was interrupted; this one plans again from what is there"
    ),
    MessageKind.NOT_STAGED: _same(
        Level.WARN, "what waits for the boot could not be staged; what could go now is done, and the next run stages"
    ),
    MessageKind.CHANGE: _same(Level.INFO, "a package that is installed, removed or changed now, and why"),
    MessageKind.FILE: _same(Level.INFO, "a file of dnf that is written or removed"),
    MessageKind.KEY: _same(Level.INFO, "a public key that is imported"),
    MessageKind.SUMMARY: _same(Level.INFO, "the plan in a few sentences"),
    MessageKind.NOT_RUN: _same(Level.INFO, "the profile says `run = no`: nothing is changed"),
    MessageKind.OUTCOME: _same(Level.INFO, "how a run ended, unless by errors"),
    MessageKind.WAITING: _same(Level.INFO, "how many packages wait for the boot, or for a condition"),
    MessageKind.BOOT: _same(Level.INFO, "how far that is staged, and that something staged was withdrawn"),
    MessageKind.REBOOT: _same(Level.INFO, "a reboot is needed for what was changed, and for which packages"),
    MessageKind.DEFERRED: MessageRow("a package that waits, for what and why", Level.VERBOSE, Level.INFO),
    MessageKind.KEPT: MessageRow(
        "a package that stays although the profile is without it, and why", Level.VERBOSE, Level.INFO
    ),
    MessageKind.NOTE: MessageRow("a remark of the plan", Level.VERBOSE, Level.INFO),
    MessageKind.SOLUTION: _same(Level.INFO, "what would solve the problem before it"),
    MessageKind.SCRIPTLET: _same(Level.VERBOSE, "a line that scriptlets printed"),
    MessageKind.PHASE: _same(Level.VERBOSE, "a phase begins that may take long"),
    MessageKind.END: _same(Level.VERBOSE, "the last line: `exit` is the exit code"),
}
"""Every kind of message with its level. What waits for the boot is never an error: nothing else shall wait for it."""


class ComponentMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. `error` is the kind of an error, `exit` the exit code in the last line."""

    level: Level
    kind: MessageKind
    msg: str
    error: str | None = None
    exit: int | None = None


class Teller:
    """Writes messages to standard output as they come."""

    def __init__(self, *, noaction: bool = False) -> None:
        self._noaction = noaction
        self._is_heard = True

    def tell(self, kind: MessageKind, text: str, *, error: str | None = None, code: int | None = None) -> None:
        """Write one line. Who ends while we are at work stops nothing: what was begun is carried to its end."""
        row = MESSAGES[kind]
        # A person reads it in a log or on a terminal, whoever wrote it.
        words = one_line(masked(" ".join(text.split())))
        level = row.noaction if self._noaction else row.run
        message = ComponentMessage(level=level, kind=kind, msg=words, error=error, exit=code)
        if not self._is_heard:
            return
        try:
            sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
            sys.stdout.buffer.flush()
        except OSError:
            self._is_heard = False
            discard_answer()
