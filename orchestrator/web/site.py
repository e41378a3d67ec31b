"""The site: its parts, what every answer carries, and what a mistake looks like."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.middleware.base import RequestResponseEndpoint
from starlette.types import Lifespan

from accounts.errors import AbmError
from orchestrator.app import App
from orchestrator.web import (
    accounts,
    audit,
    away,
    bulk,
    calendar,
    first,
    home,
    landing,
    live,
    metrics,
    oidc,
    ops,
    playbooks,
    promises,
    queue,
    queue_acts,
    signing,
    team,
    tokens,
    users,
    words,
)
from orchestrator.web.api import application as api
from orchestrator.web.turns import Turns
from orchestrator.web.visitors import House, Missing, NotAllowed, SignInAgain, SignInFirst

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ONLY_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}
LARGEST = 1_000_000  # bytes of a form
BOUNDS = ("greater_than_equal", "less_than_equal")  # a number, but nothing has it

logger = logging.getLogger(__name__)


def make(app: App, up: Lifespan[FastAPI] | None = None) -> FastAPI:
    """The site on a house whose schema has been checked; `up` is entered while it is served."""
    site = FastAPI(
        title="ABM", docs_url=None, redoc_url=None, openapi_url=None, lifespan=up,
        exception_handlers=MISTAKES,
    )  # fmt: skip
    site.state.house = House(app.ctx, _pages())
    site.state.pulse = live.Pulse(app.ctx)
    site.state.turns = Turns()
    site.state.settled = first.Settled(site.state.house)
    site.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    site.mount("/api/v1", api.make(site.state.house))
    site.middleware("http")(_armour)
    site.get("/healthz")(_alive)
    site.get("/readyz")(_ready)
    rooms = (
        queue.router,
        queue_acts.router,
        team.router,
        away.router,
        bulk.router,
        accounts.router,
        playbooks.router,
        ops.router,
        audit.router,
        tokens.router,
        users.router,
        home.router,
        promises.router,
        live.router,
        calendar.router,
        calendar.mine,
        calendar.feeds,
        metrics.router,
    )
    for part in (signing.door, signing.inside, oidc.door, first.door, *rooms):
        site.include_router(part)
    return site


def _pages() -> Jinja2Templates:
    environment = Environment(
        loader=FileSystemLoader(HERE / "pages"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals |= {"words": words}
    return Jinja2Templates(env=environment)


# ---------------------------------------------------------------- every answer


async def _armour(request: Request, go_on: RequestResponseEndpoint) -> Response:
    """Security headers, no copies of personal data on the way, and no form that fills memory."""
    size = request.headers.get("content-length", "0")
    small = size.isdecimal() and len(size) <= len(str(LARGEST)) and int(size) <= LARGEST
    if not small or "transfer-encoding" in request.headers:
        return _armoured(request, PlainTextResponse("too large", 413))
    request.state.id = secrets.token_hex(8)  # stands in the audit log, too
    settled: first.Settled = request.app.state.settled
    served = await settled(request.url.path)
    answer = await go_on(request) if served else first.nothing_yet(request)
    answer.headers["X-Request-ID"] = request.state.id
    return _armoured(request, answer)


def _armoured(request: Request, answer: Response) -> Response:
    house: House = request.app.state.house
    for name, value in (HEADERS | (ONLY_HTTPS if house.secure else {})).items():
        answer.headers.setdefault(name, value)
    kept = "max-age=3600" if request.url.path.startswith("/static/") else "no-store"
    answer.headers["Cache-Control"] = kept
    return answer


def _alive() -> Response:
    """Whether this process answers."""
    return PlainTextResponse("ok")


def _ready(request: Request) -> Response:
    """Whether it can work: the database answers and has our schema."""
    house: House = request.app.state.house
    try:
        house.ctx.db.check_schema()
    except AbmError as error:
        return PlainTextResponse(error.reason.partition(":")[0], 503)  # whose host is nobody's
    return PlainTextResponse("ok")


# ---------------------------------------------------------------- mistakes


def _sign_in(request: Request, _error: Exception) -> Response:
    return RedirectResponse(landing.door(request), status_code=303)


def _sign_in_again(request: Request, _error: Exception) -> Response:
    why = "this wants a sign-in of the last half hour"
    wanted = landing.came_from(request) or landing.asked_for(request)
    return signing.form(request, why, wanted=wanted, status=403, fresh=True)


def _refused(request: Request, error: Exception) -> Response:
    return _mistake(request, 403, "You cannot do this", str(error))


def _missing(request: Request, error: Exception) -> Response:
    return _mistake(request, 404, "There is none", str(error))


def _misread(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if all(one["loc"][0] == "path" and one["type"] in BOUNDS for one in error.errors()):
        return _missing(request, Missing("no number is that small or large"))
    return _mistake(request, 400, "This cannot be read", "go back and try again")


def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, AbmError)
    return _mistake(request, 400, error.reason, error.hint)


def _lost(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _mistake(request, 404, "There is no such page", "it may have moved")
    return _mistake(request, error.status_code, str(error.detail), "")


def _broken(request: Request, error: Exception) -> Response:
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    what, hint = "Something broke here", "nothing was changed; it is in the log"
    return _armoured(request, _mistake(request, 500, what, hint))  # nobody else does


def _mistake(request: Request, status: int, what: str, hint: str) -> Response:
    house: House = request.app.state.house
    told = {"what": what, "hint": hint}
    return house.pages.TemplateResponse(request, "mistake.html", told, status_code=status)


MISTAKES: dict[int | type[Exception], Any] = {
    SignInFirst: _sign_in,
    SignInAgain: _sign_in_again,
    NotAllowed: _refused,
    Missing: _missing,
    RequestValidationError: _misread,
    AbmError: _failed,
    HTTPException: _lost,
    Exception: _broken,
}
