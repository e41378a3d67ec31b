"""What a dry run of a playbook reads of the workspace, in bulk, beside the facts of a decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from orchestrator.store.bulk import Query
from orchestrator.store.statements import among_param
from orchestrator.store.tables import ACCOUNT, CONTACT, ENROLLMENT, USER


class Mate(NamedTuple):
    """One of us who is active, and where mail of theirs comes from."""

    id: int
    name: str
    team: str
    role: str
    zone: str
    country: str
    email: str


_LIVE = Query(
    select(ENROLLMENT.c.account_id, ENROLLMENT.c.playbook).where(
        among_param(ENROLLMENT.c.account_id, "ids"),
        ENROLLMENT.c.status.in_(("active", "paused")),
    )
)
_NAMES = Query(select(ACCOUNT.c.id, ACCOUNT.c.name).where(among_param(ACCOUNT.c.id, "ids")))
_PEOPLE = Query(
    select(CONTACT.c.account_id, CONTACT.c.id, CONTACT.c.name).where(
        among_param(CONTACT.c.account_id, "ids")
    )
)
_MATES = select(*(USER.c[name] for name in Mate._fields)).where(USER.c.active).order_by(USER.c.id)


def driven(session: Session, account_ids: Collection[int]) -> dict[int, str]:
    """The playbook that runs on each account now, if one does."""
    return dict(_LIVE.rows(session, ids=account_ids))


def names(session: Session, account_ids: Collection[int]) -> dict[int, str]:
    """What each account is called."""
    return dict(_NAMES.rows(session, ids=account_ids))


def people(session: Session, account_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """What the people of each account are called, by account and by contact's id as text."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for account_id, id_, name in _PEOPLE.rows(session, ids=account_ids):
        found[account_id][str(id_)] = name
    return found


def mates(session: Session) -> list[Mate]:
    """All of us who are active, in a stable order."""
    return [Mate._make(row) for row in session.connection().execute(_MATES)]
