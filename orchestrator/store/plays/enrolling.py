"""Which enrollments may start: the turn of each playbook, and whose account is free.

An enrollment that waits carries in `next_due_at` when it is worth asking again: an instant that
has passed means that it is its turn as soon as its playbook has a place, a later one that its
account rests until then, none that another play drives the account and will wake it at its end.
`Playbook.next_start_at` says when the playbook has a place, so that nobody looks at a million
waiting rows in vain.

Whoever starts, enrolls or frees locks the playbooks first and enrollments after them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, case, func, insert, select, text, update
from sqlmodel import Session

from orchestrator.planner.starting import Waiting
from orchestrator.records.plays import IN_TURN
from orchestrator.store.plays import plays
from orchestrator.store.statements import among, among_param, instant
from orchestrator.store.tables import ACCOUNT, ACTIVITY, ENROLLMENT, PLAYBOOK, VERSION

_NOW = instant("now")
_LIVE = ENROLLMENT.alias("live")


class Book(NamedTuple):
    """A playbook whose waiting enrollments are asked, and the version that new ones would get."""

    name: str
    version_id: int


# ---------------------------------------------------------------- playbooks


def lock(session: Session) -> None:
    """Let whoever starts, enrolls, frees or switches playbooks wait for each other."""
    query = select(PLAYBOOK.c.name).order_by(PLAYBOOK.c.name).with_for_update(key_share=True)
    session.connection().execute(query).all()


def books_due(session: Session, now: datetime) -> list[Book]:
    """Playbooks that may have a place for a waiting enrollment now."""
    current = and_(
        VERSION.c.playbook == PLAYBOOK.c.name,
        VERSION.c.number == PLAYBOOK.c.current,
        VERSION.c.base_id.is_(None),
    )
    query = (
        select(PLAYBOOK.c.name, VERSION.c.id)
        .join_from(PLAYBOOK, VERSION, current)
        .where(PLAYBOOK.c.paused_at.is_(None), PLAYBOOK.c.next_start_at <= now)
        .order_by(PLAYBOOK.c.name)
    )
    return [Book(*row) for row in session.connection().execute(query)]


def titles(session: Session) -> dict[str, str]:
    """What people call each playbook."""
    title = func.coalesce(func.nullif(PLAYBOOK.c.title, ""), PLAYBOOK.c.name)
    rows = session.connection().execute(select(PLAYBOOK.c.name, title))
    return dict(rows.all())


def ask_at(session: Session, name: str, at: datetime | None) -> None:
    """Ask this playbook's waiting enrollments again at that time; None: once something happens."""
    this = update(PLAYBOOK).where(PLAYBOOK.c.name == name).values(next_start_at=at)
    session.connection().execute(this)


def ask_now(session: Session, names: Iterable[str], now: datetime) -> None:
    """Ask these playbooks' waiting enrollments at the next tick."""
    these = update(PLAYBOOK).where(among(PLAYBOOK.c.name, sorted(set(names))))
    session.connection().execute(these.values(next_start_at=now))


# ---------------------------------------------------------------- whose turn it is

_STARTED = (
    select(ENROLLMENT.c.activated_at)
    .where(ENROLLMENT.c.playbook == bindparam("name"), ENROLLMENT.c.activated_at > _NOW)
    .order_by(ENROLLMENT.c.activated_at)
)
# Priority by priority: an index cannot be walked down by one column and up by the next.
_PRIORITY = (
    select(ENROLLMENT.c.priority)
    .where(IN_TURN, ENROLLMENT.c.playbook == bindparam("name"))
    .order_by(ENROLLMENT.c.priority.desc())
    .limit(1)
)
_BELOW = _PRIORITY.where(ENROLLMENT.c.priority < bindparam("below"))
# In the index's order, and no other way: hidden from the index of dates, of which most have passed.
_DUE = func.coalesce(ENROLLMENT.c.next_due_at, _NOW) <= _NOW
_TURN = (
    select(ENROLLMENT)
    .where(
        text("enrollment.status = 'waiting' AND enrollment.next_due_at IS NOT NULL"),
        ENROLLMENT.c.playbook == bindparam("name"),
        ENROLLMENT.c.priority == bindparam("priority"),
        _DUE,
    )
    .order_by(ENROLLMENT.c.waiting_since, ENROLLMENT.c.account_id)
    .limit(bindparam("most"))
    .subquery("turn")
)
_WAITING = (
    select(
        *(_TURN.c[name] for name in Waiting._fields[:9]),
        _LIVE.c.playbook,
        ACCOUNT.c.paused_until,
        ACCOUNT.c.pause_reason,
        _LIVE.c.id,
        func.coalesce(_LIVE.c.priority, 0),
        # Neither what somebody holds by hand gives way, nor what a stop is bringing to its end.
        and_(_LIVE.c.hold != "play", _LIVE.c.stop_reason == ""),
    )
    .join_from(_TURN, ACCOUNT, ACCOUNT.c.id == _TURN.c.account_id)
    .outerjoin(
        _LIVE,
        and_(
            _LIVE.c.account_id == _TURN.c.account_id,
            text("live.status IN ('active', 'paused')"),
        ),
    )
    .order_by(_TURN.c.waiting_since, _TURN.c.account_id)
)
_RESTS_UNTIL = select(func.min(ENROLLMENT.c.next_due_at)).where(
    IN_TURN, ENROLLMENT.c.playbook == bindparam("name"), ENROLLMENT.c.next_due_at > _NOW
)


