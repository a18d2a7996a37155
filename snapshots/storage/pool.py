"""The pool: every rpm once, whole and verified, or not at all."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from snapshots.content.package import StoredPackage, unfit_words
from snapshots.errors import SnapshotError, StoreError, UpstreamError
from snapshots.intake.plain_file import link_or_copy, opened
from snapshots.storage.store import Store
from yumbridge.run.state import sync_folder


class Pooled(Protocol):
    """What is known of an rpm: a package of a repository, or of a manifest."""

    @property
    def pkgid(self) -> str:
        """Its sha256."""

    @property
    def text(self) -> str:
        """Its NEVRA."""

    @property
    def size_bytes(self) -> int:
        """Its size."""

    @property
    def pool_name(self) -> str:
        """Its place below the pool."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The rpms of a store. A link is never taken for one, and nothing is written through a link."""

    store: Store

    def has(self, package: StoredPackage) -> bool:
        """Tell whether the rpm of `package` is there: a plain file of the right size."""
        try:
            found = self.store.rpm(package).lstat()
        except OSError:
            return False
        return stat.S_ISREG(found.st_mode) and found.st_size == package.size_bytes

    def is_sound(self, package: StoredPackage) -> bool:
        """Tell whether the rpm of `package` is there with the bytes that it has to have; all of it is read."""
        if not self.has(package):
            return False
        try:
            with opened(self.store.rpm(package), follows_links=False) as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == package.pkgid
        except OSError:
            return False

    def add(self, path: Path, package: StoredPackage) -> bool:
        """Put the rpm at `path`, which stays where it is, into the pool, and tell whether it was not there before.

        Raises UpstreamError: the file is not that package; StoreError: the pool is not to be trusted; SnapshotError.
        """
        if self.has(package):
            return False
        self._enter(path, package, is_verified=False)
        return True

    def place(self, path: Path, package: StoredPackage) -> None:
        """Put an rpm that whoever wrote it has verified into the pool. Raises StoreError, SnapshotError."""
        self._enter(path, package, is_verified=True)

    def remove_leftovers(self) -> None:
        """Remove what interrupted runs left half-way into the pool. Raises SnapshotError."""
        try:
            for found in self.store.pool.glob(".*.new"):
                found.unlink()
        except OSError as error:
            raise SnapshotError(f"cannot write {self.store.pool}: {error.strerror}") from error

    def _enter(self, path: Path, package: StoredPackage, *, is_verified: bool) -> None:
        if words := unfit_words(package):
            raise UpstreamError(f"refused: {words[0]!r} may not become part of a file name")
        target = self.store.rpm(package)
        temporary = self.store.pool / f".{package.pkgid}.new"
        try:
            _make_folder(self.store.pool)
            temporary.unlink(missing_ok=True)
            try:
                is_copy = link_or_copy(path, temporary, package.size_bytes + 1)
                if is_copy or not is_verified:
                    _refuse_other(temporary, package, path)
                _make_folder(target.parent.parent)
                _make_folder(target.parent)
                temporary.replace(target)
            finally:
                temporary.unlink(missing_ok=True)
            for folder in (target.parent, target.parent.parent, self.store.pool):
                sync_folder(folder)
        except OSError as error:
            raise SnapshotError(f"cannot put {path} into {self.store.pool}: {error.strerror}") from error


def missing_rpms(store: Store, packages: Iterable[Pooled]) -> Iterator[str]:
    """Yield a line for each package whose rpm is not in the pool, or has another size."""
    pool = f"{store.pool}/"
    for package in packages:
        size = _size(pool + package.pool_name)
        if size is None:
            yield f"{package.text} ({package.pkgid}) is missing"
        elif size != package.size_bytes:
            yield f"{package.text} ({package.pkgid}) has {size} bytes instead of {package.size_bytes}"


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - making ten thousand paths costs more than asking for them
    except FileNotFoundError:
        return None


def _refuse_other(temporary: Path, package: StoredPackage, path: Path) -> None:
    """Raise UpstreamError unless `temporary`, which came from `path`, is the rpm of `package`."""
    with temporary.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size != package.size_bytes:
            raise UpstreamError(f"{path} is not {package.text}: {size} bytes instead of {package.size_bytes}")
        pkgid = hashlib.file_digest(file, "sha256").hexdigest()
    if pkgid != package.pkgid:
        raise UpstreamError(f"{path} is not {package.text}: its sha256 is {pkgid} instead of {package.pkgid}")


def _make_folder(folder: Path) -> None:
    if folder.is_symlink():
        raise StoreError(f"{folder} is a link: nothing is written through it")
    folder.mkdir(exist_ok=True)
