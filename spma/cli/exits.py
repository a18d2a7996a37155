"""Exit codes, in one place. Source: docs/reference/exit-codes.md, which is tested against this table."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from snapshots.errors import (
    IncompleteError,
    InvalidLockError,
    InvalidNameError,
    NoSnapshotError,
    NotPublishableError,
    RecipeError,
    StoreError,
    UpstreamError,
)
from spma.errors import ProfileError
from yumbridge.errors import (
    AliasError,
    ConditionError,
    ConfigError,
    EngineError,
    LockHeldError,
    RepositoryError,
    StalePlanError,
    TransactionError,
)


class Exit(IntEnum):
    """How the command ends."""

    DONE = 0
    FAILURE = 1
    USAGE = 2
    INVALID = 10
    PROBLEMS = 12
    STALE = 13
    LOCKED = 14
    REPOSITORY = 15
    ENGINE = 16
    TRANSACTION = 17
    NO_SNAPSHOT = 20
    STORE_DAMAGED = 21
    CHANGES_PENDING = 100
    INTERRUPTED = 130


MEANINGS: Final = {
    Exit.DONE: "done, or nothing to do",
    Exit.FAILURE: "any other failure",
    Exit.USAGE: "usage",
    Exit.INVALID: "profile, configuration, recipe, lock, name, alias, hold or condition invalid",
    Exit.PROBLEMS: "the plan has problems: something asked for is impossible",
    Exit.STALE: "the plan is stale",
    Exit.LOCKED: "another run holds the lock",
    Exit.REPOSITORY: "a repository is unreachable or its metadata is damaged",
    Exit.ENGINE: "the engine failed or its interpreter is missing",
    Exit.TRANSACTION: "the transaction failed or ended different from the plan",
    Exit.NO_SNAPSHOT: "no such snapshot or ref",
    Exit.STORE_DAMAGED: "the snapshot store is damaged",
    Exit.CHANGES_PENDING: "`plan --check`: changes are pending",
    Exit.INTERRUPTED: "interrupted",
}

# The first match wins: a class stands before its base.
_OF_ERRORS: Final[tuple[tuple[type[Exception], Exit], ...]] = (
    (ProfileError, Exit.INVALID),
    (ConfigError, Exit.INVALID),
    (AliasError, Exit.INVALID),
    (ConditionError, Exit.INVALID),
    (StalePlanError, Exit.STALE),
    (LockHeldError, Exit.LOCKED),
    (RepositoryError, Exit.REPOSITORY),
    (EngineError, Exit.ENGINE),
    (TransactionError, Exit.TRANSACTION),
    (InvalidNameError, Exit.INVALID),
    (RecipeError, Exit.INVALID),
    (InvalidLockError, Exit.INVALID),
    (IncompleteError, Exit.PROBLEMS),
    (NotPublishableError, Exit.PROBLEMS),
    (UpstreamError, Exit.REPOSITORY),
    (NoSnapshotError, Exit.NO_SNAPSHOT),
    (StoreError, Exit.STORE_DAMAGED),
)


def exit_of(error: Exception) -> Exit:
    """Return how the command ends after `error`."""
    return next((code for kind, code in _OF_ERRORS if isinstance(error, kind)), Exit.FAILURE)
