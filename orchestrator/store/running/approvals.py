"""Messages that wait for a person's yes: drafts without words yet, and the tasks that ask."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, exists, select, update
from sqlmodel import Session

from orchestrator.records.outgoing import DRAFT
from orchestrator.store.running.outgoing import Claimed
from orchestrator.store.statements import among_param, instant, nobody_has
from orchestrator.store.tables import BODY, TASK, TOUCH

WORDLESS = (DRAFT, ~exists().where(BODY.c.touch_id == TOUCH.c.id))
_NEXT = (
    select(TOUCH.c.id)
    .where(*WORDLESS, nobody_has(TOUCH), TOUCH.c.swept == bindparam("deaths"))
    .order_by(TOUCH.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("next")
)
_TAKE = (
    update(TOUCH)
    .where(TOUCH.c.id.in_(select(_NEXT.c.id)))
    # Counted beforehand: whoever dies of it cannot.
    .values(swept=TOUCH.c.swept + 1, lease_until=instant("until"))
    .returning(*(TOUCH.c[name] for name in Claimed._fields))
)
_DONE = update(TOUCH).where(among_param(TOUCH.c.id, "ids"), DRAFT).values(swept=0, lease_until=None)
_STILL = select(TOUCH.c.id).where(among_param(TOUCH.c.id, "ids"), *WORDLESS)
_REFUSE = (
    update(TOUCH)
    .where(TOUCH.c.id == bindparam("of_id"), DRAFT)
    .values(
        status="cancelled",
        outcome="not_done",
        reason=bindparam("because"),
        ended_at=instant("at"),
        lease_until=None,
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
        ended_at=instant("at"),
    )
)


def take(
    session: Session, *, lease_now: datetime, lease_until: datetime, limit: int, swept: int
) -> list[Claimed]:
    """Up to `limit` drafts that have no words yet, the oldest first, for this process alone.

    Only those with which `swept` processes have died; this one is counted among them until
    `written`.
    """
    values = {"lease_now": lease_now, "until": lease_until, "most": limit, "deaths": swept}
    rows = session.connection().execute(_TAKE, values)
    return sorted((Claimed(*row) for row in rows), key=lambda draft: draft.id)


def written(session: Session, touch_ids: Collection[int]) -> None:
    """Nobody has died of these."""
    session.connection().execute(_DONE, {"ids": touch_ids})


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
