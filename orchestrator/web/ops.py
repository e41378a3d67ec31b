"""Ops: what ran, what is held and why, what needs a person; and settling what is unknown."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from accounts.errors import AbmError
from orchestrator.engine.events import inbox
from orchestrator.engine.pages import watching
from orchestrator.engine.running import mailboxes, retrying, unknowns
from orchestrator.engine.running.unknowns import Verdict
from orchestrator.web import flow_runs
from orchestrator.web.numbers import Id
from orchestrator.web.permissions import May
from orchestrator.web.visitors import Here, Needs, Visitor, from_our_page, just_signed_in

WEEK = timedelta(days=7)  # of mailboxes

router = APIRouter(
    prefix="/ops", dependencies=[Depends(Needs(May.OPERATE)), Depends(from_our_page)]
)


@router.get("")
def ops(here: Visitor) -> Response:
    """How it all stands."""
    return _page(here)


@router.post("/unknown/{touch_id}", dependencies=[Depends(just_signed_in)])
def settle(
    here: Visitor,
    touch_id: Id,
    verdict: Annotated[Verdict, Form()],
    proof: Annotated[str, Form()] = "",
) -> Response:
    """Say what became of a touch that nobody knows of."""
    try:
        unknowns.settle(here.ctx, touch_id, verdict, here.visit.user_id, proof)
    except AbmError as error:
        return _page(here, str(error), touch_id, 400)
    return RedirectResponse("/ops", status_code=303)


@router.post("/retries/{touch_id}")
def retry(
    here: Visitor, touch_id: Id, deed: Annotated[Literal["now", "give_up"], Form()]
) -> Response:
    """Let what is to be tried again go now, or give it up."""
    try:
        if deed == "now":
            retrying.try_now(here.ctx, touch_id)
        else:
            retrying.give_up(here.ctx, touch_id, here.visit.user_id)
    except AbmError as error:
        return _page(here, str(error), status=400)
    return RedirectResponse("/ops#retries", status_code=303)


def _runs(here: Here) -> tuple[list[flow_runs.FlowRun], str]:
    """Prefect's last runs, and why there are none to show."""
    try:
        return flow_runs.recent(here.ctx.settings), ""
    except AbmError as error:
        return [], str(error)


def _page(here: Here, problem: str = "", about: int = 0, status: int = 200) -> Response:
    runs, silent = _runs(here)
    return here.page(
        "ops",
        status,
        runs=runs,
        left_over=inbox.left_over(here.ctx, 20),
        mailboxes=mailboxes.sent_since(here.ctx, here.now - WEEK),
        silent=silent,
        watch=watching.watch(here.ctx),
        problem=problem,
        about=about,
    )
