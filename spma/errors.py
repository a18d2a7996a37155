"""Errors raised where Quattor's words come in."""

from __future__ import annotations

from collections.abc import Sequence


class SpmaError(Exception):
    """Base of every error raised by `spma`. `kind` names the class for programs; `details` are further lines."""

    kind = "failure"

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)


class ProfileError(SpmaError):
    """A profile cannot be read or is invalid. `details` has every problem, each behind its profile path."""

    kind = "profile"


class NoProfileError(ProfileError):
    """CCM has no profile here: there is no cache, or nothing was fetched yet."""

    def __init__(self, cache: object, missing: object) -> None:
        super().__init__(f"no CCM cache in {cache}: {missing} is missing; name a profile, or --cache-root")


class EmptyPackageListError(ProfileError):
    """A profile lists no package at all: carried out, it would remove everything."""

    kind = "empty-package-list"

    def __init__(self) -> None:
        super().__init__("profile lists no packages: it would mean to remove everything")
