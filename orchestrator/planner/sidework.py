"""Tasks beside the steps: find an address, fill a seat, approve a mail, chase what is overdue.

Pure. Each has a deadline and ends by itself when nobody needs it any more, so that no play stalls
on it and no rep does work for nothing. The numbers in brackets are the rules of the language
reference.
"""

from __future__ import annotations

from datetime import datetime

from orchestrator.calendar import Span, Unit, add
from orchestrator.planner.play import Play, is_kept
from orchestrator.terms import (
    TEAM_OF,
    Close,
    Kind,
    OpenTask,
    OutcomeClass,
    Party,
    Step,
    StopMark,
)

UNLESS_SAID = Span(2, Unit.BUSINESS_DAYS)  # as long as a step's own task has by default
BESIDE_A_PARTY = frozenset({"find", "approve", "escalate"})


def open_side_task(
    play: Play, step: Step, who: str, purpose: str, title: str, at: datetime, occurrence: int = 1,
    *, latest: datetime | None = None,
) -> Party:  # fmt: skip
    """Open a task beside the step; each at most once. Nobody needs it after `latest`."""
    there = play.others.get((purpose, step.id, who))
    if there and there.occurrence == occurrence:
        return there
    deadline = add(at, step.due or UNLESS_SAID, play.assignee_hours(step))
    deadline = min(deadline, latest) if latest else deadline
    team = "leader" if purpose == "escalate" else TEAM_OF[step.kind]
    kind = step.kind if purpose == "approve" else Kind.TODO
    by = "" if purpose == "escalate" else step.by
    play.decision.tasks.append(
        OpenTask(step.id, who, occurrence, purpose, kind, team, by, title, "", "", at, deadline)
    )
    party = Party(
        step.id, who, occurrence, "task", 0, "open", "", at, None, deadline, purpose=purpose
    )
    play.put_other(party)
    return party


def ask_for_cover(play: Play, step: Step, seat_name: str, at: datetime) -> None:
    """Say once that a seat is open; again only after somebody has sat there and left (2)."""
    who, vacated = f"seat:{seat_name}", play.vacated_at(seat_name)
    for party in play.others.values():
        asked = party.purpose == "cover" and party.who == who
        if asked and (vacated is None or party.ended_at is None or party.opened_at >= vacated):
            return
    seat = play.plan.seats[seat_name]
    wanted = " ".join(filter(None, (seat.role, seat.persona))) or seat_name
    open_side_task(
        play, step, who, "cover", f"Find a person for the seat {seat_name}: {wanted}", at
    )


def close(play: Play, party: Party, status: str, reason: str, at: datetime) -> None:
    """End a stored party; `open` lets its task stay workable. What is still in hand has no row."""
    if party.id:
        play.decision.closes.append(
            Close(
                party.table, party.id, status, OutcomeClass.NOT_DONE, reason, at, status == "open"
            )
        )


def end_open_party(play: Play, party: Party, reason: str, at: datetime) -> None:
    """Cancel a party that is open; one that is already leaving can only be waited for."""
    if party.ended_at is None and party.status != "sending":
        at = max(at, party.opened_at)
        close(play, party, "cancelled", reason, at)
        play.put_party(
            party._replace(status="cancelled", ended_at=at, outcome=OutcomeClass.NOT_DONE)
        )


# ---------------------------------------------------------------- when nobody needs them


def tidy(play: Play, stop: StopMark | None) -> None:
    """End the tasks beside the steps that nobody needs any more, and those past their time."""
    for party in list(play.others.values()):
        if party.ended_at is not None or party.purpose not in ("cover", *BESIDE_A_PARTY):
            continue
        if reason := _needless(play, party, stop):
            _end(play, party, "cancelled", reason, play.now)
        elif party.purpose == "cover" and party.due_at:
            if party.due_at > play.now:
                play.later(party.due_at)
            else:
                reason = "passed over: nobody was found in time"
                _end(play, party, "skipped", reason, party.due_at)
                play.note("task.skipped", party.step, party.who, reason)


def _end(play: Play, party: Party, status: str, reason: str, at: datetime) -> None:
    close(play, party, status, reason, at)
    play.put_other(party._replace(status=status, ended_at=at, outcome=OutcomeClass.NOT_DONE))


def _needless(play: Play, party: Party, stop: StopMark | None) -> str:
    if stop and not is_kept(play.steps[party.step], stop):
        return stop.reason
    if party.purpose == "cover":
        return "the seat is filled" if play.seats.get(party.who.partition(":")[2]) else ""
    if party.who in play.gone:
        return "the person has left the play"
    last = play.last(party.step, party.who)
    if party.purpose == "find":
        return "the address is there" if last else ""
    passed_over = last is not None and last.ended_at is not None and last.status != "open"
    return "it has ended" if passed_over else ""
