"""Many messages at once: personal mail or social, written and ready, ticked when they are sent."""

from __future__ import annotations

import secrets
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from accounts.errors import AbmError
from orchestrator.engine import desk, sheets
from orchestrator.web.numbers import Count, Number
from orchestrator.web.permissions import May, may_work_on
from orchestrator.web.queue import Mistake
from orchestrator.web.visitors import Here, Needs, NotAllowed, Visitor, from_our_page

SHOWN = 10  # messages on a page
LOOKED_AT = 300  # tasks of the queue among which they are

router = APIRouter(
    prefix="/bulk", dependencies=[Depends(Needs(May.PEOPLE)), Depends(from_our_page)]
)


class Sort(StrEnum):
    """What can be done by the dozen."""

    PERSONAL_MAIL = "personal_mail"
    SOCIAL = "social"


@router.get("/{kind}")
def messages(here: Visitor, kind: Sort, sent: Count | None = None, lost: Count = 0) -> Response:
    """The next messages of that sort in the visitor's queue."""
    return _page(here, kind, sent=sent, lost=lost)


@router.post("/{kind}")
def send(
    here: Visitor,
    kind: Sort,
    task: Annotated[list[Number] | None, Form()] = None,
    token: Annotated[str, Form()] = "",
) -> Response:
    """End the ticked ones as sent; who was faster with one of them keeps it."""
    chosen = (task or [])[:SHOWN]
    for one in chosen:
        found = desk.task(here.ctx, one)
        if found is None or found.kind != kind or not may_work_on(here.visit, found):
            raise NotAllowed("there is no such task for you")
    if not chosen:
        mistake = Mistake("messages", "no message is ticked", "tick those that you have sent")
        return _page(here, kind, mistake=mistake)
    sent = 0
    for one in chosen:
        try:
            desk.done(here.ctx, one, here.visit.user_id, "sent", f"{token}-{one}")
            sent += 1
        except AbmError:  # somebody else has closed it, or its play has
            continue
    return RedirectResponse(f"/bulk/{kind}?sent={sent}&lost={len(chosen) - sent}", status_code=303)


def _page(
    here: Here, kind: Sort, *, sent: int | None = None, lost: int = 0,
    mistake: Mistake | None = None,
) -> Response:  # fmt: skip
    found = desk.queue(here.ctx, here.visit.user_id, limit=LOOKED_AT)
    tasks = [one for one in found if one.kind == kind and one.purpose == "step"]
    return here.page(
        "bulk", 400 if mistake else 200, kind=kind.value, left=len(tasks), sent=sent, lost=lost,
        letters=sheets.letters(here.ctx, tasks[:SHOWN]), token=secrets.token_urlsafe(12),
        mistake=mistake,
    )  # fmt: skip
