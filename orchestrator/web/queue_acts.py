"""What a rep does with a task beside ending it: later, back, hold, tell, add somebody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from accounts.errors import AbmError
from orchestrator.engine.plays import holding
from orchestrator.engine.tasks import desk, elsewhere, feedback, newcomers, postponing, sheets
from orchestrator.engine.tasks.elsewhere import Touched
from orchestrator.engine.tasks.feedback import Feedback
from orchestrator.engine.tasks.newcomers import Newcomer
from orchestrator.web.numbers import Id, number
from orchestrator.web.permissions import May
from orchestrator.web.queue import End, Mistake, again, day_of, mine, morning, page, then
from orchestrator.web.visitors import Here, Needs, Visitor, from_our_page

router = APIRouter(prefix="/queue", dependencies=[Depends(Needs(May.WORK)), Depends(from_our_page)])

# What one press may mean by later.
QUICK = {"hour": timedelta(hours=1), "tomorrow": timedelta(days=1), "week": timedelta(days=7)}


class Told(BaseModel):
    """The form of feedback."""

    landed: str = ""
    whom: str = ""
    fit: str = ""
    ready: str = ""
    words: str = ""


class Logged(BaseModel):
    """The form of a touch that was made elsewhere."""

    contact: str = ""
    kind: str = ""
    disposition: str = ""
    note: str = ""
    token: str = ""


@router.post("/{task_id}/later")
def later(here: Visitor, task_id: Id, end: Annotated[End, Form()]) -> Response:
    """Put a task off."""
    chosen = mine(here, task_id)
    try:
        until = _when(here, end)
        postponing.postpone(
            here.ctx, task_id, here.visit.user_id, until, agreed=bool(end.agreed), note=end.note
        )
    except AbmError as error:
        return again(here, chosen, end, error, "later")
    return then(put=task_id)


@router.post("/{task_id}/now")
def now(here: Visitor, task_id: Id, end: Annotated[End, Form()]) -> Response:
    """Take a task up again that was put off."""
    chosen = mine(here, task_id)
    try:
        postponing.bring_back(here.ctx, task_id, here.visit.user_id)
    except AbmError as error:
        return again(here, chosen, end, error)
    return RedirectResponse(f"/queue/{task_id}", status_code=303)


@router.post("/{task_id}/back")
def back(here: Visitor, task_id: Id, end: Annotated[End, Form()]) -> Response:
    """Give the account back to marketing, with the reason."""
    chosen = mine(here, task_id)
    try:
        desk.hand_back(here.ctx, task_id, here.visit.user_id, end.back, end.token, note=end.note)
    except AbmError as error:
        return again(here, chosen, end, error, "back")
    return then(did=task_id)


@router.post("/{task_id}/hold", dependencies=[Depends(Needs(May.TEAM_WORK))])
def hold(here: Visitor, task_id: Id, end: Annotated[End, Form()]) -> Response:
    """Let the task's account rest until a day."""
    chosen = mine(here, task_id)
    try:
        until = day_of(end.hold, here.visit.zone)
        if until is None:
            raise AbmError("say until when", "the account's play goes on by itself on that day")
        if not end.hold_reason.strip():
            raise AbmError("say why", "both teams read it")
        account = holding.target(here.ctx, "account", str(chosen.account_id or ""))
        holding.pause(
            here.ctx, account, by=here.visit.name, reason=end.hold_reason.strip(), until=until
        )
    except AbmError as error:
        return again(here, chosen, end, error, "hold")
    return RedirectResponse(f"/queue/{task_id}", status_code=303)


@router.post("/{task_id}/person", dependencies=[Depends(Needs(May.PEOPLE))])
def person(here: Visitor, task_id: Id, end: Annotated[End, Form()]) -> Response:
    """Add somebody to the task's account."""
    chosen = mine(here, task_id)
    who = Newcomer(
        end.person, end.person_title, end.person_email, end.person_phone,
        f"{chosen.contact} says so" if chosen.contact else "",
    )  # fmt: skip
    try:
        added = newcomers.add_person(here.ctx, chosen.account_id or 0, here.visit.user_id, who)
    except AbmError as error:
        return again(here, chosen, end, error, "person", ended=True)
    return RedirectResponse(f"/queue/{task_id}?added={added.contact_id}", status_code=303)


@router.post("/{task_id}/log", dependencies=[Depends(Needs(May.TEAM_WORK))])
def log(here: Visitor, task_id: Id, logged: Annotated[Logged, Form()]) -> Response:
    """Log a touch that was made elsewhere, with somebody of the task's account."""
    chosen = mine(here, task_id)
    contact_id = number(logged.contact) or 0
    try:
        if not any(one.id == contact_id for one in sheets.people_of(here.ctx, chosen.account_id)):
            raise AbmError("say whom you reached", "one of the account's people")
        said = Touched(contact_id, logged.kind, logged.disposition, logged.note)
        closed = elsewhere.log_touch(here.ctx, here.visit.user_id, said, logged.token)
    except AbmError as error:
        mistake = Mistake("contact", error.reason, error.hint)
        return page(here, chosen, logged=logged, mistake=mistake, status=400)
    return then(did=closed.task_id)


@router.post("/{task_id}/feedback")
def tell(here: Visitor, task_id: Id, told: Annotated[Told, Form()]) -> Response:
    """Say what a conversation was good for."""
    chosen = mine(here, task_id)
    said = Feedback(told.landed, number(told.whom), told.fit, told.ready, told.words)
    try:
        feedback.give(here.ctx, task_id, here.visit.user_id, said)
    except AbmError as error:
        mistake = Mistake("landed", error.reason, error.hint)
        return page(here, did=chosen.id, said=told, mistake=mistake, status=400)
    return then(told=task_id)


def _when(here: Here, end: End) -> datetime:
    """The instant until which a task is put off; AbmError for none."""
    zone = ZoneInfo(here.visit.zone or "UTC")
    if span := QUICK.get(end.quick):
        at = here.now + span
        return at if end.quick == "hour" else morning(at.astimezone(zone).date(), zone)
    try:
        said = datetime.fromisoformat(end.later.strip())
        return (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise AbmError("say a day and a time", "as 2026-03-04 14:30") from None
