"""Steps that count from a named date: `at: event - 3w` (16). Pure.

Such a step opens on its day, in the hours of everybody concerned, or as soon after it as what it
waits for has ended. A day that had passed when the play began is skipped.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from orchestrator.calendar import Hours, midnight, shifted
from orchestrator.terms import At


def day_of(at: At, hours: Hours) -> date:
    """The day on the calendar of whoever is reached."""
    named = date.fromisoformat(at.on)
    return shifted(named, at.offset, hours, back=at.back) if at.offset else named


def begin_of(at: At, hours: Hours) -> datetime:
    """The first instant of the day."""
    return midnight(day_of(at, hours), hours)


def is_over(at: At, hours: Hours, began_at: datetime) -> bool:
    """Whether the day had passed when the play began."""
    return midnight(day_of(at, hours) + timedelta(days=1), hours) <= began_at
