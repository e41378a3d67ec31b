"""One person's part in one step: it opens, is held, is tried again, and ends.

Pure. Whatever ends without having opened keeps a row with its reason, so that the log can say why
nothing happened. The numbers in brackets are the rules of the language reference.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from orchestrator import sentences
from orchestrator.calendar import add
from orchestrator.conditions import evaluate
from orchestrator.pacing import cap_hold, stop_for
from orchestrator.planner.catching_up import SPREAD, turn_of
from orchestrator.planner.chasing import chase, time_for
from orchestrator.planner.dated import day_of
from orchestrator.planner.dues import due, is_past, opening, retry_due, to_retry
from orchestrator.planner.hours import opened_at
from orchestrator.planner.play import Play, cast_of_run
from orchestrator.planner.sidework import close, end_open_party, open_side_task
from orchestrator.planner.view import PartyView
from orchestrator.terms import (
    ACCOUNT,
    ADDRESS_OF,
    REACHES_PERSON,
    SENT_BY_ENGINE,
    TEAM_OF,
    Kind,
    Later,
    OpenTask,
    OpenTouch,
    OutcomeClass,
    Party,
    Step,
    StopMark,
    Variant,
    bucket,
)

LOOK_AGAIN = timedelta(days=1)  # for money that came back, or a larger budget
NO_VARIANT = Variant("", "")


class _Attempt(NamedTuple):
    """What a person is to do, or to get, in one step: whichever time it is, when, until when."""

    step: Step
    who: str
    occurrence: int
    due_at: datetime
    late_at: datetime | None  # stale from then on


def attend(play: Play, step: Step, who: str) -> str:
    """Open, chase or retry one party. Returns the reason that holds it, "" if none does."""
    last = play.last(step.id, who)
    if last is not None and last.ended_at is None:
        return _keep_at_it(play, step, last)
    due_at = None if who in play.gone else _next_due(play, step, who, last)
    if due_at is None:
        return ""
    if due_at > play.now:
        play.later(due_at)
        return ""
    late_at = add(due_at, step.max_lateness, play.hours(who)) if step.max_lateness else None
    return _begin(play, _Attempt(step, who, last.occurrence + 1 if last else 1, due_at, late_at))


def _keep_at_it(play: Play, step: Step, party: Party) -> str:
    """Chase an open party, unless a stop for good ends it."""
    stop = _stop_for(play, step, party.who)
    if stop and stop.until is None:
        end_open_party(play, party, stop.reason, stop.at)
        return ""
    return chase(play, step, party)


def _next_due(play: Play, step: Step, who: str, last: Party | None) -> datetime | None:
    """When the first attempt is due, or the next one; None if there is none, or not yet."""
    if last is None:
        return due(play, step, who)
    return retry_due(play, step, last) if to_retry(step, last) else None


def _stop_for(play: Play, step: Step, who: str) -> StopMark | None:
    state, contact_id = play.state, None if who == ACCOUNT else int(who)
    if not state.stops:
        return None
    return stop_for(state.stops, state.enrollment_id, contact_id, step.id, step.kind, play.now)


def _begin(play: Play, one: _Attempt) -> str:
    """Open a party that is due, or record why it never will be; or say what holds it."""
    step, who, _, due_at, late_at = one
    stop = _stop_for(play, step, who)
    if stop and stop.until is None:
        return _record(play, one, "cancelled", stop.reason, max(due_at, stop.at))
    if step.at and is_past(play, step, who):
        reason = sentences.past(day_of(step.at, play.hours(who)))
        return _record(play, one, "skipped", reason, due_at)
    if not _is_wanted(play, one):
        return _record(play, one, "skipped", "its condition was false", due_at)
    if late_at and play.now >= late_at:
        return _record(play, one, "cancelled", "too late", late_at)
    if stop and stop.until:
        return _hold(play, stop.until, late_at, stop.reason)
    if not play.reachable(step, who):
        return _unreachable(play, one)
    if hold := _not_yet(play, one):
        return _hold(play, hold.at, late_at, hold.reason)
    if step.kind in SENT_BY_ENGINE:
        return _open_touch(play, one)
    if _is_handed_off(play, step):
        return _record(play, one, "skipped", "it joined the hand-off that is open", due_at)
    return _open_task(play, one)


def _not_yet(play: Play, one: _Attempt) -> Later | None:
    """What holds a party although its time has come: its turn, its cost, or who does it is away."""
    step = one.step
    if turn := turn_of(play, step, one.who, one.due_at):
        return Later(turn, SPREAD)
    if reason := play.lacks(step):
        return Later(opening(play, step, one.who, play.now + LOOK_AGAIN), reason)
    away = play.away(step)
    if away is None or (step.away != "wait" and (away.hours or step.kind is not Kind.EMAIL)):
        return None  # a mail goes from nobody but a stand-in (15)
    back_at = opening(play, step, one.who, away.until)
    return Later(back_at, sentences.away(away.name, away.back))


def _is_wanted(play: Play, one: _Attempt) -> bool:
    """Whether the step's condition holds, which is asked once for each party (5)."""
    when = one.step.when
    return one.occurrence > 1 or not when or evaluate(when, PartyView(play, one.who, one.due_at))


