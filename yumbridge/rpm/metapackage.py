"""A metapackage: an rpm without files, there for what it requires."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from yumbridge.errors import InvalidEVRError
from yumbridge.rpm.evr import EVR
from yumbridge.rpm.nevra import NEVRA

ARCH: Final = "noarch"

# What rpmbuild allows, less the macros. Source: rpm, build/parsePreamble.c, ALLOWED_CHARS_EVR.
_VERSION: Final = re.compile(r"[A-Za-z0-9._+~^]+")
NO_PART: Final = ".."
"""What no name, version or release of a package has in it. Source: rpm, build/parsePreamble.c, rpmCharCheck."""
_MAX_EPOCH: Final = (1 << 32) - 1

# Nothing of an rpm is the work of anybody here: it holds names. Source: Fedora, the licence of such packages.
_LICENSE: Final = "LicenseRef-Not-Copyrightable"
_DESCRIPTION: Final = "This package has no files: it requires those that the alias of its name stands for."

# The lead of an rpm, and the parts of a header. Source: rpm, docs/manual/format_v4.md.
_LEAD_BYTES: Final = 96
_INTRO_BYTES: Final = 16
_ENTRY_BYTES: Final = 16
_PADDING_BYTES: Final = 8
_HEADER_MAGIC: Final = b"\x8e\xad\xe8\x01"


class Metapackage(msgspec.Struct, frozen=True, kw_only=True):
    """A package of no arch without files. `requires` are dependencies as a spec file has them, each once."""

    name: str
    evr: EVR
    summary: str
    provides: tuple[str, ...] = ()
    requires: tuple[str, ...]

    @property
    def nevra(self) -> NEVRA:
        """Its identity."""
        return NEVRA(self.name, self.evr, ARCH)

    @property
    def file_name(self) -> str:
        """The name of its file, which has no epoch in it."""
        return f"{self.name}-{self.evr.version}-{self.evr.release}.{ARCH}.rpm"


def metapackage_evr(text: str) -> EVR:
    """Return the EVR that somebody wrote for a metapackage. Raises InvalidEVRError.

    >>> str(metapackage_evr("1-2.el9"))
    '1-2.el9'
    """
    evr = EVR.parse(text)
    if not (_VERSION.fullmatch(evr.version) and _VERSION.fullmatch(evr.release)):
        raise InvalidEVRError(text, "want letters, digits and . _ + ~ ^ in version and release")
    if NO_PART in text:
        raise InvalidEVRError(text, f"rpm takes no {NO_PART} in version or release")
    if evr.epoch > _MAX_EPOCH:
        raise InvalidEVRError(text, f"an epoch is {_MAX_EPOCH} at most")
    return evr


def specfile(package: Metapackage) -> str:
    """Return the spec file of a metapackage. No text in it is a macro, whatever the package says.

    What somebody wrote stands behind a tag on one line, nowhere else: rpm looks for its sections and conditions in
    lines whose macros are expanded already, so that nothing escapes a "%" at the beginning of one.
    """
    fields = [
        ("Name", package.name),
        *([("Epoch", str(package.evr.epoch))] if package.evr.epoch else []),
        ("Version", package.evr.version),
        ("Release", package.evr.release),
        ("Summary", package.summary),
        ("License", _LICENSE),
        ("BuildArch", ARCH),
        ("AutoReqProv", "no"),
        *(("Provides", capability) for capability in package.provides),
        *(("Requires", dependency) for dependency in package.requires),
    ]
    lines = [f"{tag}: {_escaped(text)}" for tag, text in fields]
    return "\n".join([*lines, "", "%description", _DESCRIPTION, "", "%files", ""])


def without_signature(rpm: bytes) -> bytes:
    """Return header and payload of an rpm: what stays the same when it is signed. What is no rpm comes back whole."""
    intro = rpm[_LEAD_BYTES : _LEAD_BYTES + _INTRO_BYTES]
    if len(intro) < _INTRO_BYTES or not intro.startswith(_HEADER_MAGIC):
        return rpm
    entries, size_bytes = int.from_bytes(intro[8:12]), int.from_bytes(intro[12:16])
    signature_bytes = _INTRO_BYTES + _ENTRY_BYTES * entries + size_bytes
    padding_bytes = -signature_bytes % _PADDING_BYTES
    return rpm[_LEAD_BYTES + signature_bytes + padding_bytes :]


def _escaped(text: str) -> str:
    r"""Return `text` as one line of a spec file that means itself.

    rpm takes a backslash as one that continues the line, or that hides the next character from its search for open
    braces, even that of "%%": an empty macro after it takes that part.

    >>> _escaped("100 %\n%{x} \\")
    '100 %% %%{x} \\%{nil}'
    """
    line = "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))
    return line.replace("%", "%%").replace("\\", "\\%{nil}")
