"""The desk's table: whose task is next, and who closed it first.

Closing, reopening and handing over are each one conditional UPDATE; its row count says who won.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, case, func, select, update
from sqlmodel import Session

from orchestrator.ranking import FRESH, Standing
from orchestrator.store.statements import among_param, instant
from orchestrator.store.tables import ACCOUNT, ACTIVITY, CONTACT, TASK, TOUCH


class Card(NamedTuple):
    """A task as it lies on the desk, with the names of whom it is about."""

    id: int
    enrollment_id: int | None
    account_id: int | None
    contact_id: int | None
    step: str
    party_key: str
    occurrence: int
    purpose: str
    kind: str
    team: str
    assignee_id: int | None
    title: str
    body: str
    template: str
    variant: str
    status: str
    reason: str
    disposition: str
    outcome: str
    note: str
    opened_at: datetime
    due_at: datetime | None
    later_at: datetime | None
    agreed_at: datetime | None
    ended_at: datetime | None
    done_by: int | None
    done_token: str
    account: str
    contact: str
    tier: int
    score: float
    # The account's newest moment of interest, if it is fresh.
    moment_at: datetime | None

    @property
    def standing(self) -> Standing:
        """What the order of the queue asks of it."""
        return Standing(*(getattr(self, name) for name in Standing._fields))


def fresh() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The account's newest moment of interest lies between `since` and `now`: both hold."""
    at = ACCOUNT.c.moment_at
    return at > instant("since"), at <= instant("now")


def moment() -> ColumnElement[datetime]:
    """The account's newest moment of interest, if it is fresh."""
    return case((and_(*fresh()), ACCOUNT.c.moment_at))


_WHOLE = (
    select(
        *(TASK.c[name] for name in Card._fields[:-5]),
        func.coalesce(ACCOUNT.c.name, ""),
        func.coalesce(CONTACT.c.name, ""),
        func.coalesce(ACCOUNT.c.tier, 0),
        func.coalesce(ACCOUNT.c.engagement, 0.0),
        moment(),
    )
    .select_from(TASK)
    .outerjoin(ACCOUNT, ACCOUNT.c.id == TASK.c.account_id)
    .outerjoin(CONTACT, CONTACT.c.id == TASK.c.contact_id)
)
_ONE = _WHOLE.where(TASK.c.id == bindparam("of_id"))
_MANY = _WHOLE.where(among_param(TASK.c.id, "ids"))


def card(session: Session, task_id: int, now: datetime) -> Card | None:
    """One task."""
    asked = {"of_id": task_id, "since": now - FRESH, "now": now}
    row = session.connection().execute(_ONE, asked).first()
    return Card._make(row) if row else None


def cards(session: Session, ids: Sequence[int], now: datetime) -> list[Card]:
    """Tasks by their ids, in that order."""
    if not ids:
        return []
    asked = {"ids": ids, "since": now - FRESH, "now": now}
    found = {row.id: Card._make(row) for row in session.connection().execute(_MANY, asked)}
    return [found[id_] for id_ in ids if id_ in found]


def done_since(session: Session, user_id: int, since: datetime) -> int:
    """How many tasks a user has ended since then."""
    query = select(func.count()).where(TASK.c.done_by == user_id, TASK.c.ended_at >= since)
    return int(session.connection().execute(query).scalar_one())


def ended_under(session: Session, user_id: int, token: str, since: datetime) -> int | None:
    """The task that this user has ended under this token since then."""
    query = select(TASK.c.id).where(
        TASK.c.done_by == user_id, TASK.c.ended_at >= since, TASK.c.done_token == token
    )
    return session.connection().execute(query).scalars().first()


# ---------------------------------------------------------------- conditional updates


# A task that its `overdue` chain passed over keeps the end that the play went on from.
_CLOSE = (
    update(TASK)
    .where(TASK.c.id == bindparam("of_id"), TASK.c.status == "open")
    .values(
        status=bindparam("to_status"),
        disposition=bindparam("to_disposition"),
        outcome=case((TASK.c.ended_at.is_(None), bindparam("to_outcome")), else_=TASK.c.outcome),
        reason=bindparam("to_reason"),
        note=bindparam("to_note"),
        ended_at=func.coalesce(TASK.c.ended_at, instant("at")),
        done_by=bindparam("by"),
        done_token=bindparam("token"),
    )
)


def close(
    session: Session,
    task_id: int,
    *,
    status: str,
    disposition: str,
    outcome: str,
    reason: str,
    note: str,
    at: datetime,
    by: int,
    token: str,
) -> bool:
    """End an open task; False if somebody was faster."""
    values = {
        "of_id": task_id, "to_status": status, "to_disposition": disposition,
        "to_outcome": outcome, "to_reason": reason, "to_note": note, "at": at, "by": by,
        "token": token,
    }  # fmt: skip
    return session.connection().execute(_CLOSE, values).rowcount == 1


