"""One person's part in one step: it opens, is held, is chased, is tried again, and ends.

Pure. Whatever ends without having opened keeps a row with its reason, so that the log can say why
nothing happened. The numbers in brackets are the rules of the language reference.
"""

from __future__ import annotations

from datetime import datetime

from orchestrator.calendar import add
from orchestrator.conditions import evaluate
from orchestrator.pacing import cap_hold, stop_for
from orchestrator.planner.play import Play, cast_of_run, opened_at
from orchestrator.planner.view import PartyView
from orchestrator.terms import (
    ACCOUNT,
    ADDRESS_OF,
    REACHES_PERSON,
    SENT_BY_ENGINE,
    TEAM_OF,
    Advance,
    Close,
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
    chain = play.chains.get((step.id, who))
    stop = _stop_for(play, step, who)
    if chain and chain[-1].ended_at is None:
        if stop and stop.until is None:
            end_open_party(play, step.id, who, stop.reason, stop.at)
            return ""
        return _chase(play, step, chain[-1])
    if who in play.gone:
        return ""
    if not chain:
        due = play.due(step, who)
    elif play.to_retry(step, chain[-1]):
        due = _retry_due(play, step, chain[-1])
    else:
        return ""
    if due is None:
        return ""
    if due > play.now:
        play.later(due)
        return ""
    if stop and stop.until:
        play.later(stop.until)
        return stop.reason
    return _begin(play, step, who, chain[-1].occurrence + 1 if chain else 1, due, stop)


def _stop_for(play: Play, step: Step, who: str) -> StopMark | None:
    state, contact_id = play.state, None if who == ACCOUNT else int(who)
    if not state.stops:
        return None
    return stop_for(state.stops, state.enrollment_id, contact_id, step.id, step.kind, play.now)


def _retry_due(play: Play, step: Step, last: Party) -> datetime:
    at = last.ended_at or play.now
    if step.every:
        at = add(at, step.every, play.hours(last.who))
    return play.opening(step, last.who, at)


def _begin(
    play: Play, step: Step, who: str, occurrence: int, due: datetime, stop: StopMark | None
) -> str:
    """Open a party that is due, or record why it never will be; or say what holds it."""
    late_at = add(due, step.max_lateness, play.hours(who)) if step.max_lateness else None
    if stop:
        _record(play, step, who, occurrence, due, "cancelled", stop.reason, max(due, stop.at))
    elif occurrence == 1 and step.when and not evaluate(step.when, PartyView(play, who)):
        _record(play, step, who, occurrence, due, "skipped", "its condition was false", due)
    elif late_at and play.now >= late_at:
        _record(play, step, who, occurrence, due, "cancelled", "too late", late_at)
    elif who != ACCOUNT and not play.reachable(step, who):
        return _unreachable(play, step, who, occurrence, due)
    elif step.kind in SENT_BY_ENGINE:
        _open_touch(play, step, who, occurrence, due, late_at)
    else:
        return _open_task(play, step, who, occurrence, due)
    return ""


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


def _unreachable(play: Play, step: Step, who: str, occurrence: int, due: datetime) -> str:
    """Nobody of the cast has the address: find it first; then the party is unreachable (7)."""
    person = play.people.get(who)
    needed = ADDRESS_OF.get(step.kind, "address")
    if person is None or person.refused or person.left_at:
        reason = (person.refused if person else "") or "the person is no longer at the account"
        status = "suppressed" if person and person.refused else "cancelled"
        _record(play, step, who, occurrence, due, status, reason, due)
        return ""
    search = play.others.get(("find", step.id, who))
    run = play.runs.get(step.id)
    cast = cast_of_run(run) if run else play.cast_of(step)
    if search is None and not any(play.reachable(step, other) for other in cast):
        title = f"Find {'an' if needed[0] in 'aeiou' else 'a'} {needed} for this contact"
        search = open_side_task(play, step, who, "find", title)
    if search and search.ended_at is None:
        return _chase_search(play, step, search, needed)
    ended_at = search.ended_at if search and search.ended_at else due
    _record(play, step, who, occurrence, due, "cancelled", f"unreachable: no {needed}", ended_at)
    return ""


def _chase_search(play: Play, step: Step, search: Party, needed: str) -> str:
    """A search that nobody finishes ends at its deadline: looking must not stall the play."""
    if search.due_at and play.now >= search.due_at:
        ended = search._replace(ended_at=search.due_at)
        play.others["find", step.id, search.who] = ended
        reason = "passed over: nobody found it in time"
        _close(play, search, "skipped", reason, search.due_at)
        return attend(play, step, search.who)
    if search.due_at:
        play.later(search.due_at)
    return f"looking for the contact's {needed}"


def _variant(play: Play, step: Step) -> Variant:
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
) -> None:
    variant = _variant(play, step)
    status = "draft" if step.approve else "ready"
    play.decision.touches.append(
        OpenTouch(
            step.id, who, occurrence, step.kind, variant.template, variant.name, due, late_at,
            step.sender, status,
        )
    )  # fmt: skip
    play.put_party(Party(step.id, who, occurrence, "touch", 0, status, "", due, None))
    if step.approve:
        open_side_task(play, step, who, "approve", f"Approve the mail of {step.id}", occurrence)


