"""Mutation: other bytes under a NEVRA that is known. A NEVRA is what hosts compare, so they would not notice."""

from __future__ import annotations

from collections.abc import Iterable

from snapshots.content.package import StoredPackage
from snapshots.errors import MutatedPackageError, NoSnapshotError, StoreError
from snapshots.storage.first_seen import seen_pkgids
from snapshots.storage.store import Store
from yumbridge.count import counted


def refuse_mutations(store: Store, repo_id: str, packages: Iterable[StoredPackage]) -> None:
    """Raise MutatedPackageError if packages of upstream are known with other bytes, or upstream has two of one NEVRA.

    Known is what the mirror ever had, and what the snapshots have of this repository. Two builds of one NEVRA are no
    fault once both are known: somebody allowed them.
    """
    by_nevra: dict[str, set[str]] = {}
    for package in packages:
        by_nevra.setdefault(package.text, set()).add(package.pkgid)
    known = seen_pkgids(store, repo_id)
    # The snapshots are read only when there is something new to look for in them.
    if any(pkgids - known.get(nevra, set()) for nevra, pkgids in by_nevra.items()):
        _add_snapshots(known, store, repo_id)
    faults = []
    for nevra, pkgids in sorted(by_nevra.items()):
        before = known.get(nevra, set())
        if pkgids - before and len(pkgids | before) > 1:
            faults.append(f"{nevra}: {_listed(pkgids - before)}{f', known as {_listed(before)}' if before else ''}")
    if faults:
        text = f"{repo_id}: upstream has other bytes under {counted(len(faults), 'known NEVRA')}"
        raise MutatedPackageError(text, faults)


def _add_snapshots(known: dict[str, set[str]], store: Store, repo_id: str) -> None:
    for name in store.names():
        try:
            manifest = store.manifest(name)
        except (NoSnapshotError, StoreError):
            # verify tells of a damaged snapshot: it is no reason not to mirror.
            continue
        for repository in manifest.repositories:
            if repository.repo_id == repo_id:
                for package in repository.packages:
                    known.setdefault(package.nevra, set()).add(package.pkgid)


def _listed(pkgids: set[str]) -> str:
    return " and ".join(sorted(pkgids))
