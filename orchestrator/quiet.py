"""Quiet hours: when nothing of ours reaches a person, whatever else would let it go. Pure.

They go by the person's own clock, also where the working hours go by another one, and bind `clock:
always`, too. Those of the workspace and those of a playbook hold together. What is left of a day is
an `Hours` for each of them: `loud`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import lru_cache

from orchestrator.calendar import (
    ONE_DAY,
    SHARED_DAYS,
    CalendarError,
    Hours,
    is_open,
    next_open,
    parse_hours,
)

EVERY_DAY = frozenset(range(7))


def parse_quiet(text: str) -> str:
    """Read "22:00-07:00" (over midnight) or "12:00-13:00". Raises ValueError, for a whole day too:
    then nothing would ever reach anybody."""
    if parse_hours(text) == (time.min, time.min):
        raise ValueError(f"{text!r} is the whole day; leave some hours, such as 22:00-07:00")
    return text


@lru_cache(maxsize=4096)
def loud(quiet: tuple[str, ...], zone: str) -> tuple[Hours, ...]:
    """What each quiet time leaves of the days in a zone; an unknown zone falls back to UTC."""
    try:
        return tuple(_loud(text, zone) for text in quiet if text)
    except CalendarError:
        return loud(quiet, "UTC")


def _loud(text: str, zone: str) -> Hours:
    begins, ends = parse_hours(text)
    return Hours(ends, begins, EVERY_DAY, zone)


def told(at: datetime, hours: Hours) -> str:
    """The reason that holds what would reach a person at `at`; "" if none of the quiet hours do."""
    closed = next((one for one in hours.loud if not is_open(at, one)), None)
    return f"quiet hours there, {closed.closes:%H:%M}-{closed.opens:%H:%M}" if closed else ""


def next_loud(at: datetime, hours: Hours) -> datetime:
    """`at` itself, or the end of the quiet hours in which it lies.

    Where they leave nothing of any day, it is some later instant that is quiet as well.
    """
    last = at + 2 * ONE_DAY
    while hours.loud and at < last:
        found = max(next_open(at, one) for one in hours.loud)
        if found == at:
            break
        at = found
    return at


def next_welcome(at: datetime, hours: Hours, opens: Callable[[datetime], datetime]) -> datetime:
    """The first instant from `at` on to which `opens` leads and that is not quiet for the person.

    Where the two share none in 14 days (somebody far from the zone of a calendar), what is not
    quiet on a day of that calendar does: the person's night counts for more than our day.
    """
    if not hours.loud:
        return opens(at)
    day = replace(hours, opens=time.min, closes=time.min)
    ways: Iterable[Callable[[datetime], datetime]] = (opens, lambda then: next_open(then, day))
    found = (_shared(at, hours, way) for way in ways)
    return next(filter(None, found), at + timedelta(days=SHARED_DAYS))


def _shared(
    at: datetime, hours: Hours, opens: Callable[[datetime], datetime]
) -> datetime | None:  # fmt: skip
    found = opens(at)
    last = found + timedelta(days=SHARED_DAYS)
    while found < last:
        if (heard := next_loud(found, hours)) == found:
            return found
        found = opens(heard)
    return None
