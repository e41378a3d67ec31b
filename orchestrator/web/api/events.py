"""Events from outside: a form, a reply, a visit."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from orchestrator.engine.events import inbox
from orchestrator.terms import RawEvent
from orchestrator.web.api.callers import Answering, Program, Scope, once
from orchestrator.web.api.shapes import WRONG, Moment, Payload, Sent, Short
from orchestrator.web.permissions import May

router = APIRouter(responses={**WRONG}, route_class=Answering)


class Happened(Sent):
    """One event. Under the same source and id it is stored once."""

    kind: Annotated[Short, Field(min_length=1)]
    id: Annotated[Short, Field(min_length=1)]
    source: Annotated[Short, Field(min_length=1)] = "api"
    at: Moment | None = None
    payload: Payload = Field(default_factory=dict)


class Events(Sent):
    """Events, in any order."""

    events: Annotated[list[Happened], Field(min_length=1, max_length=1_000)]


class Received(BaseModel):
    """What became of them: `repeated` were stored before; the others add up by `counts`."""

    stored: int
    repeated: int
    counts: dict[str, int]


@router.post("/events", dependencies=[Depends(Scope(May.FEED)), Depends(once)])
def events(caller: Program, said: Events) -> Received:
    """Hand in what happened outside; it does at once what it does."""
    now = caller.ctx.clock.now()
    raw = [
        RawEvent(one.source, one.id, one.kind, one.at or now, one.payload) for one in said.events
    ]
    done = inbox.receive(caller.ctx, raw)
    return Received(stored=done.stored, repeated=done.repeated, counts=dict(done.counts))
