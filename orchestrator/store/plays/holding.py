"""Switches of playbooks, accounts and single plays: pause, release and stop, in bulk.

`Enrollment.hold` names the switch that paused a play. What is released is asked again for the
other two, so that a play goes on only when none of them holds it. The caller holds
`enrolling.lock`; every change raises the fence, so that a claim in flight loses.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    func,
    insert,
    not_,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlmodel import Session

from orchestrator.planner.starting import Missed
from orchestrator.store.plays.plays import lock
from orchestrator.store.statements import among, among_param, instant, there_is
from orchestrator.store.tables import ACCOUNT, ENROLLMENT, PLAYBOOK, RUN, STOP, TOUCH
from orchestrator.terms import UNTIL_RESUMED

BY_PLAYBOOK, BY_HAND, BY_ACCOUNT = "playbook", "play", ""
_CLAIM = {"fence": ENROLLMENT.c.fence + 1, "owner": "", "lease_until": None}
_NOW = instant("now")


class Play(NamedTuple):
    """A play that a switch concerns."""

    id: int
    account_id: int
    playbook: str
    status: str
    hold: str
    activated_at: datetime | None
    version_id: int

    @property
    def begun(self) -> bool:
        """Whether it waits again, for another play to end."""
        return self.status == "waiting" and self.activated_at is not None


def plays(session: Session, *, playbook: str = "", account_id: int | None = None) -> list[Play]:
    """Plays of a playbook, an account or both that have not ended, locked in order."""
    where: list[ColumnElement[bool]] = [ENROLLMENT.c.status != "ended"]
    if playbook:
        where.append(ENROLLMENT.c.playbook == playbook)
    if account_id is not None:
        where.append(ENROLLMENT.c.account_id == account_id)
    columns = [ENROLLMENT.c[name] for name in Play._fields]
    query = select(*columns).where(*where).order_by(ENROLLMENT.c.id).with_for_update()
    return [Play._make(row) for row in session.connection().execute(query)]


# ---------------------------------------------------------------- pause


def pause(
    session: Session, ids: Collection[int], hold: str, reason: str, until: datetime | None
) -> None:
    """Hold live plays by a switch; those without a date wait until somebody resumes them."""
    these = among(ENROLLMENT.c.id, sorted(ids)), ENROLLMENT.c.status.in_(("active", "paused"))
    values = {"status": "paused", "hold": hold, "reason": reason, "next_due_at": until}
    session.connection().execute(update(ENROLLMENT).where(*these).values(**values, **_CLAIM))


def keep_waiting(
    session: Session, ids: Collection[int], reason: str, until: datetime | None
) -> None:
    """Keep plays that have not started from starting, by hand."""
    these = among(ENROLLMENT.c.id, sorted(ids)), ENROLLMENT.c.status == "waiting"
    values = {"hold": BY_HAND, "reason": reason, "next_due_at": until}
    session.connection().execute(update(ENROLLMENT).where(*these).values(values))


def switch_playbook(
    session: Session,
    name: str,
    at: datetime | None,
    reason: str = "",
    until: datetime | None = None,
) -> None:
    """Pause a playbook since `at`, or turn it on again with None."""
    this = update(PLAYBOOK).where(PLAYBOOK.c.name == name)
    values = {"paused_at": at, "pause_reason": reason, "paused_until": until}
    session.connection().execute(this.values(values))


def rest(session: Session, account_id: int, reason: str, until: datetime | None) -> None:
    """Let an account rest; a reason without a date holds until somebody resumes it."""
    this = update(ACCOUNT).where(ACCOUNT.c.id == account_id)
    session.connection().execute(this.values(paused_until=until, pause_reason=reason))


# ---------------------------------------------------------------- release

_RESTING = and_(
    ACCOUNT.c.id == ENROLLMENT.c.account_id,
    or_(
        ACCOUNT.c.paused_until > _NOW,
        and_(ACCOUNT.c.paused_until.is_(None), ACCOUNT.c.pause_reason != ""),
    ),
)
_SWITCHED_OFF = and_(PLAYBOOK.c.name == ENROLLMENT.c.playbook, PLAYBOOK.c.paused_at.is_not(None))
_THESE = and_(among_param(ENROLLMENT.c.id, "ids"), ENROLLMENT.c.status == "paused")


def _of(column: Any, condition: ColumnElement[bool]) -> Any:
    return select(column).where(condition).scalar_subquery()


_TO_PLAYBOOK = (
    update(ENROLLMENT)
    .where(_THESE, there_is(PLAYBOOK, _SWITCHED_OFF))
    .values(
        hold=BY_PLAYBOOK,
        reason=_of(PLAYBOOK.c.pause_reason, _SWITCHED_OFF),
        next_due_at=_of(PLAYBOOK.c.paused_until, _SWITCHED_OFF),
    )
)
_TO_ACCOUNT = (
    update(ENROLLMENT)
    .where(_THESE, not_(there_is(PLAYBOOK, _SWITCHED_OFF)), there_is(ACCOUNT, _RESTING))
    .values(
        hold=BY_ACCOUNT,
        reason=_of(ACCOUNT.c.pause_reason, _RESTING),
        next_due_at=_of(ACCOUNT.c.paused_until, _RESTING),
    )
)
_GO_ON = (
    update(ENROLLMENT)
    .where(_THESE, not_(there_is(PLAYBOOK, _SWITCHED_OFF)), not_(there_is(ACCOUNT, _RESTING)))
    .values(status="active", hold="", reason="", next_due_at=_NOW, resumed_at=_NOW, **_CLAIM)
    .returning(ENROLLMENT.c.id)
)
# A try that failed keeps its date, unless it came meanwhile and the pause put it off for good.
_ASK_AGAIN = (
    update(TOUCH)
    .where(
        among_param(TOUCH.c.enrollment_id, "ids"),
        TOUCH.c.status.in_(("ready", "sending")),
        TOUCH.c.owner == "",
        TOUCH.c.planned_at <= _NOW,
        TOUCH.c.due_at > _NOW,
        or_(TOUCH.c.attempt == 0, TOUCH.c.due_at == UNTIL_RESUMED),
    )
    .values(due_at=_NOW)
)


def release(session: Session, ids: Collection[int], now: datetime) -> set[int]:
    """Let paused plays go on where no other switch holds them; the ids of those that do."""
    if not ids:
        return set()
    connection, values = session.connection(), {"ids": sorted(ids), "now": now}
    connection.execute(_TO_PLAYBOOK, {"ids": values["ids"]})
    connection.execute(_TO_ACCOUNT, values)
    going = set(connection.execute(_GO_ON, values).scalars())
    if going:
        ask_again(session, going, now)
    return going


def ask_again(session: Session, ids: Collection[int], now: datetime) -> None:
    """Make due what the pause of these plays kept in the house: whoever lets a play go on calls
    it, in the same transaction."""
    session.connection().execute(_ASK_AGAIN, {"ids": sorted(ids), "now": now})


_DUE_BY = union_all(
    select(RUN.c.enrollment_id, RUN.c.due_at).where(
        RUN.c.status.in_(("waiting", "held")), RUN.c.due_at <= _NOW
    ),
    select(TOUCH.c.enrollment_id, TOUCH.c.planned_at).where(
        TOUCH.c.status == "ready", TOUCH.c.planned_at <= _NOW
    ),
).subquery("missed")
_MISSED = (
    select(func.min(_DUE_BY.c.due_at), ENROLLMENT.c.account_id, ENROLLMENT.c.id)
    .join_from(ENROLLMENT, _DUE_BY, _DUE_BY.c.enrollment_id == ENROLLMENT.c.id)
    .where(
        ENROLLMENT.c.playbook == bindparam("name"),
        ENROLLMENT.c.status == "paused",
        ENROLLMENT.c.hold == BY_PLAYBOOK,
    )
    .group_by(ENROLLMENT.c.account_id, ENROLLMENT.c.id)
)
_TAKE_TURN = (
    update(ENROLLMENT)
    .where(ENROLLMENT.c.id == bindparam("of_id"), ENROLLMENT.c.status == "paused")
    .values(reason=bindparam("because"), next_due_at=instant("turn"))
)


def missed(session: Session, playbook: str, now: datetime) -> list[Missed]:
    """The plays that the playbook's switch holds and of which something fell due by `now`."""
    rows = session.connection().execute(_MISSED, {"name": playbook, "now": now})
    return [Missed._make(row) for row in rows]


