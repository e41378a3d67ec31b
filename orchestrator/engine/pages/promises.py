"""What both teams owe each other and whoever answers us, and how they kept to it, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from orchestrator.calendar import Span
from orchestrator.engine import agreement
from orchestrator.engine.context import Context
from orchestrator.store.pages import promises as store
from orchestrator.store.pages.promises import Kept, Promise

NEAR, FAR = timedelta(days=7), timedelta(days=30)
STATES = tuple(store.STATES)


def kept(ctx: Context) -> list[Kept]:
    """How each team that owes or owed anything kept to it, in 7 and 30 days and now."""
    now = ctx.clock.now()
    with ctx.db.reading() as session:
        return store.kept(session, near=now - NEAR, far=now - FAR, now=now)


def behind(
    ctx: Context, team: str, state: str, days: int, limit: int,
    *, before: tuple[datetime, int] | None = None,
) -> list[Promise]:  # fmt: skip
    """The tasks behind a figure: of a team, in one of `STATES`, in so many days; the latest due
    first, from the one after (due, id) `before` on."""
    now = ctx.clock.now()
    since = now - timedelta(days=days)
    with ctx.db.reading() as session:
        return store.behind(session, team, state, since=since, now=now, before=before, limit=limit)


def agreed(ctx: Context) -> Mapping[str, Mapping[int, Span]]:
    """The times in the agreement in force, by purpose and tier; nothing means a day."""
    with ctx.db.reading() as session:
        return agreement.current(session).sla
