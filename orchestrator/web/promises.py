"""The accounts behind a figure of Home: what a team owed, and whether it kept to it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from orchestrator.engine.pages import promises
from orchestrator.web.permissions import May
from orchestrator.web.visitors import Needs, Visitor

MOST = 200

router = APIRouter(prefix="/promises", dependencies=[Depends(Needs(May.LEAD))])


@router.get("")
def behind(
    here: Visitor,
    team: Annotated[str, Query(max_length=40)] = "sales",
    state: Literal["kept", "broken", "open", "at_risk"] = "broken",
    days: Annotated[int, Query(ge=1, le=365)] = 30,
) -> Response:
    """What a team kept, broke or still owes."""
    rows = promises.behind(here.ctx, team, state, days, MOST + 1)
    return here.page(
        "promises", rows=rows[:MOST], more=len(rows) > MOST, team=team, state=state, days=days,
        states=promises.STATES, agreed=promises.agreed(here.ctx),
    )  # fmt: skip