def take_turns(session: Session, turns: Mapping[int, datetime], reason: str) -> None:
    """Let paused plays go on by themselves, each at its instant."""
    rows = [{"of_id": id_, "turn": at, "because": reason} for id_, at in sorted(turns.items())]
    if rows:
        session.connection().execute(_TAKE_TURN, rows)


_LET_WAIT = (
    update(ENROLLMENT)
    .where(among_param(ENROLLMENT.c.id, "ids"), ENROLLMENT.c.status == "waiting")
    .values(hold="", next_due_at=_NOW)
)


def let_wait(session: Session, ids: Collection[int], now: datetime) -> None:
    """Let plays that were kept from starting ask for their start again."""
    session.connection().execute(_LET_WAIT, {"ids": sorted(ids), "now": now})


# ---------------------------------------------------------------- whose date has come

_BOOKS_OVER = select(PLAYBOOK.c.name).where(PLAYBOOK.c.paused_until <= _NOW)
_PLAYS_OVER = (
    select(*(ENROLLMENT.c[name] for name in Play._fields))
    .where(text("status = 'paused'"), ENROLLMENT.c.next_due_at <= _NOW)
    .order_by(ENROLLMENT.c.next_due_at, ENROLLMENT.c.id)
    .limit(bindparam("most"))
)
_PLAYS_OF = select(ENROLLMENT.c.id).where(
    among_param(ENROLLMENT.c.playbook, "books"), ENROLLMENT.c.status != "ended"
)
_RESTED = (
    update(ACCOUNT)
    .where(among_param(ACCOUNT.c.id, "ids"), ACCOUNT.c.paused_until <= _NOW)
    .values(paused_until=None, pause_reason="")
)


