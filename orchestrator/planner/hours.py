"""Whose working time counts. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol

from orchestrator.calendar import CalendarError, Hours, parse_dates, parse_days, parse_hours
from orchestrator.quiet import loud
from orchestrator.terms import CalendarSpec

FAIR_START = timedelta(hours=1)


class Placed(Protocol):
    """Whoever lives somewhere: a person, an account."""

    @property
    def zone(self) -> str: ...

    @property
    def country(self) -> str: ...


def recipient_hours(
    spec: CalendarSpec,
    person: Placed | None,
    account: Placed,
    zone: str,
    country: str,
    quiet: str = "",
) -> Hours:
    """The working time of a person; account and workspace (`zone`, `country`) stand in for gaps.

    The `quiet` hours of the workspace and the plan's go by the person's own clock.
    """
    country = (person.country if person else "") or account.country or country
    own = (person.zone if person else "") or account.zone or zone
    quiets = (quiet, spec.quiet) if quiet or spec.quiet else ()
    if spec.zone == "contact":
        zone = own
    elif spec.zone == "account":
        zone = account.zone or zone
    elif spec.zone != "workspace":
        zone = spec.zone
    return working_hours(spec, zone, country, loud(quiets, own) if quiets else ())


@lru_cache(maxsize=4096)
def working_hours(
    spec: CalendarSpec, zone: str, country: str, heard: tuple[Hours, ...] = ()
) -> Hours:
    """The Hours of a calendar spec in a zone; an unknown zone falls back to UTC. Whoever is not to
    be reached outside of some hours is `heard` in these."""
    opens, closes = parse_hours(spec.hours)
    holidays = {"country": country, "none": ""}.get(spec.holidays, spec.holidays)
    blackout = frozenset(day for days in spec.blackout for day in parse_dates(days))
    days = parse_days(spec.days)
    try:
        return Hours(opens, closes, days, zone, holidays, blackout, loud=heard)
    except CalendarError:
        return Hours(opens, closes, days, "UTC", holidays, blackout, loud=heard)


def opened_at(due: datetime, now: datetime) -> datetime:
    """When a task counts as opened: at its due, unless an outage kept it from the rep for long.

    Dues derive from recorded instants, never from the tick, so that the dry run is the real run;
    but nobody is overdue with work that was not there.
    """
    return due if now - due <= FAIR_START else now
