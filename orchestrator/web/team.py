"""A team's queue: how much lies on whose desk, and work that goes from one desk to another."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from accounts.errors import AbmError
from orchestrator.engine.staff import users
from orchestrator.engine.tasks import desk, teamwork
from orchestrator.engine.tasks.teamwork import Desk
from orchestrator.web.numbers import Count, Number, number
from orchestrator.web.permissions import May, may_work_on
from orchestrator.web.queue import Mistake
from orchestrator.web.visitors import Here, Needs, NotAllowed, Visitor, from_our_page

SHOWN = 100  # tasks of one desk

router = APIRouter(
    prefix="/team", dependencies=[Depends(Needs(May.TEAM_WORK)), Depends(from_our_page)]
)


@router.get("")
def team(here: Visitor, who: str = "", moved: Count | None = None) -> Response:
    """The desks, and what lies on one of them: `who` is a user's number or a team's name."""
    return _page(here, who, moved=moved)


@router.post("/give")
def give(
    here: Visitor,
    task: Annotated[list[Number] | None, Form()] = None,
    to: Annotated[str, Form()] = "",
    who: Annotated[str, Form()] = "",
) -> Response:
    """Give the ticked tasks to somebody, or back to the shared queue."""
    chosen = (task or [])[:SHOWN]
    for one in chosen:
        found = desk.task(here.ctx, one)
        if found is None or not may_work_on(here.visit, found):
            raise NotAllowed("there is no such task for you")
    try:
        if not chosen:
            raise AbmError("no task is ticked", "tick those that somebody else is to do")
        whom = number(to)
        if whom is None and to != "shared":
            raise AbmError("say who is to do them")
        moved = desk.hand_over_all(here.ctx, chosen, here.visit.user_id, whom)
    except AbmError as error:
        mistake = Mistake("to", error.reason, error.hint)
        return _page(here, who, ticked=chosen, to=to, mistake=mistake)
    return RedirectResponse(f"/team?{urlencode({'who': who, 'moved': moved})}", status_code=303)


def _page(
    here: Here,
    who: str,
    *,
    moved: int | None = None,
    ticked: list[int] | None = None,
    to: str = "",
    mistake: Mistake | None = None,
) -> Response:
    mine = "" if here.may(May.ALL_WORK) else here.visit.team
    desks = teamwork.desks(here.ctx, mine)
    chosen = _chosen(desks, who)
    tasks = teamwork.tasks_of(here.ctx, chosen, SHOWN) if chosen else []
    takers = [one for one in users.everybody(here.ctx) if one.active and mine in ("", one.team)]
    return here.page(
        "team", 400 if mistake else 200, desks=desks, chosen=chosen, tasks=tasks, takers=takers,
        moved=moved, ticked=ticked or [], to=to, mistake=mistake, most=SHOWN,
    )  # fmt: skip


def _chosen(desks: list[Desk], who: str) -> Desk | None:
    """The desk that is asked for; otherwise the one with the most that is late."""
    found = [one for one in desks if who == _key(one)]
    return found[0] if found else max(desks, key=lambda one: (one.late, one.open), default=None)


def _key(one: Desk) -> str:
    return one.team if one.user_id is None else str(one.user_id)
