"""What upstream's repomd.xml may say."""

from __future__ import annotations

import pytest

from snapshots.errors import UpstreamError
from snapshots.intake.repomd import LIMIT_BYTES, read_repomd
from tests.support.repodata import File, repomd

PRIMARY = File("primary", b"x")


def test_the_files_that_we_use_are_listed_with_what_they_have_to_be() -> None:
    said = read_repomd(repomd(PRIMARY, File("other_db", b"y", href="repodata/other.sqlite"), revision="17"), "repomd")
    assert said.revision == "17"
    assert [(file.kind, file.name, file.size_bytes) for file in said.files] == [("primary", "primary.xml", 1)]
    assert said.file("filelists") is None


def test_of_comps_the_compressed_file_is_taken() -> None:
    plain = File("group", b"x", href="repodata/comps.xml")
    packed = File("group_gz", b"y", href="repodata/comps.xml.gz")
    found = read_repomd(repomd(PRIMARY, plain, packed), "repomd").file("group")
    assert found is not None
    assert found.name == "comps.xml.gz"


@pytest.mark.parametrize("kind", ["sha384", "sha512"])
def test_longer_checksums_are_taken(kind: str) -> None:
    (file,) = read_repomd(repomd(File("primary", b"x", checksum_type=kind)), "repomd").files
    assert file.checksum.kind == kind


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        (File("primary", b"x", checksum_type="sha1"), "a sha1 one"),
        (File("primary", b"x", checksum_type="md5"), "a md5 one"),
        (File("primary", b"x", checksum="0" * 63), "not a digest"),
        (File("primary", b"x", href="../primary.xml"), "leads upwards"),
        (File("primary", b"x", href="/primary.xml"), "is absolute"),
        (File("primary", b"x", href="http://host/primary.xml"), "has a scheme"),
        (File("primary", b"x", size="many"), "not a number"),
        (File("primary", b"x", size=1 << 50), "is said to be"),
        (File("filelists", b"x"), "lists no primary"),
    ],
)
def test_what_cannot_be_checked_or_leads_away_is_refused(file: File, fault: str) -> None:
    with pytest.raises(UpstreamError, match=fault):
        read_repomd(repomd(file), "repomd")


def test_every_fault_is_told() -> None:
    with pytest.raises(UpstreamError, match=r"primary: .*sha1") as caught:
        read_repomd(repomd(File("primary", b"x", checksum_type="sha1"), File("other", b"x", href="/x")), "repomd")
    assert caught.value.details == ("other: the location '/x' is absolute",)


def test_two_files_may_not_have_one_name() -> None:
    with pytest.raises(UpstreamError, match="one name"):
        read_repomd(repomd(PRIMARY, File("other", b"x", href="elsewhere/primary.xml")), "repomd")


def test_a_type_may_not_be_there_twice() -> None:
    with pytest.raises(UpstreamError, match="two files of one type"):
        read_repomd(repomd(PRIMARY, PRIMARY), "repomd")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"<repomd/>", "no repomd.xml"),
        (b"not xml", "damaged"),
        (b"", "damaged"),
        (repomd(PRIMARY)[:-20], "damaged"),
        (b" " * (LIMIT_BYTES + 1), "larger than"),
        (b'<!DOCTYPE repomd [<!ENTITY a "b">]>' + repomd(PRIMARY).partition(b"\n")[2], "document type"),
        ('<?xml version="1.0" encoding="UTF-16"?>\n<!DOCTYPE a []><repomd/>'.encode("utf-16"), "no repomd.xml"),
    ],
)
def test_what_is_no_repomd_is_refused(content: bytes, fault: str) -> None:
    with pytest.raises(UpstreamError, match=fault):
        read_repomd(content, "repomd")
