"""Repodata written by hand: what createrepo_c would never write, with a repomd.xml that fits, or does not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

_NS = "http://linux.duke.edu/metadata"
PKGID = "0123456789abcdef" * 4


@dataclass(frozen=True, slots=True)
class File:
    """A file of repodata, compressed or not, and what repomd.xml says of it: the truth, where nothing else is given.

    `opened` is its content, uncompressed, when repomd.xml is to have its size and checksum.
    """

    kind: str
    content: bytes
    _: KW_ONLY
    href: str = ""
    checksum_type: str = "sha256"
    checksum: str | None = None
    size: int | str | None = -1
    opened: bytes | None = None
    open_size: int | None = None

    @property
    def name(self) -> str:
        return (self.href or f"repodata/{self.kind}.xml").rpartition("/")[2]

    @property
    def record(self) -> str:
        """What repomd.xml says."""
        checksum = self.checksum or hashlib.new(self.checksum_type, self.content).hexdigest()
        size = len(self.content) if self.size == -1 else self.size
        open_size = self.open_size if self.opened is None else len(self.opened)
        lines = [
            f'<data type="{self.kind}">',
            f'<checksum type="{self.checksum_type}">{checksum}</checksum>',
            f'<location href="{self.href or f"repodata/{self.kind}.xml"}"/>',
        ]
        if self.opened is not None:
            opened = hashlib.sha256(self.opened).hexdigest()
            lines.append(f'<open-checksum type="sha256">{opened}</open-checksum>')
        if size is not None:
            lines.append(f"<size>{size}</size>")
        if open_size is not None:
            lines.append(f"<open-size>{open_size}</open-size>")
        return "\n".join([*lines, "</data>"])


def repomd(*files: File, revision: str = "1") -> bytes:
    """Return a repomd.xml."""
    records = "\n".join(file.record for file in files)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<repomd xmlns="{_NS}/repo"><revision>{revision}</revision>\n{records}\n</repomd>\n'.encode()


def write_repodata(path: Path, *files: File) -> Path:
    """Write the repodata of the repository at `path`, and return its folder."""
    folder = path / "repodata"
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file.name).write_bytes(file.content)
    (folder / "repomd.xml").write_bytes(repomd(*files))
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A package as primary lists it."""

    name: str = "a"
    epoch: str = "0"
    version: str = "1"
    release: str = "1"
    arch: str = "noarch"
    pkgid: str = PKGID
    checksum_type: str = "sha256"
    size: str = "10"
    installed: str = "10"
    built: str = "1700000000"
    href: str = "Packages/a.rpm"
    base: str = ""
    summary: str = ""

    @property
    def primary(self) -> str:
        base = f'xml:base="{self.base}" ' if self.base else ""
        return "\n".join(
            (
                '<package type="rpm">',
                f"<name>{self.name}</name><arch>{self.arch}</arch>",
                f'<version epoch="{self.epoch}" ver="{self.version}" rel="{self.release}"/>',
                f'<checksum type="{self.checksum_type}" pkgid="YES">{self.pkgid}</checksum>',
                f"<summary>{self.summary}</summary><description/><packager/><url/>",
                f'<time file="1700000001" build="{self.built}"/>',
                f'<size package="{self.size}" installed="{self.installed}" archive="10"/>',
                f'<location {base}href="{self.href}"/>',
                '<format><rpm:license>MIT</rpm:license><rpm:header-range start="0" end="0"/></format>',
                "</package>",
            )
        )

    def more(self, *lines: str) -> str:
        """Return what filelists or other says of it."""
        version = f'<version epoch="{self.epoch}" ver="{self.version}" rel="{self.release}"/>'
        head = f'<package pkgid="{self.pkgid}" name="{self.name}" arch="{self.arch}">'
        return "\n".join((head, version, *lines, "</package>"))


def primary(*entries: Entry, count: int | None = None, before: str = "") -> bytes:
    """Return a primary.xml; `before` stands before its root."""
    root = f'<metadata xmlns="{_NS}/common" xmlns:rpm="{_NS}/rpm" packages="{_count(entries, count)}">'
    return _document(before, root, (entry.primary for entry in entries), "</metadata>")


def filelists(*entries: Entry, count: int | None = None, paths: tuple[str, ...] = ()) -> bytes:
    """Return a filelists.xml in which every package has the same files."""
    root = f'<filelists xmlns="{_NS}/filelists" packages="{_count(entries, count)}">'
    lines = [f"<file>{path}</file>" for path in paths]
    return _document("", root, (entry.more(*lines) for entry in entries), "</filelists>")


def _count(entries: tuple[Entry, ...], count: int | None) -> int:
    return len(entries) if count is None else count


def _document(before: str, root: str, chunks: Iterable[str], end: str) -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return "\n".join((head, before, root, *chunks, end, "")).encode()
