"""One account whole: what happened, who is there, what it is worth, what comes and what rests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from accounts.coverage import Member, coverage
from accounts.errors import AbmError
from accounts.records import Account, Contact, User
from accounts.scoring import Score, engagement, icp_fit
from orchestrator.alignment import Agreement
from orchestrator.engine import agreement, reading, scoring
from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.engine.reading import Entry, Journey
from orchestrator.records import Activity, Enrollment
from orchestrator.store.companies import merging, people
from orchestrator.store.companies import scoring as scores
from orchestrator.store.companies.merging import Merged
from orchestrator.store.companies.people import Family, family
from orchestrator.store.pages import links, pipeline, reports, stories
from orchestrator.store.pages.links import Link
from orchestrator.store.pages.pipeline import Deal
from orchestrator.store.pages.stories import Ahead, Binding, Cut, Run
from orchestrator.terms import Plan

ENTRIES = 30  # of the story on one page
DEALS = 20
COMING = 12  # of each sort of what is to happen
WEEKS = 12  # of the trend
LIVE = ("active", "paused")
MEETINGS = ("meeting_booked", "meeting_no_show")


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of the story, and its place in it: the (at, id) that a page can begin after."""

    told: Entry
    id: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A persona of the agreement that nobody at the account is, and its usual role."""

    persona: str
    role: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """An account with all that its page shows.

    `trend` is its engagement at the end of each of the last weeks, the oldest first; `coming` is
    what nothing holds, `resting` what something does; `wanted` counts the agreement's personas;
    `room` is what the picture of the live play takes, in pixels.
    """

    account: Account
    merged: tuple[Merged, ...]
    parent: str
    people: tuple[Contact, ...]
    personas: Mapping[int, str]  # by contact
    gaps: tuple[Gap, ...]
    wanted: int
    engaged: Score
    fit: Score
    trend: tuple[float, ...]
    journeys: tuple[Journey, ...]
    live: Journey | None
    room: tuple[int, int]
    coming: tuple[Ahead, ...]
    resting: tuple[Ahead, ...]
    stops: tuple[Binding, ...]
    deals: tuple[Deal, ...]
    owners: Mapping[int, str]  # of the deals, by user
    meetings: tuple[Activity, ...]
    links: tuple[Link, ...]
    lines: tuple[Line, ...]
    more: Line | None


def dossier(
    ctx: Context,
    account_id: int,
    *,
    team: str = "",
    sort: str = "",
    contact: int | None = None,
    before: tuple[datetime, int] | None = None,
) -> Dossier:
    """The account of that id, or the one that it lives on in. AbmError if there is none.

    What is asked cuts the story alone.
    """
    now = ctx.clock.now()
    with ctx.db.reading() as session:
        account = _account(session, account_id)
        kin = family(session, [_id(account)])
        ids = kin.of([_id(account)])
        journeys = reports.journeys(session, _id(account))
        plans = _plans(ctx, session, journeys)
        there = people.contacts_of(session, [_id(account)])
        cut = Cut(team, sort, _rows_of(contact, kin), before)
        found = stories.story(session, ids, cut, ENTRIES + 1)
        lines = _lines(session, found[:ENTRIES], journeys)
        agreed = agreement.current(session)
        personas, gaps = _committee(agreed, there)
        engaged, trend = _engaged(session, _id(account), agreed, now)
        ahead = [_named(one, plans) for one in stories.ahead(session, ids, COMING)]
        fields = people.account_fields(session, [_id(account)])[_id(account)]
        live = next((one for one in journeys if one.status in LIVE), None)
        deals = _deals(session, ids, now)
        return Dossier(
            account=account,
            merged=tuple(merging.merged_into(session, kin.accounts)),
            parent=_parent(session, account),
            people=tuple(there),
            personas=personas,
            gaps=gaps,
            wanted=len(agreed.personas),
            engaged=engaged,
            fit=icp_fit(fields, agreed.fit),
            trend=trend,
            journeys=tuple(map(reading.journey, journeys)),
            live=reading.journey(live) if live else None,
            room=plans_of(ctx.db).size(live.version_id) if live else (0, 0),
            coming=tuple(one for one in ahead if not one.reason)[:COMING],
            resting=tuple(one for one in ahead if one.reason)[:COMING],
            stops=tuple(stories.stops(session, ids, now)),
            deals=deals,
            owners=reports.names(session, User, (one.owner_id for one in deals)),
            meetings=tuple(stories.of_kinds(session, ids, MEETINGS, 10)),
            links=tuple(links.links(session, ids)),
            lines=lines,
            more=lines[-1] if len(found) > ENTRIES else None,
        )


def _deals(session: Session, ids: Collection[int], now: datetime) -> tuple[Deal, ...]:
    """The newest word on each, the last told first."""
    found = pipeline.deals(session, now - pipeline.OLDEST, ids)
    return tuple(sorted(found, key=lambda one: one.at, reverse=True)[:DEALS])


@dataclass(frozen=True, slots=True)
class Place:
    """Where one play stands: its plan, and each step that it has come to."""

    plan: Plan
    runs: Mapping[str, Run]


def place(ctx: Context, account_id: int, enrollment_id: int) -> Place:
    """Where a play of the account stands. AbmError if it is none of the account's."""
    with ctx.db.reading() as session:
        journeys = reports.journeys(session, account_id)
        play = next((one for one in journeys if one.id == enrollment_id), None)
        if play is None:
            raise AbmError(f"there is no play {enrollment_id} of that account")
        plan = plans_of(ctx.db).of(session, [play.version_id])[play.version_id]
        return Place(plan, {one.step: one for one in stories.runs(session, enrollment_id)})


