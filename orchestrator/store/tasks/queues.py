"""Whose turn it is: open tasks in the order of `ranking`, as three queries however many there are.

The ids are sorted first and the wide rows are read for one page of them alone. A queue of thousands
is not sorted whole: what is owed comes first, then what an account has just done, and a page that
these fill asks for nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
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
_ASKED = ("id", "account_id", "purpose", "kind", "opened_at", "due_at", "later_at", "agreed_at")


def _open(*where: Any) -> Select[Any]:
    return select(*(TASK.c[name] for name in _ASKED)).where(_OPEN, *where)


# Each walks an index of its own; an OR of both would read the whole table.
_OWN = (TASK.c.assignee_id == bindparam("user"),)
_SHARED = (_UNASSIGNED, TASK.c.team == bindparam("team"))


def _mine(name: str, *where: Any) -> Subquery:
    return union_all(_open(*_OWN, *where), _open(*_SHARED, *where)).subquery(name)


_MINE, _RESTING = _mine("mine"), _mine("resting", TASK.c.later_at > instant("now"))
_ALL = _open().subquery("everybodys")


def _there(task: Subquery) -> ColumnElement[bool]:
    """Not put off until later."""
    return or_(task.c.later_at.is_(None), task.c.later_at <= instant("now"))


def _agreed(task: Subquery) -> ColumnElement[bool]:
    return task.c.agreed_at <= instant("heads_up")


def _soon(task: Subquery) -> ColumnElement[bool]:
    return task.c.due_at <= instant("soon")


def _promise(task: Subquery) -> ColumnElement[bool]:
    return and_(_soon(task), or_(task.c.purpose.in_(PROMISED), task.c.kind == "hand_off"))


def _band(task: Subquery) -> ColumnElement[int]:
    return case(
        (_agreed(task), int(Band.AGREED)),
        (_promise(task), int(Band.PROMISE)),
        (moment().is_not(None), int(Band.MOMENT)),
        (_soon(task), int(Band.LATE)),
        else_=int(Band.REST),
    )


def _in_turn(task: Subquery) -> tuple[Select[Any], ...]:
    """Queries of which each finds what comes before all that the later ones find.

    The band decides; what is said beside it follows from it, and is there for the indexes.
    """
    band = _band(task)
    return (
        _ranked(task, band <= int(Band.PROMISE), or_(_agreed(task), _promise(task))),
        _ranked(task, band == int(Band.MOMENT), *fresh()),
        _ranked(task, band > int(Band.MOMENT)),
    )


def _ranked(task: Subquery, *where: ColumnElement[bool]) -> Select[Any]:
    return (
        select(task.c.id)
        .select_from(task)
        .outerjoin(ACCOUNT, ACCOUNT.c.id == task.c.account_id)
        .where(_there(task), *where)
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


_OF_USER, _EVERYBODYS = _in_turn(_MINE), _in_turn(_ALL)


def _number(*where: Any) -> ScalarSelect[int]:
    return select(func.count()).select_from(TASK).where(_OPEN, *where).scalar_subquery()


# Thousands are counted in their indexes; few of them rest, and those are in one of their own.
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


def _page(session: Session, in_turn: Sequence[Select[Any]], asked: dict[str, Any]) -> list[Card]:
    ids: list[int] = []
    for query in in_turn:
        if most := asked["most"] - len(ids):
            ids += session.connection().execute(query, asked | {"most": most}).scalars()
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
