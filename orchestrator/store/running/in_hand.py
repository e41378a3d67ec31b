"""What processes have in hand, and what is to be tried again: for those who watch the engine."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlmodel import Session

from orchestrator.records.outgoing import LEASED, WAITING
from orchestrator.store.running.outgoing import Claimed
from orchestrator.store.tables import ACCOUNT, CONTACT, ENROLLMENT, TOUCH

# ---------------------------------------------------------------- leases


class Lease(NamedTuple):
    """Rows that one process took together: plays to decide on, or touches to send."""

    what: str  # play, touch
    owner: str  # host:process:pass
    until: datetime  # real time
    number: int


def _leases(what: str, table: Table, *where: Any) -> Any:
    return (
        select(
            literal(what).label("what"), table.c.owner, table.c.lease_until,
            func.count().label("number"),
        )
        .where(*where, table.c.lease_until.is_not(None), table.c.owner != "")
        .group_by(table.c.owner, table.c.lease_until)
    )  # fmt: skip


_HELD = union_all(
    _leases("play", ENROLLMENT, text("lease_until IS NOT NULL")), _leases("touch", TOUCH, LEASED)
).subquery()
_LEASES = select(_HELD).order_by(_HELD.c.lease_until, _HELD.c.what, _HELD.c.owner)


def leases(session: Session, limit: int) -> list[Lease]:
    """Who has what in hand, the one that runs out next first."""
    return [Lease._make(row) for row in session.connection().execute(_LEASES.limit(limit))]


# ---------------------------------------------------------------- retries


class Retry(NamedTuple):
    """A touch that was tried in vain and goes again at `due_at`."""

    id: int
    step: str
    channel: str
    account_id: int
    account: str
    contact: str
    attempt: int  # answers of the other side that asked for another try
    swept: int  # processes that died with it in hand
    reason: str
    reply: str
    intent_at: datetime | None  # when an earlier try may have left
    due_at: datetime


_TRIED: ColumnElement[bool] = and_(WAITING, or_(TOUCH.c.attempt > 0, TOUCH.c.swept > 0))
# Found in the partial index first; named beside others, `status` would be anybody's.
_IDS = select(TOUCH.c.id).where(_TRIED).cte("tried")
_RETRIES = (
    select(
        TOUCH.c.id, TOUCH.c.step, TOUCH.c.channel, TOUCH.c.account_id, ACCOUNT.c.name,
        func.coalesce(CONTACT.c.name, ""), TOUCH.c.attempt, TOUCH.c.swept, TOUCH.c.reason,
        TOUCH.c.reply, TOUCH.c.intent_at, TOUCH.c.due_at,
    )
    .join_from(TOUCH, ACCOUNT, ACCOUNT.c.id == TOUCH.c.account_id)
    .outerjoin(CONTACT, CONTACT.c.id == TOUCH.c.contact_id)
    .where(TOUCH.c.id.in_(select(_IDS.c.id)))
    .order_by(TOUCH.c.due_at, TOUCH.c.id)
)  # fmt: skip


def retries(
    session: Session, limit: int, *, after: tuple[datetime, int] | None = None
) -> list[Retry]:
    """What waits to be tried again, the next one first; from `after` (due, id) on."""
    query = _RETRIES.limit(limit)
    if after:
        due, id_ = after
        later = and_(TOUCH.c.due_at == due, TOUCH.c.id > id_)
        query = query.where(or_(TOUCH.c.due_at > due, later))
    return [Retry._make(row) for row in session.connection().execute(query)]


def counted(session: Session) -> int:
    """How many wait to be tried again."""
    query = select(func.count()).select_from(TOUCH).where(_TRIED)
    return session.connection().execute(query).scalar_one()


def play_of(session: Session, touch_id: int) -> int | None:
    """The enrollment of a touch, None if there is no such touch."""
    query = select(TOUCH.c.enrollment_id).where(TOUCH.c.id == touch_id)
    return session.connection().execute(query).scalar()


def take(session: Session, touch_id: int) -> Claimed | None:
    """The touch of that id, locked, if it waits to be tried again and nobody has it."""
    query = (
        select(*(TOUCH.c[name] for name in Claimed._fields))
        .where(TOUCH.c.id == touch_id, _TRIED)
        .with_for_update()
    )
    row = session.connection().execute(query).first()
    return Claimed(*row) if row else None


def hurry(session: Session, touch_id: int, now: datetime) -> bool:
    """Make it due; False if it does not wait to be tried again. How often it was is kept."""
    statement = update(TOUCH).where(TOUCH.c.id == touch_id, _TRIED).values(due_at=now)
    return session.connection().execute(statement).rowcount == 1
