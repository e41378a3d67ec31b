"""What is done beside ending a task: give back, take up, hand over, tell, hold, add, log, note."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from orchestrator.engine.plays import holding
from orchestrator.engine.tasks import desk, elsewhere, feedback, newcomers, notes, postponing
from orchestrator.engine.tasks.dispositions import HAND_BACKS
from orchestrator.engine.tasks.elsewhere import Touched
from orchestrator.engine.tasks.feedback import Feedback
from orchestrator.engine.tasks.newcomers import Newcomer
from orchestrator.web.api.callers import Answering, Caller, Program, Scope, once
from orchestrator.web.api.lists import one_of
from orchestrator.web.api.plays import Switched
from orchestrator.web.api.shapes import WRONG, Account, Moment, Sent, Short, Task, Words
from orchestrator.web.api.work import Ended, as_ended, as_task, mine
from orchestrator.web.numbers import Id, Number
from orchestrator.web.permissions import May, may_work_on

router = APIRouter(responses={**WRONG}, route_class=Answering)
WORKS = [Depends(Scope(May.WORK)), Depends(once)]
WITH_OTHERS = [Depends(Scope(May.TEAM_WORK)), Depends(once)]


class Back(Sent):
    """Why marketing gets the account back: a code of ours, and words."""

    why: Annotated[Short, Field(description=", ".join(HAND_BACKS))]
    note: Words = ""


class Handover(Sent):
    """Tasks that one person gets; null: back to the teams' queues."""

    tasks: Annotated[list[Number], Field(min_length=1, max_length=200)]
    to: Number | None


class HandedOver(BaseModel):
    """How many changed hands; some may have been closed meanwhile, or are not the caller's."""

    number: int


class Told(Sent):
    """What a conversation taught; "" and null where nothing is said."""

    landed: Literal["", "yes", "no"] = ""
    whom: Number | None = None
    fit: Literal["", "yes", "no"] = ""
    ready: Literal["", "now", "later", "no"] = ""
    note: Words = ""


class Line(BaseModel):
    """The line that the log tells of it."""

    text: str


class Rest(Sent):
    """Why an account is left alone, and until when; null: until somebody lets it go on."""

    reason: Annotated[Words, Field(min_length=1)]
    until: Moment | None = None


class Person(Sent):
    """Somebody new: a name, or at least an address."""

    name: Short = ""
    title: Short = ""
    email: Short = ""
    phone: Short = ""
    reason: Short = ""


class Added(BaseModel):
    """Whom it became, and whether we knew them before."""

    contact_id: int
    known: bool


class Reached(Sent):
    """A touch that was made elsewhere."""

    contact_id: Number
    kind: Short
    disposition: Short
    note: Words = ""


class Note(Sent):
    """A note; `@dana` puts it on Dana's page."""

    text: Annotated[Words, Field(min_length=1)]


class Noted(BaseModel):
    """Whom the note named."""

    named: list[str]


@router.post("/tasks/{task_id}/back", dependencies=WORKS)
def back(caller: Program, task_id: Id, said: Back) -> Ended:
    """Give the task's account back to marketing."""
    mine(caller, task_id)
    user = caller.token.user_id
    return as_ended(desk.hand_back(caller.ctx, task_id, user, said.why, note=said.note))


@router.post("/tasks/{task_id}/now", dependencies=WORKS)
def now(caller: Program, task_id: Id) -> Task:
    """Take a task up again that was put off."""
    mine(caller, task_id)
    return as_task(postponing.bring_back(caller.ctx, task_id, caller.token.user_id))


@router.post("/tasks/{task_id}/feedback", dependencies=WORKS)
def tell(caller: Program, task_id: Id, said: Told) -> Line:
    """Say what a conversation was good for."""
    mine(caller, task_id)
    told = Feedback(said.landed, said.whom, said.fit, said.ready, said.note)
    return Line(text=feedback.give(caller.ctx, task_id, caller.token.user_id, told))


@router.post("/handovers", dependencies=WITH_OTHERS)
def hand_over(caller: Program, said: Handover) -> HandedOver:
    """Give many tasks to a colleague, or back to the teams' queues."""
    found = (desk.task(caller.ctx, id_) for id_ in set(said.tasks))
    ids = [one.id for one in found if one and may_work_on(caller.token, one, caller.may)]
    number = desk.hand_over_all(caller.ctx, ids, caller.token.user_id, said.to) if ids else 0
    return HandedOver(number=number)


@router.post("/accounts/{account_id}/hold", dependencies=WITH_OTHERS)
def hold(caller: Program, account_id: Id, said: Rest) -> Switched:
    """Let an account rest: nothing reaches it meanwhile."""
    what, by = _account(caller, account_id), caller.token.name
    done = holding.pause(caller.ctx, what, by=by, reason=said.reason[:500], until=said.until)
    return Switched(**asdict(done))


@router.post("/accounts/{account_id}/release", dependencies=WITH_OTHERS)
def release(caller: Program, account_id: Id) -> Switched:
    """Let an account go on."""
    what = _account(caller, account_id)
    return Switched(**asdict(holding.resume(caller.ctx, what, by=caller.token.name)))


@router.post(
    "/accounts/{account_id}/contacts", dependencies=[Depends(Scope(May.PEOPLE)), Depends(once)]
)
def add(caller: Program, account_id: Id, said: Person) -> Added:
    """Add somebody to an account; its play hears of it at once."""
    one_of(caller, "accounts", Account, account_id)
    who = Newcomer(said.name, said.title, said.email, said.phone, said.reason)
    added = newcomers.add_person(caller.ctx, account_id, caller.token.user_id, who)
    return Added(contact_id=added.contact_id, known=added.known)


@router.post(
    "/accounts/{account_id}/notes", dependencies=[Depends(Scope(May.ACCOUNTS)), Depends(once)]
)
def note(caller: Program, account_id: Id, said: Note) -> Noted:
    """Write a note on an account, for both teams."""
    one_of(caller, "accounts", Account, account_id)
    named = notes.write(caller.ctx, account_id, caller.token.user_id, said.text)
    return Noted(named=list(named))


@router.post("/touches", dependencies=WITH_OTHERS)
def log(caller: Program, said: Reached) -> Ended:
    """Log a touch that was made elsewhere; it counts as what was done here."""
    touched = Touched(said.contact_id, said.kind, said.disposition, said.note)
    return as_ended(elsewhere.log_touch(caller.ctx, caller.token.user_id, touched))


def _account(caller: Caller, account_id: int) -> holding.Target:
    """The switch of an account; Missing if there is none."""
    one_of(caller, "accounts", Account, account_id)
    return holding.target(caller.ctx, "account", str(account_id))
