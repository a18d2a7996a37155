"""Upstream comes into the store whole, as one set, and only what is missing is fetched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from snapshots.errors import InvalidNameError, MutatedPackageError, NoSnapshotError, SnapshotError, UpstreamError
from snapshots.intake.upstream import read_upstream
from snapshots.mirror import mirror_repositories
from snapshots.mirror_repository import Mirrored, MirrorOptions, MirrorSource
from snapshots.repodata.compose import Compression, compressor_name
from snapshots.storage.first_seen import first_seen
from snapshots.storage.pool import Pool
from snapshots.storage.store import Store, create_store, writing
from tests.support.advisories import Advisory
from tests.support.command import environment
from tests.support.comps import comps, group, module
from tests.support.damage import corrupt_rpm, remove_rpm, truncate_rpm
from tests.support.dnf import dnf
from tests.support.repodata import Entry, File, primary, write_repodata
from tests.support.repositories import Contents, Repository
from tests.support.rpms import Rpm
from tests.support.server import Fault, Server
from tests.support.stores import frozen
from tests.support.world import World
from yumbridge.errors import LockHeldError

BASH, ZSH, FISH = (Rpm(name, arch="x86_64", files=(f"/usr/bin/{name}",)) for name in ("bash", "zsh", "fish"))
OPTIONS = MirrorOptions(retries=1, pause_s=0.01, at=datetime(2026, 11, 16, 8, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Site:
    """A world, its web server, and a store."""

    world: World
    server: Server
    store: Store

    def source(self, repo_id: str) -> MirrorSource:
        return MirrorSource(repo_id, f"{self.server.url}/{repo_id}")

    def mirror(self, *repo_ids: str, options: MirrorOptions = OPTIONS) -> tuple[Mirrored, ...]:
        """Mirror repositories of the world."""
        return mirror_repositories(self.store, [self.source(name) for name in repo_ids], options, _heard)

    @property
    def rpms(self) -> tuple[str, ...]:
        """The rpms that were asked for, sorted."""
        return tuple(sorted(path.rpartition("/")[2] for path in self.server.paths if path.endswith(".rpm")))

    @property
    def pool(self) -> list[str]:
        """Every file of the pool, hidden ones included."""
        return sorted(path.name for path in self.store.pool.rglob("*") if not path.is_dir())

    def held(self, repo_id: str) -> list[str]:
        return [package.text for package in self.store.mirrored(repo_id).packages]


def _heard(_phase: str, _done: int, _total: int) -> None:
    pass


@pytest.fixture
def site(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with world.serving() as server:
        yield Site(world, server, create_store(tmp_path / "store"))


def nothing_is_visible(site: Site, repo_id: str) -> bool:
    """Tell whether a reader finds nothing of a mirror, and the pool has nothing half-made."""
    folder = site.store.mirror(repo_id)
    seen = [path.name for path in folder.iterdir() if not path.name.startswith(".")] if folder.exists() else []
    made = folder / ".states"
    states = list(made.iterdir()) if made.exists() else []
    half = [name for name in site.pool if name.startswith(".")]
    return seen == [] and states == [] and half == [] and site.store.mirrors() == ()


# --- what comes in ------------------------------------------------------------------------------


def test_packages_metadata_and_rpms_come_into_the_store(site: Site) -> None:
    contents = Contents(rpms=(BASH, ZSH), advisories=(Advisory("EX-2024:1", (BASH,)),), modules=module("app", "1", []))
    upstream = site.world.publish("base", contents)
    (mirrored,) = site.mirror("base")
    size = sum(upstream.file(rpm).stat().st_size for rpm in (BASH, ZSH))
    assert mirrored == Mirrored(
        repo_id="base",
        packages=2,
        new_packages=2,
        advisories=1,
        missing=0,
        downloaded=2,
        downloaded_bytes=size,
        is_unchanged=False,
    )
    repository = site.store.mirrored("base")
    assert site.held("base") == [BASH.nevra, ZSH.nevra]
    assert [advisory.advisory_id for advisory in repository.index.advisories] == ["EX-2024:1"]
    assert all(Pool(site.store).has(package) for package in repository.packages)
    record = site.store.mirror_record("base")
    assert (record.read_at, record.metadata_only) == ("2026-11-16T08:00:00Z", False)


def test_a_local_repository_is_mirrored_without_a_server(site: Site) -> None:
    upstream = site.world.repository("base", BASH)
    mirror_repositories(site.store, [MirrorSource("base", upstream.path.as_uri())], OPTIONS, _heard)
    assert site.pool == [BASH.filename]


def test_a_mirror_can_be_mirrored(site: Site, tmp_path: Path) -> None:
    site.world.repository("base", BASH, ZSH)
    site.mirror("base")
    other = create_store(tmp_path / "other")
    url = (site.store.mirror("base") / "current" / "tree").as_uri()
    mirror_repositories(other, [MirrorSource("base", url)], OPTIONS, _heard)
    assert other.mirrored("base").packages == site.store.mirrored("base").packages


def test_a_mirror_is_a_repository_that_dnf_reads(site: Site, tmp_path: Path) -> None:
    site.world.repository("base", BASH, ZSH)
    site.mirror("base")
    tree = site.store.mirror("base") / "current" / "tree"
    query = ("repoquery", "--quiet", "--available", "--qf", "%{name}-%{version}-%{release}.%{arch}\n")
    found = dnf(tmp_path / "root", *query, repositories=[Repository("base", tree, tree.as_uri(), ())])
    assert set(found.stdout.split()) == {BASH.nevra, ZSH.nevra}, found.stderr


def test_upstream_metadata_is_kept_as_it_came(site: Site) -> None:
    upstream = site.world.repository("base", BASH)
    site.mirror("base")
    kept = site.store.mirror("base") / "repodata"
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == {
        path.name: path.read_bytes() for path in upstream.repomd.parent.iterdir()
    }


def test_an_unchanged_upstream_costs_its_repomd(site: Site) -> None:
    site.world.repository("base", BASH)
    site.mirror("base")
    site.server.forget_requests()
    (mirrored,) = site.mirror("base", options=replace(OPTIONS, at=datetime(2026, 11, 17, tzinfo=UTC)))
    assert mirrored.is_unchanged
    assert set(site.server.paths) == {"/base/repodata/repomd.xml"}
    assert site.store.mirror_record("base").read_at == "2026-11-17T00:00:00Z"


def test_only_what_is_new_is_fetched(site: Site) -> None:
    site.world.repository("base", BASH, ZSH)
    site.mirror("base")
    site.world.repository("base", ZSH, FISH)
    site.server.forget_requests()
    (mirrored,) = site.mirror("base", options=replace(OPTIONS, at=datetime(2026, 11, 17, tzinfo=UTC)))
    assert site.rpms == (FISH.filename,)
    assert (mirrored.packages, mirrored.new_packages) == (2, 1)
    assert site.held("base") == [FISH.nevra, ZSH.nevra]
    assert len(list((site.store.mirror("base") / ".states").iterdir())) == 1
    moments = sorted(first_seen(site.store, "base").values())
    assert moments == ["2026-11-16T08:00:00Z", "2026-11-16T08:00:00Z", "2026-11-17T00:00:00Z"]


def test_an_rpm_that_another_repository_has_is_not_fetched(site: Site) -> None:
    site.world.repository("base", BASH)
    site.world.repository("more", BASH, ZSH)
    site.mirror("base")
    site.server.forget_requests()
    site.mirror("more")
    assert site.rpms == (ZSH.filename,)


def test_metadata_alone_is_mirrored_and_completed_later(site: Site) -> None:
    site.world.repository("base", BASH)
    (first,) = site.mirror("base", options=replace(OPTIONS, metadata_only=True))
    assert (first.missing, first.downloaded, site.rpms) == (1, 0, ())
    assert site.store.mirror_record("base").metadata_only
    site.server.forget_requests()
    (second,) = site.mirror("base")
    assert (second.missing, second.downloaded, second.is_unchanged) == (0, 1, False)
    assert site.rpms == (BASH.filename,)
    assert [path for path in site.server.paths if "primary" in path] == []
    assert not site.store.mirror_record("base").metadata_only


def test_each_mirror_stays_with_or_without_rpms_until_it_is_named_otherwise(site: Site) -> None:
    for name, rpm in (("base", BASH), ("extra", ZSH)):
        site.world.repository(name, rpm)
    site.mirror("base")
    site.mirror("extra", options=replace(OPTIONS, metadata_only=True))
    site.server.forget_requests()

    for name, rpms in (("base", (BASH,)), ("extra", (ZSH, FISH))):
        site.world.repository(name, *rpms)
    assert [(each.repo_id, each.missing) for each in site.mirror()] == [("base", 0), ("extra", 2)]
    assert [(each.repo_id, each.missing) for each in site.mirror()] == [("base", 0), ("extra", 2)]
    assert site.rpms == ()
    assert [site.store.mirror_record(name).wants_rpms for name in ("base", "extra")] == [True, False]

    assert [each.missing for each in site.mirror("extra")] == [0]
    assert [each.missing for each in site.mirror()] == [0, 0]
    assert site.store.mirror_record("extra").wants_rpms


def test_a_mirror_whose_rpms_others_brought_still_does_not_want_them(site: Site) -> None:
    for name in ("base", "extra"):
        site.world.repository(name, BASH)
    site.mirror("extra", options=replace(OPTIONS, metadata_only=True))
    site.mirror("base")
    site.mirror()

    record = site.store.mirror_record("extra")
    assert (record.metadata_only, record.wants_rpms) == (False, False)


def test_another_compression_is_composed_again_from_what_is_there(site: Site) -> None:
    site.world.repository("base", BASH)
    site.mirror("base")
    site.server.forget_requests()
    site.mirror("base", options=replace(OPTIONS, compression=Compression.GZIP))
    assert set(site.server.paths) == {"/base/repodata/repomd.xml"}
    assert site.store.mirrored("base").index.compression == compressor_name(Compression.GZIP)


def test_a_damaged_mirror_is_made_again(site: Site) -> None:
    site.world.repository("base", BASH)
    site.mirror("base")
    index = site.store.mirror("base") / "current" / "index.msgpack"
    index.write_bytes(b"damaged")
    site.mirror("base")
    assert site.held("base") == [BASH.nevra]


def flip(path: Path) -> None:
    """Damage one byte of a file, which keeps its size and its other names."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    path.write_bytes(content)


