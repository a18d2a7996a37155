"""Every reader of what somebody else may have written, as a function of bytes."""

from __future__ import annotations

import fcntl
import io
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

from snapshots.choice.recipe import read_recipe
from snapshots.content.lockfile import frozen_metadata, locked_id, locked_manifest, read_lock, written_lock
from snapshots.content.manifest import read_manifest, read_manifest_head
from snapshots.content.provenance import MirrorRecord, Provenance
from snapshots.intake.repomd import read_repomd
from snapshots.intake.upstream import read_upstream
from snapshots.storage.first_seen import first_seen, seen_pkgids
from snapshots.storage.store import Store, create_store
from spma.ccm import cache_root
from spma.cli.boot_text import boot_text
from spma.cli.console import Console
from spma.cli.inputs import desired_state
from spma.cli.options import Target
from spma.cli.plan_page import plan_page
from spma.cli.plan_text import plan_text
from spma.cli.report_text import status_text
from spma.component import read_request
from spma.profile.reading import read_profile
from spma.source import read_source
from tests.fuzz import documents, repository_documents
from tests.support.ccm import constant_database, elements
from tests.support.repodata import File, write_repodata
from tests.support.terminal import UNPRINTABLE
from yumbridge.complaint import UNDECODABLE
from yumbridge.condition.reading import read_condition
from yumbridge.config import Configuration, acyclic, load_tree, read_layer
from yumbridge.engine.child import EngineChoice, Starter
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import Opened
from yumbridge.errors import ConditionError, LockHeldError
from yumbridge.plan.document import Plan, identified, printed, read_plan
from yumbridge.run.boot import read_boot
from yumbridge.run.boot_request import boot_request
from yumbridge.run.host import HostFacts, read_host
from yumbridge.run.lock import Holder, held
from yumbridge.run.report import read_report
from yumbridge.run.standing import status_of
from yumbridge.run.state import StateFolder

Read: TypeAlias = Callable[[bytes, Path], object]
CONSOLE: Final = Console(color=False, json=False, verbose=False)


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads a document, in a folder of its own, and small documents that it takes."""

    read: Read
    documents: Callable[[], tuple[bytes, ...]]


def _profile(data: bytes, _work: Path) -> None:
    read = read_profile(data)
    state = desired_state(read, Configuration(), Target())
    printed(state)


def _cached(name: str, data: bytes, work: Path) -> None:
    """Read a profile from databases of CCM's, one of which is `data`."""
    folder = work / "profile.1"
    folder.mkdir(exist_ok=True)
    for each, whole in _databases().items():
        (folder / f"{each}.db").write_bytes(data if each == name else whole)
        (folder / f"{each}.fmt").write_bytes(b"CDB_File\n")
    _profile(read_source(folder).data, work)


@cache
def _databases() -> dict[str, bytes]:
    records = elements(documents.cached_profile())
    return dict(zip(("path2eid", "eid2data"), map(constant_database, records), strict=True))


def _ccm_configuration(data: bytes, work: Path) -> None:
    (work / "etc").mkdir(exist_ok=True)
    (work / "etc/ccm.conf").write_bytes(data)
    cache_root(work)


def _configuration(data: bytes, _work: Path) -> None:
    layer = read_layer(load_tree(Path("config.yaml"), io.BytesIO(data)), "config.yaml")
    configuration = Configuration(layers=(layer,))
    acyclic(configuration.aliases)
    printed(layer)


def _condition(data: bytes, _work: Path) -> None:
    tree = load_tree(Path("x.yaml"), io.BytesIO(data))
    condition, problems = read_condition(tree, "x.yaml", commands=True)
    if condition is None:
        raise ConditionError(problems)


def _recipe(data: bytes, _work: Path) -> None:
    read_recipe(data, "recipe.yaml")


def _plan(data: bytes, _work: Path) -> None:
    _shown(read_plan(data))


def _forged_plan(data: bytes, _work: Path) -> None:
    """Read a plan whose id was made to fit by whoever wrote it."""
    with suppress(*UNDECODABLE):
        data = printed(identified(msgspec.json.decode(data, type=Plan)))
    _shown(read_plan(data))