def started_since(session: Session, playbook: str, since: datetime) -> list[datetime]:
    """When enrollments of the playbook first started after `since`, in order."""
    values = {"name": playbook, "now": since}
    return list(session.connection().execute(_STARTED, values).scalars())


def in_turn(session: Session, playbook: str, now: datetime, limit: int) -> list[Waiting]:
    """The first `limit` of a playbook whose turn it is: by priority, waiting since, account."""
    connection, found = session.connection(), list[Waiting]()
    priority = connection.execute(_PRIORITY, {"name": playbook}).scalar()
    while priority is not None and len(found) < limit:
        values = {"name": playbook, "priority": priority, "now": now, "most": limit - len(found)}
        found += map(Waiting._make, connection.execute(_WAITING, values))
        below = {"name": playbook, "below": priority}
        priority = connection.execute(_BELOW, below).scalar()
    return found


def rests_until(session: Session, playbook: str, now: datetime) -> datetime | None:
    """When the first account that a waiting enrollment of the playbook lets rest is rested."""
    return session.connection().execute(_RESTS_UNTIL, {"name": playbook, "now": now}).scalar()


# ---------------------------------------------------------------- what becomes of them

_START = (
    update(ENROLLMENT)
    .where(ENROLLMENT.c.id == bindparam("of_id"), ENROLLMENT.c.status == "waiting")
    .values(
        status="active",
        hold="",
        reason="",
        next_due_at=_NOW,
        activated_at=func.coalesce(ENROLLMENT.c.activated_at, _NOW),
        # What it missed while it waited again comes spread out.
        resumed_at=case((ENROLLMENT.c.activated_at.is_not(None), _NOW)),
        fence=ENROLLMENT.c.fence + 1,
        flow_run_id=bindparam("run"),
    )
)
_WAIT = (
    update(ENROLLMENT)
    .where(ENROLLMENT.c.id == bindparam("of_id"), ENROLLMENT.c.status == "waiting")
    .values(
        hold="",
        reason=bindparam("because"),
        next_due_at=instant("ask_at"),
        flow_run_id=bindparam("run"),
    )
)
_DISPLACE = (
    update(ENROLLMENT)
    .where(ENROLLMENT.c.id == bindparam("of_id"), ENROLLMENT.c.status.in_(("active", "paused")))
    .values(
        status="waiting", hold="", reason=bindparam("because"), next_due_at=None, woken_at=None,
        fence=ENROLLMENT.c.fence + 1, owner="", lease_until=None, flow_run_id=bindparam("run"),
    )
)  # fmt: skip
_STOP = (
    update(ENROLLMENT)
    .where(ENROLLMENT.c.id == bindparam("of_id"), ENROLLMENT.c.status == "waiting")
    .values(
        status="ended",
        outcome="stopped",
        reason=bindparam("because"),
        next_due_at=None,
        ended_at=_NOW,
        flow_run_id=bindparam("run"),
    )
)


def start(session: Session, ids: Collection[int], now: datetime, run: str) -> None:
    """Let these waiting enrollments drive their accounts; the caller holds `lock`."""
    if ids:
        rows = [{"of_id": id_, "now": now, "run": run} for id_ in sorted(ids)]
        session.connection().execute(_START, rows)


def displace(session: Session, held: Iterable[tuple[int, str]], run: str) -> None:
    """Let live plays, given as (id, reason), wait again until their account is free."""
    rows = [{"of_id": id_, "because": reason, "run": run} for id_, reason in sorted(held)]
    if rows:
        session.connection().execute(_DISPLACE, rows)


def wait(session: Session, rows: Sequence[Mapping[str, Any]], run: str) -> None:
    """Write why enrollments wait and when they are asked again: of_id, because, ask_at."""
    if rows:
        ordered = sorted(rows, key=lambda row: int(row["of_id"]))
        session.connection().execute(_WAIT, [{**row, "run": run} for row in ordered])


