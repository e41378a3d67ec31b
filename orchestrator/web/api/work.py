"""Tasks: those that one may work on, and what ends them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from orchestrator.engine.pages.listing import Reader
from orchestrator.engine.tasks import desk, postponing
from orchestrator.engine.tasks.desk import Closed
from orchestrator.store.tasks.tasks import Card
from orchestrator.web.api.callers import Answering, Caller, Program, Scope, once
from orchestrator.web.api.lists import listed
from orchestrator.web.api.shapes import (
    WRONG,
    Cursor,
    Limit,
    Moment,
    Page,
    Sent,
    Short,
    Task,
    Words,
)
from orchestrator.web.numbers import Id, Number
from orchestrator.web.permissions import May, may_work_on
from orchestrator.web.visitors import Missing

router = APIRouter(
    prefix="/tasks", dependencies=[Depends(Scope(May.WORK))], responses={**WRONG},
    route_class=Answering,
)  # fmt: skip
ONCE = [Depends(once)]


class Done(Sent):
    """How a task ended."""

    disposition: Short
    note: Words = ""
    until: Moment | None = None
    referral: Short = ""
    address: Short = ""
    subject: Short = ""
    answer: Words = ""  # to a person who wrote to us; it leaves ten seconds later


class Skipped(Sent):
    """Why a task was not done."""

    reason: Words


class Given(Sent):
    """To whom a task goes; null: back to the team's queue."""

    to: Number | None


class Later(Sent):
    """Until when a task rests; `agreed` if the person asked for this very time."""

    until: Moment
    agreed: bool = False
    note: Words = ""


class Ended(BaseModel):
    """A task that ended, and until when that can be taken back."""

    task_id: int
    title: str
    disposition: str
    outcome: str
    by: str
    at: datetime
    undo_until: datetime
    text: str


@router.get("")
def tasks(
    caller: Program, cursor: Cursor = "", limit: Limit = 50,
    status: Literal["open", "done", "skipped", "cancelled"] = "open",
    account_id: Number | None = None, assignee_id: Number | None = None,
) -> Page[Task]:  # fmt: skip
    """Tasks that the caller may work on, the oldest first."""
    reader = Reader(
        caller.token.user_id, caller.token.team, caller.may(May.TEAM_WORK),
        caller.may(May.ALL_WORK),
    )  # fmt: skip
    same = {"status": status, "account_id": account_id, "assignee_id": assignee_id}
    return listed(caller, "tasks", Task, cursor, limit, reader, **same)


@router.get("/{task_id}")
def task(caller: Program, task_id: Id) -> Task:
    """One task."""
    return as_task(mine(caller, task_id))


@router.post("/{task_id}/done", dependencies=ONCE)
def done(caller: Program, task_id: Id, end: Done) -> Ended:
    """End a task with a disposition."""
    mine(caller, task_id)
    closed = desk.done(
        caller.ctx, task_id, caller.token.user_id, end.disposition, note=end.note,
        until=end.until, referral=end.referral, address=end.address,
        subject=end.subject, answer=end.answer,
    )  # fmt: skip
    return as_ended(closed)


@router.post("/{task_id}/skip", dependencies=ONCE)
def skip(caller: Program, task_id: Id, end: Skipped) -> Ended:
    """End a task without having done it."""
    mine(caller, task_id)
    return as_ended(desk.skip(caller.ctx, task_id, caller.token.user_id, end.reason))


@router.post("/{task_id}/undo", dependencies=ONCE)
def undo(caller: Program, task_id: Id) -> Task:
    """Take back what the caller ended in the last ten seconds."""
    mine(caller, task_id)
    return as_task(desk.undo(caller.ctx, task_id, caller.token.user_id))


@router.post("/{task_id}/give", dependencies=ONCE)
def give(caller: Program, task_id: Id, given: Given) -> Task:
    """Give a task to a colleague, or back to the team's queue."""
    mine(caller, task_id)
    return as_task(desk.hand_over(caller.ctx, task_id, caller.token.user_id, given.to))


@router.post("/{task_id}/later", dependencies=ONCE)
def later(caller: Program, task_id: Id, said: Later) -> Task:
    """Put a task off."""
    mine(caller, task_id)
    card = postponing.postpone(
        caller.ctx, task_id, caller.token.user_id, said.until, agreed=said.agreed, note=said.note
    )
    return as_task(card)


def mine(caller: Caller, task_id: int) -> Card:
    """The task; Missing alike for one that there is not and for somebody else's."""
    found = desk.task(caller.ctx, task_id)
    if found is None or not may_work_on(caller.token, found, caller.may):
        raise Missing(f"there is no task {task_id} for you")
    return found


def as_task(card: Card) -> Task:
    """A task as programs read it."""
    return Task(**{name: getattr(card, name) for name in Task.model_fields})


def as_ended(closed: Closed) -> Ended:
    """How a task ended, as programs read it."""
    return Ended(**asdict(closed))
