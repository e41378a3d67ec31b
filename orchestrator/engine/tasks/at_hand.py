"""What lies on a user's desk, as one look at it shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orchestrator.engine.context import Context
from orchestrator.engine.tasks import desk
from orchestrator.store.tasks import queues
from orchestrator.store.tasks import tasks as store
from orchestrator.store.tasks.queues import Left
from orchestrator.store.tasks.tasks import Card


@dataclass(frozen=True, slots=True)
class AtHand:
    """What lies on a user's desk: the next tasks, those that rest, and how many there are of all;
    `done` is how many the user has ended."""

    tasks: list[Card]
    later: list[Card]
    left: Left
    done: int


def at_hand(
    ctx: Context, user: int, since: datetime, *, most: int = 50, most_later: int = 20
) -> AtHand:
    """The user's desk, as `queue` sorts it; what was done is counted from `since` on.

    AbmError if there is no such user.
    """
    now = ctx.clock.now()
    with ctx.db.reading() as session:
        team = desk.member_of(session, user).team
        return AtHand(
            queues.of_user(session, user, team, now, most),
            queues.postponed(session, user, team, now, most_later),
            queues.left(session, user, team, now),
            store.done_since(session, user, since),
        )
