"""When our own people are away, who stands in, and whose open work is to go on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, delete, func, select, update
from sqlmodel import Session

from orchestrator.store.bulk import Query, connection_of
from orchestrator.store.statements import among, instant
from orchestrator.store.tables import ABSENCE, ENROLLMENT, TASK, TEAM, USER


class Absent(NamedTuple):
    """One absence; what is of `cover` is empty where nobody stands in."""

    id: int
    user_id: int
    name: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    cover_id: int | None
    cover: str
    cover_zone: str
    cover_country: str


class Open(NamedTuple):
    """A task that lies in the queue of somebody who is away."""

    id: int
    account_id: int | None
    contact_id: int | None
    enrollment_id: int | None
    version_id: int | None
    step: str
    purpose: str
    team: str
    title: str
    assignee_id: int


_COVER = USER.alias("cover")
_ABSENCES = (
    select(
        ABSENCE.c.id, ABSENCE.c.user_id, USER.c.name, USER.c.zone, ABSENCE.c.starts_at,
        ABSENCE.c.ends_at, _COVER.c.id,
        *(func.coalesce(_COVER.c[name], "") for name in ("name", "zone", "country")),
    )
    .join_from(ABSENCE, USER, USER.c.id == ABSENCE.c.user_id)
    .outerjoin(_COVER, and_(_COVER.c.id == ABSENCE.c.cover_id, _COVER.c.active))
    .order_by(ABSENCE.c.starts_at, ABSENCE.c.id)
)  # fmt: skip
_CURRENT = Query(_ABSENCES.where(ABSENCE.c.ends_at > instant("now")))
_TO_HAND_ON = _ABSENCES.where(ABSENCE.c.handed_at.is_(None), ABSENCE.c.starts_at <= instant("now"))
_HELD = (
    select(
        TASK.c.id, TASK.c.account_id, TASK.c.contact_id, TASK.c.enrollment_id,
        ENROLLMENT.c.version_id, TASK.c.step, TASK.c.purpose, TASK.c.team, TASK.c.title,
        TASK.c.assignee_id,
    )
    .outerjoin_from(TASK, ENROLLMENT, ENROLLMENT.c.id == TASK.c.enrollment_id)
    .order_by(TASK.c.id)
)  # fmt: skip


def current(session: Session, now: datetime) -> list[Absent]:
    """The absences that are not over, the earliest first."""
    return [Absent(*row) for row in _CURRENT.rows(session, now=now)]


def add(
    session: Session, user_id: int, starts_at: datetime, ends_at: datetime, cover_id: int | None
) -> None:
    """Note an absence."""
    row = {"user_id": user_id, "starts_at": starts_at, "ends_at": ends_at, "cover_id": cover_id}
    session.connection().execute(ABSENCE.insert(), row)


def end(session: Session, user_id: int, now: datetime) -> int:
    """End what runs of somebody's absences, and drop what was to come; how many."""
    mine = ABSENCE.c.user_id == user_id
    cut = update(ABSENCE).where(mine, ABSENCE.c.starts_at <= now, ABSENCE.c.ends_at > now)
    dropped = delete(ABSENCE).where(mine, ABSENCE.c.starts_at > now)
    connection = session.connection()
    return (
        connection.execute(cut.values(ends_at=now)).rowcount + connection.execute(dropped).rowcount
    )


def plays_of(session: Session, user_id: int) -> list[int]:
    """The plays under way on whose account's team somebody is."""
    query = (
        select(ENROLLMENT.c.id)
        .join(TEAM, TEAM.c.account_id == ENROLLMENT.c.account_id)
        .where(TEAM.c.user_id == user_id, ENROLLMENT.c.status == "active")
        .distinct()
    )
    return list(connection_of(session).execute(query).scalars())


# ---------------------------------------------------------------- open work


def begun(session: Session, now: datetime) -> list[Absent]:
    """Those that have begun and whose open tasks nobody has looked at yet."""
    rows = session.connection().execute(_TO_HAND_ON, {"now": now})
    return [Absent._make(row) for row in rows]


def held_by(session: Session, user_ids: Collection[int]) -> list[Open]:
    """The open tasks in these queues."""
    query = _HELD.where(TASK.c.status == "open", among(TASK.c.assignee_id, sorted(user_ids)))
    return [Open._make(row) for row in session.connection().execute(query)]


_GIVE = (
    update(TASK)
    .where(
        TASK.c.id == bindparam("of_id"),
        TASK.c.status == "open",
        TASK.c.assignee_id == bindparam("was"),
    )
    .values(assignee_id=bindparam("to"))
)


def give(session: Session, task: Open, to: int | None) -> bool:
    """Put a task into another queue; False if it has moved or ended meanwhile."""
    values = {"of_id": task.id, "was": task.assignee_id, "to": to}
    return session.connection().execute(_GIVE, values).rowcount == 1


def handed(session: Session, ids: Collection[int], now: datetime) -> None:
    """Their open tasks were looked at."""
    statement = update(ABSENCE).where(among(ABSENCE.c.id, sorted(ids)))
    session.connection().execute(statement.values(handed_at=now))
