"""Errors raised where snapshots are made, compared and published."""

from __future__ import annotations

from collections.abc import Sequence


class SnapshotError(Exception):
    """Base of every error raised by `snapshots`. `kind` names the class for programs; `details` are further lines."""

    kind = "failure"

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)


class NoSnapshotError(SnapshotError):
    """There is no snapshot, ref, mirror or recorded lock of that name in the store."""

    kind = "no-snapshot"


class SnapshotExistsError(SnapshotError):
    """A snapshot of that name holds something else: a snapshot never changes."""

    kind = "snapshot-exists"


class StoreError(SnapshotError):
    """The store is damaged, or the folder is no store. `details` names each file that is wrong."""

    kind = "store-damaged"


class InvalidNameError(SnapshotError):
    """A snapshot, a ref or a repository cannot be called that: it becomes a folder's name and part of URLs."""

    kind = "invalid-name"


class RecipeError(SnapshotError):
    """A recipe is invalid. `details` has every problem with its place."""

    kind = "recipe"


class InvalidLockError(SnapshotError):
    """The lock of a snapshot that somebody names is none, or is damaged. `details` has every problem."""

    kind = "lock"


class UpstreamError(SnapshotError):
    """An upstream repository is out of reach, damaged or hostile: nothing of it is used. `details` has each fault."""

    kind = "repository"


class MutatedPackageError(UpstreamError):
    """Upstream has other bytes under a NEVRA that is known. `details` has each NEVRA with both pkgids."""

    kind = "mutated-package"


class IncompleteError(SnapshotError):
    """What is asked for cannot be made: packages or metadata are missing or differ. `details` has each."""

    kind = "incomplete"


class NotPublishableError(SnapshotError):
    """A ref may not be moved to that snapshot. `details` has the reasons."""

    kind = "not-publishable"
