"""Sweep: take back what died or frozen processes left behind, without ever sending twice.

A claim whose lease is over goes back to the queue: nothing had left the house. An intent whose
lease is over may have left; it becomes `unknown`, unless its channel drops repeats of our key.
What too many processes die of is given up, and somebody is asked to look at it.

Tests kill the process at in_sweep.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from orchestrator.engine.context import Context
from orchestrator.engine.running import outcomes
from orchestrator.engine.running.delivering import NO_RESEND
from orchestrator.engine.running.mending import killing, review
from orchestrator.store.companies import log
from orchestrator.store.database import lease_now
from orchestrator.store.plays import plays
from orchestrator.store.running import outgoing as store
from orchestrator.store.running.outgoing import Lapsed, Move


@dataclass(slots=True)
class Swept:
    """Touches taken back: `ready` to go (again) or `unknown`; `forgotten` is how long the oldest
    lease had been over."""

    counts: Counter[str] = field(default_factory=Counter)
    forgotten: timedelta = timedelta()


def sweep(ctx: Context, *, limit: int = 1_000) -> Swept:
    """Take back up to `limit` touches, the longest forgotten first."""
    done, now = Swept(), ctx.clock.now()
    with ctx.db.writing() as session:
        real = lease_now(session, ctx.clock)
        lapsed = store.lapsed(session, lease_now=real, limit=limit)
        if not lapsed:
            return done
        done.forgotten = real - lapsed[0].lease_until
        plays.lock(session, {one.touch.enrollment_id for one in lapsed})
        moves = [(one, _back(ctx, one, now, real + NO_RESEND)) for one in lapsed]
        moved = [move for one, move in moves if store.reclaim(session, one, move)]
        moved = store.prove(session, moved, outcomes.PROVEN)
        ended = [move for move in moved if not move.waits]
        log.write(session, [outcomes.entry(one, at=now, run=ctx.flow_run_id) for one in ended])
        deadly = [one.touch for one in ended if outcomes.DEADLY in one.reason]
        review(session, [killing(one) for one in deadly], now=now, run=ctx.flow_run_id)
        plays.wake(session, {one.touch.enrollment_id for one in ended}, now, urgent=False)
        ctx.probe("in_sweep")
    done.counts.update("ready" if move.waits else move.status for move in moved)
    return done


def _back(ctx: Context, one: Lapsed, now: datetime, wait_until: datetime) -> Move:
    """Where a forgotten touch goes."""
    channel = ctx.channels.get(one.touch.channel)
    repeatable = channel is not None and channel.repeat != "none"
    left_at = one.touch.intent_at
    if left_at is None or repeatable:
        if one.touch.swept >= len(outcomes.SHARING):
            return outcomes.given_up(one.touch, now, wait_until)
        return outcomes.taken_back(one.touch)
    return outcomes.unknown(one.touch, left_at, wait_until)
