"""What a clock on the wall shows: the words in which the calendar's tests are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.calendar import Hours, parse_days, parse_hours

WEEK = parse_days("mon-fri")
EVERY_DAY = parse_days("mon-sun")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def office(zone: str = "Europe/Berlin", hours: str = "09:00-17:00", **more: Any) -> Hours:
    """Weekdays from nine to five, unless said otherwise."""
    return Hours(*parse_hours(hours), **{"days": WEEK, "zone": zone, **more})


def at(local: str, zone: str = "Europe/Berlin", fold: int = 0) -> datetime:
    """The instant of a wall time such as "2027-03-28 09:00"."""
    wall = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return wall.astimezone(UTC)


def wall(instant: datetime, zone: str = "Europe/Berlin") -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
