"""Links to files on an account, as the log tells of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session

from orchestrator.store.statements import among
from orchestrator.store.tables import ACTIVITY, USER

ADDED, TAKEN = "link", "link.removed"  # kinds of entries
NEWEST = 200  # entries that are looked at: a link is taken away after it was added


class Link(NamedTuple):
    """A link that stands: the entry that added it, and whose it is."""

    id: int
    at: datetime
    by_id: int | None
    by: str
    title: str
    url: str


def links(session: Session, account_ids: Collection[int]) -> list[Link]:
    """The links of these accounts that nobody took away, the newest first: one statement."""
    query = (
        select(ACTIVITY.c.kind, ACTIVITY.c.id, ACTIVITY.c.at, ACTIVITY.c.actor_id,
               func.coalesce(USER.c.name, ""), ACTIVITY.c.data)
        .outerjoin_from(ACTIVITY, USER, USER.c.id == ACTIVITY.c.actor_id)
        .where(among(ACTIVITY.c.account_id, account_ids), ACTIVITY.c.kind.in_((ADDED, TAKEN)))
        .order_by(ACTIVITY.c.at.desc(), ACTIVITY.c.id.desc())
        .limit(NEWEST)
    )  # fmt: skip
    rows = session.connection().execute(query).all()
    taken = {data["link"] for kind, *_, data in rows if kind == TAKEN}
    return [
        Link(id_, at, by_id, by, data["title"], data["url"])
        for kind, id_, at, by_id, by, data in rows
        if kind == ADDED and id_ not in taken
    ]
