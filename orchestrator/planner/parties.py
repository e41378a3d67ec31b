"""One person's part in one step: it opens, is held, is tried again, and ends.

Pure. Whatever ends without having opened keeps a row with its reason, so that the log can say why
nothing happened. The numbers in brackets are the rules of the language reference.
"""

from __future__ import annotations

from datetime import datetime

from orchestrator.calendar import add
from orchestrator.conditions import evaluate
from orchestrator.pacing import cap_hold, stop_for
from orchestrator.planner.catching_up import SPREAD, turn_of
from orchestrator.planner.chasing import chase
from orchestrator.planner.dues import due, opening, retry_due, to_retry
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
    OpenTask,
    OpenTouch,
    OutcomeClass,
    Party,
    Step,
    StopMark,
    Variant,
    bucket,
)

NO_VARIANT = Variant("", "")


def attend(play: Play, step: Step, who: str) -> str:
    """Open, chase or retry one party. Returns the reason that holds it, "" if none does."""
    last = play.last(step.id, who)
    if last is not None and last.ended_at is None:
        stop = _stop_for(play, step, who)
        if stop and stop.until is None:
            end_open_party(play, last, stop.reason, stop.at)
            return ""
        return chase(play, step, last)
    if who in play.gone:
        return ""
    if last is None:
        at = due(play, step, who)
    elif to_retry(step, last):
        at = retry_due(play, step, last)
    else:
        return ""
    if at is None:
        return ""
    if at > play.now:
        play.later(at)
        return ""
    return _begin(play, step, who, last.occurrence + 1 if last else 1, at)


def _stop_for(play: Play, step: Step, who: str) -> StopMark | None:
    state, contact_id = play.state, None if who == ACCOUNT else int(who)
    if not state.stops:
        return None
    return stop_for(state.stops, state.enrollment_id, contact_id, step.id, step.kind, play.now)


def _begin(play: Play, step: Step, who: str, occurrence: int, due: datetime) -> str:
    """Open a party that is due, or record why it never will be; or say what holds it."""
    late_at = add(due, step.max_lateness, play.hours(who)) if step.max_lateness else None
    stop = _stop_for(play, step, who)
    if stop and stop.until is None:
        _record(play, step, who, occurrence, due, "cancelled", stop.reason, max(due, stop.at))
    elif occurrence == 1 and step.when and not evaluate(step.when, PartyView(play, who, due)):
        _record(play, step, who, occurrence, due, "skipped", "its condition was false", due)
    elif late_at and play.now >= late_at:
        _record(play, step, who, occurrence, due, "cancelled", "too late", late_at)
    elif stop and stop.until:
        return _hold(play, stop.until, late_at, stop.reason)
    elif not play.reachable(step, who):
        return _unreachable(play, step, who, occurrence, due, late_at)
    elif turn := turn_of(play, step, who, due):
        return _hold(play, turn, late_at, SPREAD)
    elif step.kind in SENT_BY_ENGINE:
        return _open_touch(play, step, who, occurrence, due, late_at)
    elif _is_handed_off(play, step):
        reason = "it joined the hand-off that is open"
        _record(play, step, who, occurrence, due, "skipped", reason, due)
    else:
        return _open_task(play, step, who, occurrence, due, late_at)
    return ""


def _hold(play: Play, until: datetime, late_at: datetime | None, reason: str) -> str:
    """Ask again when the hold ends, or when it has become too late."""
    play.later(min(until, late_at) if late_at else until)
    return reason


def _record(
    play: Play, step: Step, who: str, occurrence: int, due: datetime,
    status: str, reason: str, ended_at: datetime,
) -> None:  # fmt: skip
    """Keep a row for a party that ends without having opened, with the reason (promise 3)."""
    outcome, decision = OutcomeClass.NOT_DONE, play.decision
    if step.kind in SENT_BY_ENGINE:
        table, status = "touch", "suppressed" if status == "suppressed" else "cancelled"
        decision.touches.append(
            OpenTouch(
                step.id, who, occurrence, step.kind, "", "", due, None,
                status=status, outcome=outcome, reason=reason, ended_at=ended_at,
            )
        )  # fmt: skip
    else:
        table, status = "task", "skipped" if status == "skipped" else "cancelled"
        decision.tasks.append(
            OpenTask(
                step.id, who, occurrence, "step", step.kind, TEAM_OF[step.kind], step.by,
                step.title, "", "", due, None, reason, status, outcome, ended_at,
            )
        )  # fmt: skip
    play.put_party(Party(step.id, who, occurrence, table, 0, status, outcome, due, ended_at))
    play.note("step.skipped", step.id, who, f"{step.id}: {reason}")