@pytest.mark.parametrize("kind", ["primary", "updateinfo", "comps", "modules", "repomd"])
def test_a_state_with_a_flipped_byte_is_made_again_and_told(site: Site, kind: str) -> None:
    site.world.publish(
        "base",
        Contents(
            rpms=(BASH,),
            advisories=(Advisory("EX-2024:1", (BASH,)),),
            comps=comps(group("g", mandatory=("bash",))),
            modules=module("app", "1", []),
        ),
    )
    site.mirror("base")
    repodata = site.store.mirror("base") / "current" / "tree" / "repodata"
    before = {path.name: path.read_bytes() for path in repodata.iterdir()}
    (damaged,) = repodata.glob(f"*{kind}*")
    flip(damaged)
    site.server.forget_requests()

    (mirrored,) = site.mirror("base")

    assert {path.name: path.read_bytes() for path in repodata.iterdir()} == before
    assert not mirrored.is_unchanged
    assert "was damaged" in mirrored.warnings[0]
    assert set(site.server.paths) == {"/base/repodata/repomd.xml"}
    assert site.mirror("base")[0].is_unchanged


def test_a_damaged_copy_of_upstream_is_fetched_again_when_rpms_are_missing(site: Site) -> None:
    upstream = site.world.repository("base", BASH, ZSH)
    site.mirror("base")
    kept = site.store.mirror("base") / "repodata" / "primary.xml.gz"
    flip(kept)
    (missing,) = site.store.pool.rglob(BASH.filename)
    missing.unlink()

    (mirrored,) = site.mirror("base")

    assert mirrored.downloaded == 1
    assert kept.read_bytes() == (upstream.path / "repodata" / "primary.xml.gz").read_bytes()
    assert site.pool == [BASH.filename, ZSH.filename]