def _hold(play: Play, until: datetime, late_at: datetime | None, reason: str) -> str:
    """Ask again when the hold ends, or when it has become too late."""
    play.later(min(until, late_at) if late_at else until)
    return reason


def _record(play: Play, one: _Attempt, status: str, reason: str, ended_at: datetime) -> str:
    """Keep a row for a party that ends without having opened, with the reason (promise 3).

    Nothing holds it, so the answer is "".
    """
    step, who, occurrence, due_at, _ = one
    outcome, decision = OutcomeClass.NOT_DONE, play.decision
    if step.kind in SENT_BY_ENGINE:
        table, status = "touch", "suppressed" if status == "suppressed" else "cancelled"
        decision.touches.append(
            OpenTouch(
                step.id, who, occurrence, step.kind, "", "", due_at, None,
                status=status, outcome=outcome, reason=reason, ended_at=ended_at,
            )
        )  # fmt: skip
    else:
        table, status = "task", "skipped" if status == "skipped" else "cancelled"
        decision.tasks.append(
            OpenTask(
                step.id, who, occurrence, "step", step.kind, TEAM_OF[step.kind], step.by,
                step.title, "", "", due_at, None, reason, status, outcome, ended_at,
            )
        )  # fmt: skip
    play.put_party(Party(step.id, who, occurrence, table, 0, status, outcome, due_at, ended_at))
    play.note("step.skipped", step.id, who, f"{step.id}: {reason}")
    return ""


# ---------------------------------------------------------------- nobody can be reached


def _unreachable(play: Play, one: _Attempt) -> str:
    """Nobody of the cast has the address: find it first; then the party is unreachable (7)."""
    person = play.people.get(one.who)
    if person is None or person.refused or person.left_at:
        reason = (person.refused if person else "") or "the person is no longer at the account"
        status = "suppressed" if person and person.refused else "cancelled"
        return _record(play, one, status, reason, one.due_at)
    needed = ADDRESS_OF.get(one.step.kind, "address")
    search = play.others.get(("find", one.step.id, one.who)) or _search(play, one, needed)
    ended_at = one.due_at
    if search and search.ended_at is None and search.due_at:
        if play.now < search.due_at:
            reason = f"looking for the contact's {needed}"
            return _hold(play, search.due_at, one.late_at, reason)
        ended_at = _pass_over(play, search, search.due_at)
    elif search and search.ended_at:
        ended_at = max(ended_at, search.ended_at)
    return _record(play, one, "cancelled", f"unreachable: no {needed}", ended_at)


def _pass_over(play: Play, search: Party, at: datetime) -> datetime:
    """End a search that found nothing in time: looking must not stall the play."""
    close(play, search, "skipped", "passed over: nobody found it in time", at)
    play.put_other(search._replace(status="skipped", ended_at=at))
    return at


