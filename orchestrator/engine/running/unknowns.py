"""What only a person can say of a touch: that it arrived, that it did not, that it may go."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session

from accounts.errors import AbmError
from orchestrator.engine.context import Context
from orchestrator.store.companies import log
from orchestrator.store.database import lease_now
from orchestrator.store.running import unknowns as store
from orchestrator.store.running.unknowns import Unknown
from orchestrator.terms import OutcomeClass

Verdict = Literal["sent", "not_sent", "resend"]


def unknowns(ctx: Context) -> list[Unknown]:
    """Every touch of which nobody knows whether it arrived, the oldest first."""
    with ctx.db.reading() as session:
        return store.unknown(session)


def settle(ctx: Context, touch_id: int, verdict: Verdict, user: int, proof: str) -> None:
    """Record what `user` found out about an unknown touch, and how (`proof`).

    It arrived, it did not, or it is to be sent once more under a number of its own. Nothing that
    the play did meanwhile is undone. AbmError if it is not unknown, if nothing is given as proof,
    or if it is too early to send again.
    """
    if not proof.strip():
        raise AbmError("a verdict needs its proof", "say where you looked")
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        touch = store.get(session, touch_id)
        done = touch is not None and (
            _resend(ctx, session, touch, now)
            if verdict == "resend"
            else _close(session, touch, verdict, proof)
        )
        if touch is None or not done:
            raise AbmError(f"touch {touch_id} is not unknown", "`abm unknown` lists those that are")
        log.write(session, [_line(ctx, touch, verdict, user, proof, now)])


def _close(session: Session, touch: Unknown, verdict: Verdict, proof: str) -> bool:
    arrived = verdict == "sent"
    return store.settle(
        session,
        touch.id,
        status="sent" if arrived else "failed",
        outcome=OutcomeClass.REACHED if arrived else OutcomeClass.NOT_REACHED,
        reason="" if arrived else f"it did not arrive: {proof}",
    )


def _resend(ctx: Context, session: Session, touch: Unknown, now: datetime) -> bool:
    """Whoever was frozen in the middle of the first send has certainly given up by now."""
    real = lease_now(session, ctx.clock)
    if touch.lease_until and touch.lease_until > real:
        left = int((touch.lease_until - real).total_seconds()) + 1
        raise AbmError("the first send may still be on its way", f"send it again in {left} seconds")
    return store.send_again(session, touch.id, now)


def _line(
    ctx: Context, touch: Unknown, verdict: Verdict, user: int, proof: str, now: datetime
) -> dict[str, Any]:
    text = f"{touch.step}: settled as {_WORDS[verdict]} ({proof})"
    return log.about(
        touch, "touch.settled", at=now, text=text, team="engine", actor_id=user,
        flow_run_id=ctx.flow_run_id, verdict=verdict,
    )  # fmt: skip


_WORDS = {"sent": "arrived", "not_sent": "not arrived", "resend": "to be sent again"}
