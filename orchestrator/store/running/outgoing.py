"""How a touch moves: claim, intent, record, sweep, settle. Each is a conditional UPDATE.

A claim raises the row's fence; whoever writes later must still hold that fence and be its owner.
A row that does not move belongs to somebody else by now, and its loser leaves it alone.

The statements are built once, here: building one costs ten times as much as running it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    bindparam,
    case,
    func,
    insert,
    null,
    or_,
    select,
    update,
)
from sqlmodel import Session

from orchestrator.records.outgoing import LEASED, WAITING
from orchestrator.store.bulk import Bulk, Query
from orchestrator.store.statements import among_param, instant
from orchestrator.store.tables import BODY, TOUCH
from orchestrator.terms import OutcomeClass


class Claimed(NamedTuple):
    """A touch as its claim found it; the columns are those of `touch`."""

    id: int
    fence: int
    attempt: int
    reason: str
    due_at: datetime
    late_at: datetime | None
    enrollment_id: int
    account_id: int
    contact_id: int | None
    step: str
    party_key: str
    occurrence: int
    key: str
    resend: int
    channel: str
    template: str
    variant: str
    sender_id: int | None
    intent_at: datetime | None  # when an earlier try may have left
    swept: int  # how many processes have died with it in hand


class Move(NamedTuple):
    """What a touch becomes. An ended one carries `ended_at`, a held one the new `due_at`.

    Held is `ready`, or `sending` once it may have left; `intent_at` then says when, unless it is
    the intent that stands on the row.
    """

    touch: Claimed
    status: str
    reason: str = ""
    outcome: str = ""
    reply: str = ""
    due_at: datetime | None = None
    attempt: int = 0
    ended_at: datetime | None = None
    bounced_at: datetime | None = None
    # Unknown only: until then a frozen process may still be at it, so nobody sends it again.
    lease_until: datetime | None = None
    intent_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether it is to be claimed again."""
        return self.ended_at is None


# ---------------------------------------------------------------- claim

