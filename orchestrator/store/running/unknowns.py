"""What a person decides about single touches: settle an unknown, send it again, release a draft."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, exists, func, literal, select, update
from sqlmodel import Session

from accounts.columns import Instant
from orchestrator.records.outgoing import UNKNOWN, Touch
from orchestrator.store.statements import insert_new
from orchestrator.store.tables import ACCOUNT, BODY, CONTACT, TOUCH


class Unknown(NamedTuple):
    """A touch that may or may not have reached the other side, and nobody knows yet."""

    id: int
    key: str
    resend: int
    channel: str
    step: str
    enrollment_id: int
    account_id: int
    contact_id: int | None
    reply: str
    intent_at: datetime
    lease_until: datetime | None  # real time; not sent again before
    account: str
    contact: str


_COLUMNS = [TOUCH.c[name] for name in Unknown._fields[:-2]]
_LATER = TOUCH.alias("later")
_SENT_AGAIN = exists().where(
    _LATER.c.enrollment_id == TOUCH.c.enrollment_id,
    _LATER.c.key == TOUCH.c.key,
    _LATER.c.resend > TOUCH.c.resend,
)
_UNKNOWN = (
    select(*_COLUMNS, ACCOUNT.c.name, func.coalesce(CONTACT.c.name, ""))
    .join_from(TOUCH, ACCOUNT, ACCOUNT.c.id == TOUCH.c.account_id)
    .outerjoin(CONTACT, CONTACT.c.id == TOUCH.c.contact_id)
    .where(UNKNOWN, ~_SENT_AGAIN)
    .order_by(TOUCH.c.intent_at, TOUCH.c.id)
)


def unknown(session: Session) -> list[Unknown]:
    """All that is unknown and was not sent again, the oldest first."""
    return [Unknown._make(row) for row in session.connection().execute(_UNKNOWN)]


def get(session: Session, touch_id: int) -> Unknown | None:
    """The unknown touch of that id, if it is one."""
    row = session.connection().execute(_UNKNOWN.where(TOUCH.c.id == touch_id)).first()
    return Unknown._make(row) if row else None


def settle(session: Session, touch_id: int, *, status: str, outcome: str, reason: str) -> bool:
    """Say what became of an unknown touch; False if it is no longer unknown."""
    statement = (
        update(TOUCH)
        .where(TOUCH.c.id == touch_id, TOUCH.c.status == "unknown")
        .values(status=status, outcome=outcome, reason=reason, lease_until=None)
    )
    return session.connection().execute(statement).rowcount == 1


# The next send of the same message: the same party, one number higher, due whenever.
_AGAIN = select(
    *(
        TOUCH.c[name]
        for name in (
            "enrollment_id", "account_id", "contact_id", "step", "party_key", "occurrence", "key",
            "resend", "channel", "template", "variant", "sender_id", "planned_at",
        )
    )
)  # fmt: skip


def send_again(session: Session, touch_id: int, now: datetime) -> bool:
    """Plan a touch once more; False if somebody else just did."""
    row = session.connection().execute(_AGAIN.where(TOUCH.c.id == touch_id)).mappings().one()
    again = {**row, "resend": row["resend"] + 1, "due_at": now, **_FRESH}
    return insert_new(session, Touch, [again]) == 1


_FRESH = {
    "status": "ready", "reason": "", "outcome": "", "reply": "", "owner": "", "flow_run_id": "",
    "fence": 0, "attempt": 0,
}  # fmt: skip


class Draft(NamedTuple):
    """A message that waits for somebody's yes."""

    id: int
    enrollment_id: int
    account_id: int
    contact_id: int | None
    step: str
    content: bytes


def draft(session: Session, touch_id: int) -> Draft | None:
    """The draft of that id once its bytes are frozen, else None."""
    query = (
        select(*(TOUCH.c[name] for name in Draft._fields[:-1]), BODY.c.content)
        .join_from(TOUCH, BODY, BODY.c.touch_id == TOUCH.c.id)
        .where(TOUCH.c.id == touch_id, TOUCH.c.status == "draft")
    )
    row = session.connection().execute(query).first()
    return Draft._make(row) if row else None


def release(session: Session, touch_id: int, now: datetime) -> bool:
    """Let a draft go, now or when it is due; False if it is no longer a draft."""
    due = case((TOUCH.c.due_at < now, literal(now, Instant())), else_=TOUCH.c.due_at)
    statement = (
        update(TOUCH)
        .where(TOUCH.c.id == touch_id, TOUCH.c.status == "draft")
        .values(status="ready", due_at=due)
    )
    return session.connection().execute(statement).rowcount == 1
