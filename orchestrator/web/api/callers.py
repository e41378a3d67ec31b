"""Who calls: tokens, what they reach, and calls that come twice."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from orchestrator.engine.context import Context
from orchestrator.engine.staff import tokens
from orchestrator.engine.staff.auditing import recorded
from orchestrator.engine.staff.tokens import Answer, Once
from orchestrator.store.staff.tokens import Token
from orchestrator.web.deeds import deed
from orchestrator.web.permissions import May, may
from orchestrator.web.visitors import SAFE, House, NotAllowed, house_of, looking_on

bearer = HTTPBearer(auto_error=False, description="As `abm token add` printed it.")


class NoToken(Exception):
    """Nobody is calling: no token, or none that is valid."""


class Replay(Exception):
    """The call was made before."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Caller:
    """One call of a program."""

    house: House
    request: Request
    token: Token

    @property
    def ctx(self) -> Context:
        """What use cases get; what they change stands in the audit log, and is done once."""
        if self.request.method in SAFE:
            return looking_on(self.house.ctx)
        ctx = self.house.ctx
        once: Once | None = getattr(self.request.state, "once", None)
        if once:
            ctx = replace(ctx, db=ctx.db.ending_with(once.claim))
        said = deed(self.request, self.token.name, self.token.user_id, token=self.token.id)
        return recorded(ctx, said._replace(via="api"))

    def may(self, what: May) -> bool:
        """Whether both the user's team and the token's scopes allow it."""
        return may(self.token.team, what) and what in self.token.scopes


def calling(
    request: Request, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Caller:
    """Who is calling; NoToken when that is nobody."""
    house = house_of(request)
    token = tokens.caller(house.ctx, sent.credentials) if sent else None
    if token is None:
        raise NoToken
    if request.method not in SAFE and not token.writes:
        raise NotAllowed("this token only reads")
    return Caller(house, request, token)


Program = Annotated[Caller, Depends(calling)]


class Scope:
    """A guard: the caller is allowed `what`, or NotAllowed."""

    def __init__(self, what: May) -> None:
        self.what = what

    def __call__(self, caller: Program) -> None:
        """Let pass or refuse."""
        if not may(caller.token.team, self.what):
            raise NotAllowed(f"{caller.token.team} may not do this")
        if not caller.may(self.what):
            raise NotAllowed(f"this token does not reach: {self.what}")


async def once(
    request: Request,
    caller: Program,
    key: Annotated[
        str,
        Header(alias="Idempotency-Key", max_length=255, pattern=r"^[\x21-\x7e]*$",
               description="Sent again within a day, the call is done once."),
    ] = "",
) -> None:  # fmt: skip
    """Answer a call that was made under its key before as it was then."""
    if not key:
        return
    said = f"{request.method} {request.url.path}\n".encode() + await request.body()
    call = Once(caller.house.ctx, caller.token.user_id, key, said)
    if answer := await run_in_threadpool(call.before):
        raise Replay(answer)
    request.state.once = call


class Answering(APIRoute):
    """A route whose answers are kept for calls under a key."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, which keeps what it answers."""
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            answer = await handle(request)
            if call := getattr(request.state, "once", None):
                body = bytes(answer.body).decode()
                await run_in_threadpool(call.keep, Answer(answer.status_code, body))
            return answer

        return handler
