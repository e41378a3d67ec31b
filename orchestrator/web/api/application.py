"""The application under `/api/v1`: its parts, and how it says that something is wrong."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from accounts.errors import AbmError
from orchestrator.engine.staff.tokens import KeyTaken
from orchestrator.web.api import acts, events, links, lists, office, plays, work
from orchestrator.web.api.callers import NoToken, Replay
from orchestrator.web.visitors import House, Missing, NotAllowed

PROBLEM = "application/problem+json"
ABOUT = """What the pages do, for programs. `abm token add` makes a token; send it as
`Authorization: Bearer abm_…`. Lists come in pages: ask again with `cursor` as `next` says it, until
that is null. A call that changes something takes an `Idempotency-Key`: sent again within a day, it
is done once and answered alike. Whatever goes wrong is told as in RFC 9457, with a `hint`."""

logger = logging.getLogger(__name__)


def make(house: House) -> FastAPI:
    """The API of a house."""
    api = FastAPI(
        title="ABM",
        version="1",
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        exception_handlers=PROBLEMS,
    )
    api.state.house = house
    rooms = (lists, work, acts, links, plays, office, events)
    for part in (one.router for one in rooms):
        api.include_router(part)
    return api


def problem(status: int, title: str, detail: str = "", hint: str = "", **more: object) -> Response:
    """An answer as RFC 9457 describes it."""
    said = {"type": "about:blank", "title": title, "status": status, "detail": detail, "hint": hint}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(said | more, status, headers, PROBLEM)


def _unknown(_request: Request, _error: Exception) -> Response:
    hint = "Authorization: Bearer abm_…; `abm token add` makes one"
    return problem(401, "No valid token", "it was revoked, is too old, or never was", hint)


def _refused(_request: Request, error: Exception) -> Response:
    return problem(403, "Not allowed", str(error))


def _missing(_request: Request, error: Exception) -> Response:
    return problem(404, "Not there", str(error))


def _taken(_request: Request, error: Exception) -> Response:
    assert isinstance(error, KeyTaken)
    return problem(409, "The key is taken", error.reason, error.hint)


def _again(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Replay)
    headers = {"Idempotency-Replayed": "true"}
    return Response(error.answer.body, error.answer.status, headers, "application/json")


def _misread(_request: Request, error: Exception) -> Response:
    """Where it cannot be read and why; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)
    found = [
        {"at": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()[:50]
    ]
    return problem(422, "This cannot be read", errors=found)


def _failed(_request: Request, error: Exception) -> Response:
    assert isinstance(error, AbmError)
    return problem(400, "This cannot be done", error.reason, error.hint)


def _lost(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = problem(error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


def _broken(request: Request, error: Exception) -> Response:
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(500, "Something broke here", "nothing was changed; it is in the log")


PROBLEMS: dict[int | type[Exception], Any] = {
    NoToken: _unknown,
    NotAllowed: _refused,
    Missing: _missing,
    Replay: _again,
    KeyTaken: _taken,
    RequestValidationError: _misread,
    AbmError: _failed,
    HTTPException: _lost,
    Exception: _broken,
}
