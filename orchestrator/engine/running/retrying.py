"""What is to be tried again: how often it was, and what a person may say about it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from accounts.errors import AbmError
from orchestrator import sentences
from orchestrator.engine.context import Context
from orchestrator.engine.running import outcomes
from orchestrator.engine.running.delivering import NO_RESEND
from orchestrator.store.companies import log
from orchestrator.store.database import lease_now
from orchestrator.store.plays import plays
from orchestrator.store.running import in_hand, outgoing
from orchestrator.store.running.in_hand import Retry
from orchestrator.store.running.outgoing import Claimed
from orchestrator.terms import Never


def retries(ctx: Context, limit: int, *, after: tuple[datetime, int] | None = None) -> list[Retry]:
    """What waits to be tried again, the next one first; from `after` (due, id) on."""
    with ctx.db.reading() as session:
        return in_hand.retries(session, limit, after=after)


def try_now(ctx: Context, touch_id: int) -> None:
    """Let it go with the next pass; every guard is asked again. AbmError as `give_up`."""
    with ctx.db.writing() as session:
        if not in_hand.hurry(session, touch_id, ctx.clock.now()):
            raise _gone(touch_id)


def give_up(ctx: Context, touch_id: int, user: int) -> str:
    """Try it no more; how it ended. What an earlier try may have sent is `unknown` from then on.

    AbmError if it does not wait to be tried again, or somebody has it in hand just now.
    """
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        touch = _taken(session, touch_id)
        wait = lease_now(session, ctx.clock) + NO_RESEND
        said = Never("cancelled", f"given up after {tries(touch.attempt, touch.swept)}")
        move = outcomes.refused(touch, said, now, wait)
        if not outgoing.move(session, [move], owner="", run=ctx.flow_run_id):
            raise _gone(touch_id)
        text = sentences.touch(touch.step, move.status, move.reason)
        line = log.about(
            touch, sentences.touch_kind(move.status), at=now, text=text, team="engine",
            actor_id=user, flow_run_id=ctx.flow_run_id,
        )  # fmt: skip
        log.write(session, [line])
        plays.wake(session, [touch.enrollment_id], now, urgent=False)
    return move.status


def tries(attempt: int, swept: int) -> str:
    """`3 tries`, `1 try`."""
    number = attempt + swept
    return f"{number} {'try' if number == 1 else 'tries'}"


def _taken(session: Session, touch_id: int) -> Claimed:
    play = in_hand.play_of(session, touch_id)
    if play:
        plays.lock(session, [play])
    touch = in_hand.take(session, touch_id) if play else None
    if touch is None:
        raise _gone(touch_id)
    return touch


def _gone(touch_id: int) -> AbmError:
    hint = "it left, was given up, or is on its way just now: look again"
    return AbmError(f"touch {touch_id} does not wait to be tried again", hint)
