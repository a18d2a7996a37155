from __future__ import annotations

import datetime as dt

import pytest

from snapshots.choice.capability import Bound, Comparison
from snapshots.choice.recipe import (
    AdvisoryRules,
    AdvisoryType,
    Inclusion,
    PackageRules,
    Recipe,
    Severity,
    WithoutAdvisory,
    read_recipe,
    recipe_of,
    tree,
)
from snapshots.errors import RecipeError

COMPLETE = """
repositories: [el9-baseos, el9-appstream]
base: production
as_of: 2026-11-01
advisories:
  until: 2026-11-15
  updated: true
  types: [security]
  severity: [Critical, important]
  include: [RHSA-2026:1234]
  exclude: [RHBA-2026:9999]
packages:
  hold: ["kernel*"]
  exclude: ["*-debuginfo", "*.i686"]
  include: [{name: openssl, evr: ">= 1:3.2.2"}, bash, {name: "x[0-9]", evr: ["> 1", "<2-3 , = 4"]}]
  without_advisory: drop
closure: true
newest_only: true
message: "the week's: errata"
"""


def problems_of(text: str | bytes) -> tuple[str, ...]:
    with pytest.raises(RecipeError) as caught:
        read_recipe(text, "site.yaml")
    return caught.value.details


def test_every_key_is_read() -> None:
    assert read_recipe(COMPLETE, "site.yaml") == Recipe(
        repositories=("el9-baseos", "el9-appstream"),
        base="production",
        as_of="2026-11-01",
        advisories=AdvisoryRules(
            until="2026-11-15",
            updated=True,
            types=(AdvisoryType.SECURITY,),
            severity=(Severity.CRITICAL, Severity.IMPORTANT),
            include=("RHSA-2026:1234",),
            exclude=("RHBA-2026:9999",),
        ),
        packages=PackageRules(
            hold=("kernel*",),
            exclude=("*-debuginfo", "*.i686"),
            include=(
                Inclusion(name="openssl", evr=(Bound(Comparison.AT_LEAST, 1, "3.2.2"),)),
                Inclusion(name="bash"),
                Inclusion(
                    name="x[0-9]",
                    evr=(
                        Bound(Comparison.GREATER, 0, "1"),
                        Bound(Comparison.LESS, 0, "2", "3"),
                        Bound(Comparison.EQUAL, 0, "4"),
                    ),
                ),
            ),
            without_advisory=WithoutAdvisory.DROP,
        ),
        closure=True,
        newest_only=True,
        message="the week's: errata",
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}", "base:\nadvisories:\npackages:\n"])
def test_what_is_left_open_has_no_effect(text: str) -> None:
    assert read_recipe(text, "site.yaml") == Recipe()


def test_a_recipe_is_read_again_from_its_tree() -> None:
    recipe = read_recipe(COMPLETE.encode(), "site.yaml")
    assert recipe_of(tree(recipe), "snapshot.json") == recipe


def test_an_empty_part_about_advisories_is_kept() -> None:
    assert tree(recipe_of({"advisories": {}}, "options")) == {"advisories": {}}


def test_options_may_hold_dates() -> None:
    recipe = recipe_of({"as_of": dt.date(2026, 11, 1)}, "options")
    assert recipe.as_of == "2026-11-01"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-01", "2026-11-01"),
        ("2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z"),
        ("2026-11-01 10:00:00.5+02:00", "2026-11-01T08:00:00Z"),
        ("'2026-11-01t23:30:00-01:00'", "2026-11-02T00:30:00Z"),
    ],
)
def test_dates_are_days_or_times_with_an_offset(written: str, read: str) -> None:
    assert read_recipe(f"as_of: {written}", "site.yaml").as_of == read


@pytest.mark.parametrize(
    "written",
    ["2026-02-30", "2026-11-01T10:00:00", "20261101", "yesterday", "0001-01-01T00:00:00+23:00", "2026-11-01T25:00:00Z"],
)
def test_what_is_no_date_is_refused(written: str) -> None:
    (problem,) = problems_of(f"as_of: '{written}'")
    assert problem.startswith(f"site.yaml: as_of: no date, nor a time with its offset: {written}: want 2026")


@pytest.mark.parametrize("text", ["a>=1:3,<4-1", "a >= 1:3, < 4-1", " a>= 1:3 ,<4-1 "])
def test_an_inclusion_in_one_text_is_name_and_range(text: str) -> None:
    bounds = (Bound(Comparison.AT_LEAST, 1, "3"), Bound(Comparison.LESS, 0, "4", "1"))
    recipe = read_recipe(f'packages: {{include: ["{text}", "b*"]}}', "site.yaml")
    assert recipe.packages.include == (Inclusion(name="a", evr=bounds), Inclusion(name="b*"))


