"""What a plan may do beyond the letter of the desired state."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from yumbridge.desired.hold import Hold

_LEAST_REMOVAL_LIMIT: Final = 20


class BootMethod(StrEnum):
    """When in a boot a plan is carried out: early in a normal one, or in one of its own that ends in a reboot."""

    EARLY = "early"
    OFFLINE = "offline"


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The rules a plan is made by. Name lists are sorted and may hold globs.

    `protected`: names never removed. `whitelist`: prefixes or globs of `name-version-release.arch` never removed.
    `unwanted`: names that may not be on the host, whatever brings them. `excludes`: packages no plan may install, as
    `excludepkgs` of dnf. `keep_user_packages`: installed packages outside the closure stay. `require_best`: a listed
    package whose newest candidate cannot be installed is a problem, not a note. `obsoleters_meet_names`: a listed name
    may be met by a package that obsoletes it, as in `dnf install`. `filter`: a regular expression; only listed
    packages whose name it matches, and what they require, are changed, all else stays as it is. `removal_limit`: the
    most packages an unattended apply removes; None for half of the installed ones, at least 20. `holds`: what waits for
    boot or for a condition. `run_at_boot`: a profile that says run = no has its changes made at boot, and only then.
    `boot_method`: how.
    """

    protected: tuple[str, ...] = ()
    whitelist: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    weak_deps: bool = True
    installonly_limit: int = 3
    removal_limit: int | None = None
    allow_vendor_change: bool = True
    keep_user_packages: bool = False
    require_best: bool = False
    obsoleters_meet_names: bool = False
    filter: str | None = None
    holds: tuple[Hold, ...] = ()
    run_at_boot: bool = False
    boot_method: BootMethod = BootMethod.EARLY


def removals_allowed(limit: int | None, installed_count: int) -> int:
    """Return the most packages that an unattended apply removes: a policy's limit, else half of them, at least 20.

    >>> removals_allowed(None, 100), removals_allowed(None, 10), removals_allowed(0, 10)
    (50, 20, 0)
    """
    return max(_LEAST_REMOVAL_LIMIT, installed_count // 2) if limit is None else limit
