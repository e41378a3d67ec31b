"""The store's half of moving plays to another version: who stands where, and the rows that follow.

The caller holds `enrolling.lock` and then locks the plays; whatever had them claimed loses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, and_, bindparam, case, delete, func, insert, select, update
from sqlmodel import Session

from orchestrator.records import PlaybookVersion
from orchestrator.store.bulk import Bulk, Query
from orchestrator.store.plays.plays import lock
from orchestrator.store.statements import among_param, instant
from orchestrator.store.tables import (
    ACCOUNT,
    ENROLLMENT,
    EXPENSE,
    HOLDER,
    RUN,
    TASK,
    TOUCH,
    VERSION,
)
from orchestrator.terms import OutcomeClass, Run

_NOW = instant("now")
_ASIDE = "\x1f"  # marks a name that is given but not yet in force, so that two may be exchanged


class Mover(NamedTuple):
    """A play that may move, and the version it is in: `base_id` if that was made for movers."""

    id: int
    account_id: int
    account: str
    status: str
    stop_reason: str
    version_id: int
    number: int
    base_id: int | None


# ---------------------------------------------------------------- who stands where

_MOVERS = (
    select(
        ENROLLMENT.c.id, ENROLLMENT.c.account_id, ACCOUNT.c.name, ENROLLMENT.c.status,
        ENROLLMENT.c.stop_reason, ENROLLMENT.c.version_id, VERSION.c.number, VERSION.c.base_id,
    )
    .join_from(ENROLLMENT, VERSION, VERSION.c.id == ENROLLMENT.c.version_id)
    .join(ACCOUNT, ACCOUNT.c.id == ENROLLMENT.c.account_id)
    .where(ENROLLMENT.c.status != "ended")
    .order_by(ENROLLMENT.c.id)
)  # fmt: skip
_ALL = Query(_MOVERS.where(ENROLLMENT.c.playbook == bindparam("playbook")))
_THESE = Query(_MOVERS.where(among_param(ENROLLMENT.c.id, "ids")))
_RUNS = Query(
    select(
        RUN.c.enrollment_id, RUN.c.step, RUN.c.status, RUN.c.due_at, RUN.c.reason, RUN.c.cast_ids,
        RUN.c.opened_at, RUN.c.done_at, RUN.c.outcome,
    ).where(among_param(RUN.c.enrollment_id, "ids"))
)  # fmt: skip
_HELD = and_(RUN.c.status == "held", among_param(RUN.c.enrollment_id, "ids"))
_TOUCHED = [
    Query(
        select(RUN.c.enrollment_id, RUN.c.step)
        .join(
            table,
            and_(table.c.enrollment_id == RUN.c.enrollment_id, table.c.step == RUN.c.step, *more),
        )
        .where(_HELD)
    )
    for table, more in ((TOUCH, ()), (TASK, (TASK.c.purpose == "step",)))
]
_LEAVING = Query(
    select(TOUCH.c.enrollment_id).where(
        among_param(TOUCH.c.enrollment_id, "ids"), TOUCH.c.status == "sending", TOUCH.c.owner != ""
    )
)


def movers(session: Session, playbook: str) -> list[Mover]:
    """The plays of a playbook that have not ended."""
    return [Mover._make(row) for row in _ALL.rows(session, playbook=playbook)]


def standing(session: Session, ids: Collection[int]) -> list[Mover]:
    """Those of these plays that have not ended."""
    return [Mover._make(row) for row in _THESE.rows(session, ids=ids)]


def locked(session: Session, ids: Collection[int]) -> list[Mover]:
    """Those of these plays that have not ended by now, locked."""
    lock(session, ids)
    return standing(session, ids)


def runs(session: Session, ids: Collection[int]) -> dict[int, dict[str, Run]]:
    """Where these plays stand."""
    found: dict[int, dict[str, Run]] = defaultdict(dict)
    for row in _RUNS.rows(session, ids=ids):
        found[row[0]][row[1]] = Run(*row[1:])
    return found


def touched(session: Session, ids: Collection[int]) -> dict[int, set[str]]:
    """The steps that are held although somebody has a part in them."""
    found: dict[int, set[str]] = defaultdict(set)
    for query in _TOUCHED:
        for id_, step in query.rows(session, ids=ids):
            found[id_].add(step)
    return found


def leaving(session: Session, ids: Collection[int]) -> set[int]:
    """The plays of which something is leaving in this moment."""
    return {row[0] for row in _LEAVING.rows(session, ids=ids)}


# ---------------------------------------------------------------- versions for movers


def derived(session: Session, new: PlaybookVersion) -> int:
    """The id of the version, which is stored unless its base has one of the same content."""
    query = select(VERSION.c.id).where(
        VERSION.c.playbook == new.playbook,
        VERSION.c.digest == new.digest,
        VERSION.c.base_id == new.base_id,
    )
    found: int | None = session.connection().execute(query).scalar()
    if found is None:
        session.add(new)
        session.flush()
        assert new.id
        found = new.id
    return found


# ---------------------------------------------------------------- the rows that follow

_OF: BindParameter[int] = bindparam("of_id")
_GIVE = [
    Bulk(
        update(table)
        .where(table.c.enrollment_id == _OF, table.c.step == bindparam("was"))
        .values(step=bindparam("now"))
    )
    for table in (TOUCH, TASK, EXPENSE)
]
_TAKE_OUT = [
    update(table)
    .where(among_param(table.c.enrollment_id, "ids"), table.c.step.startswith(_ASIDE))
    .values(step=func.substr(table.c.step, 1 + len(_ASIDE)))
    for table in (TOUCH, TASK, EXPENSE)
]
# Whoever has it in hand knows it by its old name.
_UNCLAIM = (
    update(TOUCH)
    .where(among_param(TOUCH.c.enrollment_id, "ids"), TOUCH.c.status == "claimed")
    .values(status="ready", fence=TOUCH.c.fence + 1, owner="", lease_until=None)
)
_FORGET = delete(RUN).where(among_param(RUN.c.enrollment_id, "ids"))
_NEW_RUN = Bulk(insert(RUN))
_CANCEL = (
    update(TASK)
    .where(
        TASK.c.enrollment_id == _OF,
        among_param(TASK.c.step, "steps"),
        TASK.c.status == "open",
    )
    .values(
        status="cancelled", reason=bindparam("because"), outcome=OutcomeClass.NOT_DONE,
        ended_at=_NOW,
    )
    .returning(TASK.c.step, TASK.c.contact_id)
)  # fmt: skip
_SEAT = Bulk(
    update(HOLDER)
    .where(HOLDER.c.enrollment_id == _OF, HOLDER.c.seat == bindparam("was"))
    .values(seat=bindparam("now"))
)
_FREE = delete(HOLDER).where(
    HOLDER.c.enrollment_id == _OF, HOLDER.c.seat == bindparam("was"), HOLDER.c.left_at.is_(None)
)
_MOVE = Bulk(
    update(ENROLLMENT)
    .where(ENROLLMENT.c.id == _OF)
    .values(
        version_id=bindparam("to"),
        priority=bindparam("urgency"),
        moved_at=_NOW,
        next_due_at=case((ENROLLMENT.c.status == "active", _NOW), else_=ENROLLMENT.c.next_due_at),
        woken_at=case((ENROLLMENT.c.status == "active", _NOW), else_=ENROLLMENT.c.woken_at),
        fence=ENROLLMENT.c.fence + 1,
        owner="",
        lease_until=None,
    )
)


def call(session: Session, names: Sequence[tuple[int, str, str]]) -> None:
    """Let what was touched and done go by the new names of its steps: (play, old, new)."""
    if not names:
        return
    ids = {"ids": sorted({id_ for id_, _, _ in names})}
    rows = [{"of_id": id_, "was": was, "now": f"{_ASIDE}{now}"} for id_, was, now in names]
    session.connection().execute(_UNCLAIM, ids)
    for give, take_out in zip(_GIVE, _TAKE_OUT, strict=True):
        give.run(session, rows)
        session.connection().execute(take_out, ids)


def stand(session: Session, runs: Mapping[int, Mapping[str, Run]]) -> None:
    """Let these plays stand so, whatever stood there before."""
    session.connection().execute(_FORGET, {"ids": list(runs)})
    rows = [
        {"enrollment_id": id_, **run._asdict()} for id_, of in runs.items() for run in of.values()
    ]
    _NEW_RUN.run(session, rows)


def cancel(
    session: Session, id_: int, steps: Collection[str], reason: str, now: datetime
) -> list[tuple[str, int | None]]:
    """Cancel the open tasks of steps that are no more; (step, contact) of each."""
    told = {"of_id": id_, "steps": list(steps), "because": reason, "now": now}
    return [(row[0], row[1]) for row in session.connection().execute(_CANCEL, told)]


def seat(
    session: Session, called: Sequence[tuple[int, str, str]], free: Sequence[tuple[int, str]]
) -> None:
    """Rename seats (play, old, new), and let people go from those (play, seat) that are no more."""
    if free:
        rows = [{"of_id": id_, "was": name} for id_, name in free]
        session.connection().execute(_FREE, rows)
    _SEAT.run(session, [{"of_id": id_, "was": was, "now": now} for id_, was, now in called])


def move(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Pin plays to another version and wake those that are active: of_id, to, urgency, now."""
    _MOVE.run(session, rows)
