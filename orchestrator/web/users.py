"""Our own people: who works here, in which team, and who is let in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from accounts.errors import AbmError
from orchestrator.address import address
from orchestrator.engine import reading
from orchestrator.engine.agreement import TEAMS
from orchestrator.engine.companies import sharing
from orchestrator.engine.staff import access, users
from orchestrator.web.numbers import Id
from orchestrator.web.permissions import May
from orchestrator.web.visitors import (
    Here,
    Missing,
    Needs,
    Visitor,
    from_our_page,
    just_signed_in,
)

router = APIRouter(
    prefix="/users",
    dependencies=[Depends(Needs(May.MANAGE)), Depends(from_our_page), Depends(just_signed_in)],
)


class Newcomer(BaseModel):
    """The form of somebody new."""

    user: str = ""
    team: str = ""
    email: str = ""
    full_name: str = ""
    role: str = ""
    title: str = ""
    zone: str = ""
    country: str = ""


class Sharing(BaseModel):
    """The form of what an agency may look at."""

    account: str = ""
    playbook: str = ""
    addresses: str = ""  # ticked or not


@router.get("")
def everybody(here: Visitor) -> Response:
    """All of us, and a form for somebody new."""
    return _list(here, Newcomer())


@router.post("")
def add(here: Visitor, said: Annotated[Newcomer, Form()]) -> Response:
    """Add one of us."""
    try:
        made = users.add(
            here.ctx, said.user, said.team, said.email, full_name=said.full_name, role=said.role,
            title=said.title, zone=said.zone, country=said.country,
        )  # fmt: skip
    except AbmError as error:
        return _list(here, said, error)
    return _to(made.name)


@router.get("/{user}")
def one(here: Visitor, user: str) -> Response:
    """One of us, and what can be done."""
    return _person(here, user)


@router.post("/{user}/team")
def move(here: Visitor, user: str, team: Annotated[str, Form()] = "") -> Response:
    """Other rights; whoever has them signs in again."""
    try:
        access.move(here.ctx, user, team)
    except AbmError as error:
        return _person(here, user, problem=error)
    return _to(user)


@router.post("/{user}/leave")
def leave(here: Visitor, user: str) -> Response:
    """Let somebody in no more."""
    try:
        access.set_active(here.ctx, user, False)
    except AbmError as error:
        return _person(here, user, problem=error)
    return _to(user)


@router.post("/{user}/rejoin")
def rejoin(here: Visitor, user: str) -> Response:
    """Let somebody in again who had left."""
    access.set_active(here.ctx, user, True)
    return _to(user)


@router.post("/{user}/link")
def link(here: Visitor, user: str) -> Response:
    """A way in for once, which this one answer shows."""
    try:
        secret = access.link(here.ctx, user)
    except AbmError as error:
        return _person(here, user, problem=error)
    return _person(here, user, way_in=f"{address(here.ctx.settings)}/sign-in/{secret}")


@router.post("/{user}/share")
def share(here: Visitor, user: str, said: Annotated[Sharing, Form()]) -> Response:
    """Let somebody of an agency look at an account, a playbook, or both."""
    try:
        sharing.share(
            here.ctx, user, accounts=[said.account] if said.account.strip() else [],
            playbooks=[said.playbook] if said.playbook else [], addresses=bool(said.addresses),
        )  # fmt: skip
    except AbmError as error:
        return _person(here, user, problem=error, at="account", said=said)
    return _to(user)


@router.post("/{user}/unshare/{share_id}")
def unshare(here: Visitor, user: str, share_id: Id) -> Response:
    """Take one of those away again."""
    try:
        sharing.unshare(here.ctx, user, share_id)
    except AbmError as error:
        raise Missing(error.reason) from error
    return _to(user)


@router.post("/{user}/end")
def end(here: Visitor, user: str) -> Response:
    """End all sessions of somebody."""
    access.end_all(here.ctx, user)
    return _to(user)


def _list(here: Here, said: Newcomer, problem: AbmError | None = None) -> Response:
    return here.page(
        "users", 400 if problem else 200, people=users.everybody(here.ctx),
        presence=access.presence(here.ctx), teams=TEAMS, said=said, problem=problem,
    )  # fmt: skip


def _person(
    here: Here, user: str, *, way_in: str = "", problem: AbmError | None = None,
    at: str = "team", said: Sharing | None = None,
) -> Response:  # fmt: skip
    found = [one for one in users.everybody(here.ctx) if one.name == user]
    if not found:
        raise Missing("there is nobody of that name")
    of_agency = found[0].team == sharing.AGENCY
    return here.page(
        "user", 400 if problem else 200, person=found[0], way_in=way_in, problem=problem,
        presence=access.presence(here.ctx).get(found[0].id), teams=TEAMS,
        lasts=int(access.LINK_LASTS.total_seconds()) // 60, at=at, said=said or Sharing(),
        shares=sharing.shared(here.ctx, user) if of_agency else None,
        books=[one.name for one in reading.playbooks(here.ctx)] if of_agency else [],
    )  # fmt: skip


def _to(user: str) -> Response:
    return RedirectResponse(f"/users/{user}", status_code=303)
