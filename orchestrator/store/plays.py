"""Playbooks, their versions, agreements and enrollments."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import case, literal, update
from sqlmodel import Session, col

from accounts.columns import Instant
from orchestrator.records import Enrollment
from orchestrator.store.database import among


def wake(session: Session, enrollment_ids: Collection[int], now: datetime, *, urgent: bool) -> int:
    """Make live enrollments due at once and void every claim on them; how many there were.

    Paused ones keep their date. `urgent` lets the next `react` pass take them before what is
    merely due.
    """
    active = col(Enrollment.status) == "active"
    values: dict[str, Any] = {
        "next_due_at": case((active, literal(now, Instant())), else_=col(Enrollment.next_due_at)),
        "fence": col(Enrollment.fence) + 1,
        "owner": "",
        "lease_until": None,
    }
    if urgent:
        values["woken_at"] = now
    live = col(Enrollment.status).in_(("active", "paused"))
    statement = update(Enrollment).where(among(col(Enrollment.id), enrollment_ids), live)
    return session.connection().execute(statement.values(values)).rowcount
