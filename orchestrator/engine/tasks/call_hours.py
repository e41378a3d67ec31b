"""When somebody picks up: from calls that were made, of this account and of the rep herself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session

from orchestrator.store.tasks import calls as store
from orchestrator.store.tasks.calls import Call

LEAST = 8  # calls of a rep before their hours say anything
OPEN, CLOSED = 7, 20  # hours in which calls are made
SPAN = 2  # hours


class BestHour(NamedTuple):
    """From which hour to which, on the other side's clock, and what says so."""

    begins: int
    ends: int
    reached: int
    calls: int
    theirs: bool  # from calls to this account; otherwise from the rep's own


def best_hour(session: Session, account_id: int, user_id: int, zone: str) -> BestHour | None:
    """When calls connect best; None while too few calls say anything."""
    theirs = store.calls_to(session, account_id)
    if any(one.reached for one in theirs):
        return best(theirs, zone, theirs=True)
    own = store.calls_by(session, user_id)
    return best(own, zone, theirs=False) if len(own) >= LEAST else None


def best(calls: Iterable[Call], zone: str, *, theirs: bool) -> BestHour | None:
    """The two hours with the best share of answers, a little doubt added to each. Pure."""
    made: Counter[int] = Counter()
    reached: Counter[int] = Counter()
    for one in calls:
        hour = one.at.astimezone(ZoneInfo(one.zone or zone)).hour
        made[hour] += 1
        reached[hour] += one.reached

    def counted(begins: int) -> BestHour:
        hours = range(begins, begins + SPAN)
        return BestHour(
            begins, begins + SPAN, sum(map(reached.__getitem__, hours)),
            sum(map(made.__getitem__, hours)), theirs,
        )  # fmt: skip

    found = max(map(counted, range(OPEN, CLOSED - SPAN + 1)), key=_worth)
    return found if found.reached else None


def _worth(one: BestHour) -> tuple[float, int]:
    return (one.reached + 1) / (one.calls + 3), one.reached
