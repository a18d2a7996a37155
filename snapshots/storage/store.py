"""The store: where everything lies in it, and who may write.

    pool/ab/abcd…/N-V-R.A.rpm      every rpm once
    mirrors/REPO_ID/current        -> the last state of upstream, as upstream wrote it and as compose does
    mirrors/REPO_ID/first-seen.log when each package was first seen here; it only grows
    snapshots/NAME/REPO_ID/        a repository: repodata, and Packages -> ../../../pool
    snapshots/NAME/manifest.json   what it holds; beside it snapshot.json, how it came to be
    refs/REF                       -> ../snapshots/NAME
    locks/NAME.json                locks that were written from here

Whatever is being made has a name that begins with a dot and gets its own by a rename. One writer holds the lock;
readers need none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from snapshots.content.manifest import Manifest, ManifestHead, read_manifest, read_manifest_head
from snapshots.content.name import checked_name, is_name, suggestion
from snapshots.content.package import StoredPackage
from snapshots.content.provenance import MirrorRecord, Provenance
from snapshots.errors import NoSnapshotError, SnapshotError, StoreError
from snapshots.repodata.index import IndexedRepository, read_index
from yumbridge.complaint import UNDECODABLE
from yumbridge.plan.document import printed
from yumbridge.run.lock import Holder, held
from yumbridge.run.state import refuse_foreign, rfc3339, write_durably

Document = TypeVar("Document", MirrorRecord, Provenance)

MARKER: Final = "store.json"
INDEX_FOLDER: Final = ".index"
_FOLDERS: Final = ("pool", "mirrors", "snapshots", "refs", "locks")


class StoreMarker(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a folder a store."""

    document: str = "yumbridge-store"
    version: str = "1.0"


@dataclass(frozen=True, slots=True)
class Store:
    """A snapshot store. `path` is absolute; `wait_s` is how many seconds our writers wait for those of others."""

    path: Path
    wait_s: float = 0

    @property
    def pool(self) -> Path:
        """The folder with every rpm."""
        return self.path / "pool"

    @property
    def lock(self) -> Path:
        """Held by whoever writes."""
        return self.path / ".lock"

    def rpm(self, package: StoredPackage) -> Path:
        """Return where the rpm of `package` lies, whether it is there or not."""
        return self.pool / package.pool_name

    def snapshot(self, name: str) -> Path:
        """Return the folder of a snapshot, whether it exists or not. Raises InvalidNameError."""
        return self.path / "snapshots" / checked_name("snapshot", name)

    def ref(self, name: str) -> Path:
        """Return the link that is a ref, whether it exists or not. Raises InvalidNameError."""
        return self.path / "refs" / checked_name("ref", name)

    def recorded_lock(self, name: str) -> Path:
        """Return where a lock of a snapshot is kept. Raises InvalidNameError."""
        return self.path / "locks" / f"{checked_name('snapshot', name)}.json"

    def mirror(self, repo_id: str) -> Path:
        """Return the folder of a mirror, whether it exists or not. Raises InvalidNameError."""
        return self.path / "mirrors" / checked_name("repository", repo_id)

    def first_seen(self, repo_id: str) -> Path:
        """Return the log of when packages were first seen: a line per package, "RFC3339 pkgid NEVRA"."""
        return self.mirror(repo_id) / "first-seen.log"

    def names(self) -> tuple[str, ...]:
        """Return the names of all snapshots, sorted; what is no snapshot, and never was, is not among them."""
        folder = self.path / "snapshots"
        return tuple(
            name
            for name in _visible(folder)
            if is_name(name) and any((folder / name / part).exists() for part in ("manifest.json", INDEX_FOLDER))
        )

    def refs(self) -> dict[str, str]:
        """Return the snapshot that each ref points to, sorted by ref."""
        folder = self.path / "refs"
        refs = {}
        for name in _visible(folder):
            # It may be gone by now, and what is no link is no ref.
            with suppress(OSError):
                refs[name] = (folder / name).readlink().name
        return refs

    def lost_refs(self) -> dict[str, str]:
        """Return the refs that lead to no snapshot, each with the name that it leads to, sorted by ref."""
        return {
            ref: name
            for ref, name in self.refs().items()
            if not (self.path / "snapshots" / name / "manifest.json").is_file()
        }

    def mirrors(self) -> tuple[str, ...]:
        """Return the ids of all mirrored repositories, sorted."""
        folder = self.path / "mirrors"
        return tuple(name for name in _visible(folder) if is_name(name) and (folder / name / "current").exists())

    def recorded_locks(self) -> tuple[str, ...]:
        """Return the names of the snapshots whose locks were written from here, sorted."""
        return tuple(name.removesuffix(".json") for name in _visible(self.path / "locks"))

    def resolve(self, name: str) -> str:
        """Return the name of the snapshot that a name or a ref means; a snapshot goes before a ref.

        Raises NoSnapshotError, InvalidNameError.
        """
        if (self.snapshot(name) / "manifest.json").is_file():
            return name
        ref = self.ref(name)
        if not ref.is_symlink():
            known = suggestion(name, {*self.names(), *self.refs()})
            raise NoSnapshotError(f"no snapshot or ref {name} in {self.path}{known}")
        target = ref.readlink().name
        if not (ref / "manifest.json").is_file():
            raise NoSnapshotError(f"ref {name} leads to snapshot {target}, which is not there")
        return target

    def manifest(self, name: str) -> Manifest:
        """Return the manifest of the snapshot `name`. Raises NoSnapshotError, StoreError."""
        path = self.snapshot(self.resolve(name)) / "manifest.json"
        return read_manifest(_content(path), str(path))

    def manifest_head(self, name: str) -> ManifestHead:
        """Return the manifest of the snapshot `name` without its packages. Raises NoSnapshotError, StoreError."""
        path = self.snapshot(self.resolve(name)) / "manifest.json"
        return read_manifest_head(_content(path), str(path))

    def provenance(self, name: str) -> Provenance:
        """Return how the snapshot `name` came to be. Raises NoSnapshotError, StoreError."""
        path = self.snapshot(self.resolve(name)) / "snapshot.json"
        return _decoded(path, Provenance)

    def repository(self, name: str, repo_id: str) -> IndexedRepository:
        """Return a repository of the snapshot `name`. Raises NoSnapshotError, StoreError."""
        folder = self.snapshot(self.resolve(name))
        return IndexedRepository(folder / repo_id, read_index(folder / INDEX_FOLDER / f"{repo_id}.msgpack"))

    def mirrored(self, repo_id: str) -> IndexedRepository:
        """Return the last state of a mirror as compose wrote it. Raises NoSnapshotError, StoreError."""
        current = self._current(repo_id)
        return IndexedRepository(current / "tree", read_index(current / "index.msgpack"))

    def mirror_record(self, repo_id: str) -> MirrorRecord:
        """Return what is known of the last state of a mirror. Raises NoSnapshotError, StoreError."""
        return _decoded(self._current(repo_id) / "record.json", MirrorRecord)

    def _current(self, repo_id: str) -> Path:
        link = self.mirror(repo_id) / "current"
        if not link.is_symlink():
            known = suggestion(repo_id, self.mirrors())
            raise NoSnapshotError(f"no mirror of {repo_id} in {self.path}{known}")
        # Resolved once: what one reader sees stays one state while another is put in its place.
        return link.resolve()


