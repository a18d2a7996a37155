"""A repository that a host's packages come from."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Repository(msgspec.Struct, frozen=True, kw_only=True):
    """A repository and how to read it, in the words of dnf.conf(5).

    `urls` are tried in order, never empty for an enabled repository. `proxy`: None for the general one, "" for none.
    `priority` 99 is dnf's default, 1 the strongest. `origin` is where it was written, as a profile path.
    """

    repo_id: str
    urls: tuple[str, ...]
    enabled: bool = True
    priority: int = 99
    gpgcheck: bool = False
    repo_gpgcheck: bool = False
    gpgkeys: tuple[str, ...] = ()
    gpgcakey: str | None = None
    excludepkgs: tuple[str, ...] = ()
    includepkgs: tuple[str, ...] = ()
    proxy: str | None = None
    skip_if_unavailable: bool = False
    module_hotfixes: bool = False
    sslcacert: str | None = None
    sslclientcert: str | None = None
    sslclientkey: str | None = None
    sslverify: bool = True
    origin: str


def lent(repo_id: str, url: str, stated: Sequence[Repository], origin: str) -> Repository:
    """Return the repository at `url`, in place of that of `stated` with the same id, which lends its options.

    `origin` is where it comes from when there is no such.
    """
    same = (repository for repository in stated if repository.repo_id == repo_id)
    lender = next(same, Repository(repo_id=repo_id, urls=(), origin=origin))
    return msgspec.structs.replace(lender, urls=(url,), enabled=True)
