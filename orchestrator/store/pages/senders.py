"""What became of the mails of each of us: how many left, came back, were refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import Session

from orchestrator.store.statements import among, instant
from orchestrator.store.tables import ACTIVITY, TOUCH


class Fared(NamedTuple):
    """Mails of one sender (None: of the workspace) since three instants, in order of the columns:
    those of today, then tried, come back and refused since the near and the far one."""

    sender_id: int | None
    today: int
    near_tried: int
    near_bounced: int
    near_refused: int
    tried: int
    bounced: int
    refused: int


class Failure(NamedTuple):
    """The last mail of a sender that failed."""

    sender_id: int | None
    at: datetime
    reason: str
    reply: str


_tried_at = func.coalesce(TOUCH.c.intent_at, TOUCH.c.ended_at)
_BOUNCED = TOUCH.c.bounced_at.is_not(None)
_FAILED = and_(TOUCH.c.status == "failed", or_(TOUCH.c.reply != "", _BOUNCED))
_TRIED = or_(TOUCH.c.status.in_(("sending", "sent", "unknown")), _FAILED)
_MAIL = (TOUCH.c.channel == "email", _TRIED, _tried_at >= instant("far"))


def _since(name: str, *where: ColumnElement[bool]) -> Any:
    return func.count().filter(_tried_at >= instant(name), *where)


_FARED = (
    select(
        TOUCH.c.sender_id,
        _since("today", TOUCH.c.intent_at.is_not(None)),
        *(
            _since(name, *where)
            for name in ("near", "far")
            for where in ((), (_BOUNCED,), (_FAILED, ~_BOUNCED))
        ),
    )
    .where(*_MAIL)
    .group_by(TOUCH.c.sender_id)
)
_NEWEST = func.row_number().over(
    partition_by=TOUCH.c.sender_id, order_by=(TOUCH.c.ended_at.desc(), TOUCH.c.id.desc())
)
_FAILURES = (
    select(TOUCH.c.sender_id, TOUCH.c.ended_at, TOUCH.c.reason, TOUCH.c.reply, _NEWEST.label("nth"))
    .where(*_MAIL, or_(_FAILED, _BOUNCED), TOUCH.c.ended_at.is_not(None))
    .subquery()
)
_LAST = select(*(column for column in _FAILURES.c if column.name != "nth")).where(
    _FAILURES.c.nth == 1
)
_COMPLAINTS = select(ACTIVITY.c.at, ACTIVITY.c.data).where(
    ACTIVITY.c.at >= instant("far"), ACTIVITY.c.kind == "complaint"
)


def fared(session: Session, *, today: datetime, near: datetime, far: datetime) -> list[Fared]:
    """How each sender's mails fared since those instants."""
    asked = {"today": today, "near": near, "far": far}
    return [Fared._make(row) for row in session.connection().execute(_FARED, asked)]


def failures(session: Session, far: datetime) -> dict[int | None, Failure]:
    """The last failure of each sender since then."""
    rows = session.connection().execute(_LAST, {"far": far})
    return {row[0]: Failure._make(row) for row in rows}


def complaints(session: Session, far: datetime) -> list[tuple[int | None, datetime]]:
    """(sender, when) of every mail since then whose reader complained of it."""
    told = session.connection().execute(_COMPLAINTS, {"far": far}).all()
    of = {int(data["touch_id"]): at for at, data in told if data.get("touch_id")}
    query = select(TOUCH.c.id, TOUCH.c.sender_id).where(among(TOUCH.c.id, of))
    return [(sender, of[id_]) for id_, sender in session.connection().execute(query)]
