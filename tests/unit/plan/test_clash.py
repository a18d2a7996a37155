"""How lines that clash are told."""

from __future__ import annotations

from yumbridge.desired.spec import Spec
from yumbridge.plan.clash import Clash, clash_problem
from yumbridge.plan.closure import ProblemKind, Unsolvable
from yumbridge.plan.document import Problem

SPECS = (
    Spec(name="foo", origin="/foo"),
    Spec(name="bar", evr="1.0", origin="/bar/1.0"),
    Spec(name="postfix", aliases=("base", "mta"), origin="/@base"),
)
WORDS = "package foo-2-1.noarch conflicts with bar provided by bar-1.0-1.noarch; conflicting requests"
PLAIN = "foo-2-1.noarch conflicts with bar-1.0-1.noarch"


def told(*numbers: int, is_least: bool = True) -> Problem:
    problem = Problem(kind=ProblemKind.UNSOLVABLE, text=PLAIN)
    return clash_problem(problem, Clash(Unsolvable(None, WORDS), numbers, is_least=is_least), SPECS)


def test_one_line_alone_cannot_be_met() -> None:
    assert told(1) == Problem(
        kind=ProblemKind.UNSOLVABLE, spec="bar-1.0", origin="/bar/1.0", text=f"bar-1.0 cannot be met: {PLAIN}"
    )


def test_the_problem_is_of_the_first_line_and_tells_where_the_others_are() -> None:
    assert told(0, 1) == Problem(
        kind=ProblemKind.UNSOLVABLE,
        spec="foo",
        origin="/foo",
        text=f"foo and bar-1.0 cannot both be met: {PLAIN}; bar-1.0 is listed at /bar/1.0",
    )


def test_a_line_that_comes_of_an_alias_is_told_with_the_way_to_it() -> None:
    text = told(0, 1, 2).text

    assert text.startswith("foo, bar-1.0 and @base -> @mta -> postfix cannot all be met: ")
    assert text.endswith("; @base -> @mta -> postfix is listed at /@base")


def test_a_search_that_ended_early_says_so() -> None:
    assert told(0, 1, is_least=False).text.endswith("; perhaps not all of these lines are to blame")
