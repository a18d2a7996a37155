"""Which changes a running system takes up only when it is booted again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from yumbridge.plan.document import Action, Change, Host, Reboot
from yumbridge.rpm.globs import Globs

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


def reboot_after(changes: Iterable[Change], host: Host, names: Sequence[str] = ()) -> Reboot:
    """Return whether `changes` call for a reboot of `host`, where `names` do so too, as names or globs.

    Where no kernel runs, nothing has to be booted again.
    """
    if host.kernel_release is None:
        return Reboot()
    globs = Globs((*NAMES, *names))
    because = sorted(c.coming[-1] for c in changes if _arrives(c) and globs.rule(c.name))
    return Reboot(needed_after=bool(because), because=tuple(because))


def _arrives(change: Change) -> bool:
    return change.action in (Action.INSTALL, Action.UPGRADE, Action.DOWNGRADE)