@pytest.mark.parametrize("is_changed", [False, True])
def test_a_damaged_rpm_is_fetched_again_when_that_is_asked_for(site: Site, *, is_changed: bool) -> None:
    upstream = site.world.repository("base", BASH, ZSH)
    site.mirror("base")
    (damaged,) = site.store.pool.rglob(BASH.filename)
    flip(damaged)
    site.server.forget_requests()
    assert site.mirror("base")[0].is_unchanged
    if is_changed:
        site.world.publish("base", Contents(rpms=(BASH, ZSH), revision=2_000_000_000))

    (mirrored,) = site.mirror("base", options=replace(OPTIONS, verifies=True))

    assert (mirrored.downloaded, site.rpms) == (1, (BASH.filename,))
    assert damaged.read_bytes() == upstream.file(BASH).read_bytes()


def test_without_names_every_mirror_is_refreshed(site: Site) -> None:
    site.world.repository("base", BASH)
    site.world.repository("more", ZSH)
    site.mirror("more", "base")
    site.world.repository("base", BASH, FISH)
    assert [(each.repo_id, each.is_unchanged) for each in site.mirror()] == [("base", False), ("more", True)]


def test_progress_is_told_in_bytes(site: Site) -> None:
    upstream = site.world.repository("base", BASH)
    heard: list[tuple[str, int, int]] = []

    def listen(phase: str, done: int, total: int) -> None:
        heard.append((phase, done, total))

    mirror_repositories(site.store, [site.source("base")], OPTIONS, listen)
    size = upstream.file(BASH).stat().st_size
    assert heard[-1] == ("base packages", size, size)
    assert {phase for phase, _, _ in heard} == {"base metadata", "base packages"}


