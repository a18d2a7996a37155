from __future__ import annotations

import pytest

from snapshots.choice.capability import Bound, Capability, Comparison, bound_of, evr_key, overlap
from yumbridge.rpm.evr import EVR


def bound(text: str) -> Bound:
    comparison, _, evr = text.partition(" ")
    found = bound_of(Comparison(comparison), evr)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("provided", "required", "is_met"),
    [
        ("= 1.0-5", "= 1.0-5", True),
        ("= 1.0-5", "= 1.0-6", False),
        ("= 1.0-5", "= 1.0", True),
        ("= 1.0", "= 1.0-5", True),
        ("= 1.0-5", ">= 1.0", True),
        ("= 1.0-5", "> 1.0", False),
        ("= 1.0-5", "< 1.0", False),
        ("= 1.0-5", "<= 1.0", True),
        ("= 1.0", "> 1.0-5", True),
        ("= 2.0-1", ">= 1:1.0", False),
        ("= 1:1.0-1", ">= 2.0", True),
        ("= 0:1.0-1", "= 1.0-1", True),
        ("= 1.0~rc1-1", ">= 1.0", False),
        ("= 1.10-1", "> 1.9", True),
        (">= 2", ">= 3", True),
        (">= 2", "< 2", False),
        (">= 2", "<= 2", True),
        ("< 3", "> 2", True),
        ("< 2", "> 3", False),
        ("<= 2-1", "< 2-1", True),
    ],
)
def test_bounds_overlap_as_rpm_has_it(provided: str, required: str, *, is_met: bool) -> None:
    assert overlap(bound(provided), bound(required)) is is_met
    assert overlap(bound(required), bound(provided)) is is_met


def test_what_has_no_bound_overlaps_with_all() -> None:
    assert overlap(None, bound("> 3"))
    assert overlap(bound("= 3"), None)
    assert overlap(None, None)


@pytest.mark.parametrize("text", ["", "1:", "a:1", "1-", "1-2-3", "1 2", "99999999999:1", "1%2"])
def test_what_is_no_evr_makes_no_bound(text: str) -> None:
    assert bound_of(Comparison.EQUAL, text) is None


def test_a_capability_is_written_as_rpm_does() -> None:
    assert str(Capability("a", bound(">= 1:2-3"))) == "a >= 1:2-3"
    assert str(Capability("a")) == "a"


def test_keys_are_those_of_evrs() -> None:
    assert evr_key(1, "1.2~x", "3.el9") == EVR(1, "1.2~x", "3.el9").key
