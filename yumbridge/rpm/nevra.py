"""Package identity: name, EVR and architecture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from yumbridge.errors import InvalidEVRError, InvalidNEVRAError
from yumbridge.rpm.evr import EVR, VersionKey


@dataclass(frozen=True)
class NEVRA:
    """The identity of one built package. Its text is kept: a plan asks for it many times."""

    name: str
    evr: EVR
    arch: str

    @property
    def key(self) -> tuple[str, tuple[int, VersionKey, VersionKey], str, str]:
        """The order of lists of packages: name, EVR as RPM orders it, arch, then the spelling."""
        return (self.name, self.evr.key, self.arch, str(self.evr))

    def __lt__(self, other: NEVRA) -> bool:
        return self.key < other.key

    @cached_property
    def _text(self) -> str:
        return f"{self.name}-{self.evr}.{self.arch}"

    def __str__(self) -> str:
        return self._text

    @classmethod
    def parse(cls, text: str) -> NEVRA:
        """Read name-[epoch:]version-release.arch, the form dnf prints.

        Raises InvalidNEVRAError.

        >>> NEVRA.parse("bash-5.1.8-9.el9.x86_64").evr.release
        '9.el9'
        """
        rest, dot, arch = text.rpartition(".")
        name_version, dash, release = rest.rpartition("-")
        name, second_dash, epoch_version = name_version.rpartition("-")
        if not (dot and dash and second_dash and name and arch):
            raise InvalidNEVRAError(text, "want name-[epoch:]version-release.arch")
        try:
            evr = EVR.parse(f"{epoch_version}-{release}")
        except InvalidEVRError as error:
            raise InvalidNEVRAError(text, error.message) from error
        return cls(name, evr, arch)


def nevra_text(name: str, epoch: int, version_release: str, arch: str) -> str:
    """Return a NEVRA as it is written, without the detour over the value: lists of packages are long.

    >>> nevra_text("bash", 0, "5.1.8-9.el9", "x86_64")
    'bash-5.1.8-9.el9.x86_64'
    """
    return f"{name}-{epoch}:{version_release}.{arch}" if epoch else f"{name}-{version_release}.{arch}"
