"""Which changes a running system takes up only when it is booted again."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from yumbridge.plan.document import Action, Change, Host, Reboot

# Source: dnf-plugins-core, needs-restarting, NEED_REBOOT.
NAMES: Final = (
    "dbus*",
    "glibc",
    "kernel",
    "kernel-core",
    "kernel-rt",
    "kernel-rt-core",
    "linux-firmware",
    "microcode_ctl",
    "systemd",
)


def reboot_after(changes: Iterable[Change], host: Host) -> Reboot:
    """Return whether `changes` call for a reboot of `host`. Where no kernel runs, nothing has to be booted again."""
    if host.kernel_release is None:
        return Reboot()
    because = sorted(f"{c.name}-{c.after[-1]}.{c.arch}" for c in changes if _counts(c))
    return Reboot(needed_after=bool(because), because=tuple(because))


def _counts(change: Change) -> bool:
    arrives = change.action in (Action.INSTALL, Action.UPGRADE, Action.DOWNGRADE)
    return arrives and any(fnmatchcase(change.name, pattern) for pattern in NAMES)
