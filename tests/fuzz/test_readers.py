"""Hostile input: whatever is read may only be read, or refused with an error of ours.

No traceback, no hang over 5 seconds, no memory over 1 GB, and nothing written outside of the folder that is given.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.campaign import CASE_S, MEMORY_BYTES, Campaign, Result
from tests.fuzz.mutation import mutated, seeded
from tests.fuzz.readers import READERS

CASES = 40
"""Of each reader, where nobody waits all night: more than 1,000 together."""
NIGHTLY_CASES = 1_000
"""More than 30,000 together."""
SEED = 8


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """Return what came of each reader: of one process for all, or at night of a process for each."""
    folder = tmp_path_factory.mktemp("campaign")
    if request.config.getoption("--nightly"):
        campaigns = [Campaign((name,), SEED, NIGHTLY_CASES) for name in READERS]
    else:
        campaigns = [Campaign(tuple(READERS), SEED, CASES)]
    found = [result for number, each in enumerate(campaigns) for result in each.run(folder / str(number))]
    for result in found:
        print(  # noqa: T201 - `pytest -s` tells the figures
            f"{result.reader:20} {result.read:6} read {result.refused:6} refused"
            f" {result.slowest_s:7.3f} s at most {result.memory_bytes >> 20:5} MiB"
        )
    return {result.reader: result for result in found}


@pytest.mark.parametrize("name", READERS)
def test_hostile_documents_are_read_or_refused(results: dict[str, Result], name: str) -> None:
    result = results[name]

    assert result.findings == ()
    assert result.slowest_s < CASE_S
    assert result.memory_bytes < MEMORY_BYTES


def test_enough_cases_are_tried(results: dict[str, Result], request: pytest.FixtureRequest) -> None:
    tried = sum(result.read + result.refused for result in results.values())

    assert tried >= (20_000 if request.config.getoption("--nightly") else 1_000)
    assert sum(result.read for result in results.values()) > tried / 50, "else what is read is hardly looked at"
    assert sum(result.refused for result in results.values()) > tried / 3, "else what is tried is hardly hostile"


def test_the_cases_are_the_same_every_time() -> None:
    documents = READERS["configuration"].documents()
    first, again = ([mutated(documents, seeded(f"x {number}")) for number in range(30)] for _ in range(2))

    assert first == again
    assert len({*first}) > 25


def test_what_a_reader_does_wrong_is_found(tmp_path: Path) -> None:
    """The harness itself: readers that do what no reader may do."""
    (result,) = Campaign(("misbehaving",), SEED, 40).run(tmp_path)

    why = " ".join(finding.why for finding in result.findings)
    assert "ZeroDivisionError" in why
    assert "touched ['open /" in why


def test_a_reader_that_hangs_is_ended(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="Timeout"):
        Campaign(("hanging",), SEED, 1).run(tmp_path)


def test_a_reader_that_takes_too_much_memory_is_found(tmp_path: Path) -> None:
    (result,) = Campaign(("greedy",), SEED, 1).run(tmp_path)

    assert "MemoryError" in result.findings[0].why
