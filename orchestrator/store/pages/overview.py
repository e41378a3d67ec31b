"""What a leader asks of the whole house: counts by stage and team, never whole tables."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlmodel import Session

from orchestrator.records.log import CAME
from orchestrator.store.tables import ACCOUNT, ACTIVITY, TASK

# As text, so that the partial index of what was done by hand is found.
_BY_HAND = text("task.done_by IS NOT NULL")


class Stage(NamedTuple):
    """How many accounts are in a stage."""

    name: str
    number: int


class Kept(NamedTuple):
    """The tasks of a team that had a due: how many were ended, and how many of them in time."""

    team: str
    ended: int
    in_time: int


def stages(session: Session) -> list[Stage]:
    """Accounts by stage, the most first."""
    number = func.count().label("number")
    query = (
        select(ACCOUNT.c.stage, number)
        .where(ACCOUNT.c.merged_into.is_(None))
        .group_by(ACCOUNT.c.stage)
        .order_by(number.desc(), ACCOUNT.c.stage)
    )
    return [Stage._make(row) for row in session.connection().execute(query)]


def came(session: Session, since: datetime, until: datetime) -> dict[str, int]:
    """At how many accounts each kind of what the work is for happened."""
    query = (
        select(ACTIVITY.c.kind, func.count(ACTIVITY.c.account_id.distinct()))
        .where(CAME, ACTIVITY.c.at > since, ACTIVITY.c.at <= until)
        .group_by(ACTIVITY.c.kind)
    )
    return dict(session.connection().execute(query).all())


def kept(session: Session, since: datetime) -> list[Kept]:
    """How each team kept its dues, by team."""
    in_time = func.count().filter(TASK.c.ended_at <= TASK.c.due_at)
    query = (
        select(TASK.c.team, func.count(), in_time)
        .where(_BY_HAND, TASK.c.ended_at > since, TASK.c.due_at.is_not(None))
        .group_by(TASK.c.team)
        .order_by(TASK.c.team)
    )
    return [Kept._make(row) for row in session.connection().execute(query)]
