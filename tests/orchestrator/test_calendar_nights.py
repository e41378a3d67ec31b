"""The nights when the clocks change, and what holds at every instant in every zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from orchestrator.calendar import (
    Hours,
    Span,
    Unit,
    add,
    day_window,
    is_business_day,
    is_open,
    next_open,
    next_open_both,
    parse_span,
)
from tests.orchestrator.wall_clock import DAY, EVERY_DAY, HOUR, at, office, wall

# --- The nights when the clocks change -------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "start", "span", "end"),
    [
        # spring: a gap moves forward by its length
        ("America/New_York", "2027-03-13 09:00", "1d", "2027-03-14 09:00"),
        ("America/New_York", "2027-03-13 02:30", "1d", "2027-03-14 03:30"),
        ("America/New_York", "2027-03-13 02:30", "2d", "2027-03-15 02:30"),
        ("America/New_York", "2027-03-07 02:30", "1w", "2027-03-14 03:30"),
        ("America/New_York", "2027-03-13 09:00", "24h", "2027-03-14 10:00"),
        ("Europe/Berlin", "2027-03-27 02:30", "1d", "2027-03-28 03:30"),
        ("Europe/London", "2027-03-27 01:30", "1d", "2027-03-28 02:30"),
        ("Australia/Lord_Howe", "2027-10-02 02:15", "1d", "2027-10-03 02:45"),  # half an hour
        ("America/Santiago", "2027-09-04 00:30", "1d", "2027-09-05 01:30"),  # midnight is missing
        ("Africa/Casablanca", "2027-02-07 02:30", "1w", "2027-02-14 02:30"),
        ("Pacific/Apia", "2011-12-29 09:00", "1d", "2011-12-31 09:00"),  # no 30 December
        ("America/Sao_Paulo", "2018-11-03 00:15", "1d", "2018-11-04 01:15"),
        # autumn: a fold takes the first
        ("America/New_York", "2027-11-06 09:00", "1d", "2027-11-07 09:00"),
        ("America/New_York", "2027-11-06 09:00", "24h", "2027-11-07 08:00"),
        ("Europe/Berlin", "2027-10-30 09:00", "1w", "2027-11-06 09:00"),
        ("Australia/Lord_Howe", "2027-04-03 09:00", "1d", "2027-04-04 09:00"),
        ("America/Sao_Paulo", "2018-02-16 23:30", "1d", "2018-02-17 23:30"),
    ],
)
def test_waits_across_a_change_of_clocks(zone, start, span, end):
    assert wall(add(at(start, zone), parse_span(span), office(zone)), zone) == end


@pytest.mark.parametrize(
    ("zone", "start", "landing"),
    [
        ("America/New_York", "2027-11-06 01:30", "2027-11-07 01:30"),
        ("Europe/Berlin", "2027-10-30 02:30", "2027-10-31 02:30"),
        ("Australia/Lord_Howe", "2027-04-03 01:45", "2027-04-04 01:45"),
        ("America/Sao_Paulo", "2018-02-16 23:30", "2018-02-17 23:30"),
    ],
)
def test_a_fold_takes_the_first_and_the_second_pass_still_moves_on(zone, start, landing):
    hours = office(zone)
    assert add(at(start, zone), parse_span("1d"), hours) == at(landing, zone, fold=0)
    second = at(landing, zone, fold=1)
    assert add(second, parse_span("1d"), hours) > second


@pytest.mark.parametrize(
    ("zone", "night", "opens"),
    [
        ("America/New_York", "2027-03-13 23:30", "2027-03-14 07:00"),
        ("America/New_York", "2027-11-06 23:30", "2027-11-07 07:00"),
        ("Europe/Berlin", "2027-03-28 01:59", "2027-03-28 07:00"),
        ("Europe/Berlin", "2027-10-31 02:30", "2027-10-31 07:00"),
        ("Australia/Lord_Howe", "2027-04-03 22:00", "2027-04-04 07:00"),
        ("America/Santiago", "2027-09-04 22:00", "2027-09-05 07:00"),
        ("Pacific/Apia", "2011-12-29 22:00", "2011-12-31 07:00"),
    ],
)
def test_quiet_from_22_to_07(zone, night, opens):
    loud = office(zone, "07:00-22:00", days=EVERY_DAY)
    assert wall(next_open(at(night, zone), loud), zone) == opens


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        ("Europe/Berlin", date(2027, 3, 27), 7 * HOUR),
        ("Europe/Berlin", date(2027, 10, 30), 9 * HOUR),
        ("Australia/Lord_Howe", date(2027, 10, 2), 7.5 * HOUR),
        ("Australia/Lord_Howe", date(2027, 4, 3), 8.5 * HOUR),
        ("Asia/Tokyo", date(2027, 3, 27), 8 * HOUR),
    ],
)
def test_a_night_shift_is_as_long_as_the_night(zone, day, length):
    window = day_window(office(zone, "22:00-06:00", days=EVERY_DAY), day)
    assert window
    assert window[1] - window[0] == length


@pytest.mark.parametrize(
    ("hours", "opens", "closes"),
    [
        ("02:30-12:00", "03:00", "12:00"),  # opens when the clock first shows 02:30 or later
        ("01:00-02:30", "01:00", "03:00"),
        ("02:10-03:15", "03:00", "03:15"),
    ],
)
def test_a_window_that_touches_the_gap(hours, opens, closes):
    zone, day = "America/New_York", date(2027, 3, 14)
    window = day_window(office(zone, hours, days=EVERY_DAY), day)
    assert window == (at(f"{day} {opens}", zone), at(f"{day} {closes}", zone))


def test_a_window_inside_the_gap_does_not_open():
    hours = office("America/New_York", "02:10-02:50", days=EVERY_DAY)
    assert day_window(hours, date(2027, 3, 14)) is None
    noon = at("2027-03-13 12:00", "America/New_York")
    assert wall(next_open(noon, hours), "America/New_York") == "2027-03-15 02:10"


def test_the_day_that_apia_skipped_is_no_business_day():
    hours = office("Pacific/Apia")
    assert day_window(hours, date(2011, 12, 30)) is None  # a Friday that never was
    thursday = at("2011-12-29 10:00", "Pacific/Apia")
    monday = add(thursday, parse_span("1 business day"), hours)
    assert wall(monday, "Pacific/Apia") == "2012-01-02 10:00"
    monday = add(thursday, parse_span("8 business hours"), hours)
    assert wall(monday, "Pacific/Apia") == "2012-01-02 10:00"


@cache
def changes(zone: str, year: int = 2027) -> list[tuple[datetime, timedelta]]:
    """When the clocks of `zone` change in `year` (UTC), and by how much they move forward."""
    tz = ZoneInfo(zone)

    def moved(start: datetime, length: timedelta) -> timedelta:
        before, after = (moment.astimezone(tz).utcoffset() for moment in (start, start + length))
        return (after or timedelta(0)) - (before or timedelta(0))

    days = [datetime(year, 1, 1, tzinfo=UTC) + n * DAY for n in range(365)]
    steps = [day + n * HOUR / 2 for day in days if moved(day, DAY) for n in range(48)]
    return [(step + HOUR / 2, by) for step in steps if (by := moved(step, HOUR / 2))]


def check_change(zone: str, change: datetime, moved: timedelta) -> None:
    """Independent of how it is computed: what a person with a watch would see."""
    tz, hours = ZoneInfo(zone), office(zone)
    for span, length in ((parse_span("1d"), DAY), (parse_span("1w"), 7 * DAY)):
        # at nine in the morning the watch shows nine again
        start = at(f"{(change.astimezone(tz) - length).date()} 09:00", zone)
        end = add(start, span, hours)
        assert wall(end, zone).endswith("09:00")
        assert end - start in (length, length - moved)
        # in the middle of the gap, or of the fold's first pass, exactly whole days have passed
        middle = change + moved / 2
        assert add(middle - length, span, hours) == middle
    # quiet from 22 to 07: from half past eleven that evening, the next loud minute is seven
    loud = office(zone, "07:00-22:00", days=EVERY_DAY)
    evening = at(f"{(change - 12 * HOUR).astimezone(tz).date()} 23:30", zone)
    assert wall(next_open(evening, loud), zone).endswith("07:00")
    assert next_open(evening, loud) - evening in (7.5 * HOUR, 7.5 * HOUR - moved)


def test_every_change_of_2027_in_every_zone(subtests):
    zones = [zone for zone in sorted(available_timezones()) if changes(zone)]
    assert len(zones) > 150
    for zone in zones:
        with subtests.test(zone=zone):
            for change, moved in changes(zone):
                check_change(zone, change, moved)


# --- Properties ------------------------------------------------------------------------------

ZONES = [
    *["America/New_York", "America/Santiago", "America/St_Johns", "America/Havana", "Asia/Beirut"],
    *["Africa/Cairo", "Africa/Casablanca", "Asia/Gaza", "Europe/Berlin", "Europe/Dublin"],
    *["Antarctica/Troll", "Australia/Lord_Howe", "Pacific/Chatham", "Atlantic/Azores"],
]

instants = st.integers(0, 30 * 365 * 24 * 3600).map(
    lambda seconds: datetime(2009, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
near_changes = st.builds(
    lambda change, minutes: change[0] + timedelta(minutes=minutes),
    st.sampled_from(ZONES).map(changes).flatmap(st.sampled_from),
    st.integers(-3000, 3000),
)
moments = instants | near_changes
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 45]))
calendars = st.builds(
    Hours,
    opens=clocks,
    closes=clocks,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    zone=st.sampled_from([*ZONES, "Pacific/Apia", "Asia/Kathmandu", "UTC"]),
    country=st.sampled_from(["", "Germany", "US", "Japan", "Atlantis"]),
    blackout=st.frozensets(st.dates(date(2027, 1, 1), date(2027, 12, 31)), max_size=5),
    always=st.sampled_from([False, False, False, True]),
)
business = st.builds(
    Span, st.integers(1, 30), st.sampled_from([Unit.BUSINESS_DAYS, Unit.BUSINESS_HOURS])
)


@given(moments, st.builds(Span, st.integers(1, 60), st.sampled_from(Unit)), calendars)
def test_a_positive_span_moves_time_forward(start, span, hours):
    assert add(start, span, hours) > start


@given(moments, business, calendars)
def test_business_time_ends_while_open(start, span, hours):
    assert is_open(add(start, span, hours), hours)


@given(moments, calendars)
def test_next_open_is_the_first_open_instant(start, hours):
    opening = next_open(start, hours)
    assert opening >= start
    assert next_open(opening, hours) == opening
    assert is_open(opening, hours)
    assume(opening > start)
    assert not is_open(start, hours)
    assert not is_open(opening - timedelta(seconds=1), hours)
    assert not is_open(start + (opening - start) / 2, hours)


@given(moments, st.integers(0, 40), st.integers(0, 40), calendars)
def test_business_hours_add_up(start, first, second, hours):
    start = next_open(start, hours)

    def hence(instant: datetime, amount: int) -> datetime:
        return add(instant, Span(amount, Unit.BUSINESS_HOURS), hours)

    assert hence(hence(start, first), second) == hence(start, first + second)


@given(moments, st.timedeltas(timedelta(0), timedelta(days=9)), st.integers(1, 30), calendars)
def test_who_starts_earlier_is_never_due_later_in_open_hours(start, gap, amount, hours):
    span = Span(amount, Unit.BUSINESS_HOURS)
    assert add(start, span, hours) <= add(start + gap, span, hours)


@given(calendars, st.dates(date(2011, 1, 1), date(2030, 1, 1)))
def test_windows_never_overlap(hours, day):
    windows = [window for n in range(9) if (window := day_window(hours, day + n * DAY))]
    for before, after in pairwise(windows):
        assert before[0] < before[1] <= after[0] < after[1]


@given(moments, calendars)
def test_open_means_that_the_local_clock_is_within_hours(start, hours):
    """Away from a change of clocks, a watch and a wall calendar give the same answer."""
    tz = ZoneInfo(hours.zone)
    assume((start - 2 * DAY).astimezone(tz).utcoffset() == (start + DAY).astimezone(tz).utcoffset())
    local = start.astimezone(tz)
    clock, today, yesterday = local.time(), local.date(), local.date() - DAY
    if hours.opens < hours.closes:
        said = hours.opens <= clock < hours.closes and is_business_day(today, hours)
    else:
        said = (clock >= hours.opens and is_business_day(today, hours)) or (
            clock < hours.closes and is_business_day(yesterday, hours)
        )
    assert is_open(start, hours) == (said or hours.always)


@given(moments, calendars, calendars)
def test_both_are_open_or_the_assignee_alone(start, a, b):
    instant = next_open_both(start, a, b)
    assert is_open(instant, a)
    assert is_open(instant, b) or instant == next_open(start, a)
