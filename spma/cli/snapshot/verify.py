"""The verb `snapshot verify`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click
import msgspec

from snapshots.fault import Fault
from snapshots.verify import PoolFault, VerifiedSnapshot
from spma.cli.console import Console
from spma.cli.exits import Exit
from spma.cli.options import Settings
from spma.cli.snapshot.options import stored


class Verification(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was found wrong with snapshots, with rpms, and with refs when all of them were looked at."""

    document: Literal["yumbridge-verify"] = "yumbridge-verify"
    version: str = "1.0"
    is_deep: bool
    rpms: int
    snapshots: tuple[VerifiedSnapshot, ...]
    pool: tuple[PoolFault, ...]
    refs: tuple[Fault, ...]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults."""
        return (*self.refs, *(fault for each in self.snapshots for fault in each.faults), *self.pool)


@click.command(
    epilog="""\b
Examples:
  yumbridge snapshot verify
  yumbridge snapshot verify production --deep"""
)
@click.argument("name", required=False)
@click.option("--deep", is_flag=True, help="Hash every rpm again.")
@stored
def verify(settings: Settings, store: Path, name: str | None, deep: bool) -> None:
    """Find out whether manifest, repodata and pool of the snapshot NAME agree.

    Without NAME every snapshot is looked at, and every ref; what is wrong with an rpm that several have is told
    once. All faults are told, and then the command ends with 21.
    """
    from snapshots.storage.store import open_store
    from snapshots.verify import ref_faults
    from snapshots.verify import verify as verified
    from spma.cli.console import ProgressBar

    opened = open_store(store)
    names = opened.names() if name is None else (name,)
    with ProgressBar().expect("Verifying") as progress:
        looked_at = verified(opened, names, deep=deep, listener=progress)
    found = Verification(
        is_deep=deep,
        rpms=looked_at.rpms,
        snapshots=looked_at.snapshots,
        pool=looked_at.pool,
        refs=ref_faults(opened) if name is None else (),
    )
    settings.console.tell(found, lambda: verify_text(found, settings.console))
    sys.exit(Exit.STORE_DAMAGED if found.faults else Exit.DONE)


def verify_text(found: Verification, console: Console) -> str:
    """Return every fault with its place, and the sum."""
    from spma.cli.text import wrapped
    from yumbridge.count import counted

    lines: list[str] = []
    several = len(found.snapshots) > 1
    for fault in found.faults:
        of = f" ({counted(fault.snapshots, 'snapshot')})" if several and isinstance(fault, PoolFault) else ""
        lines += wrapped(f"{fault.kind.value}: {fault.path}: {fault.text}{of}", "", console)
    hashed = "hashed" if found.is_deep else "looked at"
    faults = counted(len(found.faults), "fault") if found.faults else "no faults"
    lines.append(f"{counted(len(found.snapshots), 'snapshot')}, {counted(found.rpms, 'rpm')} {hashed}: {faults}.")
    return "\n".join(lines)
