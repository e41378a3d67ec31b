"""Quiet hours: by the person's own clock, beside whatever else lets something go."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.calendar import Hours, is_open, next_open
from orchestrator.planner.hours import recipient_hours
from orchestrator.quiet import loud, next_loud, next_welcome, parse_quiet, told
from orchestrator.terms import AccountFacts, CalendarSpec, Person
from tests.orchestrator.wall_clock import at, office, wall

NIGHT = ("22:00-07:00",)


def there(zone: str, *quiet: str, of: str = "Europe/Berlin", hours: str = "09:00-17:00") -> Hours:
    """The hours of somebody in `zone`, by an office's calendar."""
    return office(of, hours, loud=loud(quiet or NIGHT, zone))


def welcome(instant: datetime, hours: Hours) -> datetime:
    return next_welcome(instant, hours, lambda then: next_open(then, hours))


@pytest.mark.parametrize(
    ("zone", "night", "ends"),
    [
        ("Europe/Berlin", "2027-03-27 22:00", "2027-03-28 07:00"),  # the shortest night
        ("Europe/Berlin", "2027-10-31 02:30", "2027-10-31 07:00"),  # the longest
        ("America/New_York", "2027-03-14 03:30", "2027-03-14 07:00"),
        ("Pacific/Apia", "2011-12-29 23:00", "2011-12-31 07:00"),  # a day that never was
        ("Asia/Tokyo", "2027-03-01 21:59", "2027-03-01 21:59"),
        ("Asia/Tokyo", "2027-03-01 07:00", "2027-03-01 07:00"),
    ],
)
def test_the_night_ends_on_the_clock_there(zone: str, night: str, ends: str) -> None:
    found = next_loud(at(night, zone), there(zone))
    assert wall(found, zone) == ends
    assert bool(told(at(night, zone), there(zone))) == (night != ends)


def test_a_gap_of_the_clock_at_their_end_ends_them() -> None:
    hours = there("Europe/Berlin", "22:00-02:30")
    assert wall(next_loud(at("2027-03-28 01:30"), hours)) == "2027-03-28 03:00"


def test_those_of_workspace_and_playbook_hold_together() -> None:
    hours = there("Europe/Berlin", "22:00-07:00", "06:30-08:00")
    assert wall(next_loud(at("2027-03-01 23:00"), hours)) == "2027-03-02 08:00"
    assert told(at("2027-03-01 23:00"), hours) == "quiet hours there, 22:00-07:00"
    assert told(at("2027-03-01 07:30"), hours) == "quiet hours there, 06:30-08:00"


def test_our_morning_is_not_their_night() -> None:
    hours = there("America/New_York")
    assert wall(welcome(at("2027-03-01 09:00"), hours)) == "2027-03-01 13:00"
    assert wall(welcome(at("2027-03-05 16:59"), hours)) == "2027-03-05 16:59"
    assert wall(welcome(at("2027-03-05 17:00"), hours)) == "2027-03-08 13:00"


def test_whose_day_is_our_night_is_reached_on_our_days_outside_of_their_night() -> None:
    hours = there("Asia/Tokyo", of="America/New_York")
    sunday = at("2027-03-07 12:00", "Asia/Tokyo")
    found = welcome(sunday, hours)
    assert wall(found, "Asia/Tokyo") == "2027-03-08 14:00"  # New York's Monday has begun
    assert welcome(found, hours) == found


def test_quiet_hours_round_the_clock_let_nothing_through_and_end_the_search() -> None:
    hours = there("UTC", "00:00-12:00", "12:00-24:00")
    now = at("2027-03-01 09:00")
    assert welcome(now, hours) > now + timedelta(days=7)
    assert next_loud(now, hours) > now


@pytest.mark.parametrize("wrong", ["00:00-24:00", "22:00", "25:00-07:00", "07:00-07:00"])
def test_what_is_no_time_of_a_day_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"quiet|pair|once|whole"):
        parse_quiet(wrong)


@pytest.mark.parametrize(
    ("person", "account", "opens"),
    [
        ("Asia/Tokyo", "Europe/Berlin", "2027-03-01 22:00"),
        ("", "Europe/Berlin", "2027-03-02 06:00"),
        ("", "", "2027-03-02 07:00"),
        ("No/Where", "", "2027-03-02 07:00"),
    ],
)
def test_the_persons_clock_then_the_accounts_then_ours(
    person: str, account: str, opens: str
) -> None:
    somebody = Person(1, "", "", 0.0, at("2027-01-01 00:00"), person, "", frozenset())
    spec = CalendarSpec(zone="workspace")
    company = AccountFacts(1, account, "", 0, 0.0, 0.0)
    hours = recipient_hours(spec, somebody, company, "UTC", "", *NIGHT)
    assert wall(next_loud(at("2027-03-01 22:00", "UTC"), hours), "UTC") == opens


@given(
    instant=st.datetimes(datetime(2027, 1, 1), datetime(2027, 12, 31)),
    zones=st.tuples(*[st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Tokyo"])] * 2),
    always=st.booleans(),
)
def test_what_is_welcome_is_so_when_asked_again_and_never_quiet(
    instant: datetime, zones: tuple[str, str], always: bool
) -> None:
    hours, now = there(zones[0], of=zones[1]), at(str(instant), "UTC")
    opens = (lambda then: then) if always else partial(next_open, hours=hours)
    found = next_welcome(now, hours, opens)
    assert found >= now
    assert not told(found, hours)
    assert next_welcome(found, hours, opens) == found
    assert always or zones == ("Asia/Tokyo", "America/New_York") or is_open(found, hours)