def open_store(path: Path, *, wait_s: float = 0) -> Store:
    """Return the store at `path`. Raises StoreError: it is none."""
    _refuse_unprintable(path)
    if not (path / MARKER).is_file():
        if _has_others(path):
            raise _other_folder(path)
        raise StoreError(f"no snapshot store in {path}: snapshot mirror and snapshot adopt make one")
    return Store(path.absolute(), wait_s)


def create_store(path: Path, *, wait_s: float = 0) -> Store:
    """Return the store at `path`; an empty folder, or none, becomes one.

    Raises StoreError, SnapshotError, HostError.
    """
    _refuse_unprintable(path)
    if (path / MARKER).is_file():
        return open_store(path, wait_s=wait_s)
    try:
        path.mkdir(mode=0o755, parents=True, exist_ok=True)
        _refuse_foreign(path)
        if _has_others(path):
            raise _other_folder(path)
        for name in _FOLDERS:
            (path / name).mkdir(exist_ok=True)
    except OSError as error:
        raise SnapshotError(f"cannot make a store in {path}: {error.strerror}") from error
    write_durably(path / MARKER, printed(StoreMarker()))
    return Store(path.absolute(), wait_s)


def _refuse_foreign(path: Path) -> None:
    """Raise HostError if root would write where somebody else may put links. Users of a group may share a store."""
    if os.geteuid() == 0:
        # Somebody may have made the path of a link on purpose: a store may lie behind one.
        refuse_foreign(path.resolve())


def _refuse_unprintable(path: Path) -> None:
    """Raise StoreError if a path is not UTF-8: what reads and writes metadata takes no other."""
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError as error:
        text = os.fsencode(path).decode(errors="backslashreplace")
        raise StoreError(f"{text} cannot be a store: its path is not in UTF-8") from error


def _has_others(path: Path) -> bool:
    """Tell whether a folder has what no store that is just being made has."""
    try:
        return any(found.name not in {".lock", *_FOLDERS} for found in path.iterdir())
    except OSError:
        return False


def _other_folder(path: Path) -> StoreError:
    return StoreError(f"{path} is not empty, and no snapshot store")


@contextmanager
def writing(store: Store, command: str) -> Iterator[None]:
    """Hold the lock of the store.

    Raises LockHeldError when another process still does after `wait_s` of the store, HostError for root when others may
    put links and files there.
    """
    _refuse_foreign(store.path)
    holder = Holder(os.getpid(), command, rfc3339(datetime.now(UTC)))
    with held(store.lock, holder, wait_s=store.wait_s, what=f"the store {store.path}"):
        yield


def _visible(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")))
    except FileNotFoundError:
        return ()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error


def _decoded(path: Path, kind: type[Document]) -> Document:
    try:
        return msgspec.json.decode(_content(path), type=kind)
    except UNDECODABLE as error:
        raise StoreError(f"{path} is damaged: {error}") from error
