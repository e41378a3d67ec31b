"""The calendar: all that both teams have ahead, as a month, as a list, and for other programs."""

from __future__ import annotations

import calendar as months
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from orchestrator.engine.pages import agenda
from orchestrator.engine.pages.agenda import Agenda, Day
from orchestrator.engine.staff.auditing import note
from orchestrator.store.pages.coming import Coming
from orchestrator.web import ics, words
from orchestrator.web.deeds import deed
from orchestrator.web.ics import Event
from orchestrator.web.numbers import Count
from orchestrator.web.permissions import May
from orchestrator.web.visitors import (
    Here,
    Needs,
    Visitor,
    from_our_page,
    house_of,
    just_signed_in,
    just_signed_in_to_read,
)

LISTED, IN_A_DAY = 60, 4  # things on a page of the list, and in one day of the month
AHEAD = timedelta(days=90)  # of an export

router = APIRouter(prefix="/calendar", dependencies=[Depends(Needs(May.ACCOUNTS))])
mine = APIRouter(prefix="/me/calendar", dependencies=[Depends(from_our_page)])
feeds = APIRouter(prefix="/feeds")


class Asked(BaseModel):
    """Which stretch, how it is shown, and whose."""

    month: str = Field(default="", pattern=r"^([12]\d{3}-(0[1-9]|1[0-2]))?$")
    show: Literal["month", "list"] = "month"
    team: str = Field(default="", max_length=20)
    playbook: str = Field(default="", max_length=100)
    person: Count = 0
    page: int = Field(default=1, ge=1, le=1000)

    def but(self, **other: object) -> dict[str, object]:
        """The same with something else, from the first page on; without what is not asked."""
        found = self.model_dump(exclude={"page"}, exclude_defaults=True) | other
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Cell:
    """A day: what is so all day long, and what happens then; `within` says that it is shown."""

    on: date
    within: bool
    days: tuple[Day, ...]
    items: tuple[Coming, ...]


@router.get("")
def shown(here: Visitor, asked: Annotated[Asked, Query()]) -> Response:
    """A month, or what is ahead as a list."""
    first = _month(asked.month, here)
    zone = here.visit.zone
    last = _after(first)
    found = _agenda(here, asked, _midnight(first, zone), _midnight(last, zone))
    start = (asked.page - 1) * LISTED
    listed = found.items[start : start + LISTED]
    return here.page(
        "calendar", asked=asked, found=found, first=first, last=last,
        before=f"{first - timedelta(days=1):%Y-%m}", after=f"{last:%Y-%m}",
        today=here.now.astimezone(ZoneInfo(zone)).date(),
        cells=_cells(found, first, zone) if asked.show == "month" else [],
        listed=listed, more=len(found.items) > start + LISTED, in_a_day=IN_A_DAY,
        by_day=_by_day(listed, zone),
    )  # fmt: skip


@router.get("/export.ics", dependencies=[Depends(just_signed_in_to_read)])
def export(here: Visitor, asked: Annotated[Asked, Query()]) -> Response:
    """The same for a calendar program: from today on, for three months. What leaves the house
    has its line in the audit log."""
    note(here.house.ctx, deed(here.request, here.visit.name, here.visit.user_id))
    found = _agenda(here, asked, here.now, here.now + AHEAD)
    address = str(here.request.base_url).rstrip("/")
    days = (
        Event(f"day-{one.on}-{one.playbook}-{one.text}", one.on,
              f"{one.text} ({one.playbook})" if one.playbook else one.text)
        for one in found.days
    )  # fmt: skip
    events = [*days, *(_event(one, address) for one in found.items)]
    answer = _ics(here.ctx.settings.workspace.name, events, here.now)
    answer.headers["Content-Disposition"] = 'attachment; filename="calendar.ics"'
    return answer


# ---------------------------------------------------------------- one's own


@mine.post("", dependencies=[Depends(just_signed_in)])
def open_feed(here: Visitor) -> Response:
    """A new address for one's own calendar; it is shown once, and the last one is void."""
    secret = agenda.open_feed(here.ctx, here.visit.user_id)
    address = f"{here.request.base_url}feeds/{secret}.ics"
    return here.page("feed", address=address)


@mine.post("/close")
def close_feed(here: Visitor) -> Response:
    """Nobody reads it any more."""
    agenda.close_feed(here.ctx, here.visit.user_id)
    return RedirectResponse("/me", status_code=303)


@feeds.get("/{secret}.ics")
def feed(request: Request, secret: str) -> Response:
    """One's own tasks and agreed times, for whoever has the address. No address of anybody."""
    ctx = house_of(request).ctx
    found = agenda.feed(ctx, secret)
    if found is None:
        return PlainTextResponse("there is no such calendar", 404)
    address = str(request.base_url).rstrip("/")
    return _ics("My tasks", [_event(one, address) for one in found], ctx.clock.now())


# ---------------------------------------------------------------- parts


def _agenda(here: Here, asked: Asked, since: datetime, until: datetime) -> Agenda:
    return agenda.agenda(
        here.ctx, since, until, team=asked.team, playbook=asked.playbook,
        user_id=asked.person or None,
    )  # fmt: skip


def _event(one: Coming, address: str) -> Event:
    url = f"{address}/queue/{one.id}" if one.what == "task" else ""
    text = f"{words.coming(one)}: {one.account}" if one.account else words.coming(one)
    detail = "\n".join(filter(None, (one.playbook, one.by, one.reason and f"held: {one.reason}")))
    return Event(f"{one.what}-{one.id}-{one.title if one.what == 'step' else ''}@abm", one.at,
                 text, detail, url)  # fmt: skip


def _ics(name: str, events: Iterable[Event], now: datetime) -> Response:
    return Response(ics.calendar(name, events, now), media_type="text/calendar; charset=utf-8")


def _cells(found: Agenda, first: date, zone: str) -> list[list[Cell]]:
    """The month in weeks from Monday to Sunday."""
    days: dict[date, list[Day]] = defaultdict(list)
    for day in found.days:
        days[day.on].append(day)
    items = dict(_by_day(found.items, zone))
    weeks = months.Calendar().monthdatescalendar(first.year, first.month)
    return [
        [Cell(on, on.month == first.month, tuple(days.get(on, ())), tuple(items.get(on, ())))
         for on in week]
        for week in weeks
    ]  # fmt: skip


def _by_day(items: Iterable[Coming], zone: str) -> list[tuple[date, list[Coming]]]:
    found: dict[date, list[Coming]] = defaultdict(list)
    for one in items:
        found[one.at.astimezone(ZoneInfo(zone)).date()].append(one)
    return list(found.items())


def _month(text: str, here: Here) -> date:
    """The first day of the month that is asked for, or of this one."""
    if text:
        return date(int(text[:4]), int(text[5:]), 1)
    return here.now.astimezone(ZoneInfo(here.visit.zone)).date().replace(day=1)


def _after(first: date) -> date:
    """The first day of the month after it."""
    return (first + timedelta(days=31)).replace(day=1)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
