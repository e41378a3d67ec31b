"""Coming in and going out: the sign-in page, links, one's own sessions."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from accounts.errors import AbmError
from orchestrator.engine.pages import agenda, overview
from orchestrator.engine.staff import access
from orchestrator.engine.staff.auditing import note, recorded
from orchestrator.web.deeds import deed
from orchestrator.web.landing import landing, local
from orchestrator.web.turns import Crowded, Turns, later
from orchestrator.web.visitors import Visitor, from_here, from_our_page, house_of

CROWDED = "too many sign in at once; try again in a moment"

door = APIRouter()
inside = APIRouter(dependencies=[Depends(from_our_page)])


@door.get("/sign-in")
def ask(
    request: Request, wanted: Annotated[str, Query(alias="next")] = "", left: bool = False
) -> Response:
    """The form; `next` is the page that was wanted, `left` says that one has just signed out."""
    return form(request, wanted=wanted, left=left)


@door.post("/sign-in", dependencies=[Depends(from_here)])
async def enter(
    request: Request,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    wanted: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """Sign in with a password, when it is one's turn."""
    turns: Turns = request.app.state.turns
    try:
        return await turns.take(partial(_enter, request, name, password, wanted))
    except Crowded:
        return later(form(request, CROWDED, name, wanted, status=503))


def _enter(request: Request, name: str, password: str, wanted: str) -> Response:
    if not _may_try(request, f"name {name.strip().casefold()[:80]}"):
        return _slow_down(request, name, wanted)
    ctx = house_of(request).ctx
    who = access.known(ctx, name)
    try:
        entry = access.sign_in(recorded(ctx, deed(request, who)), name, password, _browser(request))
    except AbmError as error:
        note(ctx, deed(request, who, refused=True))
        return form(request, error.reason, name, wanted, status=400)
    return let_in(request, entry.secret, wanted)


@door.get("/sign-in/{secret}")
def offered(request: Request, secret: str) -> Response:
    """A link only asks: mail scanners and chats open links before people do."""
    return house_of(request).pages.TemplateResponse(request, "link.html", {"secret": secret})


@door.post("/sign-in/{secret}", dependencies=[Depends(from_here)])
async def follow(request: Request, secret: str) -> Response:
    """Sign in with a link, when it is one's turn."""
    turns: Turns = request.app.state.turns
    try:
        return await turns.take(partial(_follow, request, secret))
    except Crowded:
        return later(form(request, CROWDED, status=503))


def _follow(request: Request, secret: str) -> Response:
    """Nobody guesses a link: only the machine counts, so that a flood shuts out nobody else."""
    if not _may_try(request):
        return _slow_down(request)
    ctx = house_of(request).ctx
    try:
        entry = access.by_link(
            recorded(ctx, deed(request, access.invited(ctx, secret))), secret, _browser(request)
        )
    except AbmError as error:
        note(ctx, deed(request, refused=True))
        return form(request, str(error), status=400)
    return let_in(request, entry.secret)


@inside.get("/me")
def me(here: Visitor) -> Response:
    """Where the visitor is signed in."""
    user = here.visit.user_id
    feed = agenda.feed_since(here.ctx, user)
    return here.page(
        "me",
        sessions=access.sessions(here.ctx, user),
        feed=feed,
        named=overview.words_for(here.ctx, user),
    )


@inside.post("/me/sessions/end")
def end(here: Visitor, session: Annotated[str, Form()] = "") -> Response:
    """End one session of the visitor's, at another browser."""
    access.end(here.ctx, here.visit.user_id, session[:64])
    return RedirectResponse("/me", status_code=303)


@inside.post("/sign-out")
def leave(here: Visitor, everywhere: Annotated[bool, Form()] = False) -> Response:
    """End this session, or all of them."""
    access.sign_out(here.ctx, here.visit, everywhere=everywhere)
    answer = RedirectResponse("/sign-in?left=true", status_code=303)
    answer.delete_cookie(here.house.cookie, path="/", secure=here.house.secure, httponly=True)
    return answer


def form(
    request: Request, problem: str = "", name: str = "", wanted: str = "", *, status: int = 200,
    fresh: bool = False, left: bool = False,
) -> Response:  # fmt: skip
    """The page to sign in with, and why one sees it; then one goes to the page that was wanted.

    `fresh` asks a provider for a new proof, `left` offers to sign out of it, too.
    """
    house, wanted = house_of(request), local(wanted)
    asked = ({"next": wanted} if wanted else {}) | ({"fresh": "true"} if fresh else {})
    oidc = house.ctx.settings.oidc
    told = {
        "problem": problem, "name": name, "wanted": wanted, "left": left,
        "provider": oidc.name if oidc.issuer else "", "there": f"/oidc?{urlencode(asked)}",
    }  # fmt: skip
    return house.pages.TemplateResponse(request, "sign_in.html", told, status_code=status)


def let_in(request: Request, secret: str, wanted: str = "") -> Response:
    """Hand out the new session's cookie, end the one that the browser had, and go on."""
    house = house_of(request)
    if before := request.cookies.get(house.cookie):
        access.leave(house.ctx, before)
    visit = access.visitor(house.ctx, secret)
    answer = RedirectResponse(landing(visit.team if visit else "", wanted), status_code=303)
    house.let_in(answer, secret)
    return answer


def _may_try(request: Request, *keys: str) -> bool:
    machine = request.client.host if request.client else ""
    return access.may_try(house_of(request).ctx, *keys, f"machine {machine}")


def _slow_down(request: Request, name: str = "", wanted: str = "") -> Response:
    answer = form(request, "too many tries; wait a minute", name, wanted, status=429)
    return later(answer, access.EVERY)


def _browser(request: Request) -> str:
    return request.headers.get("user-agent", "")
