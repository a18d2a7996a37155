"""Lines of a profile that cannot be met together, and what is told of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from yumbridge.desired.expansion import chain_text
from yumbridge.desired.spec import Spec
from yumbridge.plan.closure import Unsolvable
from yumbridge.plan.document import Problem
from yumbridge.plan.wording import SEPARATOR, joined, plain

_UNFINISHED: Final = "perhaps not all of these lines are to blame"


@dataclass(frozen=True, slots=True)
class Clash:
    """The numbers of specs that cannot be met together. With `is_least` none of them could be left out."""

    problem: Unsolvable
    numbers: tuple[int, ...]
    is_least: bool = True


def clash_problem(problem: Problem, clash: Clash, specs: Sequence[Spec]) -> Problem:
    """Return a problem of the closure told by the lines that clash: the first is the one it is of."""
    lines = list(dict.fromkeys((chain_text(specs[number]), specs[number].origin) for number in clash.numbers))
    names = joined([name for name, _ in lines])
    together = {1: "cannot be met", 2: "cannot both be met"}.get(len(lines), "cannot all be met")
    words = [plain(clash.problem.text), *_places(lines[1:])]
    if not clash.is_least:
        words.append(_UNFINISHED)
    first = specs[clash.numbers[0]]
    return msgspec.structs.replace(
        problem, spec=str(first), origin=first.origin, text=f"{names} {together}: {SEPARATOR.join(words)}"
    )


def _places(lines: Iterable[tuple[str, str]]) -> list[str]:
    """Return where the lines are written that a problem does not bear the path of."""
    return [f"{name} is listed at {origin}" for name, origin in lines]
