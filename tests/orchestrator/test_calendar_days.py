"""Days counted from a date: back and on, by the calendar or by business days."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.calendar import (
    CalendarError,
    Hours,
    is_business_day,
    midnight,
    parse_span,
    shifted,
)

FAIR = date(2027, 3, 23)  # a Tuesday
WEEK = frozenset(range(5))
BERLIN = Hours(time(9), time(17), WEEK, "Europe/Berlin", "DE")


@pytest.mark.parametrize(
    ("said", "back", "day"),
    [
        ("1d", True, "2027-03-22"),
        ("3w", True, "2027-03-02"),
        ("3w", False, "2027-04-13"),
        ("1 business day", True, "2027-03-22"),
        ("2 business days", True, "2027-03-19"),
        ("3 business days", False, "2027-03-30"),  # Good Friday and Easter Monday are none
    ],
)
def test_a_day_so_long_before_or_after(said: str, back: bool, day: str):
    assert shifted(FAIR, parse_span(said), BERLIN, back=back) == date.fromisoformat(day)


def test_hours_shift_no_day():
    with pytest.raises(ValueError, match="3 hours"):
        shifted(FAIR, parse_span("3h"), BERLIN)


def test_a_calendar_that_never_opens_has_no_business_days():
    shut = Hours(time(9), time(17), frozenset(), "UTC")
    with pytest.raises(CalendarError):
        shifted(FAIR, parse_span("1 business day"), shut)


@given(day=st.dates(date(2026, 1, 1), date(2028, 1, 1)), number=st.integers(1, 30))
def test_back_and_on_again_comes_to_the_same_business_day(day: date, number: int):
    span = parse_span(f"{number} business days")
    before = shifted(day, span, BERLIN, back=True)
    assert is_business_day(before, BERLIN)
    assert before < day
    if is_business_day(day, BERLIN):
        assert shifted(before, span, BERLIN) == day


def test_a_day_begins_at_its_first_instant_even_where_midnight_is_skipped():
    santiago = Hours(time(9), time(17), WEEK, "America/Santiago")
    begins = midnight(date(2026, 9, 6), santiago)
    assert begins.isoformat() == "2026-09-06T04:00:00+00:00"
