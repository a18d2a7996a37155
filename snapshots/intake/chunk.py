"""The chunks of upstream's packages, as createrepo_c reads them and writes them again in our form."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from snapshots.content.package import StoredPackage, unfit_words
from snapshots.errors import UpstreamError
from snapshots.intake.location import base_fault, href_fault, refused_url
from snapshots.intake.spool import SpooledChunks, SpoolWriter
from snapshots.repodata.chunk_source import chunks_digest
from snapshots.repodata.index import ChunkKind

if TYPE_CHECKING:
    from createrepo_c import Package

Taker: TypeAlias = "Callable[[Package], None]"

_EPOCH: Final = re.compile(r"[0-9]{1,9}")
_MAX_BYTES: Final = 1 << 40
_MAX_TIME: Final = 1 << 33
# What is known of each is kept in memory. The largest repositories in use have some 100,000.
MOST_PACKAGES: Final = 400_000
# An error is for a person: nobody reads more than these of one file.
_MAX_FAULTS: Final = 20


@dataclass(frozen=True, slots=True)
class Origin:
    """Where upstream has an rpm: its path below `base`, which is empty for that of the repository."""

    href: str
    base: str = ""


@dataclass(frozen=True, slots=True)
class ChunkDocument:
    """An uncompressed primary, filelists or other at `path`, called `place` in errors; `count` as its root has it."""

    kind: ChunkKind
    path: Path
    place: str
    count: int | None


class PackageReading:
    """Reads the documents of one repository, primary first, and keeps their chunks in a folder of work."""

    def __init__(self, work: Path) -> None:
        self.origins: dict[str, Origin] = {}
        self._work = work
        self._packages: dict[str, StoredPackage] = {}
        self._spools: dict[ChunkKind, SpoolWriter] = {}

    def read(self, document: ChunkDocument) -> None:
        """Read one document. Raises UpstreamError with its faults: it is damaged, hostile, or not of these packages."""
        faults = _Faults()
        with SpoolWriter(self._work / f"{document.kind}.chunks") as spool:
            self._spools[document.kind] = spool
            take = self._take_primary if document.kind is ChunkKind.PRIMARY else self._take_more
            try:
                count = _parsed(document, lambda package: take(package, spool, document.kind), faults)
            except _TooManyError as error:
                raise UpstreamError(f"refused: {document.place} has {error}") from None
            for pkgid in sorted(self._packages.keys() - spool.keys()):
                faults.add(f"it has nothing on {self._packages[pkgid].text}, which primary lists")
        if document.count not in {None, count}:
            faults.add(f"its root says packages={document.count}, and there are {count}")
        faults.refuse(document.place)

    def source(self) -> SpooledChunks:
        """Return what was read."""
        packages = sorted(self._packages.values(), key=lambda package: package.order)
        spools = {kind: spool.spool([package.pkgid for package in packages]) for kind, spool in self._spools.items()}
        read = SpooledChunks(tuple(packages), spools)
        numbers = range(len(packages))
        rows = (read.chunks(kind, numbers) if kind in spools else repeat(b"", len(packages)) for kind in ChunkKind)
        digests = [chunks_digest(dict(zip(ChunkKind, row, strict=True))) for row in zip(*rows, strict=True)]
        named = zip(packages, digests, strict=True)
        return SpooledChunks(tuple(msgspec.structs.replace(package, chunks=text) for package, text in named), spools)

    def _take_primary(self, package: Package, spool: SpoolWriter, _kind: ChunkKind) -> None:
        if len(self._packages) >= MOST_PACKAGES:
            raise _TooManyError(f"more than {MOST_PACKAGES} packages")
        stored = _stored(package)
        origin = Origin(package.location_href or "", package.location_base or "")
        if fault := href_fault(origin.href):
            raise UpstreamError(f"{stored.text}: its location {origin.href!r} {fault}")
        if origin.base and (fault := base_fault(origin.base)):
            raise UpstreamError(f"{stored.text}: its xml:base {refused_url(origin.base)!r} {fault}")
        package.epoch = str(stored.epoch)
        package.location_href = stored.location
        package.location_base = None
        package.time_file = stored.built
        _keep(spool, stored, _dumped(ChunkKind.PRIMARY, package))
        self._packages.setdefault(stored.pkgid, stored)
        self.origins.setdefault(stored.pkgid, origin)

    def _take_more(self, package: Package, spool: SpoolWriter, kind: ChunkKind) -> None:
        stored = self._packages.get(package.pkgId or "")
        if stored is None:
            raise UpstreamError(f"it lists {package.nevra()}, which primary does not, with the pkgid {package.pkgId!r}")
        words = (package.name, _epoch(package), package.version, package.release, package.arch)
        if words != (stored.name, stored.epoch, stored.version, stored.release, stored.arch):
            raise UpstreamError(f"it calls {package.nevra()} what primary calls {stored.text}, by one pkgid")
        package.epoch = str(stored.epoch)
        _keep(spool, stored, _dumped(kind, package))


class _TooManyError(Exception):
    """A document goes on and on: nothing more of it is read."""


class _Faults:
    """What is wrong with a document: the first faults, and how many there are."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._count = 0

    def add(self, text: str) -> None:
        self._count += 1
        if self._count <= _MAX_FAULTS:
            self._texts.append(text)

    def refuse(self, place: str) -> None:
        """Raise UpstreamError if there is any."""
        if self._texts:
            more = [f"and {self._count - _MAX_FAULTS} more"] if self._count > _MAX_FAULTS else []
            raise UpstreamError(f"refused: {place}: {self._texts[0]}", [*self._texts[1:], *more])


