"""What happens next for one enrollment: the one place where a play moves on.

`decide` is pure and repeatable: the same plan, state, facts and instant give the same decision, in
the engine and in the dry run. Dues derive from recorded instants, never from the tick that noticed
them. Steps are visited with prerequisites first, so one decision carries a play as far as it goes.
The numbers in brackets are the rules of the language reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from orchestrator.calendar import add
from orchestrator.planner.branching import choose, is_open_to
from orchestrator.planner.catching_up import first_missed, may_have_missed
from orchestrator.planner.coming_back import begin_anew, come_back
from orchestrator.planner.dues import due, end_of_party, is_for, may_be_due
from orchestrator.planner.hours import opened_at
from orchestrator.planner.parties import attend
from orchestrator.planner.play import Play, cast_of_run, is_kept
from orchestrator.planner.sidework import ask_for_cover, end_open_party, tidy
from orchestrator.planner.waiting import wait_for
from orchestrator.quiet import next_loud, told
from orchestrator.terms import (
    ACCOUNT,
    REACHES_PERSON,
    Decision,
    Facts,
    Holder,
    How,
    Kind,
    OutcomeClass,
    Plan,
    Run,
    State,
    Step,
    StopMark,
)

NOBODY = "no_contact"
HANDING = (Kind.HAND_OFF, Kind.HAND_BACK)


def decide(plan: Plan, state: State, facts: Facts, now: datetime) -> Decision:
    """All that an active enrollment wants written at `now`, and when to ask again."""
    play = Play(plan, state, facts, now)
    if may_have_missed(play):
        play.first_missed = _first_missed(Play(plan, state, facts, now))
    _move(play)
    play.decision.runs = play.changed_runs()
    return play.decision


def _first_missed(trial: Play) -> datetime | None:
    """Move on without letting anybody begin who was missed: what is stale gives way to them."""
    trial.missed = []
    _move(trial)
    return first_missed(trial) if trial.missed else None


def _move(play: Play) -> None:
    plan, stop = play.plan, _whole_stop(play)
    _release_seats(play)
    if not stop:
        _refill_seats(play)
    for step in plan.steps:
        run = play.runs.get(step.id)
        if stop and not is_kept(step, stop):
            _abandon(play, step, run, stop)
        elif run is None or run.status != "done" or play.newcomers:
            _visit(play, step, run)
    tidy(play, stop)
    _finish(play, stop)


# ---------------------------------------------------------------- steps


def _visit(play: Play, step: Step, run: Run | None) -> None:
    if step.tiers and not is_for(play, step):
        pass_by(play, step, run)
        return
    if run is None or (run.opened_at is None and run.status != "done"):
        begins = is_open_to(play, step) and may_be_due(play, step)
        run = _open(play, step, run) if begins else None
    if run is None:
        return
    if run.status != "done":
        _go_on(play, step, run)
    if play.newcomers:
        _catch_up(play, step)


def pass_by(play: Play, step: Step, run: Run | None) -> None:
    """A step for accounts of other tiers is over before it begins (14)."""
    if run is None:
        at, reason = play.state.activated_at, _for_others(play, step)
        ended = Run(step.id, "done", None, reason, "", None, at, OutcomeClass.NOT_DONE)
        play.put_run(ended)
        play.note("step.skipped", step.id, ACCOUNT, f"{step.id}: {reason}")


def _for_others(play: Play, step: Step) -> str:
    tier = play.facts.account.tier
    its = f"the account is of tier {tier}" if tier else "the account has no tier"
    return f"only for tier {', '.join(map(str, step.tiers))}; {its}"


def _go_on(play: Play, step: Step, run: Run) -> None:
    if step.until:
        wait_for(play, step, run)
    elif step.branches:
        choose(play, step, run)
    else:
        _work(play, step, run)


def _open(play: Play, step: Step, run: Run | None) -> Run | None:
    """Open the step if its first party is due, else note when it will be (3, 5)."""
    whos = play.cast_of(step) or (ACCOUNT,)
    dues = [(at, who) for who in whos if (at := due(play, step, who))]
    if not dues:
        return None
    first, who = min(dues)
    if first > play.now:
        _wait(play, step, run, first, who)
        return None
    cast = play.cast_of(step, bind=True)
    opened = Run(step.id, "open", first, run.reason if run else "", ",".join(cast), first)
    _cover(play, step, cast, first)
    return opened


def _wait(play: Play, step: Step, run: Run | None, first: datetime, who: str) -> None:
    """Note when the step opens; the first time on the log, too, where only a person's night keeps
    it (16)."""
    play.later(first)
    if run is None:
        hours, run = play.hours(who), Run(step.id, "waiting")
        kept = step.always and step.kind in REACHES_PERSON and hours.loud
        if kept and first == next_loud(play.now, hours):
            run = run._replace(reason=told(play.now, hours))
        if run.reason:
            play.note("step.held", step.id, who, run.reason)
    play.put_run(run._replace(due_at=first))


def _cover(play: Play, step: Step, cast: Sequence[str], at: datetime) -> None:
    """Seats that the step reaches and nobody holds are said to be open (2)."""
    if step.reach.how is How.EACH or not cast:
        for name in step.reach.seats:
            if not play.seats.get(name):
                ask_for_cover(play, step, name, opened_at(at, play.now))


def _work(play: Play, step: Step, run: Run) -> None:
    """Move every party of an open step; the step is done when all of them have ended (4)."""
    cast = cast_of_run(run)
    if not cast:
        _nobody(play, step, run)
        return
    holds = [(who, hold) for who in cast if (hold := attend(play, step, who))]
    ends = [end_of_party(play, step, who) for who in cast]
    if all(ends):
        done_at = max(end for end in ends if end)
        outcome = _outcome(play, step, cast)
        play.put_run(run._replace(status="done", reason="", done_at=done_at, outcome=outcome))
        return
    held, reason = holds[0] if holds else ("", "")
    if reason and reason != run.reason:
        play.note("step.held", step.id, held, reason)
    begun = any((step.id, who) in play.chains for who in cast)
    play.put_run(run._replace(status="open" if begun or not holds else "held", reason=reason))


def _nobody(play: Play, step: Step, run: Run) -> None:
    """An empty cast ends the step (3)."""
    reason = "nobody holds the seat"
    play.put_run(run._replace(status="done", done_at=run.opened_at, outcome=NOBODY, reason=reason))
    play.note("step.skipped", step.id, ACCOUNT, f"{step.id}: {reason}")


def _outcome(play: Play, step: Step, cast: Sequence[str]) -> str:
    """The best that came of the step: reached if anybody was, else how its last party ended."""
    lasts = (play.last(step.id, who) for who in cast)
    outcomes = [last.outcome for last in lasts if last] or [OutcomeClass.NOT_DONE]
    return OutcomeClass.REACHED if OutcomeClass.REACHED in outcomes else outcomes[-1]


def _catch_up(play: Play, step: Step) -> None:
    """A step that has opened runs again only for who filled a seat that was open since (8)."""
    run = play.runs[step.id]
    if run.opened_at and step.join and step.reach.how is How.EACH:
        cast = cast_of_run(run)
        for who, holder in play.newcomers.items():
            if holder.seat in step.reach.seats and who not in cast:
                attend(play, step, who)


def _abandon(play: Play, step: Step, run: Run | None, stop: StopMark) -> None:
    """A stop of the whole account ends what is open; nothing new of the step begins (9, 10)."""
    if run is None:
        return
    for (of, _), chain in play.chains.items():
        if of == step.id:
            end_open_party(play, chain[-1], stop.reason, stop.at)
    if run.status != "done":
        done = run._replace(status="done", done_at=stop.at, outcome=OutcomeClass.NOT_DONE)
        play.put_run(done._replace(reason=stop.reason))


# ---------------------------------------------------------------- seats


def _release_seats(play: Play) -> None:
    """Who bounced, opted out or left ends their threads and leaves the seat open (8)."""
    for holder in [one for holders in play.seats.values() for one in holders]:
        person = play.people.get(str(holder.contact_id))
        if person is None or person.left_at or person.refused:
            reason = (person.refused if person else "") or "no longer at the account"
            _leave(play, holder, reason)


def _leave(play: Play, holder: Holder, reason: str) -> None:
    who, at = str(holder.contact_id), play.release(holder, reason)
    play.note("seat.left", "", who, f"left the seat {holder.seat}: {reason}")
    for (_, other), chain in play.chains.items():
        if other == who:
            end_open_party(play, chain[-1], reason, at)


def _refill_seats(play: Play) -> None:
    """A seat that was used and stands open takes whoever fits now, or asks for somebody (2, 8)."""
    for seat in play.plan.seats.values():
        if not play.seats.get(seat.name) and _used(play, seat.name):
            for who in play.seated(seat, bind=True):
                play.note("seat.bound", "", who, f"took the open seat {seat.name}")
            vacated_at = play.vacated_at(seat.name)
            first = next((s for s in play.plan.steps if seat.name in s.reach.seats), None)
            if vacated_at and first and not play.seats.get(seat.name):
                ask_for_cover(play, first, seat.name, opened_at(vacated_at, play.now))


def _used(play: Play, seat: str) -> bool:
    """Whether somebody left the seat, or a step looked for its people and found nobody there."""
    return play.vacated_at(seat) is not None or any(
        run.opened_at is not None
        and seat in (reach := play.steps[run.step].reach).seats
        and (reach.how is How.EACH or not run.cast_ids)
        for run in play.runs.values()
    )


# ---------------------------------------------------------------- the end


def _whole_stop(play: Play) -> StopMark | None:
    """The stop for good that covers the account as a whole in this play, if any."""
    if not play.state.stops:
        return None
    stops = (stop for stop in play.stops if stop.contact_id is None and stop.until is None)
    return min(stops, key=lambda stop: stop.at, default=None)


def _finish(play: Play, stop: StopMark | None) -> None:
    """End the play when nothing is left to happen, or say what it still waits for."""
    if stop:
        _finish_stopped(play, stop)
    elif len(play.runs) >= len(play.plan.steps) and _is_all_done(play):
        idle = play.decision.next_due is None
        if idle and not any(chain[-1].ended_at is None for chain in play.chains.values()):
            play.decision.end = _ending(play)
            if play.decision.end == "completed":
                come_back(play)


def _is_all_done(play: Play) -> bool:
    return all((run := play.runs.get(s.id)) and run.status == "done" for s in play.plan.steps)


def _ending(play: Play) -> str:
    """How a play ends of which every step is done."""
    if all(run.outcome == NOBODY for run in play.runs.values()):
        return "unreachable"
    handed = [s.kind for s in play.plan.steps if s.kind in HANDING and _was_accepted(play, s)]
    return "handed_off" if handed[-1:] == [Kind.HAND_OFF] else "completed"


def _was_accepted(play: Play, step: Step) -> bool:
    return play.runs[step.id].outcome == OutcomeClass.REACHED


def _finish_stopped(play: Play, stop: StopMark) -> None:
    """Kept steps go on to their end, and a hand-off wants its answer, before the play ends (9)."""
    if any(run.status != "done" for run in play.runs.values()):
        return
    # What is leaving can only be waited for: it wakes the play when it has ended.
    if any(chain[-1].status == "sending" for chain in play.chains.values()):
        return
    for step in play.plan.steps:
        done_at = (run := play.runs.get(step.id)) and run.done_at
        if done_at and step.lasts and is_kept(step, stop):
            ends = add(done_at, step.lasts, play.hours(ACCOUNT))
            if ends > play.now:
                play.later(ends)
    hand_offs = [party for party in play.others.values() if party.purpose == "hand_off"]
    if play.decision.next_due is not None or any(party.ended_at is None for party in hand_offs):
        return
    _end_stopped(play, [party.outcome for party in hand_offs], stop.reason)


def _end_stopped(play: Play, answers: Sequence[str], reason: str) -> None:
    """End a stopped play once its hand-off was answered; sales may give it back."""
    decision = play.decision
    decision.end, decision.reason = "handed_off" if answers else "stopped", reason
    begin_anew(play)
    if answers and all(answer == OutcomeClass.REFUSED for answer in answers):
        decision.end, decision.reason = "stopped", f"sales gave it back; {reason}"
        come_back(play)
