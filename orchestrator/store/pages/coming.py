"""All that is to happen within a stretch of time: touches, tasks, and steps that have a date."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, text
from sqlmodel import Session

from orchestrator.store.tables import ACCOUNT, CONTACT, ENROLLMENT, RUN, TASK, TOUCH, USER

# As text, so that the partial indexes of what waits and of what is open are found.
_WAITING = text("(touch.status = 'ready' OR (touch.status = 'sending' AND touch.owner = ''))")
_OPEN = text("task.status = 'open'")
_BY = func.coalesce(func.nullif(USER.c.full_name, ""), USER.c.name, "")
_TASK_AT = func.coalesce(TASK.c.agreed_at, TASK.c.later_at, TASK.c.due_at)


class Within(NamedTuple):
    """From when until when, and whose: everything that is said must hold."""

    since: datetime
    until: datetime
    playbook: str = ""
    user_id: int | None = None
    limit: int = 2000


class Coming(NamedTuple):
    """One thing to come. `agreed` says that the person named this time; a step has no kind yet."""

    at: datetime
    what: str  # touch, task, step
    id: int
    title: str
    kind: str
    team: str
    account_id: int
    account: str
    who: str
    by: str
    playbook: str
    version_id: int | None
    reason: str
    agreed: bool


def coming(session: Session, within: Within) -> list[Coming]:
    """At most `limit` of each sort, in the order of time."""
    parts = [_touches(within), _tasks(within)]
    if within.user_id is None:
        parts.append(_steps(within))  # nobody's yet
    connection = session.connection()
    found = (Coming._make(row) for part in parts for row in connection.execute(part))
    return sorted(found, key=lambda one: (one.at, one.what, one.id))


def _common(play: Any) -> tuple[ColumnElement[Any], ...]:
    return (
        func.coalesce(ACCOUNT.c.id, 0), func.coalesce(ACCOUNT.c.name, ""),
        func.coalesce(CONTACT.c.name, ""), _BY, func.coalesce(play, ""),
    )  # fmt: skip


def _touches(within: Within) -> Select[Any]:
    query = (
        select(TOUCH.c.due_at, literal("touch"), TOUCH.c.id, TOUCH.c.step, TOUCH.c.channel,
               literal("marketing"), *_common(ENROLLMENT.c.playbook), literal(None),
               TOUCH.c.reason, literal(False))
        .join_from(TOUCH, ENROLLMENT, ENROLLMENT.c.id == TOUCH.c.enrollment_id)
        .join(ACCOUNT, ACCOUNT.c.id == TOUCH.c.account_id)
        .outerjoin(CONTACT, CONTACT.c.id == TOUCH.c.contact_id)
        .outerjoin(USER, USER.c.id == TOUCH.c.sender_id)
        .where(_WAITING)
    )  # fmt: skip
    if within.user_id is not None:
        query = query.where(TOUCH.c.sender_id == within.user_id)
    return _cut(query, TOUCH.c.due_at, within)


def _tasks(within: Within) -> Select[Any]:
    """The first of them are found in the queue's index, and only those are read whole."""
    query = select(TASK.c.id, _TASK_AT.label("at")).where(
        _OPEN, or_(TASK.c.due_at.is_not(None), TASK.c.agreed_at.is_not(None))
    )
    if within.playbook:
        query = query.join(ENROLLMENT, ENROLLMENT.c.id == TASK.c.enrollment_id)
    if within.user_id is not None:
        query = query.where(TASK.c.assignee_id == within.user_id)
    first = _cut(query, _TASK_AT, within).subquery("first")
    return (
        select(first.c.at, literal("task"), TASK.c.id, TASK.c.title, TASK.c.kind, TASK.c.team,
               *_common(ENROLLMENT.c.playbook), literal(None), literal(""),
               TASK.c.agreed_at.is_not(None))
        .join_from(first, TASK, TASK.c.id == first.c.id)
        .outerjoin(ENROLLMENT, ENROLLMENT.c.id == TASK.c.enrollment_id)
        .outerjoin(ACCOUNT, ACCOUNT.c.id == TASK.c.account_id)
        .outerjoin(CONTACT, CONTACT.c.id == TASK.c.contact_id)
        .outerjoin(USER, USER.c.id == TASK.c.assignee_id)
    )  # fmt: skip


def _steps(within: Within) -> Select[Any]:
    query = (
        select(RUN.c.due_at, literal("step"), ENROLLMENT.c.id, RUN.c.step, literal(""), literal(""),
               ACCOUNT.c.id, ACCOUNT.c.name, literal(""), literal(""), ENROLLMENT.c.playbook,
               ENROLLMENT.c.version_id, RUN.c.reason, literal(False))
        .join_from(ENROLLMENT, RUN, RUN.c.enrollment_id == ENROLLMENT.c.id)
        .join(ACCOUNT, ACCOUNT.c.id == ENROLLMENT.c.account_id)
        .where(ENROLLMENT.c.status == "active", ENROLLMENT.c.next_due_at < within.until,
               RUN.c.status == "waiting")
    )  # fmt: skip
    return _cut(query, RUN.c.due_at, within)


def _cut(query: Select[Any], at: Any, within: Within) -> Select[Any]:
    if within.playbook:
        query = query.where(ENROLLMENT.c.playbook == within.playbook)
    return query.where(at >= within.since, at < within.until).order_by(at).limit(within.limit)
