"""What is new since a moment ago: tasks, and what accounts have just done.

Whoever commits out of the order of ids is not heard of here; the next page that is opened has it.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, or_, select, text
from sqlmodel import Session

from orchestrator.ranking import MOMENTS
from orchestrator.store.statements import instant
from orchestrator.store.tables import ACCOUNT, ACTIVITY, TASK, TEAM

_OPEN = text("task.status = 'open'")


class Mark(NamedTuple):
    """The newest task and the newest entry of the log that are known."""

    task: int
    entry: int


class NewTask(NamedTuple):
    """A task that has just been opened."""

    id: int
    assignee_id: int | None
    team: str


class Moment(NamedTuple):
    """What an account has just done, for one of its team."""

    entry: int
    user_id: int
    account_id: int
    account: str
    text: str


def mark(session: Session, since: datetime) -> Mark:
    """Where the news begins."""
    task = select(func.coalesce(func.max(TASK.c.id), 0))
    entry = select(func.coalesce(func.max(ACTIVITY.c.id), 0)).where(ACTIVITY.c.at > since)
    connection = session.connection()
    return Mark(connection.execute(task).scalar_one(), connection.execute(entry).scalar_one())


def tasks(session: Session, after: int, limit: int) -> list[NewTask]:
    """Open tasks that are newer, the oldest first."""
    query = select(*(TASK.c[name] for name in NewTask._fields)).where(_OPEN, TASK.c.id > after)
    rows = session.connection().execute(query.order_by(TASK.c.id).limit(limit))
    return [NewTask._make(row) for row in rows]


_MOMENTS = (
    select(ACTIVITY.c.id, TEAM.c.user_id, ACCOUNT.c.id, ACCOUNT.c.name, ACTIVITY.c.text)
    .join_from(ACTIVITY, ACCOUNT, ACCOUNT.c.id == ACTIVITY.c.account_id)
    .join(TEAM, TEAM.c.account_id == ACCOUNT.c.id)
    .where(
        ACTIVITY.c.at > instant("since"),
        ACTIVITY.c.at <= instant("now"),
        or_(ACTIVITY.c.kind.in_(MOMENTS), ACTIVITY.c.kind.like("form.%")),
    )
)


def moments(
    session: Session, after: int, since: datetime, now: datetime, limit: int
) -> list[Moment]:
    """Moments of interest that are newer, the oldest first, for everybody on the account's team."""
    query = _MOMENTS.where(ACTIVITY.c.id > after).order_by(ACTIVITY.c.id).limit(limit)
    rows = session.connection().execute(query, {"since": since, "now": now})
    return [Moment._make(row) for row in rows]
