from __future__ import annotations

import pytest

from snapshots.comparison.package_difference import (
    Direction,
    PackageChange,
    builds_by_name,
    changed_builds,
    newest_builds,
    package_change,
)
from snapshots.content.package import StoredPackage
from tests.support.differences import build, builds


def changes(before: tuple[StoredPackage, ...], after: tuple[StoredPackage, ...]) -> list[PackageChange]:
    found = changed_builds(builds_by_name(before), builds_by_name(after))
    return [package_change(each, ()) for each in found]


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        pytest.param([], ["1-1"], Direction.ADDED, id="only after"),
        pytest.param(["1-1"], [], Direction.REMOVED, id="only before"),
        pytest.param(["1-1"], ["2-1"], Direction.UP, id="newer"),
        pytest.param(["1.9-1"], ["1.10-1"], Direction.UP, id="newer in numbers"),
        pytest.param(["2-1"], ["1:1-1"], Direction.UP, id="newer by epoch"),
        pytest.param(["1-1"], ["1-1", "2-1"], Direction.UP, id="a newer one beside"),
        pytest.param(["1-1", "2-1"], ["1-1"], Direction.DOWN, id="the newest goes"),
        pytest.param(["2-1"], ["1-1", "2-1"], Direction.BUILDS_ADDED, id="an older one comes"),
        pytest.param(["1-1", "2-1"], ["2-1"], Direction.BUILDS_DROPPED, id="an older one goes"),
        pytest.param(["1-1", "3-1"], ["2-1", "3-1"], Direction.BUILDS_EXCHANGED, id="an older one for another"),
        pytest.param(["1.0-1"], ["1_0-1"], Direction.BUILDS_EXCHANGED, id="another spelling"),
    ],
)
def test_a_change_speaks_of_the_newest_build(before: list[str], after: list[str], direction: Direction) -> None:
    (change,) = changes(builds(*(f"a-{evr}.noarch" for evr in before)), builds(*(f"a-{evr}.noarch" for evr in after)))
    assert (change.direction, change.before, change.after) == (direction, tuple(before), tuple(after))


def test_builds_are_in_the_order_of_rpm() -> None:
    (change,) = changes((), builds("a-1.10-1.noarch", "a-1.9-1.noarch", "a-1.9~rc1-1.noarch", "a-1:0-1.noarch"))
    assert change.after == ("1.9~rc1-1", "1.9-1", "1.10-1", "1:0-1")


def test_what_is_the_same_is_no_change() -> None:
    assert changes(builds("a-1-1.noarch", "b-1-1.noarch"), builds("a-1-1.noarch", "b-1-1.noarch")) == []


def test_arches_change_apart() -> None:
    found = changes(builds("a-1-1.i686", "a-1-1.x86_64"), builds("a-1-1.i686", "a-2-1.x86_64"))
    assert [(change.name, change.arch) for change in found] == [("a", "x86_64")]


def test_another_rpm_of_the_same_evr_is_found() -> None:
    (change,) = changes((build("a-1-1.noarch"),), (build("a-1-1.noarch", rpm="other"),))
    assert (change.direction, change.rebuilt) == (Direction.REBUILT, ("1-1",))


def test_another_rpm_of_the_same_evr_is_found_beside_a_newer_build() -> None:
    (change,) = changes((build("a-1-1.noarch"),), (build("a-1-1.noarch", rpm="other"), build("a-2-1.noarch")))
    assert (change.direction, change.rebuilt) == (Direction.UP, ("1-1",))


def test_the_newest_build_is_that_of_any_repository() -> None:
    base, updates = builds("a-1-1.noarch", "a-3-1.noarch"), builds("a-2-1.noarch", "b-1-1.noarch")
    newest = newest_builds([builds_by_name(base), builds_by_name(updates)])
    assert sorted(package.text for package in newest.values()) == ["a-3-1.noarch", "b-1-1.noarch"]
