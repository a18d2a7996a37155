"""Updateinfo: the advisories of a repository, read and written by createrepo_c."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snapshots.errors import UpstreamError
from yumbridge.rpm.advisory import Advisory, AdvisoryModule, AdvisoryPackage, Collection, Reference

if TYPE_CHECKING:
    from createrepo_c import UpdateCollection, UpdateCollectionPackage, UpdateRecord

HEAD: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n'
END: Final = b"</updates>\n"
_EPOCH: Final = re.compile(r"[0-9]{1,9}")
# Several times what the largest in use have.
_MOST: Final = {"update": 30_000, "collection": 10_000, "reference": 10_000, "package": 20_000}
_WITHIN: Final = {"update": ("collection", "reference", "package"), "collection": ("package",)}
# createrepo_c writes the years after it as 0000.
_LAST_YEAR: Final = 9998


def read_updateinfo(path: Path, place: str = "") -> tuple[Advisory, ...]:
    """Return the advisories of a file of updateinfo, sorted by id; its compression is found by its content.

    A date that createrepo_c does not understand is empty. `place` names the file in errors. Raises UpstreamError: it is
    no updateinfo, or has a number that nothing can hold.
    """
    import createrepo_c as cr

    try:
        _refuse_long(path, place or str(path))
        records = cr.UpdateInfo(str(path)).updates
    except (cr.CreaterepoCError, OSError) as error:
        why = " ".join(str(error).split())
        raise UpstreamError(f"{place or path} is no updateinfo that createrepo_c reads: {why}") from error
    advisories = []
    for record in records:
        try:
            advisories.append(_advisory(record))
        except UpstreamError as error:
            raise UpstreamError(f"refused: {place or path}: {(record.id or '')[:80]!r}: {error.message}") from error
    return in_order(advisories)


def _refuse_long(path: Path, place: str) -> None:
    """Raise UpstreamError for a list of more elements than any in use: createrepo_c takes their square to read them.

    What is no XML is left to it.
    """
    from xml.parsers import expat

    counts: dict[str, int] = {}

    def begun(name: str, _attributes: dict[str, str]) -> None:
        if name in _MOST:
            counts[name] = counts.get(name, 0) + 1
            if counts[name] > _MOST[name]:
                raise UpstreamError(f"refused: {place} has a list of more than {_MOST[name]} elements {name}")
            for inner in _WITHIN.get(name, ()):
                counts[inner] = 0

    parser = expat.ParserCreate()
    parser.StartElementHandler = begun
    with path.open("rb") as file, suppress(expat.ExpatError):
        parser.ParseFile(file)


def in_order(advisories: Iterable[Advisory]) -> tuple[Advisory, ...]:
    """Return advisories sorted by id, and by everything else where one id has two."""
    import msgspec

    return tuple(sorted(advisories, key=lambda advisory: (advisory.advisory_id, msgspec.msgpack.encode(advisory))))


def written_updateinfo(advisories: Iterable[Advisory]) -> bytes:
    """Return the bytes of an updateinfo file, uncompressed, in the order given; nothing for no advisories."""
    chunks = [advisory_chunk(advisory) for advisory in advisories]
    return b"".join([HEAD, *chunks, END]) if chunks else b""


def advisory_writer() -> str:
    """Return what writes advisories: another version of it may write other bytes."""
    import createrepo_c as cr

    return f"createrepo_c {cr.VERSION}"


def advisory_chunk(advisory: Advisory) -> bytes:
    """Return what an updateinfo file says of one advisory."""
    import createrepo_c as cr

    record = cr.UpdateRecord()
    record.id = advisory.advisory_id
    _fill(
        record,
        type=advisory.kind,
        severity=advisory.severity,
        title=advisory.title,
        status=advisory.status,
        version=advisory.version,
        fromstr=advisory.sender,
        rights=advisory.rights,
        release=advisory.release,
        pushcount=advisory.push_count,
        summary=advisory.summary,
        description=advisory.description,
        solution=advisory.solution,
        issued_date=_moment(advisory.issued),
        updated_date=_moment(advisory.updated),
        reboot_suggested=advisory.reboot_suggested,
    )
    for reference in advisory.references:
        written = cr.UpdateReference()
        _fill(written, type=reference.kind, id=reference.ref_id, href=reference.href, title=reference.title)
        record.append_reference(written)
    for collection in advisory.collections:
        record.append_collection(_written_collection(collection))
    text: str = cr.xml_dump_updaterecord(record)
    return text.encode()


def _written_collection(collection: Collection) -> UpdateCollection:
    import createrepo_c as cr

    written = cr.UpdateCollection()
    _fill(written, name=collection.name, shortname=collection.short_name)
    if collection.module:
        module = cr.UpdateCollectionModule()
        _fill(
            module,
            name=collection.module.name,
            stream=collection.module.stream,
            version=collection.module.version,
            context=collection.module.context,
            arch=collection.module.arch,
        )
        written.module = module
    for package in collection.packages:
        written.append(_written_package(package))
    return written


def _written_package(package: AdvisoryPackage) -> UpdateCollectionPackage:
    import createrepo_c as cr

    written = cr.UpdateCollectionPackage()
    written.name = package.name
    written.epoch = str(package.epoch)
    written.version = package.version
    written.release = package.release
    written.arch = package.arch
    _fill(written, src=package.source_rpm, filename=package.file_name)
    if package.checksum:
        kind, _, written.sum = package.checksum.partition(":")
        written.sum_type = cr.checksum_type(kind)
    _fill(
        written,
        reboot_suggested=package.reboot_suggested,
        restart_suggested=package.restart_suggested,
        relogin_suggested=package.relogin_suggested,
    )
    return written


def _fill(written: object, **fields: str | int | datetime | None) -> None:
    """Set the fields that have a value: createrepo_c leaves out of the XML what was never set."""
    for name, value in fields.items():
        if value:
            setattr(written, name, value)


def _advisory(record: UpdateRecord) -> Advisory:
    return Advisory(
        advisory_id=record.id or "",
        kind=record.type or "",
        severity=record.severity or "",
        title=record.title or "",
        issued=_date(record, "issued_date"),
        updated=_date(record, "updated_date"),
        status=record.status or "",
        version=record.version or "",
        sender=record.fromstr or "",
        rights=record.rights or "",
        release=record.release or "",
        push_count=record.pushcount or "",
        summary=record.summary or "",
        description=record.description or "",
        solution=record.solution or "",
        reboot_suggested=bool(record.reboot_suggested),
        references=tuple(
            Reference(found.type or "", found.id or "", found.href or "", found.title or "")
            for found in record.references
        ),
        collections=tuple(_collection(found) for found in record.collections),
    )


def _collection(found: UpdateCollection) -> Collection:
    module = found.module
    return Collection(
        name=found.name or "",
        short_name=found.shortname or "",
        packages=tuple(_package(package) for package in found.packages),
        module=AdvisoryModule(
            module.name or "", module.stream or "", module.version, module.context or "", module.arch or ""
        )
        if module
        else None,
    )


def _package(found: UpdateCollectionPackage) -> AdvisoryPackage:
    import createrepo_c as cr

    epoch = found.epoch or "0"
    if epoch.isdecimal() and not _EPOCH.fullmatch(epoch):
        raise UpstreamError(f"{found.name}: {epoch[:40]!r} is no epoch")
    kind = cr.checksum_name_str(found.sum_type) if found.sum else ""
    return AdvisoryPackage(
        name=found.name or "",
        epoch=int(epoch) if _EPOCH.fullmatch(epoch) else 0,
        version=found.version or "",
        release=found.release or "",
        arch=found.arch or "",
        source_rpm=found.src or "",
        file_name=found.filename or "",
        checksum=f"{kind}:{found.sum}" if found.sum_type else "",
        reboot_suggested=bool(found.reboot_suggested),
        restart_suggested=bool(found.restart_suggested),
        relogin_suggested=bool(found.relogin_suggested),
    )


def _date(record: UpdateRecord, name: str) -> str:
    """Return a date in RFC 3339. createrepo_c gives a time without a zone, or seconds since 1970."""
    import createrepo_c as cr

    try:
        found = getattr(record, name)
    except (cr.CreaterepoCError, ValueError):
        return ""
    if not found:
        return ""
    try:
        moment = datetime.fromtimestamp(found, UTC) if isinstance(found, int) else found
    except (OverflowError, OSError, ValueError) as error:
        raise UpstreamError(f"{found} seconds since 1970 are no date") from error
    if moment.year > _LAST_YEAR:
        raise UpstreamError(f"{found} is no date: it is in the year {moment.year}")
    # strftime writes years before 1000 with fewer digits.
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _moment(text: str) -> datetime | None:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) if text else None
