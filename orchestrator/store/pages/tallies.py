"""The whole log and the ledger, counted: what happened in all, for summaries and scoreboards."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import case, distinct, func, select
from sqlmodel import Session

from orchestrator.store.running.ticks import REASON
from orchestrator.store.tables import ACCOUNT, ACTIVITY, ENROLLMENT, TASK, TOUCH

MAIL = ("email", "notify")  # channels whose messages are mails


class Told(NamedTuple):
    """How often the log tells of one kind of thing; `reason` only for what was held back."""

    playbook: str
    step: str
    team: str
    kind: str
    reason: str
    number: int


class Ended(NamedTuple):
    """How many rows of the ledger stand so: touches by status, tasks by disposition."""

    what: str
    how: str
    number: int


_GROUP = (
    func.coalesce(ENROLLMENT.c.playbook, "").label("playbook"),
    ACTIVITY.c.step,
    ACTIVITY.c.team,
    ACTIVITY.c.kind,
    REASON.label("reason"),
)
_TOLD = (
    select(*_GROUP, func.count().label("number"))
    .select_from(ACTIVITY)
    .outerjoin(ENROLLMENT, ENROLLMENT.c.id == ACTIVITY.c.enrollment_id)
    .group_by(*_GROUP)
    .order_by(*_GROUP)
)


def told(session: Session) -> list[Told]:
    """The activity log by playbook, step, team, kind and reason."""
    return [Told(*row) for row in session.connection().execute(_TOLD)]


def touches(session: Session) -> list[Ended]:
    """Touches by channel and status."""
    return _count(session, TOUCH.c.channel, TOUCH.c.status)


def tasks(session: Session) -> list[Ended]:
    """Tasks by kind and how they ended; open ones are `open`."""
    how = case((TASK.c.disposition != "", TASK.c.disposition), else_=TASK.c.status)
    return _count(session, TASK.c.kind, how)


def plays(session: Session) -> list[Ended]:
    """Enrollments by playbook and outcome; those that have none by their status."""
    how = case((ENROLLMENT.c.outcome != "", ENROLLMENT.c.outcome), else_=ENROLLMENT.c.status)
    return _count(session, ENROLLMENT.c.playbook, how)


def mail_ids(session: Session, *statuses: str) -> set[str]:
    """`key.resend` of every mail in one of the statuses: what stands before the @ of its id."""
    query = select(TOUCH.c.key, TOUCH.c.resend).where(
        TOUCH.c.channel.in_(MAIL), TOUCH.c.status.in_(statuses)
    )
    return {f"{key}.{resend}" for key, resend in session.connection().execute(query)}


def busiest(session: Session) -> str:
    """The account with the most kinds of entries on its log, the first of several; "" if none."""
    kinds = func.count(distinct(ACTIVITY.c.kind))
    query = (
        select(ACCOUNT.c.name)
        .join_from(ACTIVITY, ACCOUNT, ACCOUNT.c.id == ACTIVITY.c.account_id)
        .group_by(ACCOUNT.c.id, ACCOUNT.c.name)
        .order_by(kinds.desc(), ACCOUNT.c.id)
        .limit(1)
    )
    return session.connection().execute(query).scalar() or ""


def _count(session: Session, what: Any, how: Any) -> list[Ended]:
    query = select(what, how, func.count()).group_by(what, how).order_by(what, how)
    return [Ended(*row) for row in session.connection().execute(query)]
