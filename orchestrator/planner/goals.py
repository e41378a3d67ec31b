"""Whether an event is what a play was for. Pure.

A goal stops nothing by itself, and may be reached after the last step of a play: what somebody
decides about takes its time.
"""

from __future__ import annotations

from datetime import datetime

from orchestrator.pacing import window
from orchestrator.terms import Event, Plan, Running


def running(
    enrollment_id: int, plan: Plan, activated_at: datetime | None, goal_at: datetime | None = None
) -> Running:
    """A play as an event sees it; `goal_at` is when it reached its goal, if it has."""
    goal = plan.goal if activated_at and goal_at is None else None
    return Running(
        enrollment_id,
        plan.stops,
        plan.needs.listens,
        goal.on if goal else (),
        activated_at,
        activated_at + window(goal.within) if activated_at and goal else None,
    )


def reaches_goal(play: Running, event: Event) -> bool:
    """Whether the event is one that the play is for, and came in its time."""
    return (
        play.since is not None
        and play.until is not None
        and play.since <= event.at <= play.until
        and any(includes(name, event.kind) for name in play.goal)
    )


def includes(name: str, kind: str) -> bool:
    """`reply` covers every reply of a person, `form` every form."""
    return name == kind or (kind.startswith(f"{name}.") and kind != "reply.auto")
