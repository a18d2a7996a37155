"""Laws of the difference of two snapshots."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from snapshots.comparison.difference import Content, RepositoryDifference, Side, SnapshotDifference, compare
from snapshots.comparison.package_difference import Direction, PackageChange
from tests.support.differences import build, closing, side_of
from tests.support.offers import in_order
from yumbridge.rpm.evr import EVR

NAMES = st.sampled_from(["glibc", "glibc-common", "kernel", "a", "b"])
VERSIONS = st.sampled_from(["1", "1.0", "1_0", "1.9", "1.10", "2~rc1", "2", "1:1"])
RELEASES = st.sampled_from(["1", "2", "1.module_el9+1+a"])
ARCHES = st.sampled_from(["x86_64", "i686", "noarch"])
NEVRAS = st.builds("{}-{}-{}.{}".format, NAMES, VERSIONS, RELEASES, ARCHES)
SOURCES = st.builds("{}-{}-1".format, st.sampled_from(["glibc", "kernel", "a"]), st.sampled_from(["1", "2", "10"]))
PACKAGES = st.lists(st.builds(build, NEVRAS, SOURCES, st.sampled_from(["", "other"])), max_size=12).map(
    lambda packages: in_order({package.pkgid: package for package in packages}.values())
)
CVES = st.lists(st.sampled_from(["CVE-1", "CVE-2", "CVE-3"]), max_size=2)
ADVISORIES = st.lists(
    st.builds(
        lambda name, cves, nevras: closing(name, cves, *nevras),
        st.sampled_from(["A", "B", "C"]),
        CVES,
        st.lists(NEVRAS, max_size=4),
    ),
    max_size=3,
    unique_by=lambda advisory: advisory.advisory_id,
).map(lambda advisories: tuple(sorted(advisories, key=lambda advisory: advisory.advisory_id)))
CONTENTS = st.dictionaries(
    st.sampled_from(["base", "updates"]),
    st.builds(Content, PACKAGES, ADVISORIES, st.sampled_from(["", "sha256:1"]), st.just("")),
)
HELD = st.lists(st.sampled_from(["glibc*", "kernel", "*"]), max_size=2)

MIRRORED = {
    Direction.ADDED: Direction.REMOVED,
    Direction.UP: Direction.DOWN,
    Direction.BUILDS_ADDED: Direction.BUILDS_DROPPED,
}
MIRRORED |= {backwards: forwards for forwards, backwards in MIRRORED.items()}


@given(CONTENTS, HELD)
def test_what_holds_the_same_differs_in_nothing(contents: dict[str, Content], held: list[str]) -> None:
    """diff(A, A) is empty, whatever the two are called."""
    difference = compare(side_of("one", contents), side_of("two", contents), held)
    assert difference == SnapshotDifference(before=difference.before, after=difference.after)
    assert difference.is_empty


def backwards(change: PackageChange) -> tuple[object, ...]:
    direction = MIRRORED.get(change.direction, change.direction)
    return (change.name, change.arch, direction, change.after, change.before, sorted(change.rebuilt))


def forwards(change: PackageChange) -> tuple[object, ...]:
    return (change.name, change.arch, change.direction, change.before, change.after, sorted(change.rebuilt))


def packages(repository: RepositoryDifference) -> tuple[object, ...]:
    lists = (repository.added, repository.removed, repository.changed)
    return (repository.repo_id, repository.metadata, *([forwards(change) for change in each] for each in lists))


def mirrored_packages(repository: RepositoryDifference) -> tuple[object, ...]:
    lists = (repository.removed, repository.added, repository.changed)
    return (repository.repo_id, repository.metadata, *([backwards(change) for change in each] for each in lists))


@given(CONTENTS, CONTENTS)
def test_the_difference_backwards_mirrors_it(one: dict[str, Content], two: dict[str, Content]) -> None:
    """diff(B, A) mirrors diff(A, B)."""
    there, back = (compare(*sides) for sides in both_ways(side_of("one", one), side_of("two", two)))
    assert [packages(each) for each in back.repositories] == [mirrored_packages(each) for each in there.repositories]
    assert (back.advisories.gained, back.advisories.lost) == (there.advisories.lost, there.advisories.gained)
    assert [each.advisory_id for each in back.advisories.changed] == [
        each.advisory_id for each in there.advisories.changed
    ]
    assert (back.cves.gained, back.cves.lost) == (there.cves.lost, there.cves.gained)


def both_ways(one: Side, two: Side) -> tuple[tuple[Side, Side], tuple[Side, Side]]:
    return (one, two), (two, one)


def listed(content: Content) -> Counter[tuple[str, str, str]]:
    return Counter((package.name, package.arch, str(package.evr)) for package in content.packages)


@given(CONTENTS, CONTENTS)
def test_the_changes_make_of_the_earlier_snapshot_the_later(one: dict[str, Content], two: dict[str, Content]) -> None:
    """Applying added, removed and changed to A's packages gives B's."""
    before, after = side_of("one", one), side_of("two", two)
    found = {each.repo_id: each for each in compare(before, after).repositories}
    for repo_id in one.keys() | two.keys():
        result = listed(before.repository(repo_id))
        for change in found[repo_id].changes if repo_id in found else ():
            assert [EVR.parse(evr).key for evr in change.after] == sorted(EVR.parse(evr).key for evr in change.after)
            result.subtract((change.name, change.arch, evr) for evr in change.before)
            result.update((change.name, change.arch, evr) for evr in change.after)
        assert {key: count for key, count in result.items() if count} == listed(after.repository(repo_id))


@given(CONTENTS, CONTENTS)
def test_what_is_without_advisory_is_new_and_named_by_none(one: dict[str, Content], two: dict[str, Content]) -> None:
    """Changes that no advisory covers."""
    before, after = side_of("one", one), side_of("two", two)
    named = {entry.text for copies in after.advisories.values() for each in copies for entry in each.packages}
    known = {package.pkgid for package in before.packages}
    expected = {package.text for package in after.packages if package.pkgid not in known} - named
    found = {f"{entry.name}-{entry.evr}.{entry.arch}" for entry in compare(before, after).without_advisory}
    assert found == expected