_DUE = (
    select(TOUCH.c.id)
    .where(WAITING, TOUCH.c.due_at <= instant("now"), TOUCH.c.swept == bindparam("deaths"))
    .order_by(TOUCH.c.due_at, TOUCH.c.account_id, TOUCH.c.step, TOUCH.c.contact_id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_CLAIM = Query(
    update(TOUCH)
    .where(TOUCH.c.id.in_(select(_DUE.c.id)))
    .values(
        # What may have left is never anything less than that, in whosever hands it is.
        status=case((TOUCH.c.status == "sending", "sending"), else_="claimed"),
        fence=TOUCH.c.fence + 1,
        owner=bindparam("by"),
        lease_until=instant("until"),
    )
    .returning(*(TOUCH.c[name] for name in Claimed._fields))
)


def claim(
    session: Session,
    *,
    owner: str,
    now: datetime,
    lease_until: datetime,
    limit: int,
    swept: int = 0,
) -> list[Claimed]:
    """Take up to `limit` touches that are due, in the order in which they compete.

    Only those with which `swept` processes have died: who does not know how often that was, must
    not put the guilty one beside the others again.
    """
    rows = _CLAIM.rows(session, now=now, most=limit, by=owner, until=lease_until, deaths=swept)
    return sorted((Claimed(*row) for row in rows), key=order)


_ACCUSED = (
    select(TOUCH.c.swept)
    .where(WAITING, TOUCH.c.due_at <= instant("now"), TOUCH.c.swept > 0)
    .distinct()
    .order_by(TOUCH.c.swept)
)


def accused(session: Session, now: datetime) -> list[int]:
    """With how many deaths touches stand that are due; it looks at everything that is due."""
    return list(session.connection().execute(_ACCUSED, {"now": now}).scalars())


def order(touch: Claimed) -> tuple[datetime, int, str, int]:
    """Competitors for a cap or a mailbox stand by (due, account, step, contact)."""
    return touch.due_at, touch.account_id, touch.step, touch.contact_id or 0


# ---------------------------------------------------------------- intent and record

_HELD = (
    TOUCH.c.id == bindparam("of_id"),
    TOUCH.c.fence == bindparam("of_fence"),
    TOUCH.c.owner == bindparam("of_owner"),
)
_INTEND = Bulk(
    update(TOUCH)
    .where(*_HELD, LEASED)
    .values(
        status="sending",
        reason="",
        intent_at=instant("now"),
        lease_until=instant("until"),
        flow_run_id=bindparam("run"),
    )
)
_MOVE = Bulk(
    update(TOUCH)
    .where(*_HELD)
    .values(
        status=bindparam("to_status"),
        reason=bindparam("to_reason"),
        outcome=bindparam("to_outcome"),
        reply=bindparam("to_reply"),
        attempt=bindparam("to_attempt"),
        due_at=func.coalesce(instant("to_due"), TOUCH.c.due_at),
        # What is to be tried again has no intent: it counts to no cap.
        intent_at=case(
            (bindparam("to_status") == "ready", null()),
            else_=func.coalesce(instant("to_intent"), TOUCH.c.intent_at),
        ),
        ended_at=instant("to_ended"),
        bounced_at=func.coalesce(instant("to_bounced"), TOUCH.c.bounced_at),
        owner="",
        swept=0,  # whoever writes this is alive
        lease_until=instant("to_lease"),
        flow_run_id=bindparam("run"),
    )
)
_FENCES = Query(
    select(TOUCH.c.id, TOUCH.c.fence, TOUCH.c.status).where(among_param(TOUCH.c.id, "ids"))
)


def intend(
    session: Session,
    touches: Sequence[Claimed],
    *,
    owner: str,
    now: datetime,
    lease_until: datetime,
    run: str,
) -> set[int]:
    """Write `sending`: from here on each may have left. The ids that we still held."""
    same = {"of_owner": owner, "now": now, "until": lease_until, "run": run}
    rows = [{"of_id": touch.id, "of_fence": touch.fence, **same} for touch in touches]
    return _conditional(session, _INTEND, rows, "sending")


def move(session: Session, moves: Sequence[Move], *, owner: str, run: str) -> list[Move]:
    """Write where each touch goes, if we still hold it; the moves that took place."""
    rows = [
        {
            "of_id": one.touch.id,
            "of_fence": one.touch.fence,
            "of_owner": owner,
            "to_status": one.status,
            "to_reason": one.reason,
            "to_outcome": one.outcome,
            "to_reply": one.reply,
            "to_attempt": one.attempt,
            "to_due": one.due_at,
            "to_ended": one.ended_at,
            "to_bounced": one.bounced_at,
            "to_lease": one.lease_until,
            "to_intent": one.intent_at,
            "run": run,
        }
        for one in moves
    ]
    moved = _conditional(session, _MOVE, rows, "")
    return [one for one in moves if one.touch.id in moved]


def _conditional(
    session: Session, statement: Bulk, rows: Sequence[Mapping[str, Any]], status: str
) -> set[int]:
    """Run it once for each row; the ids whose row was still ours.

    A row count tells that somebody lost, not who: only then is it worth a look.
    """
    if not rows:
        return set()
    # In one order, so that two transactions over the same rows never wait for each other in turn.
    ordered = sorted(rows, key=lambda row: int(row["of_id"]))
    done = statement.run(session, ordered)
    fences = {row["of_id"]: row["of_fence"] for row in rows}
    if done in (0, len(rows)):
        return set(fences) if done else set()
    found = _FENCES.rows(session, ids=fences)
    return {id_ for id_, fence, now in found if fence == fences[id_] and status in ("", now)}


_TOLD = or_(
    *(TOUCH.c[name].is_not(None) for name in ("delivered_at", "opened_at", "clicked_at")),
    *(TOUCH.c[name].is_not(None) for name in ("replied_at", "bounced_at")),
)
_BOUNCED = TOUCH.c.bounced_at.is_not(None)
_PROVE = (
    update(TOUCH)
    .where(among_param(TOUCH.c.id, "ids"), TOUCH.c.status == "unknown", _TOLD)
    .values(
        status=case((_BOUNCED, "failed"), else_="sent"),
        outcome=case((_BOUNCED, OutcomeClass.NOT_REACHED), else_=OutcomeClass.REACHED),
        reason=bindparam("because"),
        lease_until=None,
    )
    .returning(TOUCH.c.id, TOUCH.c.status, TOUCH.c.outcome)
)


def prove(session: Session, moves: Sequence[Move], because: str) -> list[Move]:
    """The same moves; what became unknown although an event has told of it already is settled."""
    unknown = [one.touch.id for one in moves if one.status == "unknown"]
    if not unknown:
        return list(moves)
    rows = session.connection().execute(_PROVE, {"ids": unknown, "because": because})
    known = {id_: (status, outcome) for id_, status, outcome in rows}
    return [_settled(one, known.get(one.touch.id), because) for one in moves]


def _settled(one: Move, known: tuple[str, str] | None, because: str) -> Move:
    if known is None:
        return one
    return one._replace(status=known[0], outcome=known[1], reason=because, lease_until=None)


# ---------------------------------------------------------------- frozen bytes

_FREEZE = Bulk(insert(BODY))
_FROZEN = Query(select(BODY.c.touch_id, BODY.c.content).where(among_param(BODY.c.touch_id, "ids")))


def freeze(session: Session, bodies: Iterable[tuple[int, bytes, str]]) -> None:
    """Keep (touch id, bytes, digest) for good: whatever leaves later leaves like this."""
    rows = [{"touch_id": id_, "content": content, "digest": d} for id_, content, d in bodies]
    _FREEZE.run(session, rows)


def frozen(session: Session, touch_ids: Collection[int]) -> dict[int, bytes]:
    """The bytes of those touches that have been frozen."""
    return dict(_FROZEN.rows(session, ids=touch_ids))


# ---------------------------------------------------------------- sweep


class Lapsed(NamedTuple):
    """A touch whose lease ran out in the hands of a process that died or hangs."""

    touch: Claimed
    status: str
    lease_until: datetime


_LAPSED = (
    select(
        TOUCH.c.status,
        TOUCH.c.lease_until,
        *(TOUCH.c[name] for name in Claimed._fields),
    )
    .where(LEASED, TOUCH.c.lease_until < instant("lease_now"))
    .order_by(TOUCH.c.lease_until)
    .limit(bindparam("most"))
)
_RECLAIM = (
    update(TOUCH)
    .where(
        TOUCH.c.id == bindparam("of_id"),
        TOUCH.c.fence == bindparam("of_fence"),
        TOUCH.c.status == bindparam("of_status"),
    )
    .values(
        status=bindparam("to_status"),
        fence=TOUCH.c.fence + 1,
        swept=TOUCH.c.swept + 1,
        owner="",
        lease_until=instant("to_lease"),
        reason=bindparam("to_reason"),
        outcome=bindparam("to_outcome"),
        intent_at=instant("to_intent"),
        ended_at=instant("to_ended"),
    )
)


def lapsed(session: Session, *, lease_now: datetime, limit: int) -> list[Lapsed]:
    """Claims and intents whose lease is over, the longest forgotten first."""
    rows = session.connection().execute(_LAPSED, {"lease_now": lease_now, "most": limit})
    return [Lapsed(Claimed(*touch), status, until) for status, until, *touch in rows]


def reclaim(session: Session, one: Lapsed, to: Move) -> bool:
    """Take a touch from whoever forgot it: whatever that process writes later meets a new fence."""
    values = {
        "of_id": one.touch.id,
        "of_fence": one.touch.fence,
        "of_status": one.status,
        "to_status": to.status,
        "to_lease": to.lease_until,
        "to_reason": to.reason,
        "to_outcome": to.outcome,
        "to_intent": None if to.status == "ready" else one.touch.intent_at,
        "to_ended": to.ended_at,
    }
    return session.connection().execute(_RECLAIM, values).rowcount == 1