def reopen(session: Session, was: Card, closed: Card) -> bool:
    """Put a closed task back as it was; False if it is no longer closed in the same way."""
    values = {
        name: getattr(was, name)
        for name in (
            "status", "disposition", "outcome", "reason", "note", "ended_at", "done_by",
            "done_token",
        )
    }  # fmt: skip
    statement = (
        update(TASK)
        .where(
            TASK.c.id == closed.id,
            TASK.c.status == closed.status,
            TASK.c.done_by == closed.done_by,
            TASK.c.done_token == closed.done_token,
        )
        .values(values)
    )
    return session.connection().execute(statement).rowcount == 1


def withdraw(session: Session, task_id: int, now: datetime) -> None:
    """End an open task that nobody needs to do."""
    statement = update(TASK).where(TASK.c.id == task_id, TASK.c.status == "open")
    values = {"status": "cancelled", "outcome": "not_done", "ended_at": now}
    session.connection().execute(statement.values(values))


def hand_over(session: Session, task_id: int, to: int | None) -> bool:
    """Give an open task to somebody, or to the team's shared queue; False if it is not open."""
    statement = update(TASK).where(TASK.c.id == task_id, TASK.c.status == "open")
    return session.connection().execute(statement.values(assignee_id=to)).rowcount == 1


def postpone(
    session: Session,
    task_id: int,
    later_at: datetime | None,
    agreed_at: datetime | None,
    due_at: datetime | None,
) -> bool:
    """Let an open task rest until then, or (None) no more; False if it is not open."""
    statement = update(TASK).where(TASK.c.id == task_id, TASK.c.status == "open")
    values = {"later_at": later_at, "agreed_at": agreed_at, "due_at": due_at}
    return session.connection().execute(statement.values(values)).rowcount == 1


# ---------------------------------------------------------------- what a task is about


class Closing(NamedTuple):
    """An entry of the log that tells of a task's closing, or of its undoing."""

    at: datetime
    id: int
    kind: str
    actor_id: int | None
    text: str
    data: dict[str, Any]


def last_closing(session: Session, task: Card, since: datetime) -> Closing | None:
    """The newest entry, from `since` on, that tells of this task's closing or undoing."""
    query = (
        select(*(ACTIVITY.c[name] for name in Closing._fields))
        .where(
            ACTIVITY.c.at >= since,
            ACTIVITY.c.account_id == task.account_id,
            ACTIVITY.c.kind.in_(("task.done", "task.skipped", "task.undone")),
        )
        .order_by(ACTIVITY.c.at.desc(), ACTIVITY.c.id.desc())
    )
    entries = (Closing._make(row) for row in session.connection().execute(query))
    return next((one for one in entries if one.data.get("task_id") == task.id), None)


def has_feedback(session: Session, task: Card) -> bool:
    """Whether the log has feedback about this task since it was opened."""
    query = select(ACTIVITY.c.data).where(
        ACTIVITY.c.account_id == task.account_id,
        ACTIVITY.c.kind == "feedback",
        ACTIVITY.c.at >= task.opened_at,
    )
    found = session.connection().execute(query).scalars()
    return any(data.get("task_id") == task.id for data in found)


def draft_of(session: Session, task: Card, status: str) -> int | None:
    """The touch that an approval is about, if it stands so."""
    query = select(TOUCH.c.id).where(
        TOUCH.c.enrollment_id == task.enrollment_id,
        TOUCH.c.step == task.step,
        TOUCH.c.party_key == task.party_key,
        TOUCH.c.occurrence == task.occurrence,
        TOUCH.c.status == status,
    )
    return session.connection().execute(query).scalars().first()


def move_draft(
    session: Session, touch_id: int, now: datetime | None, *, of: str, to: str, reason: str = ""
) -> bool:
    """Cancel a draft, or make a message that has not left one again; False if it has moved on."""
    statement = (
        update(TOUCH)
        .where(TOUCH.c.id == touch_id, TOUCH.c.status == of)
        .values(status=to, reason=reason, ended_at=now, outcome="not_done" if now else "", owner="")
    )
    return session.connection().execute(statement).rowcount == 1


def country_of(session: Session, contact_id: int) -> str:
    """Where a contact lives, or else the account: numbers are dialled from there."""
    query = (
        select(func.coalesce(func.nullif(CONTACT.c.country, ""), ACCOUNT.c.country))
        .join_from(CONTACT, ACCOUNT, ACCOUNT.c.id == CONTACT.c.account_id)
        .where(CONTACT.c.id == contact_id)
    )
    return session.connection().execute(query).scalar() or ""


def add_address(session: Session, contact_id: int, values: dict[str, str]) -> None:
    """Write what a search for a contact's address found."""
    statement = update(CONTACT).where(CONTACT.c.id == contact_id).values(values)
    session.connection().execute(statement)
