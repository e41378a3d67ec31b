"""Sign-ins take turns, and keep nothing from the pages while they wait.

A password takes a fifth of a second and 64 MiB to look at, so only two are looked at at once. Who
waits does so without a thread: pages have but four. Who would wait for long is told to come back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from anyio import CapacityLimiter, Semaphore, fail_after, to_thread
from fastapi.responses import Response

from orchestrator.engine.staff.passwords import AT_ONCE, PATIENCE

WAITING = 20  # sign-ins in the queue; they are through it within PATIENCE
COME_BACK = 5  # seconds after which one may try again

_T = TypeVar("_T")


class Crowded(Exception):
    """Too many wait already, or somebody has waited for too long."""


class Turns:
    """The queue of one process."""

    def __init__(self) -> None:
        self._turns = Semaphore(AT_ONCE)
        self._threads = CapacityLimiter(AT_ONCE)  # beside those of the pages
        self._waiting = 0

    async def take(self, work: Callable[[], _T]) -> _T:
        """What `work` returns, done in a thread of our own when it is its turn; Crowded."""
        with self._in_the_queue():
            try:
                with fail_after(PATIENCE):
                    await self._turns.acquire()
            except TimeoutError:
                raise Crowded from None
        try:
            return await to_thread.run_sync(work, limiter=self._threads)
        finally:
            self._turns.release()

    @contextmanager
    def _in_the_queue(self) -> Iterator[None]:
        if self._waiting >= WAITING:
            raise Crowded
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1


def later(answer: Response, seconds: float = COME_BACK) -> Response:
    """The answer with the time after which one may ask again."""
    answer.headers["Retry-After"] = str(round(seconds))
    return answer
