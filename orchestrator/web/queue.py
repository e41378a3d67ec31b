"""The queue: the next best task with all that helps to do it, and the one key that ends it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from accounts.errors import AbmError
from orchestrator.engine import desk, sheets, users
from orchestrator.engine.desk import UNDO
from orchestrator.engine.sheets import Sheet
from orchestrator.store.tasks import Card
from orchestrator.web.permissions import May, may_work_on
from orchestrator.web.visitors import Here, Needs, NotAllowed, Visitor, from_our_page

SHOWN = 50  # tasks in the list
DETAILS = {"until": "not_now", "referral": "referral", "address": "done"}  # which end asks for it

router = APIRouter(prefix="/queue", dependencies=[Depends(Needs(May.WORK)), Depends(from_our_page)])


class End(BaseModel):
    """The form with which a task ends."""

    disposition: str = ""
    note: str = ""
    until: str = ""  # a day, on the visitor's calendar
    referral: str = ""
    address: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a form, and the field that it is about."""

    field: str
    text: str
    hint: str


@router.get("")
def queue(here: Visitor, did: int = 0, lost: int = 0) -> Response:
    """The visitor's tasks, the first of them open. `did` is the task just ended, `lost` one that
    somebody else ended first."""
    tasks = desk.queue(here.ctx, here.visit.user_id, limit=SHOWN)
    return _page(here, tasks, tasks[0] if tasks else None, did=did, lost=lost)


@router.get("/{task_id}")
def task(here: Visitor, task_id: int) -> Response:
    """One task, and the others beside it."""
    chosen = _mine(here, task_id)
    tasks = desk.queue(here.ctx, here.visit.user_id, limit=SHOWN)
    return _page(here, tasks, chosen)


@router.post("/{task_id}/done")
def done(here: Visitor, task_id: int, end: Annotated[End, Form()]) -> Response:
    """End a task with a disposition."""
    chosen = _mine(here, task_id)
    try:
        desk.done(
            here.ctx, task_id, here.visit.user_id, end.disposition, end.token, note=end.note,
            until=_day(end.until, here.visit.zone), referral=end.referral, address=end.address,
        )  # fmt: skip
    except AbmError as error:
        return _again(here, chosen, end, error)
    return _next(did=task_id)


@router.post("/{task_id}/skip")
def skip(
    here: Visitor,
    task_id: int,
    reason: Annotated[str, Form()] = "",
    token: Annotated[str, Form()] = "",
) -> Response:
    """End a task without having done it."""
    chosen = _mine(here, task_id)
    try:
        desk.skip(here.ctx, task_id, here.visit.user_id, reason, token)
    except AbmError as error:
        return _again(here, chosen, End(token=token), error, "reason")
    return _next(did=task_id)


@router.post("/{task_id}/undo")
def undo(here: Visitor, task_id: int, token: Annotated[str, Form()] = "") -> Response:
    """Take back what the visitor ended a moment ago."""
    chosen = _mine(here, task_id)
    try:
        desk.undo(here.ctx, task_id, here.visit.user_id, token)
    except AbmError as error:
        return _again(here, chosen, End(), error)
    return RedirectResponse(f"/queue/{task_id}", status_code=303)


@router.post("/{task_id}/give")
def give(here: Visitor, task_id: int, to: Annotated[str, Form()] = "") -> Response:
    """Give a task to a colleague, or back to the team's queue."""
    chosen = _mine(here, task_id)
    try:
        desk.hand_over(here.ctx, task_id, here.visit.user_id, int(to) if to.isdecimal() else None)
    except AbmError as error:
        return _again(here, chosen, End(), error, "to")
    return _next()


# ---------------------------------------------------------------- what is shown


def _page(
    here: Here,
    tasks: Sequence[Card],
    chosen: Card | None,
    *,
    did: int = 0,
    lost: int = 0,
    end: End | None = None,
    mistake: Mistake | None = None,
    status: int = 200,
) -> Response:
    since = _midnight(here.now, here.visit.zone)
    return here.page(
        "queue",
        status,
        tasks=tasks,
        left=desk.left(here.ctx, here.visit.user_id),
        sheet=_sheet(here, chosen),
        done_today=desk.done_since(here.ctx, here.visit.user_id, since),
        closed=_closed(here, did),
        lost=_seen(here, lost),
        colleagues=_colleagues(here, chosen),
        form=end or End(),
        token=secrets.token_urlsafe(12),
        mistake=mistake,
        goes_on=None if tasks else desk.goes_on_at(here.ctx),
    )


def _sheet(here: Here, chosen: Card | None) -> Sheet | None:
    return sheets.sheet(here.ctx, chosen.id) if chosen else None


def _mine(here: Here, task_id: int) -> Card:
    """The task; NotAllowed alike for one that there is not and for somebody else's."""
    found = desk.task(here.ctx, task_id)
    if found is None or not may_work_on(here.visit, found):
        raise NotAllowed("there is no such task for you")
    return found


def _seen(here: Here, task_id: int) -> Card | None:
    found = desk.task(here.ctx, task_id) if task_id else None
    return found if found and may_work_on(here.visit, found) else None


def _closed(here: Here, task_id: int) -> Card | None:
    """The task just ended, as long as that can be taken back."""
    found = _seen(here, task_id)
    if found is None or found.done_by != here.visit.user_id or found.ended_at is None:
        return None
    return found if here.now <= found.ended_at + UNDO else None


def _colleagues(here: Here, chosen: Card | None) -> list[users.Member]:
    """To whom the task may be given."""
    if chosen is None or not here.may(May.TEAM_WORK):
        return []
    mine = here.visit.user_id
    return [one for one in users.everybody(here.ctx) if one.active and one.id != mine]


# ---------------------------------------------------------------- what comes next


def _next(*, did: int = 0) -> Response:
    return RedirectResponse(f"/queue?did={did}" if did else "/queue", status_code=303)


def _again(
    here: Here, chosen: Card, end: End, error: AbmError, field: str = "disposition"
) -> Response:
    """The form once more, with all that was written; or the next task, if this one is closed."""
    now = desk.task(here.ctx, chosen.id)
    if now is None or now.status != "open":
        return RedirectResponse(f"/queue?lost={chosen.id}", status_code=303)
    tasks = desk.queue(here.ctx, here.visit.user_id, limit=SHOWN)
    about = next((name for name, of in DETAILS.items() if of == end.disposition), field)
    mistake = Mistake("note" if end.disposition == "declined" else about, error.reason, error.hint)
    return _page(here, tasks, now, end=end, mistake=mistake, status=400)


def _day(text: str, zone: str) -> datetime | None:
    """The morning of a day on the visitor's calendar; None for none. AbmError for no day."""
    if not text.strip():
        return None
    try:
        said = datetime.fromisoformat(text.strip())
    except ValueError:
        raise AbmError(f"{text[:40]!r} is no day", "write it as 2026-03-02") from None
    return datetime.combine(said.date(), time(9), ZoneInfo(zone or "UTC")).astimezone(UTC)


def _midnight(now: datetime, zone: str) -> datetime:
    here = now.astimezone(ZoneInfo(zone or "UTC"))
    return datetime.combine(here.date(), time(), here.tzinfo).astimezone(UTC)
