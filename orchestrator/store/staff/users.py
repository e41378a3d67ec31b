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


def admins(session: Session) -> list[int]:
    """The ids of the admins who work here, locked: two of them cannot go in one moment."""
    of = select(USER.c.id).where(USER.c.team == "admin", USER.c.active).order_by(USER.c.id)
    return list(session.connection().execute(of.with_for_update()).scalars())


def person_of(session: Session, user_id: int | None) -> Person | None:
    """The user of that id."""
    query = select(*(USER.c[name] for name in Person._fields)).where(USER.c.id == user_id)
    row = session.connection().execute(query).first()
    return Person._make(row) if row else None
