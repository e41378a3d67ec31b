"""The house itself: who is away, saved views, what is owed, what is tried again, who did what."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from accounts.errors import AbmError
from orchestrator.engine.pages import promises, views
from orchestrator.engine.running import retrying
from orchestrator.engine.staff import absences, auditing, users
from orchestrator.web.api.callers import Answering, Program, Scope, once
from orchestrator.web.api.lists import number_of, place_of
from orchestrator.web.api.shapes import WRONG, Cursor, Limit, Page, Sent, Short, Words
from orchestrator.web.numbers import Id
from orchestrator.web.permissions import May
from orchestrator.web.places import named
from orchestrator.web.visitors import Missing

router = APIRouter(responses={**WRONG}, route_class=Answering)
WORKS, READS = Depends(Scope(May.WORK)), Depends(Scope(May.ACCOUNTS))
MANAGES = Depends(Scope(May.MANAGE))
OPERATES, LEADS = Depends(Scope(May.OPERATE)), Depends(Scope(May.LEAD))
AUDITS, ONCE = Depends(Scope(May.AUDIT)), Depends(once)
Days = Annotated[int, Query(ge=1, le=365)]


class Leave(Sent):
    """The first and the last day away, both included, and who stands in ("": the team)."""

    first: date
    last: date
    cover: Short = ""


class Absence(BaseModel):
    """When somebody is away."""

    name: str
    first: date
    last: date
    cover: str


class Ended(BaseModel):
    """How many absences ended or were taken back."""

    number: int


class View(BaseModel):
    """A question to the list of accounts under a name."""

    id: int
    name: str
    query: str


class Saved(Sent):
    """What is kept, in place of the view of that name."""

    name: Annotated[Short, Field(min_length=1)]
    query: Words


class Kept(BaseModel):
    """How a team keeps what it owes: in 7 and 30 days, and now."""

    team: str
    near_kept: int
    near_broken: int
    kept: int
    broken: int
    open: int
    at_risk: int


class Promise(BaseModel):
    """A task that was owed."""

    id: int
    title: str
    purpose: str
    account_id: int | None
    account: str
    who: str
    due_at: datetime
    ended_at: datetime | None


class Retry(BaseModel):
    """A touch that was tried in vain and goes again at `due_at`; maybe it left at `intent_at`."""

    id: int
    step: str
    channel: str
    account_id: int
    account: str
    contact: str
    attempt: int
    swept: int
    reason: str
    reply: str
    intent_at: datetime | None
    due_at: datetime


class Decided(BaseModel):
    """Where the touch stands by what was decided."""

    status: str


class Colleague(BaseModel):
    """One of us; whoever left is not `active`."""

    id: int
    name: str
    full_name: str
    team: str
    role: str
    title: str
    email: str
    zone: str
    country: str
    active: bool


class Deed(BaseModel):
    """A line of the audit log."""

    number: int
    at: datetime
    actor_id: int | None
    actor: str
    via: str
    action: str
    object: str
    detail: str
    address: str
    request: str
    before: str = Field(description="What its object was like: a keyed digest, empty for none.")
    after: str
    digest: str


class Chain(BaseModel):
    """How many lines hold together, and where the chain breaks ("": nowhere)."""

    number: int
    digest: str
    problem: str


# ---------------------------------------------------------------- one's own


@router.get("/absences", dependencies=[WORKS])
def away(caller: Program) -> Page[Absence]:
    """When the caller will be away, the earliest first."""
    found = [one for one in absences.coming(caller.ctx) if one.name == caller.token.name]
    rows = [Absence(name=o.name, first=o.first, last=o.last, cover=o.cover) for o in found]
    return Page(items=rows, next=None)


@router.post("/absences", dependencies=[WORKS, ONCE])
def leave(caller: Program, said: Leave) -> Absence:
    """Note that the caller will be away."""
    one = absences.add(caller.ctx, caller.token.name, said.first, said.last, said.cover)
    return Absence(name=one.name, first=one.first, last=one.last, cover=one.cover)


@router.post("/absences/back", dependencies=[WORKS, ONCE])
def back(caller: Program) -> Ended:
    """The caller is here again, from now on."""
    return Ended(number=absences.back(caller.ctx, caller.token.name))


@router.get("/views", dependencies=[READS])
def saved(caller: Program) -> Page[View]:
    """The caller's views of the accounts, by name."""
    found = views.views(caller.ctx, caller.token.user_id, "accounts")
    return Page(items=[View(**one._asdict()) for one in found], next=None)


