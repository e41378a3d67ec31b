"""What is to come: both teams' touches, tasks and dates, and the days on which nothing leaves."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from orchestrator.calendar import ONE_DAY, holiday_name, parse_dates
from orchestrator.engine.context import Context
from orchestrator.engine.plans import current_plans, plans_of
from orchestrator.store.pages import coming as store
from orchestrator.store.pages.coming import Coming, Within
from orchestrator.store.plays import plays
from orchestrator.store.staff import feeds
from orchestrator.store.staff.users import everybody
from orchestrator.terms import TEAM_OF, Plan
from orchestrator.veil import Secret

MOST = 2000  # things of each sort within one stretch
FEED_DAYS = 90  # of a feed, ahead; and a week back, for what is late


@dataclass(frozen=True, slots=True)
class Day:
    """Something that is so for a whole day: an event that steps count from, or a day without work.

    `playbook` is "" where it holds for all.
    """

    on: date
    text: str
    playbook: str
    shut: bool


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is to come between two instants; `more` says that there is more than is shown.

    `plays` and `people` are what it can be cut down to.
    """

    items: tuple[Coming, ...]
    days: tuple[Day, ...]
    more: bool
    plays: tuple[str, ...]
    people: tuple[tuple[int, str], ...]


def agenda(
    ctx: Context, since: datetime, until: datetime, *, team: str = "", playbook: str = "",
    user_id: int | None = None,
) -> Agenda:  # fmt: skip
    """Everything between the two, in the order of time."""
    with ctx.db.reading() as session:
        found = store.coming(session, Within(since, until, playbook, user_id, MOST + 1))
        named = list(_named(ctx, session, found))
        plans = current_plans(ctx.db, session)
        wanted = {name: plan for name, plan in plans.items() if playbook in ("", name)}
        country = ctx.settings.workspace.country
        us = everybody(session)
        return Agenda(
            tuple(one for one in named[:MOST] if team in ("", one.team)),
            tuple(_days(wanted, country, since.date(), until.date())),
            len(found) > MOST,
            tuple(plays.playbook_names(session)),
            tuple((one.id or 0, one.full_name or one.name) for one in us if one.active),
        )


def _named(ctx: Context, session: Session, found: list[Coming]) -> Iterator[Coming]:
    """A step knows its kind and its team from its plan."""
    versions = {one.version_id for one in found if one.version_id}
    plans = plans_of(ctx.db).of(session, versions)
    for one in found:
        step = plans[one.version_id].by_id.get(one.title) if one.version_id else None
        if step:
            kind = step.kind
            yield one._replace(kind=kind.value, team=TEAM_OF.get(kind, "engine"))
        else:
            yield one._replace(team=one.team or "engine")


def _days(plans: Mapping[str, Plan], country: str, first: date, last: date) -> Iterator[Day]:
    for name, plan in sorted(plans.items()):
        shut = {day for text in plan.calendar.blackout for day in parse_dates(text)}
        yield from (Day(day, "no outreach", name, True) for day in sorted(shut)
                    if first <= day <= last)  # fmt: skip
        for event, day in sorted({(step.at.name, _date(step.at.on)) for step in plan.steps
                                  if step.at}, key=str):  # fmt: skip
            if day and first <= day <= last:
                yield Day(day, event, name, False)
    for number in range((last - first).days + 1):
        day = first + number * ONE_DAY
        if country and (holiday := holiday_name(day, country)):
            yield Day(day, holiday, "", True)


def _date(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None


# ---------------------------------------------------------------- one's own, as a feed


def open_feed(ctx: Context, user_id: int) -> Secret:
    """A new secret under which the user's calendar can be read; the last one is void."""
    secret = Secret(secrets.token_urlsafe(32))
    with ctx.db.writing() as session:
        feeds.put(session, user_id, _digest(secret), ctx.clock.now())
    return secret


def close_feed(ctx: Context, user_id: int) -> None:
    """Nobody can read the user's calendar any more."""
    with ctx.db.writing() as session:
        feeds.drop(session, user_id)


def feed_since(ctx: Context, user_id: int) -> datetime | None:
    """Since when the user's calendar can be read from outside; None when it cannot."""
    with ctx.db.reading() as session:
        return feeds.since(session, user_id)


def feed(ctx: Context, secret: str) -> list[Coming] | None:
    """The tasks and agreed times of whoever has that secret; None if nobody has."""
    now = ctx.clock.now()
    with ctx.db.reading() as session:
        user_id = feeds.owner(session, _digest(secret))
        if user_id is None:
            return None
        until = now + timedelta(days=FEED_DAYS)
        within = Within(now - timedelta(days=7), until, user_id=user_id, limit=MOST)
        return [one for one in store.coming(session, within) if one.what == "task"]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
