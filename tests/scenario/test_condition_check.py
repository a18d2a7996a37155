"""Conditions as a command, and as what holds wait for."""

from __future__ import annotations

import time

import pytest

from tests.support.holding import holding, waits
from tests.support.plans import moves, planned
from tests.support.profiles import Json
from tests.support.rpms import Rpm
from tests.support.waiting import NAMES, Waiting
from tests.support.world import World

ALWAYS = '{between: "00:00-24:00"}'


@pytest.mark.parametrize(
    ("text", "code", "first"),
    [
        (ALWAYS, 0, "True."),
        ("condition: {boot: false}", 0, "True."),
        ("boot: true", 1, "False."),
        ("all_of: [{boot: true}, {boot: false}]", 1, "False."),
    ],
)
def test_the_exit_code_is_the_answer(world: World, text: str, code: int, first: str) -> None:
    """0 for true, 1 for false; the condition may stand below the key `condition`."""
    outcome = world.run("condition", "check", "-", stdin=text)

    assert (outcome.code, outcome.stdout.splitlines()[0]) == (code, first)


def test_the_document_has_the_reasons_and_when_it_is_next_true(world: World) -> None:
    """With --json: whether it holds, the reason of every part, and when it next will, in UTC."""
    text = 'all_of: [{between: "02:00-04:00", timezone: Europe/Zurich, days: [sun]}, {boot: false}]'

    outcome = world.run("condition", "check", "-", "--json", "--at", "2026-11-28T12:00:00Z", stdin=text)

    assert outcome.code == 1
    assert outcome.json() == {
        "document": "yumbridge-condition",
        "version": "1.0",
        "holds": False,
        "next_true": "2026-11-29T01:00:00Z",
        "reasons": [
            {"holds": False, "text": "02:00-04:00 Europe/Zurich on sun: it is Sat 2026-11-28 13:00 there"},
            {"holds": True, "text": "it is no boot"},
        ],
    }


def test_another_time_may_be_asked_about_in_the_zone_of_the_host(world: World) -> None:
    """--at takes a time with an offset, or one of the host's own clock."""
    root = world.root()
    (root.path / "etc").mkdir(exist_ok=True)
    (root.path / "etc/localtime").symlink_to("/usr/share/zoneinfo/Europe/Zurich")
    text = '{between: "02:00-04:00", timezone: Europe/Zurich}'

    good = ("2026-11-28 02:30", "2026-11-28T01:30:00Z", "2026-11-28 04:00")
    bad = ("yesterday", "0001-01-01", "9999-12-31")

    codes = [
        world.run("condition", "check", "-", "--root", root.path, "--at", at, stdin=text).code for at in (*good, *bad)
    ]

    assert codes == [0, 0, 1, 2, 2, 2]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{between: x, days: [y]}", ["-.between: want HH:MM-HH:MM", "-.days: no such day: y"]),
        ("{boot: true, timezone: null}", ["-.timezone: has no value"]),
        ("{days: [sat], timezone: Mars/Olympus}", ["-.timezone: no such time zone: Mars/Olympus"]),
        ("all_of: [{days: [sat]}, {days: [sun]}]", ["-: can never be true: no moment of any year is in its windows"]),
        ("[", ["-: while parsing"]),
        ("a: 2027-02-30", ["-: day is out of range"]),
        ("[" * 5000, ["-: "]),
        ("x" * (5 << 20), ["-: larger than"]),
    ],
)
def test_what_is_no_condition_ends_with_2_and_every_problem(world: World, text: str, told: list[str]) -> None:
    """An invalid condition ends with 2, with every problem and its place, as an error document under --json."""
    outcome = world.run("condition", "check", "-", "--json", stdin=text)

    assert outcome.code == 2
    assert outcome.json()["kind"] == "condition"
    details = outcome.json()["details"]
    assert len(details) == len(told)
    assert all(detail.startswith(start) for detail, start in zip(details, told, strict=True))


def test_a_file_that_is_not_there_is_no_condition(world: World) -> None:
    """A missing file ends with 2, too."""
    outcome = world.run("condition", "check", world.path / "nowhere.yaml")

    assert outcome.code == 2
    assert "nowhere.yaml: No such file or directory" in outcome.stderr


def test_a_command_that_hangs_is_stopped_at_its_limit(world: World) -> None:
    """A command that does not end is killed, and the condition is false, with that as the reason."""
    text = "{command: [/bin/sleep, '100'], timeout_s: 1}"
    started = time.monotonic()

    outcome = world.run("condition", "check", "-", stdin=text)

    assert outcome.code == 1
    assert "/bin/sleep took longer than 1 s" in outcome.stdout
    assert time.monotonic() - started < 30


