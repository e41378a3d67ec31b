"""Open work of whoever has just gone away: it goes to the stand-in, once, as their absence begins.

What a step keeps for them (`away: wait`, `overdue`) stays in their queue. The numbers in brackets
are the rules of the language reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from orchestrator import sentences
from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.engine.staff.assigning import assign
from orchestrator.engine.staff.leave import Leave, leave
from orchestrator.store.companies import log
from orchestrator.store.staff import absences as store
from orchestrator.store.staff import rosters, users
from orchestrator.store.staff.absences import Absent, Open
from orchestrator.terms import Plan


def hand_on(ctx: Context) -> int:
    """Give the open tasks of whose absence has begun to who stands in (15); how many moved."""
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        begun = store.begun(session, now)
        away = {one.user_id: one for one in begun if one.ends_at > now}
        tasks = store.held_by(session, away) if away else []
        lines = _give(ctx, session, tasks, away, now)
        log.write(session, lines)
        store.handed(session, [one.id for one in begun], now)
    return len(lines)


def _give(
    ctx: Context, session: Session, tasks: Sequence[Open], away: Mapping[int, Absent],
    now: datetime,
) -> list[dict[str, Any]]:  # fmt: skip
    plans = plans_of(ctx.db).of(session, {one.version_id for one in tasks if one.version_id})
    going = [one for one in tasks if not _stays(one, plans)]
    present, names = leave(session, now), {one.id: one.name for one in users.everybody(session)}
    there = present.roster(rosters.roster(session), now)
    teams = rosters.teams(session, sorted({one.account_id for one in going if one.account_id}))
    lines = []
    for task in going:
        mates = present.team(teams.get(task.account_id or 0, ()), now)
        to = _stand_in(task, present, mates, there, plans, now)
        if to != task.assignee_id and store.give(session, task, to):
            lines.append(_line(ctx, task, away[task.assignee_id], names.get(to or 0, ""), to, now))
    return lines


def _stays(task: Open, plans: Mapping[int, Plan]) -> bool:
    """Whether the task's step keeps it for whoever is away."""
    step = plans[task.version_id].by_id.get(task.step) if task.version_id else None
    return task.purpose == "step" and step is not None and step.away != "cover"


def _stand_in(
    task: Open, present: Leave, mates: Sequence[rosters.Teammate],
    there: Sequence[rosters.Colleague], plans: Mapping[int, Plan], now: datetime,
) -> int | None:  # fmt: skip
    """Whom they named, else whoever would get it if it were opened now."""
    if one := present.stand_in(task.assignee_id, now):
        return one.cover_id
    step = plans[task.version_id].by_id.get(task.step) if task.version_id else None
    by = step.by if step and task.purpose != "escalate" else ""
    return assign(task.account_id or 0, by, task.team, mates, there)


def _line(
    ctx: Context, task: Open, absent: Absent, name: str, to: int | None, now: datetime
) -> dict[str, Any]:
    back = absent.ends_at.astimezone(ZoneInfo(absent.zone)).date()
    whom = name or f"the queue of {task.team}"
    return log.entry(
        "task.handed_over", at=now, account_id=task.account_id, contact_id=task.contact_id,
        enrollment_id=task.enrollment_id, step=task.step, team="engine",
        text=f"{task.title!r} goes to {whom}: {sentences.away(absent.name, back)}",
        flow_run_id=ctx.flow_run_id, task_id=task.id, to=to,
    )  # fmt: skip
