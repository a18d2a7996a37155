"""Repositories: rpms and the metadata that createrepo_c writes about them."""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support import tool
from tests.support.advisories import Advisory, updateinfo
from tests.support.cache import Cache, digest
from tests.support.rpmbuild import SOURCE_DATE_EPOCH, build
from tests.support.rpms import Rpm
from tests.support.signing import SigningKey

# Raise it when the same contents are to become other metadata.
_FORMAT = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is in a repository.

    `comps` and `modules` are the text of the files. With a `key` the rpms are signed. `revision`
    is the time, in seconds since 1970, that the metadata claims to be from.
    """

    rpms: tuple[Rpm, ...] = ()
    advisories: tuple[Advisory, ...] = ()
    comps: str = ""
    modules: str = ""
    key: SigningKey | None = None
    revision: int = SOURCE_DATE_EPOCH


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on disk, and the address at which a profile finds it."""

    repo_id: str
    path: Path
    url: str
    rpms: tuple[Rpm, ...]

    @property
    def repomd(self) -> Path:
        return self.path / "repodata" / "repomd.xml"

    def file(self, rpm: Rpm) -> Path:
        """Return where the file of one of its packages is."""
        return self.path / "Packages" / rpm.filename

    def at(self, base_url: str) -> Repository:
        """Return the same repository as reached below another address, such as a server's."""
        return replace(self, url=f"{base_url.rstrip('/')}/{self.path.name}")


def write_repository(repo_id: str, contents: Contents, path: Path, cache: Cache) -> Repository:
    """Write a repository into a directory, in place of whatever is there.

    The same contents give the same bytes, signatures apart.
    """
    shutil.rmtree(path, ignore_errors=True)
    files = build(contents.rpms, path / "Packages", cache)
    if contents.key is not None and files:
        contents.key.sign(files)
    repository = Repository(repo_id, path, path.as_uri(), contents.rpms)
    if contents.key is not None:
        # Every signature is new: such metadata would never be asked for again.
        _write_metadata(path, contents)
        return repository
    key = _key(files, contents)
    kept = cache.find(key)
    if kept is None:
        _write_metadata(path, contents)
        with cache.workplace() as work:
            made = shutil.copytree(path / "repodata", work / "repodata")
            cache.put(key, made)
    else:
        shutil.copytree(kept, path / "repodata")
    return repository


def _key(files: tuple[Path, ...], contents: Contents) -> str:
    sums = sorted(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files)
    extras = (repr(contents.advisories), contents.comps, contents.modules, str(contents.revision))
    return digest("repodata", _FORMAT, tool.mark("createrepo_c"), *sums, "", *extras)


def _write_metadata(path: Path, contents: Contents) -> None:
    options = [
        "--quiet",
        "--no-database",
        "--simple-md-filenames",
        "--set-timestamp-to-revision",
        f"--revision={contents.revision}",
        "--workers=1",
    ]
    comps = path / "comps.xml"
    if contents.comps:
        comps.write_text(contents.comps, encoding="utf-8")
        options.append(f"--groupfile={comps.name}")
    tool.run("createrepo_c", *options, path)
    comps.unlink(missing_ok=True)
    if contents.advisories:
        _merge(path, "updateinfo.xml", updateinfo(contents.advisories), contents.revision)
    if contents.modules:
        _merge(path, "modules.yaml", contents.modules, contents.revision)


def _merge(path: Path, name: str, text: str, revision: int) -> None:
    """Add one more document to the metadata."""
    document = path / name
    document.write_text(text, encoding="utf-8")
    kind = document.stem
    tool.run("modifyrepo_c", f"--mdtype={kind}", "--simple-md-filenames", document, path / "repodata")
    document.unlink()
    # modifyrepo_c has no option for the time, and would make every build differ.
    repomd = path / "repodata" / "repomd.xml"
    repomd.write_text(
        re.sub(
            r"<timestamp>\d+</timestamp>",
            f"<timestamp>{revision}</timestamp>",
            repomd.read_text(encoding="utf-8"),
        ),
        encoding="utf-8",
    )
