"""Messages that wait for a person's yes: drafts without words yet, and the tasks that ask."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, exists, select, update
from sqlmodel import Session, SQLModel

from accounts.columns import Instant
from orchestrator.records.outgoing import DRAFT
from orchestrator.store.database import among_param
from orchestrator.store.outgoing import Claimed

_TABLES = SQLModel.metadata.tables
TOUCH, BODY, TASK = _TABLES["touch"], _TABLES["body"], _TABLES["task"]

_WORDLESS = (DRAFT, ~exists().where(BODY.c.touch_id == TOUCH.c.id))
_DRAFTS = (
    select(*(TOUCH.c[name] for name in Claimed._fields))
    .where(*_WORDLESS)
    .order_by(TOUCH.c.id)
    .limit(bindparam("most"))
)
_STILL = select(TOUCH.c.id).where(among_param(TOUCH.c.id, "ids"), *_WORDLESS)
_REFUSE = (
    update(TOUCH)
    .where(TOUCH.c.id == bindparam("of_id"), DRAFT)
    .values(
        status="cancelled",
        outcome="not_done",
        reason=bindparam("because"),
        ended_at=bindparam("at", type_=Instant()),
    )
)
# The open task that asks whether this touch may go.
_ASKS = (
    TASK.c.enrollment_id == bindparam("of_enrollment"),
    TASK.c.step == bindparam("of_step"),
    TASK.c.party_key == bindparam("of_party"),
    TASK.c.occurrence == bindparam("of_occurrence"),
    TASK.c.purpose == "approve",
    TASK.c.status == "open",
)
_SHOW = update(TASK).where(*_ASKS).values(body=bindparam("shown"))
_WITHDRAW = (
    update(TASK)
    .where(*_ASKS)
    .values(
        status="cancelled",
        outcome="not_done",
        reason=bindparam("because"),
        ended_at=bindparam("at", type_=Instant()),
    )
)


def wordless(session: Session, limit: int) -> list[Claimed]:
    """Drafts whose words nobody has written yet, the oldest first. Nobody claims them."""
    rows = session.connection().execute(_DRAFTS, {"most": limit})
    return [Claimed(*row) for row in rows]


def still(session: Session, touch_ids: Collection[int]) -> set[int]:
    """Which of these are drafts without words now; the caller has locked their enrollments."""
    return set(session.connection().execute(_STILL, {"ids": touch_ids}).scalars())


def show(session: Session, shown: Sequence[tuple[Claimed, str]]) -> None:
    """Write into each draft's task what would leave."""
    rows = [{**_asked(touch), "shown": text} for touch, text in shown]
    if rows:
        session.connection().execute(_SHOW, rows)


def refuse(session: Session, refused: Sequence[tuple[Claimed, str]], now: datetime) -> None:
    """Cancel drafts, each with its reason, and withdraw the question."""
    for touch, reason in sorted(refused, key=lambda pair: pair[0].id):
        values = {"because": reason, "at": now}
        session.connection().execute(_REFUSE, {"of_id": touch.id, **values})
        session.connection().execute(_WITHDRAW, {**_asked(touch), **values})


def _asked(touch: Claimed) -> dict[str, int | str]:
    return {
        "of_enrollment": touch.enrollment_id,
        "of_step": touch.step,
        "of_party": touch.party_key,
        "of_occurrence": touch.occurrence,
    }
