"""The store's half of `advance`: claim due enrollments, and write what was decided on them.

In bulk: the number of statements does not depend on the number of enrollments.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Dialect, bindparam, insert, select, update
from sqlmodel import Session

from orchestrator.store.bulk import Bulk, Query, Ready
from orchestrator.store.running.inviting import INVITE
from orchestrator.store.statements import among_param, instant, nobody_has
from orchestrator.store.tables import ACTIVITY, ENROLLMENT, EXPENSE, HOLDER, RUN, TASK, TOUCH


class Claimed(NamedTuple):
    """An enrollment that this process may decide on while its lease lasts and its fence holds."""

    id: int
    account_id: int
    version_id: int
    fence: int
    activated_at: datetime | None
    resumed_at: datetime | None = None
    round: int = 1
    tier: int | None = None
    moved_at: datetime | None = None


# ---------------------------------------------------------------- claim


def _claiming(order: Any, *more: Any) -> Query:
    due = (
        select(ENROLLMENT.c.id)
        .where(ENROLLMENT.c.status == "active", ENROLLMENT.c.next_due_at <= instant("now"))
        .where(nobody_has(ENROLLMENT), *more)
        .order_by(order, ENROLLMENT.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
        # Read once: PostgreSQL may run a subquery again for each row, and lock more each time.
        .cte("due")
    )
    return Query(
        update(ENROLLMENT)
        .where(ENROLLMENT.c.id.in_(select(due.c.id)))
        .values(
            fence=ENROLLMENT.c.fence + 1,
            owner=bindparam("by"),
            lease_until=instant("until"),
        )
        .returning(*(ENROLLMENT.c[name] for name in Claimed._fields))
    )


_CLAIM_DUE = _claiming(ENROLLMENT.c.next_due_at)
_CLAIM_WOKEN = _claiming(ENROLLMENT.c.woken_at, ENROLLMENT.c.woken_at.is_not(None))


def claim(
    session: Session,
    now: datetime,
    *,
    lease_now: datetime,
    lease_until: datetime,
    owner: str,
    limit: int,
    woken: bool = False,
) -> list[Claimed]:
    """Take up to `limit` due enrollments, longest due first; `woken` takes only woken ones."""
    query = _CLAIM_WOKEN if woken else _CLAIM_DUE
    rows = query.rows(
        session, now=now, lease_now=lease_now, most=limit, by=owner, until=lease_until
    )
    return [Claimed(*row) for row in rows]


# ---------------------------------------------------------------- write


_STILL_OURS = Query(
    select(ENROLLMENT.c.id, ENROLLMENT.c.fence)
    .where(
        among_param(ENROLLMENT.c.id, "ids"),
        ENROLLMENT.c.owner == bindparam("by"),
        ENROLLMENT.c.status == "active",
    )
    .order_by(ENROLLMENT.c.id)
    .with_for_update()
)


def still_ours(session: Session, claimed: Iterable[Claimed], owner: str) -> set[int]:
    """Lock the batch's enrollments and say which of them nobody woke or took meanwhile."""
    fences = {one.id: one.fence for one in claimed}
    rows = _STILL_OURS.rows(session, ids=sorted(fences), by=owner)
    return {id_ for id_, fence in rows if fences[id_] == fence}


