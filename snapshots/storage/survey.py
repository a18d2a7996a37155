"""A survey: all that a store has at one moment, and what refers to it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from snapshots.content.lockfile import LockedRepository, locked_id, read_lock
from snapshots.content.manifest import Manifest, RepositoryManifest
from snapshots.errors import StoreError
from snapshots.storage.retention import Holder, HolderKind, PoolFile, References, Standing
from snapshots.storage.store import Store
from yumbridge.errors import DocumentError, HostError

_Pool: TypeAlias = "dict[str, tuple[PoolFile, ...]]"

STATES: Final = ".states"
_PREFIX_LENGTH: Final = 2
_PKGID_LENGTH: Final = 64


class Leftover(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What interrupted work left behind. `path` is below the store."""

    path: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """All that a store has at one moment. `needed` has the pkgids of each snapshot, as far as they are in the pool."""

    files: _Pool
    leftovers: tuple[Leftover, ...]
    standings: tuple[Standing, ...]
    references: References
    needed: dict[str, frozenset[str]]
    others: tuple[Holder, ...]

    def holders(self, going: frozenset[str]) -> tuple[Holder, ...]:
        """Return whatever needs rpms, told that these snapshots go."""
        snapshots = (
            Holder(HolderKind.SNAPSHOT, name, pkgids, is_kept=name not in going) for name, pkgids in self.needed.items()
        )
        return (*snapshots, *self.others)


def survey(store: Store) -> Survey:
    """Return what there is, reading everything that may refer to rpms.

    Raises StoreError: some of it cannot be read, so that nobody knows what it refers to. HostError.
    """
    try:
        files, left_in_pool = _pool(store)
        # The pool's own strings are kept, and not another copy of each for every snapshot.
        own = {pkgid: pkgid for pkgid in files}
        found = references(store)
        standings: list[Standing] = []
        needed: dict[str, frozenset[str]] = {}
        for name in store.names():
            manifest = _manifest(store, name)
            standings.append(_standing(store, name, manifest.id))
            needed[name] = _known(own, _pkgids(manifest.repositories))
        return Survey(
            files=files,
            leftovers=(*_hidden(store), *left_in_pool),
            standings=tuple(standings),
            references=found,
            needed=needed,
            others=(*_locks(store, own), *_mirrors(store, own)),
        )
    except OSError as error:
        raise HostError(f"cannot read {error.filename}: {error.strerror}") from error


def _manifest(store: Store, name: str) -> Manifest:
    folder = store.snapshot(name)
    if not (folder / "manifest.json").is_file():
        raise StoreError(f"{folder} has no manifest: what it refers to is not known")
    return store.manifest(name)


def _standing(store: Store, name: str, snapshot_id: str) -> Standing:
    return Standing(
        name=name,
        snapshot_id=snapshot_id,
        cut_at=store.provenance(name).cut_at,
        size_bytes=_size(store.snapshot(name)),
    )


def references(store: Store) -> References:
    """Return what may keep snapshots, as it is at this moment. Raises StoreError."""
    try:
        locks = {name: locked_id(_lock_content(store, name), name) for name in store.recorded_locks()}
    except DocumentError as error:
        raise StoreError(error.message) from error
    return References(refs=store.refs(), locks=locks)


def _lock_content(store: Store, name: str) -> bytes:
    path = store.recorded_lock(name)
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error


def _locks(store: Store, own: Mapping[str, str]) -> Iterator[Holder]:
    for name in store.recorded_locks():
        try:
            lock = read_lock(_lock_content(store, name), str(store.recorded_lock(name)))
        except DocumentError as error:
            raise StoreError(error.message, error.details) from error
        yield Holder(HolderKind.LOCK, name, _known(own, _pkgids(lock.repositories)))


def _mirrors(store: Store, own: Mapping[str, str]) -> Iterator[Holder]:
    for entry in _entries(store.path / "mirrors"):
        current = Path(entry.path, "current")
        if entry.name.startswith(".") or not current.is_symlink():
            continue
        if not current.exists():
            raise StoreError(f"{current} leads nowhere: what it refers to is not known")
        packages = store.mirrored(entry.name).index.packages
        yield Holder(HolderKind.MIRROR, entry.name, _known(own, (package.pkgid for package in packages)))


def _pkgids(repositories: Iterable[RepositoryManifest | LockedRepository]) -> Iterator[str]:
    return (package.pkgid for repository in repositories for package in repository.packages)


def _known(own: Mapping[str, str], needed: Iterable[str]) -> frozenset[str]:
    return frozenset(own[pkgid] for pkgid in needed if pkgid in own)


def _pool(store: Store) -> tuple[_Pool, tuple[Leftover, ...]]:
    """Return the files of the pool by pkgid, and what is left over there. Links are not followed, nor listed."""
    files: _Pool = {}
    leftovers: list[Leftover] = []
    for prefix in _entries(store.pool):
        if prefix.name.startswith("."):
            leftovers.append(_leftover(store, prefix))
            continue
        if len(prefix.name) != _PREFIX_LENGTH or not prefix.is_dir(follow_symlinks=False):
            continue
        for folder in _entries(Path(prefix.path)):
            if folder.name.startswith("."):
                leftovers.append(_leftover(store, folder))
            elif len(folder.name) == _PKGID_LENGTH and folder.is_dir(follow_symlinks=False):
                found, hidden = _pool_folder(store, folder)
                leftovers += hidden
                if found:
                    files[folder.name] = found
                elif not hidden:
                    leftovers.append(_leftover(store, folder))
    return files, tuple(leftovers)


def _pool_folder(store: Store, folder: os.DirEntry[str]) -> tuple[tuple[PoolFile, ...], list[Leftover]]:
    found: list[PoolFile] = []
    hidden: list[Leftover] = []
    place = f"{folder.name[:_PREFIX_LENGTH]}/{folder.name}"
    for file in _entries(Path(folder.path)):
        if file.name.startswith("."):
            hidden.append(_leftover(store, file))
        elif not file.is_dir(follow_symlinks=False):
            found.append(PoolFile(path=f"{place}/{file.name}", size_bytes=_file_size(file)))
    return tuple(found), hidden


def _hidden(store: Store) -> Iterator[Leftover]:
    """Yield what is left over outside of the pool: hidden names, and states of a mirror that are not its current."""
    for folder in ("snapshots", "refs", "locks", "mirrors"):
        yield from (_leftover(store, entry) for entry in _entries(store.path / folder) if entry.name.startswith("."))
    for mirror in _entries(store.path / "mirrors"):
        if mirror.name.startswith(".") or not mirror.is_dir(follow_symlinks=False):
            continue
        path = Path(mirror.path)
        for entry in _entries(path):
            if entry.name.startswith(".") and entry.name != STATES:
                yield _leftover(store, entry)
        for entry in _entries(path / STATES):
            if not _is_current(path, entry.name):
                yield _leftover(store, entry)


def _is_current(mirror: Path, state: str) -> bool:
    current = mirror / "current"
    return current.is_symlink() and current.readlink() == Path(STATES, state)


def _leftover(store: Store, entry: os.DirEntry[str]) -> Leftover:
    path = Path(entry.path)
    return Leftover(path=path.relative_to(store.path).as_posix(), size_bytes=_size(path))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:
        return []


def _size(path: Path) -> int:
    """Return the bytes of a file, or of every file below a folder."""
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size if os.path.lexists(path) else 0
    return sum(
        _size(Path(entry.path)) if entry.is_dir(follow_symlinks=False) else _file_size(entry)
        for entry in _entries(path)
    )


def _file_size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return 0  # A writer was quicker: who only looks holds no lock.
