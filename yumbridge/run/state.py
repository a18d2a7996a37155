"""What we keep on disk below a root: where it lies, and how it is written."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from yumbridge.errors import HostError
from yumbridge.root import leads_out

_OPEN: Final = 0o644
_PRIVATE: Final = 0o600
_BASIS_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class StateFolder:
    """The state of one root, in `var/lib/yumbridge` below it."""

    root: Path

    @property
    def path(self) -> Path:
        """The folder itself. It may not exist."""
        return self.root / "var/lib/yumbridge"

    @property
    def lock(self) -> Path:
        """Held by whoever changes the root."""
        return self.path / "lock"

    @property
    def report(self) -> Path:
        """The report of the last run that changed something or tried to."""
        return self.path / "report.json"

    @property
    def intent(self) -> Path:
        """What a run is about to do; it outlives the run only when that was interrupted."""
        return self.path / "intent.json"

    @property
    def inventory(self) -> Path:
        """What the last run left installed."""
        return self.path / "inventory.json"

    @property
    def boot(self) -> Path:
        """How far the boot plan is."""
        return self.path / "boot.json"

    @property
    def staging(self) -> Path:
        """Where boot plans are staged, in a folder each."""
        return self.path / "boot"

    def staged(self, basis: str) -> Path:
        """Return the folder of the boot plan with a basis, a digest. Raises HostError: it is none."""
        digits = basis.removeprefix("sha256:")[:_BASIS_DIGITS]
        if not digits.isalnum():
            raise HostError(f"{basis!r} is no digest of a boot plan")
        return self.staging / digits

    @property
    def log(self) -> Path:
        """The log for people. It is of the root as well, and no state: nothing reads it."""
        return self.root / "var/log/yumbridge.log"

    @property
    def dnf(self) -> Path:
        """Where dnf keeps the history and install reasons of this root."""
        return self.root / "var/lib/dnf"

    def create(self) -> None:
        """Make the folder. Raises HostError."""
        refuse_outside(self.root, self.path)
        refuse_outside(self.root, self.dnf)
        refuse_outside(self.root, self.staging)
        try:
            self.path.mkdir(mode=0o755, parents=True, exist_ok=True)
        except OSError as error:
            raise HostError(f"cannot make {self.path}: {error.strerror}") from error
        refuse_foreign(self.path)
        if os.path.lexists(self.staging):
            refuse_foreign(self.staging)


def rfc3339(moment: datetime) -> str:
    """Return a time in UTC as documents have it, to the second.

    >>> rfc3339(datetime(2026, 11, 22, 8, 5, tzinfo=UTC))
    '2026-11-22T08:05:00Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def refuse_outside(root: Path, path: Path) -> None:
    """Raise HostError if links lead `path`, which is below `root`, out of it: an image may hold any link."""
    if leads_out(root, path):
        raise HostError(f"{path} leads out of {root}: it is not used")


def refuse_foreign(folder: Path) -> None:
    """Raise HostError if somebody else decides what is in a folder: its owner, or whoever may write there.

    A link is one that somebody else may have put there.
    """
    try:
        found = folder.lstat()
    except OSError as error:
        raise HostError(f"cannot look at {folder}: {error.strerror}") from error
    if not stat.S_ISDIR(found.st_mode):
        raise HostError(f"{folder} is no folder: it is not used")
    if found.st_uid != os.geteuid():
        raise HostError(f"{folder} belongs to another user: it is not used")
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise HostError(f"others may write to {folder}: it is not used; chmod go-w it once what is there is trusted")


def cache_folder(root: Path) -> Path:
    """Return where repository metadata and packages are cached: below the root for root, else in the user's cache.

    One user never reads what another one wrote. Raises HostError.
    """
    if os.geteuid() == 0:
        refuse_outside(root, root / "var/cache/yumbridge")
        return root / "var/cache/yumbridge"
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(home) / "yumbridge"


def write_durably(path: Path, content: bytes) -> None:
    """Write a file so that after a crash it has the old content or the new, and nothing else. Raises HostError.

    It is open to whom the umask leaves it.
    """
    try:
        replace_file(path, content)
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror}") from error


def replace_file(path: Path, content: bytes, mode: int | None = None, owner: tuple[int, int] | None = None) -> None:
    """Write a file as `write_durably` does, with a mode whatever the umask is, a user and a group. Raises OSError.

    Until it has its mode and owner nobody else can read it.
    """
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, _OPEN if mode is None else _PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
            if owner is not None and owner != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, *owner)
            if mode is not None:
                os.fchmod(descriptor, mode)
            handle.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def remove_durably(path: Path) -> None:
    """Remove a file, if it is there, for good."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
