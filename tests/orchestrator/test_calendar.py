"""Business time on ordinary days and on holidays, and how it is written."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, time

import pytest

from orchestrator.calendar import (
    CalendarError,
    Span,
    Unit,
    add,
    holiday_name,
    is_business_day,
    is_open,
    next_open,
    next_open_both,
    parse_dates,
    parse_days,
    parse_hours,
    parse_span,
)
from tests.orchestrator.wall_clock import DAY, HOUR, at, office, wall

# --- Reading ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("3 business days", Span(3, Unit.BUSINESS_DAYS)),
        ("1 business day", Span(1, Unit.BUSINESS_DAYS)),
        ("8  business  hours", Span(8, Unit.BUSINESS_HOURS)),
        ("90d", Span(90, Unit.DAYS)),
        ("2 d", Span(2, Unit.DAYS)),
        ("6w", Span(6, Unit.WEEKS)),
        ("36h", Span(36, Unit.HOURS)),
        (" 15m ", Span(15, Unit.MINUTES)),
        ("0 days", Span(0, Unit.DAYS)),
        ("3660d", Span(3660, Unit.DAYS)),
    ],
)
def test_a_span_reads_and_writes_itself(text, span):
    assert parse_span(text) == span
    assert parse_span(str(span)) == span


@pytest.mark.parametrize(
    "text",
    [
        *["", "3", "d", "-1d", "+1d", "1.5h", "1,000d", "1e3d", "1d 2h", "one day", "1d\x00", "٣d"],
        *["3 months", "3 busy days", "3 business weeks", "3 D"],
    ],
)
def test_a_bad_span_is_told_what_is_allowed(text):
    with pytest.raises(ValueError, match=r"whole number and a unit.* 3 business days"):
        parse_span(text)


@pytest.mark.parametrize("text", ["3661d", "999999999w", "99999999m", "4000 business days"])
def test_a_span_ends_within_ten_years(text):
    with pytest.raises(ValueError, match="longer than ten years"):
        parse_span(text)


def test_an_endless_number_is_no_span():
    with pytest.raises(ValueError, match="whole number"):
        parse_span("9" * 5000 + "d")


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [
        ("09:00-17:00", time(9), time(17)),
        ("9:00 - 17:30", time(9), time(17, 30)),
        ("22:00-06:00", time(22), time(6)),
        ("00:00-24:00", time(0), time(0)),
        ("18:00-24:00", time(18), time(0)),
    ],
)
def test_hours_read(text, opens, closes):
    assert parse_hours(text) == (opens, closes)


@pytest.mark.parametrize("text", ["", "9-17", "09:00", "25:00-26:00", "09:60-10:00", "24:00-09:00"])
def test_bad_hours_are_told_what_is_allowed(text):
    with pytest.raises(ValueError, match=r"write 09:00-17:00 or 22:00-06:00"):
        parse_hours(text)


def test_hours_that_close_as_they_open_are_refused():
    with pytest.raises(ValueError, match="00:00-24:00"):
        parse_hours("09:00-09:00")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("mon,wed,fri", {0, 2, 4}),
        ("sat-mon", {5, 6, 0}),
        ("sun-thu", {6, 0, 1, 2, 3}),
        ("mon - wed, sat", {0, 1, 2, 5}),
        ("fri-fri", {4}),
        ("tue-mon", set(range(7))),
    ],
)
def test_days_read(text, days):
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["", "mon-", "mon,,tue", "mon-tue-wed", "weekdays", "1-5"])
def test_bad_days_are_told_what_is_allowed(text):
    with pytest.raises(ValueError, match=r"write days such as mon-fri or mon,wed,fri"):
        parse_days(text)


def test_a_weekday_nearly_right_is_named():
    with pytest.raises(ValueError, match=r"did you mean fri\?"):
        parse_days("mon-fry")


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "Europe", "../etc/passwd", "/etc/passwd"])
def test_an_unknown_zone_is_refused_when_the_calendar_is_made(zone):
    with pytest.raises(CalendarError, match="is not a time zone"):
        office(zone)


def test_a_zone_nearly_right_is_named():
    with pytest.raises(CalendarError, match=r"did you mean Europe/Berlin\?"):
        office("europe/berlin")


# --- Ordinary weeks --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        # Wednesday 3 March 2027
        ("2027-03-03 10:15", "0 business days", "2027-03-03 10:15"),
        ("2027-03-03 10:15", "1 business day", "2027-03-04 10:15"),
        ("2027-03-03 10:15", "3 business days", "2027-03-08 10:15"),
        ("2027-03-03 10:15", "10 business days", "2027-03-17 10:15"),
        ("2027-03-03 07:00", "1 business day", "2027-03-04 09:00"),  # counts from the opening
        ("2027-03-03 17:00", "1 business day", "2027-03-05 09:00"),  # closed at the stroke
        ("2027-03-06 12:00", "3 business days", "2027-03-11 09:00"),  # Saturday
        ("2027-03-06 12:00", "0 business days", "2027-03-06 12:00"),
        ("2027-03-03 10:15", "1 business hour", "2027-03-03 11:15"),
        ("2027-03-03 10:15", "8 business hours", "2027-03-04 10:15"),
        ("2027-03-05 16:30", "1 business hour", "2027-03-08 09:30"),
        ("2027-03-03 09:00", "8 business hours", "2027-03-04 09:00"),  # a full day, then open again
        ("2027-03-07 03:00", "40 business hours", "2027-03-15 09:00"),
        ("2027-03-05 16:30", "2d", "2027-03-07 16:30"),
        ("2027-03-05 16:30", "1w", "2027-03-12 16:30"),
        ("2027-03-05 16:30", "90m", "2027-03-05 18:00"),
    ],
)
def test_add(start, span, end):
    assert wall(add(at(start), parse_span(span), office())) == end


def test_counting_back_from_an_event():
    event = at("2027-04-14 09:00")
    assert wall(add(event, Span(-3, Unit.WEEKS), office())) == "2027-03-24 09:00"
    with pytest.raises(CalendarError, match="cannot be counted back"):
        add(event, Span(-3, Unit.BUSINESS_DAYS), office())


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2027-03-05 23:00", "1 business day", "2027-03-08 23:00"),
        ("2027-03-06 02:00", "1 business day", "2027-03-09 02:00"),  # still Friday's shift
        ("2027-03-06 02:00", "3 business hours", "2027-03-06 05:00"),
        ("2027-03-06 02:00", "5 business hours", "2027-03-08 23:00"),
        ("2027-03-07 02:00", "1 business day", "2027-03-09 22:00"),  # Sunday: opens Monday night
    ],
)
def test_a_night_shift_belongs_to_the_day_on_which_it_opens(start, span, end):
    assert wall(add(at(start), parse_span(span), office(hours="22:00-06:00"))) == end


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2027-03-03 09:00", "2027-03-03 09:00"),
        ("2027-03-03 16:59", "2027-03-03 16:59"),
        ("2027-03-03 17:00", "2027-03-04 09:00"),
        ("2027-03-03 00:00", "2027-03-03 09:00"),
        ("2027-03-05 17:00", "2027-03-08 09:00"),
    ],
)
def test_next_open(moment, opening):
    assert wall(next_open(at(moment), office())) == opening


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
def test_the_local_date_decides_not_the_date_in_utc(zone):
    hours = office(zone)
    assert wall(next_open(at("2027-03-07 12:00", zone), hours), zone) == "2027-03-08 09:00"
    assert is_open(at("2027-03-05 16:59", zone), hours)
    assert not is_open(at("2027-03-06 09:00", zone), hours)


def test_always_is_every_minute_of_every_day():
    hours = office(always=True, country="Germany", blackout=frozenset({date(2027, 12, 25)}))
    night = at("2027-12-25 03:00")
    assert is_open(night, hours)
    assert is_business_day(date(2027, 12, 25), hours)
    assert next_open(night, hours) == night
    assert wall(add(night, parse_span("2 business days"), hours)) == "2027-12-27 03:00"
    assert add(night, parse_span("30 business hours"), hours) == night + 30 * HOUR


def test_a_calendar_that_never_opens_says_so():
    shut = office(days=frozenset())
    assert not is_open(at("2027-03-03 10:00"), shut)
    for question in (
        lambda: next_open(at("2027-03-03 10:00"), shut),
        lambda: add(at("2027-03-03 10:00"), parse_span("1 business day"), shut),
        lambda: add(at("2027-03-03 10:00"), parse_span("1 business hour"), shut),
    ):
        with pytest.raises(CalendarError, match="does not open once in the 400 days"):
            question()


# --- Two parties -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rep", "contact", "moment", "both"),
    [
        ("Europe/Berlin", "America/New_York", "2027-03-03 09:00", "2027-03-03 15:00"),
        ("Europe/Berlin", "America/New_York", "2027-03-03 17:00", "2027-03-04 15:00"),
        ("Europe/Berlin", "America/New_York", "2027-03-16 09:00", "2027-03-16 14:00"),  # US on DST
        ("Europe/Berlin", "Asia/Tokyo", "2027-03-03 09:00", "2027-03-03 09:00"),  # no common hour
        ("Europe/Berlin", "Europe/London", "2027-03-05 17:30", "2027-03-08 10:00"),
    ],
)
def test_a_task_waits_for_both(rep, contact, moment, both):
    assert wall(next_open_both(at(moment, rep), office(rep), office(contact)), rep) == both


def test_without_a_common_hour_the_assignee_decides_alone():
    saturday = at("2027-03-06 12:00")
    for other in (office("Asia/Tokyo"), office(days=frozenset())):
        assert wall(next_open_both(saturday, office(), other)) == "2027-03-08 09:00"
    with pytest.raises(CalendarError):
        next_open_both(saturday, office(days=frozenset()), office())


def test_a_long_absence_of_the_assignee_moves_the_14_days():
    away = frozenset(date(2027, 3, 1) + n * DAY for n in range(30))
    instant = next_open_both(at("2027-03-01 09:00"), office(blackout=away), office("Europe/London"))
    assert wall(instant) == "2027-03-31 10:00"


# --- Holidays --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "country", "name"),
    [
        (date(2028, 10, 3), "Germany", "German Unity Day"),
        (date(2027, 11, 25), "United States", "Thanksgiving Day"),
        (date(2027, 7, 5), "US", "Independence Day (observed)"),
        (date(2027, 3, 29), "DE", "Easter Monday"),
        (date(2027, 3, 29), "France", "Easter Monday"),
        (date(2027, 3, 29), "United Kingdom", "Easter Monday"),
        (date(2027, 3, 29), "United States", None),
        (date(2027, 3, 30), "Germany", None),
        (date(2027, 3, 29), "Atlantis", None),
        (date(2027, 3, 29), "", None),
        (date(9999, 3, 29), "Germany", None),
    ],
)
def test_holidays_by_name(day, country, name):
    assert holiday_name(day, country) == name


def test_business_days_step_over_holidays_of_the_country_and_blackout():
    start, span = at("2027-11-24 10:00"), parse_span("1 business day")
    assert wall(add(start, span, office(country="United States"))) == "2027-11-26 10:00"
    assert wall(add(start, span, office(country="Germany"))) == "2027-11-25 10:00"
    bridge = office(country="United States", blackout=frozenset({date(2027, 11, 26)}))
    assert wall(add(start, span, bridge)) == "2027-11-29 10:00"


def test_no_mail_on_easter_in_germany():
    hours = office(country="Germany")
    assert wall(next_open(at("2027-03-25 17:00"), hours)) == "2027-03-30 09:00"  # Thursday evening
    assert wall(add(at("2027-03-25 15:00"), parse_span("4 business hours"), hours)) == (
        "2027-03-30 11:00"
    )


def test_names_of_holidays_do_not_follow_the_machine():
    code = (
        "from datetime import date; from orchestrator.calendar import holiday_name;"
        "print(holiday_name(date(2028, 10, 3), 'Germany'))"
    )
    german = os.environ | {"LANGUAGE": "de", "LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8"}
    told = subprocess.run(
        [sys.executable, "-c", code], env=german, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "German Unity Day"


# ---------------------------------------------------------------- dates


def test_a_stretch_of_dates_has_both_its_ends():
    days = [date(2027, 12, 31), date(2028, 1, 1)]
    assert parse_dates("2027-12-31..2028-01-01") == days
    assert parse_dates(" 2027-12-31 .. 2028-01-01 ") == days
    assert parse_dates("2027-12-31") == days[:1]
    assert len(parse_dates("2027-01-01..2028-01-02")) == 367


@pytest.mark.parametrize(
    "text",
    ["", "..", "2027-12-31..", "..2027-12-31", "2027-02-29", "2027-01-02..2027-01-01",
     "2027-01-01..2028-01-03", "1999-01-01", "2027-01-01...2027-01-02", "2027-1-1"],
)  # fmt: skip
def test_what_is_no_stretch_of_dates_is_refused(text: str):
    with pytest.raises(ValueError, match="write"):
        parse_dates(text)