def test_credentials_are_used_and_never_stored(site: Site) -> None:
    site.world.repository("base", BASH)
    url = f"{site.server.url.replace('://', '://me:secret@')}/base"
    mirror_repositories(site.store, [MirrorSource("base", url)], OPTIONS, _heard)
    assert all("authorization" in {name.lower() for name in asked.headers} for asked in site.server.requests)
    assert site.store.mirror_record("base").url == f"{site.server.url}/base"
    for path in site.store.path.rglob("*"):
        if path.is_file():
            assert b"secret" not in path.read_bytes()


def test_a_mirror_whose_url_had_credentials_says_why_it_cannot_be_read_again(site: Site) -> None:
    site.world.repository("base", BASH)
    site.mirror("base")
    site.server.fail("/base/repodata/*", Fault(status=401))
    with pytest.raises(UpstreamError) as caught:
        site.mirror("base")
    assert "credentials are never stored" in " ".join((caught.value.message, *caught.value.details))


def test_what_upstream_has_no_more_is_told(site: Site) -> None:
    site.world.publish("base", Contents(rpms=(BASH, ZSH), advisories=(Advisory("EX-2024:1", (BASH,)),)))
    site.mirror("base")
    site.world.publish("base", Contents(rpms=(BASH,)))
    (mirrored,) = site.mirror("base")
    assert mirrored.warnings == (
        "1 package gone from upstream: only snapshots that hold such have them still",
        "upstream has no advisories any more",
    )


def test_an_upstream_that_goes_back_is_told(site: Site) -> None:
    site.world.publish("base", Contents(rpms=(BASH,), revision=200))
    site.mirror("base")
    site.world.publish("base", Contents(rpms=(BASH,), revision=100))
    (mirrored,) = site.mirror("base")
    assert mirrored.warnings == ("upstream went back: its revision is 100 and was 200",)


# --- one set ------------------------------------------------------------------------------------


def test_repositories_of_one_set_were_read_in_one_pass(site: Site) -> None:
    site.world.repository("base", BASH)
    site.world.repository("more", ZSH)
    site.mirror("base", "more")
    assert site.store.mirror_record("base").passed == site.store.mirror_record("more").passed
    site.mirror("base")
    assert site.store.mirror_record("base").passed != site.store.mirror_record("more").passed


