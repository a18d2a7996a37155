"""The rules by which specs match what repositories offer, as plain values."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import total_ordering
from random import Random
from types import ModuleType
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.project import ROOT

SpecRow: TypeAlias = dict[str, str | None]


def load_rules() -> ModuleType:
    """Import the module by its path: the worker's files are no package of ours."""
    path = ROOT / "yumbridge/engine/worker/specs.py"
    found = importlib.util.spec_from_file_location("worker_specs", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


rules = load_rules()

# As hawkey lists those of an x86_64 host.
ARCHES = ["x86_64", "i686", "i586", "i486", "i386", "noarch"]


@total_ordering
@dataclass(frozen=True)
class Candidate:
    """A package with versions of one digit, which order as text does."""

    name: str
    version: str = "1"
    release: str = "1"
    arch: str = "x86_64"
    reponame: str = "base"
    epoch: int = 0

    def __lt__(self, other: Candidate) -> bool:
        return (self.epoch, self.version, self.release) < (other.epoch, other.version, other.release)


def spec(name: str, evr: str | None = None, arch: str | None = None, repo_id: str | None = None) -> SpecRow:
    return {"name": name, "evr": evr, "arch": arch, "repo_id": repo_id}


def catalogue(*candidates: Candidate, installonly: frozenset[str] = frozenset()) -> object:
    by_name: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_name.setdefault(candidate.name, []).append(candidate)
    return rules.Catalogue(by_name, ARCHES, installonly)


def jobs(specs: list[SpecRow], *candidates: Candidate, installonly: frozenset[str] = frozenset()) -> list[object]:
    """Return, per spec, its jobs, or the kind of its problem."""
    matches = rules.match_specs(specs, catalogue(*candidates, installonly=installonly))
    return [match.problem[0] if match.problem else [set(job) for job in match.jobs] for match in matches]


# Single rules


@pytest.mark.parametrize(
    ("text", "is_glob"),
    [("bash", False), ("ba*", True), ("b?sh", True), ("[b]ash", False), ("", False), (None, False)],
)
def test_only_star_and_question_mark_make_a_glob(text: str | None, is_glob: bool) -> None:
    assert rules.is_glob(text) is is_glob


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("*", "", True),
        ("ba*", "bash", True),
        ("ba*", "abash", False),
        ("*sh", "bash", True),
        ("*sh", "bash-doc", False),
        ("b?sh", "bash", True),
        ("b?sh", "bsh", False),
        ("lib.", "libx", False),
        ("libstdc++*", "libstdc++-devel", True),
        ("[ab]*", "[ab]c", True),
        ("[ab]*", "ac", False),
        ("ba\n*", "ba\nsh", True),
        ("bash", "bash\n", False),
    ],
)
def test_a_glob_matches_whole_texts(pattern: str, text: str, matches: bool) -> None:
    assert (rules.glob_regex(pattern).match(text) is not None) is matches


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("1", True),
        ("1-2", True),
        ("3:1", True),
        ("3:1-2", True),
        ("0:1-2", False),
        ("03:1", True),
        ("1-3", False),
        ("2", False),
        ("*", True),
        ("1*", True),
        ("1-*", True),
        ("?-2", True),
        ("3:*", True),
        ("0:*", False),
        ("*-3", False),
        ("1-", False),
        ("", False),
    ],
)
def test_an_evr_pattern_matches_version_or_version_release_of_any_epoch(pattern: str, matches: bool) -> None:
    assert rules.evr_matcher(pattern)(Candidate("a", "1", "2", epoch=3)) is matches


