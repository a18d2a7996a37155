"""What is wrong with a condition is told, all of it, with its place."""

from __future__ import annotations

import msgspec
import pytest
import yaml

from yumbridge.condition.condition import Condition
from yumbridge.condition.reading import read_condition
from yumbridge.condition.text import condition_text

NO_DAY = "no such day: someday; want mon, tue, wed, thu, fri, sat, sun"
NEVER = "can never be true: no moment of any year is in its windows"


def problems(text: str, *, commands: bool = True) -> list[str]:
    condition, found = read_condition(yaml.safe_load(text), "c", commands=commands)
    assert (condition is None) is bool(found)
    return [problem.removeprefix("c") for problem in found]


def read(text: str) -> Condition:
    condition, found = read_condition(yaml.safe_load(text), "c", commands=True)
    assert condition is not None, found
    return condition


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("3", ": want a mapping of keys", id="shape"),
        pytest.param("{}", ": says nothing", id="empty"),
        pytest.param("surprise: 1", ".surprise: unknown key", id="unknown-key"),
        pytest.param("boot: 1", ".boot: want bool, got int", id="integer-for-boolean"),
        pytest.param("boot: 'yes'", ".boot: want bool, got str", id="text-for-boolean"),
        pytest.param("all_of: 3", ".all_of: want a list of mappings", id="all-of-shape"),
        pytest.param("any_of: []", ".any_of: has no members", id="no-members"),
        pytest.param("any_of: [3]", ".any_of[0]: want a mapping of keys", id="member-shape"),
        pytest.param('between: "2:00-4:00"', ".between: want HH:MM-HH:MM", id="short-hours"),
        pytest.param('between: "25:00-26:00"', ".between: want HH:MM-HH:MM", id="hours"),
        pytest.param(
            'between: "22:00-24:01"',
            ".between: want HH:MM-HH:MM, 24:00 being the end of the day",
            id="after-midnight",
        ),
        pytest.param("between: 22:00", ".between: want HH:MM-HH:MM, in quotes", id="sexagesimal"),
        pytest.param("{boot: true, timezone: null}", ".timezone: has no value", id="null"),
        pytest.param("boot:", ".boot: has no value", id="nothing-after-the-key"),
        pytest.param(
            'between: "03:00-03:00"',
            ".between: begins when it ends: want 00:00-24:00 for the whole day",
            id="no-length",
        ),
        pytest.param("days: []", ".days: names no day", id="no-day"),
        pytest.param(
            "days: [sat, Sunday]",
            ".days: no such day: Sunday; want mon, tue, wed, thu, fri, sat, sun",
            id="day",
        ),
        pytest.param("dates: []", ".dates: names no date", id="no-date"),
        pytest.param(
            'dates: ["2027-02-30"]',
            ".dates: 2027-02-30: want YYYY-MM-DD or MM-DD, or two of these with a slash between",
            id="date",
        ),
        pytest.param(
            'dates: ["2026-W52-4"]',
            ".dates: 2026-W52-4: want YYYY-MM-DD or MM-DD, or two of these with a slash between",
            id="week",
        ),
        pytest.param("dates: [1969-12-31]", ".dates: 1969-12-31: want a year from 1970 to 2199", id="too-early"),
        pytest.param("dates: [9999-12-31]", ".dates: 9999-12-31: want a year from 1970 to 2199", id="too-late"),
        pytest.param("dates: &a [*a]", ".dates: want str, got array", id="in-itself"),
        pytest.param(f"dates: {['12-24'] * 201}", ".dates: more than 200 dates", id="too-many-dates"),
        pytest.param("{days: [someday], timezone: UTC}", f".days: {NO_DAY}", id="zone-of-a-wrong-day"),
        pytest.param("{command: 3, timeout_s: 3}", ".command: want array, got int", id="limit-of-a-wrong-command"),
        pytest.param(
            'dates: ["2027-12-20/01-05"]', ".dates: 2027-12-20/01-05: want a year on both sides, or on none", id="mixed"
        ),
        pytest.param(
            'dates: ["2027-01-05/2026-12-20"]', ".dates: 2027-01-05/2026-12-20: ends before it begins", id="backwards"
        ),
        pytest.param('dates: ["02-29"]', ".dates: 02-29: most years have no 02-29: want 02-28 or 03-01", id="leap-day"),
        pytest.param("{days: [sat], timezone: Mars/Olympus}", ".timezone: no such time zone: Mars/Olympus", id="zone"),
        pytest.param("{days: [sat], timezone: ../../x}", ".timezone: no such time zone: ../../x", id="zone-path"),
        pytest.param("{days: [sat], timezone: Europe}", ".timezone: no such time zone: Europe", id="zone-folder"),
        pytest.param("{days: [sat], timezone: ''}", ".timezone: no such time zone: ", id="no-zone"),
        pytest.param("{boot: true, timezone: UTC}", ".timezone: no between, days or dates beside it", id="lone-zone"),
        pytest.param("{boot: true, timeout_s: 3}", ".timeout_s: no command beside it", id="lone-timeout"),
        pytest.param("max_load: -1", ".max_load: want a number that is not negative", id="load"),
        pytest.param("max_load: .nan", ".max_load: want a number that is not negative", id="nan"),
        pytest.param("max_load: .inf", ".max_load: want a number that is not negative", id="infinity"),
        pytest.param("file_exists: etc/x", ".file_exists: want an absolute path without ..", id="relative"),
        pytest.param("file_exists: /etc/../x", ".file_exists: want an absolute path without ..", id="dots"),
        pytest.param("command: []", ".command: names no program", id="no-program"),
        pytest.param("command: true", ".command: want array, got bool", id="command-shape"),
        pytest.param(
            "command: [drained]", ".command: want the absolute path of a program, then its arguments", id="from-path"
        ),
        pytest.param("{command: [/x], timeout_s: 0}", ".timeout_s: want 1 to 600 seconds", id="no-time"),
        pytest.param("{command: [/x], timeout_s: 601}", ".timeout_s: want 1 to 600 seconds", id="too-long"),
        pytest.param(
            "{days: [sat], minimum_remaining: 0}", ".minimum_remaining: want 1 to 10080 minutes", id="no-minutes"
        ),
        pytest.param("{days: [sat], splay: 10081}", ".splay: want 1 to 10080 minutes", id="too-many-minutes"),
        pytest.param("{boot: true, splay: 3}", ".splay: no window beside it", id="splay-of-nothing"),
        pytest.param("splay: 3", ": nothing stands beside it that has a beginning or an end", id="lone-splay"),
        pytest.param(
            "any_of: [{boot: true}, {splay: 3}]", ".any_of[1]: bears on nothing: no window beside it", id="any-splay"
        ),
        pytest.param(
            "all_of: [{boot: true}, {splay: 3}]",
            ".all_of: a minimum_remaining or splay has no window beside it",
            id="all-splay",
        ),
        pytest.param(
            'file_exists: "/a\\ud800"', ".file_exists: half a character (a lone surrogate) is no text", id="surrogate"
        ),
    ],
)
def test_a_problem_has_its_place(text: str, expected: str) -> None:
    assert problems(text) == [expected]