def moving(site: Site, changes: Iterator[tuple[Rpm, ...]], *, every: int) -> None:
    """Let the repository `base` change before every so-many-th request for its repomd.xml."""
    asked: list[None] = []

    def move_on() -> None:
        asked.append(None)
        if len(asked) % every == 0:
            site.world.repository("base", *next(changes))

    site.server.watch("/base/repodata/repomd.xml", move_on)


def test_an_upstream_that_moves_on_meanwhile_is_read_again(site: Site) -> None:
    site.world.repository("base", BASH)
    site.world.repository("more", FISH)
    moving(site, iter([(BASH, ZSH), (BASH, ZSH)]), every=2)
    site.mirror("base", "more")
    assert site.held("base") == [BASH.nevra, ZSH.nevra]
    assert site.rpms == (BASH.filename, FISH.filename, ZSH.filename)


def test_what_never_became_a_state_was_never_seen(site: Site) -> None:
    site.world.repository("base", BASH)
    site.world.repository("more", FISH)
    site.mirror("base", "more")
    seen = first_seen(site.store, "base")

    site.world.repository("base", BASH, ZSH)
    site.world.repository("more", FISH, Rpm("gone"))
    site.server.fail("/more/Packages/*", Fault(status=404))
    with pytest.raises(UpstreamError):
        site.mirror("base", "more")
    assert first_seen(site.store, "base") == seen

    site.server.heal()
    site.world.repository("base", BASH, other_bytes(ZSH))
    assert [each.new_packages for each in site.mirror("base", "more")] == [1, 1]
    assert len(first_seen(site.store, "base")) == 2


def test_an_upstream_that_never_rests_is_given_up(site: Site) -> None:
    builds = [Rpm("a", f"{number}-1") for number in range(40)]
    site.world.repository("base", builds[0])
    site.world.repository("more", FISH)
    moving(site, iter([(build,) for build in builds[1:]]), every=1)
    with pytest.raises(UpstreamError, match="base: upstream changed in each of 5 readings"):
        site.mirror("base", "more")
    assert site.store.mirrors() == ()


def test_files_that_vanish_because_upstream_moves_on_are_no_error(site: Site) -> None:
    upstream = site.world.repository("base", BASH)
    moved: list[None] = []

    def move_on() -> None:
        if not moved:
            moved.append(None)
            site.world.repository("base", ZSH)

    site.server.watch(f"/base/Packages/{BASH.filename}", move_on)
    site.mirror("base")
    assert upstream.path.exists()
    assert site.held("base") == [ZSH.nevra]


def test_no_mirror_is_switched_when_one_of_the_set_fails(site: Site) -> None:
    site.world.repository("base", BASH)
    site.world.repository("more", FISH)
    site.mirror("base", "more")
    site.world.repository("base", BASH, ZSH)
    broken = site.world.repository("more", FISH, ZSH, Rpm("broken"))
    remove_rpm(broken, Rpm("broken"))
    with pytest.raises(UpstreamError, match="status 404"):
        site.mirror("base", "more")
    assert (site.held("base"), site.held("more")) == ([BASH.nevra], [FISH.nevra])


# --- changed bytes ------------------------------------------------------------------------------


def other_bytes(rpm: Rpm) -> Rpm:
    return replace(rpm, vendor="Another")


def test_other_bytes_under_a_known_nevra_are_refused_unless_told(site: Site) -> None:
    site.world.repository("base", BASH, ZSH)
    site.mirror("base")
    before = site.pool
    (known,) = [package for package in site.store.mirrored("base").packages if package.name == "bash"]
    site.world.repository("base", other_bytes(BASH), ZSH)
    with pytest.raises(MutatedPackageError) as caught:
        site.mirror("base")
    (detail,) = caught.value.details
    assert detail.startswith(f"{BASH.nevra}: ")
    assert detail.endswith(f"known as {known.pkgid}")
    assert site.pool == before
    assert site.store.mirrored("base").packages[0] == known
    site.mirror("base", options=replace(OPTIONS, allow_mutated=True))
    assert site.store.mirrored("base").packages[0].pkgid != known.pkgid
    assert site.mirror("base")[0].is_unchanged


