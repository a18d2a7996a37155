"""Which changes holds keep back of themselves."""

from __future__ import annotations

from datetime import UTC

import msgspec
import pytest

from tests.support.packages import installed, offered
from yumbridge.condition.condition import Condition
from yumbridge.condition.evaluation import Facts
from yumbridge.desired.hold import EVERYTHING, Hold, HoldExceptions, Until, waits_for_boot
from yumbridge.plan.document import CrossedAdvisory
from yumbridge.plan.held import Whole, closed_holds, holding, idle_notes, whole_of
from yumbridge.plan.transaction import Surroundings, Transaction
from yumbridge.rpm.package import InstalledPackage

LIB, LIBS, TOOL = (installed(f"{name}-1-1.noarch") for name in ("lib", "lib-extra", "tool"))
MOMENT = Facts(now=None, zone=UTC, zone_name="UTC", host="host", files={"/open": True, "/shut": False})


def source(nevra: str, source_rpm: str) -> InstalledPackage:
    return msgspec.structs.replace(installed(nevra), source_rpm=source_rpm)


def upgrade(*names: str, new: tuple[str, ...] = (), **parts: object) -> Whole:
    """Return the transaction that upgrades packages of one source, "lib", and brings new ones."""
    comers = {
        f"{name}-2-1.noarch": msgspec.structs.replace(offered(f"{name}-2-1.noarch"), source_rpm="lib-2-1.src.rpm")
        for name in (*names, *new)
    }
    transaction = Transaction(
        incoming=tuple(sorted(comers)), outgoing=tuple(sorted(f"{name}-1-1.noarch" for name in names))
    )
    return Whole(
        install=comers,
        replaced={f"{name}-1-1.noarch": (f"{name}-2-1.noarch",) for name in names},
        erase=(),
        transaction=msgspec.structs.replace(transaction, **parts),
    )


def of_lib(*names: str) -> list[InstalledPackage]:
    return [source(f"{name}-1-1.noarch", "lib-1-1.src.rpm") for name in names]


@pytest.mark.parametrize(
    ("until", "closed"),
    [
        pytest.param("boot", True, id="boot"),
        pytest.param(Condition(file_exists="/open"), False, id="true"),
        pytest.param(Condition(file_exists="/shut"), True, id="false"),
    ],
)
def test_a_hold_is_in_force_until_its_condition_is_true(until: Until, closed: bool) -> None:
    hold = Hold(packages=("lib",), until=until)

    assert bool(closed_holds([hold], MOMENT)) is closed
    assert closed_holds([hold], None) == (hold,)


def test_a_boot_opens_what_waits_for_it() -> None:
    assert (
        closed_holds([Hold(packages=("lib",))], Facts(now=None, zone=UTC, zone_name="UTC", host="h", boot=True)) == ()
    )


@pytest.mark.parametrize(
    ("until", "waits"),
    [
        ("boot", True),
        (Condition(boot=True), True),
        (Condition(any_of=(Condition(between="02:00-04:00"), Condition(boot=True))), True),
        (Condition(between="02:00-04:00"), False),
        (Condition(boot=False), False),
        (Condition(none_of=(Condition(boot=True),)), False),
    ],
)
def test_what_waits_for_a_boot_has_one_among_its_conditions(until: Until, waits: bool) -> None:
    assert waits_for_boot(until) is waits


def test_the_first_hold_that_reaches_a_package_is_told() -> None:
    first, second = Hold(packages=("li*",), why="first"), Hold(packages=("lib",), why="second")

    found = holding([first, second], upgrade("lib"), of_lib("lib"))

    assert {nevra: held.words for nevra, held in found.staying.items()} == {"lib-1-1.noarch": "is held by li*: first"}


def test_a_package_without_a_source_is_of_none() -> None:
    sourceless = [source("lib-1-1.noarch", ""), source("other-1-1.noarch", "")]

    found = holding([Hold(packages=("lib",))], upgrade("lib", "other"), sourceless)

    assert set(found.staying) == {"lib-1-1.noarch"}


def test_a_new_sub_package_of_the_very_build_that_stays_is_no_split() -> None:
    whole = upgrade("lib", new=("lib-doc",))
    doc = msgspec.structs.replace(whole.install["lib-doc-2-1.noarch"], source_rpm="lib-1-1.src.rpm")
    same = Whole(
        install={**whole.install, "lib-doc-2-1.noarch": doc},
        replaced=whole.replaced,
        erase=(),
        transaction=whole.transaction,
    )

    assert set(holding([Hold(packages=("lib",))], whole, of_lib("lib")).barred) == {"lib-doc-2-1.noarch"}
    assert set(holding([Hold(packages=("lib",))], same, of_lib("lib")).barred) == set()


def test_an_advisory_lets_its_whole_source_go_and_no_other() -> None:
    exceptions = HoldExceptions(severity=("critical",))
    hold = Hold(packages=("lib", "tool"), exceptions=exceptions)
    whole = upgrade(
        "lib",
        "lib-extra",
        advisories=(("lib-2-1.noarch", ("A-1",)),),
        crossed=(CrossedAdvisory(advisory_id="A-1", kind="security", severity="Critical"),),
    )
    tool = offered("tool-2-1.noarch")
    with_tool = Whole(
        install={**whole.install, "tool-2-1.noarch": tool},
        replaced={**whole.replaced, "tool-1-1.noarch": ("tool-2-1.noarch",)},
        erase=(),
        transaction=whole.transaction,
    )

    found = holding([hold], with_tool, [*of_lib("lib", "lib-extra"), TOOL])

    assert set(found.staying) == {"tool-1-1.noarch"}
    assert [note.text for note in found.notes] == ["lib goes in spite of the hold: A-1 (Critical)"]


def test_the_hold_of_everything_keeps_back_everything() -> None:
    whole = upgrade("lib", new=("new",))

    found = holding([EVERYTHING], whole, of_lib("lib"))

    assert (set(found.staying), set(found.barred)) == ({"lib-1-1.noarch"}, {"new-2-1.noarch"})


def test_only_entries_that_name_nothing_are_idle() -> None:
    hold = Hold(packages=("lib", "nothing*", "tool"), origin="config.yaml: holds[0]")

    notes = [*idle_notes([hold], [LIB], [offered("tool-2-1.noarch")])]

    assert [note.text for note in notes] == [
        "nothing* is held, but no such package is installed or wanted (config.yaml: holds[0])"
    ]


def test_what_is_obsoleted_is_replaced_and_not_erased() -> None:
    new, other = offered("new-2-1.noarch"), offered("lib-2-1.noarch")
    around = Surroundings(closure=[new, other], installed=[LIB, LIBS, TOOL], staying=frozenset())
    transaction = Transaction(
        incoming=("lib-2-1.noarch", "new-2-1.noarch"),
        outgoing=("lib-1-1.noarch", "lib-extra-1-1.noarch", "tool-1-1.noarch"),
        obsoleted=(("lib-extra-1-1.noarch", "new-2-1.noarch"),),
    )

    whole = whole_of(transaction, ["lib-extra-1-1.noarch", "tool-1-1.noarch"], around)

    assert whole.replaced == {
        "lib-1-1.noarch": ("lib-2-1.noarch",),
        "lib-extra-1-1.noarch": ("new-2-1.noarch",),
    }
    assert whole.erase == ("tool-1-1.noarch",)