def test_a_colon_after_a_word_is_no_epoch() -> None:
    assert rules.evr_matcher("a:1")(Candidate("a", "a:1"))
    assert not rules.evr_matcher("a:1")(Candidate("a", "1"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bash.x86_64", ("bash", "x86_64")),
        ("bash.noarch", ("bash", "noarch")),
        ("bash.aarch64", ("bash.aarch64", None)),
        ("python3.11", ("python3.11", None)),
        ("a.b.i686", ("a.b", "i686")),
        ("bash", ("bash", None)),
        (".x86_64", (".x86_64", None)),
        ("bash.", ("bash.", None)),
    ],
)
def test_the_end_of_a_name_is_an_arch_only_if_the_host_has_it(name: str, expected: tuple[str, str | None]) -> None:
    assert rules.split_arch(name, ARCHES) == expected


def test_names_are_asked_for_with_and_without_their_end_and_globs_apart() -> None:
    asked = rules.names_to_query([spec("bash.i686"), spec("perl-*"), spec("vim"), spec("vim", "1")], ARCHES)

    assert asked == (["bash", "bash.i686", "vim"], ["perl-*"])


# Arches

NATIVE, SECOND, NOARCH, FOREIGN = (Candidate("a", arch=arch) for arch in ("x86_64", "i686", "noarch", "aarch64"))
OLDER = Candidate("a", "0")


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([NATIVE, SECOND], {NATIVE}),
        ([SECOND], {SECOND}),
        ([NATIVE, NOARCH], {NATIVE, NOARCH}),
        ([SECOND, NOARCH], {NOARCH}),
        ([NATIVE, FOREIGN], {NATIVE}),
        ([OLDER, SECOND], {OLDER}),
    ],
)
def test_the_best_arch_of_what_is_offered_is_chosen(offered: list[Candidate], chosen: set[Candidate]) -> None:
    assert jobs([spec("a")], *offered) == [[chosen]]


@pytest.mark.parametrize("wanted", [spec("a"), spec("a", None, "aarch64"), spec("a", "1"), spec("?")])
def test_what_is_for_other_hosts_is_not_found(wanted: SpecRow) -> None:
    assert jobs([wanted], FOREIGN) == ["not-found"]


def test_an_arch_pin_is_met_by_that_arch_alone() -> None:
    assert jobs([spec("a", None, "i686"), spec("a.noarch")], NATIVE, SECOND, NOARCH) == [[{SECOND}], [{NOARCH}]]


def test_a_name_dot_arch_is_that_name_if_a_package_bears_it() -> None:
    named = Candidate("a.x86_64")

    assert jobs([spec("a.x86_64")], NATIVE, named) == [[{named}]]
    assert jobs([spec("a.x86_64")], NATIVE) == [[{NATIVE}]]


def test_an_arch_beside_the_name_leaves_the_name_whole() -> None:
    """A name that nothing bears is left for a provider: no job, no problem."""
    assert jobs([spec("a.x86_64", None, "x86_64")], NATIVE) == [[]]


# What specs of one name say together

ONE, TWO = Candidate("a", "1"), Candidate("a", "2")
ONE_32, TWO_32 = Candidate("a", "1", arch="i686"), Candidate("a", "2", arch="i686")
KERNELS = frozenset({"a"})


@pytest.mark.parametrize(
    ("specs", "expected"),
    [
        pytest.param([spec("a"), spec("a", "1")], [[{ONE}], [{ONE}]], id="versioned-beats-unversioned"),
        pytest.param([spec("a", "*"), spec("a", "1")], [[{ONE}], [{ONE}]], id="versions-meet"),
        pytest.param([spec("a"), spec("a")], [[{ONE, TWO}], [{ONE, TWO}]], id="twice"),
        pytest.param([spec("a", "1"), spec("a", "2")], ["conflicting-versions"] * 2, id="versions-do-not-meet"),
        pytest.param(
            [spec("a", "1", "x86_64"), spec("a", "2", "i686")], ["conflicting-versions"] * 2, id="nor-over-arches"
        ),
        pytest.param([spec("a", "1"), spec("a.i686")], [[{ONE}], [{ONE_32}]], id="one-version-for-all-arches"),
        pytest.param([spec("a", "9"), spec("a")], ["not-found", []], id="a-version-that-is-not-there-still-beats"),
        pytest.param([spec("a", "9"), spec("a", "1")], ["not-found", [{ONE}]], id="each-version-for-itself"),
        pytest.param([spec("?", "9"), spec("?")], ["not-found", [{ONE, TWO}]], id="a-glob-that-fits-nothing-is-out"),
        pytest.param([spec("?", "1"), spec("?")], [[{ONE}], [{ONE}]], id="globs-as-names"),
        pytest.param([spec("?", "2"), spec("a", "1")], [[], [{ONE}]], id="specific-beats-glob"),
        pytest.param([spec("?", "2"), spec("a.i686")], [[], [{ONE_32, TWO_32}]], id="name.arch-beats-glob"),
    ],
)
@pytest.mark.parametrize("order", [1, -1], ids=["as-written", "reversed"])
def test_specs_of_one_name(specs: list[SpecRow], expected: list[object], order: int) -> None:
    assert jobs(specs[::order], ONE, TWO, ONE_32, TWO_32) == expected[::order]


