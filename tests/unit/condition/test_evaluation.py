"""What conditions come to: windows and the changes of the clock, what is not known, and when it is next true."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from yumbridge.condition.bounds import delay_s
from yumbridge.condition.condition import Condition
from yumbridge.condition.evaluation import CommandEnd, Facts, Verdict, evaluate

ZURICH = ZoneInfo("Europe/Zurich")


def facts(at: str | None, **fields: object) -> Facts:
    now = None if at is None else datetime.fromisoformat(at).replace(tzinfo=UTC)
    known: dict[str, object] = {"zone": UTC, "zone_name": "UTC", "host": "node1"}
    return Facts(now=now, **(known | fields))  # type: ignore[arg-type]


def holds(condition: Condition, at: str, **fields: object) -> bool:
    return evaluate(condition, facts(at, **fields)).holds


def next_true(condition: Condition, at: str, **fields: object) -> str | None:
    found = evaluate(condition, facts(at, **fields)).next_true
    return None if found is None else f"{found:%Y-%m-%d %H:%M}"


NIGHT = Condition(between="22:00-02:00", timezone="Europe/Zurich", days=("sat",))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param("2026-11-28T20:59", False, id="a-minute-before"),
        pytest.param("2026-11-28T21:00", True, id="begins-on-saturday"),
        pytest.param("2026-11-29T00:59", True, id="goes-on-into-sunday"),
        pytest.param("2026-11-29T01:00", False, id="ends"),
        pytest.param("2026-11-28T00:30", False, id="the-night-of-friday"),
        pytest.param("2026-11-29T21:30", False, id="the-night-of-sunday"),
    ],
)
def test_a_window_over_midnight_is_of_the_day_on_which_it_begins(at: str, expected: bool) -> None:
    assert holds(NIGHT, at) is expected


@pytest.mark.parametrize(
    ("zone", "between", "opens", "minutes"),
    [
        # The clock goes from 02:00 to 03:00: half of the window is left out.
        pytest.param("Europe/Zurich", "02:30-03:30", "2027-03-28T01:00", 30, id="zurich-spring"),
        # It goes from 03:00 back to 02:00: what lies in that hour is there twice, with a gap between.
        pytest.param("Europe/Zurich", "02:00-03:00", "2026-10-25T00:00", 120, id="zurich-autumn"),
        pytest.param("America/New_York", "01:00-03:00", "2027-03-14T06:00", 60, id="new-york-spring"),
        pytest.param("America/New_York", "01:00-02:00", "2026-11-01T05:00", 120, id="new-york-autumn"),
        # By half an hour.
        pytest.param("Australia/Lord_Howe", "01:30-02:00", "2027-04-03T14:30", 60, id="lord-howe-autumn"),
        # At midnight: the day begins at 01:00.
        pytest.param("Asia/Beirut", "00:00-02:00", "2027-03-27T22:00", 60, id="beirut-spring"),
    ],
)
def test_a_window_is_open_while_the_clock_shows_a_time_in_it(zone: str, between: str, opens: str, minutes: int) -> None:
    condition = Condition(between=between, timezone=zone)
    start = int(datetime.fromisoformat(opens).replace(tzinfo=UTC).timestamp())

    def at(minute: int) -> bool:
        moment = datetime.fromtimestamp(start + minute * 60, UTC)
        return evaluate(condition, Facts(now=moment, zone=UTC, zone_name="UTC", host="h")).holds

    assert [at(minute) for minute in (-1, 0, minutes - 1, minutes)] == [False, True, True, False]


def test_a_day_that_a_zone_left_out_is_not_there() -> None:
    # Samoa went from one side of the date line to the other at the end of a Thursday.
    condition = Condition(days=("fri",), timezone="Pacific/Apia", dates=("2011-12-26/2012-01-08",))

    assert next_true(condition, "2011-12-28T00:00") == "2012-01-05 10:00"


def test_what_lies_in_an_hour_that_is_shown_twice_opens_twice() -> None:
    condition = Condition(between="02:15-02:45", timezone="Europe/Zurich", dates=("2026-10-25",))

    assert [holds(condition, f"2026-10-25T{time}") for time in ("00:15", "00:45", "01:15", "01:45")] == [
        True,
        False,
        True,
        False,
    ]
    assert next_true(condition, "2026-10-25T00:45") == "2026-10-25 01:15"


def test_what_lies_in_the_hour_left_out_does_not_open_on_that_day() -> None:
    condition = Condition(between="02:15-02:45", timezone="Europe/Zurich")

    assert next_true(condition, "2027-03-27T12:00") == "2027-03-29 00:15"


def test_the_zone_of_the_host_is_that_of_a_window_that_names_none() -> None:
    condition = Condition(between="02:00-04:00")

    assert holds(condition, "2026-11-28T01:30", zone=ZURICH)
    assert not holds(condition, "2026-11-28T01:30")


@pytest.mark.parametrize(
    ("dates", "at", "expected"),
    [
        (("12-20/01-05",), "2026-12-20T00:00", True),
        (("12-20/01-05",), "2026-12-31T23:59", True),
        (("12-20/01-05",), "2027-01-05T23:59", True),
        (("12-20/01-05",), "2027-01-06T00:00", False),
        (("12-20/01-05",), "2031-01-01T00:00", True),
        (("2026-12-20/2027-01-05",), "2027-12-25T00:00", False),
        (("2026-12-24",), "2026-12-24T23:59", True),
        (("02-28/03-01",), "2028-02-29T12:00", True),
    ],
)
def test_dates_are_whole_days_of_one_year_or_of_every_year(dates: tuple[str, ...], at: str, expected: bool) -> None:
    assert holds(Condition(dates=dates), at) is expected


def test_a_freeze_is_what_none_of_says() -> None:
    freeze = Condition(none_of=(Condition(dates=("12-20/01-05",)),))
    condition = Condition(all_of=(Condition(days=("sat",)), freeze))

    assert not holds(condition, "2026-12-26T12:00")
    assert next_true(condition, "2026-12-26T12:00") == "2027-01-09 00:00"


def test_so_much_has_to_remain_of_the_window() -> None:
    condition = Condition(between="02:00-04:00", minimum_remaining=30)
    beside = Condition(all_of=(Condition(between="02:00-04:00"), Condition(minimum_remaining=30)))

    for each in (condition, beside):
        assert holds(each, "2026-11-28T03:30")
        assert not holds(each, "2026-11-28T03:31")
        assert next_true(each, "2026-11-28T03:31") == "2026-11-29 02:00"


def test_what_has_to_remain_is_of_the_windows_together() -> None:
    condition = Condition(
        minimum_remaining=90,
        any_of=(Condition(between="02:00-03:00"), Condition(between="03:00-04:00")),
    )

    assert holds(condition, "2026-11-28T02:30")
    assert not holds(condition, "2026-11-28T02:31")


def test_a_splay_delays_each_host_by_its_own_time_and_always_the_same() -> None:
    condition = Condition(between="02:00-06:00", splay=120)
    opened = {host: next_true(condition, "2026-11-28T00:00", host=host) for host in ("node1", "node2", "node3")}

    assert len(set(opened.values())) == 3
    assert all("2026-11-28 02:00" <= str(each) < "2026-11-28 04:00" for each in opened.values())
    assert delay_s(120, "node1") == delay_s(120, "node1") < 7200
    assert holds(condition, "2026-11-28T05:59", host="node1")


UNKNOWN = Condition(command=("/bin/drained",))


def verdict(condition: Condition, **fields: object) -> Verdict:
    return evaluate(condition, facts("2026-11-28T12:00", **fields))


def test_what_is_not_known_is_not_true_unless_the_rest_decides() -> None:
    yes, no = Condition(file_exists="/yes"), Condition(file_exists="/no")
    files = {"/yes": True, "/no": False}
    cases = {
        UNKNOWN: (False, False),
        Condition(any_of=(UNKNOWN, yes)): (True, True),
        Condition(any_of=(UNKNOWN, no)): (False, False),
        Condition(all_of=(UNKNOWN, no)): (False, True),
        Condition(all_of=(UNKNOWN, yes)): (False, False),
        Condition(none_of=(UNKNOWN,)): (False, False),
        Condition(none_of=(UNKNOWN, yes)): (False, True),
    }

    for condition, expected in cases.items():
        found = verdict(condition, files=files)
        assert (found.holds, found.known) == expected, condition


@pytest.mark.parametrize(
    ("end", "expected", "text"),
    [
        (CommandEnd(code=0), True, "/bin/drained ended with exit code 0"),
        (CommandEnd(code=3), False, "/bin/drained ended with exit code 3"),
        (CommandEnd(why="took longer than 30 s"), False, "/bin/drained took longer than 30 s"),
    ],
)
def test_a_command_decides_by_its_exit_code(end: CommandEnd, expected: bool, text: str) -> None:
    found = verdict(UNKNOWN, commands={("/bin/drained",): end})

    assert (found.holds, found.known, found.reasons[0].text) == (expected, True, text)


def test_a_clock_that_is_not_set_opens_no_window() -> None:
    window = Condition(between="00:00-24:00")
    named = Condition(between="00:00-24:00", timezone="Europe/Zurich")
    boot = Condition(any_of=(window, Condition(boot=True)))

    for each in (window, named, Condition(none_of=(named,))):
        found = evaluate(each, facts(None))
        assert (found.holds, found.known, found.next_true) == (False, False, None)
    assert evaluate(boot, facts(None, boot=True)).holds


def test_when_it_is_next_true_counts_on_nothing_but_the_time() -> None:
    window = Condition(between="02:00-04:00")
    quiet = Condition(all_of=(window, Condition(max_load=1.0)))

    assert next_true(quiet, "2026-11-28T12:00", load=0.5) == "2026-11-29 02:00"
    assert next_true(quiet, "2026-11-28T12:00", load=2.0) is None
    assert next_true(window, "2026-11-28T03:00") is None
    assert next_true(Condition(boot=True), "2026-11-28T03:00") is None
    assert next_true(Condition(dates=("2020-01-01",)), "2026-11-28T03:00") is None
    assert next_true(Condition(dates=("2040-01-01",)), "2026-11-28T03:00") == "2040-01-01 00:00"
    assert next_true(Condition(dates=("12-25",), days=("sat",)), "2026-11-28T03:00") == "2027-12-25 00:00"


def test_every_part_has_its_reason_in_written_order() -> None:
    condition = Condition(
        any_of=(
            Condition(boot=True),
            Condition(
                all_of=(
                    Condition(between="02:00-04:00", timezone="Europe/Zurich"),
                    Condition(logged_in=False),
                    Condition(max_load=1.0),
                    Condition(minimum_remaining=15),
                )
            ),
        )
    )

    found = evaluate(condition, facts("2026-11-28T12:00", load=2.0, logged_in=("ada", "bob", "cyd", "dan")))

    assert [(reason.text, reason.holds) for reason in found.reasons] == [
        ("it is no boot", False),
        ("02:00-04:00 Europe/Zurich: it is Sat 2026-11-28 13:00 there", False),
        ("logged in: ada, bob, cyd and 1 more", False),
        ("the load is 2, at most 1 is wanted", False),
        ("at least 15 minutes have to remain", False),
    ]


def test_what_must_not_be_is_told_as_such() -> None:
    found = verdict(Condition(none_of=(Condition(file_exists="/x"),)), files={"/x": True})

    assert [(reason.text, reason.holds) for reason in found.reasons] == [("not wanted: /x exists", False)]


def test_a_host_without_a_zone_knows_nothing_of_windows_in_its_own() -> None:
    found = verdict(Condition(between="00:00-24:00"), zone=None)

    assert (found.holds, found.known) == (False, False)


def test_a_zone_that_the_host_has_no_more_makes_a_window_unknown() -> None:
    gone = msgspec.structs.replace(NIGHT, timezone="Mars/Olympus")

    assert (verdict(gone).holds, verdict(gone).known) == (False, False)
