from __future__ import annotations

from snapshots.comparison.package_difference import builds_by_name, newest_builds
from snapshots.comparison.torn_source import TornSource, torn_sources
from snapshots.content.package import StoredPackage
from tests.support.differences import build


def torn(before: list[StoredPackage], after: list[StoredPackage]) -> tuple[TornSource, ...]:
    return torn_sources(newest_builds([builds_by_name(before)]), newest_builds([builds_by_name(after)]))


def python(evr: str, *names: str, arch: str = "x86_64", source: str = "python") -> list[StoredPackage]:
    return [build(f"{name}-{evr}.{arch}", f"{source}-{evr}") for name in names]


def test_a_sub_package_that_stays_behind_tears_its_source() -> None:
    """Sub-packages of one source at different builds: python with a new one, python-libs without."""
    found = torn(python("1-1", "python", "python-libs"), [*python("2-1", "python"), *python("1-1", "python-libs")])
    assert found == (TornSource(source="python", newest="python-2-1.src.rpm", behind=("python-libs-1-1.x86_64",)),)


def test_older_builds_beside_the_newest_tear_nothing() -> None:
    old = python("1-1", "python", "python-libs")
    assert torn(old, [*old, *python("2-1", "python", "python-libs")]) == ()


def test_the_newest_build_of_a_source_is_the_newest_in_numbers() -> None:
    after = [*python("1.10-1", "python"), *python("1.9-1", "python-libs")]
    assert torn(python("1.9-1", "python", "python-libs"), after)[0].newest == "python-1.10-1.src.rpm"


def test_a_multilib_package_that_stays_behind_tears_its_source() -> None:
    both = [*python("1-1", "python-libs"), *python("1-1", "python-libs", arch="i686")]
    found = torn(both, [*python("2-1", "python-libs"), *python("1-1", "python-libs", arch="i686")])
    assert found[0].behind == ("python-libs-1-1.i686",)


def test_a_downgrade_of_some_sub_packages_tears_their_source() -> None:
    old = python("2-1", "python", "python-libs")
    assert torn(old, [*python("2-1", "python"), *python("1-1", "python-libs")])[0].behind == ("python-libs-1-1.x86_64",)


def test_a_name_that_was_behind_at_the_same_build_is_left_out() -> None:
    """A source that no longer builds a name leaves its last build behind for ever."""
    gone = python("1-1", "python-tools")
    assert torn([*gone, *python("2-1", "python")], [*gone, *python("3-1", "python")]) == ()


def test_a_name_that_was_behind_and_moved_without_catching_up_is_found() -> None:
    before = [*python("1-1", "python-libs"), *python("2-1", "python")]
    found = torn(before, [*python("2-1", "python-libs"), *python("3-1", "python")])
    assert found[0].behind == ("python-libs-2-1.x86_64",)


def test_a_name_that_moved_to_another_source_tears_none() -> None:
    after = [*python("2-1", "python"), *python("1-5", "python-libs", source="python-libs")]
    assert torn(python("1-1", "python", "python-libs"), after) == ()


def test_a_name_that_moved_to_noarch_tears_none() -> None:
    before = python("1-1", "python", "python-doc")
    after = [*python("2-1", "python"), *python("2-1", "python-doc", arch="noarch"), *python("1-1", "python-doc")]
    assert torn(before, after) == ()


def test_streams_of_a_module_tear_nothing() -> None:
    old, new = "20.1-1.module_el9+1+aaaa", "22.1-1.module_el9+2+bbbb"
    before = [build(f"nodejs-{old}.x86_64", f"nodejs-{old}"), build(f"nodejs-libs-{old}.x86_64", f"nodejs-{old}")]
    assert torn(before, [*before, build(f"nodejs-{new}.x86_64", f"nodejs-{new}")]) == ()
