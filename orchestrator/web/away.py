"""Time off: when somebody is away, and who stands in."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from accounts.errors import AbmError
from orchestrator.engine.staff import absences, users
from orchestrator.web.permissions import May
from orchestrator.web.queue import Mistake
from orchestrator.web.visitors import Here, Needs, Visitor, from_our_page

EMPTY = {"first": "", "last": "", "cover": ""}

router = APIRouter(
    prefix="/me/away", dependencies=[Depends(Needs(May.WORK)), Depends(from_our_page)]
)


@router.get("")
def away(here: Visitor) -> Response:
    """The visitor's time off that is to come, and the form of more."""
    return _page(here)


@router.post("")
def leave(
    here: Visitor,
    first: Annotated[str, Form()] = "",
    last: Annotated[str, Form()] = "",
    cover: Annotated[str, Form()] = "",
) -> Response:
    """Note that the visitor will be away."""
    form = {"first": first, "last": last, "cover": cover}
    field = "first"
    try:
        begins = _day(first)
        field = "last"
        ends = _day(last) if last.strip() else begins
        field = "cover" if begins <= ends else "last"
        absences.add(here.ctx, here.visit.name, begins, ends, cover)
    except AbmError as error:
        return _page(here, form, Mistake(field, error.reason, error.hint))
    return RedirectResponse("/me/away", status_code=303)


@router.post("/back")
def back(here: Visitor) -> Response:
    """The visitor is here again, from now on."""
    absences.back(here.ctx, here.visit.name)
    return RedirectResponse("/me/away", status_code=303)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise AbmError(f"{text.strip()[:40]!r} is no day", "write it as 2026-03-02") from None


def _page(
    here: Here, form: dict[str, str] | None = None, mistake: Mistake | None = None
) -> Response:
    mine = [one for one in absences.coming(here.ctx) if one.name == here.visit.name]
    others = [
        one for one in users.everybody(here.ctx)
        if one.active and one.team == here.visit.team and one.id != here.visit.user_id
    ]  # fmt: skip
    return here.page(
        "away",
        400 if mistake else 200,
        mine=mine,
        others=others,
        form=form or EMPTY,
        mistake=mistake,
    )
