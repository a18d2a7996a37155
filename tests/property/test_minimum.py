"""Few that suffice are found among many."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from yumbridge.plan.minimum import fewest

NUMBERS = st.lists(st.integers(0, 30), min_size=1, max_size=30, unique=True)


@given(candidates=NUMBERS, data=st.data())
def test_what_is_found_suffices_and_nothing_of_it_can_be_left_out(candidates: list[int], data: st.DataObject) -> None:
    # "Return few of `candidates` ... that still suffice ... none of the result can be left out alone."
    needed = set(data.draw(st.lists(st.sampled_from(candidates), min_size=1)))

    found = fewest(candidates, lambda some: needed <= set(some), 10_000)

    assert set(found) == needed
    assert list(found) == [number for number in candidates if number in needed]


@given(candidates=NUMBERS, tries=st.integers(0, 5))
def test_no_more_is_tried_than_allowed(candidates: list[int], tries: int) -> None:
    # "Each call of `suffices` is a try."
    asked: list[Sequence[int]] = []

    def suffices(some: Sequence[int]) -> bool:
        asked.append(some)
        return candidates[0] in some

    found = fewest(candidates, suffices, tries)

    assert len(asked) <= tries
    assert candidates[0] in found


@given(candidates=NUMBERS)
def test_either_of_two_is_enough(candidates: list[int]) -> None:
    assert len(fewest(candidates, lambda some: len(some) > 0, 10_000)) == 1
