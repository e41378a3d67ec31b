"""Our own people in the dry run: a day has room for so much, and time off has none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from orchestrator.planner.hours import working_hours
from orchestrator.simulate import Desk, Rep
from orchestrator.terms import CalendarSpec

HOURS = working_hours(CalendarSpec(zone="workspace"), "UTC", "")
MONDAY = datetime(2027, 3, 1, 10, tzinfo=UTC)


def desk(capacity: int | None = None, *off: tuple[date, date]) -> Desk:
    return Desk({"dana": Rep("dana", "sales", HOURS, capacity, off)}, lambda *_: "dana")


def days(one: Desk, number: int, lag: int = 1) -> list[int]:
    taken = [one.take("dana", MONDAY, timedelta(hours=lag)) for _ in range(number)]
    return [found[0].day for found in taken if found]


def test_without_a_limit_everything_is_done_after_its_lag():
    assert days(desk(), 3) == [1, 1, 1]
    assert desk().take("dana", MONDAY, timedelta(hours=2)) == (MONDAY + timedelta(hours=2), "dana")


def test_a_full_day_lets_the_next_task_wait_for_the_next_day_of_work():
    assert days(desk(2), 5) == [1, 1, 2, 2, 3]


def test_nobody_works_on_days_off_or_at_the_weekend():
    off = date(2027, 3, 1), date(2027, 3, 4)
    assert days(desk(1, off), 2) == [5, 8]


def test_a_lag_runs_in_working_hours_only():
    tuesday = datetime(2027, 3, 2, 10, tzinfo=UTC)
    assert desk().take("dana", MONDAY, timedelta(hours=8)) == (tuesday, "dana")


def test_a_stand_in_takes_what_would_lie_until_somebody_is_back_unless_the_step_keeps_it():
    off = date(2027, 3, 2), date(2027, 3, 4)
    dana = Rep("dana", "sales", HOURS, 1, (off,), ((*off, "erin"),))
    one = Desk({"dana": dana, "erin": Rep("erin", "sales", HOURS, 1)}, lambda *_: "dana")
    found = [one.take("dana", MONDAY, timedelta(hours=1)) for _ in range(3)]
    assert [(at.day, who) for at, who in filter(None, found)] == [
        (1, "dana"),
        (2, "erin"),
        (3, "erin"),
    ]
    kept = one.take("dana", MONDAY, timedelta(hours=1), stays=True)
    assert kept
    assert (kept[0].day, kept[1]) == (5, "dana")


def test_who_is_away_for_good_does_nothing():
    assert desk(1, (date(2027, 1, 1), date(2030, 1, 1))).take("dana", MONDAY, timedelta()) is None


def test_what_comes_is_counted_on_the_day_on_which_it_comes():
    one = desk(1)
    days(one, 3)
    assert one.came == {("dana", date(2027, 3, 1)): 3}
