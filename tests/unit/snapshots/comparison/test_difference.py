from __future__ import annotations

import msgspec
import pytest

from snapshots.comparison.difference import (
    Content,
    HeldReason,
    Presence,
    RebootReason,
    SnapshotDifference,
    compare,
)
from snapshots.comparison.package_difference import Direction
from snapshots.content.manifest import MetadataKind
from snapshots.content.provenance import PartialAdvisory
from tests.support.differences import build, builds, closing, rebooting, side, side_of
from tests.support.offers import advisory
from yumbridge.plan.document import printed


def test_a_snapshot_differs_in_nothing_from_itself() -> None:
    one = side("one", builds("a-1-1.noarch"), [advisory("RHSA-1", "a-1-1.noarch")])
    assert compare(one, one).is_empty


def test_snapshots_of_one_id_hold_the_same_however_they_were_cut() -> None:
    one = side("one", builds("a-1-1.noarch"))
    partial = (PartialAdvisory(advisory_id="RHSA-1", held=(), missing=("a-2-1.noarch",)),)
    assert compare(one, side("one", builds("a-1-1.noarch"), partial=partial)).is_empty


def test_each_repository_that_differs_is_listed() -> None:
    before = side_of("before", {"same": Content(builds("a-1-1.noarch")), "base": Content(builds("b-1-1.noarch"))})
    after = side_of("after", {"same": Content(builds("a-1-1.noarch")), "base": Content(builds("b-2-1.noarch"))})
    (repository,) = compare(before, after).repositories
    assert repository.repo_id == "base"
    assert [(change.name, change.direction) for change in repository.changed] == [("b", Direction.UP)]


def test_a_repository_of_one_snapshot_alone_is_listed_though_it_is_empty() -> None:
    before, after = side_of("before", {"gone": Content()}), side_of("after", {"new": Content()})
    found = compare(before, after)
    assert [(each.repo_id, each.presence) for each in found.repositories] == [
        ("gone", Presence.ONLY_BEFORE),
        ("new", Presence.ONLY_AFTER),
    ]
    assert not found.is_empty


def test_groups_and_module_streams_that_differ_are_named() -> None:
    before = side_of("before", {"base": Content(comps="sha256:1", modules="sha256:2")})
    after = side_of("after", {"base": Content(comps="sha256:3", modules="sha256:4")})
    assert compare(before, after).repositories[0].metadata == (MetadataKind.COMPS, MetadataKind.MODULES)


def test_a_change_names_the_advisories_of_its_new_builds() -> None:
    advisories = [advisory("RHSA-1", "a-2-1.noarch"), advisory("RHSA-2", "a-1-1.noarch")]
    found = compare(side("before", builds("a-1-1.noarch")), side("after", builds("a-2-1.noarch"), advisories))
    assert found.repositories[0].changed[0].advisories == ("RHSA-1",)


def without_advisory(difference: SnapshotDifference) -> list[str]:
    return [f"{entry.name}-{entry.evr}.{entry.arch}" for entry in difference.without_advisory]


def test_new_builds_without_an_advisory_are_listed() -> None:
    """Changes that no advisory covers: the exact NEVRA is in none of the later snapshot."""
    before = side("before", builds("a-1-1.noarch", "b-1-1.noarch", "c-1-1.noarch"))
    after = side(
        "after",
        builds("a-2-1.noarch", "b-2-1.noarch", "c-1-1.noarch"),
        [advisory("RHSA-1", "a-2-1.noarch"), advisory("RHSA-2", "b-1-1.noarch")],
    )
    assert without_advisory(compare(before, after)) == ["b-2-1.noarch"]


def test_an_rpm_that_moves_to_another_repository_is_not_without_advisory() -> None:
    content = Content(builds("a-1-1.noarch"))
    found = compare(side_of("before", {"base": content}), side_of("after", {"updates": content}))
    assert without_advisory(found) == []
    assert [each.presence for each in found.repositories] == [Presence.ONLY_BEFORE, Presence.ONLY_AFTER]


def partial(advisory_id: str, *missing: str) -> PartialAdvisory:
    return PartialAdvisory(advisory_id=advisory_id, held=(), missing=missing)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        pytest.param([], [partial("A", "a")], ["A"], id="new"),
        pytest.param([partial("A", "a")], [partial("A", "a")], [], id="as before"),
        pytest.param([partial("A", "a", "b")], [partial("A", "a")], [], id="less than before"),
        pytest.param([partial("A", "a")], [partial("A", "a", "b")], ["A"], id="more than before"),
        pytest.param([partial("A", "a")], [], [], id="no more"),
    ],
)
def test_an_advisory_held_in_part_is_listed_when_it_was_not_so_before(
    before: list[PartialAdvisory], after: list[PartialAdvisory], found: list[str]
) -> None:
    difference = compare(side("before", partial=before), side("after", partial=after))
    assert [each.advisory_id for each in difference.partial_advisories] == found


