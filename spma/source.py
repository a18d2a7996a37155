"""Where profiles, and repositories in their place, come from."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from spma.ccm import cache_root, read_current, read_folder
from spma.errors import ProfileError
from spma.profile.delivery import MAX_PROFILE_BYTES
from yumbridge.desired.repository import Repository, lent

_REPO_ID: Final = re.compile(r"[\w.:-]+", re.ASCII)
"""Source: libdnf, Repo::verifyId()."""

STDIN: Final = Path("-")
"""The name by which a profile is read from standard input."""


@dataclass(frozen=True, slots=True)
class ProfileSource:
    """The bytes of a profile, and where they were read: an absolute path, or "-" for standard input.

    The path is that of a folder when the profile lay in databases of CCM; the bytes are its canonical JSON then.
    """

    path: str
    data: bytes

    @property
    def is_stdin(self) -> bool:
        """True when nobody can read it again."""
        return self.path == str(STDIN)


def read_source(path: Path | None, cache: Path | None = None, *, root: Path = Path("/")) -> ProfileSource:
    """Read a profile: a file, a folder of CCM's cache or "-", else the current one of the cache.

    The cache is the folder `cache`, else that of the host at `root`. Raises ProfileError: it cannot be read, or is
    larger than any profile is.
    """
    if path is None:
        found, data = read_current(cache_root(root) if cache is None else cache)
        return ProfileSource(str(found.absolute()), data)
    if path == STDIN:
        return ProfileSource(str(STDIN), _bounded("profile on standard input", sys.stdin.buffer.read))
    try:
        if path.is_dir():
            found, data = read_folder(path)
            return ProfileSource(str(found.absolute()), data)
        with path.open("rb") as handle:
            data = _bounded(f"profile {path}", handle.read)
    except OSError as error:
        raise ProfileError(f"profile {path} cannot be read: {error.strerror}") from error
    return ProfileSource(str(path.absolute()), data)


def _bounded(name: str, read: Callable[[int], bytes]) -> bytes:
    data = read(MAX_PROFILE_BYTES + 1)
    if len(data) > MAX_PROFILE_BYTES:
        raise ProfileError(f"{name} is larger than {MAX_PROFILE_BYTES // 1_000_000} MB")
    return data


def repositories_in(folder: Path, stated: Sequence[Repository]) -> tuple[Repository, ...]:
    """Return a repository per folder of `folder` that has repodata, sorted, its id the folder's name.

    Hidden folders are none. A repository of `stated` that bears the same id lends its options. Raises ProfileError
    when there is none, and for a folder whose name is no id.
    """
    trees = [repomd.parent.parent for repomd in sorted(folder.glob("[!.]*/repodata/repomd.xml"))]
    if not trees:
        raise ProfileError(f"no folder of {folder} has repodata")
    for tree in trees:
        if not _REPO_ID.fullmatch(tree.name):
            raise ProfileError(
                f"folder {tree.name!a} of {folder} cannot be a repository:"
                " want a name of letters, digits, '-', '_', '.' and ':'"
            )
    return tuple(lent(tree.name, tree.absolute().as_uri(), stated, f"--repos-from {folder}") for tree in trees)