def test_bytes_that_were_seen_before_are_known_for_ever(site: Site) -> None:
    site.world.repository("base", BASH)
    site.mirror("base")
    site.world.repository("base", ZSH)
    site.mirror("base")
    site.world.repository("base", other_bytes(BASH))
    with pytest.raises(MutatedPackageError):
        site.mirror("base")


def test_bytes_that_a_snapshot_has_are_known(site: Site) -> None:
    frozen(site.store, "monday", [site.world.repository("base", BASH)])
    site.world.repository("base", other_bytes(BASH))
    with pytest.raises(MutatedPackageError, match="1 known NEVRA"):
        site.mirror("base")


def test_two_builds_of_one_nevra_are_refused_until_both_are_known(site: Site) -> None:
    folder = write_repodata(site.world.repositories / "base", File("primary", primary(Entry(), Entry(pkgid="f" * 64))))
    metadata = replace(OPTIONS, metadata_only=True)
    with pytest.raises(MutatedPackageError, match="base: upstream has other bytes"):
        site.mirror("base", options=metadata)
    site.mirror("base", options=replace(metadata, allow_mutated=True))
    both = (Entry(summary="edited"), Entry(pkgid="f" * 64))
    write_repodata(folder.parent, File("primary", primary(*both)))
    assert site.mirror("base", options=metadata)[0].packages == 2


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("damage", [corrupt_rpm, truncate_rpm, remove_rpm])
def test_an_rpm_that_is_not_what_the_metadata_says_is_never_in_the_pool(
    site: Site, damage: Callable[[Repository, Rpm], None]
) -> None:
    upstream = site.world.repository("base", BASH, ZSH, FISH)
    damage(upstream, ZSH)
    with pytest.raises(UpstreamError):
        site.mirror("base")
    assert site.pool == [BASH.filename, FISH.filename]
    assert nothing_is_visible(site, "base")
    site.world.repository("base", BASH, ZSH, FISH)
    site.server.forget_requests()
    site.mirror("base")
    assert site.rpms == (ZSH.filename,)


@pytest.mark.parametrize(
    "entry",
    [
        Entry(href="../../../escaped.rpm"),
        Entry(href="/escaped.rpm"),
        Entry(href="%2e%2e/escaped.rpm"),
        Entry(base="file:///etc"),
        Entry(pkgid="../escaped"),
        Entry(name="../escaped"),
        Entry(size="-1"),
    ],
)
def test_hostile_metadata_writes_nothing(site: Site, tmp_path: Path, entry: Entry) -> None:
    write_repodata(site.world.repositories / "base", File("primary", primary(entry)))
    with pytest.raises(UpstreamError, match="refused"):
        site.mirror("base")
    assert site.rpms == ()
    assert nothing_is_visible(site, "base")
    assert {path.name for path in tmp_path.iterdir()} <= {"store", site.world.repositories.name}
    assert list((site.store.mirror("base") / ".partial").iterdir()) == []


@pytest.mark.parametrize(
    "file",
    [
        File("primary", primary(Entry()), href="../../escaped.xml"),
        File("primary", primary(Entry()), checksum="0" * 64),
        File("primary", primary(Entry()), size=10),
        File("primary", primary(Entry()), open_size=10),
        File("primary", primary(Entry()), opened=b"another"),
        File("primary", primary(Entry(), Entry(summary="another"))),
        File("primary", primary(Entry(), before='<!DOCTYPE metadata [<!ENTITY a "b">]>')),
    ],
    ids=["href", "checksum", "size", "open-size", "open-checksum", "pkgid twice", "entity"],
)
def test_repodata_that_is_not_what_it_says_is_refused(site: Site, file: File) -> None:
    write_repodata(site.world.repositories / "base", file)
    with pytest.raises(UpstreamError):
        site.mirror("base")
    assert nothing_is_visible(site, "base")


BUILD = module("app", "1", [])