def stop(session: Session, ended: Iterable[tuple[int, str]], now: datetime, run: str) -> None:
    """End waiting enrollments, given as (id, reason), before they begin."""
    rows = [{"of_id": id_, "because": reason, "now": now, "run": run} for id_, reason in ended]
    if rows:
        session.connection().execute(_STOP, rows)


# ---------------------------------------------------------------- whose account is free again

_ENDED = ENROLLMENT.alias("ended")
_HELD_UP = (
    select(ENROLLMENT.c.id, ENROLLMENT.c.playbook)
    .join(_ENDED, _ENDED.c.account_id == ENROLLMENT.c.account_id)
    .where(
        among_param(_ENDED.c.id, "ids"),
        ENROLLMENT.c.status == "waiting",
        ENROLLMENT.c.hold == "",
    )
    .order_by(ENROLLMENT.c.id)
)
_ASK = (
    update(ENROLLMENT)
    .where(among_param(ENROLLMENT.c.id, "ids"), ENROLLMENT.c.status == "waiting")
    .values(next_due_at=_NOW)
)


def expect(session: Session, ending: Collection[int], others: Collection[int]) -> None:
    """Take all locks for writing `others`, of whom `ending` are to end, and for `free` after it.

    The playbooks come first: whoever holds them may be writing that an account is not free.
    """
    if ending:
        lock(session)
        held_up = (id_ for id_, _ in _held_up(session, ending))
        plays.lock(session, {*others, *held_up})


def free(session: Session, ended: Collection[int], now: datetime) -> None:
    """Let what waits for the accounts of these ended enrollments ask for its start; `expect`ed."""
    if ended:
        ask(session, _held_up(session, ended), now)


def _held_up(session: Session, ended: Collection[int]) -> Sequence[Any]:
    return session.connection().execute(_HELD_UP, {"ids": sorted(ended)}).all()


def ask(session: Session, waiting: Sequence[Any], now: datetime) -> None:
    """Let waiting enrollments, given as (id, playbook), ask for their start at the next tick; the
    caller holds `lock`."""
    if waiting:
        ask_now(session, (playbook for _, playbook in waiting), now)
        ids = {"ids": [id_ for id_, _ in waiting], "now": now}
        session.connection().execute(_ASK, ids)


# ---------------------------------------------------------------- who may be enrolled


class Candidate(NamedTuple):
    """An account as enrolling sees it."""

    id: int
    name: str
    domain: str
    segment: str
    tier: int
    merged_into: int | None


class Running(NamedTuple):
    """A play of an account that has not ended."""

    status: str
    reason: str
    waiting_since: datetime


def candidates(session: Session, account_ids: Collection[int]) -> dict[int, Candidate]:
    """The accounts with these ids."""
    columns = [ACCOUNT.c[name] for name in Candidate._fields]
    rows = session.connection().execute(select(*columns).where(among(ACCOUNT.c.id, account_ids)))
    return {row[0]: Candidate._make(row) for row in rows}


def running(session: Session, playbook: str, account_ids: Collection[int]) -> dict[int, Running]:
    """Enrollments of the playbook that have not ended, by account."""
    columns = [ENROLLMENT.c[name] for name in Running._fields]
    query = select(ENROLLMENT.c.account_id, *columns).where(
        among(ENROLLMENT.c.account_id, account_ids),
        ENROLLMENT.c.playbook == playbook,
        ENROLLMENT.c.status != "ended",
    )
    rows = session.connection().execute(query)
    return {account_id: Running._make(rest) for account_id, *rest in rows}


def enroll(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Add enrollments of different accounts; their ids by account."""
    if not rows:
        return {}
    statement = insert(ENROLLMENT).returning(ENROLLMENT.c.account_id, ENROLLMENT.c.id)
    return dict(session.connection().execute(statement, rows).all())


def hold_out(session: Session, playbook: str, account_ids: Collection[int]) -> set[int]:
    """Leave accounts untouched on purpose; those for which the log does not say so yet."""
    held = among(ACCOUNT.c.id, account_ids)
    session.connection().execute(update(ACCOUNT).where(held).values(holdout=True))
    known = select(ACTIVITY.c.account_id, ACTIVITY.c.data).where(
        among(ACTIVITY.c.account_id, account_ids), ACTIVITY.c.kind == "holdout"
    )
    told = {
        account_id
        for account_id, data in session.connection().execute(known)
        if data.get("playbook") == playbook
    }
    return set(account_ids) - told
