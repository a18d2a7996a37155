"""Advisories, read and written again without loss."""

from __future__ import annotations

import gzip
from pathlib import Path

import createrepo_c as cr
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapshots.errors import UpstreamError
from snapshots.repodata.updateinfo import in_order, read_updateinfo, written_updateinfo
from tests.support.advisories import Advisory as Described
from tests.support.advisories import updateinfo
from tests.support.data import sample
from tests.support.rpms import Rpm
from yumbridge.rpm.advisory import Advisory, AdvisoryModule, AdvisoryPackage, Collection, Reference

WHOLE = Advisory(
    advisory_id="RHSA-2026:1",
    kind="security",
    severity="Critical",
    title="a <title> & more",
    issued="2026-01-02T03:04:05Z",
    updated="2026-02-03T00:00:00Z",
    status="final",
    version="3",
    sender="security@example.org",
    rights="Copyright ©",
    release="el9",
    push_count="2",
    summary="one line",
    description="several\n  lines\n",
    solution="update",
    reboot_suggested=True,
    references=(
        Reference("cve", "CVE-2026-1", "https://example.org/CVE-2026-1", "a hole"),
        Reference("self", "", "", ""),
    ),
    collections=(
        Collection(
            "the collection",
            "coll",
            (
                AdvisoryPackage(
                    "a",
                    1,
                    "2",
                    "3",
                    "noarch",
                    "a-2-3.src.rpm",
                    "a-2-3.noarch.rpm",
                    "sha256:00ff",
                    reboot_suggested=True,
                ),
                AdvisoryPackage("b", 0, "1", "1", "x86_64", restart_suggested=True, relogin_suggested=True),
            ),
            AdvisoryModule("app", "1.10", 8000020260101000000, "deadbeef", "x86_64"),
        ),
        Collection("", "", ()),
    ),
)
NOTHING = msgspec.convert(["A-1", *[""] * 14, False, [], []], Advisory)


def read_back(advisories: tuple[Advisory, ...], folder: Path) -> tuple[Advisory, ...]:
    path = folder / "updateinfo.xml"
    path.write_bytes(written_updateinfo(advisories))
    return read_updateinfo(path)


def test_what_is_written_is_read_back_whole(tmp_path: Path) -> None:
    assert read_back((NOTHING, WHOLE), tmp_path) == (NOTHING, WHOLE)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8).map(str.strip)
WORDS = st.text("abc019._", min_size=1, max_size=4)
DATES = st.sampled_from(["", "2026-01-02T03:04:05Z", "1999-12-31T00:00:00Z"])
ADVISORIES = st.builds(
    Advisory,
    *[TEXTS] * 4,
    DATES,
    DATES,
    *[TEXTS] * 9,
    st.booleans(),
    st.lists(st.builds(Reference, TEXTS, TEXTS, TEXTS, TEXTS), max_size=2).map(tuple),
    st.lists(
        st.builds(
            Collection,
            TEXTS,
            TEXTS,
            st.lists(
                st.builds(AdvisoryPackage, WORDS, st.integers(0, 9), WORDS, WORDS, WORDS, TEXTS, TEXTS), max_size=2
            ).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)


@given(st.lists(ADVISORIES, max_size=3, unique_by=lambda advisory: advisory.advisory_id))
def test_whatever_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, found: list[Advisory]) -> None:
    advisories = in_order(found)
    path = tmp_path_factory.mktemp("u") / "updateinfo.xml"
    path.write_bytes(written_updateinfo(advisories) or b"<updates/>")
    assert read_updateinfo(path) == advisories


def test_the_bytes_are_those_that_createrepo_c_writes(tmp_path: Path) -> None:
    path = tmp_path / "updateinfo.xml"
    path.write_bytes(written_updateinfo((NOTHING, WHOLE)))
    assert cr.UpdateInfo(str(path)).xml_dump().encode() == path.read_bytes()


def test_no_advisory_is_no_file() -> None:
    assert written_updateinfo(()) == b""


def test_advisories_are_sorted_whatever_their_order_was(tmp_path: Path) -> None:
    twice = msgspec.structs.replace(WHOLE, title="another of the same id")
    one = read_back((WHOLE, twice, NOTHING), tmp_path)
    assert one == read_back((twice, NOTHING, WHOLE), tmp_path)
    assert [advisory.advisory_id for advisory in one] == ["A-1", "RHSA-2026:1", "RHSA-2026:1"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-01-02", "2026-01-02T00:00:00Z"),
        ("2026-01-02 03:04:05", "2026-01-02T03:04:05Z"),
        ("2026-01-02 03:04:05 UTC", "2026-01-02T03:04:05Z"),
        ("1767323045", "2026-01-02T03:04:05Z"),
        ("", ""),
        ("some day", ""),
        ("2026-02-30", ""),
        ("0001-01-01", "0001-01-01T00:00:00Z"),
        ("-5", "1969-12-31T23:59:55Z"),
    ],
)
def test_a_date_may_be_written_in_many_ways(tmp_path: Path, written: str, read: str) -> None:
    path = tmp_path / "updateinfo.xml"
    path.write_text(updateinfo([Described("A-1", (Rpm("a"),), issued=written)]), encoding="utf-8")
    [advisory] = read_updateinfo(path)
    assert advisory.issued == read
    assert read_back((advisory,), tmp_path) == (advisory,)