@pytest.mark.parametrize(
    ("specs", "expected"),
    [
        pytest.param([spec("a", "1"), spec("a", "2")], [[{ONE}], [{TWO}]], id="side-by-side"),
        pytest.param([spec("a", "1"), spec("a", "*")], [[{ONE}], [{ONE, TWO}]], id="one-and-the-newest"),
        pytest.param([spec("a"), spec("a", "1")], [[{ONE}], [{ONE}]], id="versioned-beats-unversioned"),
        pytest.param([spec("a"), spec("a", "1"), spec("a", "2")], [[{ONE}, {TWO}], [{ONE}], [{TWO}]], id="met-by-both"),
    ],
)
def test_specs_of_one_installonly_name(specs: list[SpecRow], expected: list[object]) -> None:
    assert jobs(specs, ONE, TWO, installonly=KERNELS) == expected


def test_a_glob_has_a_job_per_name_and_passes_over_names_that_do_not_fit() -> None:
    other, old = Candidate("b", "2"), Candidate("c", "1")

    assert jobs([spec("?", "2")], ONE, TWO, other, old) == [[{TWO}, {other}]]


def test_a_glob_over_names_that_all_have_their_own_entries_is_no_problem() -> None:
    assert jobs([spec("?"), spec("a", "1")], ONE, TWO) == [[], [{ONE}]]


def test_two_globs_that_disagree_about_one_name_are_a_problem_of_both() -> None:
    other = Candidate("b", "1")

    assert jobs([spec("?", "1"), spec("a*", "2")], ONE, TWO, other) == ["conflicting-versions"] * 2


def test_a_repository_pin_leaves_its_packages_only() -> None:
    there, elsewhere = Candidate("a", reponame="one"), Candidate("a", "2", reponame="two")

    assert jobs([spec("a", "*", None, "one")], there, elsewhere) == [[{there}]]
    assert jobs([spec("a", "*", None, "three")], there, elsewhere) == ["not-found"]


# What is said when nothing fits


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (spec("a", "9"), "no a 9; there is 1-1, 2-1"),
        (spec("a", None, "noarch"), "no a for noarch; there is i686, x86_64"),
        (spec("a", "1", "s390x"), "a is wanted for s390x, and this host has no such packages"),
        (spec("a", "1", None, "nosuch"), "no a in repository nosuch; it is in base"),
        (spec("b*"), "no package name matches b*"),
        (spec("?", "9"), "no package that matches ? has version 9"),
    ],
)
def test_a_problem_says_what_there_is(wanted: SpecRow, text: str) -> None:
    (match,) = rules.match_specs([wanted], catalogue(ONE, TWO, ONE_32))

    assert match.problem == ("not-found", text)


def test_of_many_builds_the_newest_are_named() -> None:
    (match,) = rules.match_specs([spec("a", "x")], catalogue(*(Candidate("a", str(n)) for n in (3, 1, 5, 2, 4))))

    assert match.problem == ("not-found", "no a x; there is 3-1, 4-1, 5-1 and 2 more")


