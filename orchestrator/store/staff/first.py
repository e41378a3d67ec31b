"""The first of us. That a token is used and that somebody is the first are one conditional
statement each; its row count says who was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists, insert, literal, select, update
from sqlmodel import Session

from accounts.records import User
from orchestrator.store.statements import insert_for
from orchestrator.store.tables import SET_UP, USER


def anybody(session: Session) -> bool:
    """Whether there is one of us."""
    return bool(session.connection().execute(select(exists(select(USER.c.id)))).scalar())


def offer(session: Session, digest: str, until: datetime) -> None:
    """Keep a token in place of the last one."""
    values = {"digest": digest, "until": until, "used_at": None}
    statement = insert_for(session)(SET_UP).values(id=1, **values)
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=["id"], set_=values)
    )


def offered(session: Session, digest: str, now: datetime) -> bool:
    """Whether that token can still be used."""
    query = select(exists().where(SET_UP.c.digest == digest, *_usable(now)))
    return bool(session.connection().execute(query).scalar())


def use(session: Session, digest: str, now: datetime) -> bool:
    """Use the token up; False if it is another one, was used or is too old."""
    statement = update(SET_UP).where(SET_UP.c.digest == digest, *_usable(now)).values(used_at=now)
    return session.connection().execute(statement).rowcount == 1


def add(session: Session, row: User) -> int | None:
    """Store the first of us; the id, None if somebody was faster."""
    values = row.model_dump(exclude={"id"})
    said = select(*(literal(value, USER.c[name].type) for name, value in values.items()))
    nobody = ~exists(select(USER.c.id))
    statement = insert(USER).from_select(list(values), said.where(nobody))
    counted = statement.execution_options(preserve_rowcount=True)
    if session.connection().execute(counted).rowcount != 1:
        return None
    return int(session.connection().execute(select(USER.c.id)).scalar_one())


def _usable(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return SET_UP.c.used_at.is_(None), SET_UP.c.until > now