# ---------------------------------------------------------------- nobody can be reached


def _unreachable(
    play: Play, step: Step, who: str, occurrence: int, due: datetime, late_at: datetime | None
) -> str:
    """Nobody of the cast has the address: find it first; then the party is unreachable (7)."""
    person = play.people.get(who)
    needed = ADDRESS_OF.get(step.kind, "address")
    if person is None or person.refused or person.left_at:
        reason = (person.refused if person else "") or "the person is no longer at the account"
        status = "suppressed" if person and person.refused else "cancelled"
        _record(play, step, who, occurrence, due, status, reason, due)
        return ""
    search = play.others.get(("find", step.id, who)) or _search(play, step, who, needed, due)
    ended_at = due
    if search and search.ended_at is None and search.due_at:
        if play.now < search.due_at:
            return _hold(play, search.due_at, late_at, f"looking for the contact's {needed}")
        # Looking must not stall the play.
        ended_at = search.due_at
        close(play, search, "skipped", "passed over: nobody found it in time", ended_at)
        play.put_other(search._replace(status="skipped", ended_at=ended_at))
    elif search and search.ended_at:
        ended_at = max(due, search.ended_at)
    _record(play, step, who, occurrence, due, "cancelled", f"unreachable: no {needed}", ended_at)
    return ""


def _search(play: Play, step: Step, who: str, needed: str, due: datetime) -> Party | None:
    """A task to find the address, unless somebody else of the cast can be reached."""
    run = play.runs.get(step.id)
    cast = cast_of_run(run) if run else play.cast_of(step)
    if any(play.reachable(step, other) for other in cast):
        return None
    title = f"Find {'an' if needed[0] in 'aeiou' else 'a'} {needed} for this contact"
    return open_side_task(play, step, who, "find", title, opened_at(due, play.now))


# ---------------------------------------------------------------- what opens


def variant_of(play: Play, step: Step) -> Variant:
    """The arm of a split: stable for (playbook, account), whatever else changes (19)."""
    if len(step.variants) < 2:
        return step.variants[0] if step.variants else NO_VARIANT
    total = sum(variant.weight for variant in step.variants)
    draw = bucket(play.plan.name, step.id, str(play.state.account_id), of=total)
    for variant in step.variants:
        if (draw := draw - variant.weight) < 0:
            return variant
    return step.variants[-1]


def _open_touch(
    play: Play, step: Step, who: str, occurrence: int, due: datetime, late_at: datetime | None
) -> str:
    variant = variant_of(play, step)
    status = "draft" if step.approve else "ready"
    play.decision.touches.append(
        OpenTouch(
            step.id, who, occurrence, step.kind, variant.template, variant.name, due, late_at,
            step.sender, status,
        )
    )  # fmt: skip
    party = Party(step.id, who, occurrence, "touch", 0, status, "", due, None)
    play.put_party(party)
    if step.approve:
        title, opened = f"Approve the mail of {step.id}", opened_at(due, play.now)
        open_side_task(play, step, who, "approve", title, opened, occurrence, latest=late_at)
    return chase(play, step, party)


def _open_task(
    play: Play, step: Step, who: str, occurrence: int, due: datetime, late_at: datetime | None
) -> str:
    contact_id = None if who == ACCOUNT else int(who)
    if step.kind in REACHES_PERSON and not step.answer:
        hold = cap_hold(play.plan.caps, play.facts.reached, contact_id, play.now)
        if hold:
            return _hold(play, opening(play, step, who, hold.at), late_at, hold.reason)
    variant, opened = variant_of(play, step), _opened_at(play, due)
    deadline = add(opened, step.due, play.assignee_hours(step)) if step.due else None
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


def _opened_at(play: Play, due: datetime) -> datetime:
    """What fell due in a pause was in nobody's queue before it was over."""
    resumed_at = play.state.resumed_at
    return play.now if resumed_at and due <= resumed_at else opened_at(due, play.now)


def _is_handed_off(play: Play, step: Step) -> bool:
    """An account has at most one open hand-off (9)."""
    return step.kind is Kind.HAND_OFF and any(
        party.purpose == "hand_off" and party.ended_at is None for party in play.others.values()
    )
