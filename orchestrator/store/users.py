"""Us, the users, by name and by number."""

from __future__ import annotations

from typing import NamedTuple

from sqlmodel import Session, col, select

from accounts.records import User
from orchestrator.store.tables import USER


class Person(NamedTuple):
    """One of us."""

    id: int
    name: str
    team: str
    active: bool


def named(session: Session, name: str) -> User | None:
    """The user with that short name."""
    return session.exec(select(User).where(col(User.name) == name)).first()


def name_of(session: Session, user_id: int | None) -> str:
    """The short name of a user; "somebody" for none."""
    user = session.get(User, user_id) if user_id is not None else None
    return user.name if user else "somebody"


def everybody(session: Session) -> list[User]:
    """Everybody of ours, by team and name."""
    return list(session.exec(select(User).order_by(col(User.team), col(User.name))))


def person_of(session: Session, user_id: int | None) -> Person | None:
    """The user of that id."""
    query = select(*(USER.c[name] for name in Person._fields)).where(USER.c.id == user_id)
    row = session.connection().execute(query).first()
    return Person._make(row) if row else None
