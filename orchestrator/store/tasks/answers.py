"""Answers that somebody of us wrote: what they answer, and the way back before they leave."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select, update
from sqlmodel import Session

from orchestrator.store.tables import ACTIVITY, ENROLLMENT, INBOX, TOUCH
from orchestrator.terms import AN_ANSWER


class Heard(NamedTuple):
    """The newest reply of a person, as it came in."""

    at: datetime
    payload: dict[str, Any]


def newest_reply(session: Session, account_id: int, contact_id: int) -> Heard | None:
    """What the person last wrote to us; None where nothing of it is kept."""
    told = (
        select(ACTIVITY.c.data)
        .where(
            ACTIVITY.c.account_id == account_id,
            ACTIVITY.c.kind.like("reply.%"),
            ACTIVITY.c.contact_id == contact_id,
            ACTIVITY.c.team == "contact",
        )
        .order_by(ACTIVITY.c.at.desc(), ACTIVITY.c.id.desc())
        .limit(1)
    )
    data = session.connection().execute(told).scalar() or {}
    query = select(INBOX.c.at, INBOX.c.payload).where(INBOX.c.id == data.get("inbox_id"))
    row = session.connection().execute(query).first()
    return Heard._make(row) if row else None


def play_of(session: Session, account_id: int) -> int | None:
    """The account's newest play, under which an answer is kept: live, or over by now."""
    query = select(func.max(ENROLLMENT.c.id)).where(
        ENROLLMENT.c.account_id == account_id,
        or_(ENROLLMENT.c.activated_at.is_not(None), ENROLLMENT.c.status != "waiting"),
    )
    return session.connection().execute(query).scalar()


def count(session: Session, enrollment_id: int, party_key: str) -> int:
    """How many answers somebody has had in a play, sent or not."""
    query = select(func.count()).where(
        TOUCH.c.enrollment_id == enrollment_id,
        TOUCH.c.step == AN_ANSWER,
        TOUCH.c.party_key == party_key,
    )
    return int(session.connection().execute(query).scalar_one())


def withdraw(session: Session, touch_id: int, now: datetime, reason: str) -> bool:
    """Keep an answer that has not left; False if it is on its way."""
    statement = (
        update(TOUCH)
        .where(TOUCH.c.id == touch_id, TOUCH.c.status == "ready")
        .values(status="cancelled", reason=reason, ended_at=now, outcome="not_done")
    )
    return session.connection().execute(statement).rowcount == 1