class Writes:
    """The rows of many decisions, gathered by statement and written in one go."""

    __slots__ = (
        "activities", "ends", "expenses", "going_on", "holders", "invited", "left", "new_runs",
        "passed", "runs", "shared", "task_closes", "task_moves", "tasks", "touch_closes", "touches",
    )  # fmt: skip

    def __init__(self) -> None:
        for name in self.__slots__:
            setattr(self, name, [])

    expenses: list[dict[str, Any]]
    going_on: list[dict[str, Any]]
    ends: list[dict[str, Any]]
    new_runs: list[dict[str, Any]]
    runs: list[dict[str, Any]]
    touches: list[dict[str, Any]]
    tasks: list[dict[str, Any]]
    touch_closes: list[dict[str, Any]]
    task_closes: list[dict[str, Any]]
    passed: list[dict[str, Any]]
    task_moves: list[dict[str, Any]]
    shared: list[dict[str, Any]]  # of_id: back to the team's queue
    holders: list[dict[str, Any]]
    left: list[dict[str, Any]]
    activities: list[dict[str, Any]]
    invited: list[dict[str, Any]]

    @property
    def ended(self) -> list[int]:
        """The enrollments that end."""
        return [row["of_id"] for row in self.ends]

    def ready(self, dialect: Dialect) -> list[Ready]:
        """Everything in the driver's own form, in the order in which it is to be written."""
        statements = (
            (_NEW_RUN, self.new_runs),
            (_UPDATE_RUN, self.runs),
            (_NEW_TOUCH, self.touches),
            (_NEW_TASK, self.tasks),
            (_NEW_EXPENSE, self.expenses),
            (_CLOSE_TOUCH, self.touch_closes),
            (_CLOSE_TASK, self.task_closes),
            (_PASS_TASK, self.passed),
            (_MOVE_TASK, self.task_moves),
            (_SHARE_TASK, self.shared),
            (_NEW_HOLDER, self.holders),
            (_LEAVE_SEAT, self.left),
            (_NEW_ACTIVITY, self.activities),
            (INVITE, self.invited),
            (_GO_ON, self.going_on),
            (_END_PLAY, self.ends),
        )
        return [bulk.ready(dialect, rows) for bulk, rows in statements]


def _told(*names: str) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


_END = _told("status", "outcome", "reason", "ended_at")
_OPEN_TASK = update(TASK).where(TASK.c.id == bindparam("of_id"), TASK.c.status == "open")

_NEW_RUN, _NEW_TOUCH, _NEW_TASK, _NEW_HOLDER, _NEW_ACTIVITY = (
    Bulk(insert(table)) for table in (RUN, TOUCH, TASK, HOLDER, ACTIVITY)
)
_NEW_EXPENSE = Bulk(insert(EXPENSE))
_UPDATE_RUN = Bulk(
    update(RUN)
    .where(RUN.c.enrollment_id == bindparam("of_enrollment"), RUN.c.step == bindparam("of_step"))
    .values(_told("status", "due_at", "reason", "cast_ids", "opened_at", "done_at", "outcome"))
)
_CLOSE_TOUCH = Bulk(
    update(TOUCH)
    .where(TOUCH.c.id == bindparam("of_id"), TOUCH.c.status.in_(("ready", "claimed", "draft")))
    .values(_END | {"fence": TOUCH.c.fence + 1, "owner": "", "lease_until": None})
)
_CLOSE_TASK = Bulk(_OPEN_TASK.values(_END))
# Passed over: the play goes on, the task stays in the queue.
_PASS_TASK = Bulk(_OPEN_TASK.values(_told("outcome", "reason", "ended_at")))
_SHARE_TASK = Bulk(_OPEN_TASK.values(assignee_id=None))
_MOVE_TASK = Bulk(_OPEN_TASK.values(_told("overdue", "due_at")))
_LEAVE_SEAT = Bulk(
    update(HOLDER)
    .where(
        HOLDER.c.enrollment_id == bindparam("of_enrollment"),
        HOLDER.c.seat == bindparam("of_seat"),
        HOLDER.c.contact_id == bindparam("of_contact"),
    )
    .values(_told("left_at", "left_reason"))
)
_DECIDED = _told("reason", "next_due_at", "flow_run_id") | {
    "woken_at": None, "owner": "", "lease_until": None
}  # fmt: skip
_THIS_PLAY = update(ENROLLMENT).where(ENROLLMENT.c.id == bindparam("of_id"))
# Nearly all go on. Naming their status would make SQLite write an index anew for each of them.
_GO_ON = Bulk(_THIS_PLAY.values(_DECIDED))
_END_PLAY = Bulk(_THIS_PLAY.values(_DECIDED | _told("outcome", "ended_at") | {"status": "ended"}))
