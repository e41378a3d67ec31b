"""The accounts behind a figure of Home: what a team owed, and whether it kept to it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from orchestrator.engine.pages import promises
from orchestrator.web.permissions import May
from orchestrator.web.places import named, place
from orchestrator.web.visitors import Needs, Visitor

SHOWN = 100  # lines on a page

router = APIRouter(prefix="/promises", dependencies=[Depends(Needs(May.LEAD))])


class Asked(BaseModel):
    """Whose promises: in which state, in so many days, from which place on."""

    team: str = Field(default="sales", max_length=40)
    state: Literal["kept", "broken", "open", "at_risk"] = "broken"
    days: int = Field(default=30, ge=1, le=365)
    before: str = Field(default="", max_length=80)  # as the page before named its last line

    def but(self, **other: object) -> dict[str, object]:
        """The same with something else, from the first line on."""
        return self.model_dump(exclude={"before"}) | other


@router.get("")
def behind(here: Visitor, asked: Annotated[Asked, Query()]) -> Response:
    """What a team kept, broke or still owes."""
    rows = promises.behind(
        here.ctx, asked.team, asked.state, asked.days, SHOWN + 1, before=place(asked.before)
    )
    last = rows[SHOWN - 1] if len(rows) > SHOWN else None
    return here.page(
        "promises", rows=rows[:SHOWN], more=named(last.due_at, last.id) if last else "",
        asked=asked, states=promises.STATES, agreed=promises.agreed(here.ctx),
    )  # fmt: skip
