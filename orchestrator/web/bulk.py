"""Many messages at once: personal mail or social, written and ready, ticked when they are sent."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import RedirectResponse, Response

from accounts.errors import AbmError
from orchestrator.engine.tasks import desk, sheets
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
def messages(
    here: Visitor,
    kind: Sort,
    did: Annotated[list[Number] | None, Query()] = None,
    lost: Count = 0,
    back: Count = 0,
    stay: Count = 0,
) -> Response:
    """The next messages of that sort in the visitor's queue; `did` were just ended as sent."""
    return _page(here, kind, did=did or [], lost=lost, back=back, stay=stay)


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
    did = []
    for one in chosen:
        try:
            desk.done(here.ctx, one, here.visit.user_id, "sent", f"{token}-{one}")
            did.append(one)
        except AbmError:  # somebody else has closed it, or its play has
            continue
    told = urlencode({"did": did, "lost": len(chosen) - len(did)}, doseq=True)
    return RedirectResponse(f"/bulk/{kind}?{told}", status_code=303)


@router.post("/{kind}/undo")
def undo(
    here: Visitor, kind: Sort, task: Annotated[list[Number] | None, Form()] = None
) -> Response:
    """Take back what the visitor ended here in the last ten seconds, where nothing built on it."""
    chosen, back = (task or [])[:SHOWN], 0
    for one in reversed(chosen):  # an earlier one may have led to a later one
        found = desk.task(here.ctx, one)
        if found is None or found.kind != kind or not may_work_on(here.visit, found):
            raise NotAllowed("there is no such task for you")
        try:
            desk.undo(here.ctx, one, here.visit.user_id)
            back += 1
        except AbmError:  # too late, somebody else's, or its account has gone on
            continue
    return RedirectResponse(f"/bulk/{kind}?back={back}&stay={len(chosen) - back}", status_code=303)


def _page(
    here: Here, kind: Sort, *, did: Sequence[int] = (), lost: int = 0, back: int = 0,
    stay: int = 0,
    mistake: Mistake | None = None,
) -> Response:  # fmt: skip
    found = desk.queue(here.ctx, here.visit.user_id, limit=LOOKED_AT)
    tasks = [one for one in found if one.kind == kind and one.purpose == "step"]
    return here.page(
        "bulk", 400 if mistake else 200, kind=kind.value, left=len(tasks),
        did=did[:SHOWN], lost=lost, back=back, stay=stay,
        letters=sheets.letters(here.ctx, tasks[:SHOWN]), token=secrets.token_urlsafe(12),
        mistake=mistake,
    )  # fmt: skip