def test_every_problem_is_told() -> None:
    text = "any_of: [{between: x, days: [y]}, {all_of: [{boot: 3}, {max_load: a}]}]"

    assert problems(text) == [
        ".any_of[0].between: want HH:MM-HH:MM",
        ".any_of[0].days: no such day: y; want mon, tue, wed, thu, fri, sat, sun",
        ".any_of[1].all_of[0].boot: want bool, got int",
        ".any_of[1].all_of[1].max_load: want float, got str",
    ]


def test_a_command_is_for_the_host_to_name() -> None:
    assert problems("any_of: [{boot: true}, {command: [/bin/true]}]", commands=False) == [
        ".any_of[1].command: only the host's own configuration may name a command"
    ]


def test_a_condition_is_no_bottomless_pit() -> None:
    deep: object = {"boot": True}
    for _ in range(20):
        deep = {"all_of": [deep]}
    wide = {"any_of": [{"boot": True}] * 300}

    assert "more than 10 levels" in read_condition(deep, "c", commands=True)[1][0]
    # Aliases of YAML make a tree of millions of mappings from a few lines.
    assert read_condition(wide, "c", commands=True)[1] == ("c.any_of[199]: more than 200 mappings",)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("all_of: [{days: [sat]}, {days: [sun]}]", id="disjoint-days"),
        pytest.param('all_of: [{between: "01:00-02:00"}, {between: "02:00-03:00"}]', id="disjoint-times"),
        pytest.param('{between: "02:00-03:00", minimum_remaining: 61}', id="shorter-than-what-has-to-remain"),
        pytest.param('{between: "02:00-03:00", splay: 120}', id="shorter-than-the-splay"),
        pytest.param('{between: "02:00-03:00", splay: 40, minimum_remaining: 40}', id="both-together"),
        pytest.param(
            '{between: "02:10-02:50", timezone: Europe/Zurich, dates: ["2027-03-28"]}', id="in-the-hour-left-out"
        ),
        pytest.param('all_of: [{dates: ["2026-12-24"]}, {dates: ["2026-12-25"]}]', id="disjoint-dates"),
        pytest.param("all_of: [{days: [sat]}, {none_of: [{days: [sat, sun]}]}]", id="excluded"),
        pytest.param('{dates: ["2026-12-24"], days: [fri]}', id="another-day-of-the-week"),
        pytest.param("any_of: [{all_of: [{days: [sat]}, {days: [sun]}]}]", id="nested"),
    ],
)
def test_a_window_that_never_opens_is_an_error(text: str) -> None:
    assert problems(text) == [f": {NEVER}"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{dates: ["2001-01-01"]}', id="long-past"),
        pytest.param('{dates: ["12-25"], days: [sat]}', id="in-some-years"),
        pytest.param('{dates: ["2050-01-01"]}', id="far-off"),
        pytest.param('{between: "02:00-03:00", minimum_remaining: 60}', id="to-the-minute"),
        pytest.param('{between: "02:10-02:50", timezone: Europe/Zurich}', id="left-out-once-a-year"),
        pytest.param("any_of: [{boot: true}, {all_of: [{days: [sat]}, {days: [sun]}]}]", id="or-at-boot"),
        pytest.param(
            'all_of: [{between: "00:00-01:00"}, {between: "12:00-13:00", timezone: Asia/Tokyo}]', id="zone-of-the-host"
        ),
        pytest.param("{days: [sat], splay: 600, minimum_remaining: 600}", id="long-enough"),
    ],
)
def test_a_window_that_opens_some_day_is_none(text: str) -> None:
    assert problems(text) == []


