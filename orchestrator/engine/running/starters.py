"""Playbooks that accounts begin by themselves: invited here, they are enrolled by `inviting`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session

from orchestrator import sentences
from orchestrator.engine.context import Context
from orchestrator.engine.plans import current_plans
from orchestrator.planner.beginning import begins_as_target, begins_on
from orchestrator.store.running import inviting
from orchestrator.terms import Event, Plan


def invite_for(
    ctx: Context, session: Session, events: Iterable[tuple[int, Event]], now: datetime
) -> None:
    """Invite accounts, given as (account, event), to every playbook that begins on the event."""
    found = list(events)
    plans = _starting(ctx, session) if found else []
    _invite(
        session, now,
        [
            (account_id, plan, sentences.for_signal(event.kind))
            for account_id, event in found
            for plan in plans
            if begins_on(plan, event, now)
        ],
    )  # fmt: skip


def invite_targets(
    ctx: Context, session: Session, account_ids: Sequence[int], list_name: str, now: datetime
) -> None:
    """Invite new target accounts to every playbook that begins with them, or with their list."""
    plans = _starting(ctx, session) if account_ids else []
    because = sentences.for_list(list_name)
    _invite(
        session, now,
        [
            (account_id, plan, because)
            for account_id in account_ids
            for plan in plans
            if begins_as_target(plan, list_name)
        ],
    )  # fmt: skip


def _starting(ctx: Context, session: Session) -> list[Plan]:
    """The current versions that say `start`."""
    return [plan for plan in current_plans(ctx.db, session).values() if plan.start]


def _invite(session: Session, now: datetime, who: Iterable[tuple[int, Plan, str]]) -> None:
    inviting.invite(
        session,
        [
            {"account_id": id_, "playbook": plan.name, "due_at": now, "because": why, "round": 1}
            for id_, plan, why in who
        ],
    )
