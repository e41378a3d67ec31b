"""Whom an OpenID provider knows us as. That a state is used and that an identity is linked is
one INSERT each; its row count says who was first."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlmodel import Session

from orchestrator.records import Arrival, OutsideIdentity
from orchestrator.store.staff.users import Person
from orchestrator.store.statements import insert_new
from orchestrator.store.tables import ARRIVAL, IDENTITY, USER

_REMEMBERED = timedelta(days=1)
_PERSON = select(USER.c.id, USER.c.name, USER.c.team, USER.c.active)


def arrive(session: Session, digest: str, now: datetime) -> bool:
    """Use a state up; False if it was used. Old ones are swept away."""
    session.connection().execute(delete(ARRIVAL).where(ARRIVAL.c.at < now - _REMEMBERED))
    return insert_new(session, Arrival, [{"digest": digest, "at": now}]) == 1


def linked(session: Session, issuer: str, subject: str) -> Person | None:
    """Who that identity is linked to."""
    query = _PERSON.join_from(IDENTITY, USER, USER.c.id == IDENTITY.c.user_id).where(
        IDENTITY.c.issuer == issuer, IDENTITY.c.subject == subject
    )
    row = session.connection().execute(query).first()
    return Person._make(row) if row else None


def unlinked_at(session: Session, issuer: str, email: str) -> list[Person]:
    """Active users with that address, in whatever case, whom the issuer is not linked to yet."""
    known = select(IDENTITY.c.user_id).where(IDENTITY.c.issuer == issuer)
    query = _PERSON.where(
        func.lower(USER.c.email) == email.lower(), USER.c.active, USER.c.id.not_in(known)
    )
    return [Person._make(row) for row in session.connection().execute(query)]


def link(session: Session, issuer: str, subject: str, user_id: int, now: datetime) -> bool:
    """Link an identity; False if it, or the user at that issuer, is linked already."""
    row = {"issuer": issuer, "subject": subject, "user_id": user_id, "linked_at": now}
    return insert_new(session, OutsideIdentity, [row]) == 1


def unlink(session: Session, user_id: int) -> int:
    """Take a user's links away; how many there were."""
    statement = delete(IDENTITY).where(IDENTITY.c.user_id == user_id)
    return session.connection().execute(statement).rowcount
