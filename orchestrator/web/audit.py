"""The audit log as a page: who did what, from where, and whether anybody altered it."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from orchestrator.engine.staff import auditing
from orchestrator.web.numbers import Number
from orchestrator.web.permissions import May
from orchestrator.web.visitors import Needs, Visitor, from_our_page

SHOWN = 100  # lines on a page

router = APIRouter(
    prefix="/audit", dependencies=[Depends(Needs(May.AUDIT)), Depends(from_our_page)]
)


@router.get("")
def audit(here: Visitor, before: Number | None = None, said: str = "") -> Response:
    """The newest lines; `said` is part of who did what to what."""
    return _page(here, before, said[:100])


@router.post("/verify")
def verify(here: Visitor) -> Response:
    """Follow the whole chain."""
    return _page(here, None, "", auditing.verify(here.ctx))


def _page(here: Visitor, before: int | None, said: str, chain: object = None) -> Response:
    lines = auditing.entries(here.ctx, limit=SHOWN + 1, before=before, said=said)
    more = lines[SHOWN - 1].number if len(lines) > SHOWN else None
    return here.page("audit", lines=lines[:SHOWN], more=more, said=said, chain=chain)
