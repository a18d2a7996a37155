"""Files and folders built once and found again by the digest of what they were made from."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.project import ROOT


class Cache:
    """A directory of finished things, each below its digest.

    Entries are moved into place whole, so that two test runs may share the directory.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """Yield an empty directory from which `put` can move; it is removed afterwards."""
        with tempfile.TemporaryDirectory(dir=self._directory, prefix="work-") as name:
            yield Path(name)

    def find(self, digest: str) -> Path | None:
        """Return the file or folder kept below a digest."""
        path = self._directory / digest
        return path if path.exists() else None

    def put(self, digest: str, made: Path) -> Path:
        """Move a file or folder below its digest; when another run was first, that one stays."""
        path = self._directory / digest
        try:
            made.rename(path)
        except OSError:
            if not path.is_dir():
                raise
            shutil.rmtree(made)
        return path


def digest(*parts: str) -> str:
    """Return the name under which something made from `parts` is kept."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def shared_cache() -> Cache:
    """Return the cache below the project, or a private one where that cannot be written."""
    directory = ROOT / ".cache"
    if not os.access(directory if directory.exists() else ROOT, os.W_OK):
        return Cache(Path(tempfile.gettempdir()) / f"yumbridge-tests-{os.getuid()}")
    directory.mkdir(exist_ok=True)
    (directory / ".gitignore").write_text("*\n", encoding="utf-8")
    return Cache(directory / "rpms")