def _search(play: Play, one: _Attempt, needed: str) -> Party | None:
    """A task to find the address, unless somebody else of the cast can be reached."""
    step, run = one.step, play.runs.get(one.step.id)
    cast = cast_of_run(run) if run else play.cast_of(step)
    if any(play.reachable(step, other) for other in cast):
        return None
    title = f"Find {'an' if needed[0] in 'aeiou' else 'a'} {needed} for this contact"
    return open_side_task(play, step, one.who, "find", title, opened_at(one.due_at, play.now))


# ---------------------------------------------------------------- what opens


def variant_of(play: Play, step: Step) -> Variant:
    """The arm of a split that the play's account gets, in the words for its tier (14)."""
    return drawn(play.plan.name, step, play.state.account_id).of(play.facts.account.tier)


def drawn(playbook: str, step: Step, account_id: int) -> Variant:
    """The arm of a split: stable for (playbook, account), whatever else changes (19)."""
    if len(step.variants) < 2:
        return step.variants[0] if step.variants else NO_VARIANT
    total = sum(variant.weight for variant in step.variants)
    draw = bucket(playbook, step.root, str(account_id), of=total)
    for variant in step.variants:
        if (draw := draw - variant.weight) < 0:
            return variant
    return step.variants[-1]


def _open_touch(play: Play, one: _Attempt) -> str:
    step, who, occurrence, due_at, late_at = one
    variant = variant_of(play, step)
    play.spend(step)
    status = "draft" if step.approve else "ready"
    play.decision.touches.append(
        OpenTouch(
            step.id, who, occurrence, step.kind, variant.template, variant.name, due_at, late_at,
            step.sender, status,
        )
    )  # fmt: skip
    party = Party(step.id, who, occurrence, "touch", 0, status, "", due_at, None)
    play.put_party(party)
    if step.approve:
        title, opened = f"Approve the mail of {step.id}", opened_at(due_at, play.now)
        open_side_task(play, step, who, "approve", title, opened, occurrence, latest=late_at)
    return chase(play, step, party)


def _open_task(play: Play, one: _Attempt) -> str:
    step, who, occurrence, due_at, late_at = one
    if hold := _cap_hold(play, step, who):
        return _hold(play, opening(play, step, who, hold.at), late_at, hold.reason)
    variant, opened = variant_of(play, step), _opened_at(play, due_at)
    deadline = _deadline(play, step, who, opened)
    play.spend(step)
    play.decision.tasks.append(
        OpenTask(
            step.id, who, occurrence, "step", step.kind, TEAM_OF[step.kind], step.by, step.title,
            variant.template, variant.name, opened, deadline,
        )
    )  # fmt: skip
    play.put_party(Party(step.id, who, occurrence, "task", 0, "open", "", opened, None, deadline))
    if deadline:
        play.later(deadline)
    return ""


def _deadline(play: Play, step: Step, who: str, opened: datetime) -> datetime | None:
    """How long there is for a task; its chain may begin at once where nobody is there (15)."""
    away = play.away(step) if step.away == "overdue" else None
    if away:
        told = sentences.away(away.name, away.back)
        play.note("task.escalated", step.id, who, f"{step.id} is overdue at once: {told}")
        return opened
    return time_for(play, step, opened)


def _cap_hold(play: Play, step: Step, who: str) -> Later | None:
    """The cap that a task has to wait for; an answer waits for none (18)."""
    if step.kind not in REACHES_PERSON or step.answer:
        return None
    contact_id = None if who == ACCOUNT else int(who)
    return cap_hold(play.plan.caps, play.facts.reached, contact_id, play.now)


def _opened_at(play: Play, due_at: datetime) -> datetime:
    """What fell due in a pause was in nobody's queue before it was over."""
    resumed_at = play.state.resumed_at
    return play.now if resumed_at and due_at <= resumed_at else opened_at(due_at, play.now)


def _is_handed_off(play: Play, step: Step) -> bool:
    """An account has at most one open hand-off (9)."""
    return step.kind is Kind.HAND_OFF and any(
        party.purpose == "hand_off" and party.ended_at is None for party in play.others.values()
    )
