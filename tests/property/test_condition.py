"""Conditions against an oracle that looks at every minute, clock in hand.

Specification: "windows over midnight, both daylight-saving changes, freezes, splay; against a minute-by-minute oracle".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from yumbridge.condition.bounds import delay_s
from yumbridge.condition.condition import DAYS, Condition
from yumbridge.condition.evaluation import Facts, evaluate

ZONES = ("Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "Pacific/Chatham", "UTC")
HOST = "node1"
# Around both changes of each of the zones, and the end of a year.
STARTS = (
    "2026-10-24T20:00",
    "2027-03-27T18:00",
    "2026-11-01T00:00",
    "2027-03-14T00:00",
    "2027-04-03T06:00",
    "2026-10-03T06:00",
    "2026-12-31T12:00",
)


def wall(moment: datetime, zone: str | None) -> datetime:
    return moment.astimezone(ZoneInfo(zone or "UTC")).replace(tzinfo=None)


def is_open(condition: Condition, moment: datetime) -> bool:
    """Read the clock on the wall, and look whether the time, the day and the date are among those of the mapping."""
    clock = wall(moment, condition.timezone)
    if condition.dates is not None and not any(is_date(text, clock) for text in condition.dates):
        return False
    if condition.between is None and condition.days is None:
        return True
    start, end = (condition.between or "00:00-24:00").split("-")
    time = f"{clock:%H:%M}"
    today, yesterday = (DAYS[day.weekday()] for day in (clock, clock - timedelta(days=1)))
    days = condition.days or DAYS
    if start < end:
        return today in days and start <= time < end
    return (today in days and time >= start) or (yesterday in days and time < end)


def is_date(text: str, clock: datetime) -> bool:
    first, _, last = text.partition("/")
    last = last or first
    if len(first) == len("MM-DD"):
        day = f"{clock:%m-%d}"
        return first <= day <= last if first <= last else day >= first or day <= last
    return first <= f"{clock:%Y-%m-%d}" <= last


def is_true(condition: Condition, moment: datetime, files: dict[str, bool]) -> bool:
    """Judge one minute; what bears on the rest looks at every minute of its stretch."""
    rest = Condition(
        between=condition.between,
        days=condition.days,
        dates=condition.dates,
        timezone=condition.timezone,
        all_of=condition.all_of,
        any_of=condition.any_of,
        none_of=condition.none_of,
        file_exists=condition.file_exists,
    )
    return all(plainly(rest, at, files) for at in stretch(condition, moment))


def stretch(condition: Condition, moment: datetime) -> list[datetime]:
    before = [moment]
    if condition.splay is not None:
        late = delay_s(condition.splay, HOST)
        before = [moment - timedelta(seconds=s) for s in (*range(0, late, 60), late)]
    if condition.minimum_remaining is None:
        return before
    ahead = [timedelta(minutes=m) for m in range(condition.minimum_remaining)]
    last = timedelta(minutes=condition.minimum_remaining, seconds=-1)
    return [at + each for at in before for each in (*ahead, last)]


def plainly(condition: Condition, moment: datetime, files: dict[str, bool]) -> bool:
    if condition.has_time and not is_open(condition, moment):
        return False
    if condition.file_exists is not None and not files[condition.file_exists]:
        return False
    if condition.all_of is not None and not together(condition.all_of, moment, files):
        return False
    if condition.any_of is not None and not any(is_true(part, moment, files) for part in condition.any_of):
        return False
    return condition.none_of is None or not any(is_true(part, moment, files) for part in condition.none_of)


def together(parts: tuple[Condition, ...], moment: datetime, files: dict[str, bool]) -> bool:
    real = [part for part in parts if not part.only_adjusts]
    moments = [moment]
    for part in (part for part in parts if part.only_adjusts):
        moments = [each for at in moments for each in stretch(part, at)]
    return all(is_true(part, at, files) for at in moments for part in real)


def window(start: int, length: int) -> str:
    """Return the text of a window that begins so many minutes after midnight."""
    end = start + length
    return f"{start // 60:02}:{start % 60:02}-{end // 60 % 24:02}:{end % 60:02}"


times = st.builds(window, st.integers(0, 1439), st.integers(1, 1439))
dates = st.sampled_from(
    ("10-25", "03-28", "12-31/01-02", "2026-10-24/2026-10-26", "2027-03-28", "11-01", "04-04", "10-01/10-31")
)
windows = st.builds(
    Condition,
    between=st.none() | times,
    days=st.none() | st.lists(st.sampled_from(DAYS), min_size=1, max_size=6, unique=True).map(tuple),
    timezone=st.none() | st.sampled_from(ZONES),
    dates=st.none() | st.lists(dates, min_size=1, max_size=2).map(tuple),
).filter(lambda condition: condition.has_time)
atoms = windows | windows | st.sampled_from([Condition(file_exists="/yes"), Condition(file_exists="/no")])
adjusters = st.builds(
    Condition, minimum_remaining=st.none() | st.integers(1, 45), splay=st.none() | st.integers(1, 45)
).filter(lambda condition: condition.only_adjusts)


def combined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    some = st.lists(parts, min_size=1, max_size=3).map(tuple)
    adjusted = st.builds(lambda group, adjuster: Condition(all_of=(*group, adjuster)), some, adjusters)
    return (
        st.builds(lambda group: Condition(all_of=group), some)
        | st.builds(lambda group: Condition(any_of=group), some)
        | st.builds(lambda group: Condition(none_of=group), some)
        | adjusted
    )


conditions = st.recursive(atoms, combined, max_leaves=5)
moments = st.builds(
    lambda start, minutes: datetime.fromisoformat(start).replace(tzinfo=UTC) + timedelta(minutes=minutes),
    st.sampled_from(STARTS),
    st.integers(0, 24 * 60),
)
FILES = {"/yes": True, "/no": False}


def asked(condition: Condition, moment: datetime) -> tuple[bool, datetime | None]:
    verdict = evaluate(condition, Facts(now=moment, zone=UTC, zone_name="UTC", host=HOST, files=FILES))
    assert verdict.known
    return verdict.holds, verdict.next_true


@given(condition=conditions, moment=moments)
@settings(max_examples=400)
def test_it_is_true_at_a_minute_exactly_when_the_oracle_says_so(condition: Condition, moment: datetime) -> None:
    assert asked(condition, moment)[0] is is_true(condition, moment, FILES)


@given(condition=conditions, moment=moments)
@settings(max_examples=60)
def test_it_is_next_true_when_the_oracle_first_says_so(condition: Condition, moment: datetime) -> None:
    holds, found = asked(condition, moment)
    if holds:
        assert found is None
        return
    end = moment + timedelta(hours=36)
    until = end if found is None else min(end, found)

    assert not any(is_true(condition, each, FILES) for each in minutes_between(moment, until))
    if found is not None:
        # A splay delays by seconds.
        assert is_true(condition, found, FILES)
        assert not is_true(condition, found - timedelta(seconds=1), FILES)


def minutes_between(start: datetime, end: datetime) -> list[datetime]:
    count = -(-(end - start) // timedelta(minutes=1))
    return [start + timedelta(minutes=minute) for minute in range(count)]


@given(condition=conditions, moment=moments)
@settings(max_examples=100)
def test_one_more_condition_beside_it_never_makes_it_true(condition: Condition, moment: datetime) -> None:
    beside = Condition(all_of=(condition, Condition(between="02:00-04:00")))

    assert asked(beside, moment)[0] <= asked(condition, moment)[0]
