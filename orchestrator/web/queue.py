"""The queue: the next best task with all that helps to do it, and the one key that ends it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from accounts.errors import AbmError
from orchestrator.engine.staff import users
from orchestrator.engine.tasks import desk, feedback, sheets
from orchestrator.engine.tasks.at_hand import at_hand
from orchestrator.engine.tasks.desk import UNDO
from orchestrator.engine.tasks.dispositions import ELSEWHERE, HAND_BACKS
from orchestrator.engine.tasks.elsewhere import KINDS
from orchestrator.engine.tasks.sheets import Sheet
from orchestrator.store.tasks.tasks import Card
from orchestrator.web.numbers import Count, Id, number
from orchestrator.web.permissions import May, may_work_on
from orchestrator.web.visitors import Here, Needs, NotAllowed, Visitor, from_our_page

SHOWN = 50  # tasks in the list
MOST_LATER = 20  # of those that rest
MORNING = time(9)
ASKED = timedelta(minutes=10)  # feedback, while the conversation is fresh
DETAILS = {"until": "not_now", "referral": "referral", "address": "done"}  # which end asks for it

router = APIRouter(prefix="/queue", dependencies=[Depends(Needs(May.WORK)), Depends(from_our_page)])


class End(BaseModel):
    """The one form of a task: whatever is pressed, all that was written in it comes along."""

    disposition: str = ""
    note: str = ""
    until: str = ""  # a day, on the visitor's calendar
    referral: str = ""
    address: str = ""
    subject: str = ""
    answer: str = ""
    reason: str = ""  # of a skip
    to: str = ""  # whom to give it to
    later: str = ""  # a day and a time, on the visitor's clock
    quick: str = ""  # or one of `queue_acts.QUICK`
    agreed: str = ""
    back: str = ""  # dispositions.HAND_BACKS
    hold: str = ""  # a day
    hold_reason: str = ""
    person: str = ""
    person_title: str = ""
    person_email: str = ""
    person_phone: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a form, and the field that it is about."""

    field: str
    text: str
    hint: str


@router.get("")
def queue(
    here: Visitor, did: Count = 0, lost: Count = 0, put: Count = 0, told: Count = 0
) -> Response:
    """The visitor's tasks, the first of them open. `did` is the task just ended, `put` one just put
    off, `told` one about which there was feedback, `lost` one that somebody else ended first."""
    with here.still() as quiet:
        return page(quiet, did=did, lost=lost, put=put, told=bool(told))


@router.get("/{task_id}")
def task(here: Visitor, task_id: Id, added: Count = 0) -> Response:
    """One task, and the others beside it. `added` is a person just added to its account."""
    with here.still() as quiet:
        return page(quiet, mine(quiet, task_id), added=added)


@router.post("/{task_id}/done")
def done(here: Visitor, task_id: Id, end: Annotated[End, Form()]) -> Response:
    """End a task with a disposition."""
    chosen = mine(here, task_id)
    try:
        desk.done(
            here.ctx, task_id, here.visit.user_id, end.disposition, end.token, note=end.note,
            until=day_of(end.until, here.visit.zone), referral=end.referral, address=end.address,
            subject=end.subject, answer=end.answer,
        )  # fmt: skip
    except AbmError as error:
        return again(here, chosen, end, error, _about(end))
    return then(did=task_id)


@router.post("/{task_id}/skip")
def skip(here: Visitor, task_id: Id, end: Annotated[End, Form()]) -> Response:
    """End a task without having done it."""
    chosen = mine(here, task_id)
    try:
        desk.skip(here.ctx, task_id, here.visit.user_id, end.reason, end.token)
    except AbmError as error:
        return again(here, chosen, end, error, "reason")
    return then(did=task_id)


@router.post("/{task_id}/undo")
def undo(here: Visitor, task_id: Id, token: Annotated[str, Form()] = "") -> Response:
    """Take back what the visitor ended a moment ago."""
    chosen = mine(here, task_id)
    try:
        desk.undo(here.ctx, task_id, here.visit.user_id, token)
    except AbmError as error:
        return again(here, chosen, End(), error)
    return then() if chosen.reason == ELSEWHERE else RedirectResponse(f"/queue/{task_id}", 303)


@router.post("/{task_id}/give")
def give(here: Visitor, task_id: Id, end: Annotated[End, Form()]) -> Response:
    """Give a task to a colleague, or back to the team's queue."""
    chosen = mine(here, task_id)
    try:
        desk.hand_over(here.ctx, task_id, here.visit.user_id, number(end.to))
    except AbmError as error:
        return again(here, chosen, end, error, "to")
    return then()


# ---------------------------------------------------------------- what is shown


