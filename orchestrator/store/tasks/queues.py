"""Whose turn it is: open tasks in the order of `ranking`, as one query however many there are.

The ids are sorted first and the wide rows are read for one page of them alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
    union_all,
)
from sqlmodel import Session

from orchestrator.ranking import AT_RISK, FRESH, HEADS_UP, PROMISED, Band
from orchestrator.store.statements import instant
from orchestrator.store.tables import ACCOUNT, TASK
from orchestrator.store.tasks.tasks import Card, cards, moment

# As text, so that the partial indexes of what is open are found.
_OPEN = text("task.status = 'open'")
_UNASSIGNED = text("task.assignee_id IS NULL")
_ASKED = ("id", "account_id", "purpose", "kind", "opened_at", "due_at", "later_at", "agreed_at")


def _open(*where: Any) -> Select[Any]:
    return select(*(TASK.c[name] for name in _ASKED)).where(_OPEN, *where)


# Each branch walks an index of its own; an OR of both would read the whole table.
_MINE = union_all(
    _open(TASK.c.assignee_id == bindparam("user")),
    _open(_UNASSIGNED, TASK.c.team == bindparam("team")),
).subquery("mine")
_ALL = _open().subquery("everybodys")


def _there(task: Subquery) -> ColumnElement[bool]:
    """Not put off until later."""
    return or_(task.c.later_at.is_(None), task.c.later_at <= instant("now"))


def _band(task: Subquery) -> ColumnElement[int]:
    soon = task.c.due_at <= instant("soon")
    promised = or_(task.c.purpose.in_(PROMISED), task.c.kind == "hand_off")
    return case(
        (task.c.agreed_at <= instant("heads_up"), int(Band.AGREED)),
        (and_(soon, promised), int(Band.PROMISE)),
        (moment().is_not(None), int(Band.MOMENT)),
        (soon, int(Band.LATE)),
        else_=int(Band.REST),
    )


def _ranked(task: Subquery) -> Select[Any]:
    return (
        select(task.c.id)
        .select_from(task)
        .outerjoin(ACCOUNT, ACCOUNT.c.id == task.c.account_id)
        .where(_there(task))
        .order_by(
            _band(task),
            case((ACCOUNT.c.tier > 0, ACCOUNT.c.tier), else_=99),
            func.coalesce(ACCOUNT.c.engagement, 0.0).desc(),
            task.c.due_at.is_(None),
            task.c.due_at,
            task.c.opened_at,
            task.c.id,
        )
        .limit(bindparam("most"))
    )


_OF_USER, _EVERYBODYS = _ranked(_MINE), _ranked(_ALL)
_LEFT = select(
    func.coalesce(func.sum(case((_there(_MINE), 1), else_=0)), 0),
    func.count(),
    func.min(case((_there(_MINE), None), else_=_MINE.c.later_at)),
).select_from(_MINE)


_POSTPONED = (
    select(_MINE.c.id)
    .where(_MINE.c.later_at > instant("now"))
    .order_by(_MINE.c.later_at, _MINE.c.id)
    .limit(bindparam("most"))
)


class Left(NamedTuple):
    """How many tasks wait in a queue now, how many rest, and when the first of those comes."""

    now: int
    later: int
    next_at: datetime | None


def of_user(
    session: Session, user_id: int | None, team: str, now: datetime, limit: int
) -> list[Card]:
    """The tasks of one user (None: nobody's) and of the shared queue of a team ("": none), the
    next best first."""
    return _page(session, _OF_USER, _asked(now, limit) | {"user": user_id, "team": team})


def everybodys(session: Session, now: datetime, limit: int) -> list[Card]:
    """Everybody's tasks, in the same order."""
    return _page(session, _EVERYBODYS, _asked(now, limit))


def postponed(session: Session, user_id: int, team: str, now: datetime, limit: int) -> list[Card]:
    """The tasks of a user's queue that rest until later, the next one first."""
    asked = {"user": user_id, "team": team, "now": now, "most": limit}
    return cards(session, session.connection().execute(_POSTPONED, asked).scalars().all(), now)


def left(session: Session, user_id: int, team: str, now: datetime) -> Left:
    """How much waits in a user's queue."""
    asked = {"user": user_id, "team": team, "now": now}
    waits, all_, next_at = session.connection().execute(_LEFT, asked).one()
    return Left(waits, all_ - waits, next_at)


def _page(session: Session, query: Select[Any], asked: dict[str, Any]) -> list[Card]:
    ids = session.connection().execute(query, asked).scalars().all()
    return cards(session, ids, asked["now"])


def _asked(now: datetime, limit: int) -> dict[str, Any]:
    return {
        "now": now, "soon": now + AT_RISK, "heads_up": now + HEADS_UP, "since": now - FRESH,
        "most": limit,
    }  # fmt: skip


# ---------------------------------------------------------------- a team's work


class Load(NamedTuple):
    """What lies on one desk; `user_id` is None for a team's shared queue, and names its `team`."""

    user_id: int | None
    team: str
    open: int
    late: int
    oldest_due: datetime | None


_LATE = func.coalesce(func.sum(case((TASK.c.due_at < instant("now"), 1), else_=0)), 0)
# Both are answered from an index alone.
_BY_USER = (
    select(TASK.c.assignee_id, func.count(), _LATE, func.min(TASK.c.due_at))
    .where(_OPEN, TASK.c.assignee_id.is_not(None))
    .group_by(TASK.c.assignee_id)
)
_SHARED = (
    select(TASK.c.team, func.count(), _LATE, func.min(TASK.c.due_at))
    .where(_OPEN, _UNASSIGNED)
    .group_by(TASK.c.team)
)


def loads(session: Session, now: datetime) -> list[Load]:
    """How much lies on everybody's desk and in each team's shared queue."""
    connection, asked = session.connection(), {"now": now}
    own = [Load(row[0], "", *row[1:]) for row in connection.execute(_BY_USER, asked)]
    return own + [Load(None, *row) for row in connection.execute(_SHARED, asked)]
