from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest

from snapshots.comparison.advisory_difference import (
    AdvisoryPart,
    by_id,
    compare_advisories,
    compare_cves,
    covering,
    held_in_part,
    merged,
)
from snapshots.comparison.package_difference import builds_by_name, newest_builds
from snapshots.content.provenance import PartialAdvisory
from tests.support.differences import build, builds, closing, rebooting
from tests.support.offers import advisory
from yumbridge.rpm.advisory import Advisory, AdvisoryModule, Reference


def changed(before: Iterable[Advisory], after: Iterable[Advisory]) -> list[tuple[str, tuple[AdvisoryPart, ...]]]:
    found = compare_advisories(by_id(before), by_id(after))
    return [(each.advisory_id, each.parts) for each in found.changed]


def test_advisories_come_and_go() -> None:
    before = [advisory("RHSA-1", "a-1-1.noarch"), advisory("RHSA-2", "a-1-1.noarch")]
    found = compare_advisories(by_id(before), by_id([before[1], advisory("RHSA-3", "a-1-1.noarch")]))
    assert [each.advisory_id for each in found.gained] == ["RHSA-3"]
    assert [each.advisory_id for each in found.lost] == ["RHSA-1"]
    assert found.changed == ()


def test_severities_are_compared_without_case_and_none_is_empty() -> None:
    found = compare_advisories({}, by_id([advisory("A", severity="Critical"), advisory("B", severity="None")]))
    assert [each.severity for each in found.gained] == ["critical", ""]


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"title": "other"}, AdvisoryPart.TEXT),
        ({"description": "other"}, AdvisoryPart.TEXT),
        ({"status": "retracted"}, AdvisoryPart.TEXT),
        ({"sender": "other"}, AdvisoryPart.TEXT),
        ({"severity": "Low"}, AdvisoryPart.RATING),
        ({"kind": "bugfix"}, AdvisoryPart.RATING),
        ({"updated": "2026-02-01T00:00:00Z"}, AdvisoryPart.DATES),
        ({"references": (Reference("cve", "CVE-1", "", ""),)}, AdvisoryPart.REFERENCES),
        ({"collections": advisory("RHSA-1", "b-1-1.noarch").collections}, AdvisoryPart.PACKAGES),
    ],
)
def test_an_advisory_that_is_not_the_same_is_changed_and_not_gained(
    fields: dict[str, object], part: AdvisoryPart
) -> None:
    """One whose text or package list changed is changed, not gained."""
    before = advisory("RHSA-1", "a-1-1.noarch")
    after = msgspec.structs.replace(before, **fields)
    assert changed([before], [after]) == [("RHSA-1", (part,))]


def test_an_advisory_that_moves_to_another_repository_is_the_same() -> None:
    one, two = advisory("RHSA-1", "a-1-1.noarch"), advisory("RHSA-1", "b-1-1.noarch")
    assert changed([one, two], [two, one]) == []


def test_a_cve_is_closed_as_long_as_one_advisory_is_there() -> None:
    """CVEs gained and lost are sets over all advisories."""
    before = by_id([closing("A", ["CVE-1", "CVE-2"]), closing("B", ["CVE-3"])])
    after = by_id([closing("C", ["CVE-1", "CVE-4"])])
    found = compare_cves(before, after)
    assert (found.gained, found.lost) == (("CVE-4",), ("CVE-2", "CVE-3"))


def test_an_advisory_covers_the_very_build() -> None:
    newer, named = build("a-3-1.noarch"), build("a-2-1.noarch")
    found, rebooted = covering(by_id([rebooting("RHSA-1", "a-2-1.noarch")]), [newer, named])
    assert dict(found) == dict(rebooted) == {named.pkgid: {"RHSA-1"}}


def in_part(
    held: Iterable[str], own: Advisory, other: Advisory | None = None
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    newest = newest_builds([builds_by_name(builds(*held))])
    found = held_in_part(by_id([own]), by_id([other] if other else []), newest)
    return [(each.held, each.missing) for each in found.values()]


def test_an_advisory_is_held_in_part_when_some_of_it_is_there_only_older() -> None:
    it = advisory("RHSA-1", "a-2-1.noarch", "a-libs-2-1.noarch")
    assert in_part(["a-2-1.noarch", "a-libs-1-1.noarch"], it) == [(("a-2-1.noarch",), ("a-libs-2-1.noarch",))]


def test_an_advisory_is_held_in_part_by_what_the_other_snapshot_lists_of_it() -> None:
    own, other = advisory("RHSA-1", "a-2-1.noarch"), advisory("RHSA-1", "a-2-1.noarch", "a-libs-2-1.noarch")
    assert in_part(["a-2-1.noarch", "a-libs-1-1.noarch"], own, other) == [(("a-2-1.noarch",), ("a-libs-2-1.noarch",))]


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(["a-2-1.noarch", "a-libs-3-1.noarch"], id="a later build meets it"),
        pytest.param(["a-2-1.noarch", "a-libs-1:1-1.noarch"], id="a later epoch meets it"),
        pytest.param(["a-2-1.noarch"], id="a name that is not there at all is not missed"),
    ],
)
def test_an_advisory_is_not_held_in_part(held: list[str]) -> None:
    assert in_part(held, advisory("RHSA-1", "a-2-1.noarch", "a-libs-2-1.noarch")) == []


def test_another_stream_of_a_module_is_no_older_build() -> None:
    module = AdvisoryModule("nodejs", "22", 1, "aaaa", "x86_64")
    assert in_part(["nodejs-20-1.x86_64"], advisory("RHSA-1", "nodejs-22-1.x86_64", module=module)) == []
    assert in_part(["nodejs-20-1.x86_64"], advisory("RHSA-1", "nodejs-22-1.module_el9+1+a.x86_64")) == []


def test_what_two_sides_know_of_an_advisory_is_taken_together() -> None:
    one = PartialAdvisory(advisory_id="A", held=("a",), missing=("b",))
    two = PartialAdvisory(advisory_id="A", held=("a", "c"), missing=("d",))
    assert merged([one], [two]) == {"A": PartialAdvisory(advisory_id="A", held=("a", "c"), missing=("b", "d"))}