@pytest.mark.parametrize("issued", ["999999999999", "99999999999999999", "-99999999999999999", "9" * 30, "9999-12-31"])
def test_a_date_that_nothing_can_hold_is_refused_with_its_advisory(tmp_path: Path, issued: str) -> None:
    path = tmp_path / "updateinfo.xml"
    path.write_text(updateinfo([Described("A-1", (Rpm("a"),), issued=issued)]), encoding="utf-8")
    with pytest.raises(UpstreamError, match=r"refused: .*updateinfo.xml: 'A-1': .* no date"):
        read_updateinfo(path)


@pytest.mark.parametrize("digits", [10, 25, 5000])
def test_an_epoch_that_nothing_can_hold_is_refused_with_its_advisory(tmp_path: Path, digits: int) -> None:
    path = tmp_path / "updateinfo.xml"
    text = updateinfo([Described("A-1", (Rpm("a"),))]).replace('epoch="0"', f'epoch="{"9" * digits}"')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UpstreamError, match=r"refused: base: 'A-1': a: '9+' is no epoch"):
        read_updateinfo(path, "base")


@pytest.mark.parametrize("text", ["", "<updates><update>", "nothing"])
def test_what_is_no_updateinfo_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "updateinfo.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UpstreamError):
        read_updateinfo(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError):
        read_updateinfo(tmp_path / "updateinfo.xml")


def test_what_upstream_publishes_comes_through_whole(tmp_path: Path) -> None:
    upstream = sample("repos/cs9-appstream/repodata/updateinfo.xml.gz")
    advisories = read_updateinfo(upstream)
    assert len(advisories) == gzip.decompress(upstream.read_bytes()).count(b"<update ")
    assert read_back(advisories, tmp_path) == advisories


UPDATE = '<update from="a" status="b" type="c" version="1"><id>x</id><title>t</title>{}</update>'
PACKAGE = '<package name="a" version="1" release="1" arch="noarch"/>'


@pytest.mark.parametrize(
    ("text", "noun"),
    [
        pytest.param(UPDATE.format("") * 100_000, "update", id="advisories"),
        pytest.param(
            UPDATE.format(f"<collection>{'<!--<collection>-->'.join([PACKAGE] * 100_000)}</collection>"),
            "package",
            id="packages",
        ),
        pytest.param(UPDATE.format("<reference/>" * 100_000), "reference", id="references"),
    ],
)
def test_lists_that_would_be_read_for_hours_are_refused_at_once(tmp_path: Path, text: str, noun: str) -> None:
    path = tmp_path / "updateinfo.xml"
    path.write_text(f"<updates>{text}</updates>", encoding="utf-8")

    with pytest.raises(UpstreamError, match=rf"a list of more than [0-9]+ elements {noun}$"):
        read_updateinfo(path)


def test_many_advisories_may_have_many_packages(tmp_path: Path) -> None:
    path = tmp_path / "updateinfo.xml"
    one = UPDATE.format(f"<pkglist><collection>{PACKAGE * 100}</collection></pkglist>")
    path.write_text(f"<updates>{one * 300}</updates>", encoding="utf-8")

    assert len(read_updateinfo(path)) == 300