def test_dates_may_be_written_without_quotes_and_one_without_a_list() -> None:
    assert read("dates: [2026-12-24, 2026-12-26]") == Condition(dates=("2026-12-24", "2026-12-26"))
    assert read("dates: 12-24") == Condition(dates=("12-24",))
    assert read("days: sat") == Condition(days=("sat",))


def test_what_was_read_is_written_as_it_was() -> None:
    text = 'any_of: [{boot: true}, {between: "02:00-04:00", timezone: Europe/Zurich, days: [sat]}]'

    assert msgspec.json.decode(msgspec.json.encode(read(text))) == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("boot: true", "at boot"),
        ('{between: "02:00-04:00"}', "02:00-04:00"),
        ("{days: [sat, sun], timezone: UTC}", "on sat, sun UTC"),
        ('{dates: ["12-24"], timezone: UTC}', "on 12-24 UTC"),
        ("{max_load: 1.5, logged_in: false}", "a load of at most 1.5 and nobody is logged in"),
        ("{logged_in: true}", "somebody is logged in"),
        ("{file_exists: /x}", "/x exists"),
        ("{command: [/x, y]}", "/x succeeds"),
        (
            "any_of: [{boot: true}, {all_of: [{days: [sat]}, {minimum_remaining: 5}]}]",
            "at boot, or on sat and 5 minutes left",
        ),
        ('all_of: [{days: [sat]}, {none_of: [{dates: ["12-24"]}]}]', "on sat and not (on 12-24)"),
        (
            "{days: [sat], splay: 60, any_of: [{boot: true}, {max_load: 1}]}",
            "on sat and (at boot, or a load of at most 1) and up to 60 minutes late",
        ),
    ],
)
def test_a_condition_in_words(text: str, words: str) -> None:
    assert condition_text(read(text)) == words
