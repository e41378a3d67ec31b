"""Our own people, as the choice of an assignee and of a sender sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from orchestrator.store.bulk import Query
from orchestrator.store.statements import among_param
from orchestrator.store.tables import TEAM, USER


class Teammate(NamedTuple):
    """Somebody on an account's team, with the working time that tasks look at."""

    role: str
    user_id: int
    team: str
    zone: str
    country: str


class Colleague(NamedTuple):
    """An active user."""

    user_id: int
    team: str
    role: str


_TEAMS = Query(
    select(TEAM.c.account_id, TEAM.c.role, USER.c.id, USER.c.team, USER.c.zone, USER.c.country)
    .join_from(TEAM, USER, USER.c.id == TEAM.c.user_id)
    .where(USER.c.active, among_param(TEAM.c.account_id, "ids"))
)
_ROSTER = Query(
    select(USER.c.id, USER.c.team, USER.c.role).where(USER.c.active).order_by(USER.c.id)
)


def teams(session: Session, account_ids: Collection[int]) -> dict[int, list[Teammate]]:
    """The active members of the accounts' teams, by account."""
    found: dict[int, list[Teammate]] = defaultdict(list)
    for account_id, *mate in _TEAMS.rows(session, ids=account_ids):
        found[account_id].append(Teammate(*mate))
    return found


def roster(session: Session) -> list[Colleague]:
    """All active users, in a stable order."""
    return [Colleague(*row) for row in _ROSTER.rows(session)]
