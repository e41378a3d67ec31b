"""A team's work as whoever leads it sees it: how much lies on whose desk, and who is away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orchestrator.engine.context import Context
from orchestrator.store.staff import absences, users
from orchestrator.store.tasks import queues
from orchestrator.store.tasks.tasks import Card


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk: a person's, or (user_id None) the shared queue of `team`."""

    user_id: int | None
    name: str
    team: str
    active: bool
    open: int = 0
    late: int = 0
    oldest_due: datetime | None = None
    away_until: datetime | None = None
    capacity: int | None = None  # tasks a day, by the settings


def desks(ctx: Context, team: str = "") -> list[Desk]:
    """The desks of a team ("": of all), the shared one of each team first."""
    now = ctx.clock.now()
    with ctx.db.reading() as session:
        loads = queues.loads(session, now)
        away = {
            one.user_id: one.ends_at
            for one in absences.current(session, now)
            if one.starts_at <= now
        }
        people = users.everybody(session)
    own = {one.user_id: one for one in loads if one.user_id is not None}
    shared = {one.team: one for one in loads if one.user_id is None}
    found = []
    for name in sorted({one.team for one in people} | shared.keys()):
        if team in ("", name):
            load = shared.get(name)
            numbers = (load.open, load.late, load.oldest_due) if load else (0, 0, None)
            found.append(Desk(None, f"the queue of {name}", name, True, *numbers))
    for one in people:
        load = own.get(one.id or 0)
        if team not in ("", one.team) or (not one.active and not load):
            continue
        numbers = (load.open, load.late, load.oldest_due) if load else (0, 0, None)
        called, capacity = one.full_name or one.name, ctx.settings.capacity
        found.append(
            Desk(
                one.id,
                called,
                one.team,
                one.active,
                *numbers,
                away.get(one.id or 0),
                capacity.get(one.name, capacity.get(one.team)),
            )
        )
    return sorted(found, key=lambda one: one.team)


def tasks_of(ctx: Context, desk: Desk, limit: int) -> list[Card]:
    """What lies on a desk, the next best first."""
    now = ctx.clock.now()
    with ctx.db.reading() as session:
        shared = desk.team if desk.user_id is None else ""
        return queues.of_user(session, desk.user_id, shared, now, limit)
