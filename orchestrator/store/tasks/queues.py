"""Whose turn it is: open tasks in the order of `ranking`, as a few queries however many there are.

The ids are sorted first and the wide rows are read for one page of them alone. PostgreSQL would
read every account to sort a queue of thousands: it is asked for what is owed, then for what an
account has just done, and for nothing else when these fill the page. SQLite looks up the account of
each task in any case, and does so once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
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
from orchestrator.store.tasks.tasks import Card, cards, fresh, moment

# As text, so that the partial indexes of what is open are found.
_OPEN = text("task.status = 'open'")
_UNASSIGNED = text("task.assignee_id IS NULL")
# Each of the two walks an index of its own; an OR of both would read the whole table.
_OWN = (TASK.c.assignee_id == bindparam("user"),)
_SHARED = (_UNASSIGNED, TASK.c.team == bindparam("team"))

_THERE = or_(TASK.c.later_at.is_(None), TASK.c.later_at <= instant("now"))  # not put off
_AGREED = TASK.c.agreed_at <= instant("heads_up")
_PROMISE = and_(
    TASK.c.due_at <= instant("soon"),
    or_(TASK.c.purpose.in_(PROMISED), TASK.c.kind == "hand_off"),
)
_OWED = case((_AGREED, int(Band.AGREED)), (_PROMISE, int(Band.PROMISE))).label("owed")


def _waiting(*where: Any) -> Select[Any]:
    """What the order asks of the tasks of a queue: few columns, of which thousands are sorted."""
    columns = (TASK.c[name] for name in ("id", "account_id", "due_at", "opened_at"))
    return select(*columns, _OWED).where(_OPEN, _THERE, *where)


def _mine(*where: Any) -> Subquery:
    return union_all(_waiting(*_OWN, *where), _waiting(*_SHARED, *where)).subquery("mine")


def _everybodys(*where: Any) -> Subquery:
    return _waiting(*where).subquery("everybodys")


def _band(task: Subquery) -> ColumnElement[int]:
    late = case((task.c.due_at <= instant("soon"), int(Band.LATE)), else_=int(Band.REST))
    return func.coalesce(task.c.owed, case((moment().is_not(None), int(Band.MOMENT)), else_=late))


def _queries(waiting: Callable[..., Subquery]) -> dict[str, tuple[Select[Any], ...]]:
    """By dialect: each query finds what comes before all that the later ones find."""
    owed, task = waiting(or_(_AGREED, _PROMISE)), waiting()
    band = _band(task)
    return {
        "sqlite": (_ranked(task),),
        "postgresql": (
            _ranked(owed),
            _ranked(task, band == int(Band.MOMENT), *fresh()),
            _ranked(task, band > int(Band.MOMENT)),
        ),
    }


def _ranked(task: Subquery, *where: ColumnElement[bool]) -> Select[Any]:
    return (
        select(task.c.id)
        .select_from(task)
        .outerjoin(ACCOUNT, ACCOUNT.c.id == task.c.account_id)
        .where(*where)
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


_OF_USER, _EVERYBODYS = _queries(_mine), _queries(_everybodys)


def _number(*where: Any) -> ScalarSelect[int]:
    return select(func.count()).select_from(TASK).where(_OPEN, *where).scalar_subquery()


def _resting(*where: Any) -> Select[Any]:
    later = TASK.c.later_at > instant("now")
    return select(TASK.c.id, TASK.c.later_at).where(_OPEN, later, *where)


# Thousands are counted in their indexes; few of them rest, and those are in one of their own.
_RESTING = union_all(_resting(*_OWN), _resting(*_SHARED)).subquery("resting")
_LEFT = select(
    _number(*_OWN) + _number(*_SHARED), func.count(), func.min(_RESTING.c.later_at)
).select_from(_RESTING)
_POSTPONED = (
    select(_RESTING.c.id).order_by(_RESTING.c.later_at, _RESTING.c.id).limit(bindparam("most"))
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
    all_, rest, next_at = session.connection().execute(_LEFT, asked).one()
    return Left(all_ - rest, rest, next_at)


def _page(
    session: Session, queries: Mapping[str, Sequence[Select[Any]]], asked: dict[str, Any]
) -> list[Card]:
    connection, ids = session.connection(), list[int]()
    for query in queries[connection.dialect.name]:
        if most := asked["most"] - len(ids):
            ids += connection.execute(query, asked | {"most": most}).scalars()
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
_BY_TEAM = (
    select(TASK.c.team, func.count(), _LATE, func.min(TASK.c.due_at))
    .where(_OPEN, _UNASSIGNED)
    .group_by(TASK.c.team)
)


def loads(session: Session, now: datetime) -> list[Load]:
    """How much lies on everybody's desk and in each team's shared queue."""
    connection, asked = session.connection(), {"now": now}
    own = [Load(row[0], "", *row[1:]) for row in connection.execute(_BY_USER, asked)]
    return own + [Load(None, *row) for row in connection.execute(_BY_TEAM, asked)]
