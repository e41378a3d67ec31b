"""Who is let in: passwords, links and sessions. Using a link and ending a session are one
conditional UPDATE each; its row count says who was first."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import case, delete, func, select, update
from sqlmodel import Session

from orchestrator.records import Credential, SignInLink, WebSession
from orchestrator.store.statements import insert_for
from orchestrator.store.tables import CREDENTIAL, LINK, SESSION, TRIES, USER


class Visit(NamedTuple):
    """A live session and whose it is."""

    digest: str
    user_id: int
    name: str
    full_name: str
    team: str
    zone: str
    csrf: str
    browser: str
    started_at: datetime
    seen_at: datetime
    proved_at: datetime | None = None


class Presence(NamedTuple):
    """When a user was last seen, and how many of their sessions are live."""

    seen_at: datetime
    sessions: int


_VISIT = (
    select(
        SESSION.c.digest, SESSION.c.user_id, USER.c.name, USER.c.full_name, USER.c.team,
        USER.c.zone, SESSION.c.csrf, SESSION.c.browser, SESSION.c.started_at, SESSION.c.seen_at,
        SESSION.c.proved_at,
    )
    .join_from(SESSION, USER, USER.c.id == SESSION.c.user_id)
    .where(SESSION.c.ended_at.is_(None), USER.c.active)
)  # fmt: skip


# ---------------------------------------------------------------- sessions


def visit(
    session: Session, digest: str, *, started_after: datetime, seen_after: datetime
) -> Visit | None:
    """The live session of that digest, unless it is too old or has been idle for too long."""
    fresh = (SESSION.c.started_at > started_after, SESSION.c.seen_at > seen_after)
    row = session.connection().execute(_VISIT.where(SESSION.c.digest == digest, *fresh)).first()
    return Visit._make(row) if row else None


def visits(
    session: Session, user_id: int, *, started_after: datetime, seen_after: datetime
) -> list[Visit]:
    """Where a user is signed in, the newest first."""
    query = _VISIT.where(
        SESSION.c.user_id == user_id,
        SESSION.c.started_at > started_after,
        SESSION.c.seen_at > seen_after,
    ).order_by(SESSION.c.seen_at.desc())
    return [Visit._make(row) for row in session.connection().execute(query)]


def presence(
    session: Session, *, started_after: datetime, seen_after: datetime
) -> dict[int, Presence]:
    """By the user's id, for whoever has ever signed in."""
    live = (
        SESSION.c.ended_at.is_(None)
        & (SESSION.c.started_at > started_after)
        & (SESSION.c.seen_at > seen_after)
    )
    query = select(
        SESSION.c.user_id, func.max(SESSION.c.seen_at), func.sum(case((live, 1), else_=0))
    ).group_by(SESSION.c.user_id)
    return {row[0]: Presence(row[1], int(row[2])) for row in session.connection().execute(query)}


def start(session: Session, row: WebSession) -> None:
    """Store a new session."""
    session.add(row)
    session.flush()


def seen(session: Session, digest: str, now: datetime) -> None:
    """Note that the session is in use."""
    session.connection().execute(
        update(SESSION).where(SESSION.c.digest == digest).values(seen_at=now)
    )


def end(session: Session, now: datetime, **of: Any) -> int:
    """End the live sessions whose columns are so; how many there were."""
    same = [SESSION.c[name] == value for name, value in of.items()]
    statement = update(SESSION).where(SESSION.c.ended_at.is_(None), *same).values(ended_at=now)
    return session.connection().execute(statement).rowcount


# ---------------------------------------------------------------- links and passwords


def offer(session: Session, row: SignInLink) -> None:
    """Store a link."""
    session.add(row)
    session.flush()


def use(session: Session, digest: str, now: datetime) -> int | None:
    """Use a link up: whose it is, None if it is unknown, used or too old."""
    statement = (
        update(LINK)
        .where(LINK.c.digest == digest, LINK.c.used_at.is_(None), LINK.c.until > now)
        .values(used_at=now)
    )
    if session.connection().execute(statement).rowcount != 1:
        return None
    query = select(LINK.c.user_id).where(LINK.c.digest == digest)
    return int(session.connection().execute(query).scalar_one())


def offered_to(session: Session, digest: str) -> str:
    """The short name of whom the link is for; "" for no such link."""
    query = select(USER.c.name).join_from(LINK, USER, USER.c.id == LINK.c.user_id)
    return session.connection().execute(query.where(LINK.c.digest == digest)).scalar() or ""


def password_of(session: Session, user_id: int) -> str:
    """The hash of a user's password; "" for none."""
    query = select(CREDENTIAL.c.hash).where(CREDENTIAL.c.user_id == user_id)
    return session.connection().execute(query).scalar() or ""


def set_password(session: Session, row: Credential) -> None:
    """Store a user's password, in place of the last one."""
    values = row.model_dump()
    statement = insert_for(session)(CREDENTIAL).values(values)
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=["user_id"], set_=values)
    )


# ---------------------------------------------------------------- tries


def tried(session: Session, key: str, now: float, *, every: float, at_once: int) -> bool:
    """Count a try of the key; False if there were `at_once` of them and none is forgotten yet.
    One is forgotten every `every` seconds. What is over is swept away."""
    session.connection().execute(delete(TRIES).where(TRIES.c.until < now))
    statement = insert_for(session)(TRIES).values(key=key, until=now + every)
    counted = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={"until": TRIES.c.until + every},
        where=TRIES.c.until <= now + (at_once - 1) * every,
    ).execution_options(preserve_rowcount=True)
    return session.connection().execute(counted).rowcount == 1
