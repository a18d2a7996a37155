"""The lock of a snapshot: its manifest in a form to keep in version control, from which it can be made again.

It carries what mirrors may lose or change: the advisories, comps and module metadata, whole. What mirrors cannot
change, because a pkgid names it, it names only: the rpms and what repodata says of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal, TypeAlias

import msgspec

from snapshots.content.lock_advisory import LockedAdvisory, advisory_problems, is_moment
from snapshots.content.manifest import (
    Manifest,
    ManifestPackage,
    MetadataDigest,
    MetadataKind,
    RepositoryManifest,
    manifest_id,
)
from snapshots.content.name import checked_name
from snapshots.content.package import StoredPackage, unfit_words
from snapshots.content.provenance import Provenance
from snapshots.errors import InvalidNameError
from yumbridge.complaint import UNDECODABLE
from yumbridge.count import counted
from yumbridge.errors import DocumentError, InvalidNEVRAError
from yumbridge.plan.document import digest_of_bytes
from yumbridge.rpm.advisory import Advisory
from yumbridge.rpm.nevra import NEVRA

VERSION: Final = "1.0"

_DIGEST_PREFIX: Final = "sha256:"
_HEX: Final = frozenset("0123456789abcdef")
_DIGEST_LENGTH: Final = 64
# Errors beyond these say nothing new: a lock with a fault in each line was not written by us.
_MOST_PROBLEMS: Final = 50


class LockedRepository(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A repository: what its manifest says, and its other metadata whole.

    `comps` and `modules` are the lines of the text, empty without such.
    """

    repo_id: str
    packages: tuple[ManifestPackage, ...]
    metadata: tuple[MetadataDigest, ...] = ()
    advisories: tuple[LockedAdvisory, ...] = ()
    comps: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


