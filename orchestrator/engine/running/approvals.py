"""`approve: rep`: a message is written when it is planned, shown, and leaves exactly as shown.

The planner opens the touch as a draft, and a task that asks for a yes. `freeze_drafts` writes the
bytes and shows them in the task; `release` lets them go. A draft that cannot be written never
leaves, and somebody is asked to mend it: the same rule as for every other message.
"""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes, policy

from sqlmodel import Session

from accounts.errors import AbmError
from orchestrator.engine.context import Context
from orchestrator.engine.running import outcomes
from orchestrator.engine.running.delivering import LEASE
from orchestrator.engine.running.letters import Letter, Rejected, compose
from orchestrator.engine.running.mending import killing, review
from orchestrator.store.companies import log
from orchestrator.store.database import lease_now
from orchestrator.store.plays import plays
from orchestrator.store.running import approvals as store
from orchestrator.store.running import outgoing, unknowns
from orchestrator.store.running.outgoing import Claimed
from orchestrator.terms import Never

BATCH = 200
SHOWN = ("From", "To", "Subject")
MOST_SHOWN = 20_000  # characters of a message that a task shows


def freeze_drafts(ctx: Context, *, limit: int = BATCH) -> int:
    """Write up to `limit` drafts that have no words yet; how many are settled, one way or other.

    Two passes at once freeze each draft once. Drafts with which processes have died are written
    beside fewer others, in the end alone, and are given up like any other message.
    """
    now, settled = ctx.clock.now(), 0
    for swept, most in enumerate((limit, *outcomes.SHARING)):
        while (left := limit - settled) and (drafts := _take(ctx, min(most, left), swept)):
            settled += _write(ctx, drafts, now)
    deadly = _take(ctx, limit - settled, len(outcomes.SHARING) + 1)
    return settled + _settle(ctx, [], [killing(draft) for draft in deadly], now)


def _take(ctx: Context, most: int, swept: int) -> list[Claimed]:
    with ctx.db.writing() as session:
        real = lease_now(session, ctx.clock)
        return store.take(
            session, lease_now=real, lease_until=real + LEASE, limit=most, swept=swept
        )


def _write(ctx: Context, drafts: list[Claimed], now: datetime) -> int:
    letters, rejected = compose(ctx, drafts, now)
    return _settle(ctx, letters, rejected, now)


def _settle(ctx: Context, letters: list[Letter], rejected: list[Rejected], now: datetime) -> int:
    """Freeze and refuse what is still a draft without words; how many were."""
    touches = [one.touch for one in letters] + [one.touch for one in rejected]
    if not touches:
        return 0
    with ctx.db.writing() as session:
        plays.lock(session, {touch.enrollment_id for touch in touches})
        open_ = store.still(session, [touch.id for touch in touches])
        _freeze(session, [one for one in letters if one.touch.id in open_])
        _refuse(ctx, session, [one for one in rejected if one.touch.id in open_], now)
    return len(open_)


def release(session: Session, touch_id: int, now: datetime) -> bool:
    """Let a draft leave as it was shown, at `now` or when it is due; False if it is no draft now.

    AbmError while nobody can have read it, because its words are not written.
    """
    if unknowns.draft(session, touch_id):
        return unknowns.release(session, touch_id, now)
    if store.still(session, [touch_id]):
        raise AbmError("the mail is not written yet", "it stands in the task in a moment")
    return False


def _freeze(session: Session, letters: list[Letter]) -> None:
    outgoing.freeze(session, [(one.touch.id, one.message.body, one.digest) for one in letters])
    store.show(session, [(one.touch, shown(one.message.body)) for one in letters])
    store.written(session, [one.touch.id for one in letters])


def _refuse(ctx: Context, session: Session, rejected: list[Rejected], now: datetime) -> None:
    if not rejected:
        return
    run = ctx.flow_run_id
    store.refuse(session, [(one.touch, one.error.reason) for one in rejected], now)
    moves = [
        outcomes.refused(one.touch, Never("cancelled", one.error.reason), now, now)
        for one in rejected
    ]
    log.write(session, [outcomes.entry(one, at=now, run=run) for one in moves])
    review(session, rejected, now=now, run=run)
    plays.wake(session, {one.touch.enrollment_id for one in rejected}, now, urgent=False)


def shown(content: bytes) -> str:
    """A mail as a person reads it, from the very bytes that would leave."""
    mail = message_from_bytes(content, policy=policy.default)
    head = "\n".join(f"{name}: {mail[name]}" for name in SHOWN)
    part = mail.get_body(("plain",))
    text = part.get_content().replace("\r\n", "\n") if part else ""
    return f"{head}\n\n{text}".strip()[:MOST_SHOWN]
