"""Saved views: a user's own questions about a page, by name."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlmodel import Session

from orchestrator.store.statements import insert_for
from orchestrator.store.tables import VIEW


class View(NamedTuple):
    """A question as it was saved: what stands behind the `?` of the page's address."""

    id: int
    name: str
    query: str


def of_user(session: Session, user_id: int, page: str) -> list[View]:
    """The user's views of a page, by name."""
    query = select(VIEW.c.id, VIEW.c.name, VIEW.c.query).where(
        VIEW.c.user_id == user_id, VIEW.c.page == page
    )
    return [View._make(row) for row in session.connection().execute(query.order_by(VIEW.c.name))]


def put(session: Session, user_id: int, page: str, name: str, query: str, now: datetime) -> None:
    """Keep a view, in place of the one that had its name."""
    statement = insert_for(session)(VIEW).values(
        user_id=user_id, page=page, name=name, query=query, created_at=now
    )
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", "page", "name"], set_={"query": query}
        )
    )


def count(session: Session, user_id: int) -> int:
    """How many views the user keeps."""
    query = select(func.count()).select_from(VIEW).where(VIEW.c.user_id == user_id)
    return int(session.connection().execute(query).scalar_one())


def drop(session: Session, user_id: int, view_id: int) -> bool:
    """Forget a view of the user's; False if there is no such one."""
    statement = delete(VIEW).where(VIEW.c.id == view_id, VIEW.c.user_id == user_id)
    return session.connection().execute(statement).rowcount == 1