def test_text_fits_80_columns(world: World) -> None:
    """Long reasons are wrapped."""
    text = (
        '{between: "02:00-04:00", days: [mon, tue, wed, thu, fri, sat, sun], timezone: Europe/Zurich, '
        'dates: ["12-20/01-05", "06-01/06-30"], logged_in: false}'
    )

    assert max(map(len, world.run("condition", "check", "-", stdin=text).stdout.splitlines())) <= 80


# As what holds wait for


def held(until: Json) -> Json:
    return {"packages": ["lib"], "until": until}


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ({"between": "02:00-03:00", "timezone": "Mars/Olympus"}, "holds[0].until.timezone: no such time zone"),
        ({"between": "02:00-03:00", "minimum_remaining": 90}, "holds[0].until: can never be true"),
        ({"all_of": []}, "holds[0].until.all_of: has no members"),
        ("later", "holds[0].until: want boot, or a mapping"),
    ],
)
def test_a_hold_with_a_bad_condition_is_an_error_of_the_configuration(world: World, until: Json, told: str) -> None:
    """A bad condition ends a plan with 10, with its place, like every error of the configuration."""
    host = Waiting(world, hold=held(until))

    outcome = host.run("plan", host.profile)

    assert outcome.code == 10
    assert told in outcome.stderr


def test_a_profile_may_not_name_a_command(world: World) -> None:
    """A command in a profile's hold is refused: whoever writes templates would run programs on every host."""
    host = Waiting(world)
    hold: Json = held({"command": ["/bin/true"]})
    extra: dict[str, Json] = {"software": {"components": {"yumbridge": {"holds": [hold]}}}}

    outcome = host.run("plan", world.profile([*NAMES], [host.base], extra=extra, name="bad.json"))

    assert outcome.code == 10
    assert "until.command: only the host's own configuration may name a command" in outcome.stderr


def test_an_open_window_lets_everything_go_and_a_closed_one_nothing(world: World) -> None:
    """While its condition is true a hold keeps nothing back."""
    host = Waiting(world, hold=held({"between": "00:00-24:00"}))
    shut = holding(world, held({"dates": ["2001-01-01"]}), name="shut.json")

    assert waits(planned(world, host.profile, host.root, "--config", host.config)) == {}
    plan = planned(world, host.profile, host.root, "--config", shut)
    assert waits(plan) == {"app": "closure", "lib": "hold"}
    assert {str(change["until"]) for change in plan["deferred"]} == {"{'dates': ['2001-01-01']}"}


def test_what_waits_for_a_window_alone_is_not_staged_for_the_boot(world: World) -> None:
    """A window that says nothing of boots is waited for by later runs, not by the boot."""
    host = Waiting(world, hold=held({"dates": ["2001-01-01"]}))

    report = host.apply()

    assert waits(report) == {"app": "closure", "lib": "hold"}
    assert host.record()["state"] == "none"


def test_what_waits_for_a_boot_or_a_window_is_staged_and_goes_with_the_first_of_them(world: World) -> None:
    """With both in one condition the boot carries it out when no window came before."""
    host = Waiting(world, hold=held({"any_of": [{"boot": True}, {"dates": ["2001-01-01"]}]}))
    host.apply()
    assert host.record()["state"] == "staged"

    assert host.boot()["state"] == "done"


def test_at_boot_what_still_waits_for_a_window_stays(world: World) -> None:
    """A boot frees what waits for it; what waits for a window alone goes on waiting."""
    host = Waiting(world)
    other, other2 = Rpm("db", "1-1"), Rpm("db", "2-1")
    base = world.repository("base", *host.base.rpms, other2)
    world.install(host.root, other)
    host.profile = world.profile([*NAMES, "db"], [base])
    host.config = holding(world, {"packages": ["lib"]}, {"packages": ["db"], "until": {"dates": ["2001-01-01"]}})

    report = host.apply()
    assert waits(report) == {"app": "closure", "lib": "hold", "db": "hold"}
    host.boot()

    assert {"lib-2-1.noarch", "app-2-1.noarch", "db-1-1.noarch"} <= host.root.installed()
    assert waits(host.report()) == {"db": "hold"}


def test_the_text_says_when_a_window_opens(world: World) -> None:
    """A preview tells when what waits for a window may go, as far as that is known."""
    host = Waiting(world, hold=held({"dates": ["2099-01-01"]}))

    lines = host.run("plan", host.profile).stdout.splitlines()

    assert "WHEN on 2099-01-01 (next 2099-01-01 00:00 UTC)" in lines
    assert moves(planned(world, host.profile, host.root, "--config", host.config)) == ["upgrade tool.noarch 1-1 -> 2-1"]