def _open_task(play: Play, step: Step, who: str, occurrence: int, due: datetime) -> str:
    contact_id = None if who == ACCOUNT else int(who)
    if step.kind in REACHES_PERSON and not step.answer:
        hold = cap_hold(play.plan.caps, play.facts.reached, contact_id, play.now)
        if hold:
            play.later(play.opening(step, who, hold.at))
            return hold.reason
    variant, opened = _variant(play, step), opened_at(due, play.now)
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


def open_side_task(
    play: Play, step: Step, who: str, purpose: str, title: str, occurrence: int = 1
) -> Party:
    """A task beside the step itself: find, cover, approve, escalate; each at most once."""
    there = play.others.get((purpose, step.id, who))
    if there and there.occurrence == occurrence:
        return there
    deadline = add(play.now, step.due, play.assignee_hours(step)) if step.due else None
    team = TEAM_OF[step.kind] if purpose != "escalate" else "leader"
    kind = Kind.TODO if purpose != "approve" else step.kind
    play.decision.tasks.append(
        OpenTask(
            step.id, who, occurrence, purpose, kind, team, step.by, title, "", "",
            play.now, deadline,
        )
    )  # fmt: skip
    party = Party(
        step.id, who, occurrence, "task", 0, "open", "", play.now, None, deadline, purpose=purpose
    )
    play.others[purpose, step.id, who] = party
    return party


# ---------------------------------------------------------------- what is late, and what ends


def _chase(play: Play, step: Step, party: Party) -> str:
    """Fire the links of the `overdue` chain whose time has come; it always ends (4)."""
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


def _overdue_link(play: Play, step: Step, party: Party, link: str, at: datetime) -> Party:
    if link in ("skip", "proceed"):
        reason = f"overdue: {link}"
        _close(play, party, "skipped" if link == "skip" else "open", reason, at)
        play.note("task.skipped", step.id, party.who, f"{step.id} was not done in time ({link})")
        return party._replace(ended_at=at, outcome=OutcomeClass.NOT_DONE)
    again = add(at, step.due, play.assignee_hours(step)) if step.due else at
    play.decision.advances.append(Advance(party.id, party.overdue + 1, again, link))
    play.note("task.escalated", step.id, party.who, f"{step.id} is overdue ({link})")
    if link == "escalate":
        title = f"Overdue: {step.title or step.id}"
        open_side_task(play, step, party.who, "escalate", title, party.occurrence)
    return party._replace(overdue=party.overdue + 1, due_at=again)


def _chase_approval(play: Play, step: Step, party: Party) -> str:
    """A draft that nobody approves in time never leaves."""
    task = play.others.get(("approve", step.id, party.who))
    if task is None or task.due_at is None or task.ended_at is not None:
        return "waits for approval"
    if play.now < task.due_at:
        play.later(task.due_at)
        return "waits for approval"
    reason = "nobody approved it in time"
    _close(play, task, "skipped", reason, task.due_at)
    _close(play, party, "cancelled", reason, task.due_at)
    play.put_party(
        party._replace(status="cancelled", ended_at=task.due_at, outcome=OutcomeClass.NOT_DONE)
    )
    play.note("step.skipped", step.id, party.who, f"{step.id}: {reason}")
    return ""


def _close(play: Play, party: Party, status: str, reason: str, at: datetime) -> None:
    if party.id:
        play.decision.closes.append(
            Close(
                party.table, party.id, status, OutcomeClass.NOT_DONE, reason, at, status == "open"
            )
        )


def end_open_party(play: Play, step_id: str, who: str, reason: str, at: datetime) -> None:
    chain = play.chains.get((step_id, who))
    if chain and chain[-1].ended_at is None and chain[-1].status != "sending":
        _close(play, chain[-1], "cancelled", reason, at)
        play.put_party(
            chain[-1]._replace(status="cancelled", ended_at=at, outcome=OutcomeClass.NOT_DONE)
        )
