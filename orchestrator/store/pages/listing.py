"""Pages of rows for programs, by id: a page begins after the last row of the one before, and a row
that comes meanwhile moves none of the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, tuple_
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session

from orchestrator.store.tables import ACCOUNT, ACTIVITY, CONTACT, ENROLLMENT, TASK

TABLES = {"accounts": ACCOUNT, "contacts": CONTACT, "enrollments": ENROLLMENT, "tasks": TASK}

Row = dict[str, Any]


def rows(
    session: Session,
    what: str,
    names: Sequence[str],
    *,
    after: int,
    limit: int,
    same: dict[str, Any],
    where: Sequence[ColumnElement[bool]] = (),
) -> list[Row]:
    """At most `limit` rows with an id above `after`, whose columns are as `same` says."""
    table = TABLES[what]
    query = select(*(table.c[name] for name in names)).where(table.c.id > after, *where)
    if "merged_into" in table.c:
        query = query.where(table.c.merged_into.is_(None))
    for name, value in same.items():
        query = query.where(table.c[name] == value)
    found = session.connection().execute(query.order_by(table.c.id).limit(limit))
    return [dict(row) for row in found.mappings()]


def workable(user_id: int, team: str, *, colleagues: bool, everybody: bool) -> list[Any]:
    """The tasks that somebody may work on: own ones, the team's shared ones, those of colleagues
    of the same team, or everybody's."""
    if everybody:
        return []
    shared = TASK.c.team == team
    if not colleagues:
        shared &= TASK.c.assignee_id.is_(None)
    return [or_(TASK.c.assignee_id == user_id, shared)]


def activities(
    session: Session,
    names: Sequence[str],
    *,
    after: tuple[datetime, int],
    limit: int,
    account_id: int | None,
    kind: str = "",
) -> list[Row]:
    """At most `limit` entries of the log after (instant, id), of one account or of all, of one
    kind or of all."""
    query = select(*(ACTIVITY.c[name] for name in names)).where(
        tuple_(ACTIVITY.c.at, ACTIVITY.c.id) > after
    )
    if account_id is not None:
        query = query.where(ACTIVITY.c.account_id == account_id)
    if kind:
        query = query.where(ACTIVITY.c.kind == kind)
    found = session.connection().execute(query.order_by(ACTIVITY.c.at, ACTIVITY.c.id).limit(limit))
    return [dict(row) for row in found.mappings()]
