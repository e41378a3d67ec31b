"""Absences of ours: noted with who stands in, listed, and taken back (15).

Days are those of the absent person's own zone, the first and the last of them included.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from accounts.errors import AbmError
from orchestrator.calendar import midnight
from orchestrator.engine.context import Context
from orchestrator.engine.staff import users
from orchestrator.planner.hours import working_hours
from orchestrator.store.plays import plays
from orchestrator.store.staff import absences as store
from orchestrator.store.staff.absences import Absent
from orchestrator.terms import CalendarSpec

ONE_DAY = timedelta(days=1)
LONGEST = timedelta(days=400)
FURTHEST = timedelta(days=36_525)  # from today: a year that is not mistyped


@dataclass(frozen=True, slots=True)
class Absence:
    """An absence as people speak of it: first and last day away, who stands in ("": nobody)."""

    name: str
    first: date
    last: date
    cover: str


def add(ctx: Context, name: str, first: date, last: date, cover: str = "") -> Absence:
    """Note when somebody is away. AbmError for days that are over or taken, and for a stand-in who
    does not exist, is the same person, or is not active."""
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        one = users.find(session, name)
        assert one.id
        _check_days(first, last, now)
        starts, ends = days_away(first, last, one.zone)
        if ends <= now:
            raise AbmError("these days are over", "say when somebody will be away")
        for other in store.current(session, now):
            if other.user_id == one.id and other.starts_at < ends and starts < other.ends_at:
                hint = f"`abm user back {one.name}` takes it back"
                raise AbmError(f"{one.name} is away {_span(_said(other))} already", hint)
        cover_id = _cover(session, cover, one.id) if cover else None
        store.add(session, one.id, starts, ends, cover_id)
        return Absence(one.name, first, last, users.find(session, cover).name if cover else "")


def back(ctx: Context, name: str) -> int:
    """Somebody is here again, and from now on; how many absences that ended or took back.

    What waited for them looks again at once. Tasks that went to others stay there.
    """
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        user_id = users.user_id(session, name)
        ended = store.end(session, user_id, now)
        if ended:
            plays.wake(session, store.plays_of(session, user_id), now, urgent=False)
        return ended


def coming(ctx: Context) -> list[Absence]:
    """The absences that are not over, the earliest first."""
    with ctx.db.reading() as session:
        return [_said(one) for one in store.current(session, ctx.clock.now())]


def _said(one: Absent) -> Absence:
    zone = ZoneInfo(one.zone)
    last = (one.ends_at - timedelta(microseconds=1)).astimezone(zone).date()
    return Absence(one.name, one.starts_at.astimezone(zone).date(), last, one.cover)


def _span(one: Absence) -> str:
    return f"from {one.first} to {one.last}"


def days_away(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """When an absence begins and ends whose first and last day are those."""
    hours = working_hours(CalendarSpec(), zone, "")
    return midnight(first, hours), midnight(last + ONE_DAY, hours)


def _check_days(first: date, last: date, now: datetime) -> None:
    if last < first:
        raise AbmError("the last day is before the first", "first day, then last: both away")
    if last - first > LONGEST:
        raise AbmError("nobody is away for more than a year", "make the user inactive instead")
    if abs(first - now.date()) > FURTHEST:
        raise AbmError(f"{first} is too far from now", "look at the year")


def _cover(session: Session, cover: str, user_id: int) -> int:
    found = users.find(session, cover)
    if found.id == user_id:
        raise AbmError(f"{found.name} cannot stand in for {found.name}", "name somebody else")
    if not found.active:
        raise AbmError(f"{found.name} is not active", "name somebody who is")
    assert found.id
    return found.id
