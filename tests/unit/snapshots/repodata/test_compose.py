"""Repodata made of repodata."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import createrepo_c as cr
import msgspec
import pytest

from snapshots.content.manifest import MetadataKind, manifest_id
from snapshots.content.package import StoredPackage
from snapshots.errors import SnapshotError, StoreError
from snapshots.repodata.chunk_source import chunks_digest
from snapshots.repodata.compose import Compression, Contents, compose, compressor_name, link_packages
from snapshots.repodata.index import ChunkKind, IndexedRepository
from snapshots.repodata.updateinfo import written_updateinfo
from tests.support.advisories import Advisory as Described
from tests.support.chunks import Made, composed, made
from tests.support.comps import comps, group, module
from tests.support.dnf import dnf
from tests.support.project import ROOT
from tests.support.repositories import Contents as Published
from tests.support.repositories import Repository
from tests.support.rpms import Rpm
from tests.support.stores import Frozen, frozen, new_store
from tests.support.world import World
from yumbridge.plan.document import digest_of_bytes
from yumbridge.rpm.advisory import Advisory, AdvisoryPackage, Collection

NAMES = "abcdefgh"
SOURCE = made((name, build) for name in NAMES for build in range(1, 40))


def contents(source: Made = SOURCE, **more: object) -> Contents:
    plain = Contents(repo_id="r", packages=source.packages, sources=(source,))
    return Contents(**({name: getattr(plain, name) for name in Contents.__slots__} | more))


def advisories(count: int, title: str = "t") -> tuple[Advisory, ...]:
    return tuple(
        msgspec.convert([f"A-{number:03}", "security", "", title, *[""] * 11, False, [], []], Advisory)
        for number in range(count)
    )


# --- what the readers of the world make of it ---------------------------------------------------

OLD = Rpm("a", "1-1")
A = Rpm("a", "1:2-3", files={"/usr/share/a": "a"})
B = Rpm("b", requires=("a",), files=("/usr/bin/b",))
C = Rpm("c", "7-1", arch="x86_64")
PUBLISHED = Published(
    rpms=(A, B, C),
    advisories=(Described("RHSA-2026:1", packages=(A,), severity="Critical"),),
    comps=comps(group("tools", mandatory=("b",))),
    modules=module("app", "1", ["c-0:7-1.x86_64"]),
)


@pytest.fixture(params=list(Compression))
def repository(request: pytest.FixtureRequest, world: World) -> Repository:
    """Return a repository of a snapshot, as others see it."""
    store = new_store(world.path / "store")
    frozen(store, "one", [world.publish("base", PUBLISHED)], Frozen(compression=request.param))
    tree = store.snapshot("one") / "base"
    return Repository("base", tree, tree.as_uri(), PUBLISHED.rpms)


def test_createrepo_c_reads_every_file(repository: Repository) -> None:
    repomd = cr.Repomd(str(repository.repomd))
    kinds = [record.type for record in repomd.records]
    assert kinds == ["primary", "filelists", "other", "group", "modules", "updateinfo"]
    for record in repomd.records:
        path = repository.path / record.location_href
        assert record.checksum == hashlib.sha256(path.read_bytes()).hexdigest()
        assert path.name.startswith(record.checksum)
        assert record.size == path.stat().st_size
        assert record.timestamp == int(repomd.revision)
    packages = list(cr.PackageIterator(*(str(repository.path / record.location_href) for record in repomd.records[:3])))
    assert [package.nevra() for package in packages] == ["a-1:2-3.noarch", "b-0:1-1.noarch", "c-0:7-1.x86_64"]
    assert [(path + name) for _, path, name in packages[1].files] == ["/usr/bin/b"]
    for package in packages:
        rpm = repository.path / package.location_href
        assert package.pkgId == hashlib.sha256(rpm.read_bytes()).hexdigest()
        assert package.time_file == package.time_build


def test_comps_is_not_compressed(repository: Repository) -> None:
    [path] = (repository.path / "repodata").glob("*-comps.xml*")
    assert path.read_text(encoding="utf-8").startswith("<?xml")


def test_the_sums_of_repomd_are_those_of_what_a_reader_decompresses(repository: Repository, tmp_path: Path) -> None:
    for record in cr.Repomd(str(repository.repomd)).records:
        cr.decompress_file(
            str(repository.path / record.location_href), str(tmp_path / "plain"), cr.AUTO_DETECT_COMPRESSION
        )
        plain = (tmp_path / "plain").read_bytes()
        assert (record.checksum_open, record.size_open) == (hashlib.sha256(plain).hexdigest(), len(plain))


def test_dnf_installs_a_group_from_it(repository: Repository, world: World) -> None:
    root = world.root()
    outcome = dnf(
        root.path, "--setopt=tsflags=test", "--nogpgcheck", "group", "install", "tools", repositories=[repository]
    )
    assert outcome.code == 0, outcome
    assert "Transaction test succeeded" in outcome.stdout


def test_dnf_sees_advisories_and_modules(repository: Repository, world: World) -> None:
    root = world.root(OLD)
    advised = dnf(root.path, "updateinfo", "list", repositories=[repository])
    assert "RHSA-2026:1 Critical/Sec. a-1:2-3.noarch" in advised.stdout, advised
    streams = dnf(root.path, "--setopt=module_platform_id=platform:el9", "module", "list", repositories=[repository])
    assert "app" in streams.stdout, streams


# --- what is written ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(ChunkKind))
def test_a_file_is_a_head_the_chunks_and_an_end_as_createrepo_c_writes_them(tmp_path: Path, kind: ChunkKind) -> None:
    repository, _ = composed(contents(), tmp_path / "r")
    cr.decompress_file(
        str(repository.tree / repository.index.files[kind].path), str(tmp_path / "plain"), cr.AUTO_DETECT_COMPRESSION
    )
    made_by = {
        ChunkKind.PRIMARY: cr.PrimaryXmlFile,
        ChunkKind.FILELISTS: cr.FilelistsXmlFile,
        ChunkKind.OTHER: cr.OtherXmlFile,
    }
    file = made_by[kind](str(tmp_path / "expected"), cr.NO_COMPRESSION)
    file.set_num_of_pkgs(len(SOURCE.packages))
    for chunk in SOURCE.chunks(kind, range(len(SOURCE.packages))):
        file.add_chunk(chunk.decode())
    file.close()
    assert (tmp_path / "plain").read_bytes() == (tmp_path / "expected").read_bytes()


def test_an_empty_repository_is_read_as_one(tmp_path: Path) -> None:
    repository, _ = composed(Contents(repo_id="r", packages=(), sources=()), tmp_path / "r")
    records = cr.Repomd(str(repository.tree / "repodata/repomd.xml")).records
    assert [record.type for record in records] == ["primary", "filelists", "other"]
    assert not list(cr.PackageIterator(*(str(repository.tree / record.location_href) for record in records)))


def test_times_are_when_the_newest_package_was_built(tmp_path: Path) -> None:
    repository, _ = composed(contents(), tmp_path / "r")
    assert cr.Repomd(str(repository.tree / "repodata/repomd.xml")).revision == "1039"


def test_the_manifest_says_what_was_written(tmp_path: Path) -> None:
    said = advisories(3)
    (tmp_path / "r").mkdir()
    manifest = compose(
        contents(advisories=said, comps=b"<comps/>", modules=b"---\n"),
        tmp_path / "r/tree",
        tmp_path / "r/index",
        Compression.ZSTD,
    )
    assert [(package.pkgid, package.location) for package in manifest.packages] == [
        (package.pkgid, package.location) for package in SOURCE.packages
    ]
    assert {entry.kind: entry.digest for entry in manifest.metadata} == {
        MetadataKind.COMPS: digest_of_bytes(b"<comps/>"),
        MetadataKind.MODULES: digest_of_bytes(b"---\n"),
        MetadataKind.UPDATEINFO: digest_of_bytes(written_updateinfo(said)),
    }


def test_the_compression_changes_neither_the_manifest_nor_the_chunks(tmp_path: Path) -> None:
    manifests = []
    for compression in Compression:
        (tmp_path / compression).mkdir()
        tree, index = tmp_path / compression / "tree", tmp_path / compression / "index"
        manifests.append(compose(contents(advisories=advisories(3)), tree, index, compression))
    assert manifests[0] == manifests[1]
    assert compressor_name(Compression.ZSTD) != compressor_name(Compression.GZIP)


def test_the_bytes_depend_on_no_hash_seed(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tests.support.chunks import *\n"
        "every = made((name, build) for name in 'abcd' for build in range(1, 30))\n"
        "some = made([(n, b) for n in 'ab' for b in range(1, 9)], frozenset({ChunkKind.PRIMARY}))\n"
        "source = every.only(lambda each: each.name > 'b')\n"
        "packages = tuple(sorted(source.packages + some.packages, key=lambda each: each.order))\n"
        "_, files = composed(Contents(repo_id='r', packages=packages, sources=(source, some)), Path(sys.argv[1]))\n"
        "print(hashlib.sha256(repr(files).encode()).hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / seed)],
            check=True,
            capture_output=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(digests) == 1


# --- what is taken over -------------------------------------------------------------------------


def keys(repository: IndexedRepository, kind: ChunkKind = ChunkKind.PRIMARY) -> list[bytes]:
    return [frame.key for frame in repository.index.files[kind].frames]


def test_one_new_package_changes_one_frame(tmp_path: Path) -> None:
    more = made([*((name, build) for name in NAMES for build in range(1, 40)), ("c", 77)])
    before, after = composed(contents(), tmp_path / "b")[0], composed(contents(more), tmp_path / "a")[0]
    assert len(keys(before)) > 5
    assert len(set(keys(after)) - set(keys(before))) in {1, 2}


@dataclass(frozen=True, slots=True)
class Counting:
    """A source that notes what is asked of it."""

    source: Made
    asked: list[int]

    @property
    def packages(self) -> Sequence[StoredPackage]:
        return self.source.packages

    @property
    def kinds(self) -> frozenset[ChunkKind]:
        return self.source.kinds

    def chunks(self, kind: ChunkKind, numbers: Sequence[int]) -> Iterator[bytes]:
        self.asked.extend(numbers)
        return self.source.chunks(kind, numbers)


def test_what_can_be_taken_over_is_not_asked_of_the_sources(tmp_path: Path) -> None:
    before, _ = composed(contents(), tmp_path / "before")
    counting = Counting(SOURCE, [])
    composed(contents(sources=(counting,), reusable=(before,)), tmp_path / "after")
    assert counting.asked == []


def test_advisories_are_taken_over_where_they_are_equal(tmp_path: Path) -> None:
    before, _ = composed(contents(advisories=advisories(60)), tmp_path / "before")
    changed = (*advisories(30), *advisories(60, "another")[30:40], *advisories(60)[40:])
    expected = composed(contents(advisories=changed), tmp_path / "expected")[1]
    after, written = composed(contents(advisories=changed, reusable=(before,)), tmp_path / "after")
    assert written == expected
    assert before.index.updateinfo is not None
    assert after.index.updateinfo is not None
    kept = {frame.key for frame in before.index.updateinfo.frames} & {
        frame.key for frame in after.index.updateinfo.frames
    }
    assert kept


def test_frames_of_another_compressor_are_not_taken_over(tmp_path: Path) -> None:
    zstd, _ = composed(contents(), tmp_path / "zstd")
    expected = composed(contents(), tmp_path / "expected", Compression.GZIP)[1]
    assert composed(contents(reusable=(zstd,)), tmp_path / "gzip", Compression.GZIP)[1] == expected


# --- sources that differ ------------------------------------------------------------------------


def test_a_file_that_one_source_lacks_is_made_whole(tmp_path: Path) -> None:
    every = SOURCE.only(lambda package: package.name == "a")
    bare = made([("b", 1), ("c", 2)], frozenset({ChunkKind.PRIMARY}))
    packages = (*every.packages, *bare.packages)
    repository, _ = composed(Contents(repo_id="r", packages=packages, sources=(every, bare)), tmp_path / "r")
    assert repository.kinds == frozenset(ChunkKind)
    number = len(packages) - 1
    [filelists] = repository.chunks(ChunkKind.FILELISTS, [number])
    pkgid = packages[number].pkgid
    assert filelists.decode() == (
        f'<package pkgid="{pkgid}" name="c" arch="noarch">\n  <version epoch="0" ver="2" rel="1"/>\n</package>\n'
    )
    row = {kind: next(iter(repository.chunks(kind, [number]))) for kind in ChunkKind}
    assert repository.packages[number].chunks == chunks_digest(row) != packages[number].chunks
    assert repository.packages[0] == packages[0]
    again = Contents(repo_id="r", packages=repository.packages, sources=(repository,))
    assert composed(again, tmp_path / "again")[0].packages == repository.packages


def test_a_file_that_no_source_has_is_not_there(tmp_path: Path) -> None:
    bare = made([("b", 1), ("c", 2)], frozenset({ChunkKind.PRIMARY}))
    repository, _ = composed(contents(bare), tmp_path / "r")
    assert repository.kinds == {ChunkKind.PRIMARY}


def test_of_two_descriptions_of_an_rpm_the_one_asked_for_is_taken(tmp_path: Path) -> None:
    package = SOURCE.packages[0]
    row = {kind: f"<package>{kind}, told in another way</package>\n".encode() for kind in ChunkKind}
    other = Made((msgspec.structs.replace(package, chunks=chunks_digest(row)),), (row,))
    for wanted, expected in ((SOURCE, SOURCE.rows[0]), (other, row)):
        both = Contents(repo_id="r", packages=wanted.packages[:1], sources=(other, SOURCE))
        repository, _ = composed(both, tmp_path / wanted.packages[0].chunks)
        assert {kind: next(iter(repository.chunks(kind, [0]))) for kind in ChunkKind} == expected


# --- what cannot be composed --------------------------------------------------------------------


def test_a_package_that_no_source_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no source has the metadata of h-1-1\.noarch"):
        composed(contents(sources=(SOURCE.only(lambda package: package.name < "h"),)), tmp_path / "r")


@pytest.mark.parametrize("reused", [True, False])
def test_a_damaged_source_is_never_copied(tmp_path: Path, reused: bool) -> None:
    source, _ = composed(contents(), tmp_path / "source")
    file = source.index.files[ChunkKind.PRIMARY]
    path = source.tree / file.path
    content = bytearray(path.read_bytes())
    content[file.frames[2].offset + 20] ^= 1
    path.write_bytes(content)
    # All of a repository is taken over frame by frame; of half of it every frame is another.
    wanted = SOURCE if reused else SOURCE.only(lambda package: package.built % 2 == 0)
    with pytest.raises(StoreError, match="is damaged"):
        composed(contents(wanted, sources=(source,)), tmp_path / "r")


def repodata(tree: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (tree / "repodata").iterdir()}


@pytest.mark.parametrize("kind", ["primary", "updateinfo"])
@pytest.mark.parametrize("gone", [True, False])
def test_damage_of_a_repository_that_is_no_source_is_passed_over(tmp_path: Path, gone: bool, kind: str) -> None:
    whole, manifest = composed(contents(advisories=advisories(40)), tmp_path / "whole")
    other, _ = composed(contents(advisories=advisories(40)), tmp_path / "other")
    file = other.index.updateinfo if kind == "updateinfo" else other.index.files[ChunkKind.PRIMARY]
    assert file
    if gone:
        (other.tree / file.path).unlink()
    else:
        damaged = bytearray((other.tree / file.path).read_bytes())
        damaged[file.frames[0].offset + 20] ^= 1
        (other.tree / file.path).write_bytes(damaged)
    again, remade = composed(contents(advisories=advisories(40), reusable=(other,)), tmp_path / "again")
    assert remade == manifest
    assert [repodata(made.tree) for made in (again, whole)] == [repodata(whole.tree)] * 2


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SnapshotError, match=r"cannot write .*: Not a directory"):
        compose(contents(), tmp_path / "file/tree", tmp_path / "index", Compression.ZSTD)


def test_packages_lead_to_the_pool_from_the_final_place(tmp_path: Path) -> None:
    tree = tmp_path / "snapshots/.one.new/base"
    tree.mkdir(parents=True)
    (tmp_path / "pool").mkdir()
    link_packages(tree, tmp_path / "pool", tmp_path / "snapshots/one/base")
    assert str((tree / "Packages").readlink()) == "../../../pool"


def test_an_id_is_of_content_and_not_of_its_description(tmp_path: Path) -> None:
    packages = tuple(msgspec.structs.replace(package, built=1) for package in SOURCE.packages)
    other = Made(packages, SOURCE.rows)
    ids = set()
    for number, source in enumerate((SOURCE, other)):
        (tmp_path / str(number)).mkdir()
        folder = tmp_path / str(number)
        ids.add(manifest_id([compose(contents(source), folder / "tree", folder / "index", Compression.ZSTD)]))
    assert len(ids) == 1


def test_a_package_of_an_advisory_is_written_with_it(tmp_path: Path) -> None:
    [plain] = advisories(1)
    package = AdvisoryPackage("a", 0, "1", "1", "noarch")
    advisory = msgspec.structs.replace(plain, collections=(Collection("c", "c", (package,)),))
    repository, _ = composed(contents(advisories=(advisory,)), tmp_path / "r")
    assert b'<package name="a" version="1" release="1" epoch="0" arch="noarch"' in b"".join(
        repository.advisory_chunks([0])
    )
