"""The index of upstream's metadata: which files there are, and what they have to be."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snapshots.errors import UpstreamError
from snapshots.intake.location import file_name

if TYPE_CHECKING:
    from lxml.etree import _Element

LIMIT_BYTES: Final = 1 << 20
# What is not said may not be endless either.
FILE_LIMIT_BYTES: Final = 4 << 30

_NS: Final = "{http://linux.duke.edu/metadata/repo}"
_DIGITS: Final = {"sha256": 64, "sha384": 96, "sha512": 128}
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
# The same file may be there in several compressions: the first of these that is there.
_NAMES: Final = {
    "primary": ("primary",),
    "filelists": ("filelists",),
    "other": ("other",),
    "updateinfo": ("updateinfo",),
    "modules": ("modules",),
    "group": ("group_zst", "group_xz", "group_gz", "group"),
}


@dataclass(frozen=True, slots=True)
class Checksum:
    """The digest of a file as metadata states it."""

    kind: str
    digest: str

    @property
    def text(self) -> str:
        """As it is written: "sha256:<hex>"."""
        return f"{self.kind}:{self.digest}"

    def new(self) -> hashlib._Hash:
        """Return a hash of its kind that has seen nothing."""
        return hashlib.new(self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataFile:
    """A file of repodata. Sizes are None where repomd.xml does not say; `open_` is of what is in it, uncompressed."""

    kind: str
    href: str
    checksum: Checksum
    size_bytes: int | None = None
    open_checksum: Checksum | None = None
    open_bytes: int | None = None

    @property
    def name(self) -> str:
        """What it is called in a folder of ours."""
        return file_name(self.href)


@dataclass(frozen=True, slots=True)
class Repomd:
    """What a repomd.xml says of the files that we use; primary is always among them, each kind once."""

    revision: str
    files: tuple[MetadataFile, ...]

    def file(self, kind: str) -> MetadataFile | None:
        """Return the file of a kind, None when the repository has no such."""
        return next((found for found in self.files if found.kind == kind), None)


def read_repomd(content: bytes, place: str) -> Repomd:
    """Read a repomd.xml; `place` names it in errors, which have every fault. Raises UpstreamError."""
    from lxml import etree

    if len(content) > LIMIT_BYTES:
        raise UpstreamError(f"{place} is larger than {LIMIT_BYTES} bytes")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise UpstreamError(f"refused: {place} has a document type definition")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UpstreamError(f"{place} is damaged: {error}") from error
    if root.tag != f"{_NS}repomd":
        raise UpstreamError(f"{place} is no repomd.xml")
    records = {record.get("type", ""): record for record in root.iterchildren(f"{_NS}data")}
    if len(records) != len(root.findall(f"{_NS}data")):
        raise UpstreamError(f"refused: {place} has two files of one type")
    faults: list[str] = []
    files = tuple(_files(records, faults))
    if not any(found.kind == "primary" for found in files) and not faults:
        faults.append("it lists no primary")
    if len({found.name for found in files}) != len(files):
        faults.append("two of its files have one name")
    if faults:
        raise UpstreamError(f"refused: {place}: {faults[0]}", faults[1:])
    return Repomd((root.findtext(f"{_NS}revision") or "").strip()[:64], files)


def _files(records: dict[str, _Element], faults: list[str]) -> Iterator[MetadataFile]:
    for kind, names in _NAMES.items():
        record = next((records[name] for name in names if name in records), None)
        if record is None:
            continue
        try:
            yield _file(kind, record)
        except UpstreamError as error:
            faults.append(f"{kind}: {error.message.removeprefix('refused: ')}")


def _file(kind: str, record: _Element) -> MetadataFile:
    location = record.find(f"{_NS}location")
    if location is None or location.get("{http://www.w3.org/XML/1998/namespace}base"):
        raise UpstreamError("it has no location below the repository")
    checksum = _checksum(record, "checksum")
    if checksum is None:
        raise UpstreamError("it has no checksum")
    found = MetadataFile(
        kind=kind,
        href=location.get("href", ""),
        checksum=checksum,
        size_bytes=_number(record, "size"),
        open_checksum=_checksum(record, "open-checksum"),
        open_bytes=_number(record, "open-size"),
    )
    file_name(found.href)
    if (found.size_bytes or 0) > FILE_LIMIT_BYTES:
        raise UpstreamError(f"it is said to be of {found.size_bytes} bytes: more than {FILE_LIMIT_BYTES} are not read")
    return found


def _checksum(record: _Element, tag: str) -> Checksum | None:
    element = record.find(f"{_NS}{tag}")
    if element is None:
        return None
    kind, digest = element.get("type", ""), (element.text or "").strip().lower()
    if kind not in _DIGITS:
        raise UpstreamError(f"its {tag} is a {kind or 'nameless'} one: want {', '.join(_DIGITS)}")
    if not re.fullmatch(r"[0-9a-f]+", digest) or len(digest) != _DIGITS[kind]:
        raise UpstreamError(f"its {tag} is not a digest of {kind}")
    return Checksum(kind, digest)


def _number(record: _Element, tag: str) -> int | None:
    text = record.findtext(f"{_NS}{tag}")
    if text is None:
        return None
    if not _NUMBER.fullmatch(text.strip()):
        raise UpstreamError(f"its {tag} is not a number: {text.strip()[:40]!r}")
    return int(text)
