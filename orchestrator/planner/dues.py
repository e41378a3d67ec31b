"""When: the instant at which a party of a step opens, ends, or is tried again (5, 16).

Pure. Every due derives from recorded instants, never from the tick that noticed it.
"""

from __future__ import annotations

from datetime import datetime

from orchestrator.calendar import add, next_open, next_open_both
from orchestrator.planner.dated import begin_of, is_over
from orchestrator.planner.play import Play, cast_of_run
from orchestrator.quiet import next_welcome
from orchestrator.terms import (
    ACCOUNT,
    DONE_BY_NOBODY,
    REACHES_PERSON,
    After,
    How,
    Kind,
    OutcomeClass,
    Party,
    Step,
)

# Machines keep no working hours, and nothing is done while something is waited for.
IMMEDIATE = frozenset({Kind.WEBHOOK, Kind.NOTIFY}) | DONE_BY_NOBODY


def may_be_due(play: Play, step: Step) -> bool:
    """Whether anybody has come through enough of the prerequisites.

    A cheap no spares most steps of a play the search for their people.
    """
    after = step.after
    for prior in after.steps:
        passed = _somebody_passed(play, prior)
        if passed is after.any:
            return passed
    return not after.steps or not after.any


def _somebody_passed(play: Play, prior: str) -> bool:
    """Whether `_end_of` has an answer for anybody at all."""
    run = play.runs.get(prior)
    if run is None or run.opened_at is None:
        return run is not None and run.done_at is not None  # on a branch that was not taken
    if run.done_at or play.gone:
        return True
    return any(chain[-1].ended_at for (step, _), chain in play.chains.items() if step == prior)


def due(play: Play, step: Step, who: str) -> datetime | None:
    """When a party opens: the end of its own prerequisites, the wait, the working hours."""
    start = _start(play, step, who)
    if start is None:
        return None
    hours = play.hours(who)
    # People of one place who start together open together: worked out once in a decision.
    key = (step.id, start, id(hours))
    known = play.dues.get(key)
    if known is None:
        waited = add(start, step.wait, hours) if step.wait.amount else start
        if step.at:
            if is_past(play, step, who):
                return start
            waited = max(waited, begin_of(step.at, hours))
        known = play.dues[key] = opening(play, step, who, _since_the_move(play, step, waited))
    return known


def is_past(play: Play, step: Step, who: str) -> bool:
    """Whether the day of a step had passed when the play, or this person, began (16)."""
    began = _joined_at(play, step, who) or play.state.activated_at
    return step.at is not None and began is not None and is_over(step.at, play.hours(who), began)


def _since_the_move(play: Play, step: Step, at: datetime) -> datetime:
    """What a new version asks for is not late before the play has moved to it (11)."""
    moved_at = play.state.moved_at
    if moved_at is None or at >= moved_at:
        return at
    run = play.runs.get(step.id)
    return at if run and run.opened_at and run.opened_at < moved_at else moved_at


def retry_due(play: Play, step: Step, last: Party) -> datetime:
    """When the next attempt follows one that reached nobody."""
    at = last.ended_at or play.now
    if step.every:
        at = add(at, step.every, play.hours(last.who))
    return opening(play, step, last.who, at)


def opening(play: Play, step: Step, who: str, at: datetime) -> datetime:
    """The first instant from `at` on that lies in the hours of everybody concerned."""
    if step.kind not in REACHES_PERSON:
        machine = step.always or step.kind in IMMEDIATE
        return at if machine else next_open(at, play.assignee_hours(step))
    theirs = play.hours(who)
    if step.always:
        return next_welcome(at, theirs, lambda then: then)
    if step.kind is Kind.EMAIL:
        return next_welcome(at, theirs, lambda then: next_open(then, theirs))
    ours = play.assignee_hours(step)
    return next_welcome(at, theirs, lambda then: next_open_both(then, ours, theirs))


def to_retry(step: Step, last: Party) -> bool:
    """Whether another attempt follows: only after one that did not reach the person."""
    return last.occurrence < step.attempts and last.outcome == OutcomeClass.NOT_REACHED


def end_of_party(play: Play, step: Step, who: str) -> datetime | None:
    """When a party ended for good, None while it is open, to come or to be tried again."""
    last = play.last(step.id, who)
    if last is None or (last.ended_at and to_retry(step, last)):
        return play.gone.get(who)
    return last.ended_at


def is_for(play: Play, step: Step) -> bool:
    """Whether accounts of this one's tier take the step; others pass it by."""
    return not step.tiers or play.facts.account.tier in step.tiers


def _start(play: Play, step: Step, who: str) -> datetime | None:
    start = _passed_at(play, step, who)
    chosen = play.runs.get(step.within.choose) if step.within else None
    return max(start, chosen.done_at) if start and chosen and chosen.done_at else start


def _passed_at(play: Play, step: Step, who: str) -> datetime | None:
    """When enough of the prerequisites had ended for this party."""
    joined = _joined_at(play, step, who)
    if not step.after.steps:
        return joined or play.state.activated_at
    start = _passed(play, step.after, step, who)
    return max(start, joined) if start and joined else start


def _passed(play: Play, after: After, step: Step, who: str) -> datetime | None:
    """When enough of these had ended for a party of the step."""
    known = []
    for prior in after.steps:
        if end := _end_of(play, prior, step, who):
            known.append(end)
        elif not after.any:
            return None
    if not known:
        return None
    return min(known) if after.any else max(known)


def _end_of(play: Play, prior: str, step: Step, who: str) -> datetime | None:
    """When a prerequisite ended for this party: its own thread's end, or the whole step's (3)."""
    run = play.runs.get(prior)
    if not is_for(play, play.steps[prior]):
        return _end_before(play, play.steps[prior], step, who)
    if run is None or run.opened_at is None:
        return run and run.done_at  # on a branch that was not taken
    if _in_thread(step, who) and ((prior, who) in play.chains or who in cast_of_run(run)):
        end = end_of_party(play, play.steps[prior], who)
    else:
        end = run.done_at
    if end and prior in step.after.ended and (lasts := play.steps[prior].lasts):
        return add(end, lasts, play.hours(ACCOUNT))
    return end


def _end_before(play: Play, passed: Step, step: Step, who: str) -> datetime | None:
    """When what stands before a step that is passed by had ended, for a party of a later step."""
    if not passed.after.steps:
        end = play.state.activated_at
    else:
        end = _passed(play, passed.after, step, who)
    chosen = play.runs.get(passed.within.choose) if passed.within else None
    if not passed.within or not end:
        return end
    return max(end, chosen.done_at) if chosen and chosen.done_at else None


def _in_thread(step: Step, who: str) -> bool:
    return who != ACCOUNT and step.reach.how in (How.EACH, How.STEP)


def _joined_at(play: Play, step: Step, who: str) -> datetime | None:
    """When this person took a seat that had stood open while the play moved on, if so (8)."""
    holder = play.newcomers.get(who)
    return holder.bound_at if holder and holder.seat in step.reach.seats else None
