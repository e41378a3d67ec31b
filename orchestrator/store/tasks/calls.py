"""Calls that were made, for the hours at which somebody picks up."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select, text
from sqlmodel import Session

from orchestrator.store.tables import ACCOUNT, CONTACT, TASK
from orchestrator.terms import OutcomeClass

MOST = 300  # of the newest


class Call(NamedTuple):
    """A call: when it ended, whether somebody spoke to us, and where the clock ticks there."""

    at: datetime
    reached: bool
    zone: str = ""


_CALLS = (
    select(
        TASK.c.ended_at,
        TASK.c.outcome,
        func.coalesce(func.nullif(CONTACT.c.zone, ""), ACCOUNT.c.zone, ""),
    )
    .select_from(TASK)
    .outerjoin(ACCOUNT, ACCOUNT.c.id == TASK.c.account_id)
    .outerjoin(CONTACT, CONTACT.c.id == TASK.c.contact_id)
    .where(
        TASK.c.kind == "call",
        TASK.c.purpose == "step",
        TASK.c.status == "done",
        text("task.done_by IS NOT NULL"),
    )
    .order_by(TASK.c.ended_at.desc())
    .limit(MOST)
)
_TO = _CALLS.where(TASK.c.account_id == bindparam("account"))
_BY = _CALLS.where(TASK.c.done_by == bindparam("user"))
_SPOKE = (OutcomeClass.REACHED, OutcomeClass.REFUSED)


def calls_to(session: Session, account_id: int) -> list[Call]:
    """The newest calls to an account's people."""
    return _read(session, _TO, {"account": account_id})


def calls_by(session: Session, user_id: int) -> list[Call]:
    """The newest calls that a user made."""
    return _read(session, _BY, {"user": user_id})


def _read(session: Session, query: Select[Any], asked: dict[str, int]) -> list[Call]:
    rows = session.connection().execute(query, asked)
    return [Call(at, outcome in _SPOKE, zone) for at, outcome, zone in rows]
