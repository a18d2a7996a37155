"""The reboot advert: files by which others learn that the machine has to be booted again.

Debian's tools and kured look for /run/reboot-required; the packages that call for it stand in the file beside it. /run
is empty after a boot, so that nothing has to take the advert back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from yumbridge.errors import HostError
from yumbridge.plan.document import Reboot
from yumbridge.run.host import HostFacts
from yumbridge.run.state import write_durably

REQUIRED: Final = Path("run/reboot-required")
PACKAGES: Final = Path("run/reboot-required.pkgs")
_TEXT: Final = b"*** System restart required ***\n"


def advertise(facts: HostFacts, reboot: Reboot) -> None:
    """Tell that a running system has to be booted again, if it has to be. Raises HostError.

    Others write there, too: what they have said stays.
    """
    if not (facts.is_running and reboot.needed_after):
        return
    required, packages = facts.root / REQUIRED, facts.root / PACKAGES
    names = {nevra.rsplit("-", 2)[0] for nevra in reboot.because}
    told = _lines(packages)
    missing = sorted(names - {*told})
    if missing:
        write_durably(packages, "".join(f"{name}\n" for name in (*told, *missing)).encode())
    if not required.exists():
        write_durably(required, _TEXT)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise HostError(f"cannot read {path}: {error.strerror}") from error