def test_versions_that_conflict_are_named() -> None:
    matches = rules.match_specs([spec("a", "2"), spec("a", "1-1")], catalogue(ONE, TWO))

    assert {match.problem[1] for match in matches} == {"a is wanted as 1-1 and as 2, and only one can be installed"}


# Laws

NAMES = st.sampled_from(["a", "b", "ab"])
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        name=NAMES,
        version=st.sampled_from("123"),
        release=st.sampled_from("12"),
        arch=st.sampled_from(["x86_64", "i686", "noarch", "aarch64"]),
        reponame=st.sampled_from(["base", "extra"]),
        epoch=st.sampled_from([0, 1]),
    ),
    unique=True,
    max_size=12,
)
SPECS = st.lists(
    st.builds(
        spec,
        name=st.sampled_from(["a", "b", "ab", "a.i686", "a*", "*", "?", "nosuch"]),
        evr=st.sampled_from([None, None, "1", "2-1", "1:3", "*", "2*"]),
        arch=st.sampled_from([None, None, "x86_64", "noarch"]),
        repo_id=st.sampled_from([None, None, "base"]),
    ),
    max_size=5,
)


@given(SPECS, CANDIDATES)
def test_each_candidate_of_a_job_is_what_the_spec_names(specs: list[SpecRow], offered: list[Candidate]) -> None:
    """A job holds builds of one name, all for this host, all of the asked version, arch and repository."""
    for wanted, match in zip(specs, rules.match_specs(specs, catalogue(*offered)), strict=True):
        for job in match.jobs:
            assert job
            assert len({candidate.name for candidate in job}) == 1
            for candidate in job:
                assert candidate in offered
                assert candidate.arch in ARCHES
                assert wanted["arch"] in {None, candidate.arch}
                assert not wanted["evr"] or rules.evr_matcher(wanted["evr"])(candidate)
                # What an unversioned spec borrows from a versioned one may be pinned to another repository.
                assert not wanted["evr"] or wanted["repo_id"] in {None, candidate.reponame}


@given(SPECS, CANDIDATES)
def test_a_spec_has_jobs_or_a_problem_never_both(specs: list[SpecRow], offered: list[Candidate]) -> None:
    for match in rules.match_specs(specs, catalogue(*offered)):
        assert not (match.jobs and match.problem)


@given(SPECS, CANDIDATES, st.randoms())
def test_the_order_of_what_is_offered_changes_nothing(
    specs: list[SpecRow], offered: list[Candidate], shuffled: Random
) -> None:
    mixed = list(offered)
    shuffled.shuffle(mixed)

    assert jobs(specs, *offered) == jobs(specs, *mixed)


@given(SPECS, CANDIDATES)
def test_the_order_of_specs_changes_no_verdict(specs: list[SpecRow], offered: list[Candidate]) -> None:
    there, back = jobs(specs, *offered), jobs(specs[::-1], *offered)[::-1]

    assert [verdict if isinstance(verdict, str) else None for verdict in there] == [
        verdict if isinstance(verdict, str) else None for verdict in back
    ]


@given(CANDIDATES, st.sampled_from(["a", "b", "ab"]))
def test_a_name_alone_is_met_whenever_this_host_could_have_it(offered: list[Candidate], name: str) -> None:
    (verdict,) = jobs([spec(name)], *offered)
    fit = [candidate for candidate in offered if candidate.name == name and candidate.arch in ARCHES]
    borne = any(candidate.name == name for candidate in offered)

    assert (verdict == "not-found") is (borne and not fit)
    assert (verdict == []) is (not borne)


@given(st.text("ab.-", max_size=6))
def test_a_glob_without_glob_characters_matches_itself_alone(text: str) -> None:
    assert rules.glob_regex(text).match(text)
    assert not rules.glob_regex(text).match(f"{text}a")
