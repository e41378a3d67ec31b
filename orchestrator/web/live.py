"""News without a reload: server-sent events of new tasks and moments of interest.

One look at the database every few seconds serves everybody who listens, and there is none while
nobody does. A listener is a queue in memory: it holds neither a connection nor a thread.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from fastapi import APIRouter, Depends
from fastapi.responses import PlainTextResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from orchestrator.engine.context import Context
from orchestrator.engine.pages import news
from orchestrator.engine.pages.news import News
from orchestrator.store.pages.news import Mark
from orchestrator.store.staff.access import Visit
from orchestrator.web.permissions import May, may
from orchestrator.web.visitors import Needs, Visitor

EVERY = 2.0  # seconds between two looks
ALIVE = 15.0  # seconds after which a silent stream says that it is there
LASTS = 600.0  # seconds: then the browser asks again, and who it is is asked again
LISTENERS, WAITING = 2000, 20  # at once; pieces of news that one may leave unread

# What happens from here on is told; before, the first look had not said where the news begins.
BEGUN = "data: begun\n\n"

logger = logging.getLogger(__name__)
router = APIRouter(dependencies=[Depends(Needs(May.WORK))])


@dataclass(eq=False)
class Listener:
    """Somebody who listens, and what they have not been told yet."""

    visit: Visit
    news: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(WAITING))

    def hear(self, found: News) -> None:
        """Take what is theirs; who reads too slowly misses it, and has it on the next page."""
        tasks = sum(self._is_mine(one.assignee_id, one.team) for one in found.tasks)
        if tasks:
            self._tell("task", {"number": tasks})
        if not may(self.visit.team, May.ACCOUNTS):
            return
        for one in found.moments:
            if one.user_id == self.visit.user_id:
                told = {"account": one.account, "id": one.account_id, "text": one.text}
                self._tell("moment", told)

    def _is_mine(self, assignee_id: int | None, team: str) -> bool:
        if assignee_id is None:
            return team == self.visit.team
        return assignee_id == self.visit.user_id

    def _tell(self, kind: str, told: dict[str, object]) -> None:
        self.put(f"event: {kind}\ndata: {json.dumps(told)}\n\n")

    def put(self, text: str) -> None:
        """Let them read this, if they keep up."""
        if not self.news.full():
            self.news.put_nowait(text)


class Pulse:
    """Looks for news while somebody listens, and tells everybody what is theirs."""

    def __init__(self, ctx: Context, every: float = EVERY, lasts: float = LASTS) -> None:
        self.ctx, self.every, self.lasts = ctx, every, lasts
        self.listeners: set[Listener] = set()
        self.begun = asyncio.Event()  # it is known where the news begins
        self._beating: asyncio.Task[None] | None = None

    async def listen(self, visit: Visit) -> AsyncIterator[str]:
        """The stream of one listener; it ends after `lasts` seconds."""
        listener = Listener(visit)
        self.listeners.add(listener)
        if self.begun.is_set():
            listener.put(BEGUN)
        if self._beating is None or self._beating.done():
            self._beating = asyncio.create_task(self._beat())
        until = asyncio.get_running_loop().time() + self.lasts
        try:
            yield "retry: 3000\n\n"
            while (left := until - asyncio.get_running_loop().time()) > 0:
                try:
                    yield await asyncio.wait_for(listener.news.get(), min(ALIVE, left))
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self.listeners.discard(listener)

    async def _beat(self) -> None:
        mark = await run_in_threadpool(news.begin, self.ctx)
        self.begun.set()
        for listener in self.listeners:
            listener.put(BEGUN)
        try:
            await self._look(mark)
        finally:
            self.begun.clear()

    async def _look(self, mark: Mark) -> None:
        while self.listeners:
            await asyncio.sleep(self.every)
            try:
                found = await run_in_threadpool(news.since, self.ctx, mark)
            except Exception:
                logger.exception("no news could be read; the next look tries again")
                continue
            mark = found.mark
            for listener in list(self.listeners):
                listener.hear(found)


@router.get("/live")
async def live(request: Request, here: Visitor) -> Response:
    """New tasks of the visitor's, and moments of interest at the visitor's accounts."""
    pulse: Pulse = request.app.state.pulse
    if len(pulse.listeners) >= LISTENERS:
        return PlainTextResponse("too many listen", 503, headers={"Retry-After": "60"})
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(
        pulse.listen(here.visit), media_type="text/event-stream", headers=headers
    )
