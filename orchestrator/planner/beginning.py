"""Which accounts begin a playbook by themselves: `start`. Pure.

By hand it may always be begun. The numbers in brackets are the rules of the language reference.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from orchestrator.pacing import window
from orchestrator.planner.goals import includes
from orchestrator.terms import Event, Plan

FRESH = timedelta(days=7)  # what was told later than that begins nothing any more


def begins_on(plan: Plan, event: Event, now: datetime) -> bool:
    """Whether the event is a signal on which the account begins the playbook (12)."""
    on = plan.start.on if plan.start else ()
    return now - event.at <= FRESH and any(includes(name, event.kind) for name in on)


def begins_as_target(plan: Plan, list_name: str) -> bool:
    """Whether an account begins that has become a target by both signatures on a list (12)."""
    start = plan.start
    return start is not None and ("target" in start.stage or list_name in start.lists)


def why_not_again(plan: Plan, ended_at: datetime | None, now: datetime) -> str:
    """Why an account that went through the playbook does not begin it by itself, "" if it does."""
    if ended_at is None:
        return ""
    again = plan.start.again if plan.start else None
    if again is None:
        return "it went through it already"
    over = f"it ended less than {again} ago"
    return over if ended_at + window(again) > now else ""
