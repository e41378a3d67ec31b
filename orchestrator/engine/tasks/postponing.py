"""A task that rests: until a time that the person named, or until it suits the rep.

Only the person moves a deadline. Who puts a task off for her own sake keeps its due time, so that
a promise stays a promise and the step's `overdue` chain goes on as the playbook has it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.errors import AbmError
from orchestrator.engine.context import Context
from orchestrator.engine.tasks.desk import SHOWN, card_of, member_of, told_before
from orchestrator.ranking import HEADS_UP
from orchestrator.store.companies import log
from orchestrator.store.tasks import tasks as store
from orchestrator.store.tasks.taking_back import lock
from orchestrator.store.tasks.tasks import Card

GRACE = timedelta(days=1)  # to reach somebody who named a time
FURTHEST = timedelta(days=180)


def postpone(
    ctx: Context, task_id: int, user: int, until: datetime, *, agreed: bool = False, note: str = ""
) -> Card:
    """Let an open task rest until then; `agreed` if the person asked for this very time.

    AbmError if that is past or too far, if it is due before, or if the task is not open any more.
    """
    now = ctx.clock.now()
    if until <= now:
        raise AbmError("that time has passed", "say one that is to come")
    if until > now + FURTHEST:
        raise AbmError("that is too far", f"at most {FURTHEST.days} days; hold the account instead")
    with ctx.db.writing() as session:
        task, by = card_of(ctx, session, task_id), member_of(session, user)
        lock(session, task.account_id)
        task = card_of(ctx, session, task_id)
        due_at = task.due_at
        if due_at and until > due_at and not agreed:
            raise AbmError(
                "it is due before that",
                "say that they asked for this time, or hand the task over",
            )
        if due_at and agreed:
            due_at = max(due_at, until + GRACE)
        shown_at = max(until - HEADS_UP, now) if agreed else until
        if not store.postpone(session, task_id, shown_at, until if agreed else None, due_at):
            told_before(session, card_of(ctx, session, task_id), by, "")
        zone = ZoneInfo(ctx.settings.workspace.zone)
        when = f"{until.astimezone(zone):%Y-%m-%d %H:%M %Z}"
        asked = "they asked for it" if agreed else ""
        why = "; ".join(filter(None, (asked, note.strip()[:SHOWN])))
        entry = log.entry(
            "task.postponed", at=now, account_id=task.account_id, contact_id=task.contact_id,
            enrollment_id=task.enrollment_id, step=task.step, team=by.team, actor_id=by.id,
            text=f"{by.name} put off {task.title!r} until {when}" + (f" ({why})" if why else ""),
            flow_run_id=ctx.flow_run_id, task_id=task_id,
        )  # fmt: skip
        log.write(session, [entry])
        return card_of(ctx, session, task_id)


def bring_back(ctx: Context, task_id: int, user: int) -> Card:
    """Put a task that rests into the queue at once; AbmError if it is not open any more."""
    with ctx.db.writing() as session:
        task, by = card_of(ctx, session, task_id), member_of(session, user)
        if not store.postpone(session, task_id, None, None, task.due_at):
            told_before(session, task, by, "")
        return card_of(ctx, session, task_id)
