"""Mirrors that say the same as another one in other words."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tests.support import tool
from tests.support.repositories import Repository

_TEXTS = {"comps.xml": "group", "updateinfo.xml": "updateinfo", "modules.yaml": "modules"}


def write_otherwise(repository: Repository, base: str) -> None:
    """Write the metadata of a repository again as another mirror would have it.

    It is compressed by zstd, in another order, under other names and of another revision; the rpms lie elsewhere, have
    other times, and are addressed from `base`, a URL.
    """
    path = repository.path
    (path / "elsewhere").mkdir()
    for number, rpm in enumerate(sorted(path.glob("Packages/*.rpm"), reverse=True)):
        os.utime(rpm, (number, number))
        rpm.rename(path / "elsewhere" / f"{number}-{rpm.name}")
    texts = {name: unpacked(path, name) for name in _TEXTS if list(path.glob(f"repodata/*{name}*"))}
    shutil.rmtree(path / "repodata")
    # That of the platform may be too old for zstd.
    newer = Path(sys.executable).with_name("createrepo_c")
    options = ("--quiet", "--no-database", "--general-compress-type=zstd", "--revision=77", f"--baseurl={base}")
    tool.run(newer, *options, path)
    for name, content in texts.items():
        replace_metadata(path, name, content)


def unpacked(path: Path, name: str) -> str:
    """Return a file of the metadata of the repository at `path`, such as "primary.xml"."""
    # Comps is there twice: as it is, and compressed.
    file, *_ = sorted(path.glob(f"repodata/*{name}*"))
    return tool.run("zcat", "-f", file)


def replace_metadata(path: Path, name: str, content: str) -> None:
    """Put a file into the metadata of the repository at `path`, in place of the one that is there."""
    file = path / name
    file.write_text(content, encoding="utf-8")
    tool.run("modifyrepo_c", f"--mdtype={_TEXTS.get(name, file.stem)}", file, path / "repodata")
    file.unlink()
