"""Home: a leader sees how both teams do; everybody else lands where the team does."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from orchestrator.engine.pages import overview, pipeline
from orchestrator.web.landing import landing
from orchestrator.web.permissions import May
from orchestrator.web.visitors import Visitor

router = APIRouter()


@router.get("/")
def home(here: Visitor) -> Response:
    """The house at a glance, for whoever leads it."""
    if not here.may(May.LEAD):
        return RedirectResponse(landing(here.visit.team), status_code=303)
    return here.page(
        "home",
        stand=overview.overview(here.ctx, here.visit.user_id),
        pipeline=pipeline.pipeline(here.ctx),
        currency=here.ctx.settings.workspace.currency,
    )