def _shown(plan: Plan) -> None:
    for explain in (False, True):
        _refuse_control(plan_text(plan, CONSOLE, explain=explain))
    page = plan_page(plan).decode()
    _refuse_control(page)
    assert page.count("<script") == 1
    assert "<img" not in page


def _refuse_control(text: str) -> None:
    found = UNPRINTABLE.search(text)
    assert found is None, f"a terminal would act on {found}"


def _state(name: str, data: bytes, work: Path) -> None:
    """Read what a run has left, one file of which is `data`, as `status` does."""
    folder = StateFolder(work)
    folder.path.mkdir(parents=True, exist_ok=True)
    path = folder.path / name
    path.write_bytes(data)
    try:
        status = status_of(folder, ("a-1-1.noarch",), "b")
        printed(status)
        _refuse_control(status_text(status, CONSOLE))
        _refuse_control(boot_text(read_boot(folder), CONSOLE))
        read_report(folder)
    finally:
        path.unlink()


def _holder(data: bytes, work: Path) -> None:
    """Ask who holds a lock, which says so in `data`."""
    path = work / "lock"
    path.write_bytes(data)
    with path.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            with held(path, Holder(pid=1, command="x", since="y")):
                raise AssertionError("two have the lock")
        except LockHeldError as error:
            _refuse_lines(error.message)


def _refuse_lines(text: str) -> None:
    assert "\n" not in text


def _boot_request(data: bytes, work: Path) -> None:
    folder = StateFolder(work)
    basis = f"sha256:{'0' * 64}"
    place = folder.staged(basis)
    place.mkdir(parents=True, exist_ok=True)
    (place / "request.json").write_bytes(data)
    request = boot_request(folder, basis, HostFacts(root=work))
    for repository in request.offered or ():
        assert all(url.startswith(place.as_uri()) for url in (*repository.urls, *repository.gpgkeys))


def boot_requests() -> tuple[bytes, ...]:
    """Return what a boot run is asked for."""
    from yumbridge.engine.protocol import StagedRepository
    from yumbridge.plan.document import ProfileRef
    from yumbridge.run.boot_request import StagedRequest

    state = desired_state(read_profile(documents.profiles()[0]), Configuration(), Target())
    request = StagedRequest(
        state=state,
        profile=ProfileRef(source="/srv/p", digest="sha256:00"),
        repositories=(StagedRepository("base", "repositories/0", ("keys/0",)),),
        arch="x86_64",
        releasever="9",
        kernel_release="5.14",
        snapshot_id=None,
        snapshot="",
    )
    return (printed(request),)


def _os_release(data: bytes, work: Path) -> None:
    (work / "etc").mkdir(exist_ok=True)
    (work / "etc/os-release").write_bytes(data)
    facts = read_host(work)
    _ = facts.os_major


def _lock(data: bytes, _work: Path) -> None:
    lock = read_lock(data, "x.lock")
    locked_manifest(lock)
    for repository in lock.repositories:
        frozen_metadata(repository)
    assert written_lock(read_lock(written_lock(lock), "x")) == written_lock(lock)
    locked_id(data, "x.lock")


def _manifest(data: bytes, _work: Path) -> None:
    read_manifest(data, "manifest.json")
    read_manifest_head(data, "manifest.json")


@cache
def _store(work: Path) -> Store:
    return create_store(work / "store")


def _provenance(data: bytes, work: Path) -> Provenance:
    store = _store(work)
    folder = store.snapshot("one")
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_bytes(repository_documents.manifests()[0])
    (folder / "snapshot.json").write_bytes(data)
    return store.provenance("one")


def _mirror_record(data: bytes, work: Path) -> MirrorRecord:
    store = _store(work)
    mirror = store.mirror("base")
    (mirror / "state").mkdir(parents=True, exist_ok=True)
    if not (mirror / "current").is_symlink():
        (mirror / "current").symlink_to("state")
    (mirror / "state/record.json").write_bytes(data)
    return store.mirror_record("base")


def _first_seen(data: bytes, work: Path) -> None:
    store = _store(work)
    store.mirror("base").mkdir(parents=True, exist_ok=True)
    store.first_seen("base").write_bytes(data)
    first_seen(store, "base")
    seen_pkgids(store, "base")


def _repomd(data: bytes, _work: Path) -> None:
    read_repomd(data, "repomd.xml")