def page(
    here: Here,
    chosen: Card | None = None,
    *,
    did: int = 0,
    lost: int = 0,
    put: int = 0,
    told: bool = False,
    added: int = 0,
    end: End | None = None,
    said: BaseModel | None = None,
    logged: BaseModel | None = None,
    mistake: Mistake | None = None,
    status: int = 200,
) -> Response:
    """The page with that task, or else the first one; what was just done is said on top of it."""
    since = _midnight(here.now, here.visit.zone)
    found = at_hand(here.ctx, here.visit.user_id, since, most=SHOWN, most_later=MOST_LATER)
    chosen = chosen or next(iter(found.tasks), None)
    ended = _seen(here, did)
    return here.page(
        "queue",
        status,
        tasks=found.tasks,
        left=found.left,
        sheet=_sheet(here, chosen),
        done_today=found.done,
        closed=_closed(here, ended),
        talked=_talked(here, ended),
        lost=_seen(here, lost),
        put=_seen(here, put),
        told=told,
        added=added,
        later=found.later,
        colleagues=_colleagues(here, chosen),
        form=end or End(),
        said=said,
        logged=logged,
        kinds=KINDS,
        token=secrets.token_urlsafe(12),
        mistake=mistake,
        hand_backs=HAND_BACKS,
        goes_on=None if found.tasks else desk.goes_on_at(here.ctx),
    )


def _sheet(here: Here, chosen: Card | None) -> Sheet | None:
    return sheets.sheet(here.ctx, chosen.id, here.visit.user_id) if chosen else None


def mine(here: Here, task_id: int) -> Card:
    """The task; NotAllowed alike for one that there is not and for somebody else's."""
    found = desk.task(here.ctx, task_id)
    if found is None or not may_work_on(here.visit, found):
        raise NotAllowed("there is no such task for you")
    return found


def _seen(here: Here, task_id: int) -> Card | None:
    found = desk.task(here.ctx, task_id) if task_id else None
    return found if found and may_work_on(here.visit, found) else None


def _closed(here: Here, found: Card | None) -> Card | None:
    """The task just ended, as long as that can be taken back."""
    if found is None or found.done_by != here.visit.user_id or found.ended_at is None:
        return None
    return found if here.now <= found.ended_at + UNDO else None


def _talked(here: Here, ended: Card | None) -> Sheet | None:
    """The conversation that has just ended, if nobody has told anything about it yet."""
    if ended is None or ended.ended_at is None or ended.done_by != here.visit.user_id:
        return None
    if not feedback.wanted(ended) or here.now > ended.ended_at + ASKED:
        return None
    return None if feedback.given(here.ctx, ended) else sheets.sheet(here.ctx, ended.id)


def _colleagues(here: Here, chosen: Card | None) -> list[users.Member]:
    """To whom the task may be given."""
    if chosen is None or not here.may(May.TEAM_WORK):
        return []
    mine = here.visit.user_id
    return [one for one in users.everybody(here.ctx) if one.active and one.id != mine]


# ---------------------------------------------------------------- what comes next


def then(**about: int) -> Response:
    """The next task, after what was done with another one."""
    asked = urlencode({name: id_ for name, id_ in about.items() if id_})
    return RedirectResponse(f"/queue?{asked}" if asked else "/queue", status_code=303)


def again(
    here: Here,
    chosen: Card,
    end: End,
    error: AbmError,
    field: str = "disposition",
    *,
    ended: bool = False,
) -> Response:
    """The form once more, with all that was written; or the next task, if this one is closed.

    `ended` is for what can be said of a closed task, too.
    """
    now = desk.task(here.ctx, chosen.id)
    if now is None or (now.status != "open" and not ended):
        return RedirectResponse(f"/queue?lost={chosen.id}", status_code=303)
    mistake = Mistake(field, error.reason, error.hint)
    return page(here, now, end=end, mistake=mistake, status=400)


def _about(end: End) -> str:
    """The field that a mistake in how a task ended is about."""
    if end.disposition == "declined":
        return "note"
    if end.answer.strip() and end.disposition != "not_now":
        return "answer"
    return next((name for name, of in DETAILS.items() if of == end.disposition), "disposition")


def day_of(text: str, zone: str) -> datetime | None:
    """The morning of a day on the visitor's calendar; None for none. AbmError for no day."""
    if not text.strip():
        return None
    try:
        said = datetime.fromisoformat(text.strip())
    except ValueError:
        raise AbmError(f"{text[:40]!r} is no day", "write it as 2026-03-02") from None
    return morning(said.date(), ZoneInfo(zone or "UTC"))


def morning(day: date, zone: ZoneInfo) -> datetime:
    """When work begins on that day."""
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def _midnight(now: datetime, zone: str) -> datetime:
    here = now.astimezone(ZoneInfo(zone or "UTC"))
    return datetime.combine(here.date(), time(), here.tzinfo).astimezone(UTC)