@router.post("/views", dependencies=[READS, ONCE], status_code=204)
def save(caller: Program, said: Saved) -> None:
    """Keep a view."""
    views.save(caller.ctx, caller.token.user_id, "accounts", said.name, said.query)


@router.post("/views/{view_id}/delete", dependencies=[READS, ONCE], status_code=204)
def drop(caller: Program, view_id: Id) -> None:
    """Forget a view of the caller's."""
    try:
        views.drop(caller.ctx, caller.token.user_id, view_id)
    except AbmError as error:
        raise Missing(error.reason) from error


# ---------------------------------------------------------------- both teams


@router.get("/promises", dependencies=[LEADS])
def owed(caller: Program) -> Page[Kept]:
    """How each team keeps what it owes, by team."""
    rows = [Kept(**one._asdict()) for one in promises.kept(caller.ctx)]
    return Page(items=rows, next=None)


@router.get("/promises/{team}", dependencies=[LEADS])
def behind(
    caller: Program, team: Annotated[str, Path(max_length=40, pattern="^[a-z]+$")],
    state: Literal["kept", "broken", "open", "at_risk"] = "broken", days: Days = 30,
    cursor: Cursor = "", limit: Limit = 50,
) -> Page[Promise]:  # fmt: skip
    """What a team kept, broke or still owes, the latest due first."""
    before = place_of(cursor)
    rows = promises.behind(caller.ctx, team, state, days, limit + 1, before=before)
    last = rows[limit - 1] if len(rows) > limit else None
    more = named(last.due_at, last.id) if last else None
    return Page(items=[Promise(**one._asdict()) for one in rows[:limit]], next=more)


# ---------------------------------------------------------------- people


@router.get("/users", dependencies=[MANAGES])
def people(caller: Program) -> Page[Colleague]:
    """All of us, by team and name. Only pages change who may what: that wants a new sign-in."""
    rows = [Colleague(**asdict(one)) for one in users.everybody(caller.ctx)]
    return Page(items=rows, next=None)


# ---------------------------------------------------------------- ops


@router.get("/retries", dependencies=[OPERATES])
def retries(caller: Program, cursor: Cursor = "", limit: Limit = 50) -> Page[Retry]:
    """What waits to be tried again, the next one first."""
    rows = retrying.retries(caller.ctx, limit + 1, after=place_of(cursor))
    last = rows[limit - 1] if len(rows) > limit else None
    more = named(last.due_at, last.id) if last else None
    return Page(items=[Retry(**one._asdict()) for one in rows[:limit]], next=more)


@router.post("/retries/{touch_id}/now", dependencies=[OPERATES, ONCE])
def try_now(caller: Program, touch_id: Id) -> Decided:
    """Let it go with the next pass; every guard is asked again."""
    retrying.try_now(caller.ctx, touch_id)
    return Decided(status="ready")


@router.post("/retries/{touch_id}/give-up", dependencies=[OPERATES, ONCE])
def give_up(caller: Program, touch_id: Id) -> Decided:
    """Try it no more; what may have left already is unknown from then on."""
    return Decided(status=retrying.give_up(caller.ctx, touch_id, caller.token.user_id))


@router.get("/audit", dependencies=[AUDITS])
def audit(caller: Program, cursor: Cursor = "", limit: Limit = 50, said: Short = "") -> Page[Deed]:
    """Who did what, the newest first; `said` is part of who did what to what."""
    before = number_of(cursor) or None
    rows = auditing.entries(caller.ctx, limit=limit + 1, before=before, said=said)
    more = str(rows[limit - 1].number) if len(rows) > limit else None
    return Page(items=[Deed(**one._asdict()) for one in rows[:limit]], next=more)


@router.get("/audit/chain", dependencies=[AUDITS])
def chain(caller: Program) -> Chain:
    """Follow the whole chain."""
    found = auditing.verify(caller.ctx)
    return Chain(number=found.number, digest=found.digest, problem=found.problem)
