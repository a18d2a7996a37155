"""Where profiles, and repositories in their place, come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from spma.errors import ProfileError
from yumbridge.desired.repository import Repository

MAX_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class ProfileSource:
    """The bytes of a profile, and the absolute path that they were read from."""

    path: str
    data: bytes


def read_source(path: Path) -> ProfileSource:
    """Read a profile. Raises ProfileError: it cannot be read, or is larger than any profile is."""
    try:
        with path.open("rb") as handle:
            data = handle.read(MAX_BYTES + 1)
    except OSError as error:
        raise ProfileError(f"profile {path} cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise ProfileError(f"profile {path} is larger than {MAX_BYTES >> 20} MiB")
    return ProfileSource(str(path.absolute()), data)


def repositories_in(folder: Path, stated: Sequence[Repository]) -> tuple[Repository, ...]:
    """Return a repository per folder of `folder` that has repodata, sorted, its id the folder's name.

    A repository of `stated` that bears the same id lends its options. Raises ProfileError when there is none.
    """
    known = {repository.repo_id: repository for repository in stated}
    found: list[Repository] = []
    for repomd in sorted(folder.glob("*/repodata/repomd.xml")):
        path = repomd.parent.parent
        lender = known.get(path.name, Repository(repo_id=path.name, urls=(), origin=f"--repos-from {folder}"))
        found.append(msgspec.structs.replace(lender, urls=(path.absolute().as_uri(),), enabled=True))
    if not found:
        raise ProfileError(f"no folder of {folder} has repodata")
    return tuple(found)