class Lock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A lock. `id` is that of the snapshot; `name`, `cut_at`, `message` and `compression` are of its provenance."""

    document: Literal["yumbridge-lock"] = "yumbridge-lock"
    version: str = VERSION
    id: str
    name: str
    cut_at: str
    message: str = ""
    compression: str = ""
    metadata_only: bool = False
    repositories: tuple[LockedRepository, ...]


class FrozenMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """The metadata of a repository beside its packages; `comps` and `modules` are uncompressed bytes."""

    advisories: tuple[Advisory, ...] = ()
    comps: bytes = b""
    modules: bytes = b""


class _Head(msgspec.Struct, frozen=True):
    document: str
    version: str
    id: str


Problems: TypeAlias = Iterator[str]


def lock_of(manifest: Manifest, provenance: Provenance, metadata: Iterable[FrozenMetadata]) -> Lock:
    """Return the lock of a snapshot; `metadata` is in the order of the manifest's repositories.

    Raises DocumentError: comps or modules are no UTF-8.
    """
    return Lock(
        id=manifest.id,
        name=provenance.name,
        cut_at=provenance.cut_at,
        message=provenance.message,
        compression=provenance.compression,
        metadata_only=manifest.metadata_only,
        repositories=tuple(
            LockedRepository(
                repo_id=repository.repo_id,
                packages=repository.packages,
                metadata=repository.metadata,
                advisories=msgspec.convert(frozen.advisories, tuple[LockedAdvisory, ...], from_attributes=True),
                comps=_lines(frozen.comps, repository.repo_id),
                modules=_lines(frozen.modules, repository.repo_id),
            )
            for repository, frozen in zip(manifest.repositories, metadata, strict=True)
        ),
    )


def frozen_metadata(repository: LockedRepository) -> FrozenMetadata:
    """Return the metadata that a lock carries."""
    return FrozenMetadata(
        advisories=msgspec.convert(repository.advisories, tuple[Advisory, ...], from_attributes=True),
        comps=_text(repository.comps),
        modules=_text(repository.modules),
    )


def locked_manifest(lock: Lock) -> Manifest:
    """Return the manifest that a snapshot made from `lock` has to have."""
    repositories = tuple(
        RepositoryManifest(repo_id=each.repo_id, packages=each.packages, metadata=each.metadata)
        for each in lock.repositories
    )
    return Manifest(id=lock.id, metadata_only=lock.metadata_only, repositories=repositories)


def written_lock(lock: Lock) -> bytes:
    """Return a lock as it is stored: JSON with sorted keys, a line for each package, advisory and line of text.

    A difference between two such files reads as one between two lists.
    """
    tree = msgspec.to_builtins(lock, order="sorted")
    repositories = [_block(repository, "  ") for repository in tree["repositories"]]
    parts = [
        f' "{key}": {_array(repositories, " ") if key == "repositories" else _json(value)}'
        for key, value in tree.items()
    ]
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def read_lock(content: bytes, place: str) -> Lock:
    """Read a lock; `place` names it in errors. A lock is foreign input: each word of it is checked.

    Raises DocumentError: it is no lock, or was changed, or asks for what no lock of ours can. `details` has each fault.
    """
    try:
        head = msgspec.json.decode(content, type=_Head)
        if head.document != "yumbridge-lock" or head.version.partition(".")[0] != VERSION.partition(".")[0]:
            raise DocumentError(f"{place} is a {head.document} {head.version}; this reads yumbridge-lock {VERSION}")
        lock = msgspec.json.decode(content, type=Lock)
    except UNDECODABLE as error:
        raise DocumentError(f"{place} is no lock that this version can read: {error}") from error
    problems = tuple(_problems(lock))
    if problems:
        text = f"{place} is no lock of a snapshot: {counted(len(problems), 'fault')}"
        raise DocumentError(text, problems[:_MOST_PROBLEMS])
    if lock.id != manifest_id(locked_manifest(lock).repositories):
        raise DocumentError(f"{place} was changed after it was written: its id does not fit its content")
    return lock


def locked_id(content: bytes, place: str) -> str:
    """Return the id of the snapshot that a lock is of, without reading all of it. Raises DocumentError."""
    try:
        return msgspec.json.decode(content, type=_Head).id
    except UNDECODABLE as error:
        raise DocumentError(f"{place} is no lock: {error}") from error


def _block(repository: dict[str, object], indent: str) -> str:
    lines = []
    for key, value in repository.items():
        if isinstance(value, list | tuple):
            lines.append(f'{indent} "{key}": {_array([_json(each) for each in value], indent + " ")}')
        else:
            lines.append(f'{indent} "{key}": {_json(value)}')
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _array(written: list[str], indent: str) -> str:
    if not written:
        return "[]"
    return "[\n" + ",\n".join(f"{indent} {each}" for each in written) + f"\n{indent}]"


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


def _lines(content: bytes, repo_id: str) -> tuple[str, ...]:
    try:
        return tuple(content.decode().split("\n")) if content else ()
    except UnicodeDecodeError as error:
        raise DocumentError(f"comps or modules of {repo_id} are no UTF-8: they fit in no lock") from error


def _text(lines: tuple[str, ...]) -> bytes:
    return "\n".join(lines).encode()


def _problems(lock: Lock) -> Problems:
    yield from _name_problems("name", "snapshot", lock.name)
    if not is_moment(lock.cut_at):
        yield f"cut_at: want a time such as 2026-11-22T08:05:00Z, not {lock.cut_at!r}"
    ids = [repository.repo_id for repository in lock.repositories]
    if ids != sorted(set(ids)):
        yield "repositories: want them sorted, each once"
    for number, repository in enumerate(lock.repositories):
        place = f"repositories[{number}]"
        yield from _name_problems(f"{place}.repo_id", "repository", repository.repo_id)
        yield from _metadata_problems(place, repository)
        for index, advisory in enumerate(repository.advisories):
            yield from advisory_problems(f"{place}.advisories[{index}]", advisory)
        yield from _packages_problems(place, repository.packages)


def _name_problems(place: str, noun: str, text: str) -> Problems:
    try:
        checked_name(noun, text)
    except InvalidNameError as error:
        yield f"{place}: {error.message}"


def _metadata_problems(place: str, repository: LockedRepository) -> Problems:
    kinds = [entry.kind.value for entry in repository.metadata]
    if kinds != sorted(set(kinds)):
        yield f"{place}.metadata: want it sorted by kind, each once"
    carried = {
        MetadataKind.UPDATEINFO: bool(repository.advisories),
        MetadataKind.COMPS: bool(repository.comps),
        MetadataKind.MODULES: bool(repository.modules),
    }
    if {kind.value for kind, is_there in carried.items() if is_there} != set(kinds):
        yield f"{place}.metadata: does not name what the lock carries"
    texts = {MetadataKind.COMPS: repository.comps, MetadataKind.MODULES: repository.modules}
    for entry in repository.metadata:
        if entry.kind in texts and digest_of_bytes(_text(texts[entry.kind])) != entry.digest:
            yield f"{place}.metadata: the digest of {entry.kind.value} is not that of the text"
        if not _is_digest(entry.digest):
            yield f"{place}.metadata: {entry.digest!r} is no digest"
    advisories = [advisory.advisory_id for advisory in repository.advisories]
    if advisories != sorted(advisories):
        yield f"{place}.advisories: want them sorted by id"


def _packages_problems(place: str, packages: Iterable[ManifestPackage]) -> Problems:
    last: tuple[str | int, ...] = ()
    pkgids: set[str] = set()
    for number, package in enumerate(packages):
        here = f"{place}.packages[{number}]"
        if package.size_bytes < 0:
            yield f"{here}: a size of {package.size_bytes} bytes"
        if not _is_digest(package.chunks):
            yield f"{here}: {package.chunks!r} is no digest"
        stored = _stored(package)
        if stored is None or unfit_words(stored) or stored.text != package.nevra:
            yield f"{here}: not a pkgid and a NEVRA: {package.pkgid!r}, {package.nevra!r}"
            continue
        if stored.location != package.location:
            yield f"{here}: the location is not that of its pkgid and NEVRA: {package.location!r}"
        if last >= stored.order:
            yield f"{here}: out of order, or twice"
        elif stored.pkgid in pkgids:
            yield f"{here}: the pkgid of another package: {stored.pkgid}"
        last = stored.order
        pkgids.add(stored.pkgid)


def _stored(package: ManifestPackage) -> StoredPackage | None:
    """Return the package that a line stands for; what the line does not say is empty. None: it has no identity."""
    try:
        nevra = NEVRA.parse(package.nevra)
    except InvalidNEVRAError:
        return None
    return StoredPackage(
        pkgid=package.pkgid,
        name=nevra.name,
        epoch=nevra.evr.epoch,
        version=nevra.evr.version,
        release=nevra.evr.release,
        arch=nevra.arch,
        built=0,
        size_bytes=package.size_bytes,
        installed_bytes=0,
        source_rpm="",
        chunks=package.chunks,
    )


def _is_digest(text: str) -> bool:
    hexadecimal = text.removeprefix(_DIGEST_PREFIX)
    return text.startswith(_DIGEST_PREFIX) and len(hexadecimal) == _DIGEST_LENGTH and set(hexadecimal) <= _HEX
