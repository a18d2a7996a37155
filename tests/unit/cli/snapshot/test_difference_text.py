from __future__ import annotations

from pathlib import Path

import pytest

from snapshots.comparison.difference import Side, compare
from snapshots.content.package import StoredPackage
from spma.cli.console import Console
from spma.cli.snapshot.difference_text import difference_text
from spma.cli.snapshot.summary import summary
from tests.conftest import Check
from tests.support.differences import build, builds, closing, month, side
from tests.support.offers import advisory

DATA = Path(__file__).parent / "data"
COLUMNS = 80


def console(*, verbose: bool = False) -> Console:
    return Console(color=False, json=False, verbose=verbose)


def text(before: Side, after: Side, *held: str, verbose: bool = False) -> str:
    return difference_text(compare(before, after, held), console(verbose=verbose))


def test_a_difference_is_read_at_a_glance(matches_golden: Check) -> None:
    matches_golden(DATA / "month", text(*month(), "kernel*") + "\n")


def test_snapshots_without_a_difference_are_one_sentence() -> None:
    one = side("one", builds("a-1-1.noarch"))
    assert text(one, side("two", builds("a-1-1.noarch"))) == "The snapshots hold the same."


def many(evr: str) -> list[StoredPackage]:
    return [build(f"a-package-with-quite-a-long-name-{number:02}-{evr}.noarch", f"a-{evr}") for number in range(30)]


def test_long_lists_are_shortened_unless_everything_is_asked_for() -> None:
    cves = [f"CVE-2026-{number:04}" for number in range(60)]
    before, after = side("one", many("1-1")), side("two", many("2-1"), [closing("RHSA-1", cves)])
    short, long = text(before, after), text(before, after, verbose=True)
    assert "    and 22 more: -v lists them" in short.splitlines()
    assert "  and 36 more: -v lists them" in short.splitlines()
    assert "more" not in long
    assert all(cve in long for cve in cves)
    assert all(package.name in long for package in many("2-1"))


def test_a_torn_source_names_few_that_stay_behind() -> None:
    behind = [build(f"a-{number:02}-1-1.noarch", "a-1-1") for number in range(20)]
    after = side("two", [*behind, build("a-2-1.noarch", "a-2-1")])
    short, long = text(side("one", []), after), text(side("one", []), after, verbose=True)
    assert "a-2-1.src.rpm leaves behind a-00-1-1.noarch" in short
    assert " and 16 more" in short
    assert " more" not in long


def test_one_line_more_is_not_left_out() -> None:
    """Saying that one is left out would take as much room."""
    before, after = side("one", many("1-1")[:9]), side("two", many("2-1")[:9])
    assert all(package.name in text(before, after) for package in many("2-1")[:9])


@pytest.mark.parametrize("verbose", [False, True])
def test_lines_fit_into_the_terminal(verbose: bool) -> None:
    name = "a-package-with-quite-a-long-name-of-46-columns"
    evr = "20260301.git12345-1"
    before = side("one-with-a-long-name", [build(f"{name}-1-1.noarch"), build(f"{name}-0.9-1.noarch")])
    after = side("two-with-a-long-name", [build(f"{name}-{evr}.noarch"), build(f"{name}-2-1.noarch")])
    lines = text(before, after, "*", verbose=verbose).splitlines()
    assert [line for line in lines if len(line) > COLUMNS] == []


def test_titles_end_in_dots_where_they_do_not_fit() -> None:
    title = "Important: " + "very " * 20 + "important"
    before, after = side("one"), side("two", [], [advisory("RHSA-1", "a-1-1.noarch", title=title)])
    (line,) = (line for line in text(before, after).splitlines() if "RHSA-1" in line)
    assert len(line) == COLUMNS
    assert line.endswith("...")
    assert title in text(before, after, verbose=True)


def test_nothing_of_upstream_reaches_the_terminal_as_it_is() -> None:
    hostile = "\x1b]0;owned\x07\u202e"
    evil = advisory(f"RHSA{hostile}", title=f"title{hostile}", severity=f"high{hostile}", kind=f"kind{hostile}")
    package = build("a-1-1.noarch", f"source{hostile}-1-1")
    answer = text(side(f"one{hostile}"), side(f"two{hostile}", [package], [evil]))
    assert not {"\x1b", "\x07", "\u202e"} & set(answer)


def test_the_summary_says_it_in_one_sentence() -> None:
    assert summary(compare(*month(), ["kernel*"])) == (
        "+2 advisories (1 critical), -1 advisory, 1 advisory changed, 2 CVEs closed, 1 reopened;"
        " 8 packages: 1 rebuilt, 1 down, 1 gone, 4 up, 1 new; other rpms under the same EVR: rebuilt;"
        " 4 packages change with no advisory; 1 advisory is held only in part; 1 source is torn: python3.11;"
        " a reboot is needed: kernel, kernel-core; 2 changes wait for boot"
    )


def test_a_package_in_several_repositories_counts_once() -> None:
    content = side("x", builds("a-1-1.noarch")).repositories["base"]
    both = Side("two", "sha256:2", {"base": content, "updates": content})
    assert summary(compare(side("one"), both)).startswith("new repository updates; 1 package: 1 new")