@pytest.mark.parametrize(
    "file",
    [
        File("group", f"<comps>{'<group>' * 300}{'</group>' * 300}</comps>".encode()),
        File("group", b"<comps><group></comps>"),
        File("modules", f"{BUILD}--- {'[' * 2000}".encode()),
        File("modules", f"{BUILD}--- &a [*a]\n".encode()),
        File("modules", f"{BUILD}--- !!python/name:os.system a\n".encode()),
        File("modules", f"{BUILD}---\n? [a]\n: b\n".encode()),
        File("modules", BUILD.replace("stream: '1'", "stream: [1]").encode()),
        File("modules", BUILD.replace("version: 1", "version: " + "9" * 5000).encode()),
    ],
    ids=["deep comps", "open comps", "deep yaml", "alias", "tag", "key", "type", "number"],
)
def test_metadata_that_no_cut_could_limit_is_refused_while_the_last_state_stays(site: Site, file: File) -> None:
    whole = File("primary", primary(Entry()))
    metadata = replace(OPTIONS, metadata_only=True)
    write_repodata(site.world.repositories / "base", whole)
    site.mirror("base", options=metadata)
    before = site.store.mirror_record("base")

    write_repodata(site.world.repositories / "base", whole, file)
    with pytest.raises(UpstreamError, match=f"refused: .*/base/.*/{file.kind}.xml: ") as caught:
        site.mirror("base", options=metadata)
    assert "document 2" in caught.value.message or BUILD.encode() not in file.content
    assert site.store.mirror_record("base") == before


def test_every_file_that_cannot_be_had_is_told(site: Site) -> None:
    upstream = site.world.repository("base", BASH, ZSH, FISH)
    remove_rpm(upstream, BASH)
    truncate_rpm(upstream, ZSH)
    with pytest.raises(UpstreamError, match="base packages: 2 of 3 files could not be fetched") as caught:
        site.mirror("base")
    assert {BASH.filename in line or ZSH.nevra in line for line in caught.value.details} == {True}
    assert site.pool == [FISH.filename]


def test_an_endless_repomd_is_not_read(site: Site) -> None:
    folder = site.world.repositories / "base" / "repodata"
    folder.mkdir(parents=True)
    (folder / "repomd.xml").write_bytes(bytes(5 << 20))
    with pytest.raises(UpstreamError, match="larger than"):
        site.mirror("base")


@pytest.mark.parametrize("part", ["mirrors", "mirrors/base", "mirrors/base/.states", "mirrors/base/.partial", "pool"])
def test_nothing_is_written_through_a_link(site: Site, tmp_path: Path, part: str) -> None:
    site.world.repository("base", BASH)
    outside = tmp_path / "outside"
    outside.mkdir()
    path = site.store.path / part
    if path.exists():
        path.rmdir()
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(outside)
    with pytest.raises(SnapshotError, match="is a link"):
        site.mirror("base")
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "/srv/os",
        "ftp://host/os",
        "http://host/os?x=1",
        "os",
        "http://me:secret@[",
        "http://me:p/secret@host/os",
        "http://token/secret@host/os?",
        "me:secret@host",
    ],
)
def test_a_url_of_another_kind_is_refused(site: Site, url: str) -> None:
    with pytest.raises(UpstreamError, match="http, https or file") as caught:
        mirror_repositories(site.store, [MirrorSource("base", url)], OPTIONS, _heard)
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("url", ["file://me:secret@host/os", "http://me:secret@localhost:1/os"])
def test_a_url_that_cannot_be_read_is_told_without_credentials(site: Site, url: str) -> None:
    with pytest.raises(UpstreamError, match=r"//(host|localhost:1)/os") as caught:
        mirror_repositories(site.store, [MirrorSource("base", url)], OPTIONS, _heard)
    assert "secret" not in caught.value.message


def test_names_are_judged_before_anything_is_read(site: Site) -> None:
    for names in (("../base",), ("base", "base")):
        with pytest.raises(InvalidNameError):
            site.mirror(*names)
    assert site.server.requests == ()


