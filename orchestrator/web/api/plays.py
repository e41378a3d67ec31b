"""Playbooks and their switch, enrolling, and what only a person can say of a touch."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from accounts.errors import AbmError
from orchestrator.engine import reading
from orchestrator.engine.plays import enrolling, holding
from orchestrator.engine.running import unknowns
from orchestrator.engine.running.unknowns import Verdict
from orchestrator.web.api.callers import Answering, Caller, Program, Scope, once
from orchestrator.web.api.shapes import WRONG, Name, Page, Playbook, Sent, Words
from orchestrator.web.numbers import Id, Number
from orchestrator.web.permissions import May
from orchestrator.web.visitors import Missing

router = APIRouter(responses={**WRONG}, route_class=Answering)
STEERS = [Depends(Scope(May.STEER)), Depends(once)]


class Reason(Sent):
    """Why a playbook is paused; both teams read it."""

    reason: Annotated[Words, Field(min_length=1)]


class Switched(BaseModel):
    """How many plays a switch changed, of how many that have not ended."""

    name: str
    done: str
    plays: int
    of: int


class Enroll(Sent):
    """Accounts that are to begin a playbook."""

    playbook: Annotated[str, Field(max_length=100)]
    accounts: Annotated[list[Number], Field(min_length=1, max_length=1_000)]


class Refused(BaseModel):
    """An account that was not enrolled, and why."""

    account_id: int
    account: str
    rule: str
    reason: str


class Enrolled(BaseModel):
    """Who was enrolled in which version, and who was not."""

    playbook: str
    version: int
    accounts: list[int]
    refused: list[Refused]


class Held(BaseModel):
    """How many accounts, steps or touches of a playbook one rule holds back."""

    playbook: str
    what: str
    reason: str
    number: int


class Unknown(BaseModel):
    """A touch of which nobody knows whether it arrived."""

    id: int
    channel: str
    step: str
    enrollment_id: int
    account_id: int
    contact_id: int | None
    reply: str
    intent_at: datetime
    account: str
    contact: str


class Proof(Sent):
    """What became of a touch, and how one knows."""

    verdict: Verdict
    proof: Annotated[Words, Field(min_length=1)]


@router.get("/playbooks", dependencies=[Depends(Scope(May.ACCOUNTS))])
def playbooks(caller: Program) -> Page[Playbook]:
    """Every playbook, by name."""
    return Page(items=[_book(one) for one in reading.playbooks(caller.ctx)], next=None)


@router.get("/playbooks/{name}", dependencies=[Depends(Scope(May.ACCOUNTS))])
def playbook(caller: Program, name: Name) -> Playbook:
    """One playbook."""
    books = reading.playbooks(caller.ctx)
    found = next((one for one in books if one.name == name), None)
    if found is None:
        raise Missing(f"there is no playbook {name}")
    return _book(found)


@router.post("/playbooks/{name}/pause", dependencies=STEERS)
def pause(caller: Program, name: Name, why: Reason) -> Switched:
    """Hold all its plays until somebody lets them go on."""
    what = _switch(caller, name)
    return Switched(
        **asdict(holding.pause(caller.ctx, what, by=caller.token.name, reason=why.reason[:500]))
    )


@router.post("/playbooks/{name}/resume", dependencies=STEERS)
def resume(caller: Program, name: Name) -> Switched:
    """Let them go on, at its pace."""
    what = _switch(caller, name)
    return Switched(**asdict(holding.resume(caller.ctx, what, by=caller.token.name)))


@router.post("/enrollments", dependencies=STEERS)
def enroll(caller: Program, said: Enroll) -> Enrolled:
    """Let target accounts begin a playbook; each that may not is answered with its reason."""
    _switch(caller, said.playbook)
    done = enrolling.enroll(caller.ctx, said.playbook, accounts=said.accounts, by=caller.token.name)
    return Enrolled(**asdict(done))


@router.get("/held", dependencies=[Depends(Scope(May.OPERATE))])
def held(caller: Program) -> Page[Held]:
    """What rests and which rule did it, the most frequent first."""
    rows = reading.held(caller.ctx)
    return Page(items=[Held(**one._asdict()) for one in rows], next=None)


@router.get("/unknowns", dependencies=[Depends(Scope(May.OPERATE))])
def unknown(caller: Program) -> Page[Unknown]:
    """Touches of which nobody knows whether they arrived, the oldest first."""
    rows = unknowns.unknowns(caller.ctx)
    return Page(items=[Unknown(**one._asdict()) for one in rows], next=None)


@router.post(
    "/unknowns/{touch_id}", dependencies=[Depends(Scope(May.OPERATE)), Depends(once)],
    status_code=204,
)  # fmt: skip
def settle(caller: Program, touch_id: Id, said: Proof) -> None:
    """Say what became of a touch: it arrived, it did not, or it is to be sent again."""
    if touch_id not in {one.id for one in unknowns.unknowns(caller.ctx)}:
        raise Missing(f"touch {touch_id} is not unknown")
    unknowns.settle(caller.ctx, touch_id, said.verdict, caller.token.user_id, said.proof)


def _switch(caller: Caller, name: str) -> holding.Target:
    try:
        return holding.target(caller.ctx, "playbook", name)
    except AbmError as error:
        raise Missing(error.reason) from error


def _book(one: reading.PlaybookStatus) -> Playbook:
    return Playbook(**{name: getattr(one, name) for name in Playbook.model_fields})