def playbooks_over(session: Session, now: datetime) -> list[str]:
    """Paused playbooks whose date has come."""
    return list(session.connection().execute(_BOOKS_OVER, {"now": now}).scalars())


def lock_over(session: Session, books: Collection[str], now: datetime, limit: int) -> None:
    """Lock all plays of these playbooks, and those that `plays_over` will find."""
    over = session.connection().execute(_PLAYS_OVER, {"now": now, "most": limit})
    ids = {row[0] for row in over}
    if books:
        ids.update(session.connection().execute(_PLAYS_OF, {"books": books}).scalars())
    lock(session, ids)


def plays_over(session: Session, now: datetime, limit: int) -> list[Play]:
    """Paused plays whose date has come, the longest over first."""
    rows = session.connection().execute(_PLAYS_OVER, {"now": now, "most": limit})
    return [Play._make(row) for row in rows]


def rested(session: Session, account_ids: Collection[int], now: datetime) -> None:
    """Forget rests that are over."""
    session.connection().execute(_RESTED, {"ids": sorted(account_ids), "now": now})


# ---------------------------------------------------------------- stop

# A stop by hand keeps nothing, so what an earlier one kept ends with it.
_LIFT = (
    update(STOP)
    .where(
        among_param(STOP.c.enrollment_id, "ids"),
        STOP.c.contact_id.is_(None),
        STOP.c.lifted_at.is_(None),
    )
    .values(lifted_at=_NOW)
)
_STOP = (
    update(ENROLLMENT)
    .where(
        among_param(ENROLLMENT.c.id, "ids"), ENROLLMENT.c.status.in_(("active", "paused"))
    )
    .values(
        status="active", hold="", stop_reason=bindparam("because"), next_due_at=_NOW,
        woken_at=_NOW, **_CLAIM,
    )
)  # fmt: skip


# Its end comes when it is its turn again: until then nothing of it leaves.
_STOP_LATER = (
    update(ENROLLMENT)
    .where(among_param(ENROLLMENT.c.id, "ids"), ENROLLMENT.c.status == "waiting")
    .values(stop_reason=bindparam("because"))
)
# What may have left waits to go again, and the play for its end: now that it must not, there is
# nothing to wait for.
_SETTLE_NOW = (
    update(TOUCH)
    .where(
        among_param(TOUCH.c.enrollment_id, "ids"),
        TOUCH.c.status == "sending",
        TOUCH.c.owner == "",
        TOUCH.c.due_at > _NOW,
    )
    .values(due_at=_NOW)
)


def stop(session: Session, live: Sequence[Play], reason: str, now: datetime) -> None:
    """Forbid whatever these plays that have begun still want to send, and wake them, for the
    planner to end them."""
    if not live:
        return
    connection, ids = session.connection(), [one.id for one in live]
    connection.execute(_LIFT, {"ids": ids, "now": now})
    connection.execute(
        insert(STOP),
        [
            {
                "account_id": one.account_id, "contact_id": None, "enrollment_id": one.id,
                "reason": reason, "keep": [], "at": now, "until": None, "lifted_at": None,
            }
            for one in live
        ],
    )  # fmt: skip
    connection.execute(_STOP, {"ids": ids, "because": reason, "now": now})
    connection.execute(_STOP_LATER, {"ids": ids, "because": reason})
    connection.execute(_SETTLE_NOW, {"ids": ids, "now": now})