def test_a_store_without_mirrors_has_nothing_to_refresh(site: Site) -> None:
    with pytest.raises(NoSnapshotError, match="no mirrors"):
        site.mirror()


def test_a_second_writer_is_told_who_holds_the_lock(site: Site) -> None:
    site.world.repository("base", BASH)
    with writing(site.store, "snapshot cut"), pytest.raises(LockHeldError, match="snapshot cut"):
        site.mirror("base")


def test_a_repository_that_is_not_there_is_told(site: Site) -> None:
    with pytest.raises(UpstreamError, match=r"/base/repodata/repomd.xml: status 404"):
        site.mirror("base")


# --- interruptions ------------------------------------------------------------------------------

CHILD = """
import sys
from pathlib import Path
from snapshots.mirror import mirror_repositories
from snapshots.mirror_repository import MirrorOptions, MirrorSource
from snapshots.storage.store import open_store
store, url = open_store(Path(sys.argv[1])), sys.argv[2]
mirror_repositories(store, [MirrorSource("base", url)], MirrorOptions(workers=1), lambda *_: None)
"""


def start(site: Site) -> subprocess.Popen[bytes]:
    """Mirror in a process of its own, one file at a time."""
    argv = [sys.executable, "-c", CHILD, str(site.store.path), f"{site.server.url}/base"]
    return subprocess.Popen(argv, env=environment(), start_new_session=True)


def many(site: Site) -> Repository:
    return site.world.repository("base", *(Rpm(f"p{number}", files=("/x",)) for number in range(6)))


def test_a_killed_mirror_fetches_only_what_is_missing_when_run_again(site: Site) -> None:
    upstream = many(site)
    stuck = f"/base/Packages/{upstream.rpms[3].filename}"
    site.server.fail(stuck, Fault(delay_s=60))
    with start(site) as process:
        wait_until(lambda: stuck in site.server.paths)
        os.killpg(process.pid, signal.SIGKILL)
    assert site.store.mirrors() == ()
    assert site.pool == [rpm.filename for rpm in upstream.rpms[:3]]
    site.server.heal()
    site.server.forget_requests()
    site.mirror("base")
    assert site.rpms == tuple(rpm.filename for rpm in upstream.rpms[3:])
    assert {path for path in site.server.paths if "repodata" in path} == {"/base/repodata/repomd.xml"}
    assert len(site.pool) == 6


def test_an_rpm_that_was_cut_off_is_continued(site: Site) -> None:
    upstream = many(site)
    path = f"/base/Packages/{upstream.rpms[3].filename}"
    site.server.fail(path, Fault(cut_at=1000))
    with pytest.raises(UpstreamError, match="IncompleteRead"):
        site.mirror("base")
    site.server.heal()
    site.server.forget_requests()
    site.mirror("base")
    (request,) = [request for request in site.server.requests if request.path == path]
    # The run before came so far, in two attempts.
    assert request.headers["Range"] == "bytes=2000-"


def test_a_mirror_killed_at_any_moment_leaves_the_last_state_readable(site: Site, tmp_path: Path) -> None:
    many(site)
    site.mirror("base")
    before = site.held("base")
    site.world.repository("base", *(Rpm(f"q{number}", files=("/x",)) for number in range(6)))
    begun = time.monotonic()
    with start(site) as process:
        assert process.wait() == 0
    whole = time.monotonic() - begun
    after_all = site.held("base")
    for part in (0.55, 0.7, 0.8, 0.9, 0.97):
        if site.held("base") == after_all:
            many(site)
        with start(site) as process:
            time.sleep(whole * part)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        assert site.held("base") in (before, after_all)
        work = tmp_path / f"work-{part}"
        work.mkdir()
        tree = site.store.mirror("base") / "current" / "tree"
        assert [package.text for package in read_upstream(tree / "repodata", work).packages] == site.held("base")
    site.mirror("base")
    assert [path.name for path in site.store.mirror("base").iterdir() if path.name == ".partial"] == []


def wait_until(is_true: Callable[[], bool], limit_s: float = 30) -> None:
    """Wait until something becomes true."""
    end = time.monotonic() + limit_s
    while not is_true():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)
