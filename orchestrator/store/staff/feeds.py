"""The secrets of calendars that are read without signing in: one for each of us, as a digest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session

from orchestrator.store.statements import insert_for
from orchestrator.store.tables import FEED, USER


def put(session: Session, user_id: int, digest: str, now: datetime) -> None:
    """Keep a user's secret, in place of the last one, which opens nothing any more."""
    values = {"digest": digest, "created_at": now}
    statement = insert_for(session)(FEED).values(user_id=user_id, **values)
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=["user_id"], set_=values)
    )


def drop(session: Session, user_id: int) -> None:
    """Forget a user's secret."""
    session.connection().execute(delete(FEED).where(FEED.c.user_id == user_id))


def since(session: Session, user_id: int) -> datetime | None:
    """Since when the user's calendar can be read; None when it cannot."""
    query = select(FEED.c.created_at).where(FEED.c.user_id == user_id)
    found: datetime | None = session.connection().execute(query).scalar()
    return found


def owner(session: Session, digest: str) -> int | None:
    """Whose secret that is; None for nobody's, and for whoever does not work here any more."""
    query = (
        select(FEED.c.user_id)
        .join_from(FEED, USER, USER.c.id == FEED.c.user_id)
        .where(FEED.c.digest == digest, USER.c.active)
    )
    return session.connection().execute(query).scalar()
