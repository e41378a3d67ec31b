"""What comes next, for each way in which a task may end: told before anybody chooses. Pure.

It asks the rules that will run: `apply` for what the end tells of the person, the step's attempts,
and the conditions of the steps that follow. What only the future can answer is told as a condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from orchestrator.conditions import Expr
from orchestrator.conditions.tree import Chain, Not, OutcomeIs
from orchestrator.planner.apply import apply
from orchestrator.planner.closing import event_of
from orchestrator.planner.goals import running
from orchestrator.terms import (
    OUTCOME_OF_DISPOSITION,
    Effects,
    Event,
    Kind,
    OutcomeClass,
    Plan,
    Scene,
    Step,
)

_DEEDS = {
    Kind.EMAIL: "mail",
    Kind.PERSONAL_MAIL: "personal mail",
    Kind.DIRECT_MAIL: "post",
    Kind.WAIT_FOR: "the play waits in",
    Kind.CHOOSE: "the play chooses its way in",
}
_MOST = 3  # steps that are named


class Turn(NamedTuple):
    """Where a play stands: one step of it for one person, and which attempt that is."""

    plan: Plan
    step: str
    occurrence: int
    account: str
    person: str
    contact_id: int | None


def outlook(turn: Turn, disposition: str, now: datetime) -> str:
    """What ending the step so leads to, in a line; "" where nothing can be said."""
    parts: list[str] = []
    stops = False
    if kind := event_of(disposition):
        person = turn.contact_id if turn.contact_id is not None else -1
        event = Event(kind, now, person, referral="whom they name", by="you")
        plays = (running(1, turn.plan, now),)
        effects = apply(event, Scene(turn.account, turn.person, "@", plays))
        parts += _told(effects, turn)
        stops = any(stop.until is None for stop in effects.stops)
    if not stops:
        parts += _next(turn, disposition)
    return "; ".join(parts)


def _told(effects: Effects, turn: Turn) -> Iterator[str]:
    """What the end says of the person, and what that stops."""
    if effects.pause_until:
        yield f"{turn.account} rests until the day they name, or for three months"
    elif whole := next((one for one in effects.stops if one.contact_id is None), None):
        kept = f", {' and '.join(sorted(whole.keep))} goes on" if whole.keep else ""
        yield f"all outreach to {turn.account} stops{kept}"
    elif effects.stops:
        yield f"nothing more goes to {turn.person or 'them'}"
    if effects.suppress:
        yield "the address is never used again"
    for task in effects.tasks:
        yield f"a task for {task.team}: {task.title}"


def _next(turn: Turn, disposition: str) -> Iterator[str]:
    """Another attempt, or the steps that follow on this one."""
    step, outcome = turn.plan.by_id.get(turn.step), OUTCOME_OF_DISPOSITION.get(disposition)
    if step is None or outcome is None:
        return
    if outcome is OutcomeClass.NOT_REACHED and turn.occurrence < step.attempts:
        every = f" in {step.every}" if step.every else ""
        yield f"again{every} (attempt {turn.occurrence + 1} of {step.attempts})"
        return
    followers = list(_followers(turn.plan, step, outcome))
    yield from followers[:_MOST]
    if len(followers) > _MOST:
        yield f"and {len(followers) - _MOST} more"
    if not followers:
        yield "no step follows on this one"


def _followers(plan: Plan, step: Step, outcome: str) -> Iterator[str]:
    for one in plan.steps:
        if step.id not in one.priors:
            continue
        asked = _settled(one.when, step.id, outcome) if one.when else True
        if asked is False:
            continue
        wait = f" after {one.wait}" if one.wait.amount else ""
        when = f", if {asked}" if isinstance(asked, Expr) else ""
        deed = _DEEDS.get(one.kind, one.kind.replace("_", " "))
        yield f"{deed} {one.title or one.id!r}{wait}{when}"


def _settled(expr: Expr, step: str, outcome: str) -> Expr | bool:
    """What is left to ask once it is known how the step ended for this person."""
    match expr:
        case OutcomeIs(of, scope, words, negated) if of == step and scope in ("own", "any"):
            holds = (outcome in words) is not negated
            return expr if scope == "any" and not holds else holds
        case Not(operand):
            inner = _settled(operand, step, outcome)
            return expr if isinstance(inner, Expr) else not inner
        case Chain(word, operands):
            return _chained(word, [_settled(one, step, outcome) for one in operands])
    return expr


def _chained(word: str, parts: list[Expr | bool]) -> Expr | bool:
    enough = word == "or"
    if enough in [one for one in parts if isinstance(one, bool)]:
        return enough
    open_ = tuple(one for one in parts if isinstance(one, Expr))
    if not open_:
        return not enough
    return open_[0] if len(open_) == 1 else Chain(word, open_)
