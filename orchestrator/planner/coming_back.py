"""Whether an account goes through a playbook again, and when: `recycle`. Pure.

A play that was completed, or that sales gave back, comes back after its time as a new enrollment,
in the version that is the newest then. The numbers in brackets are the language reference's rules.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from orchestrator import sentences
from orchestrator.calendar import add
from orchestrator.planner.play import Play
from orchestrator.terms import ACCOUNT, Again, Plan


def come_back(play: Play) -> None:
    """Let a play that has just ended come back, and say when, or that it was the last time (1)."""
    decision, plan, facts = play.decision, play.plan, play.facts
    if plan.recycle is None:
        return
    if why := why_not(plan, play.state.round + 1):
        words = why
    else:
        round_ = play.state.round + 1
        at = add(play.now, plan.recycle.after, play.hours(ACCOUNT))
        decision.again = Again(at, sentences.round_(round_), round_)
        day = at.astimezone(ZoneInfo(facts.workspace_zone)).date()
        words = sentences.comes_back(day)
    decision.reason = "; ".join(filter(None, (decision.reason, words)))


def begin_anew(play: Play) -> None:
    """Let a play begin anew that has just ended for a new tier, if its playbook says so (14)."""
    because = play.decision.reason
    if play.plan.on_tier_change == "restart" and sentences.is_new_tier(because):
        play.decision.again = Again(play.now, because, 0)


def why_not(plan: Plan, round_: int) -> str:
    """Why the playbook is not run for the `round_`th time in a row, "" if it is."""
    if plan.recycle is None:
        return "" if round_ == 1 else "the playbook recycles no more"
    most = plan.recycle.at_most
    if most and round_ > most + 1:
        return f"it came back {'once' if most == 1 else f'{most} times'} already"
    return ""
