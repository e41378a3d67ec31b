"""Virtual days: jump to when something is due, run the real flows until nothing moves, go on.

Dues are gathered into four looks a day, so that three weeks take a minute; what is due in between
waits for the next look, as it would for a tick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from orchestrator.clock import FileClock
from orchestrator.engine.context import Context
from orchestrator.engine.ticking import next_due

LOOK = timedelta(hours=6)  # every working day of the world opens for two of them


class Crowd(Protocol):
    """People who act at their own times."""

    def next_at(self) -> datetime | None: ...

    def act(self, now: datetime) -> int: ...


def looks(
    ctx: Context, clock: FileClock, until: datetime, crowds: list[Crowd]
) -> Iterator[datetime]:
    """Each instant to which the clock jumps, set before it is given; none without work."""
    while True:
        now = clock.now()
        dues = [at for at in (next_due(ctx), *(crowd.next_at() for crowd in crowds)) if at]
        if not dues or (look := _look(max(now, min(dues)), now)) > until:
            return
        clock.set(look)
        yield look


def _look(due: datetime, now: datetime) -> datetime:
    """The first look of a day at or after `due`, later than `now`."""
    midnight = due.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + LOOK / 2  # 03:00, 09:00, 15:00, 21:00 UTC
    while at < due or at <= now:
        at += LOOK
    return at


def live(
    ctx: Context,
    clock: FileClock,
    until: datetime,
    crowds: list[Crowd],
    pass_by: Callable[[], None],
    told: Callable[[datetime], None],
) -> int:
    """Let days pass until `until`, `pass_by` at each look; how many looks it took."""
    number = 0
    for now in looks(ctx, clock, until, crowds):
        for crowd in crowds:
            crowd.act(now)
        pass_by()
        told(now)
        number += 1
    return number
