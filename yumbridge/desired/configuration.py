"""What a site wants of the files that dnf reads."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

Options: TypeAlias = tuple[tuple[str, str], ...]
"""Keys and values of one section. The lines of a value are separated by line feeds."""


class PluginFile(msgspec.Struct, frozen=True, kw_only=True):
    """The whole configuration of one plugin of dnf: its file name, and the options of each section."""

    name: str
    sections: tuple[tuple[str, Options], ...]


class VersionLock(msgspec.Struct, frozen=True, kw_only=True):
    """The list of the versionlock plugin: whether it is written, and its absolute path."""

    enabled: bool = False
    path: str = "/etc/dnf/plugins/versionlock.list"


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """One line that a run leaves at an absolute path when it ended as planned."""

    path: str
    text: str


class DnfConfiguration(msgspec.Struct, frozen=True, kw_only=True):
    """What dnf's files shall say beside the repositories, in the words of dnf.conf(5).

    Nothing is written unless `manage`. `reposdirs` are folders of repositories that others look after.
    `clean_repositories`: `.repo` files that nobody asked for are removed. `main` are options of [main].
    `manage_modules`: a module that nobody asked for has no state.
    """

    manage: bool = False
    reposdirs: tuple[str, ...] = ()
    clean_repositories: bool = False
    manage_modules: bool = False
    main: Options = ()
    plugins: tuple[PluginFile, ...] = ()
    versionlock: VersionLock = VersionLock()
    stamp: Stamp | None = None
