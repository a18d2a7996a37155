"""Upstream's repodata becomes ours, or is refused."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import createrepo_c as cr
import pytest

from snapshots.errors import UpstreamError
from snapshots.intake.upstream import Upstream, read_upstream
from snapshots.repodata.index import ChunkKind
from tests.support.advisories import Advisory
from tests.support.comps import comps, group, module
from tests.support.data import sample
from tests.support.repodata import PKGID, Entry, File, filelists, primary, write_repodata
from tests.support.repositories import Contents
from tests.support.rpms import Rpm
from tests.support.world import World

A = Entry()
B = replace(A, name="b", pkgid="f" * 64, href="Packages/b.rpm")


def read(folder: Path) -> Upstream:
    """Read repodata with a work folder beside it."""
    work = folder.parent / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    return read_upstream(folder, work)


def primary_of(tmp_path: Path, *entries: Entry, count: int | None = None, before: str = "") -> Path:
    """Write repodata that is nothing but a primary."""
    return write_repodata(tmp_path, File("primary", primary(*entries, count=count, before=before)))


# --- what is read -------------------------------------------------------------------------------


def test_packages_advisories_comps_and_modules_of_a_real_repository_are_read(world: World) -> None:
    bash, glibc = Rpm("bash", "1:5.1-2", arch="x86_64", files=("/usr/bin/bash",)), Rpm("glibc", arch="x86_64")
    contents = Contents(
        rpms=(glibc, bash),
        advisories=(Advisory("EX-2024:1", (bash,)),),
        comps=comps(group("g", mandatory=("bash",))),
        modules=module("app", "1", []),
    )
    repository = world.publish("base", contents)
    upstream = read(repository.path / "repodata")
    assert [package.text for package in upstream.packages] == [bash.nevra, glibc.nevra]
    assert [advisory.advisory_id for advisory in upstream.advisories] == ["EX-2024:1"]
    assert b"<comps>" in upstream.comps
    assert upstream.modules == module("app", "1", []).encode()
    file = repository.file(bash)
    package = upstream.packages[0]
    assert package.pkgid == hashlib.sha256(file.read_bytes()).hexdigest()
    assert package.size_bytes == file.stat().st_size
    assert upstream.origins[package.pkgid].href == f"Packages/{bash.filename}"


def test_chunks_are_those_of_createrepo_c_at_our_location_and_of_the_build_time(world: World) -> None:
    bash = Rpm("bash", arch="x86_64", files=("/usr/bin/bash", "/usr/share/doc/bash"))
    repository = world.repository("base", bash, Rpm("zsh"))
    upstream = read(repository.path / "repodata")
    package = upstream.packages[0]
    expected = cr.package_from_rpm(str(repository.file(bash)), location_href=package.location)
    expected.time_file = expected.time_build
    chunks = {kind: next(upstream.source.chunks(kind, [0])) for kind in ChunkKind}
    assert chunks[ChunkKind.PRIMARY].decode() == cr.xml_dump_primary(expected)
    assert chunks[ChunkKind.FILELISTS].decode() == cr.xml_dump_filelists(expected)
    assert chunks[ChunkKind.OTHER].decode() == cr.xml_dump_other(expected)
    joined = b"\0".join(chunks[kind] for kind in (ChunkKind.PRIMARY, ChunkKind.FILELISTS, ChunkKind.OTHER))
    assert package.chunks == f"sha256:{hashlib.sha256(joined).hexdigest()}"


def test_a_real_primary_is_taken_over_byte_by_byte(tmp_path: Path) -> None:
    folder = sample("repos/cs9-baseos/repodata")
    work = tmp_path / "work"
    work.mkdir()
    upstream = read_upstream(folder, work)
    (file,) = folder.glob("*-filelists.xml.gz")
    original = gzip.decompress(file.read_bytes())
    chunks = list(upstream.source.chunks(ChunkKind.FILELISTS, range(len(upstream.packages))))
    assert len(chunks) == 1125
    assert all(chunk.strip() in original for chunk in chunks)
    assert [package.order for package in upstream.packages] == sorted(package.order for package in upstream.packages)


def test_a_file_that_upstream_lacks_is_an_empty_chunk(tmp_path: Path) -> None:
    upstream = read(primary_of(tmp_path, A))
    (chunk,) = upstream.source.chunks(ChunkKind.PRIMARY, [0])
    assert upstream.source.kinds == {ChunkKind.PRIMARY}
    assert upstream.packages[0].chunks == f"sha256:{hashlib.sha256(chunk + bytes(2)).hexdigest()}"


def test_where_upstream_has_a_package_is_no_part_of_its_chunk(tmp_path: Path) -> None:
    here = read(primary_of(tmp_path / "here", A))
    there = read(primary_of(tmp_path / "there", replace(A, href="a/x.rpm", base="http://host/os", epoch="00")))
    assert here.packages == there.packages
    assert there.origins[PKGID].base == "http://host/os"


def test_one_package_listed_twice_is_one_package(tmp_path: Path) -> None:
    again = replace(A, href="elsewhere/a.rpm")
    lists = File("filelists", filelists(A, A, paths=("/usr/bin/a",)))
    upstream = read(write_repodata(tmp_path, File("primary", primary(A, again)), lists))
    assert [package.pkgid for package in upstream.packages] == [PKGID]
    assert upstream.origins[PKGID].href == "Packages/a.rpm"


def test_nothing_but_the_chunks_is_left_in_the_work_folder(tmp_path: Path) -> None:
    read(write_repodata(tmp_path, File("primary", primary(A)), File("filelists", filelists(A))))
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["filelists.chunks", "primary.chunks"]


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (replace(A, href="../../etc/x.rpm"), "leads upwards"),
        (replace(A, href="%2e%2e/x.rpm"), "leads upwards"),
        (replace(A, href="/etc/x.rpm"), "is absolute"),
        (replace(A, href="http://host/x.rpm"), "has a scheme"),
        (replace(A, href=""), "is empty"),
        (replace(A, base="file:///etc"), "xml:base"),
        (replace(A, base="../.."), "xml:base"),
        (replace(A, checksum_type="sha"), "only sha256"),
        (replace(A, checksum_type="md5"), "only sha256"),
        (replace(A, checksum_type="sha512", pkgid="0" * 128), "only sha256"),
        (replace(A, pkgid="../../../../etc/passwd"), "file name"),
        (replace(A, pkgid=PKGID.upper()), "file name"),
        (replace(A, pkgid=""), "without pkgid"),
        (replace(A, name="../a"), "file name"),
        (replace(A, name=""), "file name"),
        (replace(A, version="1/2"), "file name"),
        (replace(A, release=".."), "file name"),
        (replace(A, arch="$(id)"), "file name"),
        (replace(A, size="0"), "bytes"),
        (replace(A, size="-1"), "bytes"),
        (replace(A, size=str(1 << 62)), "bytes"),
        (replace(A, size="many"), "Conversion"),
        (replace(A, installed="-1"), "bytes"),
        (replace(A, built="-1"), "built at"),
        (replace(A, epoch="x"), "no epoch"),
        (replace(A, epoch="-1"), "no epoch"),
    ],
)
def test_a_package_that_could_do_harm_is_refused(tmp_path: Path, entry: Entry, fault: str) -> None:
    with pytest.raises(UpstreamError) as caught:
        read(primary_of(tmp_path, B, entry))
    assert any(fault in line for line in (caught.value.message, *caught.value.details))


def test_every_fault_is_told_and_a_thousand_are_counted(tmp_path: Path) -> None:
    entries = [replace(A, href="../a", pkgid=f"{number:064x}") for number in range(1000)]
    with pytest.raises(UpstreamError, match="leads upwards") as caught:
        read(primary_of(tmp_path, *entries))
    assert len(caught.value.details) == 20
    assert caught.value.details[-1] == "and 980 more"


def test_one_pkgid_with_two_contents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError, match="twice, with different content"):
        read(primary_of(tmp_path, A, replace(A, summary="another")))


def test_one_pkgid_with_two_file_lists_is_refused(tmp_path: Path) -> None:
    lists = filelists(A, A).replace(b"</package>", b"<file>/etc/a</file></package>", 1)
    with pytest.raises(UpstreamError, match="twice, with different content"):
        read(write_repodata(tmp_path, File("primary", primary(A, A)), File("filelists", lists)))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_count_that_is_not_so_is_refused(tmp_path: Path, count: int) -> None:
    with pytest.raises(UpstreamError, match=f"packages={count}, and there are 2"):
        read(primary_of(tmp_path, A, B, count=count))


@pytest.mark.parametrize(
    ("listed", "fault"),
    [((A,), "nothing on b-1-1.noarch"), ((A, B, replace(B, pkgid="e" * 64)), "which primary does not")],
)
def test_file_lists_of_other_packages_are_refused(tmp_path: Path, listed: tuple[Entry, ...], fault: str) -> None:
    with pytest.raises(UpstreamError, match=fault):
        read(write_repodata(tmp_path, File("primary", primary(A, B)), File("filelists", filelists(*listed))))


def test_a_pkgid_with_two_names_is_refused(tmp_path: Path) -> None:
    lists = File("filelists", filelists(replace(A, version="2")))
    with pytest.raises(UpstreamError, match=r"calls a-0:2-1.noarch what primary calls a-1-1.noarch"):
        read(write_repodata(tmp_path, File("primary", primary(A)), lists))


BOMB = (
    '<!DOCTYPE metadata [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)


def test_an_entity_bomb_never_meets_a_parser(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError, match="document type definition"):
        read(primary_of(tmp_path, replace(A, summary="&j;"), before=BOMB))


@pytest.mark.parametrize("kind", ["updateinfo", "group"])
def test_an_entity_bomb_in_other_metadata_never_meets_a_parser(tmp_path: Path, kind: str) -> None:
    root = {"updateinfo": "updates", "group": "comps"}[kind]
    bomb = File(kind, f"{BOMB}<{root}><update>&j;</update></{root}>".encode())
    with pytest.raises(UpstreamError, match="document type definition"):
        read(write_repodata(tmp_path, File("primary", primary(A)), bomb))


def test_an_external_entity_never_meets_a_parser(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError, match="document type definition"):
        read(primary_of(tmp_path, A, before='<!DOCTYPE metadata [<!ENTITY a SYSTEM "file:///etc/passwd">]>'))


@pytest.mark.parametrize(
    "content",
    [
        primary(A)[:-20],
        primary(A).replace(b"<name>", b"<nam>"),
        primary(A).replace(b"MIT", b"\xff\xfe"),
        primary(A).replace(b"MIT", b"\x01"),
        primary(A).replace(b"MIT", b"&unknown;"),
        b"",
    ],
)
def test_damaged_xml_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UpstreamError):
        read(write_repodata(tmp_path, File("primary", content)))


@pytest.mark.parametrize("kind", ["group", "modules"])
def test_metadata_that_is_not_in_utf_8_is_refused(tmp_path: Path, kind: str) -> None:
    other = File(kind, b"<comps>\xff</comps>")
    with pytest.raises(UpstreamError, match="not in UTF-8"):
        read(write_repodata(tmp_path, File("primary", primary(A)), other))


def test_a_file_that_is_not_what_repomd_says_is_refused(tmp_path: Path) -> None:
    folder = primary_of(tmp_path, A)
    (folder / "primary.xml").write_bytes(primary(B))
    with pytest.raises(UpstreamError, match=r"not what repomd\.xml says"):
        read(folder)


def test_a_gzip_bomb_is_stopped(tmp_path: Path) -> None:
    bomb = primary(A).replace(b"MIT", bytes(80 << 20).replace(b"\0", b" "))
    with pytest.raises(UpstreamError, match="holds more than"):
        read(write_repodata(tmp_path, File("primary", gzip.compress(bomb))))
    assert list((tmp_path / "work").iterdir()) == []


def test_comps_that_would_take_all_memory_are_refused(tmp_path: Path) -> None:
    large = comps(*[group("g", mandatory=("a",))] * 80_000).encode()

    with pytest.raises(UpstreamError, match=r"group\.xml holds more than 10485760 bytes"):
        read(write_repodata(tmp_path, File("primary", primary(A)), File("group", large)))


def test_more_packages_than_any_repository_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snapshots.intake.chunk.MOST_PACKAGES", 1)

    assert len(read(primary_of(tmp_path / "one", A)).packages) == 1
    with pytest.raises(UpstreamError, match=r"primary\.xml has more than 1 packages"):
        read(primary_of(tmp_path / "two", A, B))
