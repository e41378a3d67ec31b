"""On which business day a step may begin, counted from 0, the day on which the play begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from orchestrator.calendar import (
    Hours,
    Span,
    add,
    midnight,
    next_open,
    parse_days,
    parse_hours,
    shifted,
)
from orchestrator.terms import At, CalendarSpec, Plan, Step

MONDAY = datetime(
    2001, 1, 1, tzinfo=UTC
)  # any Monday: a picture is of no year, and has no holidays
FAR = MONDAY + timedelta(days=36_525)  # no play lasts so long: from there on all is one day


@dataclass(frozen=True, slots=True)
class Begin:
    """The day below which a step stands, behind all of `after`; `first` is earlier where one of
    them is enough."""

    day: int
    first: int


def begins(plan: Plan) -> dict[str, Begin]:
    """When each step may begin if nothing before it takes time or is skipped.

    A play that counts from named dates begins on the first day that it counts to.
    """
    hours = _hours(plan.calendar)
    dated = [_on(step.at, hours) for step in plan.steps if step.at]
    start = next_open(min(dated, default=MONDAY), hours)
    last = _instants(plan, start, hours, max)
    first = _instants(plan, start, hours, min)
    return {
        id_: Begin(_day(last[id_], start, hours), _day(first[id_], start, hours)) for id_ in last
    }


def _hours(spec: CalendarSpec) -> Hours:
    opens, closes = parse_hours(spec.hours)
    return Hours(opens, closes, parse_days(spec.days), "UTC")


def _instants(
    plan: Plan, start: datetime, hours: Hours, of_any: Callable[[Iterable[datetime]], datetime]
) -> dict[str, datetime]:
    """When each step begins; `of_any` says which prerequisite counts where any is enough."""
    at: dict[str, datetime] = {}
    for step in plan.steps:
        ends = [_end(plan.by_id[id_], at[id_], step, hours) for id_ in step.after.steps]
        since = (of_any if step.after.any else max)(ends) if ends else start
        if step.within:
            since = max(since, at[step.within.choose])
        if step.at:
            since = max(since, _on(step.at, hours))
        due = _later(since, step.wait, hours)
        at[step.id] = due if step.always else next_open(due, hours)
    return at


def _end(prior: Step, began: datetime, step: Step, hours: Hours) -> datetime:
    """Ads are done once they are live, unless their end is what is waited for."""
    if prior.lasts and prior.id in step.after.ended:
        return _later(began, prior.lasts, hours)
    return began


def _later(since: datetime, span: Span, hours: Hours) -> datetime:
    return add(since, span, hours) if since < FAR else since


def _on(at: At, hours: Hours) -> datetime:
    """The first instant of a day that counts from a named date."""
    named = date.fromisoformat(at.on)
    day = shifted(named, at.offset, hours, back=at.back) if at.offset else named
    return midnight(day, hours)


def _day(at: datetime, start: datetime, hours: Hours) -> int:
    """How many days that open lie between the begin and an instant."""
    weeks, rest = divmod((at - start.replace(hour=0, minute=0)).days, 7)
    open_ones = (start + timedelta(days=n) for n in range(rest))
    return weeks * len(hours.days) + sum(day.weekday() in hours.days for day in open_ones)
