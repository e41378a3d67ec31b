"""A step that waits until something is true of the account, and what comes of it.

Pure. It ends at the recorded instant that made it true, or when its time is over, however late
that is noticed. Only a score has no history: by a score it is true when it is found to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from orchestrator.calendar import add
from orchestrator.conditions import Expr, Variable, evaluate, walk
from orchestrator.planner.play import Play
from orchestrator.planner.view import PartyView
from orchestrator.terms import ACCOUNT, OutcomeClass, Run, Step

CAME_TRUE, IN_VAIN = "came true", "did not come true within"


def wait_for(play: Play, step: Step, run: Run) -> None:
    """Go on waiting, or end the step: `reached` once it is true, `not_reached` past its time.

    Its run names no cast: it is about the account, and its outcome is the step's own.
    """
    assert step.until
    assert step.at_most
    assert run.opened_at
    since = run.opened_at
    if step.when and _is_new(play, step) and not _holds(play, step.when, since):
        _end(play, run, since, OutcomeClass.NOT_DONE, "its condition was false")
        return
    until = add(since, step.at_most, play.hours(ACCOUNT))
    came = _came_true(play, step, since, min(until, play.now))
    if came:
        _end(play, run, came, OutcomeClass.REACHED, CAME_TRUE)
    elif until <= play.now:
        _end(play, run, until, OutcomeClass.NOT_REACHED, f"{IN_VAIN} {step.at_most}")
    else:
        play.later(until)
        play.put_run(run._replace(status="open", cast_ids=""))


def _is_new(play: Play, step: Step) -> bool:
    """Whether the step opens now: then `when` is asked, and never again (5)."""
    stored = play.state.runs.get(step.id)
    return stored is None or stored.opened_at is None


def _came_true(play: Play, step: Step, since: datetime, until: datetime) -> datetime | None:
    """The first instant at which what is waited for was true; None if it is not yet.

    A score is today's: what it makes true now was false when this was looked at before.
    """
    assert step.until
    scored = any(isinstance(part, Variable) for part in walk(step.until))
    instants = {at for at in _recorded(play) if since < at <= until}
    looks = (since, *sorted(instants), until)
    for at in looks[-1:] if scored and not _is_new(play, step) else looks:
        if _holds(play, step.until, at):
            return at
    return None


def _holds(play: Play, condition: Expr, at: datetime) -> bool:
    return evaluate(condition, PartyView(play, ACCOUNT, at))


def _recorded(play: Play) -> Iterator[datetime]:
    """Every instant at which something happened that a condition can ask for."""
    for chain in play.chains.values():
        for party in chain:
            yield from filter(
                None,
                (
                    party.ended_at, party.delivered_at, party.viewed_at, party.clicked_at,
                    party.replied_at, party.bounced_at,
                ),
            )  # fmt: skip
    yield from (one.at for one in play.facts.happenings)
    yield from (run.done_at for run in play.runs.values() if run.done_at)


def _end(play: Play, run: Run, at: datetime, outcome: OutcomeClass, reason: str) -> None:
    done = run._replace(status="done", cast_ids="", done_at=at, outcome=outcome, reason=reason)
    play.put_run(done)
    skipped = outcome is OutcomeClass.NOT_DONE
    kind = "step.skipped" if skipped else "step.waited"
    play.note(kind, run.step, ACCOUNT, f"{run.step}: {reason}")
