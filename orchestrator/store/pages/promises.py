"""What each team owes by agreement, and how it kept to that: counts, and the tasks behind them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select, text, tuple_
from sqlmodel import Session

from orchestrator.ranking import AT_RISK, PROMISED
from orchestrator.store.statements import instant
from orchestrator.store.tables import ACCOUNT, TASK, USER

# As text, so that the partial indexes are found.
_BY_HAND = text("task.done_by IS NOT NULL")
_OPEN = text("task.status = 'open'")
_PROMISE: ColumnElement[bool] = and_(
    TASK.c.due_at.is_not(None), or_(TASK.c.purpose.in_(PROMISED), TASK.c.kind == "hand_off")
)
_KEPT = TASK.c.ended_at <= TASK.c.due_at
_NOW, _SOON = instant("now"), instant("soon")
_LATE_NOW = and_(TASK.c.due_at < _NOW, TASK.c.due_at > instant("since"))

# What may be asked for, and where it stands: kept and broken since an instant, the others now.
# Broken is what ended late, and what is late and still open.
STATES = {
    "kept": (_BY_HAND, TASK.c.ended_at > instant("since"), _KEPT),
    "broken": (
        or_(and_(_BY_HAND, TASK.c.ended_at > instant("since"), ~_KEPT), and_(_OPEN, _LATE_NOW)),
    ),
    "open": (_OPEN,),
    "at_risk": (_OPEN, TASK.c.due_at >= _NOW, TASK.c.due_at <= _SOON),
}


class Promise(NamedTuple):
    """A task that was owed."""

    id: int
    title: str
    purpose: str
    account_id: int | None
    account: str
    who: str  # whose it was or is; "" for nobody's
    due_at: datetime
    ended_at: datetime | None


def _counted(*where: Any) -> Any:
    """By team, counts of two spans of time that begin at `near` and `since`."""
    return select(TASK.c.team, *where).group_by(TASK.c.team)


_ENDED = _counted(
    *(
        func.count().filter(TASK.c.ended_at > instant(since), kept)
        for since in ("near", "since")
        for kept in (_KEPT, ~_KEPT)
    )
).where(_BY_HAND, TASK.c.ended_at > instant("since"), _PROMISE)
_STILL = _counted(
    func.count().filter(TASK.c.due_at < _NOW, TASK.c.due_at > instant("near")),
    func.count().filter(_LATE_NOW),
    func.count(),
    func.count().filter(TASK.c.due_at >= _NOW, TASK.c.due_at <= _SOON),
).where(_OPEN, _PROMISE)


class Kept(NamedTuple):
    """How a team keeps what it owes: in the near and the far span, and now."""

    team: str
    near_kept: int
    near_broken: int
    kept: int
    broken: int
    open: int
    at_risk: int


def kept(session: Session, *, near: datetime, far: datetime, now: datetime) -> list[Kept]:
    """How each team that owes or owed anything kept to it, by team."""
    asked = {"near": near, "since": far, "now": now, "soon": now + AT_RISK}
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * 6)
    for team, near_kept, near_late, all_kept, late in session.connection().execute(_ENDED, asked):
        counts[team][:4] = near_kept, near_late, all_kept, late
    for team, near_late, late, still, at_risk in session.connection().execute(_STILL, asked):
        counts[team][1] += near_late
        counts[team][3] += late
        counts[team][4:] = still, at_risk
    return [Kept(team, *numbers) for team, numbers in sorted(counts.items())]


_LIST = (
    select(
        TASK.c.id, TASK.c.title, TASK.c.purpose, TASK.c.account_id,
        func.coalesce(ACCOUNT.c.name, ""), func.coalesce(USER.c.full_name, ""), TASK.c.due_at,
        TASK.c.ended_at,
    )
    .select_from(TASK)
    .outerjoin(ACCOUNT, ACCOUNT.c.id == TASK.c.account_id)
    .outerjoin(USER, USER.c.id == func.coalesce(TASK.c.done_by, TASK.c.assignee_id))
    .where(_PROMISE)
    .order_by(TASK.c.due_at.desc(), TASK.c.id.desc())
)  # fmt: skip


def behind(
    session: Session, team: str, state: str, *, since: datetime, now: datetime,
    before: tuple[datetime, int] | None, limit: int,
) -> list[Promise]:  # fmt: skip
    """The tasks of a team in one of `STATES`, the latest due first, from (due, id) `before` on."""
    query = _LIST.where(TASK.c.team == team, *STATES[state]).limit(limit)
    if before:
        query = query.where(tuple_(TASK.c.due_at, TASK.c.id) < before)
    asked = {"since": since, "now": now, "soon": now + AT_RISK}
    return [Promise._make(row) for row in session.connection().execute(query, asked)]