@pytest.mark.parametrize("text", ["", ">= 3", "a b", "a >=", "a => 3", "a>=3<4"])
def test_an_inclusion_that_is_none_is_told(text: str) -> None:
    (problem,) = problems_of(f'packages: {{include: ["{text}"]}}')
    assert problem.startswith("site.yaml: packages.include[0]: no ")


def test_every_problem_is_told_with_its_place() -> None:
    text = """
    repositories: [el9, "../x", 3]
    base: [a]
    as_of: 2026-13-01
    advisories: {until: soon, types: [securty, security], severity: high, updated: 1, since: 2026-01-01}
    packages:
      hold: "kernel*"
      exclude: ["", "a b", "x["]
      include: [{evr: "= 1"}, {name: a, evr: "3"}, {name: b, evr: ["> 1-2-3"]}, {name: c, version: 1}, 7]
      without_advisory: maybe
    closure: 'yes'
    newest_only: 2
    message: {}
    mesage: x
    """
    assert [problem.removeprefix("site.yaml: ") for problem in problems_of(text)] == [
        (
            "repositories[1]: not a name for a repository: '../x': "
            "want letters, digits and any of ._+-, a letter or digit first"
        ),
        "repositories[2]: want text",
        "base: want text",
        "as_of: no date, nor a time with its offset: 2026-13-01: want 2026-11-01 or 2026-11-01T10:00:00Z",
        "advisories.until: no date, nor a time with its offset: soon: want 2026-11-01 or 2026-11-01T10:00:00Z",
        "advisories.types[0]: want one of security, bugfix, enhancement, newpackage: securty",
        "advisories.severity: want a list",
        "advisories.updated: want true or false",
        "advisories.since: unknown key; there are exclude, include, severity, types, until, updated",
        "packages.hold: want a list",
        "packages.exclude[0]: no name of packages, nor a glob of such: ",
        "packages.exclude[1]: no name of packages, nor a glob of such: a b",
        "packages.exclude[2]: no name of packages, nor a glob of such: x[",
        "packages.include[0]: want a name",
        "packages.include[1].evr: no range of EVRs: 3: want <, <=, =, >= or > and an EVR",
        "packages.include[2].evr[0]: no range of EVRs: > 1-2-3: want <, <=, =, >= or > and an EVR",
        "packages.include[3].version: unknown key; there are evr, name",
        "packages.include[4]: want a mapping of keys",
        "packages.without_advisory: want one of keep, drop: maybe",
        "closure: want true or false",
        "newest_only: want true or false",
        "message: want text",
        "mesage: unknown key; did you mean message?",
    ]


def test_contradictions_are_refused() -> None:
    text = "packages: {hold: [kernel]}\nadvisories: {include: [A, B], exclude: [B]}"
    assert problems_of(text) == (
        "site.yaml: packages.hold: means the EVRs of the base: want a base",
        "site.yaml: advisories.exclude: B is in include as well",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &x [1]\nb: *x\n", "line 2, column 4: there are no aliases in a recipe"),
        ("a: &a [*a]\n", "line 1, column 8: there are no aliases in a recipe"),
        ("base: a\nbase: b\n", "line 1, column 1: base stands there twice"),
        ("packages: {hold: [a], hold: [b]}\n", "line 1, column 11: hold stands there twice"),
        ("x: " + "[" * 5000, "too deep"),
        ("base: [", "line 1, column 8: expected the node content, but found '<stream end>'"),
        ("x: !!python/object/apply:os.system [id]", "line 1, column 4: could not determine a constructor for the tag"),
        ("[el9]", "want a mapping of keys"),
        (b"base: \xff", "no UTF-8: invalid start byte at byte 6"),
        ("base: x\x00", "unacceptable character #x0000"),
        ("#" * (1 << 20) + "#", "larger than 1048576 bytes"),
        ("message: '\\ud800'\nbase: \"\\ud800\"", "base: half a character (a lone surrogate) is no text"),
        (f"x: {'9' * 5000}", "Exceeds the limit"),
        ("? [a]\n: b", "line 1, column 3: found unhashable key"),
    ],
)
def test_what_is_no_recipe_is_refused(text: str | bytes, problem: str) -> None:
    (found,) = problems_of(text)
    assert found.startswith(f"site.yaml: {problem}")


def test_long_and_unprintable_words_are_shortened_and_escaped() -> None:
    (problem,) = problems_of('packages: {exclude: ["\\e[31m' + "x" * 500 + '"]}')
    assert "\x1b" not in problem
    assert len(problem) < 300
