"""What is open for too long: the `overdue` chain of a task, and a mail that nobody approves (4).

Pure. Both always end, so that no play waits for a person for ever.
"""

from __future__ import annotations

from datetime import datetime

from orchestrator.calendar import add
from orchestrator.planner.play import Play
from orchestrator.planner.sidework import UNLESS_SAID, close, open_side_task
from orchestrator.terms import Advance, Kind, OutcomeClass, Party, Step

WAITS = "waits for approval"


def chase(play: Play, step: Step, party: Party) -> str:
    """Do what an open party's time asks for. Returns the reason that holds it, "" if none."""
    if party.table == "touch":
        return _chase_approval(play, step, party) if party.status == "draft" else ""
    for link in step.overdue[party.overdue :]:
        if party.ended_at or party.due_at is None or party.due_at > play.now:
            break
        party = _overdue_link(play, step, party, link, party.due_at)
    play.put_party(party)
    if party.ended_at is None and party.due_at and party.due_at > play.now:
        play.later(party.due_at)
    return ""


def time_for(play: Play, step: Step, at: datetime) -> datetime | None:
    """Until when a task that opened at `at` is due, None for never.

    A hand-off that says nothing is owed by the agreement, as it is for the account's tier.
    """
    owed, due = play.facts.owed, step.due
    if step.kind is Kind.HAND_OFF and not due:
        if owed.asks("hand_off"):
            return owed.due("hand_off", play.facts.account.tier, at)
        due = UNLESS_SAID
    return add(at, due, play.assignee_hours(step)) if due else None


def _overdue_link(play: Play, step: Step, party: Party, link: str, at: datetime) -> Party:
    if link in ("skip", "proceed"):
        status = "skipped" if link == "skip" else "open"
        close(play, party, status, f"overdue: {link}", at)
        play.note("task.skipped", step.id, party.who, f"{step.id} was not done in time ({link})")
        return party._replace(status=status, ended_at=at, outcome=OutcomeClass.NOT_DONE)
    again = time_for(play, step, at) or at
    play.decision.advances.append(Advance(party.id, party.overdue + 1, again, link))
    play.note("task.escalated", step.id, party.who, f"{step.id} is overdue ({link})")
    if link == "escalate":
        title = f"Overdue: {step.title or step.id}"
        open_side_task(play, step, party.who, "escalate", title, at, party.occurrence)
    return party._replace(overdue=party.overdue + 1, due_at=again)


def _chase_approval(play: Play, step: Step, party: Party) -> str:
    """A draft that nobody approves in time never leaves."""
    task = play.others.get(("approve", step.id, party.who))
    if task is None or task.due_at is None or task.ended_at is not None:
        return WAITS
    if play.now < task.due_at:
        play.later(task.due_at)
        return WAITS
    reason = "nobody approved it in time"
    close(play, task, "skipped", reason, task.due_at)
    play.put_other(task._replace(status="skipped", ended_at=task.due_at))
    close(play, party, "cancelled", reason, task.due_at)
    play.put_party(
        party._replace(status="cancelled", ended_at=task.due_at, outcome=OutcomeClass.NOT_DONE)
    )
    play.note("step.skipped", step.id, party.who, f"{step.id}: {reason}")
    return ""
