"""Steps of `once`: work that is done once for a playbook, when the first account begins it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlmodel import Session

from orchestrator.calendar import add
from orchestrator.engine import agreement
from orchestrator.engine.context import Context
from orchestrator.engine.staff.assigning import assign
from orchestrator.engine.staff.leave import on_duty
from orchestrator.planner.hours import working_hours
from orchestrator.planner.starting import Waiting
from orchestrator.records import Task
from orchestrator.store.companies import log
from orchestrator.store.plays import plays
from orchestrator.terms import Once, Plan

TEAM = "marketing"  # where the role says nothing else


def open_once(
    ctx: Context, session: Session, started: Iterable[Waiting], plans: Mapping[str, Plan],
    now: datetime,
) -> None:  # fmt: skip
    """Open the tasks of every playbook that somebody began just now, unless they were opened."""
    firsts = {one.playbook: one for one in reversed(list(started)) if not one.activated_at}
    for name, first in sorted(firsts.items()):
        book = plays.playbook(session, name)
        if book is None or not plans[name].once:
            continue
        for one in plans[name].once:
            if one.id not in (book.told or ()):
                session.add(_task(ctx, session, plans[name], one, now))
                log.write(session, [_line(ctx, first, one, now)])
        book.told = sorted({*(book.told or ()), *(one.id for one in plans[name].once)})
        session.flush()


def _task(ctx: Context, session: Session, plan: Plan, one: Once, now: datetime) -> Task:
    """A task without an account, for whoever fills the role, else in turn."""
    team = agreement.current(session).roles.get(one.by, TEAM)
    ours = ctx.settings.workspace
    hours = working_hours(plan.calendar, ours.zone, ours.country)
    return Task(
        step=one.id, party_key=plan.name, kind="todo", team=team, title=one.title, body=one.text,
        assignee_id=assign(0, one.by, team, (), on_duty(session, now)), opened_at=now,
        due_at=add(now, one.due, hours), flow_run_id=ctx.flow_run_id,
    )  # fmt: skip


def _line(ctx: Context, first: Waiting, one: Once, now: datetime) -> dict[str, object]:
    return log.entry(
        "task.opened", at=now, account_id=first.account_id, enrollment_id=first.id, step=one.id,
        team="engine", text=one.title, flow_run_id=ctx.flow_run_id,
    )  # fmt: skip