def _account(session: Session, account_id: int) -> Account:
    head = people.heads(session, [account_id]).get(account_id, account_id)
    account = session.get(Account, head)
    if account is None:
        raise AbmError(f"there is no account {account_id}")
    return account


# ---------------------------------------------------------------- the story


def _lines(
    session: Session, newest: Sequence[Activity], journeys: Sequence[Enrollment]
) -> tuple[Line, ...]:
    """The newest first; a message says under whose name it went."""
    told = reading.entries(session, newest, journeys)
    touches = [_touch_of(one) for one in newest]
    by = stories.senders(session, (one for one in touches if one))
    both = zip(newest, touches, reversed(list(told)), strict=True)
    return tuple(
        Line(
            replace(line, actor=by[touch].name) if touch in by else line,
            one.id,
        )
        for one, touch, line in both
    )


def _touch_of(one: Activity) -> int:
    """The message that the entry is about, which is none for what came back from outside."""
    return int(one.data.get("touch_id") or 0) if one.kind.startswith("touch.") else 0


def _rows_of(contact: int | None, kin: Family) -> Collection[int]:
    """Every row of the person, where several turned out to be the same one."""
    if contact is None:
        return ()
    return [contact, *(old for old, kept in kin.people.items() if kept == contact)]


# ---------------------------------------------------------------- who and how much


def _committee(
    agreed: Agreement, there: Iterable[Contact]
) -> tuple[dict[int, str], tuple[Gap, ...]]:
    """Which persona each is, as the record says or else the job title; and who is missing."""
    personas: dict[int, str] = {}
    members = []
    for one in there:
        fitting = agreed.persona_of(one.title)
        persona = one.persona or (fitting.name if fitting else "")
        personas[one.id or 0] = persona
        members.append(Member(one.id or 0, persona, left=one.left_at is not None))
    missing = coverage(agreed.personas, members).open
    return personas, tuple(Gap(name, agreed.personas[name].role) for name in missing)


def _engaged(
    session: Session, account_id: int, agreed: Agreement, now: datetime
) -> tuple[Score, tuple[float, ...]]:
    """Its engagement now with reasons, and what it was at the end of each of the last weeks."""
    since = scoring.since(agreed, now) - timedelta(weeks=WEEKS)
    found = scores.happened(session, [account_id], agreed.weights, since)
    all_ = found[account_id].all if account_id in found else []
    days = agreed.half_life_days
    trend = []
    for weeks in range(WEEKS, -1, -1):
        then = now - timedelta(weeks=weeks)
        known = [one for one in all_ if one.at <= then]
        trend.append(engagement(known, then, agreed.weights, days).value)
    return engagement(all_, now, agreed.weights, days), tuple(trend)


def _parent(session: Session, account: Account) -> str:
    parent = session.get(Account, account.parent_id) if account.parent_id else None
    return parent.name if parent else ""


# ---------------------------------------------------------------- what comes


def _plans(ctx: Context, session: Session, journeys: Sequence[Enrollment]) -> dict[int, Plan]:
    """The plans of the account's plays, by play."""
    plans = plans_of(ctx.db).of(session, {one.version_id for one in journeys})
    return {one.id or 0: plans[one.version_id] for one in journeys}


def _named(one: Ahead, plans: Mapping[int, Plan]) -> Ahead:
    """A step that has not opened knows its kind and its team from the plan alone."""
    plan = plans.get(one.enrollment_id or 0)
    step = plan.by_id.get(one.step) if plan and one.what == "step" else None
    return one._replace(kind=step.kind.value) if step else one


def _id(account: Account) -> int:
    assert account.id is not None
    return account.id
