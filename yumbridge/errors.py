"""Errors raised by the RPM and DNF side.

Each class stands for a decision a caller may take, carries the facts of its failure as attributes, and builds a
one-line message from them. None knows of exit codes or of how it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from yumbridge.count import counted


class BridgeError(Exception):
    """Base of every error raised by `yumbridge`.

    `kind` names the class for programs; `details` are further lines, possibly none.
    """

    kind = "failure"

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)


class InvalidEVRError(BridgeError):
    """A string is not [epoch:]version-release."""

    kind = "invalid-evr"

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"not an EVR: {text!r}: {why}")
        self.text = text


class InvalidNEVRAError(BridgeError):
    """A string is not name-[epoch:]version-release.arch."""

    kind = "invalid-nevra"

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"not a NEVRA: {text!r}: {why}")
        self.text = text


class DocumentError(BridgeError):
    """A stored document is damaged, of another kind, or of a version this one cannot read."""

    kind = "document"


class ConfigError(BridgeError):
    """Configuration is invalid. `details` has every problem with its place."""

    kind = "configuration"


class AliasError(BridgeError):
    """There is no such alias, or it cannot become what it is asked for. `details` has every reason."""

    kind = "alias"


class ConditionError(BridgeError):
    """A condition is invalid. `details` has every problem with its place."""

    kind = "condition"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(f"condition has {counted(len(problems), 'problem')}", problems)


class RepositoryError(BridgeError):
    """A repository is unreachable or its metadata is damaged. `details` has each when there are several."""

    kind = "repository"


class EngineError(BridgeError):
    """The engine died or answered nonsense, or its interpreter is missing."""

    kind = "engine"


class HostError(BridgeError):
    """The host cannot be read or written: rpmdb locked or unreadable, no space, no permission."""

    kind = "host"


class StalePlanError(BridgeError):
    """What a plan rests on has changed. `details` names each drift."""

    kind = "stale"


class LockHeldError(BridgeError):
    """Another run holds the lock of this root, or of this store."""

    kind = "locked"


class PlanMismatchError(BridgeError):
    """The solver's transaction is not the plan's: a defect of ours. `details` has both sets."""

    kind = "plan-mismatch"


class TransactionError(BridgeError):
    """The transaction failed, or could not be started. `details` names what failed."""

    kind = "transaction"


class NotBootError(BridgeError):
    """A boot run was asked for, and nothing proves that the machine is booting."""

    kind = "not-boot"
