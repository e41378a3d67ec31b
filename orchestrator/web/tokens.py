"""One's tokens for programs: made, shown once, revoked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from accounts.errors import AbmError
from orchestrator.engine.staff import tokens
from orchestrator.web.numbers import Id
from orchestrator.web.permissions import MEANS, SCOPES, May
from orchestrator.web.visitors import Here, Visitor, from_our_page, just_signed_in

router = APIRouter(
    prefix="/me/tokens", dependencies=[Depends(from_our_page), Depends(just_signed_in)]
)


class Wanted(BaseModel):
    """The form of a new token."""

    label: str = ""
    may: list[str] = []
    writes: bool = False
    days: int = 90


@router.get("")
def mine(here: Visitor) -> Response:
    """The visitor's tokens."""
    return _page(here)


@router.post("")
def make(here: Visitor, wanted: Annotated[Wanted, Form()]) -> Response:
    """A new token, whose secret this one answer shows."""
    scopes = [what for what in wanted.may if what in SCOPES and here.may(May(what))]
    try:
        if not scopes:
            raise AbmError("a token reaches something", "choose what this program may do")
        made = tokens.make(
            here.ctx, here.visit.name, wanted.label, scopes, writes=wanted.writes, days=wanted.days
        )
    except AbmError as error:
        return _page(here, problem=str(error), status=400)
    return _page(here, secret=made.secret)


@router.post("/{token_id}/revoke")
def revoke(here: Visitor, token_id: Id) -> Response:
    """End a token of the visitor's at once."""
    tokens.revoke(here.ctx, token_id, here.visit.user_id)
    return RedirectResponse("/me/tokens", status_code=303)


def _page(here: Here, *, secret: str = "", problem: str = "", status: int = 200) -> Response:
    allowed = [(what.value, MEANS[what]) for what in SCOPES if here.may(what)]
    return here.page(
        "tokens", status, tokens=tokens.tokens(here.ctx, here.visit.user_id), allowed=allowed,
        secret=secret, problem=problem,
    )  # fmt: skip
