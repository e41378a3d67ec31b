"""What happens next for one enrollment: the one place where a play moves on.

`decide` is pure and repeatable: the same plan, state, facts and instant give the same decision, in
the engine and in the dry run. Dues derive from recorded instants, never from the tick that noticed
them. Steps are visited with prerequisites first, so one decision carries a play as far as it goes.
The numbers in brackets are the rules of the language reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from orchestrator.calendar import add
from orchestrator.planner.parties import attend, end_open_party, open_side_task
from orchestrator.planner.play import Play, cast_of_run
from orchestrator.terms import (
    ACCOUNT,
    Decision,
    Facts,
    Holder,
    How,
    OutcomeClass,
    Plan,
    Run,
    State,
    Step,
    StopMark,
)

NOBODY = "no_contact"


def decide(plan: Plan, state: State, facts: Facts, now: datetime) -> Decision:
    """All that an active enrollment wants written at `now`, and when to ask again."""
    play = Play(plan, state, facts, now)
    stop = _whole_stop(play)
    _release_seats(play)
    if not stop:
        _refill_seats(play)
    for step in plan.steps:
        if stop and step.id not in stop.keep and step.kind not in stop.keep:
            _abandon(play, step, stop)
        else:
            _visit(play, step)
    _finish(play, stop)
    return play.decision


# ---------------------------------------------------------------- steps


def _visit(play: Play, step: Step) -> None:
    run = play.runs.get(step.id)
    if run and run.status == "done":
        _catch_up(play, step)
        return
    if run is None or run.opened_at is None:
        run = _open(play, step, run)
    if run:
        _work(play, step, run)


def _open(play: Play, step: Step, run: Run | None) -> Run | None:
    """Open the step if its first party is due, else note when it will be (rules 3, 5)."""
    whos = play.cast_of(step) or (ACCOUNT,)
    dues = [due for who in whos if (due := play.due(step, who))]
    if not dues:
        return None
    due = min(dues)
    if due > play.now:
        play.put_run((run or Run(step.id, "waiting"))._replace(due_at=due))
        play.later(due)
        return None
    cast = play.cast_of(step, bind=True)
    return Run(step.id, "open", due, run.reason if run else "", ",".join(cast), due)


def _work(play: Play, step: Step, run: Run) -> None:
    """Move every party of an open step; the step is done when all of them have ended (4)."""
    cast = cast_of_run(run)
    if not cast:
        _nobody(play, step, run)
        return
    hold = ""
    for who in cast:
        hold = attend(play, step, who) or hold
    ends = [play.end_of_party(step, who) for who in cast]
    if all(ends):
        done_at = max(end for end in ends if end)
        outcome = _outcome(play, step, cast)
        play.put_run(run._replace(status="done", reason="", done_at=done_at, outcome=outcome))
        return
    if hold and hold != run.reason:
        play.note("step.held", step.id, cast[0], hold)
    begun = any((step.id, who) in play.chains for who in cast)
    play.put_run(run._replace(status="open" if begun or not hold else "held", reason=hold))


def _nobody(play: Play, step: Step, run: Run) -> None:
    """An empty cast ends the step; a coverage task says which seat is open (2, 3)."""
    reason = "nobody holds the seat"
    play.put_run(run._replace(status="done", done_at=run.opened_at, outcome=NOBODY, reason=reason))
    play.note("step.skipped", step.id, ACCOUNT, f"{step.id}: {reason}")
    for name in step.reach.seats:
        who = f"seat:{name}"
        if not any(p == "cover" and w == who for p, _, w in play.others):
            seat = play.plan.seats[name]
            wanted = " ".join(filter(None, (seat.role, seat.persona))) or name
            open_side_task(play, step, who, "cover", f"Find a person for the seat {name}: {wanted}")


def _outcome(play: Play, step: Step, cast: Iterable[str]) -> str:
    outcomes = [
        chain[-1].outcome for who in cast if (chain := play.chains.get((step.id, who)))
    ] or [OutcomeClass.NOT_DONE]
    return OutcomeClass.REACHED if OutcomeClass.REACHED in outcomes else outcomes[-1]


def _catch_up(play: Play, step: Step) -> None:
    """A step that is done runs again only for who fills a seat that was open (8)."""
    if step.join and step.reach.how is How.EACH:
        for holder in play.newcomers.values():
            if holder.seat in step.reach.seats:
                attend(play, step, str(holder.contact_id))


def _abandon(play: Play, step: Step, stop: StopMark) -> None:
    """A stop of the whole account ends what is open; nothing new of the step begins (9, 10)."""
    run = play.runs.get(step.id)
    if run is None or run.status == "done":
        return
    for who in cast_of_run(run):
        end_open_party(play, step.id, who, stop.reason, stop.at)
    outcome = OutcomeClass.NOT_DONE
    play.put_run(run._replace(status="done", reason=stop.reason, done_at=stop.at, outcome=outcome))


# ---------------------------------------------------------------- seats


def _release_seats(play: Play) -> None:
    """Who bounced, opted out or left ends their threads and leaves the seat open (8)."""
    for holder in list(play.holders):
        person = play.people.get(str(holder.contact_id))
        if person is None or person.left_at or person.refused:
            reason = (person.refused if person else "") or "no longer at the account"
            _leave(play, holder, reason)


def _leave(play: Play, holder: Holder, reason: str) -> None:
    who = str(holder.contact_id)
    play.holders.remove(holder)
    play.gone[who] = play.now
    left = holder._replace(left_at=play.now, left_reason=reason)
    play.decision.holders.append(left)
    play.note("seat.left", "", who, f"left the seat {holder.seat}: {reason}")
    for step_id, other in list(play.chains):
        if other == who:
            end_open_party(play, step_id, who, reason, play.now)


def _refill_seats(play: Play) -> None:
    """A seat that was used and stands open takes whoever fits now (8)."""
    taken = {holder.seat for holder in play.holders}
    for seat in play.plan.seats.values():
        if seat.name not in taken and _used(play, seat.name):
            for who in play.seated(seat, bind=True):
                play.note("seat.bound", "", who, f"took the open seat {seat.name}")


def _used(play: Play, seat: str) -> bool:
    return any(
        (run := play.runs.get(step.id)) is not None and run.opened_at is not None
        for step in play.plan.steps
        if seat in step.reach.seats
    )


# ---------------------------------------------------------------- the end


def _whole_stop(play: Play) -> StopMark | None:
    """The stop for good that covers the account as a whole in this play, if any."""
    stops = [
        stop
        for stop in play.state.stops
        if stop.contact_id is None
        and stop.until is None
        and stop.enrollment_id in (None, play.state.enrollment_id)
    ]
    return min(stops, key=lambda stop: stop.at, default=None)


def _finish(play: Play, stop: StopMark | None) -> None:
    """End the play when nothing is left to happen, or say what it still waits for."""
    if stop:
        _finish_stopped(play, stop)
    elif all((run := play.runs.get(s.id)) and run.status == "done" for s in play.plan.steps):
        idle = play.decision.next_due is None
        if idle and not any(chain[-1].ended_at is None for chain in play.chains.values()):
            outcomes = {run.outcome for run in play.runs.values()}
            play.decision.end = "unreachable" if outcomes <= {NOBODY} else "completed"


def _finish_stopped(play: Play, stop: StopMark) -> None:
    """Kept steps go on to their end, and a hand-off wants its answer, before the play ends."""
    for step in play.plan.steps:
        run = play.runs.get(step.id)
        if run and run.status != "done":
            return
        kept = step.id in stop.keep or step.kind in stop.keep
        if run and run.done_at and kept and step.lasts:
            ends = add(run.done_at, step.lasts, play.hours(ACCOUNT))
            if ends > play.now:
                play.later(ends)
                return
    hand_offs = [party for (purpose, *_), party in play.others.items() if purpose == "hand_off"]
    if any(party.ended_at is None for party in hand_offs):
        return
    play.decision.end = "handed_off" if hand_offs else "stopped"
    play.decision.reason = stop.reason
