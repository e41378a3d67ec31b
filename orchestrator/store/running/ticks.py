"""The pulse of the flows: what is due now, what each concern did last, what one run left behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, case, func, or_, select, text
from sqlmodel import Session

from orchestrator.records import Tick
from orchestrator.records.outgoing import LEASED, WAITING
from orchestrator.store.running.approvals import WORDLESS
from orchestrator.store.statements import insert_for, instant, nobody_has, there_is
from orchestrator.store.tables import (
    ABSENCE,
    ACTIVITY,
    ENROLLMENT,
    INBOX,
    INVITATION,
    PLAYBOOK,
    TICK,
    TOUCH,
)
from orchestrator.terms import UNTIL_RESUMED

# Kinds of activity whose text says why something did not happen.
REASONED = (
    "waiting",
    "step.held",
    "touch.held",
    "step.skipped",
    "task.skipped",
    "touch.suppressed",
    "touch.cancelled",
    "touch.failed",
    "touch.unknown",
)
REASON = case((ACTIVITY.c.kind.in_(REASONED), ACTIVITY.c.text), else_="")

# ---------------------------------------------------------------- due

_NOW = instant("now")
# Literals, not parameters: SQLite takes a partial index only for what it can read.
_ACTIVE = and_(text("status = 'active'"), ENROLLMENT.c.next_due_at <= _NOW, nobody_has(ENROLLMENT))
_DUE = select(
    there_is(ENROLLMENT, ENROLLMENT.c.woken_at.is_not(None), _ACTIVE).label("woken"),
    there_is(ENROLLMENT, _ACTIVE).label("advance"),
    there_is(PLAYBOOK, PLAYBOOK.c.paused_at.is_(None), PLAYBOOK.c.next_start_at <= _NOW).label(
        "activate"
    ),
    or_(
        there_is(ENROLLMENT, text("status = 'paused'"), ENROLLMENT.c.next_due_at <= _NOW),
        there_is(PLAYBOOK, PLAYBOOK.c.paused_until <= _NOW),
    ).label("resume"),
    there_is(TOUCH, WAITING, TOUCH.c.due_at <= _NOW).label("deliver"),
    there_is(TOUCH, *WORDLESS, nobody_has(TOUCH)).label("freeze"),
    there_is(TOUCH, LEASED, TOUCH.c.lease_until < instant("lease_now")).label("sweep"),
    there_is(ABSENCE, ABSENCE.c.handed_at.is_(None), ABSENCE.c.starts_at <= _NOW).label("cover"),
    there_is(INVITATION, INVITATION.c.due_at <= _NOW).label("enroll"),
    there_is(INBOX, INBOX.c.status == "stored").label("ingest"),
)


def due(session: Session, now: datetime, lease_now: datetime) -> frozenset[str]:
    """Which batches have work, by the names of `_DUE`; in well under a millisecond."""
    row = session.connection().execute(_DUE, {"now": now, "lease_now": lease_now}).one()
    return frozenset(name for name, there in row._mapping.items() if there)


_NEXT = [
    select(func.min(ENROLLMENT.c.next_due_at)).where(text("status = 'active'")),
    select(func.min(ENROLLMENT.c.next_due_at)).where(text("status = 'paused'")),
    select(func.min(PLAYBOOK.c.next_start_at)).where(PLAYBOOK.c.paused_at.is_(None)),
    select(func.min(PLAYBOOK.c.paused_until)),
    select(func.min(INVITATION.c.due_at)),
    select(func.min(ABSENCE.c.starts_at)).where(ABSENCE.c.handed_at.is_(None)),
    select(func.min(TOUCH.c.due_at)).where(WAITING),
]


def next_due(session: Session) -> datetime | None:
    """The business time at which something is due next, None while only an event can move it."""
    dues = (session.connection().execute(query).scalar() for query in _NEXT)
    return min((at for at in dues if at and at < UNTIL_RESUMED), default=None)


# ---------------------------------------------------------------- the pulse


def record(session: Session, passes: Sequence[Tick]) -> None:
    """Keep each as the last pass of its concern."""
    if passes:
        statement = _upsert(insert_for(session))
        session.connection().execute(statement, [one.model_dump() for one in passes])


@cache
def _upsert(insert: Any) -> Any:
    row = insert(TICK)
    newer = {column.name: row.excluded[column.name] for column in TICK.c if not column.primary_key}
    return row.on_conflict_do_update(index_elements=["concern"], set_=newer)


# ---------------------------------------------------------------- the report


class Happened(NamedTuple):
    """How often one kind of thing happened in a run; what did not happen carries its reason."""

    playbook: str
    kind: str
    reason: str
    times: int


_HAPPENED = (
    select(
        func.coalesce(ENROLLMENT.c.playbook, ""), ACTIVITY.c.kind, REASON, func.count()
    )
    .select_from(ACTIVITY)
    .outerjoin(ENROLLMENT, ENROLLMENT.c.id == ACTIVITY.c.enrollment_id)
    .where(
        ACTIVITY.c.at >= instant("since"),
        ACTIVITY.c.flow_run_id == bindparam("run"),
    )
    .group_by(text("1"), text("2"), text("3"))
    .order_by(text("1"), text("2"), text("4 DESC"), text("3"))
)  # fmt: skip


def happened(session: Session, flow_run_id: str, since: datetime) -> Sequence[Happened]:
    """What a flow run wrote to the log, counted by playbook, kind and reason.

    `since` is its start in business time: the log is read from there on.
    """
    rows = session.connection().execute(_HAPPENED, {"since": since, "run": flow_run_id})
    return [Happened(*row) for row in rows]
