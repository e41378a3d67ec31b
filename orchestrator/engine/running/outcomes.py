"""What becomes of a touch after a ruling, an answer or a lapsed lease.

Pure: values in, a Move out.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from orchestrator import sentences
from orchestrator.channels.base import Repeat
from orchestrator.store.companies import log
from orchestrator.store.running.outgoing import Claimed, Move
from orchestrator.terms import TEAM_OF, Kind, Later, Never, OutcomeClass, Receipt

# After a definite "try later": two days' worth of tries, then it failed.
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 480, 960, 1_200))
# How many share a process after one, two, three of them died with these in hand. A death accuses
# whatever was in hand: the next time fewer stand beside each other, then each stands alone. Alone
# once may have been a power cut; whoever outlives a process alone twice is what kills them.
SHARING = (8, 1, 1)
DEADLY = f"whoever was sending it died or hung {len(SHARING) + 1} times"
SHORTEST = timedelta(minutes=1)  # of a hold
MAYBE = "it may or may not have arrived"
PROVEN = "settled: the other side told of it before we knew"
NO_ANSWER = "no clear answer; it goes again under the same key, so that it counts once"


def held(touch: Claimed, ruling: Later, now: datetime) -> Move:
    """It waits, and says why; never so briefly that it comes back in the same pass."""
    at = max(ruling.at, now + SHORTEST)
    return _waiting(touch, ruling.reason, due_at=at, attempt=touch.attempt)


def taken_back(touch: Claimed) -> Move:
    """Whoever had it forgot it; it goes (again) when it is due."""
    return _waiting(touch, touch.reason, attempt=touch.attempt)


def given_up(touch: Claimed, now: datetime, wait_until: datetime) -> Move:
    """Too many have died of it: a person must look at it."""
    if touch.intent_at:
        return unknown(touch, touch.intent_at, wait_until, why=_not_again(DEADLY))
    outcome = OutcomeClass.NOT_DONE
    return Move(touch, "failed", DEADLY, outcome, attempt=touch.attempt, ended_at=now)


def _waiting(touch: Claimed, reason: str, **more: Any) -> Move:
    """What an earlier try may have sent is not as if nothing had left."""
    at = touch.intent_at
    return Move(touch, "sending" if at else "ready", reason, intent_at=at, **more)


def refused(touch: Claimed, ruling: Never, now: datetime, wait_until: datetime) -> Move:
    """It never leaves, or never again: what an earlier try may have sent is `unknown`."""
    if touch.intent_at:
        return unknown(touch, touch.intent_at, wait_until, why=_not_again(ruling.reason))
    outcome = OutcomeClass.NOT_DONE
    return Move(touch, ruling.status, ruling.reason, outcome, attempt=touch.attempt, ended_at=now)


def _not_again(reason: str) -> str:
    return f"it does not go again: {reason}"


def answered(
    touch: Claimed, receipt: Receipt, now: datetime, *, repeat: Repeat, wait_until: datetime
) -> Move:
    """What the other side's answer makes of a touch.

    A channel that drops repeats may try an unclear answer again; any other leaves it `unknown`,
    which nobody may send again before `wait_until` (real time).
    """
    if receipt.status == "unknown" and repeat == "none":
        return unknown(touch, now, wait_until, receipt.reply)
    if receipt.status in ("retry", "unknown"):
        return _again(touch, receipt, now, wait_until)
    if receipt.status == "sent":
        return _ended(touch, receipt, now, "sent", "", OutcomeClass.REACHED)
    reason = _WHY.get(receipt.permanent, "the other side refused it")
    if touch.intent_at:  # the refusal speaks of this try alone
        why = _not_again(reason)
        return unknown(touch, touch.intent_at, wait_until, receipt.reply, why)
    bad = receipt.permanent == "bad_address"
    outcome = OutcomeClass.BAD_DATA if bad else OutcomeClass.NOT_REACHED
    move = _ended(touch, receipt, now, "failed", reason, outcome)
    return move._replace(bounced_at=now) if bad else move


_WHY = {
    "bad_address": "the address does not exist",
    "blocked": "the other side blocks our mail",
    "bad_content": "the other side refused its content",
}


def unknown(
    touch: Claimed, at: datetime, wait_until: datetime, reply: str = "", why: str = ""
) -> Move:
    """It ends at its intent `at`: as sent for waits and caps, never as reached for conditions."""
    reason = f"{MAYBE}; {why}" if why else MAYBE
    return Move(
        touch, "unknown", reason, OutcomeClass.NOT_DONE, reply, attempt=touch.attempt, ended_at=at,
        lease_until=wait_until, intent_at=at,
    )  # fmt: skip


def _again(touch: Claimed, receipt: Receipt, now: datetime, wait_until: datetime) -> Move:
    tries = touch.attempt + 1
    clear = receipt.status == "retry"
    if tries > len(BACK_OFF):
        left_at = touch.intent_at if clear else now
        if left_at:
            return unknown(touch, left_at, wait_until, receipt.reply)
        reason = f"the other side put it off {tries} times"
        return _ended(touch, receipt, now, "failed", reason, OutcomeClass.NOT_REACHED)
    at = now + max(BACK_OFF[tries - 1], timedelta(seconds=receipt.retry_after or 0))
    if clear:
        reason = "the other side asked to try later"
        return _waiting(touch, reason, reply=receipt.reply, due_at=at, attempt=tries)
    return Move(touch, "sending", NO_ANSWER, "", receipt.reply, at, tries)


def _ended(
    touch: Claimed, receipt: Receipt, now: datetime, status: str, reason: str, outcome: str
) -> Move:
    return Move(touch, status, reason, outcome, receipt.reply, attempt=touch.attempt, ended_at=now)


def entry(move: Move, *, at: datetime, run: str) -> dict[str, Any]:
    """The line of the activity log that tells of a move; `data` holds ids only."""
    touch, status = move.touch, "ready" if move.waits else move.status
    return log.about(
        touch,
        sentences.touch_kind(status),
        at=at,
        text=sentences.touch(touch.step, status, move.reason),
        team=TEAM_OF[Kind(touch.channel)],
        flow_run_id=run,
        template=touch.template,
        variant=touch.variant,
    )


def bounce(move: Move, *, at: datetime, run: str) -> dict[str, Any]:
    """The signal that an address does not exist, as if the bounce had come by mail."""
    text = "the address does not exist; nobody writes to it any more"
    return log.about(move.touch, "bounce.hard", at=at, text=text, team="contact", flow_run_id=run)


def worth_a_line(move: Move) -> bool:
    """Every end is told; a hold only when its reason is a new one."""
    return not move.waits or move.reason != move.touch.reason