def _metadata(kind: str, data: bytes, work: Path) -> None:
    """Read a repository one file of which is `data`, with a repomd.xml that fits."""
    given, spool = work / "given", work / "spool"
    files = repository_documents.Metadata().files() | {kind: data}
    for folder in (given, spool):
        shutil.rmtree(folder, ignore_errors=True)
    spool.mkdir()
    folder = write_repodata(given, *(File(each, content) for each, content in files.items()))
    upstream = read_upstream(folder, spool)
    for package in upstream.packages:
        assert ".." not in package.pool_name.split("/")
        assert not package.pool_name.startswith("/")


def _component_request(data: bytes, work: Path) -> None:
    _profile(read_request(data).source.data, work)


def _engine(data: bytes, work: Path) -> None:
    path = work / "answers"
    path.write_bytes(data)
    with EngineClient(Starter(choice=EngineChoice(command=("cat", str(path))))) as engine:
        engine.listener = _heard
        opened = engine.collect(Opened)
    printed(opened)


def _heard(phase: str, done: int, total: int) -> None:
    json.dumps([phase, done, total])


def _files_of(kind: str) -> Callable[[], tuple[bytes, ...]]:
    return partial(repository_documents.of_metadata, kind)


def _lines(text: str) -> Callable[[], tuple[bytes, ...]]:
    return lambda: (text.encode(),)


def _readers() -> dict[str, Reader]:
    found: dict[str, Any] = {
        "profile": (_profile, documents.profiles),
        "xml": (_profile, documents.xml_profiles),
        "cdb-paths": (partial(_cached, "path2eid"), documents.path_databases),
        "cdb-values": (partial(_cached, "eid2data"), documents.value_databases),
        "ccm-configuration": (_ccm_configuration, _lines("cache_root /var/lib/ccm\nkey = value\ncache_root=/x # y\n")),
        "configuration": (_configuration, documents.configurations),
        "condition": (_condition, documents.conditions),
        "recipe": (_recipe, documents.recipes),
        "plan": (_plan, documents.plans),
        "forged-plan": (_forged_plan, documents.plans),
        "report": (partial(_state, "report.json"), documents.reports),
        "inventory": (partial(_state, "inventory.json"), documents.inventories),
        "intent": (partial(_state, "intent.json"), documents.intents),
        "boot-record": (partial(_state, "boot.json"), documents.boot_records),
        "boot-request": (_boot_request, boot_requests),
        "lock-holder": (_holder, _lines('{"pid": 1, "command": "yumbridge apply", "since": "t"}\n')),
        "os-release": (_os_release, _lines('ID="rhel"\nVERSION_ID="9.4"\nPLATFORM_ID="platform:el9"\n')),
        "lock": (_lock, repository_documents.locks),
        "manifest": (_manifest, repository_documents.manifests),
        "provenance": (_provenance, repository_documents.provenances),
        "mirror-record": (_mirror_record, repository_documents.mirror_records),
        "first-seen": (_first_seen, repository_documents.first_seen_logs),
        "repomd": (_repomd, repository_documents.indexes),
        "component-request": (_component_request, documents.component_requests),
        "engine-answers": (_engine, documents.engine_answers),
    }
    for kind in ("primary", "filelists", "other", "updateinfo", "group", "modules"):
        found[kind] = (partial(_metadata, kind), _files_of(kind))
    return {name: Reader(*each) for name, each in found.items()}


READERS: Final = _readers()


def _misbehaving(data: bytes, work: Path) -> None:
    if data == _HARMLESS:
        return
    if len(data) % 2:
        (work.parent.parent / "outside").write_bytes(b"")
        (work.parent.parent / "outside").unlink()
    raise ZeroDivisionError


def _hanging(data: bytes, _work: Path) -> None:
    while data != _HARMLESS:
        pass


def _greedy(data: bytes, _work: Path) -> None:
    if data != _HARMLESS:
        _ = bytes(2 << 30)


_HARMLESS: Final = b"harmless words and more"
BROKEN: Final = {
    "misbehaving": Reader(_misbehaving, lambda: (_HARMLESS,)),
    "hanging": Reader(_hanging, lambda: (_HARMLESS,)),
    "greedy": Reader(_greedy, lambda: (_HARMLESS,)),
}
"""Readers that do what none may do, to see that it is found."""
