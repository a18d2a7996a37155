"""Upstream: a repository as its repodata on disk describes it, checked, and in our form.

Whoever runs a mirror is not trusted: what is parsed was verified against repomd.xml, is bounded, begins without a
document type definition, and is written again by createrepo_c before anything of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from snapshots.content.package import StoredPackage
from snapshots.errors import SnapshotError, UpstreamError
from snapshots.intake.chunk import ChunkDocument, Origin, PackageReading
from snapshots.intake.decompression import spooled
from snapshots.intake.plain_file import opened
from snapshots.intake.repomd import LIMIT_BYTES, Repomd, read_repomd
from snapshots.intake.spool import SpooledChunks
from snapshots.repodata.comps import held_comps
from snapshots.repodata.index import ChunkKind
from snapshots.repodata.modules import streams
from snapshots.repodata.prolog import PROLOG_BYTES, checked_prolog
from snapshots.repodata.updateinfo import read_updateinfo
from yumbridge.rpm.advisory import Advisory

REPOMD: Final = "repomd.xml"
# What is kept in memory as a whole, comps as a tree of forty times the size. The largest in use have a fifth of it.
_WHOLE_BYTES: Final = {"group": 10 << 20, "modules": 64 << 20}
_ROOTS: Final = {ChunkKind.PRIMARY: "metadata", ChunkKind.FILELISTS: "filelists", ChunkKind.OTHER: "otherdata"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """What an upstream repository holds.

    `source` has its packages and their chunks, for as long as the folder of work is there. `origins` says by pkgid
    where upstream has the rpm. `advisories` is sorted by id. `comps` and `modules` are uncompressed, empty for none.
    """

    revision: str
    source: SpooledChunks
    origins: Mapping[str, Origin]
    advisories: tuple[Advisory, ...]
    comps: bytes
    modules: bytes

    @property
    def packages(self) -> tuple[StoredPackage, ...]:
        """Its packages, in the order of `StoredPackage.order`."""
        return self.source.packages


def read_upstream(folder: Path, work: Path) -> Upstream:
    """Read the repodata in `folder`: repomd.xml, and beside it the files that it names, in any compression.

    `work` is an empty folder to which the chunks are written; it has to outlive what is returned. Raises UpstreamError
    with every fault of the first file that has one: it is not what repomd.xml says, damaged, hostile, or contradicts
    primary; SnapshotError: the disk is full, or a file is not there.
    """
    try:
        return _Reader(folder, work).upstream()
    except OSError as error:
        raise SnapshotError(f"cannot read {error.filename or folder}: {error.strerror}") from error


class _Reader:
    """Reads one folder of repodata, file by file: what is unpacked of one is gone before the next."""

    def __init__(self, folder: Path, work: Path) -> None:
        self._folder = folder
        self._work = work
        self._repomd = _repomd(folder / REPOMD)

    def upstream(self) -> Upstream:
        packages = self._packages()
        return Upstream(
            revision=self._repomd.revision,
            source=packages.source(),
            origins=packages.origins,
            advisories=self._advisories(),
            comps=self._whole("group"),
            modules=self._whole("modules"),
        )

    def _packages(self) -> PackageReading:
        reading = PackageReading(self._work)
        for kind, root in _ROOTS.items():
            with self._unpacked(kind.value) as (plain, place):
                if plain is not None:
                    reading.read(ChunkDocument(kind, plain, place, checked_prolog(_head(plain), root, place)))
        return reading

    def _advisories(self) -> tuple[Advisory, ...]:
        with self._unpacked("updateinfo") as (plain, place):
            if plain is None:
                return ()
            checked_prolog(_head(plain), "updates", place)
            return read_updateinfo(plain, place)

    def _whole(self, kind: str) -> bytes:
        with self._unpacked(kind) as (plain, place):
            if plain is None:
                return b""
            limit = _WHOLE_BYTES[kind]
            if plain.stat().st_size > limit:
                raise UpstreamError(f"refused: {place} holds more than {limit} bytes")
            content = plain.read_bytes()
        try:
            content.decode()
            # Whatever cannot be limited to what a snapshot holds would be in the way of every cut.
            if kind == "group":
                held_comps(content, ())
            else:
                streams(content)
        except UnicodeDecodeError as error:
            raise UpstreamError(f"{place} is not in UTF-8") from error
        except UpstreamError as error:
            raise UpstreamError(f"refused: {place}: {error.message.removeprefix('refused: ')}") from error
        return content

    @contextmanager
    def _unpacked(self, kind: str) -> Iterator[tuple[Path | None, str]]:
        """Yield where a file of the repodata is unpacked meanwhile, None if there is none, and its name in errors."""
        file = self._repomd.file(kind)
        if file is None:
            yield None, ""
            return
        plain = self._work / f"{kind}.plain"
        try:
            spooled(file, self._folder / file.name, plain)
            yield plain, str(self._folder / file.name)
        finally:
            plain.unlink(missing_ok=True)


def _repomd(path: Path) -> Repomd:
    with opened(path) as file:
        return read_repomd(file.read(LIMIT_BYTES + 1), str(path))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(PROLOG_BYTES)
