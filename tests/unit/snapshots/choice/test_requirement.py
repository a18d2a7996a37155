from __future__ import annotations

import pytest

from snapshots.choice.capability import Bound, Capability, Comparison
from snapshots.choice.requirement import Expression, Operator, requirement_of

A, B, C = map(Capability, "ABC")


@pytest.mark.parametrize(
    ("text", "requirement"),
    [
        ("(A and B)", Expression(Operator.AND, (A, B))),
        ("(A and B and C)", Expression(Operator.AND, (A, B, C))),
        ("( A  or\tB )", Expression(Operator.OR, (A, B))),
        ("(A if B)", Expression(Operator.IF, (A, B))),
        ("(A if B else C)", Expression(Operator.IF, (A, B, C))),
        ("(A unless B else C)", Expression(Operator.UNLESS, (A, B, C))),
        ("(A with B with C)", Expression(Operator.WITH, (A, B, C))),
        ("(A without B)", Expression(Operator.WITHOUT, (A, B))),
        ("(A or (B and C))", Expression(Operator.OR, (A, Expression(Operator.AND, (B, C))))),
        ("(A)", A),
        (
            "(crate(x/default) >= 1.2 with crate(x/default) < 2~)",
            Expression(
                Operator.WITH,
                (
                    Capability("crate(x/default)", Bound(Comparison.AT_LEAST, 0, "1.2")),
                    Capability("crate(x/default)", Bound(Comparison.LESS, 0, "2~")),
                ),
            ),
        ),
        (
            "(libx.so.1()(64bit) if /bin/sh)",
            Expression(Operator.IF, (Capability("libx.so.1()(64bit)"), Capability("/bin/sh"))),
        ),
        (
            "(A = 1:2-3 or B)",
            Expression(Operator.OR, (Capability("A", Bound(Comparison.EQUAL, 1, "2", "3")), B)),
        ),
    ],
)
def test_boolean_dependencies_are_read(text: str, requirement: Capability | Expression) -> None:
    assert requirement_of(text) == requirement
    assert requirement_of(str(requirement)) in {requirement, Capability(str(requirement))}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "(",
            "()",
            "(A",
            "(A and)",
            "(A and B",
            "(A B)",
            "(A and B or C)",
            "(A if B if C)",
            "(A if B else C else A)",
        ),
        *("(A xor B)", "(A >= )", "(A >= 1-2-3)", "(and B)x", "(A and B) C", "(A,B)", "(A >< 1 and B)", "(A else B)"),
        "(" * 100 + "A" + ")" * 100,
        "(" * 100_000,
        f"(A{' and A' * 20_000})",
    ],
)
def test_what_is_malformed_is_a_name_that_nothing_provides(text: str) -> None:
    assert requirement_of(text) == Capability(text)
