"""The states of a mirror on disk: what upstream had when it was read, made beside the last one and put in its place.

mirrors/REPO_ID/current        -> .states/STATE
mirrors/REPO_ID/.states/STATE  upstream, tree, index.msgpack, record.json
mirrors/REPO_ID/.partial/      what was fetched of the next state, by digest, until that is there
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from snapshots.content.provenance import MirrorRecord
from snapshots.errors import NoSnapshotError, SnapshotError, StoreError
from snapshots.intake.plain_file import link_or_copy
from snapshots.intake.repomd import FILE_LIMIT_BYTES, Checksum
from snapshots.repodata.index import IndexedRepository, TextFile
from snapshots.storage.store import Store
from yumbridge.plan.document import digest_of_bytes, printed
from yumbridge.run.state import sync_folder, write_durably

_NEW: Final = ".new"
_WORK: Final = ".work"


@dataclass(frozen=True, slots=True)
class LastState:
    """The state that a mirror has now."""

    path: Path
    record: MirrorRecord
    repository: IndexedRepository

    @property
    def is_whole(self) -> bool:
        """True when a cut can read all of it."""
        repository = self.repository
        try:
            repomd = (repository.tree / "repodata" / "repomd.xml").read_bytes()
            return (
                digest_of_bytes(repomd) == repository.index.repomd
                and repository.is_whole
                and all(text is None or repository.stored_text(text) for text in _texts(repository))
            )
        except (OSError, StoreError):
            return False


@dataclass(frozen=True, slots=True)
class MirrorFolder:
    """The folder of one mirror, for the one who writes it."""

    store: Store
    repo_id: str

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.store.mirror(self.repo_id)

    @property
    def new(self) -> Path:
        """The state that is being made."""
        return self._states / _NEW

    @property
    def _states(self) -> Path:
        return self.path / ".states"

    @property
    def _partial(self) -> Path:
        return self.path / ".partial"

    def state(self, name: str) -> Path:
        """Return where a state lies once it is whole."""
        return self._states / name

    def partial(self, checksum: Checksum) -> Path:
        """Return where a file is fetched to."""
        return self._partial / checksum.digest

    def free_name(self, name: str) -> str:
        """Return `name`, or one like it when a state has it: one that is damaged, and stays until the switch."""
        return f"{name}-again" if os.path.lexists(self.state(name)) else name

    def open(self) -> None:
        """Make the folder, and remove what an interrupted run left, but for what it fetched. Raises SnapshotError."""
        with self._writing():
            for folder in (self.path.parent, self.path, self._states, self._partial):
                if folder.is_symlink():
                    raise StoreError(f"{folder} is a link: nothing is written through it")
                folder.mkdir(exist_ok=True)
            last = self._current_name()
            for found in self._states.iterdir():
                if found.name != last:
                    _remove(found)

    def last(self) -> LastState | None:
        """Return the state that the mirror has, None when it has none, or none that can be read."""
        try:
            record = self.store.mirror_record(self.repo_id)
            return LastState((self.path / "current").resolve(), record, self.store.mirrored(self.repo_id))
        except (NoSnapshotError, StoreError):
            return None

    def offer(self, last: LastState | None, name: str, checksum: Checksum) -> None:
        """Let a file of the last state be what was fetched, if that is there: whoever takes it verifies it."""
        target = self.partial(checksum)
        with self._writing():
            if last is not None and (last.path / "upstream" / name).is_file() and not os.path.lexists(target):
                link_or_copy(last.path / "upstream" / name, target, FILE_LIMIT_BYTES)

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """Yield an empty folder, which is gone afterwards."""
        work = self._states / _WORK
        with self._writing():
            _remove(work)
            work.mkdir()
        try:
            yield work
        finally:
            _remove(work)

    def begin(self, repomd: bytes, files: dict[str, Checksum]) -> Path:
        """Begin a state with the repodata that was fetched, by name, and return the folder of that."""
        upstream = self.new / "upstream"
        with self._writing():
            _remove(self.new)
            upstream.mkdir(parents=True)
            for name, checksum in files.items():
                link_or_copy(self.partial(checksum), upstream / name, FILE_LIMIT_BYTES)
            write_durably(upstream / "repomd.xml", repomd)
        return upstream

    def finish(self, name: str) -> None:
        """Give the state that was made its name, which no other has. It is on the disk then."""
        with self._writing():
            sync_folder(self.new)
            self.new.rename(self.state(name))
            sync_folder(self._states)

    def forget(self, checksums: Iterable[Checksum]) -> None:
        """Remove files that were fetched."""
        for checksum in checksums:
            self.partial(checksum).unlink(missing_ok=True)

    def abandon(self) -> None:
        """Remove the state that was being made."""
        _remove(self.new)

    def switch(self, name: str, record: MirrorRecord) -> None:
        """Make the state `name` what readers see, with its record, and remove the others and what was fetched."""
        with self._writing():
            write_durably(self.state(name) / "record.json", printed(record))
            if self._current_name() != name:
                _point(self.path / "current", f".states/{name}")
            if not (self.path / "repodata").is_symlink():
                _point(self.path / "repodata", "current/upstream")
            for found in (*self._states.iterdir(), self._partial):
                if found.name != name:
                    _remove(found)

    def _current_name(self) -> str:
        link = self.path / "current"
        return link.readlink().name if link.is_symlink() else ""

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SnapshotError(f"cannot write {error.filename or self.path}: {error.strerror}") from error


def _texts(repository: IndexedRepository) -> tuple[TextFile | None, ...]:
    return (repository.index.comps, repository.index.modules)


def _point(link: Path, target: str) -> None:
    """Make `link` lead to `target`: a reader finds the old one or the new one, and never none."""
    temporary = link.with_name(f".{link.name}.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)
    sync_folder(link.parent)


def _remove(path: Path) -> None:
    """Remove a folder or a file, whatever is in it; links are not followed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
