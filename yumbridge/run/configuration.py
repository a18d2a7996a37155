"""The files that dnf reads, on the disk: read for a plan, and written as it wants them."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from yumbridge.desired.configuration import DnfConfiguration
from yumbridge.errors import HostError
from yumbridge.plan.configuration import (
    DNF_CONF,
    MODULE_SUFFIX,
    MODULES_FOLDER,
    PKGS_SUFFIX,
    PLUGINS_FOLDER,
    REPO_SUFFIX,
    REPOS_FOLDER,
    Prescription,
    WantedFile,
)
from yumbridge.run.state import refuse_outside, replace_file, sync_folder

_MAX_BYTES: Final = 8 * 1024 * 1024
_FOLDER_MODE: Final = 0o755
_FILE_MODE: Final = 0o644
_PRIVATE: Final = 0o600


def read_current(root: Path, configuration: DnfConfiguration, but: Collection[str] = ()) -> dict[str, str]:
    """Return the text of each present file that a plan may want otherwise, by its path seen from inside the root.

    Those of `but` are left out.

    Bytes that are no UTF-8 are kept as lone surrogates. Raises HostError: a file cannot be read, is larger than 8 MiB,
    is none, or lies outside of the root.
    """
    found = {path: _read(root, path) for path in _paths(root, configuration) if path not in but}
    return {path: _text(content) for path, content in found.items() if content is not None}


def unreadable_files(root: Path, configuration: DnfConfiguration) -> tuple[str, ...]:
    """Return the present files among those of `read_current` that this user may not read: private ones, as a rule."""
    return tuple(
        path
        for path in _paths(root, configuration)
        if (place := _inside(root, path)).is_file() and not os.access(place, os.R_OK)
    )


def _paths(root: Path, configuration: DnfConfiguration) -> list[str]:
    """Return what may matter to a plan, sorted; a file need not be there."""
    if not configuration.manage:
        return []
    paths = {
        DNF_CONF,
        configuration.versionlock.path,
        *([configuration.stamp.path] if configuration.stamp else ()),
        *(f"{PLUGINS_FOLDER}/{plugin.name}" for plugin in configuration.plugins),
        *_listed(root, REPOS_FOLDER, (REPO_SUFFIX, PKGS_SUFFIX)),
        *_listed(root, MODULES_FOLDER, (MODULE_SUFFIX,)),
    }
    return sorted(paths)


def write_files(root: Path, wanted: Sequence[WantedFile]) -> tuple[str, ...]:
    """Bring every file into the wanted state, and return the paths of those that were not, sorted.

    Each is replaced in one step. A file that is there keeps its owner and mode, but a private one is closed to others;
    one that is as wanted is not touched. Raises HostError; what was written until then stays.
    """
    return tuple(
        file.path
        for file in sorted(wanted, key=lambda file: file.path)
        if (_remove(root, file.path) if file.content is None else _write(root, file, file.content))
    )


def write_prescribed(root: Path, prescription: Prescription) -> tuple[str, ...]:
    """Bring dnf's files into the prescribed state as they are now, and return the paths that were not, sorted.

    A transaction may have brought files that were not there when the plan was made: a first dnf.conf, to be edited and
    not replaced, or repositories of a release package. Raises HostError, ConfigError.
    """
    current = read_current(root, prescription.state.configuration)
    return write_files(root, prescription.wanted(current))


def _listed(root: Path, folder: str, suffixes: tuple[str, ...]) -> Iterator[str]:
    place = _inside(root, folder)
    refuse_outside(root, place)
    try:
        names = sorted(entry.name for entry in place.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise HostError(f"cannot read {place}: {error.strerror}") from error
    for name in names:
        # The shell's patterns, and dnf's, do not see hidden files.
        if name.endswith(suffixes) and not name.startswith("."):
            yield f"{folder}/{name}"


def _read(root: Path, path: str) -> bytes | None:
    """Return the content of a file, empty for a link to nothing, or None when there is none."""
    place = _inside(root, path)
    refuse_outside(root, place)
    try:
        # A pipe would keep us waiting for its other end.
        descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return b"" if place.is_symlink() else None
    except OSError as error:
        raise HostError(f"cannot read {place}: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as handle:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise HostError(f"{place} is no regular file")
        content = handle.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise HostError(f"{place} is larger than {_MAX_BYTES} bytes: no file of dnf's is")
    return content


def _write(root: Path, file: WantedFile, text: str) -> bool:
    """Write a file unless it is as wanted. A link stays, and what it points to inside of the root is written."""
    content = _bytes(text)
    before = _read(root, file.path)
    place = _inside(root, file.path).resolve()
    try:
        present = place.stat() if place.exists() else None
        mode = stat.S_IMODE(present.st_mode) if present else _FILE_MODE
        mode = mode & _PRIVATE if file.private else mode
        if present and content == before:
            if mode == stat.S_IMODE(present.st_mode):
                return False
            place.chmod(mode)
            return True
        _make_folders(root.resolve(), place.parent)
        replace_file(place, content, mode, (present.st_uid, present.st_gid) if present else None)
    except OSError as error:
        raise HostError(f"cannot write {place}: {error.strerror}") from error
    return True


def _remove(root: Path, path: str) -> bool:
    """Remove a file; of a link only the link."""
    place = _inside(root, path)
    refuse_outside(root, place.parent)
    try:
        place.unlink()
        sync_folder(place.parent)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise HostError(f"cannot remove {place}: {error.strerror}") from error
    return True


def _inside(root: Path, path: str) -> Path:
    """Return where a path seen from inside the root lies. Raises HostError when it climbs."""
    parts = path.split("/")
    if not path.startswith("/") or ".." in parts:
        raise HostError(f"{path} is no absolute path of a file")
    return root.joinpath(*parts[1:])


def _make_folders(root: Path, folder: Path) -> None:
    """Make the folders that are missing below the root, open to all whatever the umask is. Raises OSError."""
    missing = []
    while not folder.is_dir() and folder != root:
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir()
        each.chmod(_FOLDER_MODE)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
