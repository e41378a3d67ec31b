"""The pages before anybody works here: nothing but the way in for the first of us."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from accounts.errors import AbmError
from orchestrator.engine.staff import access, first
from orchestrator.engine.staff.auditing import note, recorded
from orchestrator.web import signing
from orchestrator.web.api.application import problem
from orchestrator.web.deeds import deed
from orchestrator.web.turns import Crowded, Turns, later
from orchestrator.web.visitors import House, Missing, from_here, house_of

SERVED = ("/setup", "/healthz")  # before there is anybody, and what is in /static/
WHAT = "Nobody works here yet"
HINT = "`abm init` printed a token for the first of us; `abm user first` prints another one"

door = APIRouter(prefix="/setup")


class Settled:
    """Whether there is anybody: asked of the database until somebody is there, who never goes."""

    def __init__(self, house: House) -> None:
        self._house, self._yes = house, False

    async def __call__(self, path: str) -> bool:
        """Whether that path is served."""
        if self._yes or path in SERVED or path.startswith("/static/"):
            return True
        self._yes = await run_in_threadpool(first.anybody, self._house.ctx)
        return self._yes


def nothing_yet(request: Request) -> Response:
    """The answer to all else until then."""
    if request.url.path.startswith("/api/"):
        return problem(503, WHAT, hint=HINT)
    told = {"what": WHAT, "hint": HINT, "back": "/setup"}
    pages = house_of(request).pages
    return pages.TemplateResponse(request, "mistake.html", told, status_code=503)


class Said(BaseModel):
    """The form."""

    token: str = ""
    name: str = ""
    email: str = ""
    password: str = ""


@door.get("")
def ask(request: Request) -> Response:
    """The form of the first of us; Missing once there is anybody."""
    _still_nobody(request)
    return _form(request, Said())


@door.post("", dependencies=[Depends(from_here)])
async def begin(request: Request, said: Annotated[Said, Form()]) -> Response:
    """Let the first of us in, as admin."""
    turns: Turns = request.app.state.turns
    try:
        return await turns.take(partial(_begin, request, said))
    except Crowded:
        return later(_form(request, said, "too many try at once; wait a moment", 503))


def _begin(request: Request, said: Said) -> Response:
    _still_nobody(request)
    ctx = house_of(request).ctx
    machine = request.client.host if request.client else ""
    if not access.may_try(ctx, f"machine {machine}"):
        return later(_form(request, said, "too many tries; wait a minute", 429), access.EVERY)
    who = said.name.strip().casefold()[:40]
    told = deed(request, who)._replace(object=f"user {who}", kind="user", name=who)
    try:
        entry = first.set_up(
            recorded(ctx, told), said.token, said.name, said.email, said.password,
            request.headers.get("user-agent", ""),
        )  # fmt: skip
    except AbmError as error:
        note(ctx, deed(request, refused=True))
        return _form(request, said, str(error), 400)
    return signing.let_in(request, entry.secret)


def _still_nobody(request: Request) -> None:
    if first.anybody(house_of(request).ctx):
        raise Missing("there is no such page")


def _form(request: Request, said: Said, why: str = "", status: int = 200) -> Response:
    told = {"said": said, "problem": why}
    pages = house_of(request).pages
    return pages.TemplateResponse(request, "setup.html", told, status_code=status)