def test_a_cve_is_not_closed_by_an_advisory_that_is_held_in_part() -> None:
    whole, torn = closing("A", ["CVE-1"], "a-2-1.noarch"), closing("B", ["CVE-1", "CVE-2"], "b-2-1.noarch")
    recorded = closing("C", ["CVE-3"], "c-2-1.noarch")
    held = builds("a-2-1.noarch", "b-2-1.noarch", "c-2-1.noarch")
    before = side("before", builds("b-1-1.noarch"))
    after = side("after", held, [whole, torn, recorded], [partial("B", "b-libs-2-1.noarch")])
    later = side("later", (*held, *builds("d-1-1.noarch", "c-libs-1-1.noarch")), [whole, torn, recorded])
    more = side("more", builds("c-2-1.noarch"), [closing("C", ["CVE-3"], "c-2-1.noarch", "c-libs-2-1.noarch")])

    assert compare(before, after).cves.gained == ("CVE-1", "CVE-3")
    assert compare(after, before).cves.lost == ("CVE-1", "CVE-3")
    # Held in full at last, and by what the other snapshot has of it no longer in full.
    assert compare(after, later).cves.gained == ("CVE-2",)
    assert compare(later, more).cves.gained == ("CVE-3",)


def test_what_the_content_shows_of_an_advisory_adds_to_what_the_cut_recorded() -> None:
    it = advisory("A", "a-2-1.noarch", "b-2-1.noarch")
    after = side("after", builds("a-2-1.noarch", "b-1-1.noarch"), [it], [partial("A", "c-2-1.noarch")])
    (found,) = compare(side("before"), after).partial_advisories
    assert (found.held, found.missing) == (("a-2-1.noarch",), ("b-2-1.noarch", "c-2-1.noarch"))


def test_a_reboot_is_needed_for_names_that_plans_know() -> None:
    before = side("before", builds("glibc-1-1.x86_64", "glibc-common-1-1.x86_64", "systemd-1-1.x86_64"))
    after = side("after", builds("glibc-2-1.x86_64", "glibc-common-2-1.x86_64", "systemd-1-1.x86_64"))
    reboot = compare(before, after).reboot
    assert reboot.needed
    assert [(cause.nevra, cause.reason, cause.rule) for cause in reboot.because] == [
        ("glibc-2-1.x86_64", RebootReason.NAME, "glibc")
    ]


def test_a_reboot_is_needed_for_what_an_advisory_suggests_on_the_way_up() -> None:
    after = side("after", builds("a-1-1.noarch", "a-2-1.noarch", "a-3-1.noarch"), [rebooting("RHSA-1", "a-2-1.noarch")])
    (cause,) = compare(side("before", builds("a-1-1.noarch")), after).reboot.because
    assert (cause.nevra, cause.reason, cause.rule) == ("a-3-1.noarch", RebootReason.ADVISORY, "RHSA-1")


def test_an_advisory_as_a_whole_may_suggest_a_reboot() -> None:
    whole = msgspec.structs.replace(advisory("RHSA-1", "a-2-1.noarch"), reboot_suggested=True)
    assert compare(side("before", builds("a-1-1.noarch")), side("after", builds("a-2-1.noarch"), [whole])).reboot.needed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(["glibc-1-1.x86_64"], [], id="it goes"),
        pytest.param(["glibc-2-1.x86_64"], ["glibc-1-1.x86_64", "glibc-2-1.x86_64"], id="an older build comes"),
    ],
)
def test_no_reboot_is_needed_where_hosts_take_nothing_new(before: list[str], after: list[str]) -> None:
    assert not compare(side("before", builds(*before)), side("after", builds(*after))).reboot.needed


def held(before: list[str], after: list[str], *globs: str) -> list[tuple[str, HeldReason, str]]:
    sides = (side("before", [build(each, "glibc-1-1") for each in before]), side("after", builds(*after)))
    return [(change.nevra, change.reason, change.rule) for change in compare(*sides, globs).held]


def test_changes_under_a_hold_wait_with_the_sub_packages_of_their_source() -> None:
    found = held(["glibc-1-1.x86_64", "nscd-1-1.x86_64"], ["glibc-2-1.x86_64", "nscd-2-1.x86_64"], "gli*")
    assert found == [
        ("glibc-2-1.x86_64", HeldReason.NAME, "gli*"),
        ("nscd-2-1.x86_64", HeldReason.SOURCE, "gli*"),
    ]


def test_a_sub_package_waits_though_what_is_held_does_not_change() -> None:
    found = held(["glibc-1-1.x86_64", "nscd-1-1.x86_64"], ["glibc-1-1.x86_64", "nscd-2-1.x86_64"], "glibc")
    assert found == [("nscd-2-1.x86_64", HeldReason.SOURCE, "glibc")]


def test_a_package_that_comes_or_goes_does_not_wait() -> None:
    assert held(["glibc-1-1.x86_64"], ["glibc-minimal-1-1.x86_64"], "glibc*") == []


def test_without_a_hold_nothing_waits() -> None:
    assert held(["glibc-1-1.x86_64"], ["glibc-2-1.x86_64"]) == []


def test_the_document_is_the_same_whatever_order_repositories_come_in() -> None:
    contents = {name: Content(builds(f"{name}-1-1.noarch"), (closing("A", ["CVE-1"]),)) for name in ("b", "a", "c")}
    backwards = dict(reversed(contents.items()))
    before = side("before")
    assert printed(compare(before, side_of("after", contents))) == printed(compare(before, side_of("after", backwards)))
