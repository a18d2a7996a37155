"""What ncm-ncd is told of a run that has ended, and at which level."""

from __future__ import annotations

import pytest

from spma.cli.applying import Ended
from spma.cli.component_message import MESSAGES, Level, MessageKind
from spma.cli.component_run import outcome_messages
from spma.cli.exits import Exit
from yumbridge.errors import RepositoryError
from yumbridge.plan.document import Action, Deferral, Reboot
from yumbridge.run.boot import BootRecord, BootState
from yumbridge.run.report import Outcome, Report

WAITS = Deferral(
    action=Action.UPGRADE,
    name="glibc",
    arch="x86_64",
    before=("1-1",),
    after=("2-1",),
    repo_id="base",
    checksum="sha256:00",
    size_bytes=1,
    why=(),
    cause="hold",
    until="boot",
    chain=(),
)


def report(outcome: Outcome, **fields: object) -> Report:
    return Report(plan="sha256:00", started="s", finished="f", outcome=outcome, **fields)  # type: ignore[arg-type]


def errors(found: Report, ended: Ended) -> list[str]:
    return [text for kind, text in outcome_messages(found, ended) if MESSAGES[kind].run is Level.ERROR]


def test_every_kind_of_message_has_its_levels_and_a_meaning() -> None:
    assert MESSAGES.keys() == {*MessageKind}
    assert [kind for kind, row in MESSAGES.items() if not row.meaning] == []


def test_no_level_is_higher_with_noaction_than_info_unless_in_a_run_as_well() -> None:
    differing = {kind: row.noaction for kind, row in MESSAGES.items() if row.noaction is not row.run}
    assert set(differing.values()) == {Level.INFO}


@pytest.mark.parametrize(
    "ended",
    [
        pytest.param(Ended(Exit.DONE, boot=BootRecord(state=BootState.ARMED, changes=1, boot_id="b")), id="armed"),
        pytest.param(Ended(Exit.DONE, boot=BootRecord(state=BootState.FAILED, changes=1, why="w")), id="failed"),
        pytest.param(Ended(Exit.DONE, error=RepositoryError("gone", ["a", "b"])), id="not-staged"),
    ],
)
def test_nothing_that_waits_is_ever_an_error(ended: Ended) -> None:
    found = report(Outcome.AS_PLANNED, deferred=(WAITS,))
    assert (MessageKind.WAITING, "Waiting: 1 package at boot") in [*outcome_messages(found, ended)]
    assert errors(found, ended) == []


@pytest.mark.parametrize(
    ("found", "code"),
    [
        pytest.param(report(Outcome.FAILED, errors=("e",)), Exit.TRANSACTION, id="failed"),
        pytest.param(report(Outcome.FAILED, differences=("d",)), Exit.TRANSACTION, id="different"),
        pytest.param(report(Outcome.REFUSED, errors=("too many",)), Exit.FAILURE, id="refused"),
    ],
)
def test_an_end_that_is_not_good_is_an_error(found: Report, code: Exit) -> None:
    assert errors(found, Ended(code))


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(report(Outcome.AS_PLANNED, errors=("no log",)), id="as-planned"),
        pytest.param(report(Outcome.NOTHING_TO_DO), id="nothing-to-do"),
        pytest.param(report(Outcome.REFUSED, errors=("run = no",)), id="run-no"),
    ],
)
def test_a_good_end_is_none(found: Report) -> None:
    assert errors(found, Ended(Exit.DONE)) == []
    assert [kind for kind, _ in outcome_messages(found, Ended(Exit.DONE))]


def test_a_reboot_is_told() -> None:
    reboot = Reboot(needed_after=True, because=("glibc-2-1.x86_64",))
    found = report(Outcome.AS_PLANNED, reboot=reboot)
    assert (MessageKind.REBOOT, "A reboot is needed: glibc-2-1.x86_64") in [*outcome_messages(found, Ended(Exit.DONE))]
