from __future__ import annotations

import pytest

from snapshots.choice.verdict import Reason
from spma.cli.console import Console
from spma.cli.snapshot.selection import CutPlan, ReasonCount, RepositoryPlan, plan_text


def told(reason: Reason, rule: str) -> str:
    """Return the line of a plan about one package that is kept for one reason."""
    plan = CutPlan(
        recipe=None,
        base="",
        base_id="",
        metadata_only=False,
        repositories=(
            RepositoryPlan(
                repo_id="base",
                kept=1,
                dropped=0,
                size_bytes=1,
                reasons=(ReasonCount(reason=reason, keeps=True, rule=rule, packages=1),),
                advisories_in=(),
                advisories_out=(),
            ),
        ),
        advisories=(),
        added=(),
        partial_advisories=(),
        warnings=(),
    )
    line = plan_text(plan, Console(color=False, json=False, verbose=False)).splitlines()[2]
    return line.strip().removeprefix("1  ")


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_told_in_words(reason: Reason) -> None:
    text = told(reason, "rule")
    assert " " in text
    assert "-" not in text


@pytest.mark.parametrize("reason", [Reason.EXCLUDED, Reason.HELD, Reason.INCLUDED, Reason.TOO_NEW])
def test_a_rule_that_says_more_than_its_reason_is_told(reason: Reason) -> None:
    assert told(reason, "key: value").endswith(" (key: value)")


@pytest.mark.parametrize("reason", [Reason.BASE, Reason.CLOSURE, Reason.NOT_NEWEST, Reason.ADVISORY])
def test_a_rule_that_says_the_same_as_its_reason_is_not_told(reason: Reason) -> None:
    assert "(" not in told(reason, "key: value")
