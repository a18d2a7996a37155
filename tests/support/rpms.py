"""Packages as a test describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

SCRIPTLETS = ("pretrans", "pre", "post", "preun", "postun", "posttrans")


@dataclass(frozen=True, slots=True)
class Rpm:
    """One binary rpm.

    `evr` is written "[epoch:]version-release"; "0:1-1" stores an epoch of 0, "1-1" stores none.
    `files` maps a path to its content; a tuple of paths makes empty files, a path with a slash at
    its end is a directory. `scriptlets` maps a phase ("pre") to Lua, which needs no shell in the
    root. `source` is the name of the source rpm, whose version and release are then the
    package's own, or its whole file name ("perl-5.32-1.src.rpm"); without it the package is the
    only one of a source of its own name.

    >>> Rpm("dbus", "1:1.12-5", arch="x86_64").nevra
    'dbus-1:1.12-5.x86_64'
    """

    name: str
    evr: str = "1-1"
    _: KW_ONLY
    arch: str = "noarch"
    requires: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    obsoletes: tuple[str, ...] = ()
    recommends: tuple[str, ...] = ()
    supplements: tuple[str, ...] = ()
    suggests: tuple[str, ...] = ()
    enhances: tuple[str, ...] = ()
    files: Mapping[str, str] | tuple[str, ...] = field(default=(), hash=False)
    scriptlets: Mapping[str, str] = field(default_factory=dict, hash=False)
    source: str | None = None
    vendor: str = "Example"

    def __post_init__(self) -> None:
        if "-" not in self.evr:
            raise ValueError(f"{self.name}: {self.evr!r} is not [epoch:]version-release")
        if unknown := set(self.scriptlets) - set(SCRIPTLETS):
            raise ValueError(f"{self.name}: no such scriptlet: {', '.join(sorted(unknown))}")

    @property
    def epoch(self) -> str | None:
        """The epoch as it is stored; none is not 0."""
        return self.evr.partition(":")[0] if ":" in self.evr else None

    @property
    def version(self) -> str:
        return self.evr.rpartition(":")[2].partition("-")[0]

    @property
    def release(self) -> str:
        return self.evr.rpartition(":")[2].partition("-")[2]

    @property
    def nevra(self) -> str:
        """The written form, with the epoch only when it is not 0."""
        epoch = "" if self.epoch in {None, "0"} else f"{self.epoch}:"
        return f"{self.name}-{epoch}{self.version}-{self.release}.{self.arch}"

    @property
    def filename(self) -> str:
        return f"{self.name}-{self.version}-{self.release}.{self.arch}.rpm"

    @property
    def source_nvr(self) -> str:
        """Name, version and release of the source rpm, as in its file name."""
        source = self.source or self.name
        if source.endswith(".src.rpm"):
            return source.removesuffix(".src.rpm")
        return f"{source}-{self.version}-{self.release}"

    @property
    def contents(self) -> Mapping[str, str]:
        """Path to content of every file, whichever way `files` was written."""
        return self.files if isinstance(self.files, Mapping) else dict.fromkeys(self.files, "")
