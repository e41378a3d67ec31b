"""Playbooks, their versions, agreements and enrollments."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, case, update
from sqlmodel import Session, SQLModel

from accounts.columns import Instant
from orchestrator.store.database import among_param

ENROLLMENT = SQLModel.metadata.tables["enrollment"]

_NOW = bindparam("now", type_=Instant())
# Built once: every end of a touch wakes its play.
_WAKE = (
    update(ENROLLMENT)
    .where(among_param(ENROLLMENT.c.id, "ids"), ENROLLMENT.c.status.in_(("active", "paused")))
    .values(
        next_due_at=case((ENROLLMENT.c.status == "active", _NOW), else_=ENROLLMENT.c.next_due_at),
        fence=ENROLLMENT.c.fence + 1,
        owner="",
        lease_until=None,
    )
)
_WAKE_URGENTLY = _WAKE.values(woken_at=_NOW)


def wake(session: Session, enrollment_ids: Collection[int], now: datetime, *, urgent: bool) -> int:
    """Make live enrollments due at once and void every claim on them; how many there were.

    Paused ones keep their date. `urgent` lets the next `react` pass take them before what is
    merely due.
    """
    statement = _WAKE_URGENTLY if urgent else _WAKE
    return session.connection().execute(statement, {"ids": enrollment_ids, "now": now}).rowcount