def _parsed(document: ChunkDocument, take: Taker, faults: _Faults) -> int:
    """Give each package of a document to `take`, whose UpstreamErrors are faults, and return how many there are."""
    import createrepo_c as cr

    count = 0
    # Whatever a callback raises, the parser makes an error of its own.
    stopped: list[OSError | KeyboardInterrupt | _TooManyError] = []

    def taken(package: Package) -> bool:
        nonlocal count
        count += 1
        try:
            take(package)
        except UpstreamError as error:
            faults.add(error.message)
        except (OSError, KeyboardInterrupt, _TooManyError) as error:
            stopped.append(error)
            return False
        return True

    def warned(kind: int, message: str) -> bool:
        if kind == cr.XML_WARNING_BADATTRVAL:
            faults.add(message)
        return True

    parse = {
        ChunkKind.PRIMARY: cr.xml_parse_primary,
        ChunkKind.FILELISTS: cr.xml_parse_filelists,
        ChunkKind.OTHER: cr.xml_parse_other,
    }[document.kind]
    try:
        parse(str(document.path), pkgcb=taken, warningcb=warned)
    except cr.CreaterepoCError as error:
        if not stopped:
            raise UpstreamError(f"{document.place} is damaged: {' '.join(str(error).split())}") from error
    if stopped:
        raise stopped[0]
    return count


def described(package: Package) -> StoredPackage:
    """Return what primary says of a package, without the digest of its chunks. Raises UpstreamError: no such epoch."""
    return StoredPackage(
        pkgid=package.pkgId or "",
        name=package.name or "",
        epoch=_epoch(package),
        version=package.version or "",
        release=package.release or "",
        arch=package.arch or "",
        built=package.time_build,
        size_bytes=package.size_package,
        installed_bytes=package.size_installed,
        source_rpm=package.rpm_sourcerpm or "",
        chunks="",
    )


def _stored(package: Package) -> StoredPackage:
    """Return a package of primary. Raises UpstreamError: it may not become one of ours."""
    stored = described(package)
    if package.checksum_type != "sha256":
        raise UpstreamError(f"{stored.text}: its pkgid is of {package.checksum_type}: only sha256 is taken")
    if words := unfit_words(stored):
        raise UpstreamError(f"{stored.text[:200]}: {words[0][:200]!r} may not become part of a file name")
    if not 0 < stored.size_bytes <= _MAX_BYTES or not 0 <= stored.installed_bytes <= _MAX_BYTES:
        raise UpstreamError(
            f"{stored.text}: no rpm is of {stored.size_bytes} bytes, {stored.installed_bytes} installed"
        )
    if not 0 <= stored.built <= _MAX_TIME:
        raise UpstreamError(f"{stored.text}: it cannot have been built at {stored.built}")
    return stored


def _epoch(package: Package) -> int:
    text = package.epoch or "0"
    if not _EPOCH.fullmatch(text):
        raise UpstreamError(f"{package.name}: {text[:40]!r} is no epoch")
    return int(text)


def _dumped(kind: ChunkKind, package: Package) -> bytes:
    import createrepo_c as cr

    dump = {
        ChunkKind.PRIMARY: cr.xml_dump_primary,
        ChunkKind.FILELISTS: cr.xml_dump_filelists,
        ChunkKind.OTHER: cr.xml_dump_other,
    }[kind]
    try:
        text: str = dump(package)
    except cr.CreaterepoCError as error:
        raise UpstreamError(f"{package.nevra()}: {error}") from error
    return text.encode()


def _keep(spool: SpoolWriter, stored: StoredPackage, chunk: bytes) -> None:
    """Write a chunk, once for a pkgid. Raises UpstreamError: that pkgid was there with something else."""
    if stored.pkgid not in spool:
        spool.add(stored.pkgid, chunk)
    elif spool.chunk(stored.pkgid) != chunk:
        raise UpstreamError(f"{stored.text}: the pkgid {stored.pkgid} is there twice, with different content")
